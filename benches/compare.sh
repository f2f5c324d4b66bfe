#!/usr/bin/env bash
# One ordinary night at the standard size, by `onroll run` and by the bare work in DuckDB, in turns.
#
#   benches/compare.sh [ACCOUNTS [ROUNDS]]
#
# Needs cargo, python3 with venv and pip, a few GB of disk. Everything is made below $ONROLL_BENCH
# (default ~/.cache/onroll-bench); DuckDB is installed there, in a virtual environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

accounts=${1:-1000000}
rounds=${2:-5}
home=${ONROLL_BENCH:-$HOME/.cache/onroll-bench}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${ONROLL_CI_TARGET:-$HOME/.cache/onroll-target}}
mkdir -p "$home"

cargo build --release --locked --bin onroll --example bench_world
[ -x "$home/venv/bin/python" ] || python3 -m venv "$home/venv"
"$home/venv/bin/python" -c 'import duckdb' 2>/dev/null || "$home/venv/bin/pip" install --quiet duckdb

world=$home/world-$accounts
rm -rf "$world" "$world.key"
"$CARGO_TARGET_DIR/release/examples/bench_world" "$world" "$accounts"
exec "$home/venv/bin/python" benches/compare.py "$CARGO_TARGET_DIR/release/onroll" "$world" "$rounds"
