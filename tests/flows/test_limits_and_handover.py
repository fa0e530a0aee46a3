"""Where an exchange ends: its time limits, the handover to another protocol, what is kept after it."""

import asyncio
import gc
import random
import socket
import struct
import threading
import weakref
import zlib

import pytest

from tests.corpora.frames import closing, frame
from tests.servers import keep_answering, serve, until
from tests.ws import accept, accept_of, read_frame

UPGRADE = {"Upgrade": "foo", "Connection": "upgrade"}
SWITCHED = b"HTTP/1.1 101 S\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n"


async def test_sock_read_counts_from_the_end_of_back_pressure(lib):
    aiohttp = lib.load()
    drained = asyncio.Event()

    async def handler(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200005\r\n\r\n" + b"x" * 200_000)
        await drained.wait()
        await asyncio.sleep(0.25)
        await peer.send(b"hello")
        await peer.gone()

    timeout = aiohttp.ClientTimeout(sock_read=0.5)
    async with serve(handler) as server, aiohttp.ClientSession(timeout=timeout, read_bufsize=1 << 16) as session:
        async with session.get(server.url) as response:
            await asyncio.sleep(0.4)
            assert response.connection.protocol._reading_paused
            await response.content.readexactly(200_000)
            drained.set()
            assert await response.content.read() == b"hello"


@pytest.mark.parametrize("method", ["GET /admin HTTP/1.1 ", "", "GÉT", " GET", None, b"GET"])
async def test_a_method_that_a_request_class_sets_is_a_token(lib, method):
    aiohttp = lib.load()

    class Request(aiohttp.ClientRequest):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.method = method

    async with serve(keep_answering) as server, aiohttp.ClientSession(request_class=Request) as session:
        with pytest.raises((TypeError, ValueError)):
            await session.get(server.url)
    assert not server.requests


@pytest.mark.parametrize("limits", [{"total": 0.2}, {"total": 0.2, "ceil_threshold": 0.1}], ids=["timer", "tick"])
async def test_the_total_timeout_ends_with_the_upgrade(lib, limits):
    """Who takes the connection by ``response.connection.transport`` never calls ``set_parser``."""
    aiohttp = lib.load()

    async def handler(peer):
        await peer.request()
        await peer.send(SWITCHED)
        await peer.gone()

    timeout = aiohttp.ClientTimeout(**limits)
    async with serve(handler) as server, aiohttp.ClientSession(timeout=timeout) as session:
        response = await session.get(server.url, headers=UPGRADE)
        transport = response.connection.transport
        await asyncio.sleep(1.5)
        assert not transport.is_closing()
        response.close()


async def raw(lib, server):
    loop = asyncio.get_running_loop()
    handler = lib.load("client_proto").ResponseHandler
    return await loop.create_connection(lambda: handler(loop), server.url.host, server.url.port)


async def late(peer):
    await peer.request()
    await asyncio.sleep(0.25)
    await peer.answer()
    await peer.gone()


@pytest.mark.parametrize("limit", [None, 5])
async def test_no_timer_of_a_replaced_exchange_fires(lib, limit):
    lib.load()
    async with serve(late) as server:
        transport, protocol = await raw(lib, server)
        protocol.set_response_params(read_timeout=0.1)
        protocol.start_timeout()
        protocol.set_response_params(read_timeout=limit)
        protocol.start_timeout()
        transport.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        message, body = await protocol.read()
        assert (message.code, await body.read()) == (200, b"ok")
        transport.close()


async def test_a_read_timeout_of_an_idle_connection_is_not_the_next_requests(lib):
    aiohttp = lib.load()

    async def handler(peer):
        await peer.request()
        await peer.answer()
        await late(peer)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            await response.read()
        ((protocol,),) = session.connector._idle.values()
        protocol.read_timeout = 0.1
        async with session.get(server.url) as response:
            assert await response.read() == b"ok"


async def test_no_response_is_waited_for_on_a_lost_connection(lib):
    async with serve(late) as server:
        transport, protocol = await raw(lib, server)
        transport.abort()
        await until(lambda: protocol.transport is None)
        protocol.set_response_params(read_timeout=5)
        with pytest.raises(lib.load().ServerDisconnectedError):
            async with asyncio.timeout(2):
                await protocol.read()


async def test_a_shorter_read_timeout_counts_at_once(lib):
    aiohttp = lib.load()

    async def handler(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        await peer.gone()

    timeout = aiohttp.ClientTimeout(sock_read=5)
    async with serve(handler) as server, aiohttp.ClientSession(timeout=timeout) as session:
        async with session.get(server.url) as response:
            response.connection.protocol.read_timeout = 0.1
            with pytest.raises(aiohttp.SocketTimeoutError):
                async with asyncio.timeout(1):
                    await response.read()


async def test_nothing_is_kept_for_no_time(lib):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(keepalive_timeout=0)
    async with serve(keep_answering) as server, aiohttp.ClientSession(connector=connector) as session:
        for _ in range(3):
            async with session.get(server.url) as response:
                await response.read()
        assert server.connections == 3


class Sink:
    def __init__(self):
        self.seen = []

    def feed_data(self, data):
        self.seen.append(data)
        return False, b""

    def feed_eof(self):
        self.seen.append(None)

    def set_exception(self, exc):
        self.seen.append(exc)


async def test_what_nobody_takes_yet_is_bounded_and_comes_later(lib):
    aiohttp = lib.load()
    sent = bytes(range(256)) * (1 << 15)  # 8 MiB

    async def handler(peer):
        await peer.request()
        await peer.send(SWITCHED)
        await peer.send(sent)
        peer.writer.close()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url, headers=UPGRADE)
        protocol = response.connection.protocol
        await until(lambda: protocol._reading_paused)
        assert len(protocol.tail) < 1 << 20
        sink = Sink()
        protocol.set_parser(sink, sink)
        await until(lambda: sink.seen and sink.seen[-1] is None)
        assert b"".join(sink.seen[:-1]) == sent
        response.close()


async def test_messages_before_a_reset_are_received(lib):
    """asyncio stops reading where it fails to write; what had come by then is read all the same."""
    aiohttp = lib.load()
    is_reset = threading.Event()

    def answer(listener):
        conn, _ = listener.accept()
        head = conn.recv(65536)
        conn.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept_of(head) + b"\r\n\r\n"
        )
        assert conn.recv(65536)  # the client has its WebSocket
        conn.sendall(frame(1, b"last words"))
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        conn.close()
        is_reset.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer, args=(listener,))
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as ws:
            await ws.send_str("hello")
            assert is_reset.wait(10)  # the loop stands still, and sees nothing
            await ws.send_str("are you there?")
            message = await ws.receive()
            assert (message.type, message.data) == (aiohttp.WSMsgType.TEXT, "last words")
        server.join()


