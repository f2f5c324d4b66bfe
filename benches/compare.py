"""Races `onroll run` against bare nights in general engines on fresh copies of one workspace, in turns; prints medians.

    python compare.py BUILT-FOLDER HOME ACCOUNTS NIGHTS ROUNDS ENGINES
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

NIGHT = "2026-03-10"
MEASURES = ("wall", "cpu", "memory")
# From this size on `onroll` runs a second time with larger pages of memory, as docs/speed.md tells.
LARGE = 5_000_000
LARGER_PAGES = "onroll, larger pages"
LABELS = {"onroll": "onroll run", LARGER_PAGES: "onroll run, larger pages"}


def measured(command, **variables):
    """Wall seconds, CPU seconds and peak memory in MiB of one command."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables})
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        sys.exit(f"{command[0]} ended with {process.returncode}\n{said}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def race(built, home, accounts, night, rounds, engines):
    """Medians of each racer on one world."""
    world, copy, output = home / f"world-{accounts}-{night}", home / "copy", home / "output"
    for old in (world, copy):
        shutil.rmtree(old, ignore_errors=True)
        old.with_name(old.name + ".key").unlink(missing_ok=True)
    subprocess.run([built / "examples/bench_world", world, str(accounts), night], check=True)
    shutil.copy2(world.with_name(world.name + ".key"), copy.with_name("copy.key"))
    folder = pathlib.Path(__file__).parent
    ours = {"onroll": {}}
    if accounts >= LARGE:
        ours[LARGER_PAGES] = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    seen = {name: [] for name in (*ours, *engines)}
    for turn in range(rounds + 1):
        one = {}
        for name, variables in ours.items():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(world, copy)
            os.sync()
            one[name] = measured([built / "onroll", "run", "--quiet", "-C", copy, "--as-of", NIGHT], **variables)
        for engine in engines:
            shutil.rmtree(output, ignore_errors=True)
            one[engine] = measured([sys.executable, folder / f"{engine}_night.py", world, output])
        if turn > 0:  # the first turn only warms the file cache
            for name, numbers in one.items():
                seen[name].append(numbers)
            print(f"turn {turn}: " + ", ".join(f"{name} {n[0]:.2f} s" for name, n in one.items()), file=sys.stderr)
    for left in (world, copy, output):
        shutil.rmtree(left, ignore_errors=True)
    return {name: dict(zip(MEASURES, map(statistics.median, zip(*runs)))) for name, runs in seen.items()}


def version(engine):
    """Asked in another process: what this one has in memory would count as the racers' peak."""
    said = subprocess.check_output([sys.executable, "-c", f"import {engine}; print({engine}.__version__)"], text=True)
    return said.strip()


def table(accounts, night, rounds, medians):
    """One table in Markdown: each racer, and onroll as a ratio of it."""
    lines = [
        f"\n{accounts:,} accounts, {night} night, median of {rounds}:\n",
        "| | wall | CPU | peak memory | onroll's wall | CPU | memory |",
        "|---|---|---|---|---|---|---|",
    ]
    ours = medians["onroll"]
    for name, numbers in medians.items():
        label = LABELS.get(name) or f"{name} {version(name)}, bare"
        ratios = ["", "", ""] if name == "onroll" else [f"{ours[m] / numbers[m]:.2f}" for m in MEASURES]
        lines.append(
            f"| {label} | {numbers['wall']:.2f} s | {numbers['cpu']:.2f} s | {numbers['memory']:.0f} MiB | "
            + " | ".join(ratios) + " |"
        )
    return "\n".join(lines)


def plot(results, path):
    """Wall time and memory over size, one line for each racer of the first kind of night."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    night = results[0]["night"]
    of_night = [r for r in results if r["night"] == night]
    figure, both = pyplot.subplots(1, 2, figsize=(9, 3.6))
    for axes, measure, label in zip(both, ("wall", "memory"), ("wall, s", "peak memory, MiB")):
        for name in of_night[0]["medians"]:
            known = [(r["accounts"], r["medians"][name][measure]) for r in of_night if name in r["medians"]]
            axes.plot(*zip(*known), marker="o", label=name)
        axes.set(xscale="log", yscale="log", xlabel="accounts", ylabel=label)
        axes.grid(alpha=0.3)
    both[0].legend()
    figure.suptitle(f"{night} night")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    built, home = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    sizes = [int(size) for size in sys.argv[3].split(",")]
    nights, rounds, engines = sys.argv[4].split(","), int(sys.argv[5]), sys.argv[6].split(",")
    results = []
    for night in nights:
        for accounts in sizes:
            medians = race(built, home, accounts, night, rounds, engines)
            results.append({"accounts": accounts, "night": night, "rounds": rounds, "medians": medians})
            print(table(accounts, night, rounds, medians), flush=True)
            (home / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    plot(results, home / "growth.svg")


if __name__ == "__main__":
    main()
