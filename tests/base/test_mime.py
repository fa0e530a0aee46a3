"""Media types and their parameters."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._base import mime


@pytest.mark.parametrize(
    ("text", "expected", "parameters"),
    [
        ("", ("", "", ""), {}),
        ("*", ("*", "*", ""), {}),
        ("text", ("text", "", ""), {}),
        ("text/plain", ("text", "plain", ""), {}),
        ('TEXT/Plain;CHARSET="UTF-8"; a', ("text", "plain", ""), {"charset": "UTF-8", "a": ""}),
        ("application/vnd.api+json", ("application", "vnd.api", "json"), {}),
        (' text/html ; q = "a;b\\"" ;x=1', ("text", "html", ""), {"q": 'a;b"', "x": "1"}),
        ("text/html;;=x; charset=", ("text", "html", ""), {"charset": ""}),
        ('a/b; "x"=1; y="unclosed; z=2', ("a", "b", ""), {"y": "unclosed", "z": "2"}),
        ('a/b; x="1"junk; y=2', ("a", "b", ""), {"x": "1", "y": "2"}),
    ],
)
def test_parse_mimetype(text, expected, parameters):
    found = mime.parse_mimetype(text)
    assert (found.type, found.subtype, found.suffix) == expected
    assert dict(found.parameters) == parameters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("text/plain", "text/plain"),
        ("TEXT/HTML; charset=x", "text/html"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("", mime.DEFAULT_CONTENT_TYPE),
        ("text", mime.DEFAULT_CONTENT_TYPE),
        ("a/b/c", mime.DEFAULT_CONTENT_TYPE),
        (";charset=x", mime.DEFAULT_CONTENT_TYPE),
    ],
)
def test_parse_content_type(text, expected):
    assert mime.parse_content_type(text)[0] == expected


def test_first_parameter_counts_and_none_can_be_changed():
    _, parameters = mime.parse_content_type("a/b; x=1; X=2")
    assert dict(parameters) == {"x": "1"}
    with pytest.raises(TypeError):
        parameters["x"] = "3"


@given(st.text(max_size=80) | st.text('/;="\\ ab', max_size=60))
def test_any_text(text):
    kind, parameters = mime.parse_content_type(text)
    assert kind.count("/") == 1
    assert kind == kind.lower()
    assert all(parameters)
    mime.parse_mimetype(text)


@given(st.dictionaries(st.text("abcxyz-", min_size=1, max_size=8), st.text(max_size=20), max_size=5))
def test_quoted_values_round_trip(parameters):
    parts = [name + '="' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for name, value in parameters.items()]
    assert dict(mime.parse_content_type("; ".join(["a/b", *parts]))[1]) == parameters


@pytest.mark.parametrize("text", [";", '"', ';"', "; a", '; a="', '; a="\\', ' ; a = "b" ', "= ", "\t "])
def test_time_is_linear(text):
    def cost(count):
        best = 9.0
        for attempt in range(3):
            value = f"a/b;{attempt}" + text * count
            start = time.process_time()
            mime.parse_content_type(value)
            best = min(best, time.process_time() - start)
        return best

    assert cost(16000) < 0.01 + 20 * cost(2000)