@pytest.mark.parametrize("limit", [float("nan"), "1", True])
async def test_a_wrong_read_timeout(lib, limit):
    handler = lib.load("client_proto").ResponseHandler(asyncio.get_running_loop())
    with pytest.raises((TypeError, ValueError), match="sock_read"):
        handler.read_timeout = limit
    assert handler.read_timeout is None


@pytest.mark.parametrize("name", ["total", "connect", "sock_connect", "sock_read", "sock_write", "pool", "first_byte"])
def test_no_clock_tells_that_much(lib, name):
    aiohttp = lib.load()
    with pytest.raises(ValueError, match=name):
        aiohttp.ClientTimeout(**{name: 10**400})
    assert getattr(aiohttp.ClientTimeout(**{name: 1e12}), name) == 1e12


@pytest.mark.parametrize("name", [b"\xff.example", "a\r\nb", "", "a b", "\ud800"])
async def test_no_name_of_a_server(lib, name):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="server_hostname"):
            await session.get("https://127.0.0.1:1/", server_hostname=name)


def test_a_closed_connection_is_gone_at_once(lib):
    """Not only once the collector comes."""
    aiohttp = lib.load()

    async def use() -> "weakref.ref[object]":
        async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
            async with session.get(server.url) as response:
                await response.read()
            ((protocol,),) = session.connector._idle.values()
            return weakref.ref(protocol)

    gc.collect()
    gc.disable()
    try:
        protocol = asyncio.run(use())
        assert protocol() is None
    finally:
        gc.enable()


async def test_a_reset_before_set_parser_is_no_orderly_end(lib):
    aiohttp = lib.load()

    async def handler(peer):
        await peer.request()
        await peer.send(SWITCHED + b"tail")
        await asyncio.sleep(0.05)
        peer.reset()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url, headers=UPGRADE)
        protocol = response.connection.protocol
        await until(lambda: protocol.transport is None)
        sink = Sink()
        protocol.set_parser(sink, sink)
        assert sink.seen[0] == b"tail"
        assert isinstance(sink.seen[1], aiohttp.ClientConnectionResetError)
        response.close()


@pytest.mark.parametrize("plain", [False, True], ids=["compressed", "compress=0"])
async def test_messages_leave_in_the_order_of_their_calls(lib, plain):
    aiohttp = lib.load()
    seen = []

    async def handler(peer):
        await accept(peer, b"Sec-WebSocket-Extensions: permessage-deflate")
        inflate = zlib.decompressobj(wbits=-15)
        while True:
            first, data = await read_frame(peer)
            if first == 0x88:
                return await peer.send(closing(1000))
            seen.append((inflate.decompress(data + b"\0\0\xff\xff") if first & 0x40 else data)[:6])

    large = random.Random(1).randbytes(3_000_000)
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, compress=15) as ws:

            async def large_and_third():
                await ws.send_bytes(large)
                await ws.send_bytes(b"third")

            await asyncio.gather(large_and_third(), ws.send_bytes(b"second", 0 if plain else None))
    assert seen == [large[:6], b"second", b"third"]
