"""Run all fuzz targets at once for a while: ``python tests/fuzz/run.py --seconds 120``.

Each writes a log of its own; the end tells what they ran and covered. Exit status 1: a finding, or a target that
could not run.
"""

import argparse
import hashlib
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.corpora import CORPUS  # noqa: E402

INCLUDE = ["-I", str(ROOT / "vendor/llhttp"), "-I", str(ROOT / "aiohttp_fast/_wire/csrc")]
WATCHED = [str(HERE / "fuzz_scan.c"), *(str(ROOT / "vendor/llhttp" / name) for name in ("llhttp.c", "api.c", "http.c"))]
SANITIZED = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
LONGEST = 2048  # bytes of an input
PLAIN = bytes(4)  # the control bytes (see target.py) of a stream that is to be read with all defaults
GRACE = 60  # seconds that a target may be late, before it counts as hanging
PROGRESS = re.compile(r"^#(\d+)\s.*\bcov: (\d+)", re.MULTILINE)  # a line of libFuzzer's; scan_driver.c prints the same


def write_seeds(work: Path) -> list[Path]:
    """Gather the inputs to start from, one folder for each direction: seeds/, and the cases of tests/corpora."""
    folders = [work / "seeds" / kind for kind in ("request", "response")]
    for folder in folders:
        shutil.copytree(HERE / "seeds" / folder.name, folder)
    for group in CORPUS.values():
        for case in group:
            if len(case.data) < LONGEST:
                (work / "seeds" / case.direction / hashlib.sha256(case.data).hexdigest()).write_bytes(PLAIN + case.data)
    return folders


def options(name: str, seconds: int, work: Path, seeds: list[Path]) -> list[str]:
    """Return libFuzzer's arguments: what it learns and finds stays in *work*."""
    corpus = work / name
    corpus.mkdir()
    return [
        *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=10"),
        *(f"-dict={HERE / 'http.dict'}", f"-artifact_prefix={work}/{name}-"),
        *(str(corpus), *map(str, seeds)),
    ]


def guided_scan(seconds: int, work: Path, seeds: list[Path]) -> list[str] | None:
    """The C below Python under libFuzzer; None where clang or its libFuzzer is not installed."""
    if shutil.which("clang") is None:
        return None
    binary = str(work / "fuzz_scan")
    flags = [*SANITIZED, "-fsanitize=fuzzer"]
    done = subprocess.run(["clang", *flags, *INCLUDE, *WATCHED, "-o", binary], check=False)
    return None if done.returncode else [binary, *options("scan", seconds, work, seeds)]


def plain_scan(seconds: int, work: Path, seeds: list[Path]) -> list[str]:
    """The same under gcc's sanitizers, led by a small driver of our own, which must not be watched itself."""
    binary, driver = str(work / "fuzz_scan"), str(work / "scan_driver.o")
    subprocess.run(["gcc", *SANITIZED, "-c", str(HERE / "scan_driver.c"), "-o", driver], check=True)
    flags = [*SANITIZED, "-fsanitize-coverage=trace-pc"]
    subprocess.run(["gcc", *flags, *INCLUDE, *WATCHED, driver, "-o", binary], check=True)
    files = [str(path) for folder in seeds for path in sorted(folder.iterdir())]
    return [binary, str(seconds), str(work / "scan-crash"), *files]


def skip(what: str, why: str, remedy: str) -> None:
    """Say, so that nobody overlooks it, what is not run."""
    print(f"{'*' * 78}\n* SKIPPED: {what}: {why}.\n* To have it: {remedy}\n{'*' * 78}", flush=True)


def commands(seconds: int, work: Path) -> dict[str, list[str]]:
    """Return what can be run here, by name."""
    seeds = write_seeds(work)
    found = {}
    if importlib.util.find_spec("atheris"):
        for folder in seeds:
            script = str(HERE / f"fuzz_{folder.name}.py")
            found[folder.name] = [sys.executable, script, *options(folder.name, seconds, work, [folder])]
    else:
        why = f"no atheris (pyproject.toml says for which Pythons there is one; this is {platform.python_version()})"
        skip("both directions of the parser", why, "make fuzz PYTHON=python3.13 VENV=.venv-fuzz, on Linux")
    scan = guided_scan(seconds, work, seeds)
    if scan is None:
        skip("libFuzzer on the C scanner", "clang has none or is not there; gcc stands in", "apt-get install -y clang")
        scan = plain_scan(seconds, work, seeds)
    return found | {"scan": scan}


def has_failed(process: subprocess.Popen[bytes], seconds: int) -> bool:
    """Wait for the end of a target; one that does not end has failed."""
    try:
        return process.wait(seconds + GRACE) != 0
    except subprocess.TimeoutExpired:
        return True


def run(targets: dict[str, list[str]], seconds: int, work: Path) -> list[str]:
    """Run *targets* side by side; return the names of those that failed."""
    running = {}
    try:
        for name, command in targets.items():
            with (work / f"{name}.log").open("wb") as log:
                running[name] = subprocess.Popen(command, cwd=work, stdout=log, stderr=subprocess.STDOUT)
        return [name for name, process in running.items() if has_failed(process, seconds)]
    finally:
        for process in running.values():
            process.kill()
            process.wait()


def report(name: str, work: Path, failed: bool) -> None:
    """Print one line about a target; behind it, where it failed, the end of its log."""
    log = (work / f"{name}.log").read_text(errors="replace")
    ran, covered = (PROGRESS.findall(log) or [("0", "0")])[-1]
    print(f"{name:9}{int(ran):>12,} inputs{int(covered):>7,} places covered  {'FAILED' if failed else 'nothing found'}")
    if failed:
        said = [line for line in log.splitlines() if not PROGRESS.match(line)]
        print(*said[-40:], f"whole log: {work / name}.log", sep="\n  ")


def main() -> int:
    """Run, report, and leave behind what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    seconds = parser.parse_args().seconds
    work = Path(tempfile.mkdtemp(prefix="aiohttp-fast-fuzz-"))
    targets = commands(seconds, work)
    print(f"fuzzing for {seconds} s: {', '.join(targets)}; logs in {work}", flush=True)
    failed = run(targets, seconds, work)
    for name in targets:
        report(name, work, name in failed)
    if failed:
        print(f"FAILED: {', '.join(failed)}; inputs in {work}")
        return 1
    shutil.rmtree(work)
    return 0 if len(targets) == 3 else 1


if __name__ == "__main__":
    sys.exit(main())
