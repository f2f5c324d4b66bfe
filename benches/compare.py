"""Races `onroll run` against duckdb_night.py on fresh copies of one workspace, in turns, and prints medians."""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

NIGHT = "2026-03-10"


def measured(command):
    """Wall seconds, CPU seconds and peak memory in MiB of one command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}\n{said}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    onroll, world, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    script = pathlib.Path(__file__).with_name("duckdb_night.py")
    copy, output = world.with_name("copy"), world.with_name("duckdb-output")
    shutil.copy2(world.with_name(world.name + ".key"), world.with_name("copy.key"))
    seen = {"onroll": [], "DuckDB": []}
    for turn in range(rounds + 1):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(world, copy)
        os.sync()
        ours = measured([onroll, "run", "--quiet", "-C", str(copy), "--as-of", NIGHT])
        theirs = measured([sys.executable, str(script), str(world), str(output)])
        if turn > 0:  # the first turn only warms the file cache
            seen["onroll"].append(ours)
            seen["DuckDB"].append(theirs)
            print(f"turn {turn}: onroll {ours[0]:.2f} s, DuckDB {theirs[0]:.2f} s", file=sys.stderr)
    medians = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in seen.items()}
    version = subprocess.check_output([sys.executable, "-c", "import duckdb; print(duckdb.__version__)"], text=True)
    print(f"| median of {rounds} | wall | CPU | peak memory |\n|---|---|---|---|")
    for name, label in (("onroll", "onroll run"), ("DuckDB", f"DuckDB {version.strip()}, bare")):
        wall, cpu, memory = medians[name]
        print(f"| {label} | {wall:.2f} s | {cpu:.2f} s | {memory:.0f} MiB |")
    ratios = [ours / theirs for ours, theirs in zip(medians["onroll"], medians["DuckDB"])]
    print("| ratio | " + " | ".join(f"{ratio:.2f}" for ratio in ratios) + " |")


if __name__ == "__main__":
    main()
