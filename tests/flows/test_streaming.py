"""Bodies read as streams: every reading method, and back-pressure that reaches the server."""

import asyncio

import pytest

from tests.servers import Peer, serve

LINES = b"".join(b"line %d\n" % n for n in range(5000)) + b"no end"


def sending(body: bytes, piece: int = 1000, chunked: bool = False):
    """Return a handler that sends *body* after its head, in pieces."""

    async def handler(peer: Peer) -> None:
        while True:
            await peer.head()
            framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body)
            await peer.send(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
            await asyncio.sleep(0)
            for at in range(0, len(body), piece):
                part = body[at : at + piece]
                await peer.send(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
            if chunked:
                await peer.send(b"0\r\n\r\n")

    return handler


async def by_lines(content):
    return [line async for line in content]


async def by_readline(content):
    found = []
    while line := await content.readline():
        found.append(line)
    return found


async def by_readuntil(content):
    found = []
    while line := await content.readuntil(b"e "):
        found.append(line)
    return found


async def by_readexactly(content):
    found = [await content.readexactly(10), await content.readexactly(5000)]
    with pytest.raises(asyncio.IncompleteReadError) as info:
        await content.readexactly(1_000_000)
    return [*found, info.value.partial]


async def by_readany(content):
    found = []
    while not content.at_eof():
        found.append(await content.readany())
    return found


async def by_read(content):
    found = []
    while piece := await content.read(777):
        assert len(piece) <= 777
        found.append(piece)
    return found


async def by_read_whole(content):
    return [await content.read()]


async def by_readchunk(content):
    found = []
    while True:
        data, ended = await content.readchunk()
        if not data and not ended:
            return found
        found.append(data)


async def by_read_nowait(content):
    await content.wait_eof()
    found = [content.read_nowait(100), content.read_nowait()]
    assert content.read_nowait() == b""
    return found


async def by_iter_any(content):
    return [piece async for piece in content.iter_any()]


async def by_iter_chunked(content):
    pieces = [piece async for piece in content.iter_chunked(512)]
    assert max(map(len, pieces)) <= 512
    return pieces


async def by_iter_chunks(content):
    return [piece async for piece, _ in content.iter_chunks()]


WAYS = [
    by_lines, by_readline, by_readuntil, by_readexactly, by_readany, by_read, by_read_whole, by_readchunk,
    by_read_nowait, by_iter_any, by_iter_chunked, by_iter_chunks,
]  # fmt: skip


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("way", WAYS)
async def test_every_way(lib, way, framing):
    async with serve(sending(LINES, chunked=framing == "chunked")) as server, lib.load().ClientSession() as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                found = await way(response.content)
                assert b"".join(found) == LINES
                assert response.content.at_eof()
                assert response.content.total_bytes == len(LINES)
                if way in (by_lines, by_readline):
                    assert found[42] == b"line 42\n"
                    assert found[-1] == b"no end"
            assert session.connector._slots.used == 0
    assert server.connections == 1


async def test_chunks_as_they_were_sent(lib):
    chunks = [b"a", b"bc" * 5000, b"d" * 100_000, b"e"]

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for chunk in chunks:
            await peer.send(b"%x\r\n" % len(chunk))
            for at in range(0, len(chunk), 30_000):
                await peer.send(chunk[at : at + 30_000])
                await asyncio.sleep(0)
            await peer.send(b"\r\n")
        await peer.send(b"0\r\n\r\n")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            found, current = [], b""
            async for data, ended in response.content.iter_chunks():
                current += data
                if ended:
                    found.append(current)
                    current = b""
    assert found == chunks
    assert not current


async def test_body_until_the_end_of_the_connection(lib):
    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(10):
            await peer.send(b"x" * 10_000)
            await asyncio.sleep(0)

    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == b"x" * 100_000
        assert not session.connector._conns
        async with session.get(server.url) as response:
            assert b"".join([piece async for piece in response.content.iter_any()]) == b"x" * 100_000
    assert server.connections == 2


async def test_body_ends_without_eof_when_not_wanted(lib):
    """``read_until_eof=False``: a response without framing has no body."""

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url, read_until_eof=False) as response:
            assert await asyncio.wait_for(response.read(), 5) == b""


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_statuses_without_a_body(lib, status):
    async def handler(peer: Peer) -> None:
        while True:
            await peer.head()
            await peer.send(b"HTTP/1.1 " + status + b"\r\nContent-Encoding: gzip\r\nETag: x\r\n\r\n")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for _ in range(3):
            async with session.get(server.url) as response:
                assert await response.read() == b""
                assert response.content.at_eof()
    assert server.connections == 1


async def test_server_waits_while_nobody_reads(lib):
    """Back-pressure: of 64 MiB only what buffers hold leaves the server before somebody reads."""
    piece = b"x" * (1 << 18)
    sent = 0

    async def handler(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(piece) * 256))
        for _ in range(256):
            await peer.send(piece)
            sent += len(piece)
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url, read_bufsize=65_536) as response:
            before = -1
            while before != sent:  # until it stands still
                before = sent
                await asyncio.sleep(0.05)
            assert sent < 32 << 20
            content = response.content
            total = 0
            assert 0 < content.total_bytes <= 1 << 20
            async for part in content.iter_chunked(1 << 16):
                total += len(part)
                assert content.total_bytes - total <= 1 << 20
            assert total == len(piece) * 256


