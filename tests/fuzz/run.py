"""Run all fuzz targets for a while: ``python tests/fuzz/run.py --seconds 120``. Exit status 1: a finding."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LLHTTP = [str(ROOT / "vendor/llhttp" / name) for name in ("llhttp.c", "api.c", "http.c")]


def fuzz_python(kind: str, seconds: int, work: Path) -> int:
    """One direction under atheris, from the checked-in seeds; what it learns stays in *work*."""
    corpus = work / kind
    corpus.mkdir()
    command = [sys.executable, str(HERE / f"fuzz_{kind}.py"), str(corpus), str(HERE / "seeds" / kind)]
    command += [f"-max_total_time={seconds}", "-max_len=2048", f"-artifact_prefix={work}/", "-print_final_stats=1"]
    command += [f"-dict={HERE / 'http.dict'}", "-verbosity=0"]
    return subprocess.run(command, cwd=HERE, check=False).returncode


def fuzz_c(seconds: int, work: Path) -> int:
    """The C below Python, under libFuzzer where clang is, else under gcc's sanitizers and a small driver."""
    binary = str(work / "fuzz_scan")
    include = ["-I", str(ROOT / "vendor/llhttp"), "-I", str(ROOT / "aiohttp_fast/_wire/csrc")]
    sources = [str(HERE / "fuzz_scan.c"), *LLHTTP, "-o", binary]
    seeds = [str(path) for path in sorted((HERE / "seeds").rglob("*.http"))]
    if shutil.which("clang"):
        subprocess.run(["clang", "-g", "-O1", "-fsanitize=fuzzer,address,undefined", *include, *sources], check=True)
        corpus = [str(HERE / "seeds/request"), str(HERE / "seeds/response")]
        return subprocess.run([binary, f"-max_total_time={seconds}", *corpus], check=False).returncode
    flags = ["-g", "-O1", "-DALONE", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run(["gcc", *flags, *include, *sources], check=True)
    return subprocess.run([binary, str(seconds), *seeds], check=False).returncode


def main() -> int:
    """Split the time over the targets; findings are left in the folder that is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    seconds = max(1, parser.parse_args().seconds // 3)
    work = Path(tempfile.mkdtemp(prefix="aiohttp-fast-fuzz-"))
    failed = [kind for kind in ("request", "response") if fuzz_python(kind, seconds, work)]
    if fuzz_c(seconds, work):
        failed.append("scan (C)")
    if failed:
        print(f"findings: {', '.join(failed)}; inputs in {work}")
        return 1
    shutil.rmtree(work)
    print("nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
