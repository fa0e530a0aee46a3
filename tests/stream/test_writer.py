"""StreamWriter over real connections: what the peer receives, byte by byte."""

import asyncio
import contextlib
import os
import ssl
import tempfile
import zlib

import pytest
import trustme
from multidict import CIMultiDict

HEAD = CIMultiDict({"A": "b"})
HEAD_BYTES = b"GET / HTTP/1.1\r\nA: b\r\n\r\n"
LINE = "GET / HTTP/1.1"


class Peer:
    """Reads what arrives; ``slow`` makes it wait until told."""

    def __init__(self):
        self.data = bytearray()
        self.go = asyncio.Event()
        self.go.set()
        self.done = asyncio.Event()
        self.writer = None

    async def serve(self, reader, writer):
        self.writer = writer
        try:
            while True:
                await self.go.wait()
                piece = await reader.read(1 << 16)
                if not piece:
                    break
                self.data += piece
        except OSError:
            pass
        finally:
            self.done.set()
            writer.close()


@contextlib.asynccontextmanager
async def connected(lib, server_ssl=None, client_ssl=None):
    """Yield a peer and a protocol that is connected to it."""
    loop = asyncio.get_running_loop()
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, ssl=server_ssl)
    port = server.sockets[0].getsockname()[1]
    base = lib.load("_stream.protocol").BaseProtocol

    class Protocol(base):
        received = b""

        def buffer_updated(self, n):
            self.received += bytes(self._buffer[:n])

    transport, protocol = await loop.create_connection(
        lambda: Protocol(loop), "127.0.0.1", port, ssl=client_ssl, server_hostname="localhost" if client_ssl else None
    )
    try:
        yield peer, protocol
    finally:
        transport.close()
        peer.go.set()
        if peer.writer is not None:
            await asyncio.wait_for(peer.done.wait(), 10)
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)


async def sent(peer, protocol):
    """Close and return all that the peer got."""
    protocol.transport.close()
    await asyncio.wait_for(peer.done.wait(), 20)
    return bytes(peer.data)


@pytest.fixture
def make(lib):
    return lambda protocol, **options: lib.load("_stream.writer").StreamWriter(
        protocol, asyncio.get_running_loop(), **options
    )


class Counting:
    """Counts the writes of a transport; everything else is the transport's."""

    def __init__(self, transport):
        self.transport = transport
        self.writes = []

    def write(self, data):
        self.writes.append(bytes(data))
        self.transport.write(data)

    def writelines(self, parts):
        self.write(b"".join(parts))

    def __getattr__(self, name):
        return getattr(self.transport, name)


async def test_head_and_first_piece_leave_together(lib, make):
    async with connected(lib) as (peer, protocol):
        protocol.transport = counting = Counting(protocol.transport)
        writer = make(protocol)
        await writer.write_headers(LINE, HEAD)
        assert not counting.writes
        await writer.write(b"xyz")
        await writer.write_eof(b"end")
        await writer.write_eof(b"again")
        assert counting.writes == [HEAD_BYTES + b"xyz", b"end"]
        assert writer.output_size == len(HEAD_BYTES) + 6
        assert await sent(peer, protocol) == HEAD_BYTES + b"xyzend"


async def test_head_alone(lib, make):
    for end in ("write_eof", "set_eof", "send_headers"):
        async with connected(lib) as (peer, protocol):
            writer = make(protocol)
            await writer.write_headers(LINE, HEAD)
            result = getattr(writer, end)()
            if result is not None:
                await result
            writer.send_headers()
            assert await sent(peer, protocol) == HEAD_BYTES


@pytest.mark.parametrize("size", [3, 50_000, 300_000])
async def test_chunked(lib, make, size):
    async with connected(lib) as (peer, protocol):
        writer = make(protocol)
        writer.enable_chunking()
        await writer.write_headers(LINE, HEAD)
        await writer.write(b"a" * size)
        await writer.write(b"")
        await writer.write(memoryview(bytearray(b"bcd")))
        await writer.write_eof(b"q")
        frame = b"%x\r\n" % size + b"a" * size + b"\r\n3\r\nbcd\r\n1\r\nq\r\n0\r\n\r\n"
        assert await sent(peer, protocol) == HEAD_BYTES + frame


