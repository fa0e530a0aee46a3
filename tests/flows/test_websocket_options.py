"""Options of WebSockets that are not aiohttp's: what is compressed, and what memory that takes (RFC 7692)."""

import asyncio
import random
import tracemalloc
import zlib
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpora.frames import BINARY, TEXT, closing, deflated, frame
from tests.servers import Peer, serve
from tests.ws import accept, read_frame

AGREED = b"Sec-WebSocket-Extensions: permessage-deflate"
FRESH = AGREED + b"; client_no_context_takeover; server_no_context_takeover"
BACKENDS = ["zlib", "isal.isal_zlib", "zlib_ng.zlib_ng"]
RSV1 = 0x40


@pytest.fixture(params=BACKENDS)
def backend(request, lib):
    lib.load("compression_utils").set_zlib_backend(pytest.importorskip(request.param))
    yield request.param
    lib.load("compression_utils").set_zlib_backend(None)


class Reader:
    """A server that notes each frame's first byte and its message, read with one window as RFC 7692 7.2.2 has it."""

    def __init__(self, answer: bytes = AGREED, bits: int = 15) -> None:
        self.answer = answer
        self.bits = bits
        self.seen: list[tuple[int, bytes]] = []

    async def __call__(self, peer: Peer) -> None:
        await accept(peer, self.answer)
        inflate = zlib.decompressobj(wbits=-self.bits)
        while True:
            first, data = await read_frame(peer)
            if first == 0x88:
                return await peer.send(closing(1000))
            if first & RSV1:
                data = inflate.decompress(data + b"\0\0\xff\xff")
            self.seen.append((first, data))


# Which messages are compressed


async def test_short_messages_are_sent_as_they_are(lib):
    aiohttp = lib.load()
    reader = Reader()
    async with serve(reader) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, compress=15, compress_min_size=10) as ws:
            await ws.send_str("a" * 9)
            await ws.send_str("a" * 10)
            await ws.send_str("ü" * 5)  # ten bytes
            await ws.send_str("ü" * 4)
            await ws.send_bytes(b"")
            await ws.send_bytes(bytearray(10))
            await ws.send_bytes(memoryview(bytes(9)))
            await ws.send_json([])
            await ws.ping(b"p" * 20)
            await ws.send_frame(b"a" * 10, BINARY)
    assert reader.seen == [
        (0x81, b"a" * 9),
        (0xC1, b"a" * 10),
        (0xC1, "ü".encode() * 5),
        (0x81, "ü".encode() * 4),
        (0x82, b""),
        (0xC2, bytes(10)),
        (0x82, bytes(9)),
        (0x81, b"[]"),
        (0x89, b"p" * 20),
        (0xC2, b"a" * 10),
    ]


async def test_what_is_said_of_one_message_goes_before(lib):
    aiohttp = lib.load()
    reader = Reader()
    async with serve(reader) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, compress=15, compress_min_size=10) as ws:
            await ws.send_str("a", compress=1)
            await ws.send_bytes(b"a", 9)
            await ws.send_str("a" * 10, compress=0)
            await ws.send_str("a" * 10)
    assert [first for first, _ in reader.seen] == [0xC1, 0xC2, 0x81, 0xC1]


@pytest.mark.parametrize("size", [1 << 30, 10**30])
async def test_nothing_is_as_long_as_that(lib, size):
    """Not even those that would be compressed off the loop."""
    aiohttp = lib.load()
    reader = Reader()
    async with serve(reader) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, compress=15, compress_min_size=size) as ws:
            await ws.send_bytes(bytes(200_000))
    assert reader.seen == [(0x82, bytes(200_000))]


async def test_short_messages_do_not_overtake_a_large_one(lib):
    aiohttp = lib.load()
    reader = Reader()
    large = random.Random(1).randbytes(200) * 2000
    bodies = [b"a", large, b"b", large, b"c" * 20, b"d"]
    async with serve(reader) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, compress=15, compress_min_size=10) as ws:
            await asyncio.gather(*(asyncio.create_task(ws.send_bytes(body)) for body in bodies))
            await ws.send_bytes(b"e")
    assert reader.seen == [
        (0x82 if len(body) < 10 else 0xC2, body) for body in (*bodies, b"e")
    ]  # fmt: skip


async def test_short_message_that_waits_for_a_large_one_hears_of_the_end(lib):
    aiohttp = lib.load()
    async with serve(Reader()) as server, aiohttp.ClientSession() as session:
        ws = await session.ws_connect(server.url, compress=15, compress_min_size=10)
        sending = [asyncio.create_task(ws.send_bytes(body)) for body in (bytes(4_000_000), b"a", b"b")]
        await asyncio.sleep(0)
        sending[2].cancel()
        await ws.close()
        results = await asyncio.gather(*sending, return_exceptions=True)
    assert [type(result) for result in results] == [
        aiohttp.ClientConnectionResetError,
        aiohttp.ClientConnectionResetError,
        asyncio.CancelledError,
    ]


@pytest.mark.parametrize("options", [{}, {"compress": 15}], ids=["not asked for", "not agreed on"])
async def test_without_an_agreement_they_change_nothing(lib, options):
    aiohttp = lib.load()
    reader = Reader(b"X-None: 1")
    async with serve(reader) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, compress_mem_level=1, compress_min_size=1, **options) as ws:
            await ws.send_str("a" * 100)
            await ws.send_str("a", compress=1)
            assert ws.compress == 0
    assert reader.seen == [(0x81, b"a" * 100), (0x81, b"a")]


