"""Every constructor parameter of the connectors: each test fails where the option has no effect."""

import asyncio
import functools
import gc
import socket
import time
from typing import Any

import pytest

from tests.against import better
from tests.flows.options.test_session import fetch
from tests.flows.test_tls import polite_or_silent
from tests.servers import Peer, serve


def session_with(aiohttp: Any, **options: Any) -> Any:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(**options))


# Keeping connections


async def test_keepalive_timeout(lib, answering):
    async with session_with(lib.load(), keepalive_timeout=0.4) as session:
        await fetch(session, answering.url)
        await fetch(session, answering.url)
        assert answering.connections == 1
        await asyncio.sleep(0.9)
        await fetch(session, answering.url)
        assert answering.connections == 2


async def test_connections_are_kept_by_default(lib, answering):
    async with session_with(lib.load()) as session:
        await fetch(session, answering.url)
        await asyncio.sleep(0.2)
        await fetch(session, answering.url)
    assert answering.connections == 1


@better("an idle connection is closed no sooner than it is needed, or after two seconds")
async def test_keepalive_timeout_closes_what_is_idle(lib, answering):
    async with session_with(lib.load(), keepalive_timeout=0.05) as session:
        await fetch(session, answering.url)
        deadline = time.monotonic() + 5
        while answering.open and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        assert not answering.open
        assert not session.closed


async def test_force_close(lib, answering):
    async with session_with(lib.load(), force_close=True) as session:
        assert session.connector.force_close is True
        await fetch(session, answering.url)
        await fetch(session, answering.url)
    assert answering.connections == 2
    assert all(b"onnection: close" in head for head in answering.requests)


async def test_force_close_and_keepalive_timeout_exclude_each_other(lib):
    with pytest.raises(ValueError, match="keepalive_timeout"):
        lib.load().TCPConnector(force_close=True, keepalive_timeout=5)
    gc.collect()


# Limits


async def most_at_once(session: Any, hosts: tuple[str, ...], expected: int, each: int = 6) -> int:
    """Return how many requests the server held at once."""
    now = highest = 0
    full = asyncio.Event()

    async def handler(peer: Peer) -> None:
        nonlocal now, highest
        while True:
            await peer.request()
            now += 1
            highest = max(highest, now)
            if now == expected:
                await asyncio.sleep(0.03)  # for those that should not come
                full.set()
            await full.wait()
            now -= 1
            await peer.answer()

    async with serve(handler) as server:
        urls = [server.url.with_host(host) for host in hosts for _ in range(each)]
        await asyncio.wait_for(asyncio.gather(*(fetch(session, url) for url in urls)), 10)
        await session.close()
    return highest


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"limit": 1}, 1), ({"limit": 4}, 4), ({"limit": 0}, 12), ({"limit": None}, 12), ({}, 12),
        ({"limit_per_host": 2}, 4), ({"limit_per_host": 0}, 12), ({"limit": 3, "limit_per_host": 2}, 3),
    ],
)  # fmt: skip
async def test_limits(lib, resolver, options, expected):
    aiohttp = lib.load()
    session = session_with(aiohttp, resolver=resolver(), **options)
    assert await most_at_once(session, ("a.test", "b.test"), expected) == expected


@better("cancelled waiters upset the order")
async def test_waiters_are_served_in_order(lib):
    order = []

    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            order.append(int(head.split(b" ")[1][1:]))
            await peer.answer()

    async with serve(handler) as server, session_with(lib.load(), limit=1) as session:
        waiting = []
        for n in range(20):
            waiting.append(asyncio.ensure_future(fetch(session, server.url / str(n))))
            await asyncio.sleep(0)
        for n in (3, 7, 8):
            waiting[n].cancel()
        await asyncio.wait(waiting)
    assert order == [n for n in range(20) if n not in (3, 7, 8)]


# Names


async def test_resolver(lib, answering, book, resolver):
    names = resolver()
    async with session_with(lib.load(), resolver=names) as session:
        await fetch(session, answering.url.with_host("name.test"))
    assert book.asked == ["name.test"]
    assert not book.closed  # it was passed in, and stays the caller's
    await names.close()
    assert f"Host: name.test:{answering.url.port}".encode() in answering.requests[0]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({}, 1), ({"use_dns_cache": True, "ttl_dns_cache": None}, 1), ({"ttl_dns_cache": 60}, 1),
        ({"use_dns_cache": False}, 3), ({"ttl_dns_cache": 0.001}, 3), ({"use_dns_cache": False, "ttl_dns_cache": 9}, 3),
    ],
)  # fmt: skip
async def test_dns_cache(lib, answering, book, resolver, options, asked):
    async with session_with(lib.load(), resolver=resolver(), force_close=True, **options) as session:
        for _ in range(3):
            await fetch(session, answering.url.with_host("name.test"))
            await asyncio.sleep(0.005)
    assert len(book.asked) == asked


