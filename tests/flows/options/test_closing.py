"""Closing, seen from outside: nothing is left open, and what was forgotten says where it was made."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.against import REFERENCE, better

ROOT = Path(__file__).parents[3]
NAME = "aiohttp" if REFERENCE else "aiohttp_fast"

SERVER = """
import asyncio, gc, ssl, sys, threading, warnings
import NAME as aiohttp

class Server(threading.Thread):
    def run(self):
        asyncio.run(self.main())
    async def main(self):
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        self.loop.slow_callback_duration = 60
        async def answer(reader, writer):
            try:
                while await reader.readuntil(b"\\r\\n\\r\\n"):
                    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
        context = None
        if len(sys.argv) > 1:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1])
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        self.url = f"http{'s' * (len(sys.argv) > 1)}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        self.ready.set()
        await self.over.wait()
        await asyncio.sleep(0.05)
        server.close()
    def __enter__(self):
        self.ready = threading.Event()
        self.start()
        self.ready.wait()
        return self
    def __exit__(self, *exc):
        self.loop.call_soon_threadsafe(self.over.set)
        self.join()
"""


def run(
    tmp_path: Path, program: str, *args: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "program.py"
    path.write_text(SERVER.replace("NAME", NAME) + textwrap.dedent(program))
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "always", str(path), *args],
        capture_output=True, text=True, timeout=60, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin", **(env or {})},
    )  # fmt: skip


def at_speed(lib) -> dict[str, str]:
    return {"AIOHTTP_FAST_PURE": "1"} if lib.name == "pure" else {}


CLOSED = """
async def main():
    session = aiohttp.ClientSession()
    async def one():
        async with session.get(url, ssl=False) as response:
            await response.read()
    await asyncio.gather(*(one() for _ in range(5)))
    unread = await session.get(url, ssl=False)
    await session.close()

with Server() as server:
    url = server.url
    loop = asyncio.new_event_loop()
    loop.slow_callback_duration = 60  # a busy machine is not what this is about
    loop.run_until_complete(main())
    loop.stop()
    loop.close()
    gc.collect()
print("done")
"""


@better("needs a sleep before the loop stops")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_loop_stops_right_after_close(lib, leaf, tmp_path, scheme):
    """A whole program in development mode: no sleep, and no word about it."""
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "pem")
    args = [str(tmp_path / "pem")] if scheme == "https" else []
    done = run(tmp_path, CLOSED, *args, env=at_speed(lib))
    assert (done.stdout, done.stderr) == ("done\n", "")
