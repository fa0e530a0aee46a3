"""Caps on the body of a response: what comes is cut, the connection closed, and what was read is kept."""

import gzip
import pickle
import zlib

import pytest

from tests.servers import serve

ZEROS = b"\0" * 8_000_000


def answering(head, *pieces, close=False):
    async def handler(peer):
        await peer.request()
        await peer.send(head)
        for piece in pieces:
            await peer.send(piece)
        if not close:
            await peer.gone()

    return handler


def plain(body, split=None):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    return answering(head + body) if split is None else answering(head, body[:split], body[split:])


def chunked(*pieces, end=b"0\r\n\r\n"):
    return answering(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces), end
    )


def coded(body, coding=b"gzip"):
    return answering(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Encoding: %s\r\n\r\n%s" % (len(body), coding, body)
    )


CUT = [
    # handler, options, name of the limit, its value, what is kept
    (plain(b"0123456789"), {"max_body_size": 9}, "max_body_size", 9, b"012345678"),
    (plain(b"0" * 3_000_000, 10), {"max_body_size": 2_999_999}, "max_body_size", 2_999_999, None),
    (chunked(b"01234", b"56789"), {"max_body_size": 9}, "max_body_size", 9, b"012345678"),
    (chunked(b"0" * 400_000, b"1" * 400_000), {"max_body_size": 500_000}, "max_body_size", 500_000, 500_000),
    (
        answering(b"HTTP/1.1 200 OK\r\n\r\n0123456789", close=True),
        {"max_body_size": 9},
        "max_body_size",
        9,
        b"012345678",
    ),
    (coded(gzip.compress(b"0123456789")), {"max_body_size": 9}, "max_body_size", 9, b"012345678"),
    (coded(gzip.compress(ZEROS)), {"max_body_size": 100_000}, "max_body_size", 100_000, 100_000),
    (coded(gzip.compress(ZEROS)), {"max_decompressed_size": 100_000}, "max_decompressed_size", 100_000, 100_000),
    (coded(zlib.compress(ZEROS), b"deflate"), {"max_decompression_ratio": 10}, "max_decompression_ratio", 10, 1 << 20),
    (
        coded(gzip.compress(ZEROS)),
        {"max_body_size": 5_000_000, "max_decompressed_size": 4_000_000, "max_decompression_ratio": 1},
        "max_decompression_ratio",
        1,
        1 << 20,
    ),
]


@pytest.mark.parametrize("where", ["session", "request"])
@pytest.mark.parametrize(("handler", "options", "name", "limit", "kept"), CUT)
async def test_cut(lib, handler, options, name, limit, kept, where):
    aiohttp = lib.load()
    of_session, of_request = (options, {}) if where == "session" else ({}, options)
    async with serve(handler) as server, aiohttp.ClientSession(**of_session) as session:
        async with session.get(server.url, **of_request) as response:
            assert response.status == 200
            with pytest.raises(aiohttp.ClientPayloadSizeError) as info:
                await response.read()
        error = info.value
        assert isinstance(error, aiohttp.ClientPayloadError)
        assert (error.limit_name, error.limit, error.phase) == (name, limit, "body")
        assert f"{name}={limit}" in str(error)
        if kept is not None:
            assert error.body == kept or len(error.body) == kept
        assert pickle.loads(pickle.dumps(error)).body == error.body
        assert not session.connector.stats().acquired
        assert not session.connector._slots.used


@pytest.mark.parametrize(
    "handler", [plain(b"0123456789"), chunked(b"01234", b"56789"), coded(gzip.compress(b"0123456789"))]
)
async def test_exactly_the_limit_passes(lib, handler):
    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession(max_body_size=10) as session:
        async with session.get(server.url) as response:
            assert await response.read() == b"0123456789"
        assert session.connector.stats().idle == 1


async def test_plain_bodies_know_no_decompression(lib):
    aiohttp = lib.load()
    async with serve(plain(b"0123456789")) as server:
        async with aiohttp.ClientSession(max_decompressed_size=3, max_decompression_ratio=0.1) as session:
            async with session.get(server.url) as response:
                assert await response.read() == b"0123456789"


async def test_ratio_leaves_small_bodies_alone(lib):
    aiohttp = lib.load()
    async with serve(coded(gzip.compress(b"\0" * 1_000_000))) as server:
        async with aiohttp.ClientSession(max_decompression_ratio=2) as session:
            async with session.get(server.url) as response:
                assert len(await response.read()) == 1_000_000


async def test_auto_decompress_off_counts_what_travels(lib):
    aiohttp = lib.load()
    body = gzip.compress(ZEROS)
    async with serve(coded(body)) as server:
        async with aiohttp.ClientSession(max_body_size=len(body), auto_decompress=False) as session:
            async with session.get(server.url) as response:
                assert await response.read() == body


@pytest.mark.parametrize("no_limit", [None, 0])
async def test_request_lifts_the_limit(lib, no_limit):
    aiohttp = lib.load()
    async with serve(plain(b"0123456789")) as server, aiohttp.ClientSession(max_body_size=3) as session:
        async with session.get(server.url, max_body_size=no_limit) as response:
            if no_limit is None:  # says nothing: the session's counts
                with pytest.raises(aiohttp.ClientPayloadSizeError):
                    await response.read()
            else:
                assert await response.read() == b"0123456789"


async def test_announced_too_large_is_not_even_received(lib):
    """The status is there to be looked at; the connection is closed before the body comes."""
    aiohttp = lib.load()
    head = answering(b"HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\n")
    async with serve(head) as server, aiohttp.ClientSession(max_body_size=1000) as session:
        async with session.get(server.url) as response:
            assert response.status == 404
            assert session.connector.stats().acquired == 0
            with pytest.raises(aiohttp.ClientPayloadSizeError) as info:
                await response.text()
            assert info.value.body == b""


async def test_streams_get_what_is_allowed(lib):
    aiohttp = lib.load()
    handler = chunked(*(b"%04d" % n for n in range(100)))
    async with serve(handler) as server, aiohttp.ClientSession(max_body_size=50) as session:
        got = b""
        with pytest.raises(aiohttp.ClientPayloadSizeError) as info:
            async with session.get(server.url) as response:
                async for piece in response.content.iter_any():
                    got += piece
        assert got + info.value.body == b"".join(b"%04d" % n for n in range(100))[:50]


@pytest.mark.parametrize("name", ["max_body_size", "max_decompressed_size", "max_decompression_ratio"])
@pytest.mark.parametrize(("value", "kind"), [(-1, ValueError), ("9", TypeError), (True, TypeError), (b"9", TypeError)])
async def test_bad_limits(lib, name, value, kind):
    aiohttp = lib.load()
    with pytest.raises(kind, match=name):
        aiohttp.ClientSession(**{name: value})
    async with aiohttp.ClientSession() as session:
        with pytest.raises(kind, match=name):
            await session.get("http://localhost/", **{name: value})
