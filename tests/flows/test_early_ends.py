"""Connections that end early, late or broken: what has come is kept, what is not whole is never taken for whole."""

import asyncio
import io
import select
import socket
import time

import pytest

from tests.flows.test_faults import whole
from tests.servers import Peer, keep_answering, serve

EARLY = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"


async def pieces():
    for _ in range(40):
        yield b"x" * 65536


BODIES = {
    "pieces": lambda path: pieces(),
    "bytes": lambda path: path.read_bytes(),
    "memory": lambda path: io.BytesIO(path.read_bytes()),
    "file": lambda path: path.open("rb"),
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_answer_of_a_server_that_does_not_read_on(lib, body, tmp_path):
    """It answers and closes with bytes unread, so a reset follows (RFC 9112 9.6): the answer counts."""
    aiohttp = lib.load()
    path = tmp_path / "body"
    path.write_bytes(b"x" * 2_500_000)

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.writer.transport.pause_reading()
        await peer.send(EARLY)
        peer.writer.transport.close()

    async with serve(handler) as server:
        for _ in range(10):
            async with aiohttp.ClientSession() as session:
                async with session.post(server.url, data=BODIES[body](path)) as response:
                    assert (response.status, await response.read()) == (413, b"big")
                assert whole(session.connector)


async def test_peer_that_ends_and_never_reads(lib):
    """No answer can come any more: the request fails at once, though its body is still to be written."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.writer.transport.pause_reading()
        peer.writer.write_eof()
        await asyncio.get_running_loop().create_future()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await asyncio.wait_for(session.post(server.url, data=pieces()), 5)
        assert whole(session.connector)


@pytest.mark.parametrize("broken", [False, True], ids=["closed", "reset"])
async def test_only_a_clean_end_completes_a_body_without_length(lib, broken):
    """RFC 9112 8: a body that lasts until the connection ends is not complete if that is an error."""
    aiohttp = lib.load()
    seen = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\npart")
        await seen.wait()
        if broken:
            peer.reset()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.content.readany() == b"part"
            seen.set()
            if broken:
                with pytest.raises(aiohttp.ClientPayloadError, match="not completed"):
                    await response.read()
            else:
                assert await response.read() == b""


async def test_reading_between_the_end_and_its_report(lib):
    """The transport is closing already when the end of the body has come, but is reported a turn later."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nall")

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            protocol = response.connection.protocol
            assert await response.content.readany() == b"all"
            while protocol.is_connected():
                await asyncio.sleep(0)
            assert await response.content.readany() == b""


@pytest.mark.parametrize("later", [b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON", b""], ids=["bytes", "end"])
async def test_what_a_busy_loop_has_not_seen(lib, later):
    """Bytes, or an end, still in the kernel when a kept connection is wanted again: it is not handed out."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.post(server.url) as response:
            await response.read()
        ((protocol,),) = session.connector._idle.values()
        ours = protocol.transport.get_extra_info("socket")
        # The peer speaks behind the loop's back, as another process would.
        fd = server.peers[0].writer.transport.get_extra_info("socket").fileno()
        with socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as theirs:
            if later:
                theirs.sendall(later)
            else:
                theirs.shutdown(socket.SHUT_WR)
        poll = select.poll()
        poll.register(ours.fileno(), select.POLLIN)
        assert poll.poll(5000)
        time.sleep(0.02)  # the loop does not turn meanwhile
        async with session.post(server.url) as response:
            assert await response.read() == b"ok"
    assert server.connections == 2


async def test_old_connection_after_a_busy_loop(lib):
    """Its age counts by the clock, though no tick has come to close it."""
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(keepalive_timeout=0.05, timeout_ceil_threshold=0.01)
    async with serve(keep_answering) as server, aiohttp.ClientSession(connector=connector) as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                await response.read()
            time.sleep(0.06)
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100\r\n\r\nnot gzip at all",
    ],
    ids=["cut", "chunk", "gzip"],
)
async def test_failed_body_gives_its_slot_back(lib, answer):
    """However long its caller keeps the response."""
    aiohttp = lib.load()
    bad = True

    async def handler(peer: Peer) -> None:
        nonlocal bad
        await peer.request()
        if bad:
            bad = False
            await peer.send(answer)
            if b"10" in answer:
                return
            await peer.gone()
        else:
            await peer.answer()

    connector = aiohttp.TCPConnector(limit=1, limit_per_host=1)
    async with serve(handler) as server, aiohttp.ClientSession(connector=connector) as session:
        kept = await session.get(server.url)
        with pytest.raises(aiohttp.ClientPayloadError):
            await kept.content.read()
        async with asyncio.timeout(5), session.get(server.url) as response:
            assert await response.read() == b"ok"
        kept.release()
        assert whole(connector)


@pytest.mark.parametrize("times", [1, 2])
async def test_close_ends_what_is_still_connecting(lib, times):
    """Also a TLS handshake that the peer never answers; nothing is left when close returns, whoever closes."""
    aiohttp = lib.load()
    asked = asyncio.Event()

    async def silent(peer: Peer) -> None:
        asked.set()
        await asyncio.get_running_loop().create_future()

    async with serve(silent) as server:
        session = aiohttp.ClientSession()
        get = asyncio.ensure_future(session.get(server.url.with_scheme("https")))
        await asked.wait()
        connector = session.connector
        await asyncio.wait_for(asyncio.gather(session.close(), *(connector.close() for _ in range(times - 1))), 5)
        assert not connector._opening
        assert whole(connector)
        with pytest.raises(aiohttp.ClientConnectionError, match="closed"):
            await asyncio.wait_for(get, 1)


async def test_close_with_a_request_under_way_frees_its_slots(lib):
    aiohttp = lib.load()
    asked = asyncio.Event()

    async def silent(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await peer.gone()

    async with serve(silent) as server:
        connector = aiohttp.TCPConnector(limit_per_host=2)
        session = aiohttp.ClientSession(connector=connector)
        get = asyncio.ensure_future(session.get(server.url))
        await asked.wait()
        await session.close()
        with pytest.raises(aiohttp.ClientError):
            await get
        assert whole(connector)


async def test_answer_that_has_come_when_the_session_closes(lib):
    """It is complete, and only its task has not run yet: it is not lost."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        session = aiohttp.ClientSession()
        get = asyncio.ensure_future(session.get(server.url))
        while not session.connector._acquired:
            await asyncio.sleep(0)
        (protocol,) = session.connector._acquired
        while protocol.state.value != "done":
            await asyncio.sleep(0)
        assert not get.done()
        await session.close()
        response = await asyncio.wait_for(get, 5)
        assert await response.read() == b"ok"


async def test_failure_of_our_own_while_receiving(lib):
    """An error in whoever takes the body (no memory, say) ends the connection like any other."""
    aiohttp = lib.load()
    heard = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: heard.append(context["exception"]))
    on = asyncio.Event()

    class Full:
        def feed_data(self, data: bytes) -> None:
            raise MemoryError

        def feed_eof(self) -> None: ...

        def set_exception(self, exc: BaseException) -> None:
            self.failed = exc

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        await on.wait()
        await peer.send(b"part")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url)
        protocol = response.connection.protocol
        protocol.open_stream(full := Full())
        closed = protocol.closed
        on.set()
        await asyncio.wait_for(closed, 5)
        assert isinstance(full.failed, aiohttp.ClientPayloadError)
        assert isinstance(heard[0], MemoryError)
        response.release()
        assert whole(session.connector)
