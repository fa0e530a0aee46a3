"""Every part of ``ClientTimeout`` at every stage, with servers that stall there, and the exact exception."""

import asyncio
import io
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest
from yarl import URL

from tests.against import REFERENCE, better
from tests.servers import Peer, keep_answering, serve

SHORT = 0.06  # seconds; for what is to pass
AMPLE = 0.4  # for what must not pass before its time, on a busy machine too
BIG = 1 << 24  # more than all socket buffers of two ends hold


async def head_never(peer: Peer) -> None:
    await peer.head()
    await peer.gone()


async def body_stops(peer: Peer) -> None:
    await peer.head()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
    await peer.gone()


async def chunks_never_end(peer: Peer) -> None:
    await peer.head()
    await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
    await peer.gone()


async def reads_nothing(peer: Peer) -> None:
    await peer.head()
    peer.reader._transport.pause_reading()
    await asyncio.Event().wait()


async def handshake_never(peer: Peer) -> None:
    await peer.gone()


async def head_drips(peer: Peer) -> None:
    await peer.head()
    await peer.send(b"HTTP/1.1 200 OK\r\n")
    await peer.gone()


def full_socket(stack: ExitStack) -> URL:
    """Return the address of a listener whose queue is full: connecting to it takes for ever."""
    listening = stack.enter_context(socket.socket())
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    for _ in range(3):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(listening.getsockname())
    return URL.build(scheme="http", host="127.0.0.1", port=listening.getsockname()[1])


@asynccontextmanager
async def stalling(aiohttp: Any, resolver: Any, stage: str) -> AsyncIterator[tuple[Any, Callable[..., Any]]]:
    """Give a session and a function that makes a request which stalls at *stage*; ``act.seen`` are their heads."""
    handlers = {
        "tls": handshake_never,
        "write": reads_nothing,
        "head": head_never,
        "rest of head": head_drips,
        "body": body_stops,
        "end": chunks_never_end,
    }
    options: dict[str, Any] = {"data": io.BytesIO(b"x" * BIG)} if stage == "write" else {}
    with ExitStack() as stack:
        async with serve(handlers.get(stage, keep_answering)) as server:
            url = server.url
            if stage == "connect":
                url = full_socket(stack)
            elif stage == "dns":
                url = url.with_host("stalled.test")
            elif stage == "tls":
                url, options["ssl"] = url.with_scheme("https"), ssl.create_default_context()
            connector = aiohttp.TCPConnector(limit=1, resolver=resolver())
            async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout()) as session:

                async def act(timeout: Any) -> None:
                    async with session.post(url, timeout=timeout, **options) as response:
                        await response.read()

                act.seen = server.requests  # type: ignore[attr-defined]
                if stage == "pool":
                    async with serve(body_stops) as other, session.get(other.url):
                        yield session, act
                else:
                    yield session, act


# What ends each stage: a limit that is not named leaves the request waiting there.
CONNECT, SOCKET, TOTAL = "ConnectionTimeoutError", "SocketTimeoutError", "TimeoutError"
STAGES = {
    "pool": {"total": TOTAL, "connect": CONNECT, "pool": CONNECT},
    "dns": {"total": TOTAL, "connect": CONNECT},
    "connect": {"total": TOTAL, "connect": CONNECT, "sock_connect": CONNECT},
    "tls": {"total": TOTAL, "connect": CONNECT, "sock_connect": CONNECT},
    "write": {"total": TOTAL, "sock_write": SOCKET},  # the time to read begins when all is written
    "head": {"total": TOTAL, "sock_read": SOCKET, "first_byte": SOCKET},
    "rest of head": {"total": TOTAL, "sock_read": SOCKET, "first_byte": SOCKET},
    "body": {"total": TOTAL, "sock_read": SOCKET},
    "end": {"total": TOTAL, "sock_read": SOCKET},
}
OUR_OWN = ("pool", "sock_write", "first_byte")  # see test_stage_limits.py, too
ENDS = [
    (stage, part, name)
    for stage, parts in STAGES.items()
    for part, name in parts.items()
    if not (REFERENCE and part in OUR_OWN)
]
WAITS = [
    (stage, part)
    for stage, parts in STAGES.items()
    for part in ("connect", "sock_connect", "sock_read", *(() if REFERENCE else OUR_OWN))
    if part not in parts
]


@pytest.mark.parametrize(("stage", "part", "name"), ENDS)
async def test_limit_that_ends_the_stage(lib, book, resolver, stage, part, name):
    aiohttp = lib.load()
    book.stalled = stage == "dns"
    async with stalling(aiohttp, resolver, stage) as (session, act):
        started = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError) as info:
            await asyncio.wait_for(act(aiohttp.ClientTimeout(**{part: SHORT})), 5)
        total = getattr(aiohttp, "TotalTimeoutError", TimeoutError)
        assert type(info.value) is (total if name == TOTAL else getattr(aiohttp, name))
        assert isinstance(info.value, aiohttp.ServerTimeoutError) is (name != TOTAL)
        assert SHORT * 0.9 < asyncio.get_running_loop().time() - started < 4
        assert len(session.connector._conns) == 0