async def test_dns_cache_max_size(lib, answering, book, resolver):
    async with session_with(lib.load(), resolver=resolver(), dns_cache_max_size=2, force_close=True) as session:
        for name in ("a.test", "b.test", "c.test", "c.test", "b.test", "a.test"):
            await fetch(session, answering.url.with_host(name))
    assert book.asked == ["a.test", "b.test", "c.test", "a.test"]


async def test_clear_dns_cache(lib, answering, book, resolver):
    async with session_with(lib.load(), resolver=resolver(), force_close=True) as session:
        for clear in ((), ("a.test", answering.url.port), ("b.test", 1)):
            await fetch(session, answering.url.with_host("a.test"))
            session.connector.clear_dns_cache(*clear)
        await fetch(session, answering.url.with_host("a.test"))
        with pytest.raises(ValueError):
            session.connector.clear_dns_cache("a.test")
    assert book.asked == ["a.test"] * 3


async def test_duplicate_look_ups_are_one(lib, answering, book, resolver):
    async with session_with(lib.load(), resolver=resolver()) as session:
        await asyncio.gather(*(fetch(session, answering.url.with_host("name.test")) for _ in range(5)))
    assert book.asked == ["name.test"]


# Sockets


@pytest.mark.parametrize(
    ("family", "passes"),
    [
        (socket.AF_UNSPEC, True),
        (socket.AF_INET, True),
        pytest.param(socket.AF_INET6, False, marks=better("raises an AssertionError")),
    ],
)
async def test_family(lib, answering, book, resolver, family, passes):
    """Addresses of another family are not tried, though the resolver gave them."""
    aiohttp = lib.load()
    book.hosts["name.test"] = ["127.0.0.1"]
    async with session_with(aiohttp, resolver=resolver(), family=family) as session:
        assert session.connector.family == family
        url = answering.url.with_host("name.test")
        if passes:
            assert await fetch(session, url) == b"ok"
        else:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(url)
    assert answering.connections == passes


async def test_local_addr(lib, answering):
    async with session_with(lib.load(), local_addr=("127.0.0.2", 0)) as session:
        await fetch(session, answering.url)
    assert answering.peers[0].writer.get_extra_info("peername")[0] == "127.0.0.2"


