"""``pool``, ``first_byte`` and ``sock_write`` of ``ClientTimeout``: servers that stall there, or only nearly."""

import asyncio
import contextlib
import copy
import dataclasses
import gc
import io
import pickle
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import Any

import attr
import pytest

from tests.against import better
from tests.certificates import LOOPS, Certificates, run
from tests.flows.test_websocket import echo
from tests.servers import Peer, keep_answering, serve

pytestmark = better("has none of them")

SHORT = 0.06  # seconds; for what is to pass
AMPLE = 0.4  # for what must not pass before its time, on a busy machine too
BIG = 1 << 24  # more than all socket buffers of two ends hold
NAMES = ("sock_write", "pool", "first_byte")


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


def limits_left(lib: Any) -> list[Any]:
    """Return the limits that somebody, as a timer, still keeps."""
    gc.collect()
    kind = lib.load("_client.time_limits").TimeLimits
    return [thing for thing in gc.get_objects() if type(thing) is kind]


def assert_whole(session: Any) -> None:
    """Nothing is in use, nobody waits, no slot is lost, no broken connection kept."""
    stats = session.connector.stats()
    assert (stats.acquired, stats.waiting, stats.idle) == (0, 0, 0)
    assert session.connector._slots.used == 0
    assert not session.connector._slots.used_per_host


