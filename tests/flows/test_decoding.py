"""Content codings: whole with the head, streamed in pieces, corrupt, cut short, and bombs."""

import asyncio
import gzip
import tracemalloc
import zlib
from functools import cache

import pytest

from tests.servers import Peer, serve

PLAIN = b"".join(b"%d plain text, " % n for n in range(20_000))


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


def brotli(data: bytes) -> bytes:
    return pytest.importorskip("brotli").compress(data, quality=5)


def zstd(data: bytes) -> bytes:
    try:
        from compression import zstd as module
    except ImportError:
        module = pytest.importorskip("backports.zstd")
    return module.compress(data, options={module.CompressionParameter.checksum_flag: 1})


CODINGS = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip-upper": ("GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate-raw": ("deflate", raw_deflate),
    "br": ("br", brotli),
    "zstd": ("zstd", zstd),
}
all_codings = pytest.mark.parametrize("coding", list(CODINGS))
all_framings = pytest.mark.parametrize("framing", ["whole", "length", "chunked", "eof"])


def answering(body: bytes, coding: str, framing: str, piece: int = 1111):
    async def handler(peer: Peer) -> None:
        while True:
            await peer.head()
            head = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + coding.encode() + b"\r\n"
            if framing == "whole":
                await peer.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                continue
            if framing == "chunked":
                await peer.send(head + b"Transfer-Encoding: chunked\r\n\r\n")
            elif framing == "length":
                await peer.send(head + b"Content-Length: %d\r\n\r\n" % len(body))
            else:
                await peer.send(head + b"\r\n")
            for at in range(0, len(body), piece):
                await asyncio.sleep(0)
                part = body[at : at + piece]
                await peer.send(b"%x\r\n%b\r\n" % (len(part), part) if framing == "chunked" else part)
            if framing == "eof":
                return
            if framing == "chunked":
                await peer.send(b"0\r\n\r\n")

    return handler


@all_framings
@all_codings
async def test_decoded(lib, coding, framing):
    name, encode = CODINGS[coding]
    coded = encode(PLAIN)
    async with serve(answering(coded, name, framing)) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == PLAIN
            assert response.headers["Content-Encoding"] == name
        async with session.get(server.url) as response:
            assert b"".join([piece async for piece in response.content.iter_any()]) == PLAIN
            assert response.content.total_bytes == len(PLAIN)
            assert response.content.total_raw_bytes == len(coded)
        async with session.get(server.url, auto_decompress=False) as response:
            assert await response.read() == coded
        async with session.get(server.url, read_bufsize=100) as response:
            pieces = [piece async for piece in response.content.iter_chunked(1000)]
            assert b"".join(pieces) == PLAIN
            assert max(map(len, pieces)) <= 1000
        assert session.connector._slots.used == 0
    assert server.connections == (4 if framing == "eof" else 1)


async def test_session_wide_setting(lib):
    coded = gzip.compress(PLAIN)
    async with serve(answering(coded, "gzip", "length")) as server:
        async with lib.load().ClientSession(auto_decompress=False) as session:
            async with session.get(server.url) as response:
                assert await response.read() == coded
            async with session.get(server.url, auto_decompress=True) as response:
                assert await response.read() == PLAIN


@all_framings
async def test_unknown_coding_is_left_alone(lib, framing):
    async with serve(answering(b"as it is", "rot13", framing)) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == b"as it is"


@all_framings
@all_codings
async def test_empty_body(lib, coding, framing):
    """Nothing at all is no truncated stream; servers do send it so."""
    async with serve(answering(b"", CODINGS[coding][0], framing)) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == b""


async def wrong(lib, handler, read) -> None:
    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url)
        with pytest.raises(aiohttp.ClientPayloadError, match="not completed") as info:
            await asyncio.wait_for(read(response), 5)
        assert not isinstance(info.value, ValueError)
        response.release()
        assert session.connector._slots.used == 0


async def read_whole(response):
    return await response.read()


async def read_pieces(response):
    return [piece async for piece in response.content.iter_any()]


@pytest.mark.parametrize("read", [read_whole, read_pieces])
@all_framings
@all_codings
async def test_cut_short(lib, coding, framing, read):
    """SECURITY.md 4.4: a coded body that ends too early is no complete body, though the framing says so."""
    name, encode = CODINGS[coding]
    await wrong(lib, answering(encode(PLAIN)[:-7], name, framing), read)


@pytest.mark.parametrize("read", [read_whole, read_pieces])
@all_framings
@all_codings
async def test_corrupt(lib, coding, framing, read):
    name, encode = CODINGS[coding]
    if coding == "deflate-raw":
        pytest.skip("has no checksum (RFC 1951): such an error cannot be seen")
    coded = bytearray(encode(PLAIN))
    for at in range(len(coded) // 2, len(coded) // 2 + 40):
        coded[at] ^= 0x5A
    await wrong(lib, answering(bytes(coded), name, framing), read)


@all_framings
@all_codings
async def test_not_coded_at_all(lib, coding, framing):
    await wrong(lib, answering(b"\xff this is not coded at all", CODINGS[coding][0], framing), read_whole)


async def test_two_codings_or_a_chain_are_bounded(lib):
    """A chain of codings is not undone without end (urllib3 CVE-2025-66418); one that is not known stays."""
    coded = gzip.compress(gzip.compress(PLAIN))
    name = ", ".join(["gzip"] * 50)
    async with serve(answering(coded, name, "length")) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == coded


@cache
def bomb(coding: str, size: int) -> bytes:
    return CODINGS[coding][1](bytes(size))


@pytest.mark.parametrize("framing", ["whole", "length", "chunked"])
@all_codings
async def test_bomb_stays_compressed(lib, coding, framing):
    """100 MB of zeros come by in pieces, and never more than a few buffers of them are there at once."""
    name = CODINGS[coding][0]
    total = 100_000_000
    coded = bomb(coding, total)
    async with serve(answering(coded, name, framing, 65_536)) as server, lib.load().ClientSession() as session:
        tracemalloc.start(1)
        try:
            async with session.get(server.url, read_bufsize=65_536) as response:
                await asyncio.sleep(0.01)  # what would be inflated without being asked for
                tracemalloc.reset_peak()
                start = tracemalloc.get_traced_memory()[1]
                found = 0
                async for piece in response.content.iter_chunked(65_536):
                    found += len(piece)
                    if found > total // 4:
                        break  # enough to tell
                peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert found > total // 4
        assert start < 6_000_000 + len(coded)
        assert peak < 6_000_000 + 2 * len(coded)


async def test_sizes_of_a_body_decoded_as_a_whole(lib):
    """They are known also where no stream was needed to read it."""
    body = b"text " * 1000
    coded = gzip.compress(body)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(coded, b"Content-Encoding: gzip")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == body
            assert response.content.total_bytes == len(body)
            assert response.content.total_raw_bytes == len(coded)