async def test_socket_factory(lib, answering):
    made = []

    def factory(addr_info: Any) -> socket.socket:
        made.append(addr_info)
        sock = socket.socket(*addr_info[:3])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock

    async with session_with(lib.load(), socket_factory=factory) as session:
        async with session.get(answering.url) as response:
            await response.read()
    ((family, kind, _, _, address),) = made
    assert (family, kind, address) == (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", answering.url.port))


class Stuck:
    """Connecting to an address of this list never ends, as behind a firewall that drops."""

    def __init__(self, stuck: tuple[str, ...]) -> None:
        self.stuck = stuck
        self.tried: list[str] = []
        self.full: list[socket.socket] = []

    def __call__(self, addr_info: Any) -> socket.socket:
        self.tried.append(addr_info[4][0])
        return socket.socket(*addr_info[:3])

    def block(self, port: int) -> None:
        for host in self.stuck:
            listening = socket.socket()
            listening.bind((host, port))
            listening.listen(0)
            self.full.append(listening)
            for _ in range(3):
                waiting = socket.socket()
                waiting.setblocking(False)
                waiting.connect_ex((host, port))
                self.full.append(waiting)

    def close(self) -> None:
        for sock in self.full:
            sock.close()


@pytest.mark.parametrize(("delay", "quick"), [(0.02, True), (None, False)])
async def test_happy_eyeballs_delay(lib, answering, book, resolver, delay, quick):
    """The next address is tried after this time; with None only when the one before has failed."""
    aiohttp = lib.load()
    book.hosts["name.test"] = ["127.0.0.2", "127.0.0.1"]
    stuck = Stuck(("127.0.0.2",))
    stuck.block(answering.url.port)
    options = {"resolver": resolver(), "happy_eyeballs_delay": delay, "socket_factory": stuck}
    async with session_with(aiohttp, **options) as session:
        asking = asyncio.ensure_future(fetch(session, answering.url.with_host("name.test")))
        await asyncio.wait([asking], timeout=5 if quick else 0.4)
        assert asking.done() is quick
        assert stuck.tried == (["127.0.0.2", "127.0.0.1"] if quick else ["127.0.0.2"])
        asking.cancel()
        await asyncio.wait([asking])
    stuck.close()


@better("tries for ever with interleave=0")
@pytest.mark.parametrize(
    ("interleave", "order"),
    [
        (None, ["::1", "127.0.0.2", "127.0.0.3"]),
        (0, ["::1", "127.0.0.2", "127.0.0.3"]),
        (1, ["::1", "127.0.0.2", "127.0.0.3"]),
    ],
)
async def test_interleave(lib, answering, book, resolver, interleave, order):
    """All of them are tried, in the order that RFC 8305 gives."""
    aiohttp = lib.load()
    book.hosts["name.test"] = ["::1", "127.0.0.2", "127.0.0.3"]
    seen = Stuck(())
    options: dict[str, Any] = {"resolver": resolver(), "interleave": interleave, "socket_factory": seen}
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with session_with(aiohttp, **options) as session:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(f"http://name.test:{nobody.getsockname()[1]}/")
    assert seen.tried == order


@pytest.mark.parametrize(("interleave", "second"), [(1, "127.0.0.2"), (2, "::2")])
async def test_interleave_of_two_families(lib, book, resolver, interleave, second):
    """How many of the first family come before the other's turn."""
    aiohttp = lib.load()
    book.hosts["name.test"] = ["::1", "::2", "127.0.0.2", "127.0.0.3"]
    seen = Stuck(())
    options: dict[str, Any] = {"resolver": resolver(), "interleave": interleave, "socket_factory": seen}
    async with session_with(aiohttp, happy_eyeballs_delay=0.2, **options) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("http://name.test:1/")
    assert seen.tried[:2] == ["::1", second]


# TLS


@pytest.mark.parametrize("kind", ["context", "fingerprint", "off", "check"])
async def test_ssl(lib, certified, trusting, digest, kind):
    aiohttp = lib.load()
    async with serve(saying_ok, certified) as server:
        good = {"context": trusting, "fingerprint": aiohttp.Fingerprint(digest), "off": False}
        async with session_with(aiohttp, ssl=good.get(kind, True)) as session:
            if kind == "check":
                with pytest.raises(aiohttp.ClientConnectorCertificateError):
                    await session.get(server.url)
            else:
                assert await fetch(session, server.url.with_host("127.0.0.1")) == b"ok"
                with pytest.raises(aiohttp.ServerFingerprintMismatch):  # the request's word counts
                    await session.get(server.url.with_host("127.0.0.1"), ssl=aiohttp.Fingerprint(b"\0" * 32))


async def saying_ok(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.answer()


@pytest.mark.parametrize("timeout", [0, 1])
@pytest.mark.parametrize("where", ["session", "connector"])
async def test_ssl_shutdown_timeout(lib, certified, trusting, where, timeout):
    """How long closing waits for a TLS peer that does not answer the end."""
    aiohttp = lib.load()
    make = aiohttp.ClientSession if where == "session" else functools.partial(session_with, aiohttp)
    with pytest.warns(DeprecationWarning, match="ssl_shutdown_timeout"):
        session = make(ssl_shutdown_timeout=timeout)
    with polite_or_silent(certified, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", silent=True) as url:
        await fetch(session, url, ssl=trusting)
        started = time.monotonic()
        await session.close()
        took = time.monotonic() - started
    assert timeout * 0.9 <= took < timeout * 4 + 0.8


# Unix sockets


async def test_unix_connector(lib, tmp_path):
    aiohttp = lib.load()
    heads = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            heads.append(head)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()
        await writer.wait_closed()

    path = str(tmp_path / "s")
    listening = await asyncio.start_unix_server(answer, path)
    connector = aiohttp.UnixConnector(path, limit=1, keepalive_timeout=5)
    assert (connector.path, connector.limit) == (path, 1)
    async with aiohttp.ClientSession(connector=connector) as session:
        for _ in range(2):
            assert await fetch(session, "http://any.example/x") == b"ok"
    assert heads == [b"GET /x HTTP/1.1\r\n"] * 2
    listening.close()
    await listening.wait_closed()


async def test_loop_of_a_connector(lib, answering):
    aiohttp = lib.load()
    async with session_with(aiohttp, loop=asyncio.get_running_loop()) as session:
        assert await fetch(session, answering.url) == b"ok"


async def test_custom_look_ups_of_addresses_only(lib, answering, book, resolver):
    """An address in the URL is nobody's name."""
    async with session_with(lib.load(), resolver=resolver()) as session:
        assert await fetch(session, answering.url) == b"ok"
    assert book.asked == []
