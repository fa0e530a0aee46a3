"""What does not depend on the machine's mood: calls per request, instructions per message.

    python benchmarks/counts.py            today's beside the recorded ones
    python benchmarks/counts.py --record   record today's in counts.json

Python-level calls of a GET at 64 at once are counted by sys.setprofile; instructions by callgrind,
in counts_wire.py (head writer, masker) and counts_parser.py. Those of a whole GET are profile_client.py's.
"""

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import harness

HERE = Path(__file__).resolve().parent
RECORD = HERE / "counts.json"
CLIENTS = (harness.FAST, harness.FAST_PURE, harness.AIOHTTP, harness.AIOHTTP_PURE, harness.FLOOR)
WIRE = ("counts_parser.py", "counts_wire.py")
BEFORE = re.compile(r"\s*(?P<count>[\d,]+)  +(?P<name>\S.*)")  # counts_wire.py
AFTER = re.compile(r"(?P<name>\S.*?)  +(?P<count>[\d,]+)")  # counts_parser.py


def calls() -> Iterator[tuple[str, float]]:
    """Yield the calls per request of each client."""
    with harness.serving() as port:
        for contender in CLIENTS:
            try:
                with harness.Worker(contender, port) as worker:
                    worker.run("get", 640)
                    found = worker.run("calls", 2048)
            except harness.AbsentError as reason:
                print(f"left out: {reason}")
                continue
            yield f"GET, {contender.name}: Python-level calls", round(found["python"], 1)
            yield f"GET, {contender.name}: calls into C", round(found["c"], 1)


def instructions() -> Iterator[tuple[str, float]]:
    """Yield what the colleagues' scripts count under callgrind."""
    if shutil.which("valgrind") is None:
        print("!" * 80)
        print("!! valgrind is not installed: NO INSTRUCTIONS ARE COUNTED. apt-get install valgrind")
        print("!" * 80)
        return
    with ThreadPoolExecutor(len(WIRE)) as pool:
        for found in pool.map(_of_script, WIRE):
            yield from found


def _of_script(name: str) -> list[tuple[str, float]]:
    """Run one of them; return what it counted."""
    script = HERE / name
    if not script.exists():
        print(f"!! {name} is missing: its instructions are not counted")
        return []
    command, env = [sys.executable, str(script)], harness.environment()
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        print(f"!! {name} failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        return []
    matches = [match for line in done.stdout.splitlines() if (match := BEFORE.fullmatch(line) or AFTER.fullmatch(line))]
    return [(f"{match['name']}: instructions", int(match["count"].replace(",", ""))) for match in matches]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--no-valgrind", action="store_true", help="calls only")
    args = parser.parse_args()
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {"counts": {}}
    python = f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}"
    print(f"recorded with {known.get('python', 'nothing yet')}; today's with {python}")
    print(f"{'':74} {'recorded':>11} {'today':>11} {'change':>8}")
    counts: dict[str, float] = {}
    for name, now in chain(calls(), () if args.no_valgrind else instructions()):
        counts[name] = now
        before = known["counts"].get(name)
        change = f"{(now / before - 1) * 100:+.1f} %" if before else ""
        print(f"{name:74} {'–' if before is None else f'{before:,}':>11} {now:>11,} {change:>8}", flush=True)
    for name in known["counts"].keys() - counts.keys():
        print(f"{name:74} {known['counts'][name]:>11,} {'–':>11}")
    if args.record:
        merged = {"python": python, "counts": known["counts"] | counts}
        RECORD.write_text(json.dumps(merged, indent=1, ensure_ascii=False) + "\n")
        print(f"recorded in {RECORD.name}")


if __name__ == "__main__":
    main()
