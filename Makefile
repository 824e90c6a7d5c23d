# Thin on purpose: every target is a task of `cargo xtask`.

.PHONY: help run test tidy setup screenshots bench bench-window fuzz test-channels test-peers test-platforms ready

help:
	@echo 'make run          build, create the demo company, open the window'
	@echo 'make test         the whole suite, quick checks first'
	@echo 'make tidy         house rules only'
	@echo 'make setup        install what the suite needs, nothing else'
	@echo 'make bench        our work beside a peer or a floor, in one run'
	@echo 'make bench-window start and lists of the real window on a year of sales'
	@echo 'make fuzz         a minute for each reader of foreign files'
	@echo 'make test-channels  every flipped bit, broken row and fault of a call, in full'
	@echo 'make test-peers   official clients against the practice platform (also in make test)'
	@echo 'make test-platforms  orders of a real Vendure server, installed from npm'
	@echo 'make screenshots  every page of the real window, in each look, into out/pages/'

run test tidy setup screenshots test-platforms: ready
	@cargo --quiet xtask $@

bench: ready
	cargo run --quiet --release -p suanpan-tests --bin bench
	cargo run --quiet --release -p suanpan-connectors --example bill_speed
	cargo run --quiet --release -p suanpan-store --features testing --example bulk_ratio
	cargo run --quiet --release -p suanpan-documents --example speed

# GnuCash stands beside it where it is installed.
bench-window: ready
	npm --prefix ui ci && npm --prefix ui run build
	cargo build --release -p suanpan-window
	cargo test --quiet --release -p suanpan-tests --features window --test e2e -- \
	  --ignored --nocapture --test-threads 1 speed::

fuzz: ready
	@sh fuzz/run.sh

test-channels: ready
	SUANPAN_TRIES=100000 cargo test --quiet --profile fast -p suanpan-connectors --lib -- hostile stripe union_pay
	SUANPAN_TRIES=2000 cargo test --quiet --profile fast -p suanpan-tests --test it -- --nocapture \
	  broken_bills faults

# Needs python3, npm, curl, openssl and the public registries.
test-peers: ready
	cargo build --quiet --profile fast -p suanpan-cli
	sh tests/peers/run.sh "$(CARGO_TARGET_DIR)/fast/suanpan"

# Build output stays outside the clone, shared by every clone on the machine.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/suanpan/target

# What cargo needs before it can build the task runner, which sees to all the rest.
ready:
	@command -v cargo >/dev/null || { \
	  echo 'cargo is missing: install Rust 1.95 or newer from https://rustup.rs'; exit 1; }
	@cargo --version | awk '{split($$2, v, "."); exit !(v[1] > 1 || v[2] >= 95)}' || { \
	  echo 'Rust 1.95 or newer is needed; run: rustup update'; exit 1; }
	@command -v cc >/dev/null || { \
	  as=; [ "$$(id -u)" = 0 ] || as='sudo -n'; \
	  [ -z "$$as" ] || $$as true 2>/dev/null || { \
	    echo 'A C compiler is missing. Please run:'; \
	    echo '  sudo apt-get update && sudo apt-get install -y build-essential'; exit 1; }; \
	  echo '==> installing build-essential: there is no C compiler'; \
	  $$as apt-get -q update && \
	  $$as env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
	    --no-install-recommends build-essential; }
