"""HeadersParser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._stream.field_parser import HeadersParser
from aiohttp_fast._wire import errors


def test_fields():
    headers, raw = HeadersParser().parse_headers([b"A:b", b"C:  d ", b"a:\xff\xe9", b"", b"X: y"])
    assert list(headers.items()) == [("A", "b"), ("C", "d"), ("a", "\udcff\udce9")]
    assert headers.getall("a") == ["b", "\udcff\udce9"]
    assert raw == ((b"A", b"b"), (b"C", b"d"), (b"a", b"\xff\xe9"))


def test_the_empty_line_may_be_left_out():
    assert HeadersParser().parse_headers([b"A:b"])[1] == ((b"A", b"b"),)
    assert HeadersParser().parse_headers([])[1] == ()


@pytest.mark.parametrize(
    "line", [b"A b:c", b"A :c", b":c", b" c", b"A", b"A:b\x00c", b"A:\x01", b"GET / HTTP/1.1", b"A: b\nC: d", b"A: b\r"]
)
def test_no_fields(line):
    with pytest.raises(errors.InvalidHeader):
        HeadersParser().parse_headers([b"X:y", line, b""])


def test_folds_are_for_lax_ones():
    lines = [b"A:b", b" c", b""]
    with pytest.raises(errors.InvalidHeader):
        HeadersParser().parse_headers(lines)
    assert HeadersParser(lax=True).parse_headers(lines)[0]["A"] == "b c"


@pytest.mark.parametrize("name", [b"Host", b"Content-Length", b"Server", b"ETag"])
def test_twice(name):
    lines = [name + b": 1", name.lower() + b": 1", b""]
    with pytest.raises(errors.BadHttpMessage, match="Duplicate"):
        HeadersParser().parse_headers(lines)
    assert len(HeadersParser(lax=True).parse_headers(lines)[0]) == 2


def test_twice_where_that_is_allowed():
    assert len(HeadersParser().parse_headers([b"Set-Cookie: 1", b"Set-Cookie: 2", b""])[0]) == 2


def test_limits():
    with pytest.raises(errors.LineTooLong, match="max_field_size"):
        HeadersParser(max_field_size=20).parse_headers([b"A:" + b"x" * 20, b""])
    HeadersParser(max_field_size=21).parse_headers([b"A:" + b"x" * 20, b""])
    with pytest.raises(errors.TooManyHeaders, match="max_headers"):
        HeadersParser(max_headers=2).parse_headers([b"A:b"] * 3 + [b""])


@given(st.lists(st.binary(max_size=30), max_size=5), st.booleans())
def test_any_bytes_are_fields_or_an_error(lines, lax):
    try:
        headers, raw = HeadersParser(lax=lax).parse_headers(lines)
    except errors.BadHttpMessage:
        return
    assert len(headers) == len(raw)
    for name, value in raw:
        assert name
        assert b"\n" not in name + value
