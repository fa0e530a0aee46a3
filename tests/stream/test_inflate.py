"""The inflater before a reader: what arrives, what is held back, and how it fails."""

import asyncio
import importlib
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

LIMIT = 4096
TEXT = bytes(range(256)) * 8


class Parts:
    """An inflater of one speed on a reader of the same."""

    def __init__(self, lib, coding="gzip", limit=LIMIT, wrap=None):
        loop = asyncio.get_running_loop()
        self.coding = lib.load("_wire.coding")
        self.errors = lib.load("_wire.errors")
        self.reader = lib.load("_stream.reader").StreamReader(
            lib.load("_stream.protocol").BaseProtocol(loop), limit, loop=loop
        )
        self.inflater = lib.load("_stream.inflate").Inflater(coding, self.reader, wrap)
        self.name = coding

    def pack(self, data):
        encoder = self.coding.make_encoder(self.name)
        return encoder.compress(data) + encoder.flush()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_passes_on_what_it_decodes(lib, coding):
    parts = Parts(lib, coding)
    packed = parts.pack(TEXT)
    for i in range(len(packed)):
        parts.inflater.feed_data(packed[i : i + 1])
    parts.inflater.feed_eof()
    assert await parts.reader.read() == TEXT
    assert parts.reader.total_compressed_bytes == len(packed)
    assert parts.reader.total_bytes == len(TEXT)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_a_bomb_stays_compressed(lib, coding):
    parts = Parts(lib, coding)
    total = 30_000_000
    parts.inflater.feed_data(parts.pack(bytes(total)))
    parts.inflater.feed_eof()
    assert parts.reader.is_full
    assert not parts.reader.is_eof()
    seen = largest = 0
    while piece := await parts.reader.readany():
        assert not piece.strip(b"\0")
        seen += len(piece)
        largest = max(largest, len(piece))
        assert parts.reader.total_bytes - seen < 1_000_000
    assert seen == total
    assert largest < 1_000_000
    assert parts.reader.at_eof()


async def test_read_of_everything_is_not_held_back(lib):
    parts = Parts(lib)
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    protocol = parts.reader._protocol
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: protocol, sock=ours)
    reading = asyncio.ensure_future(parts.reader.read())
    await asyncio.sleep(0)
    parts.inflater.feed_data(parts.pack(bytes(3_000_000)))
    parts.inflater.feed_eof()
    assert await reading == bytes(3_000_000)
    transport.close()
    theirs.close()
    await asyncio.sleep(0)


@settings(max_examples=60, deadline=None)
@given(
    body=st.builds(lambda piece, count: piece * count, st.binary(min_size=1, max_size=40), st.integers(0, 4000)),
    cut=st.integers(1, 500),
    take=st.integers(1, 20_000),
    coding=st.sampled_from(["gzip", "deflate", "br", "zstd"]),
)
async def test_any_cut_any_pace(body, cut, take, coding):
    parts = Parts(Package, coding, limit=64)
    packed = parts.pack(body)
    out = bytearray()
    for i in range(0, len(packed), cut):
        parts.inflater.feed_data(packed[i : i + cut])
        out += parts.reader.read_nowait(take)
    parts.inflater.feed_eof()
    while piece := await parts.reader.read(take):
        out += piece
    assert bytes(out) == body


class Package:
    """The package as it is imported; a fixture cannot be used under ``given``."""

    @staticmethod
    def load(dotted):
        return importlib.import_module(f"aiohttp_fast.{dotted}")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_truncation_is_an_error(lib, coding):
    parts = Parts(lib, coding)
    parts.inflater.feed_data(parts.pack(TEXT)[:-1])
    parts.inflater.feed_eof()
    with pytest.raises(parts.errors.ContentEncodingError, match=coding):
        await parts.reader.read()


async def test_truncation_behind_a_full_reader_is_an_error(lib):
    parts = Parts(lib)
    parts.inflater.feed_data(parts.pack(bytes(1_000_000))[:-1])
    parts.inflater.feed_eof()
    with pytest.raises(parts.errors.ContentEncodingError):
        while await parts.reader.readany():
            pass


async def test_corrupt_data_is_an_error_and_the_rest_is_dropped(lib):
    parts = Parts(lib)
    parts.inflater.feed_data(b"junk that is not gzip")
    parts.inflater.feed_data(parts.pack(TEXT))
    parts.inflater.end_http_chunk_receiving()
    parts.inflater.feed_eof()
    parts.inflater.resume()
    assert isinstance(parts.reader.exception(), parts.errors.ContentEncodingError)
    assert parts.reader.total_bytes == 0


async def test_errors_can_be_wrapped(lib):
    parts = Parts(lib, wrap=lambda exc: OSError(f"wrapped {exc.message}"))
    parts.inflater.feed_data(b"junk that is not gzip")
    with pytest.raises(OSError, match="wrapped Can not decode") as caught:
        await parts.reader.read()
    assert isinstance(caught.value.__cause__, parts.errors.ContentEncodingError)


async def test_the_connections_error_passes_through(lib):
    parts = Parts(lib)
    parts.inflater.feed_data(parts.pack(bytes(1_000_000)))
    parts.inflater.set_exception(ConnectionResetError("gone"))
    parts.inflater.set_exception(ConnectionResetError("again"))
    parts.inflater.feed_eof()
    with pytest.raises(ConnectionResetError, match="gone"):
        await parts.reader.read()


async def test_several_pieces_wait_for_a_full_reader(lib):
    parts = Parts(lib)
    packed = parts.pack(bytes(500_000)) + parts.pack(b"the end")
    parts.inflater.feed_data(packed[:-30])
    assert parts.reader.is_full
    for i in range(len(packed) - 30, len(packed)):
        parts.inflater.feed_data(packed[i : i + 1])
        parts.inflater.end_http_chunk_receiving()
    parts.inflater.feed_eof()
    out = bytearray()
    while piece := await parts.reader.readany():
        out += piece
    assert bytes(out) == bytes(500_000) + b"the end"


async def test_an_empty_body_is_complete(lib):
    parts = Parts(lib)
    parts.inflater.feed_eof()
    assert await parts.reader.read() == b""


def test_unknown_coding(lib):
    with pytest.raises(ValueError, match="no decoder"):
        lib.load("_wire.coding").make_decoder("rot13")