@pytest.mark.parametrize(("stage", "part"), WAITS)
async def test_limit_that_does_not(lib, book, resolver, stage, part):
    aiohttp = lib.load()
    book.stalled = stage == "dns"
    async with stalling(aiohttp, resolver, stage) as (_, act):
        for limit in (0.02, 0.2, 2):  # a busy machine may need the longer ones to connect at all
            act.seen.clear()
            waiting = asyncio.ensure_future(act(aiohttp.ClientTimeout(**{part: limit})))
            await asyncio.wait([waiting], timeout=limit * 3 + 0.1)
            if act.seen or not waiting.done():
                break
        assert not waiting.done(), waiting
        waiting.cancel()
        await asyncio.wait([waiting])


@better("texts are short or empty")
@pytest.mark.parametrize(("stage", "part", "name"), ENDS)
async def test_text_names_where_and_how_long(lib, book, resolver, stage, part, name):
    aiohttp = lib.load()
    book.stalled = stage == "dns"
    async with stalling(aiohttp, resolver, stage) as (_, act):
        with pytest.raises(TimeoutError) as info:
            await act(aiohttp.ClientTimeout(**{part: SHORT}))
    assert "127.0.0.1" in str(info.value) or "stalled.test" in str(info.value)


@pytest.mark.parametrize(
    ("part", "way"),
    [
        ("total", "read"),
        ("total", "streamed"),
        ("sock_read", "read"),
        ("sock_read", "streamed"),
        ("connect", "read"),
        ("sock_connect", "read"),
    ],
)
async def test_timer_of_a_finished_request_never_fires(lib, part, way):
    """Its connection is used again, and again idle, while the old limit passes; nobody hears of it."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            if peer.server.requests[-1].startswith(b"GET /slow"):
                await asyncio.sleep(AMPLE * 1.5)
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
            await asyncio.sleep(0)
            await peer.send(b"k")

    async with serve(handler) as server, aiohttp.ClientSession() as session:

        async def get(path: str, **options: Any) -> None:
            async with session.get(server.url / path, **options) as response:
                body = (
                    await response.read() if way == "read" else b"".join([p async for p in response.content.iter_any()])
                )
                assert body == b"ok"

        limited = aiohttp.ClientTimeout(**{part: AMPLE})
        await get("fast", timeout=limited)
        await get("slow", timeout=None)
        await get("fast", timeout=limited)
        await asyncio.sleep(AMPLE * 1.5)
        await get("fast", timeout=None)
        assert server.connections == 1


async def test_response_kept_after_its_end_outlives_the_limit(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url, timeout=aiohttp.ClientTimeout(total=AMPLE, sock_read=AMPLE))
        await asyncio.sleep(AMPLE * 1.5)
        assert await response.read() == b"ok"


async def test_total_spans_the_pause_of_the_reader(lib):
    """Everything from the call to the last byte, whoever was slow."""
    aiohttp = lib.load()
    async with serve(body_stops) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, timeout=aiohttp.ClientTimeout(total=AMPLE)) as response:
            await asyncio.sleep(AMPLE * 1.5)
            with pytest.raises(TimeoutError):
                await response.read()


async def test_sock_read_counts_between_pieces(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for _ in range(6):
            await asyncio.sleep(0.2)
            await peer.send(b"x")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, timeout=aiohttp.ClientTimeout(sock_read=0.8)) as response:
            assert await response.read() == b"x" * 6


@pytest.mark.parametrize("off", [None, 0])
@pytest.mark.parametrize("part", ["total", "connect", "sock_read", "sock_connect"])
async def test_no_limit(lib, part, off):
    """None and 0 both; the session's own limit does not come through."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(0.03)
        await peer.answer()
        await peer.gone()

    tight = aiohttp.ClientTimeout(**{part: 0.001 if part in ("total", "sock_read") else 30})
    async with serve(handler) as server, aiohttp.ClientSession(timeout=tight) as session:
        async with session.get(server.url, timeout=aiohttp.ClientTimeout(**{part: off})) as response:
            assert await response.read() == b"ok"


async def test_session_limit_counts_where_a_request_has_none(lib):
    aiohttp = lib.load()
    async with serve(head_never) as server:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=SHORT)) as session:
            with pytest.raises(aiohttp.SocketTimeoutError):
                await session.get(server.url)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SHORT)) as session:
            with pytest.raises(TimeoutError):
                await session.get(server.url)


@pytest.mark.parametrize(("threshold", "whole"), [(0.0, True), (5, False)])
async def test_ceil_threshold(lib, threshold, whole):
    """Limits above it end on a whole second of the loop's clock."""
    aiohttp = lib.load()
    loop = asyncio.get_running_loop()
    async with serve(head_never) as server, aiohttp.ClientSession() as session:
        await asyncio.sleep(1 - loop.time() % 1 + 0.15)  # just behind a whole second
        started = loop.time()
        with pytest.raises(TimeoutError):
            await session.get(server.url, timeout=aiohttp.ClientTimeout(total=0.1, ceil_threshold=threshold))
        assert (loop.time() - started > 0.5) is whole