async def test_chunked_and_empty(lib, make):
    for end in ("write_eof", "set_eof"):
        async with connected(lib) as (peer, protocol):
            writer = make(protocol)
            writer.enable_chunking()
            await writer.write_headers(LINE, HEAD)
            result = getattr(writer, end)()
            if result is not None:
                await result
            assert await sent(peer, protocol) == HEAD_BYTES + b"0\r\n\r\n"


async def test_never_more_than_the_length(lib, make):
    async with connected(lib) as (peer, protocol):
        writer = make(protocol)
        writer.length = 5
        await writer.write(b"abc")
        await writer.write(b"defgh")
        assert writer.length == 0
        await writer.write(b"zz")
        await writer.write_eof(b"zz")
        assert await sent(peer, protocol) == b"abcde"


async def test_less_than_the_length_is_an_error(lib, make):
    async with connected(lib) as (_, protocol):
        writer = make(protocol)
        writer.length = 5
        await writer.write(b"abc")
        with pytest.raises(ValueError, match="2 bytes before its Content-Length"):
            await writer.write_eof()


@pytest.mark.parametrize(("encoding", "wbits"), [("gzip", 31), ("deflate", 15)])
@pytest.mark.parametrize("strategy", [None, zlib.Z_HUFFMAN_ONLY])
async def test_compression(lib, make, encoding, wbits, strategy):
    async with connected(lib) as (peer, protocol):
        writer = make(protocol)
        writer.enable_compression(encoding, strategy)
        await writer.write(b"a" * 10_000)
        await writer.write(b"b" * 100_000)
        await writer.write_eof(b"q")
        data = zlib.decompress(await sent(peer, protocol), wbits)
        assert data == b"a" * 10_000 + b"b" * 100_000 + b"q"


@pytest.mark.parametrize("encoding", ["br", "zstd"])
async def test_other_codings(lib, make, encoding):
    async with connected(lib) as (peer, protocol):
        writer = make(protocol)
        writer.enable_compression(encoding)
        writer.enable_chunking()
        await writer.write(b"a" * 10_000)
        await writer.write_eof()
        raw = await sent(peer, protocol)
        assert raw.endswith(b"0\r\n\r\n")
        body = b""
        while not raw.startswith(b"0\r\n"):
            size, _, raw = raw.partition(b"\r\n")
            body, raw = body + raw[: int(size, 16)], raw[int(size, 16) + 2 :]
        assert lib.load("_wire.coding").decode_whole(encoding, body) == b"a" * 10_000
        with pytest.raises(ValueError, match="strategy"):
            writer.enable_compression(encoding, 1)
        with pytest.raises(ValueError, match="nope"):
            writer.enable_compression("nope")


async def test_callbacks(lib, make):
    events = []

    async def on_chunk(chunk):
        events.append(bytes(chunk))

    async def on_headers(headers):
        events.append(headers)

    async with connected(lib) as (_, protocol):
        writer = make(protocol, on_chunk_sent=on_chunk, on_headers_sent=on_headers)
        await writer.write_headers(LINE, HEAD)
        await writer.write(b"one")
        await writer.write_eof(b"two")
        assert events == [HEAD, b"one", b"two"]
        assert not writer.can_sendfile


async def test_injection_sends_nothing(lib, make):
    async with connected(lib) as (peer, protocol):
        writer = make(protocol)
        with pytest.raises(ValueError, match="A"):
            await writer.write_headers(LINE, CIMultiDict({"A": "b\r\nC: d"}))
        assert await sent(peer, protocol) == b""


async def test_gone(lib, make):
    async with connected(lib) as (_, protocol):
        writer = make(protocol)
        await writer.write_headers(LINE, HEAD)
        protocol.transport.close()
        with pytest.raises(ConnectionResetError):
            await writer.write(b"x")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert writer.transport is None
        with pytest.raises(ConnectionResetError):
            await make(protocol).write(b"x")
        await make(protocol).write_eof()
        await writer.drain()


