"""Bodies long enough to be received where they stay, instead of through the shared buffer."""

import asyncio
import random
import socket

import pytest

from tests.servers import Peer, serve

SIZES = [(1 << 18) + 1, (1 << 18) + 4000, 1 << 20, 3_000_001]
BODY = random.Random(7).randbytes(3_000_001)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


async def collected(response, way: str) -> bytes:
    content = response.content
    if way == "read":
        return await response.read()
    if way == "iter_any":
        return b"".join([piece async for piece in content.iter_any()])
    if way == "iter_chunked":
        return b"".join([piece async for piece in content.iter_chunked(10_007)])
    if way == "readexactly":
        return await content.readexactly(700_000 % response.content_length) + await content.read()
    found = b""
    while piece := await content.read(5000):  # from here on as it comes, then everything
        found += piece
        if len(found) > 20_000:
            return found + await content.readany() + await content.read()
    return found


uvloop = pytest.importorskip("uvloop")  # calls data_received, where asyncio's own loop calls get_buffer
LOOPS = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
WAYS = ["read", "iter_any", "iter_chunked", "readexactly", "mixed"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", WAYS)
@LOOPS
def test_every_way_of_reading(lib, new_loop, way, size):
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(every_way_of_reading(lib, way, size))


async def every_way_of_reading(lib, way: str, size: int) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(BODY[:size])

    async with serve(handler) as server, lib.load().ClientSession(read_bufsize=1 << 16) as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                assert await collected(response, way) == BODY[:size]
                assert response.content.at_eof()
                assert response.content.total_bytes == size
    assert server.connections == 1


@pytest.mark.parametrize("way", ["read", "iter_any"])
async def test_pieces_of_any_size(lib, way):
    rng = random.Random(3)
    body = BODY[:400_000]

    async def handler(peer: Peer) -> None:
        peer.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            await peer.request()
            await peer.send(HEAD % len(body))
            at = 0
            while at < len(body):
                n = rng.choice((1, 1, 1, 300, 5000, 40_000))
                await peer.send(body[at : at + n])
                await asyncio.sleep(0)
                at += n

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                assert await collected(response, way) == body
    assert server.connections == 1


@pytest.mark.parametrize("way", ["read", "iter_any", "mixed"])
async def test_bytes_right_behind_the_body_close_the_connection(lib, way):
    """They are seen before the connection can be given to the next request."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD % 600_000 + BODY[:600_000] + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        while True:
            await peer.request()
            await peer.answer(b"good")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for _ in range(3):
            async with session.get(server.url) as response:
                body = await collected(response, way)
                assert body in (BODY[:600_000], b"good")
            async with session.get(server.url) as response:
                assert await response.read() != b"evil"


@pytest.mark.parametrize("then", WAYS)
async def test_cancelled_read_takes_nothing(lib, then):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD % len(BODY) + BODY[:1_500_000])
        begun.set()
        await go_on.wait()
        await peer.send(BODY[1_500_000:])
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            reading = asyncio.create_task(response.content.read())
            await begun.wait()
            while response.content.total_bytes < 1_400_000:
                await asyncio.sleep(0.001)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            go_on.set()
            assert await collected(response, then) == BODY


@pytest.mark.parametrize("way", ["read", "iter_any"])
@pytest.mark.parametrize("sent", [1, 300_000, 2_999_999])
async def test_connection_lost_in_the_body(lib, way, sent):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD % 3_000_001 + BODY[:sent])

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            with pytest.raises(aiohttp.ClientPayloadError):
                await collected(response, way)


async def test_declared_length_costs_no_memory(lib):
    """A peer that promises terabytes and sends little gets no more than room that nobody touches."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD % (1 << 50) + b"x" * 1000)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()


async def test_head_has_no_body(lib):
    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            await peer.send(HEAD % 1_000_000 + (b"" if head.startswith(b"HEAD") else BODY[:1_000_000]))

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for method, size in (("HEAD", 0), ("GET", 1_000_000), ("HEAD", 0)):
            async with session.request(method, server.url) as response:
                assert len(await response.read()) == size
    assert server.connections == 1


@pytest.mark.parametrize("way", ["read", "iter_any"])
async def test_read_timeout_in_the_body(lib, way):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HEAD % len(BODY) + BODY[:1_000_000])
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, timeout=aiohttp.ClientTimeout(sock_read=0.1)) as response:
            with pytest.raises(aiohttp.SocketTimeoutError):
                await collected(response, way)


async def test_back_pressure(lib):
    """Who does not read stops the peer."""
    sent = 0

    async def handler(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(HEAD % (1 << 28))
        while sent < 1 << 28:
            await peer.send(b"x" * (1 << 18))
            sent += 1 << 18

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert len(await response.content.readany())
            before = -1
            while before != sent:
                before = sent
                await asyncio.sleep(0.05)
            assert sent < 1 << 27
            assert response.content._size <= 1 << 20
            assert len(await response.content.readexactly(1 << 24)) == 1 << 24
