"""HttpPayloadParser and DeflateBuffer."""

import asyncio
import gzip
import zlib

import pytest

from tests.conftest import Lib

COMPLETE, NEEDS_INPUT = 0, 1


@pytest.fixture
def make(lib: Lib):
    doors, errors = lib.load("http_parser"), lib.load("http_exceptions")

    class Maker:
        module = doors
        wire = errors

        @staticmethod
        def reader(limit=65536):
            return lib.load().StreamReader(lib.load("base_protocol").BaseProtocol(asyncio.get_running_loop()), limit)

        @staticmethod
        def parser(payload, **options):
            return doors.HttpPayloadParser(payload, headers_parser=doors.HeadersParser(), **options)

    return Maker


async def test_a_length(make):
    payload = make.reader()
    parser = make.parser(payload, length=3)
    assert parser.feed_data(b"ab") == (NEEDS_INPUT, b"")
    assert not parser.done
    assert parser.feed_data(b"cdef") == (COMPLETE, b"def")
    assert parser.done
    parser.feed_eof()
    assert await payload.read() == b"abc"


async def test_chunks(make):
    payload = make.reader()
    parser = make.parser(payload, chunked=True)
    for piece in (b"3\r\nab", b"c\r\n2;x=y\r\nde\r", b"\n0\r\n"):
        assert parser.feed_data(piece) == (NEEDS_INPUT, b"")
    assert parser.feed_data(b"\r\nREST") == (COMPLETE, b"REST")
    assert await payload.readchunk() == (b"abc", True)
    assert await payload.read() == b"de"


async def test_until_the_end(make):
    payload = make.reader()
    parser = make.parser(payload)
    assert parser.feed_data(b"abc", b"\r\n", CHUNK_EXT=b";") == (NEEDS_INPUT, b"")
    parser.feed_eof()
    assert parser.done
    assert await payload.read() == b"abc"


@pytest.mark.parametrize(
    "options",
    [{"length": 0}, {"length": 5, "response_with_body": False}, {"length": 5, "code": 204, "method": "GET"},
     {"code": 200, "method": "HEAD"}],
)  # fmt: skip
async def test_no_body(make, options):
    payload = make.reader()
    assert make.parser(payload, **options).done
    assert payload.at_eof()


@pytest.mark.parametrize(
    ("options", "fed", "error"),
    [({"length": 5}, b"ab", "ContentLengthError"), ({"chunked": True}, b"3\r\nab", "TransferEncodingError")],
)
async def test_cut_short(make, options, fed, error):
    payload = make.reader()
    parser = make.parser(payload, **options)
    parser.feed_data(fed)
    with pytest.raises(getattr(make.wire, error)) as raised:
        parser.feed_eof()
    assert payload.exception() is raised.value


async def test_bad_chunks(make):
    payload = make.reader()
    parser = make.parser(payload, chunked=True)
    with pytest.raises(make.wire.TransferEncodingError) as raised:
        parser.feed_data(b"zz\r\n")
    assert payload.exception() is raised.value


async def test_limits_of_trailers(make):
    parser = make.parser(make.reader(), chunked=True, max_field_size=10)
    with pytest.raises(make.wire.LineTooLong):
        parser.feed_data(b"0\r\nX: " + b"y" * 20)


@pytest.mark.parametrize("on", [True, False])
async def test_codings(make, on):
    payload = make.reader()
    packed = gzip.compress(b"hello")
    make.parser(payload, length=len(packed), compression="gzip", auto_decompress=on).feed_data(packed)
    assert await payload.read() == (b"hello" if on else packed)


async def test_a_buffer_decodes(make):
    out = make.reader()
    buffer = make.module.DeflateBuffer(out, "deflate")
    packed = zlib.compress(b"hello")
    buffer.begin_http_chunk_receiving()
    buffer.feed_data(packed[:4], 4)
    buffer.feed_data(packed[4:], len(packed) - 4)
    buffer.end_http_chunk_receiving()
    buffer.feed_eof()
    assert await out.readchunk() == (b"hello", True)
    assert buffer.size == out.total_compressed_bytes == len(packed)
    assert (buffer.out, buffer.encoding) == (out, "deflate")
    assert buffer.decompressor.eof


async def test_a_buffer_gives_pieces_of_its_size_and_holds_the_rest(make):
    out = make.reader(limit=2000)
    buffer = make.module.DeflateBuffer(out, "deflate", 1000)
    packed = zlib.compress(b"x" * 100_000)
    buffer.feed_data(packed)
    assert out.total_bytes == 5000, "the reader is full at more than twice its limit"
    buffer.feed_eof()
    assert len(await out.read()) == 100_000


async def test_a_buffer_gives_no_larger_pieces(make):
    sizes = []

    class Out:
        is_full = False
        on_drain = None
        total_compressed_bytes = None

        def feed_data(self, data):
            sizes.append(len(data))

        def feed_eof(self):
            sizes.append(0)

    buffer = make.module.DeflateBuffer(Out(), "deflate", 1000)
    buffer.feed_data(zlib.compress(b"x" * 2500))
    buffer.feed_eof()
    assert sizes == [1000, 1000, 500, 0]


@pytest.mark.parametrize("data", [b"garbage", gzip.compress(b"hello", mtime=0)[:9]])
async def test_what_is_no_gzip(make, data):
    out = make.reader()
    buffer = make.module.DeflateBuffer(out, "gzip")
    buffer.feed_data(data)
    buffer.feed_eof()
    assert isinstance(out.exception(), make.wire.ContentEncodingError)


async def test_a_coding_that_nobody_knows(make):
    with pytest.raises(make.wire.ContentEncodingError, match="no module for 'xyz'"):
        make.module.DeflateBuffer(make.reader(), "xyz")


async def test_a_reason_with_its_cause(make):
    out = make.reader()
    error, cause = ValueError("v"), KeyError()
    make.module.DeflateBuffer(out, "gzip").set_exception(error, cause)
    assert out.exception() is error
    assert error.__cause__ is cause


def test_states(make):
    assert make.module.PayloadState(0).name == "PAYLOAD_COMPLETE"
    assert make.module.ParseState.PARSE_UNTIL_EOF == 3
    assert make.module.ChunkState.PARSE_TRAILERS == 4
