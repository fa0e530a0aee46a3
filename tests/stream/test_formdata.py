"""FormData: urlencoded forms; what needs multipart says so."""

import io
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, MultiDict, MultiDictProxy


@pytest.fixture
def form(lib):
    return lib.load("_stream.formdata").FormData


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"a": "b c&é", "d": "1+2"}, b"a=b+c%26%C3%A9&d=1%2B2"),
        ([("a", "1"), ("a", "2")], b"a=1&a=2"),
        ((("a", "b"),), b"a=b"),
        (MultiDict([("a", "1"), ("A", "2")]), b"a=1&A=2"),
        (MultiDictProxy(CIMultiDict(a="1")), b"a=1"),
        ({"a": 1, "b": None, "c": True, "d": 1.5}, b"a=1&b=None&c=True&d=1.5"),
        ({"a": ["1", "2"]}, b"a=1&a=2"),
        ({"a~*-._ ": "b!'()"}, b"a~%2A-._+=b%21%27%28%29"),
        ((), b""),
    ],
)
def test_urlencoded(form, fields, expected):
    payload = form(fields)()
    assert payload._value == expected
    assert payload.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert payload.size == len(expected)


def test_charset(form):
    payload = form({"a": "é"}, charset="latin1")()
    assert payload._value == b"a=%E9"
    assert payload.content_type == "application/x-www-form-urlencoded; charset=latin1"


def test_any_text_comes_back(form):
    @given(st.lists(st.tuples(st.text(), st.text())))
    def check(fields):
        assert parse_qsl(form(fields)()._value.decode(), keep_blank_values=True, strict_parsing=False) == fields

    check()


@pytest.mark.parametrize(
    "fields", ["abc", 5, [1], ["ab"], [("a", "b", "c")], ("a", "b"), None, b"x", {1: "a"}, [{"a": "b"}]]
)
def test_refused(form, fields):
    with pytest.raises(TypeError):
        form(fields)


@pytest.mark.parametrize(
    "make",
    [
        lambda form: form(default_to_multipart=True),
        lambda form: form({"a": io.BytesIO()}),
        lambda form: form(io.BytesIO()),
        lambda form: form({"a": b"bytes"}),
        lambda form: form().add_field("a", "b", filename="x"),
        lambda form: form().add_field("a", "b", content_type="a/b"),
        lambda form: form().add_field("a", "b", content_transfer_encoding="binary"),
    ],
)
def test_multipart_is_named(form, make):
    with pytest.raises(NotImplementedError, match=r"multipart FormData .* comes with the next release"):
        make(form)


@pytest.mark.parametrize("option", ["content_type", "filename", "content_transfer_encoding"])
def test_options_are_text(form, option):
    with pytest.raises(TypeError, match=option):
        form().add_field("a", "b", **{option: 5})


def test_add_fields(form):
    data = form({"a": "b"})
    data.add_fields(("c", "d"), MultiDict(e="f"))
    assert not data.is_multipart
    assert data()._value == b"a=b&c=d&e=f"
