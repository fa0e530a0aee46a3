"""UnixConnector against real Unix sockets: requests, reuse, errors, time-outs, and the pool after them."""

import asyncio
import inspect
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="NO UNIX SOCKETS HERE: nothing is tested")

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def path() -> Iterator[str]:
    """A path short enough for ``sun_path``, which pytest's own may not be."""
    with tempfile.TemporaryDirectory(prefix="afu") as folder:
        yield str(Path(folder, "s"))


class Peers:
    """A server that answers every request, counts connections, and keeps the heads."""

    def __init__(self) -> None:
        self.made = 0
        self.heads: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        self.writers.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(ANSWER)
        writer.close()


@asynccontextmanager
async def serving(path: str) -> AsyncIterator[Peers]:
    peers = Peers()
    server = await asyncio.start_unix_server(peers.handle, path)
    try:
        yield peers
    finally:
        server.close()
        for writer in peers.writers:
            writer.transport.abort()
        await server.wait_closed()


@pytest.fixture
def full(path: str) -> Iterator[socket.socket]:
    """A listener at *path* whose queue is full: connecting to it has to wait."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        with socket.socket(socket.AF_UNIX) as filler:
            filler.connect(path)
            yield listener


def untouched(connector: Any) -> bool:
    """True when nothing is lent, being opened or taken from the limit."""
    return not (connector._acquired or connector._opening) and connector._slots.used == 0


async def get(session: Any, url: str = "http://local/x", **kwargs: Any) -> bytes:
    async with session.get(url, **kwargs) as resp:
        assert resp.status == 200
        body: bytes = await resp.read()
        return body


@pytest.mark.parametrize("url", ["http://local/x", "unix://local/x"])
async def test_get_and_reuse(lib: Any, path: str, url: str) -> None:
    web = lib.load()
    async with serving(path) as peers:
        connector = web.UnixConnector(path)
        assert connector.path == path
        async with web.ClientSession(connector=connector) as session:
            assert [await get(session, url) for _ in range(3)] == [b"hi"] * 3
        assert peers.made == 1
        assert peers.heads[0].startswith(b"GET /x HTTP/1.1\r\nHost: local\r\n")
        assert connector.closed


async def test_force_close(lib: Any, path: str) -> None:
    web = lib.load()
    async with serving(path) as peers:
        async with web.ClientSession(connector=web.UnixConnector(path, force_close=True)) as session:
            await get(session)
            await get(session)
        assert peers.made == 2


async def test_limit_is_kept(lib: Any, path: str) -> None:
    web = lib.load()
    async with serving(path) as peers:
        async with web.ClientSession(connector=web.UnixConnector(path, limit=2)) as session:
            assert await asyncio.gather(*[get(session) for _ in range(20)]) == [b"hi"] * 20
        assert peers.made == 2


@pytest.mark.parametrize("kind", ["missing", "not a socket", "refusing", "too long"])
async def test_no_connection(lib: Any, path: str, kind: str) -> None:
    web = lib.load()
    if kind == "not a socket":
        Path(path).touch()
    elif kind == "refusing":
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(path)  # the path outlives the socket
    elif kind == "too long":
        path += "x" * 200
    error = lib.load("_client.exceptions").UnixClientConnectorError
    connector = web.UnixConnector(path, limit=1)
    async with web.ClientSession(connector=connector) as session:
        for _ in range(2):
            with pytest.raises(error, match=re.escape(path)) as info:
                await session.get("http://local/")
        assert info.value.path == path
        assert isinstance(info.value.os_error, OSError)
        assert (kind == "missing") == isinstance(info.value.os_error, FileNotFoundError)
        assert untouched(connector)


async def test_scheme_of_another_connector(lib: Any, path: str) -> None:
    web = lib.load()
    async with web.ClientSession(connector=web.UnixConnector(path)) as session:
        with pytest.raises(web.NonHttpUrlClientError):
            await session.get("tcp://local/")


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="ONLY LINUX LETS WHO CONNECTS WAIT: not tested here")
@pytest.mark.parametrize("part", ["sock_connect", "connect"])
async def test_time_out_at_a_full_queue(lib: Any, path: str, full: socket.socket, part: str) -> None:
    web = lib.load()
    connector = web.UnixConnector(path, limit=1)
    async with web.ClientSession(connector=connector) as session:
        names = path if part == "sock_connect" else "local"
        with pytest.raises(web.ConnectionTimeoutError, match=re.escape(names)):
            await session.get("http://local/", timeout=web.ClientTimeout(**{part: 0.05}))
        assert untouched(connector)


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="ONLY LINUX LETS WHO CONNECTS WAIT: not tested here")
async def test_waits_for_room_in_the_queue(lib: Any, path: str, full: socket.socket) -> None:
    web = lib.load()
    peers = Peers()
    async with web.ClientSession(connector=web.UnixConnector(path)) as session:
        request = asyncio.create_task(get(session))
        await asyncio.wait((request,), timeout=0.02)
        assert not request.done()
        server = await asyncio.start_unix_server(peers.handle, sock=full.dup())
        assert await request == b"hi"
        server.close()
    for writer in peers.writers:
        writer.transport.abort()


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="ONLY LINUX LETS WHO CONNECTS WAIT: not tested here")
@pytest.mark.parametrize("way", ["cancel", "close"])
async def test_given_up_while_connecting(lib: Any, path: str, full: socket.socket, way: str) -> None:
    web = lib.load()
    connector = web.UnixConnector(path, limit=1)
    async with web.ClientSession(connector=connector) as session:
        request = asyncio.create_task(get(session))
        await asyncio.wait((request,), timeout=0.02)
        if way == "cancel":
            request.cancel()
        else:
            await connector.close()
        with pytest.raises(asyncio.CancelledError if way == "cancel" else web.ClientConnectionError):
            await request
        assert untouched(connector)


@pytest.mark.skipif(hasattr(asyncio, "ProactorEventLoop"), reason="named pipes may be had here")
async def test_no_named_pipes_here(lib: Any) -> None:
    with pytest.raises(RuntimeError, match="proactor"):
        lib.load().NamedPipeConnector(r"\\.\pipe\x")


def test_interface(lib: Any) -> None:
    web = lib.load()
    for cls, scheme in ((web.UnixConnector, "unix"), (web.NamedPipeConnector, "npipe")):
        assert cls.allowed_protocol_schema_set == {"", "http", "https", "ws", "wss", scheme}
        parameters = inspect.signature(cls).parameters
        assert list(parameters)[:6] == ["path", "force_close", "keepalive_timeout", "limit", "limit_per_host", "loop"]
        assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in list(parameters.values())[:6])
