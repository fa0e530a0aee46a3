"""Instructions per call of the head writer and the masker, counted by callgrind.

Run it as it is: it starts itself again under valgrind. Counts do not depend on the
machine's mood, only on the interpreter, the compiler and the code. The loop that makes
the calls is taken off; what a call costs from Python is left in.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

ROOT = Path(__file__).parent.parent
CALLS = 200
MARK = "getppid"  # a C function that nobody else calls: a dump of the counters ends there

Operation = tuple[str, Callable[..., object], tuple[object, ...]]


def fields(count: int) -> list[tuple[str, str]]:
    """Return *count* fields; the first are what a client sends with every request."""
    usual = [
        ("Host", "example.com:8080"),
        ("Accept", "*/*"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ("User-Agent", "Python/3.11 aiohttp/3.14.5"),
    ]
    return (usual + [(f"X-Custom-Header-{n}", "some value of thirty characters") for n in range(count)])[:count]


def operations() -> list[Operation]:
    """Return name, callable and arguments of all that is counted; imported only where they run."""
    from multidict import CIMultiDict, CIMultiDictProxy, istr  # noqa: PLC0415

    from aiohttp_fast._wire.http.head import serialize_head, serialize_request_head  # noqa: PLC0415
    from aiohttp_fast._wire.ws.mask import mask, mask_into  # noqa: PLC0415

    key = b"\x12\x34\x56\x78"
    four, fifteen = (CIMultiDict([(istr(name), value) for name, value in fields(n)]) for n in (4, 15))
    pieces = [part.encode() for name, value in fields(15) for part in (name, ": ", value, "\r\n")]
    found: list[Operation] = [
        ("head: status line, 15 fields", serialize_head, ("HTTP/1.1 200 OK", fifteen)),
        ("head: status line, 15 fields, proxy", serialize_head, ("HTTP/1.1 200 OK", CIMultiDictProxy(fifteen))),
        ("head: status line, 15 fields, pairs", serialize_head, ("HTTP/1.1 200 OK", fields(15))),
        ("head: request line, 4 fields", serialize_request_head, ("GET", "/some/path?query=1", four)),
        ("floor of 15 fields: b''.join of their 60 parts", b"".join, (pieces,)),
    ]
    for size, text in ((16, "16 B"), (1024, "1 kB"), (65536, "64 kB")):
        data = bytearray(size)
        found.append((f"mask: {text} in place", mask, (key, data)))
        found.append((f"mask: {text} copied", mask_into, (data, bytes(size), key)))
    try:
        from aiohttp.http_writer import _serialize_headers  # noqa: PLC0415
    except ImportError:
        return found
    found.append(("aiohttp head: status line, 15 fields", _serialize_headers, ("HTTP/1.1 200 OK", fifteen)))
    found.append(
        ("aiohttp head: request line, 4 fields", _serialize_headers, ("GET /some/path?query=1 HTTP/1.1", four))
    )
    return found


def _call(function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    for _ in repeat(None, CALLS):
        function(*arguments)


def _nothing(arguments: tuple[object, ...]) -> None:
    for _ in repeat(None, CALLS):
        arguments  # noqa: B018  the loop alone


def work() -> None:
    """Be the process that is counted: every operation between two marks, after a warm-up."""
    listed = operations()
    for _, function, arguments in listed:
        _call(function, arguments)
    os.getppid()
    _nothing(())
    os.getppid()
    for _, function, arguments in listed:
        _call(function, arguments)
        os.getppid()
    print("\n".join(name for name, _, _ in listed))


def _totals(folder: Path) -> Iterator[int]:
    """Yield the instructions between one mark and the next, in order."""
    files = sorted(folder.glob("counts.*"), key=lambda path: int(path.suffix[1:] or 0))
    for path in files[1:]:  # the first ends with the first mark
        found = re.search(r"^(?:totals|summary): (\d+)", path.read_text(), re.M)
        if found:
            yield int(found[1])


def count() -> dict[str, int]:
    """Return instructions per call by name; needs valgrind."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--dump-before={MARK}", "--callgrind-out-file=counts"]
        done = subprocess.run(
            [*command, sys.executable, str(Path(__file__).resolve()), "--work"],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        loop, *totals = _totals(Path(folder))
        return {
            name: round((total - loop) / CALLS) for name, total in zip(done.stdout.splitlines(), totals, strict=False)
        }


def main() -> None:
    """Print one line per operation: instructions per call, then its name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().work:
        work()
    elif shutil.which("valgrind") is None:
        sys.exit("counts_wire: valgrind is not installed (Debian: apt-get install valgrind)")
    else:
        for name, instructions in count().items():
            print(f"{instructions:>10,}  {name}")


if __name__ == "__main__":
    main()
