"""What a comparison with aiohttp and the issue found: each was a bug once."""

import asyncio
import hashlib
import socket
import subprocess
import sys
import textwrap
import warnings
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from tests.against import REFERENCE, better
from tests.flows.test_tls import polite_or_silent
from tests.seeds.httpbin import httpbin, url_of
from tests.servers import Peer, serve

ROOT = Path(__file__).parents[3]
NAME = "aiohttp" if REFERENCE else "aiohttp_fast"


@better("it cannot either")
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


def to(location: bytes):
    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            if head.startswith(b"GET / "):
                await peer.answer(
                    b"", b"Location: " + location.replace(b"PORT", b"%d" % peer.server.url.port), status=b"302 Go"
                )
            else:
                await peer.answer()

    return handler


@pytest.mark.parametrize("requote", [True, False])
async def test_scheme_relative_location(lib, requote):
    """``Location: //host/path`` (RFC 3986 4.2), which issue 3 names, is refused as no URL."""
    async with serve(to(b"//127.0.0.1:PORT/x")) as server:
        async with lib.load().ClientSession(requote_redirect_url=requote) as session:
            async with session.get(server.url) as response:
                assert response.url == server.url / "x"


async def test_location_that_is_a_query(lib):
    """aiohttp keeps the fragment here."""
    async with serve(to(b"?a=b")) as server, lib.load().ClientSession() as session:
        async with session.get(server.url.with_fragment("part"), max_redirects=2) as response:
            assert response.real_url == server.url.with_query("a=b").with_fragment("part")


@better("it does so for a query alone")
@pytest.mark.parametrize("location", [b"/x", b"x", b"http://127.0.0.1:PORT/x"])
async def test_fragment_is_inherited(lib, location):
    """RFC 9110 10.2.2: a Location without a fragment inherits that of the request."""
    async with serve(to(location)) as server, lib.load().ClientSession() as session:
        async with session.get(server.url.with_fragment("part")) as response:
            assert response.real_url == (server.url / "x").with_fragment("part")
            assert response.url == server.url / "x"


async def test_fragment_of_the_location_counts(lib):
    async with serve(to(b"/x#own")) as server, lib.load().ClientSession() as session:
        async with session.get(server.url.with_fragment("part")) as response:
            assert response.real_url == (server.url / "x").with_fragment("own")


@pytest.mark.parametrize(
    ("attribute", "value"), [("path", "/elsewhere"), ("secure", True), ("domain", "other.example")]
)
async def test_attributes_of_a_requests_cookies(lib, answering, attribute, value):
    """``cookies=other_response.cookies``: what is secure, or for another path or host, stays at home."""
    cookies = SimpleCookie()
    cookies["a"] = "1"
    cookies["a"][attribute] = value
    async with lib.load().ClientSession() as session:
        async with session.get(answering.url.with_host("localhost"), cookies=cookies) as response:
            await response.read()
    assert b"cookie:" not in answering.requests[0].lower()


async def test_cookie_of_the_field_and_of_the_option(lib, answering):
    """One cookie of a name is sent, the option's."""
    async with lib.load().ClientSession() as session:
        async with session.get(answering.url, headers={"Cookie": "a=1; b=3"}, cookies={"a": "2"}) as response:
            await response.read()
    (field,) = [line for line in answering.requests[0].split(b"\r\n") if line.lower().startswith(b"cookie:")]
    assert sorted(field.partition(b": ")[2].split(b"; ")) == [b"a=2", b"b=3"]


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="asyncio sees to it by itself")
async def test_enable_cleanup_closed(lib, certified, trusting):
    """Accepted, and ignored: a TLS peer that does not answer the end keeps the connection for longer than 2 s."""
    aiohttp = lib.load()
    made = []

    def make(addr_info: Any) -> socket.socket:
        made.append(socket.socket(*addr_info[:3]))
        return made[-1]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        connector = aiohttp.TCPConnector(
            enable_cleanup_closed=True, ssl_shutdown_timeout=6, force_close=True, socket_factory=make
        )
        session = aiohttp.ClientSession(connector=connector)
    with polite_or_silent(certified, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", silent=True) as url:
        async with session.get(url, ssl=trusting) as response:
            await response.read()
        await asyncio.sleep(4.5)
        assert made[-1].fileno() == -1
        await session.close()


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
    said = complaint(lib, tmp_path, SESSION, "-X", "dev")
    assert "Unclosed client session" in said
    assert place(tmp_path) in said


def test_unclosed_connector_in_debug_mode(lib, tmp_path):
    said = complaint(lib, tmp_path, CONNECTOR, "-X", "dev")
    assert "Unclosed connector" in said
    assert place(tmp_path) in said


@pytest.mark.skipif(REFERENCE, reason="aiohttp: only in debug mode")
@pytest.mark.parametrize("made", [SESSION, CONNECTOR], ids=["session", "connector"])
def test_unclosed_without_debug_mode(lib, tmp_path, made):
    """The issue's promise knows no mode: file and line, in the warning or its text."""
    said = complaint(lib, tmp_path, made)
    assert "Unclosed" in said
    line = place(tmp_path).rsplit(" ", 1)[1]
    assert f"program.py:{line}" in said or place(tmp_path) in said
