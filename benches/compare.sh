#!/usr/bin/env bash
# One night by `onroll run` and by the bare work in general engines, in turns.
#
#   benches/compare.sh [ACCOUNTS [NIGHTS [ROUNDS [ENGINES]]]]
#
#   benches/compare.sh                                        # 1,000,000 accounts, an ordinary night, against DuckDB
#   benches/compare.sh 10000,100000,1000000 quiet,ordinary,rollover 5 duckdb,polars,pandas
#
# NIGHTS are quiet (0.1 % changes), ordinary (2 %) and rollover. Prints a table for each; the numbers of all of them lie
# in results.json, and a plot of wall time and memory over size in growth.svg, both in $ONROLL_BENCH. From 5,000,000
# accounts on onroll runs a second time with larger pages of memory (docs/speed.md).
#
# Needs cargo, python3 with venv and pip, a few GB of disk. Everything is made below $ONROLL_BENCH
# (default ~/.cache/onroll-bench); the engines are installed there, in a virtual environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

accounts=${1:-1000000}
nights=${2:-ordinary}
rounds=${3:-5}
engines=${4:-duckdb}
home=${ONROLL_BENCH:-$HOME/.cache/onroll-bench}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${ONROLL_CI_TARGET:-$HOME/.cache/onroll-target}}
mkdir -p "$home"

cargo build --release --locked --bin onroll --example bench_world
[ -x "$home/venv/bin/python" ] || python3 -m venv "$home/venv"
for engine in ${engines//,/ } matplotlib; do
    "$home/venv/bin/python" -c "import $engine" 2>/dev/null || "$home/venv/bin/pip" install --quiet "$engine"
done

exec "$home/venv/bin/python" benches/compare.py "$CARGO_TARGET_DIR/release" "$home" "$accounts" "$nights" "$rounds" "$engines"