async def test_values_that_say_nothing(lib):
    """Those of the defaults: every message is compressed, the empty one too; a whole float is a number."""
    aiohttp = lib.load()
    for options in ({}, {"compress_mem_level": None, "compress_min_size": 0}, {"compress_min_size": 0.0}):
        reader = Reader()
        async with serve(reader) as server, aiohttp.ClientSession() as session:
            async with session.ws_connect(server.url, compress=15, **options) as ws:
                await ws.send_str("")
                await ws.send_bytes(b"a")
        assert reader.seen == [(0xC1, b""), (0xC2, b"a")]


async def test_without_a_session(lib):
    aiohttp = lib.load()
    reader = Reader()
    async with serve(reader) as server:
        async with aiohttp.ws_connect(server.url, compress=15, compress_mem_level=9.0, compress_min_size=2) as ws:
            await ws.send_str("a")
            await ws.send_str("aa")
    assert reader.seen == [(0x81, b"a"), (0xC1, b"aa")]


_WORDS = b"the quick brown fox jumps over the lazy dog, and then over it again"
_BODIES = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda at, size: (_WORDS * 40)[at : at + size], st.integers(0, 60), st.integers(0, 2500)),
    st.builds(lambda seed, times: random.Random(seed).randbytes(997) * times, st.integers(0, 3), st.integers(60, 90)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.lists(st.tuples(_BODIES, st.sampled_from([None, None, None, 0, 1, 9])), min_size=1, max_size=12),
    bits=st.integers(9, 15),
    mem_level=st.one_of(st.none(), st.integers(1, 9)),
    min_size=st.sampled_from([0, 1, 100, 1000, 1 << 17]),
)
def test_any_messages_arrive(lib, backend, sent, bits, mem_level, min_size):
    """In order and unchanged, whichever of them are compressed, with the window that was agreed on and no larger."""
    aiohttp = lib.load()
    reader = Reader(AGREED + b"; client_max_window_bits=%d" % bits, bits)

    async def main() -> None:
        async with serve(reader) as server, aiohttp.ClientSession() as session:
            async with session.ws_connect(
                server.url, compress=15, compress_mem_level=mem_level, compress_min_size=min_size
            ) as ws:
                assert ws.compress == bits
                for body, level in sent:
                    await ws.send_bytes(body, level)

    asyncio.run(main())
    assert [body for _, body in reader.seen] == [body for body, _ in sent]
    for (first, _), (body, level) in zip(reader.seen, sent, strict=True):
        assert bool(first & RSV1) is (len(body) >= min_size if level is None else level > 0)


# What memory it takes: tracemalloc is told of the backends' own, too


class Quiet:
    """A server that keeps no memory for a connection: it sends one compressed message for each that it gets."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    async def __call__(self, peer: Peer) -> None:
        await accept(peer, self.answer)
        message = frame(TEXT, deflated(_WORDS * 500), rsv=4)
        while (await read_frame(peer))[0] != 0x88:
            await peer.send(message)
        await peer.send(closing(1000))


COUNT = 8


async def memory_of(lib, answer: bytes, **options) -> float:
    """Return the bytes that sending and receiving leaves behind in each of some WebSockets."""
    aiohttp = lib.load()
    async with serve(Quiet(answer)) as server, aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(session.ws_connect(server.url, **options)) for _ in range(COUNT + 1)]

        async def use(ws) -> None:
            for _ in range(2):
                await ws.send_bytes(_WORDS * 300)
                assert await ws.receive_str() == _WORDS.decode() * 500

        await use(opened[0])  # what is made once is made here
        tracemalloc.start(1)
        try:
            before = tracemalloc.get_traced_memory()[0]
            for ws in opened[1:]:
                await use(ws)
            return (tracemalloc.get_traced_memory()[0] - before) / COUNT
        finally:
            tracemalloc.stop()


async def test_less_memory(lib, backend):
    default = await memory_of(lib, AGREED, compress=15)
    least = await memory_of(lib, AGREED, compress=15, compress_mem_level=1)
    most = await memory_of(lib, AGREED, compress=15, compress_mem_level=9)
    assert default - least > 75_000
    assert most - default > 75_000
    if backend == "zlib":
        narrow = await memory_of(lib, AGREED, compress=12, compress_mem_level=1)
        assert narrow < least - 100_000


@pytest.mark.parametrize(
    "options",
    [{"compress": 15}, {"headers": {"Sec-WebSocket-Extensions": (FRESH.decode().partition(": ")[2])}}],
    ids=["compress", "an offer of one's own"],
)
async def test_nothing_is_kept_between_messages(lib, backend, options):
    assert await memory_of(lib, FRESH, **options) < 4_000
    assert await memory_of(lib, AGREED, compress=15) > 100_000


async def test_a_large_message_leaves_nothing_behind(lib, backend):
    """Neither its fragments, nor what it was inflated from; and of a compressor in a thread nothing either."""
    aiohttp = lib.load()
    body = random.Random(1).randbytes(100_000) * 20
    coded = deflated(body)
    cut = len(coded) // 2

    async def handler(peer: Peer) -> None:
        await accept(peer, AGREED)
        for _ in range(2):
            await read_frame(peer)
            await peer.send(frame(BINARY, coded[:cut], rsv=4, fin=False) + frame(0, coded[cut:]))
        await read_frame(peer)
        await peer.send(closing(1000))

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, compress=15) as ws:
            await ws.send_bytes(body)
            assert await ws.receive_bytes() == body  # the window is there from now on
            tracemalloc.start(1)
            try:
                before = tracemalloc.get_traced_memory()[0]
                await ws.send_bytes(body)
                assert await ws.receive_bytes() == body
                assert tracemalloc.get_traced_memory()[0] - before < 100_000
            finally:
                tracemalloc.stop()