async def head_never(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


async def reads_nothing(peer: Peer) -> None:
    await peer.head()
    await asyncio.Event().wait()


# The parameters themselves


def test_fields(lib):
    ClientTimeout = lib.load().ClientTimeout
    timeout = ClientTimeout(1, 2, 3, 4, 5, sock_write=6, pool=7, first_byte=8)
    assert repr(timeout).endswith("(total=1, connect=2, sock_read=3, sock_connect=4, ceil_threshold=5, "
                                  "sock_write=6, pool=7, first_byte=8)")  # fmt: skip
    assert pickle.loads(pickle.dumps(timeout)) == timeout == copy.copy(timeout)
    assert dataclasses.replace(timeout, pool=9).pool == attr.evolve(timeout, pool=9).pool == 9
    assert attr.asdict(timeout) == dataclasses.asdict(timeout)
    assert timeout != dataclasses.replace(timeout, first_byte=None)
    assert [getattr(ClientTimeout(), name) for name in NAMES] == [None] * 3
    with pytest.raises(TypeError):
        ClientTimeout(1, 2, 3, 4, 5, 6)


# A slot of the connector


@contextlib.asynccontextmanager
async def full(aiohttp: Any, **options: Any) -> AsyncIterator[tuple[Any, Any, Any]]:
    """Give a session whose only connection is in use, its server, and the response that uses it."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        with contextlib.suppress(asyncio.IncompleteReadError):
            await keep_answering(peer)

    connector = aiohttp.TCPConnector(**(options or {"limit": 1}))
    async with serve(handler) as server, aiohttp.ClientSession(connector=connector) as session:
        yield session, server, await session.get(server.url)


@pytest.mark.parametrize("options", [{"limit": 1}, {"limit_per_host": 1}, {"limit": 1, "limit_per_host": 1}], ids=str)
@pytest.mark.parametrize("traced", [False, True])
async def test_pool(lib, options, traced):
    aiohttp = lib.load()
    async with full(aiohttp, **options) as (session, server, holder):
        if traced:
            session._trace_configs.append(aiohttp.TraceConfig())
            session._trace_configs[0].freeze()
        with pytest.raises(aiohttp.ConnectionTimeoutError, match="limits allow were in use") as info:
            await session.get(server.url, timeout=aiohttp.ClientTimeout(pool=SHORT, connect=AMPLE, total=5))
        assert (info.value.limit_name, info.value.limit, info.value.phase) == ("pool", SHORT, "pool")
        assert SHORT * 0.9 < info.value.elapsed < AMPLE
        assert "limit: pool=0.06]" in str(info.value)
        assert session.connector.stats().waiting == 0
        holder.close()
        assert_whole(session)
        async with session.get(server.url, timeout=aiohttp.ClientTimeout(pool=SHORT)) as response:
            assert response.status == 200
            response.close()
        assert_whole(session)


async def test_connect_bounds_the_wait_too(lib):
    aiohttp = lib.load()
    async with full(aiohttp) as (session, server, holder):
        with pytest.raises(aiohttp.ConnectionTimeoutError) as info:
            await session.get(server.url, timeout=aiohttp.ClientTimeout(pool=AMPLE, connect=SHORT))
        assert (info.value.limit_name, info.value.phase) == ("connect", "pool")
        with pytest.raises(TimeoutError) as late:
            await session.get(server.url, timeout=aiohttp.ClientTimeout(pool=AMPLE, total=SHORT))
        assert (late.value.limit_name, late.value.phase) == ("total", "pool")
        holder.close()
        assert_whole(session)


@pytest.mark.parametrize("options", [{"limit": 1}, {"limit_per_host": 1}], ids=str)
async def test_who_leaves_the_queue_takes_nobodys_turn(lib, options):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(b"", b"Connection: close")

    async with serve(handler) as other, full(aiohttp, **options) as (session, server, holder):
        url = server.url if options == {"limit_per_host": 1} else other.url
        order = []

        async def get(name: str, **limits: Any) -> None:
            try:
                async with session.get(url, timeout=aiohttp.ClientTimeout(**limits)):
                    order.append(name)
            except aiohttp.ConnectionTimeoutError:
                order.append(f"{name} late")

        waiting = []
        for name, options in (("a", {}), ("b", {"pool": SHORT}), ("c", {"pool": 5}), ("d", {})):
            waiting.append(asyncio.ensure_future(get(name, **options)))
            await asyncio.sleep(0)
        while not order:
            await asyncio.sleep(0.005)
        assert (order, session.connector.stats().waiting) == (["b late"], 3)
        holder.close()
        await asyncio.gather(*waiting)
        assert order == ["b late", "a", "c", "d"]


async def test_slots_that_are_freed_while_the_limit_passes_are_not_lost(lib):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(limit=2, limit_per_host=2)
    async with serve(keep_answering) as server, aiohttp.ClientSession(connector=connector) as session:

        async def get(n: int) -> bool:
            try:
                async with session.get(server.url, timeout=aiohttp.ClientTimeout(pool=0.0002 * (n % 40 + 1))) as r:
                    return await r.read() == b"ok"
            except aiohttp.ConnectionTimeoutError as exc:
                assert exc.limit_name == "pool"  # noqa: PT017
                return False

        outcomes = [got for _ in range(5) for got in await asyncio.gather(*(get(n) for n in range(80)))]
        assert set(outcomes) == {False, True}
        assert (connector.stats().acquired, connector.stats().waiting, connector._slots.used) == (0, 0, 0)
        assert await asyncio.gather(get(39), get(39)) == [True, True]


async def test_handlers_of_signals_do_not_count_as_waiting(lib):
    aiohttp = lib.load()

    async def slowly(*_: Any) -> None:
        await asyncio.sleep(AMPLE)

    config = aiohttp.TraceConfig()
    config.on_connection_queued_start.append(slowly)
    config.on_connection_queued_end.append(slowly)
    async with full(aiohttp) as (session, server, holder):
        async with aiohttp.ClientSession(
            connector=session.connector, connector_owner=False, trace_configs=[config]
        ) as traced:
            waiting = asyncio.ensure_future(traced.get(server.url, timeout=aiohttp.ClientTimeout(pool=AMPLE / 2)))
            await asyncio.sleep(SHORT)
            holder.close()
            async with await waiting as response:
                assert response.status == 200


async def test_connector_closed_while_somebody_waits(lib):
    aiohttp = lib.load()
    async with full(aiohttp) as (session, server, holder):
        waiting = asyncio.ensure_future(session.get(server.url, timeout=aiohttp.ClientTimeout(pool=5)))
        while not session.connector.stats().waiting:
            await asyncio.sleep(0)
        await session.close()
        with pytest.raises(aiohttp.ClientConnectionError, match="Connector is closed"):
            await waiting
        holder.close()


# The head of the answer


async def hints_without_end(peer: Peer) -> None:
    await peer.request()
    with contextlib.suppress(ConnectionError):
        while not peer.writer.is_closing():  # uvloop's raises another error
            await peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
            await asyncio.sleep(SHORT / 8)


async def head_drips(peer: Peer) -> None:
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nX: ")
    with contextlib.suppress(ConnectionError):
        while not peer.writer.is_closing():
            await peer.send(b"x")
            await asyncio.sleep(SHORT / 8)


async def sent_in_pieces(*pieces: bytes, pause: float = 0) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(pause)


@pytest.mark.parametrize("handler", [head_never, hints_without_end, head_drips])
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@LOOPS
def test_first_byte(lib, certificates, new_loop, handler, secure):
    aiohttp = lib.load()
    tight = aiohttp.ClientTimeout(first_byte=SHORT, sock_read=AMPLE, total=5)

    async def main() -> None:
        connector = aiohttp.TCPConnector(ssl=certificates.trusting)
        async with (
            serve(handler, certificates.server() if secure else None) as server,
            aiohttp.ClientSession(connector=connector, timeout=tight) as session,
        ):
            for options in ({}, {"data": b"x"}, {"data": sent_in_pieces(b"a", b"b")}, {"expect100": True}):
                with pytest.raises(aiohttp.SocketTimeoutError, match=r"no head of one within 0\.06 s") as info:
                    await session.post(server.url, **options)
                assert (info.value.limit_name, info.value.limit, info.value.phase) == ("first_byte", SHORT, "head")
                assert info.value.elapsed > SHORT * 0.9
                assert_whole(session)
        assert not limits_left(lib)

    run(new_loop, main)


async def test_whichever_falls_first_names_the_error(lib):
    aiohttp = lib.load()
    async with serve(head_never) as server, aiohttp.ClientSession() as session:
        for first in ("first_byte", "sock_read", "total"):
            limits = {"first_byte": AMPLE, "sock_read": AMPLE, "total": AMPLE, first: SHORT}
            with pytest.raises(TimeoutError) as info:
                await session.get(server.url, timeout=aiohttp.ClientTimeout(**limits))
            assert (info.value.limit_name, info.value.phase) == (first, "head")
        assert not limits_left(lib)


@LOOPS
def test_first_byte_counts_from_the_end_of_the_body(lib, new_loop):
    aiohttp = lib.load()

    async def main() -> None:
        limit = aiohttp.ClientTimeout(first_byte=AMPLE)
        async with serve(keep_answering) as server, aiohttp.ClientSession(timeout=limit) as session:
            pieces = sent_in_pieces(b"a", b"b", b"c", pause=AMPLE / 2)
            async with session.post(server.url, data=pieces) as response:
                assert await response.read() == b"ok"
            assert server.bodies == [b"abc"]

    run(new_loop, main)


async def test_answer_before_the_end_of_the_body_is_in_time(lib):
    aiohttp = lib.load()
    limit = 0.1

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        await peer.reader.readuntil(b"0\r\n\r\n")
        await asyncio.sleep(limit * 3)
        await peer.send(b"ok")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        pieces = sent_in_pieces(b"a", b"b", pause=limit / 2)
        async with session.post(server.url, data=pieces, timeout=aiohttp.ClientTimeout(first_byte=limit)) as response:
            assert await response.read() == b"ok"


async def test_first_byte_does_not_bound_the_body(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        await asyncio.sleep(AMPLE * 1.5)
        await peer.answer()
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, timeout=aiohttp.ClientTimeout(first_byte=AMPLE)) as response:
            assert await response.content.readexactly(2) == b"HT"


async def test_each_turn_has_its_own_first_byte(lib):
    """Redirects, and the second attempt where a kept connection proved dead."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        head, _ = await peer.request()
        if head.startswith(b"GET /warm"):
            await peer.answer()
            await peer.request()  # and hang up
            await asyncio.sleep(AMPLE * 0.6)
            return
        for _ in range(3):
            await asyncio.sleep(AMPLE * 0.6)
            status = b"302 Found" if head.startswith(b"GET /again") else b"200 OK"
            await peer.answer(b"ok", b"Location: /again/" if head.endswith(b"/again HTTP/1.1") else b"Location: /end",
                              status=status)  # fmt: skip
            head, _ = await peer.request()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        limit = aiohttp.ClientTimeout(first_byte=AMPLE)
        async with session.get(server.url / "again", timeout=limit) as response:
            assert (await response.read(), response.url.path) == (b"ok", "/end")
        await session.connector.close()
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        await (await session.get(server.url / "warm")).read()
        async with session.get(server.url / "cold", timeout=limit) as response:
            assert await response.read() == b"ok"
        assert session.connector.stats().stale_retries == 1


# Writing


@contextlib.contextmanager
def as_body(kind: str, size: int) -> Iterator[Any]:
    """Give *size* bytes in one of the ways in which they can be uploaded."""
    if kind == "file":
        with tempfile.TemporaryFile() as file:
            file.write(b"x" * size)
            file.seek(0)
            yield file
    else:
        yield {"memory": io.BytesIO(b"x" * size), "pieces": sent_in_pieces(*[b"x" * (size // 2)] * 2)}[kind]


def small_socket(addr_info: Any) -> socket.socket:
    """Make a socket whose kernel keeps little, so that a slow peer is felt."""
    made = socket.socket(*addr_info[:3])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    return made


@pytest.mark.parametrize("kind", ["memory", "file", "pieces"])
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@LOOPS
def test_sock_write(lib, certificates, new_loop, kind, secure):
    aiohttp = lib.load()
    tight = aiohttp.ClientTimeout(sock_write=SHORT, sock_read=SHORT, first_byte=SHORT, total=5)

    async def main() -> None:
        connector = aiohttp.TCPConnector(ssl=certificates.trusting)
        async with (
            serve(reads_nothing, certificates.server() if secure else None) as server,
            aiohttp.ClientSession(connector=connector, timeout=tight) as session,
        ):
            with as_body(kind, 2 * BIG) as body:
                with pytest.raises(aiohttp.SocketTimeoutError, match=r"the peer took nothing for 0\.06 s") as info:
                    await session.put(server.url, data=body)
            assert (info.value.limit_name, info.value.limit, info.value.phase) == ("sock_write", SHORT, "send")
            assert info.value.elapsed > SHORT * 0.9
            assert_whole(session)
        assert not limits_left(lib)

    run(new_loop, main)


@pytest.mark.parametrize("kind", ["file", "pieces"])
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
@LOOPS
def test_peer_that_takes_slowly_is_not_late(lib, certificates, new_loop, kind, secure):
    """A piece stays above the high-water mark for longer than the limit; over TLS, where nobody sees it (asyncio)."""
    aiohttp = lib.load()
    size, step = 3 << 20, 1 << 17

    async def handler(peer: Peer) -> None:
        sock = peer.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
        head = await peer.head()
        if b"Content-Length" not in head:
            await peer.reader.readline()
        for _ in range(size // step):
            await peer.reader.readexactly(step)
            await asyncio.sleep(AMPLE / 10)
        if b"Content-Length" not in head:
            await peer.reader.readuntil(b"0\r\n\r\n")
        await peer.answer()
        await peer.gone()

    async def main() -> None:
        connector = aiohttp.TCPConnector(ssl=certificates.trusting, socket_factory=small_socket)
        loop = asyncio.get_running_loop()
        async with (
            serve(handler, certificates.server() if secure else None) as server,
            aiohttp.ClientSession(connector=connector) as session,
        ):
            started = loop.time()
            with as_body(kind, size) as body:
                limit = aiohttp.ClientTimeout(sock_write=AMPLE)
                async with session.put(server.url, data=body, timeout=limit) as response:
                    assert await response.read() == b"ok"
            assert loop.time() - started > AMPLE * 2
        assert not limits_left(lib)

    run(new_loop, main)


@pytest.mark.parametrize("takes", [False, True])
async def test_unix_sockets_are_watched_too(lib, tmp_path, takes):
    """There the kernel does not say what the peer took."""
    aiohttp = lib.load()
    path = str(tmp_path / "s")
    size = 1 << 22
    given_up, ended = asyncio.Event(), asyncio.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if takes:
            for _ in range(32):
                await reader.readexactly(size // 32)
                await asyncio.sleep(AMPLE / 10)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await reader.read()
        else:
            await given_up.wait()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        ended.set()

    limit = AMPLE if takes else SHORT
    async with await asyncio.start_unix_server(connected, path):
        async with aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(path), timeout=aiohttp.ClientTimeout(sock_write=limit, total=10)
        ) as session:
            request = session.put("http://local/", data=io.BytesIO(b"x" * size))
            if takes:
                async with request as response:
                    assert await response.read() == b"ok"
            else:
                with pytest.raises(aiohttp.SocketTimeoutError) as info:
                    await request
                assert (info.value.limit_name, info.value.phase) == ("sock_write", "send")
                assert_whole(session)
        given_up.set()
        await ended.wait()


@LOOPS
def test_answer_that_is_there_is_not_lost(lib, new_loop):
    """The whole of it came, and the peer takes no more of the request: the connection goes, the answer stays."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.answer(b"enough")
        await asyncio.Event().wait()

    async def main() -> None:
        limit = aiohttp.ClientTimeout(sock_write=SHORT, total=5)
        async with serve(handler) as server, aiohttp.ClientSession(timeout=limit) as session:
            response = await session.put(server.url, data=io.BytesIO(b"x" * BIG))
            while session.connector.stats().acquired:
                await asyncio.sleep(0.005)
            assert await response.read() == b"enough"
            await response.wait_for_close()
            assert_whole(session)
        assert not limits_left(lib)

    run(new_loop, main)


async def test_body_of_the_answer_ends_with_it(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await asyncio.Event().wait()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        limit = aiohttp.ClientTimeout(sock_write=SHORT, total=5)
        async with session.put(server.url, data=io.BytesIO(b"x" * BIG), timeout=limit) as response:
            with pytest.raises(aiohttp.SocketTimeoutError) as info:
                await response.read()
        assert (info.value.limit_name, info.value.phase) == ("sock_write", "send")
        assert_whole(session)


# What is left of them


@pytest.mark.parametrize("end", ["read", "release", "close", "cancel", "status"])
@LOOPS
def test_timers_end_with_the_request(lib, new_loop, end):
    aiohttp = lib.load()
    limits = aiohttp.ClientTimeout(sock_write=60, first_byte=60, pool=60, ceil_threshold=100)

    async def handler(peer: Peer) -> None:
        await peer.request()
        if end == "cancel":
            await peer.gone()
        await peer.answer(b"x" * (1 << 20 if end in ("release", "close") else 2), status=b"404 No")
        await peer.gone()

    async def main() -> None:
        async with serve(handler) as server, aiohttp.ClientSession(timeout=limits) as session:
            request = asyncio.ensure_future(
                session.put(server.url, data=io.BytesIO(b"x" * BIG), raise_for_status=end == "status")
            )
            if end == "cancel":
                while not server.bodies:
                    await asyncio.sleep(0.001)
                assert limits_left(lib)
                request.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await request
            elif end == "status":
                with pytest.raises(aiohttp.ClientResponseError):
                    await request
            else:
                response = await request
                if end == "read":
                    await response.read()
                else:
                    getattr(response, end)()
            assert not limits_left(lib)

    run(new_loop, main)


@LOOPS
def test_a_websocket_has_none_of_them(lib, new_loop):
    aiohttp = lib.load()

    async def main() -> None:
        tight = aiohttp.ClientTimeout(sock_write=0.1, first_byte=0.1)
        async with serve(echo) as server, aiohttp.ClientSession(timeout=tight) as session:
            async with session.ws_connect(server.url) as ws:
                assert not limits_left(lib)
                await asyncio.sleep(0.25)
                await ws.send_str("a")
                assert await ws.receive_str() == "a"
        async with serve(head_never) as server, aiohttp.ClientSession(timeout=tight) as session:
            with pytest.raises(aiohttp.SocketTimeoutError) as info:
                await session.ws_connect(server.url)
            assert info.value.limit_name == "first_byte"

    run(new_loop, main)


async def test_next_request_of_the_connection_has_no_limit_of_the_last(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.request()
        await asyncio.sleep(AMPLE * 1.5)
        await peer.answer()
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        limited = aiohttp.ClientTimeout(first_byte=AMPLE, sock_write=AMPLE)
        assert await (await session.get(server.url, timeout=limited)).read() == b"ok"
        assert await (await session.get(server.url, timeout=None)).read() == b"ok"
        assert server.connections == 1
