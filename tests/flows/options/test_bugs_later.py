"""What these tests found: each is expected to fail until it is mended, and says so the moment it is."""

import asyncio
import hashlib
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.against import REFERENCE, better
from tests.seeds.httpbin import httpbin, url_of
from tests.servers import Peer, serve

ROOT = Path(__file__).parents[3]
NAME = "aiohttp" if REFERENCE else "aiohttp_fast"
bug = pytest.mark.xfail(not REFERENCE, strict=True, reason="found by these tests")


@better("it cannot either")
@bug
async def test_stream_reader_without_arguments(lib):
    """S2: ``stream = StreamReader()``, fed from one response, is the body of the next request."""
    aiohttp = lib.load()

    async def feed_stream(resp, stream):
        h = hashlib.sha256()

        while True:
            chunk = await resp.content.readany()
            if not chunk:
                break
            h.update(chunk)
            stream.feed_data(chunk)
        stream.feed_eof()

        return h.hexdigest()

    async with serve(httpbin) as server, aiohttp.ClientSession() as session:
        resp = await session.get(url_of(server, "/stream-bytes/5000"))
        try:
            stream = aiohttp.StreamReader()
        finally:
            resp.close()
        resp = await session.get(url_of(server, "/stream-bytes/5000"))
        upload = asyncio.get_running_loop().create_task(session.post(url_of(server, "/post"), data=stream))
        file_hash = await feed_stream(resp, stream)
        (await upload).release()
    assert hashlib.sha256(server.bodies[-1]).hexdigest() == file_hash


@bug
@pytest.mark.parametrize(("said", "name"), [("UTF-8", "utf-8"), ("Windows-1251", "cp1251"), ("latin1", "iso8859-1")])
async def test_get_encoding_is_normalised(lib, said, name):
    """aiohttp gives the codec's own name, which callers compare with: ``resp.get_encoding() == "utf-8"``."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"x", b"Content-Type: text/plain; charset=" + said.encode())
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as resp:
            await resp.read()
            assert resp.get_encoding() == name


@bug
@pytest.mark.parametrize("how", ["reset", "close"])
async def test_payload_is_closed_when_a_write_is_cut(lib, how, tmp_path):
    """aiohttp closes the file that it was sending; here it stays open."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        if how == "reset":
            peer.reset()

    path = tmp_path / "body"
    path.write_bytes(b"x" * (1 << 24))
    with path.open("rb") as file:
        async with serve(handler) as server, aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.post(server.url, data=file)
        assert file.closed


@better("nor does it notice")
@bug
async def test_blank_lines_without_end(lib):
    """Where a status line should be: they are skipped for ever, and only a time-out ends it."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        for _ in range(256):
            await peer.send(b"\r\n" * 4096)
            await asyncio.sleep(0)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(server.url, timeout=1)


# Unclosed sessions and connectors warn with the place where they were made (issue 3).

FORGOTTEN = """
import asyncio, gc
import NAME as aiohttp

async def main():
    async def answer(reader, writer):
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = "http://127.0.0.1:%d/" % server.sockets[0].getsockname()[1]
    await forget(url)
    gc.collect()
    await asyncio.sleep(0.05)
    server.close()

async def forget(url):
    MADE

asyncio.run(main())
"""
SESSION = """session = aiohttp.ClientSession()  # this line
    async with session.get(url) as response:
        await response.read()"""
CONNECTOR = """connector = aiohttp.TCPConnector()  # this line
    async with aiohttp.ClientSession(connector=connector, connector_owner=False) as session:
        async with session.get(url) as response:
            await response.read()"""


def complaint(lib, tmp_path, made: str, *flags: str) -> str:
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(FORGOTTEN).replace("NAME", NAME).replace("MADE", made))
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"} | ({"AIOHTTP_FAST_PURE": "1"} if lib.name == "pure" else {})
    command = [sys.executable, *flags, "-W", "always", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=env, check=True).stderr


def place(tmp_path) -> str:
    """Return how a traceback names the line."""
    line = (tmp_path / "program.py").read_text().split("# this line")[0].count("\n") + 1
    return f'"{tmp_path / "program.py"}", line {line}'


def test_unclosed_session_in_debug_mode(lib, tmp_path, request):
    if lib.name == "compiled":
        request.applymarker(pytest.mark.xfail(strict=True, reason="the user's frame is left out: sys._getframe(1)"))
    said = complaint(lib, tmp_path, SESSION, "-X", "dev")
    assert "Unclosed client session" in said
    assert place(tmp_path) in said


@bug
def test_unclosed_connector_in_debug_mode(lib, tmp_path):
    said = complaint(lib, tmp_path, CONNECTOR, "-X", "dev")
    assert "Unclosed connector" in said
    assert place(tmp_path) in said


@pytest.mark.skipif(REFERENCE, reason="aiohttp: only in debug mode")
@pytest.mark.xfail(strict=True, reason="only in debug mode")
@pytest.mark.parametrize("made", [SESSION, CONNECTOR], ids=["session", "connector"])
def test_unclosed_without_debug_mode(lib, tmp_path, made):
    """The issue's promise knows no mode: file and line, in the warning or its text."""
    said = complaint(lib, tmp_path, made)
    assert "Unclosed" in said
    line = place(tmp_path).rsplit(" ", 1)[1]
    assert f"program.py:{line}" in said or place(tmp_path) in said
