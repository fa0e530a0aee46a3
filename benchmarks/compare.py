"""Measure all contenders in one interleaved run, and write the table.

    make bench sets everything up in .venv, and then runs the first of these with its Python:

    python benchmarks/compare.py                       everything; under ten minutes on two cores
    python benchmarks/compare.py --quick               fewer repetitions, nothing is written
    python benchmarks/compare.py --rows client,get1    groups or rows; what was not measured stays as it is
    python benchmarks/compare.py --contenders aiohttp,floor --repeat 9 --write

In each repetition every contender is a fresh process; all of them measure in turn, several
times over. A repetition gives one figure each, and one ratio of neighbours in time.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import harness
import report
from rows import GROUPS, ROWS, Row

ROUNDS = 2
# What a child's rusage says of memory may be its parent's, from before the exec; so the child asks the kernel.
RESIDENT = """
import os, resource, sys
try: print(int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
except OSError: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""
IMPORTS = {"aiohttp_fast": "aiohttp_fast", "aiohttp": "aiohttp", "floor": "asyncio", "httpx": "httpx"}


def import_cost(contender: harness.Contender, unit: str) -> float:
    """Import in a fresh interpreter; return its whole CPU time in ms, or its memory in MB."""
    name = IMPORTS[contender.name.removesuffix(" pure")]
    command = [sys.executable, "-W", "ignore", "-c", f"import {name}\n{RESIDENT}"]
    child = subprocess.Popen(
        command, env=harness.environment(contender.switches), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with child.stdout, child.stderr:
        resident, error = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise harness.AbsentError(f"{contender.name}: {error.strip().splitlines()[-1]}")
    return (usage.ru_utime + usage.ru_stime) * 1e3 if unit == "ms" else float(resident) / 1e6


def imports(row: Row, contenders: list[harness.Contender], notes: dict[str, str]) -> dict[str, float]:
    """One repetition of an import row."""
    found: dict[str, list[float]] = {}
    for turn in range(1 + 2 * ROUNDS):
        for contender in contenders:
            try:
                cost = import_cost(contender, row.unit)
            except harness.AbsentError as reason:
                notes[contender.name] = str(reason)
                continue
            if turn:  # the first one may have to compile the sources
                found.setdefault(contender.name, []).append(cost)
    return {name: min(values) for name, values in found.items()}


def repetition(
    row: Row, contenders: list[harness.Contender], port: int, notes: dict[str, str], quick: bool
) -> dict[str, float]:
    """Start every contender afresh, measure them in turn, return one figure each."""
    if row.work == "import":
        return imports(row, contenders, notes)
    seconds = row.seconds / 2 if quick else row.seconds
    with ExitStack() as stack:
        # All at once: importing and ending take longer than most measurements.
        workers = [
            stack.enter_context(harness.Worker(contender, port, row.loop, row.room, wait=False))
            for contender in contenders
        ]
        started = []
        for worker in workers:
            stack.callback(worker.leave)
            try:
                worker.ready()
            except harness.AbsentError as reason:
                notes[worker.contender.name] = str(reason)
                continue
            started.append(worker)
        ready: list[tuple[harness.Worker, int]] = []
        for worker in started:
            try:
                if row.count:
                    worker.run(row.work, max(1, row.count // 4), **row.options)
                    count = row.count
                else:
                    count = worker.calibrated(row.work, seconds, **row.options)
            except harness.AbsentError as reason:
                notes[worker.contender.name] = str(reason)
                continue
            ready.append((worker, count))
        sums: dict[str, list[float]] = {worker.contender.name: [] for worker, _ in ready}
        rounds = 1 if row.unit in ("kB", "calls") or quick else ROUNDS
        for turn in range(rounds):
            for worker, count in ready if turn % 2 == 0 else reversed(ready):
                sums[worker.contender.name].append(row.figure(worker.run(row.work, count, **row.options)))
    return {name: sum(values) / len(values) for name, values in sums.items()}


def measure(row: Row, only: list[str], repeat: int, port: int, quick: bool) -> dict:
    """Return the samples of a row: a figure of each contender for each repetition."""
    contenders = [contender for contender in row.contenders if not only or contender.name in only]
    samples: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    notes: dict[str, str] = {}
    for _ in range(repeat):
        found = repetition(row, [c for c in contenders if c.name not in notes], port, notes, quick)
        for name, figure in found.items():
            samples[name].append(figure)
    full = {name: values for name, values in samples.items() if len(values) == repeat}
    return {"samples": full, "notes": notes, "repeat": repeat}


def chosen(text: str) -> list[Row]:
    """Return the rows that *text* names: keys and groups, separated by commas."""
    if not text:
        return list(ROWS)
    names = set(text.split(","))
    unknown = names - set(GROUPS) - {row.key for row in ROWS}
    if unknown:
        sys.exit(f"no such rows: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)} and "
                 f"{', '.join(row.key for row in ROWS)}")  # fmt: skip
    return [row for row in ROWS if row.key in names or row.group in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two repetitions, short ones; nothing is written")
    parser.add_argument("--rows", default="", help=f"keys or groups: {', '.join(GROUPS)}")
    parser.add_argument("--repeat", type=int, default=0, help="repetitions (3 or 5, as the row says)")
    parser.add_argument("--contenders", default="", help=", ".join(harness.CONTENDERS))
    parser.add_argument("--write", action="store_true", help="write, although it was quick or not everybody took part")
    args = parser.parse_args()
    only = args.contenders.split(",") if args.contenders else []
    if set(only) - set(harness.CONTENDERS):
        sys.exit(f"contenders are {', '.join(harness.CONTENDERS)}")
    results: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as folder, harness.serving() as port:
        for row in chosen(args.rows):
            if row.group in ("upload", "form"):
                path = Path(folder, row.key)
                path.write_bytes(b"0123456789abcdef" * (row.options["size"] // 16))
                row.options["path"] = str(path)
            results[row.key] = measure(row, only, args.repeat or (2 if args.quick else row.repeat), port, args.quick)
            print(report.in_the_terminal(row, results[row.key]), flush=True)
    if args.write or not (args.quick or only):
        report.write(results, " ".join(["python", "benchmarks/compare.py", *sys.argv[1:]]))
    else:
        print("nothing written; --write does", file=sys.stderr)
    if any(harness.FAST.name in result["notes"] for result in results.values()):
        sys.exit("aiohttp_fast itself could not be measured: use the environment that make bench sets up")


if __name__ == "__main__":
    main()
