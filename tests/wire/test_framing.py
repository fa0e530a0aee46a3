"""Outgoing chunks are what RFC 9112 7.1 writes, and the package's own parser is not asked."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict


@pytest.fixture(scope="module")
def framing(lib):
    return lib.load("_wire.http.framing")


def unchunk(body):
    """Read a chunked body by the letter of the grammar; what follows the last chunk is the rest."""
    data = bytearray()
    while True:
        line, _, body = body.partition(b"\r\n")
        assert re.fullmatch(rb"[0-9a-f]+", line)
        size = int(line, 16)
        if size == 0:
            return bytes(data), body
        data += body[:size]
        assert body[size : size + 2] == b"\r\n"
        body = body[size + 2 :]


def test_chunks_read_back(framing):
    @given(st.lists(st.binary(max_size=300)))
    def check(pieces):
        body = b"".join(map(framing.chunk, pieces)) + framing.LAST_CHUNK
        assert unchunk(body) == (b"".join(pieces), b"\r\n")

    check()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_chunk_takes_bytes_like(framing, kind):
    assert framing.chunk(kind(b"hello")) == b"5\r\nhello\r\n"
    assert framing.chunk_head(26) + bytes(26) + framing.CHUNK_END == framing.chunk(kind(bytes(26)))


def test_chunk_counts_bytes_not_items(framing):
    wide = memoryview(b"12345678").cast("I")
    assert framing.chunk(wide) == b"8\r\n12345678\r\n"


def test_no_data_is_no_chunk(framing):
    assert framing.chunk(b"") == b""
    for size in (0, -1):
        with pytest.raises(ValueError, match="1 byte or more"):
            framing.chunk_head(size)


@pytest.mark.parametrize("trailers", [None, (), [], {}, CIMultiDict()])
def test_last_chunk_without_trailers(framing, trailers):
    assert framing.last_chunk(trailers) == b"0\r\n\r\n"


@pytest.mark.parametrize("kind", [list, dict, CIMultiDict, iter])
def test_last_chunk_with_trailers(framing, kind):
    pairs = [("Digest", "x"), ("X-Sum", "1")]
    assert framing.last_chunk(kind(pairs)) == b"0\r\nDigest: x\r\nX-Sum: 1\r\n\r\n"


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "HOST", "Trailer", "Set-Cookie"])
def test_fields_that_are_no_trailers(framing, name):
    with pytest.raises(ValueError, match=f"(?i){name}"):
        framing.last_chunk([("X", "1"), (name, "1")])


def test_trailers_are_checked_as_headers_are(framing):
    with pytest.raises(ValueError, match="X-Sum"):
        framing.last_chunk([("X-Sum", "1\r\n\r\nGET / HTTP/1.1")])
