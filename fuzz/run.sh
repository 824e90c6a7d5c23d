#!/bin/sh
# Fuzzes every parser of the connectors: sh fuzz/run.sh [seconds for each target] [target...]
# Uses libFuzzer through cargo-fuzz where it is installed, else the runner on stable Rust.
# Fails at the first panic; the input is then in fuzz/artifacts or beside the runner.
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
[ $# -gt 0 ] && shift
targets=${*:-$(sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"$/\1/p' Cargo.toml)}
cargo build --quiet --release --example runner
runner=${CARGO_TARGET_DIR:-target}/release/examples/runner
"$runner" seeds corpus
if cargo fuzz --version >/dev/null 2>&1; then
    # Coverage flags of LLVM are stable compiler flags; a sanitizer would need nightly, and
    # the crates have no unsafe code for it to watch.
    cargo fuzz build --sanitizer none
    for target in $targets; do
        echo "== $target"
        cargo fuzz run --sanitizer none "$target" -- -max_total_time="$seconds" \
            -rss_limit_mb=2048 -timeout=20 -max_len=65536 -print_final_stats=1 2>&1 |
            tee "corpus/$target.log" | grep -E 'stat::number_of_executed|Done|panicked|ERROR|SUMMARY' || true
        if ! grep -q '^Done ' "corpus/$target.log"; then
            tail -n 40 "corpus/$target.log"
            exit 1
        fi
    done
else
    for target in $targets; do
        "$runner" "$target" "$seconds"
    done
fi
