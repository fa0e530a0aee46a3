"""Transfer encodings: all bytes come back, however they are cut, and others understand what is written."""

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ENCODINGS = pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
TEXT = st.binary(max_size=300) | st.text("=ab \t\r\n.", max_size=300).map(str.encode)


@pytest.fixture
def transfer(lib):
    return lib.load("_wire.transfer")


def cut(data, sizes):
    start = number = 0
    while start < len(data):
        yield data[start : start + sizes[number % len(sizes)]]
        start += sizes[number % len(sizes)]
        number += 1


@ENCODINGS
def test_all_bytes_come_back(transfer, encoding):
    @settings(deadline=None)
    @given(TEXT, st.lists(st.integers(1, 100), min_size=1), st.lists(st.integers(1, 100), min_size=1))
    def check(data, sizes, more_sizes):
        encoder, decoder = transfer.make_transfer_encoder(encoding), transfer.make_transfer_decoder(encoding)
        coded = b"".join(map(encoder.encode, cut(data, sizes))) + encoder.flush()
        assert b"".join(map(decoder.decode, cut(coded, more_sizes))) + decoder.flush() == data
        others = base64.b64decode if encoding == "base64" else quopri.decodestring
        assert others(coded) == data
        if encoding == "quoted-printable":
            assert max(map(len, coded.split(b"\n")), default=0) <= 77  # with its CR

    check()


@ENCODINGS
def test_what_others_encode(transfer, encoding):
    @settings(deadline=None)
    @given(TEXT, st.lists(st.integers(1, 100), min_size=1))
    def check(data, sizes):
        coded = base64.encodebytes(data) if encoding == "base64" else quopri.encodestring(data, quotetabs=True)
        expected = base64.b64decode(coded) if encoding == "base64" else quopri.decodestring(coded)
        decoder = transfer.make_transfer_decoder(encoding)
        assert b"".join(map(decoder.decode, cut(coded, sizes))) + decoder.flush() == expected

    check()


def test_base64_that_is_cut_short(transfer):
    decoder = transfer.make_transfer_decoder("base64")
    assert decoder.decode(b"aGVsb") == b"hel"
    with pytest.raises(ValueError, match=r"base64|padding"):
        decoder.flush()


def test_padding_is_the_end(transfer):
    decoder = transfer.make_transfer_decoder("base64")
    assert decoder.decode(b"aGVsbG8=") == b"hello"
    assert decoder.decode(b"aGVsbG8=") == b""
    assert decoder.flush() == b""


def test_significant(transfer):
    assert transfer.significant(b"aG Vs\r\nbG8=!\0") == 8


@pytest.mark.parametrize("encoding", ["", "binary", "x-foo", "BASE64"])
def test_unknown(transfer, encoding):
    for make in (transfer.make_transfer_decoder, transfer.make_transfer_encoder):
        with pytest.raises(RuntimeError, match="unknown content transfer encoding"):
            make(encoding)
