"""Servers and workers as child processes, contenders taken in turn, and what to make of the figures."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SWITCHES = ("AIOHTTP_FAST_PURE", "AIOHTTP_NO_EXTENSIONS")


class AbsentError(Exception):
    """The contender is not installed here, or cannot do this work."""


@dataclass(frozen=True)
class Contender:
    """How to start one: module under clients/, its arguments, switches of its environment."""

    name: str
    module: str = "aio"
    arguments: tuple[tuple[str, str], ...] = ()
    switches: tuple[str, ...] = ()
    loop: str = ""  # where it only runs on one


FAST = Contender("aiohttp_fast", arguments=(("lib", "aiohttp_fast"),))
# Sends a file as it is where others put it into a form: what the form costs more.
FAST_RAW = Contender("aiohttp_fast without a form", arguments=(("lib", "aiohttp_fast"), ("raw", "yes")))
FAST_PURE = Contender("aiohttp_fast pure", arguments=(("lib", "aiohttp_fast"),), switches=("AIOHTTP_FAST_PURE",))
AIOHTTP = Contender("aiohttp", arguments=(("lib", "aiohttp"),))
AIOHTTP_PURE = Contender("aiohttp pure", arguments=(("lib", "aiohttp"),), switches=("AIOHTTP_NO_EXTENSIONS",))
AIOHTTP_ISAL = Contender("aiohttp isal", arguments=(("lib", "aiohttp"), ("zlib_backend", "isal.isal_zlib")))
FLOOR = Contender("floor", module="floor")
PYCURL = Contender("pycurl", module="pycurl_client")
HTTPX = Contender("httpx", module="httpx_client")
WREQ = Contender("wreq", module="wreq_client")
PRIMP = Contender("primp", module="primp_client")
CURL_CFFI = Contender("curl_cffi", module="curl_cffi_client")
HTTPTOOLS = Contender("httptools")
CONTENDERS = {
    contender.name: contender
    for contender in (
        FAST, FAST_RAW, FAST_PURE, AIOHTTP, AIOHTTP_PURE, AIOHTTP_ISAL, FLOOR, PYCURL, HTTPX, WREQ, PRIMP, CURL_CFFI,
        HTTPTOOLS,
    )
}  # fmt: skip


def environment(switches: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the environment of a child: this one without the switches, then with those asked for."""
    env = {key: value for key, value in os.environ.items() if key not in SWITCHES}
    env["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(HERE)))
    # Everybody's bytecode is cached alike, whatever the shell says, and not in the tree.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env["PYTHONPYCACHEPREFIX"] = str(ROOT / "build" / "bench" / "pycache")
    env.update(dict.fromkeys(switches, "1"))
    return env


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """Run the server; yield its port."""
    command = [sys.executable, str(HERE / "server.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as child:
        try:
            yield int(child.stdout.readline())
        finally:
            child.stdin.close()
            child.wait(10)


class Worker:
    """A process under test. Without *wait* it starts while others do, and ``ready`` is to be called before it works."""

    def __init__(
        self,
        contender: Contender,
        port: int = 0,
        loop: str = "asyncio",
        room: str = "client",
        wait: bool = True,
        **more,
    ) -> None:
        setup = {"room": room, "module": contender.module, "port": port, "loop": loop, "name": contender.name}
        setup["arguments"] = dict(contender.arguments)
        self.contender = contender
        self.child = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(HERE / "worker.py"), json.dumps(setup | more)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=environment(contender.switches),
        )  # fmt: skip
        if wait:
            self.ready()

    def ready(self) -> None:
        """Wait until the process has started; AbsentError if it cannot."""
        self._answer()

    def _answer(self) -> dict:
        line = self.child.stdout.readline()
        if line:
            return json.loads(line)
        error = self.child.stderr.read().strip().splitlines() or ["no message"]
        self.child.wait()
        raise AbsentError(f"{self.contender.name}: {error[-1]}")

    def run(self, work: str, count: int, **options: object) -> dict:
        """Do a piece of work; return what the worker measured."""
        self.child.stdin.write(json.dumps({"work": work, "count": count, **options}) + "\n")
        self.child.stdin.flush()
        return self._answer()

    def calibrated(self, work: str, seconds: float, first: int = 1, **options: object) -> int:
        """Warm up; return how often the work fits into *seconds*."""
        count = first
        self.run(work, count, **options)  # the first time imports and connects
        while True:
            took = self.run(work, count, **options)["wall"]
            if took > seconds / 4:
                return max(1, round(count * seconds / took))
            count = max(count * 2, min(count * 10, round(count * seconds / 3 / max(took, 1e-6))))

    def leave(self) -> None:
        """Tell the process to end, and do not wait for that."""
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()

    def close(self) -> None:
        """End the process."""
        self.leave()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()
        self.child.stderr.close()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ratios(base: list[float], mine: list[float]) -> tuple[float, float, float]:
    """Return how many times less *mine* costs than *base*, of neighbours in time: median, least, most."""
    each = sorted(b / m for b, m in zip(base, mine, strict=True) if m > 0)
    return statistics.median(each), each[0], each[-1]
