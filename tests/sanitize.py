"""Run the tests of the compiled core under the address and undefined-behaviour sanitizers.

The extension modules are built apart, in build/sanitize, and the tests of the rooms that
hold C run over them; further arguments go to pytest. Leaks are not looked for: the
interpreter keeps some memory until its end. Needs gcc or clang with its sanitizer
libraries.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORK = ROOT / "build" / "sanitize"
PACKAGE = WORK / "package"
LIBRARIES = ("libasan.so", "libubsan.so")


def _run(command: list[str], **more: str) -> int:
    environment: Mapping[str, str] = {**os.environ, **more}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _libraries() -> str:
    """Return the paths of the sanitizer libraries, which must be loaded before the interpreter."""
    compiler = os.environ.get("CC", "gcc")
    paths = []
    for name in LIBRARIES:
        found = subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True)
        path = found.stdout.strip()
        if not os.path.isabs(path):
            sys.exit(f"sanitize: {compiler} has no {name}")
        paths.append(path)
    return " ".join(paths)


def main() -> int:
    """Build, test, and return pytest's exit status."""
    build = [sys.executable, "setup.py", "-q", "build", f"--build-lib={PACKAGE}", f"--build-temp={WORK / 'temp'}"]
    if status := _run(build, AIOHTTP_FAST_BUILD="sanitize"):
        return status
    built = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.so"))
    print("sanitized:", *built, sep="\n  ", flush=True)
    tests = [argument for argument in sys.argv[1:] if not argument.startswith("-")] or ["tests/wire"]
    options = [argument for argument in sys.argv[1:] if argument.startswith("-")]
    return _run(
        # A report is written past Python, just before the end: pytest must leave the file descriptors alone.
        [sys.executable, "-m", "pytest", "--capture=sys", "-o", f"pythonpath={PACKAGE}", *options, *tests],
        LD_PRELOAD=_libraries(),
        ASAN_OPTIONS="detect_leaks=0:abort_on_error=1",
        UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1",
        PYTHONMALLOC="malloc",  # so that every object is a block that is watched
    )


if __name__ == "__main__":
    sys.exit(main())
