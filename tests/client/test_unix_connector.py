"""UnixConnector against real Unix sockets: requests, reuse, errors, time-outs, and the pool after them."""

import asyncio
import hashlib
import inspect
import re
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import LOOPS, Certificates, run
from tests.servers import abort

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
async def serving(path: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peers]:
    peers = Peers()
    server = await asyncio.start_unix_server(peers.handle, path, ssl=tls)
    try:
        yield peers
    finally:
        server.close()
        for writer in peers.writers:
            abort(writer)
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


async def test_age_limit(lib: Any, path: str) -> None:
    web = lib.load()
    async with serving(path) as peers:
        connector = web.UnixConnector(path, max_connection_age=0.000001)
        async with web.ClientSession(connector=connector) as session:
            await get(session)
            await get(session)
            assert connector.stats().opened == 2
        assert peers.made == 2


async def test_limit_is_kept(lib: Any, path: str) -> None:
    web = lib.load()
    async with serving(path) as peers:
        async with web.ClientSession(connector=web.UnixConnector(path, limit=2)) as session:
            assert await asyncio.gather(*[get(session) for _ in range(20)]) == [b"hi"] * 20
        assert peers.made == 2


async def test_limit_per_host_is_kept(lib: Any, path: str) -> None:
    """Hosts are those of the URLs, though one path leads to all of them."""
    web = lib.load()
    async with serving(path) as peers:
        async with web.ClientSession(connector=web.UnixConnector(path, limit_per_host=2)) as session:
            await asyncio.gather(*[get(session, f"http://{host}.test/") for host in "ab" for _ in range(10)])
        assert peers.made == 4


async def test_keepalive_timeout(lib: Any, path: str) -> None:
    web = lib.load()
    async with serving(path) as peers:
        connector = web.UnixConnector(path, keepalive_timeout=0.05)
        async with web.ClientSession(connector=connector) as session, asyncio.timeout(5):
            await get(session)
            while connector.stats().closed != {"idle": 1}:
                await asyncio.sleep(0.01)
            await get(session)
        assert peers.made == 2


async def test_loop(lib: Any, path: str) -> None:
    """A connector is for the loop that it was told of; its session has the same one."""
    web = lib.load()
    here, other = asyncio.get_running_loop(), asyncio.new_event_loop()
    with pytest.raises(RuntimeError, match="same event loop"):
        web.ClientSession(connector=web.UnixConnector(path, loop=other), loop=here)
    other.close()
    async with serving(path), web.ClientSession(connector=web.UnixConnector(path, loop=here)) as session:
        assert await get(session) == b"hi"


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
        abort(writer)


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


# TLS


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@LOOPS
@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_tls(lib: Any, path: str, certificates: Certificates, new_loop: Any, scheme: str) -> None:
    """The URL's scheme means what it says over a path as well; the certificate is for the URL's host."""
    web = lib.load()

    async def main() -> None:
        async with serving(path, certificates.server("local.test")) as peers:
            async with web.ClientSession(connector=web.UnixConnector(path)) as session:
                for _ in range(3):
                    assert await get(session, f"{scheme}://local.test/x", ssl=certificates.trusting) == b"hi"
                assert peers.made == 1
                assert peers.heads[0].startswith(b"GET /x HTTP/1.1\r\nHost: local.test\r\n")
                assert await get(session, f"{scheme}://other.test/x", ssl=False) == b"hi"
                options = {"ssl": certificates.trusting, "server_hostname": "local.test"}
                assert await get(session, f"{scheme}://other.test/x", **options) == b"hi"

    run(new_loop, main)


async def test_tls_that_is_not_trusted(lib: Any, path: str, certificates: Certificates) -> None:
    web = lib.load()
    async with serving(path, certificates.server("local.test")) as peers:
        connector = web.UnixConnector(path, limit=1)
        async with web.ClientSession(connector=connector) as session:
            with pytest.raises(web.ClientConnectorCertificateError, match=r"local\.test:443"):
                await session.get("https://local.test/")  # by whom it was issued is not known
            with pytest.raises(web.ClientConnectorCertificateError, match=r"not valid for 'other\.test'"):
                await session.get("https://other.test/", ssl=certificates.trusting)
            assert untouched(connector)
        assert not peers.heads


async def test_tls_with_a_pin(lib: Any, path: str, certificates: Certificates) -> None:
    web = lib.load()
    tls = certificates.server("local.test")
    der = ssl.PEM_cert_to_DER_cert(certificates.leaf.cert_chain_pems[0].bytes().decode())
    connector = web.UnixConnector(path)
    async with serving(path, tls) as peers, web.ClientSession(connector=connector) as session:
        assert await get(session, "https://any.test/", ssl=web.Fingerprint(hashlib.sha256(der).digest())) == b"hi"
        with pytest.raises(web.ServerFingerprintMismatch) as info:
            await session.get("https://any.test/", ssl=web.Fingerprint(b"\0" * 32))
        assert info.value.host == path
        assert len(peers.heads) == 1
        assert not connector._acquired


async def test_tls_where_there_is_none(lib: Any, path: str, certificates: Certificates) -> None:
    web = lib.load()

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_unix_server(other, path)
    connector = web.UnixConnector(path, limit=1)
    async with web.ClientSession(connector=connector) as session:
        with pytest.raises(web.ClientConnectorSSLError, match=r"local\.test:443"):
            await session.get("https://local.test/", ssl=certificates.trusting)
        assert untouched(connector)
    server.close()
    await server.wait_closed()


@LOOPS
@pytest.mark.parametrize("way", ["sock_connect", "connect", "total", "cancel", "close"])
def test_tls_handshake_that_stalls(lib: Any, path: str, certificates: Certificates, new_loop: Any, way: str) -> None:
    web = lib.load()
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        gone.set()
        writer.close()

    async def main() -> None:
        server = await asyncio.start_unix_server(silent, path)
        connector = web.UnixConnector(path, limit=1)
        async with web.ClientSession(connector=connector) as session:
            limit = web.ClientTimeout(**({way: 0.05} if way not in ("cancel", "close") else {}))
            request = asyncio.create_task(get(session, "https://o.test/", ssl=certificates.trusting, timeout=limit))
            if way in ("cancel", "close"):
                await asyncio.wait((request,), timeout=0.05)
                if way == "cancel":
                    request.cancel()
                else:
                    await session.close()
            error = {"cancel": asyncio.CancelledError, "close": web.ClientConnectionError, "total": TimeoutError}
            with pytest.raises(error.get(way, web.ConnectionTimeoutError)) as info:
                await request
            if way == "sock_connect":
                assert path in str(info.value)
            if way != "close":
                assert untouched(connector)
        await gone.wait()
        server.close()
        await server.wait_closed()

    run(new_loop, main)


# Proxies


async def test_no_proxy_is_on_the_way(lib: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the environment are meant for hosts; one that was asked for is refused, not forgotten."""
    web = lib.load()
    monkeypatch.setenv("http_proxy", "http://user:secret@proxy.test:3128")
    connector = web.UnixConnector(path, limit=1)
    async with serving(path) as peers, web.ClientSession(connector=connector, trust_env=True) as session:
        assert await get(session) == b"hi"
        assert peers.heads[0].startswith(b"GET /x HTTP/1.1\r\n")
        assert b"Proxy" not in peers.heads[0]
        for url in ("http://local/", "https://local/"):
            with pytest.raises(ValueError, match=re.escape(path)):
                await session.get(url, proxy="http://proxy.test:3128")
        assert len(peers.heads) == 1
        assert await get(session) == b"hi"


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