async def test_many_tiny_chunks_are_held_back_too(lib):
    """A server that sends one-byte chunks cannot fill the memory with bookkeeping (CVE-2025-69229)."""
    count = 100_000

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await asyncio.sleep(0)
        for _ in range(0, count, 1000):
            await peer.send(b"1\r\nx\r\n" * 1000)
        await peer.send(b"0\r\n\r\n")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url, read_bufsize=1024) as response:
            await asyncio.sleep(0.05)
            most = 0
            total = 0
            async for data, _ in response.content.iter_chunks():
                total += len(data)
                most = max(most, response.content.total_bytes - total)
            assert total == count
            assert most < 60_000  # one receive buffer's worth


async def test_released_while_the_server_waits(lib):
    """Giving up a body that is held back closes the connection and frees the slot."""

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 << 20))
        with pytest.raises(ConnectionError):
            for _ in range(256):
                await peer.send(b"x" * (1 << 18))
        closed.set()

    closed = asyncio.Event()
    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url, read_bufsize=65_536)
        assert await response.content.readexactly(10) == b"x" * 10
        response.release()
        assert session.connector._slots.used == 0
        with pytest.raises(aiohttp.ClientConnectionError, match="Connection closed"):
            await response.content.read(1)
        with pytest.raises(aiohttp.ClientConnectionError, match="Connection closed"):
            await response.read()
        await asyncio.wait_for(closed.wait(), 5)


async def test_reading_after_release(lib):
    """What was read stays; what was not is gone."""
    aiohttp = lib.load()
    async with serve(sending(b"hello", 5)) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            body = await response.read()
        assert await response.read() == body
        assert await response.text() == "hello"
        async with session.get(server.url) as response:
            pass
        with pytest.raises(aiohttp.ClientConnectionError):
            await response.read()


async def test_a_line_too_long(lib):
    aiohttp = lib.load()
    async with serve(sending(b"x" * 500_000)) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, read_bufsize=1000) as response:
            with pytest.raises(lib.load("_wire.errors").LineTooLong, match="2000"):
                await response.content.readline()
        assert session.connector._slots.used == 0


async def test_two_readers_at_once(lib):
    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        await go.wait()
        await peer.send(b"hello")
        await peer.gone()

    go = asyncio.Event()
    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            first = asyncio.ensure_future(response.content.readany())
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="another coroutine is already waiting"):
                await response.content.readany()
            go.set()
            assert await first == b"hello"


async def test_whole_body_as_a_stream(lib):
    """``content`` works as well when the body came along with its head."""

    async def handler(peer: Peer) -> None:
        while True:
            await peer.head()
            await peer.answer(b"one\ntwo\n")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for way in (by_lines, by_iter_any, by_readany, by_iter_chunks, by_read_whole):
            async with session.get(server.url) as response:
                assert b"".join(await way(response.content)) == b"one\ntwo\n"