async def test_a_slow_peer_holds_the_writer(lib, make):
    async with connected(lib) as (peer, protocol):
        peer.go.clear()
        writer = make(protocol)
        written = 0

        async def write():
            nonlocal written
            for _ in range(1000):
                await writer.write(b"x" * 100_000)
                written += 1
            await writer.write_eof()

        task = asyncio.create_task(write())
        while not protocol.writing_paused:
            await asyncio.sleep(0)
        assert written < 1000
        peer.go.set()
        await task
        assert len(await sent(peer, protocol)) == 100_000_000


async def test_type(lib, make):
    async with connected(lib) as (_, protocol):
        for wrong in ("x", None, 5):
            with pytest.raises(TypeError, match="bytes-like"):
                await make(protocol).write(wrong)


@pytest.fixture
def file():
    with tempfile.TemporaryFile() as file:
        file.write(os.urandom(1 << 16) * 160)
        file.flush()
        yield file


def contents(file, offset, count):
    return os.pread(file.fileno(), count, offset)


@pytest.fixture(scope="module")
def contexts():
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize("secure", [False, True])
async def test_sendfile(lib, make, file, contexts, secure):
    async with connected(lib, *(contexts if secure else ())) as (peer, protocol):
        writer = make(protocol)
        await writer.write_headers(LINE, HEAD)
        writer.length = 10_000_007
        await writer.write(b"before ")
        await writer.sendfile(file, 5, 10_000_000)
        await writer.write_eof()
        assert writer.output_size == len(HEAD_BYTES) + 10_000_007
        got = await sent(peer, protocol)
        assert got == HEAD_BYTES + b"before " + contents(file, 5, 10_000_000)


def test_sendfile_on_uvloop(lib, make, file):
    uvloop = pytest.importorskip("uvloop")

    async def run():
        async with connected(lib) as (peer, protocol):
            writer = make(protocol)
            await writer.write_headers(LINE, HEAD)
            await writer.write(b"before ")
            await writer.sendfile(file, 5, 10_000_000)
            await writer.write_eof(b"after")
            assert await sent(peer, protocol) == HEAD_BYTES + b"before " + contents(file, 5, 10_000_000) + b"after"

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_sendfile_of_a_file_that_shrank(lib, make, file):
    async with connected(lib) as (peer, protocol):
        writer = make(protocol)
        writer.length = 1 << 30
        await writer.sendfile(file, 0, 1 << 30)
        with pytest.raises(ValueError, match="before its Content-Length"):
            await writer.write_eof()
        assert len(await sent(peer, protocol)) == os.fstat(file.fileno()).st_size


async def test_sendfile_hears_the_peer_meanwhile(lib, make, file):
    async with connected(lib) as (peer, protocol):
        peer.go.clear()
        task = asyncio.create_task(make(protocol).sendfile(file, 0, 10_000_000))
        while peer.writer is None or not protocol.writing_paused:
            await asyncio.sleep(0)
        peer.writer.write(b"early")
        while protocol.received != b"early":
            await asyncio.sleep(0)
        assert not task.done()
        peer.go.set()
        await task
        assert len(await sent(peer, protocol)) == 10_000_000


@pytest.mark.parametrize("how", ["cancel", "abort"])
async def test_sendfile_ends_when_it_must(lib, make, file, how):
    async with connected(lib) as (peer, protocol):
        peer.go.clear()
        transport = protocol.transport
        task = asyncio.create_task(make(protocol).sendfile(file, 0, 10_000_000))
        while not protocol.writing_paused:
            await asyncio.sleep(0)
        if how == "cancel":
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not transport.is_closing()
            transport.abort()
        else:
            transport.abort()
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(task, 5)


async def test_sendfile_needs_a_plain_body(lib, make, file):
    async with connected(lib) as (_, protocol):
        writer = make(protocol)
        writer.enable_chunking()
        with pytest.raises(RuntimeError, match="chunked"):
            await writer.sendfile(file, 0, 1)
