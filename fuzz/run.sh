#!/bin/sh
# Fuzzes every reader of files and answers: sh fuzz/run.sh [seconds for each target] [target...]
# With cargo-fuzz (`cargo install cargo-fuzz`) under libFuzzer, which needs a C++ compiler and no
# nightly Rust; without it by the runner, which needs nothing but Cargo.
# Fails at the first panic, at an input that takes 20 s or 2 GB; the input is then in
# fuzz/artifacts/<target>/, or beside the runner.
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
[ $# -gt 0 ] && shift
targets=${*:-$(sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"$/\1/p' Cargo.toml)}
if cargo fuzz --version >/dev/null 2>&1; then
    command -v c++ >/dev/null || {
        echo 'A C++ compiler is missing, which builds libFuzzer. Please run:'
        echo '  sudo apt-get update && sudo apt-get install -y build-essential'
        exit 1
    }
    # Coverage flags of LLVM are stable compiler flags; a sanitizer would need nightly, and
    # the crates have no unsafe code for it to watch.
    cargo fuzz build --sanitizer none
    built=${CARGO_TARGET_DIR:-target}/$(rustc -vV | sed -n 's/^host: //p')/release
    for target in $targets; do
        mkdir -p "corpus/$target" "artifacts/$target"
        echo "== $target"
        SUANPAN_SEEDS="corpus/$target" "$built/$target" 2>"corpus/$target.log" || {
            cat "corpus/$target.log"
            exit 1
        }
        "$built/$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=20 \
            -max_len=65536 -print_final_stats=1 -artifact_prefix="artifacts/$target/" \
            "corpus/$target" >"corpus/$target.log" 2>&1 || true
        grep -a -E 'stat::number_of_executed|^Done|panicked|ERROR|SUMMARY' "corpus/$target.log" || true
        if ! grep -a -q '^Done ' "corpus/$target.log"; then
            tail -n 40 "corpus/$target.log"
            exit 1
        fi
    done
else
    echo 'cargo-fuzz is not installed (cargo install cargo-fuzz): inputs are changed by chance,'
    echo 'without looking at what code they reach.'
    cargo build --quiet --release --example runner
    for target in $targets; do
        "${CARGO_TARGET_DIR:-target}/release/examples/runner" "$target" "$seconds"
    done
fi
