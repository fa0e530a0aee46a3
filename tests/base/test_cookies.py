"""The grammar of Cookie and Set-Cookie: what is read, what is left out, and in what time."""

import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._base import cookies

NAME_EXTRAS = "!#$%&'()*+-./:<>?@[]^_`{|}~"


def set_cookie(*fields):
    return [
        (morsel.key, morsel.value, morsel.coded_value, {name: value for name, value in morsel.items() if value})
        for _, morsel in cookies.parse_set_cookie_headers(fields)
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("a=b", ("a", "b", "b", {})),
        ("  a  =  b  ", ("a", "b", "b", {})),
        ("a=", ("a", "", "", {})),
        ("a=b=c", ("a", "b=c", "b=c", {})),
        ("a=b c", ("a", "b c", "b c", {})),
        ("a=b, c=d", ("a", "b, c=d", "b, c=d", {})),
        ('a="b c"', ("a", "b c", '"b c"', {})),
        ('a="x;y"; Path=/', ("a", "x;y", '"x;y"', {"path": "/"})),
        ('a="b\\"c\\054d"', ("a", 'b"c,d', '"b\\"c\\054d"', {})),
        ('a="unclosed', ("a", '"unclosed', '"unclosed', {})),
        ('a="x"y', ("a", '"x"y', '"x"y', {})),
        ("a=b;;  ; PATH = /q ", ("a", "b", "b", {"path": "/q"})),
        ("a=b; path=/x; path=/y", ("a", "b", "b", {"path": "/y"})),
        ("a=b; Secure; HttpOnly=no", ("a", "b", "b", {"secure": True, "httponly": True})),
        ("a=b; SameSite=Lax", ("a", "b", "b", {"samesite": "Lax"})),
        ('a=b; Max-Age="10"; unknown=x; Path', ("a", "b", "b", {"max-age": "10"})),
        ("expires=1; Domain=.Example.com", ("expires", "1", "1", {"domain": ".Example.com"})),
        ("a=ü", ("a", "ü", "ü", {})),
        (f"{NAME_EXTRAS}=1", (NAME_EXTRAS, "1", "1", {})),
    ],
)  # fmt: skip
def test_set_cookie(field, expected):
    assert set_cookie(field) == [expected]


@pytest.mark.parametrize(
    "field",
    ["", "a", "=b", ";a=b", "a b=c", "a,b=1", '"a"=1', "ä=1", "a\\=1", "a=\x01b", "a=b\tc", "a=b\x7f", "a=b; Path=\x00",
     "a=b\r\nX: y", "a=" + "x" * 4096, "x" * 4097 + "="],
)  # fmt: skip
def test_bad_set_cookie_is_left_out(field):
    assert set_cookie(field, "good=1") == [("good", "1", "1", {})]


def test_size_limit_is_exact():
    assert len(set_cookie("a=" + "x" * 4095)) == 1


def test_partitioned_does_no_harm():
    assert [found[:3] for found in set_cookie("a=b; Partitioned; Secure")] == [("a", "b", "b")]


def test_one_debug_record_for_thousands_of_bad_cookies(caplog):
    caplog.set_level(logging.DEBUG, "aiohttp.internal")
    fields = ["bad"] * 3000 + [f"c{number}=1" for number in range(70)]
    assert len(set_cookie(*fields)) == 50
    (record,) = caplog.records
    assert record.getMessage() == "Ignored 3000 invalid Set-Cookie field(s) and 20 over the 50-cookie limit"
    assert record.levelno == logging.DEBUG
    caplog.clear()
    assert cookies.parse_cookie("ä=1;" * 3000 + "a=b") == {"a": "b"}
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        ("a=b; c=d", {"a": "b", "c": "d"}),
        ("a=b;c=d;", {"a": "b", "c": "d"}),
        ("a = b ; c = d", {"a": "b", "c": "d"}),
        ("a=b; a=c", {"a": "c"}),
        ('a="b c"; d=e', {"a": "b c", "d": "e"}),
        ('a="b;c"; d=e', {"a": "b;c", "d": "e"}),
        ('a="b\\"c"; d=e', {"a": 'b"c', "d": "e"}),
        ('a="x"y; c=d', {"a": '"x"y', "c": "d"}),
        ('a="unclosed; d=e', {"a": '"unclosed', "d": "e"}),
        ('a={"x":1,"y":2}; c=d', {"a": '{"x":1,"y":2}', "c": "d"}),
        ('a="\\303\\251"; b="\\\\"; c="\\1234"', {"a": "\xc3\xa9", "b": "\\", "c": "S4"}),
        ("=x; a=b", {"a": "b"}),
        ("bad; a=b", {"bad": "", "a": "b"}),
        ("ä=1; b=2", {"b": "2"}),
        ("b=2; ä=1", {"b": "2"}),
        ("a=b; ; c=d", {"a": "b", "c": "d"}),
        ("a==b", {"a": "=b"}),
        ("expires=1; path=/; secure; c=d", {"expires": "1", "path": "/", "secure": "", "c": "d"}),
        ("$Version=1; a=b", {"$Version": "1", "a": "b"}),
        ("a[]=1; b:c=2", {"a[]": "1", "b:c": "2"}),
    ],
)
def test_cookie(header, expected):
    assert cookies.parse_cookie(header) == expected
    assert {name: morsel.value for name, morsel in cookies.parse_cookie_header(header)} == expected


@pytest.mark.parametrize(
    "text",
    ['a="', 'a="x; ', '\\"', 'a="\\', "ä;", "a ", "ä ", "; ", " ", "a", 'x="\\"', '"=', "=;"],
)
def test_time_is_linear(text):
    def cost(count):
        best = 9.0
        for _ in range(3):
            field = text * count
            start = time.process_time()
            cookies.parse_cookie(field)
            cookies.parse_set_cookie_headers([field, f'a="{field}"', f"a={field}"])
            cookies.unquote(f'"{field}"')
            best = min(best, time.process_time() - start)
        return best

    assert cost(16000) < 0.01 + 20 * cost(2000)  # 8 times the text; a quadratic parser takes 64 times as long


name_chars = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='",;=\\')
names = st.text(name_chars, min_size=1, max_size=30)
values = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters='";\x7f\x85\xa0'), max_size=50)


@given(st.dictionaries(names, values, max_size=8))
def test_good_cookies_round_trip(pairs):
    assert cookies.parse_cookie("; ".join(f"{name}={value}" for name, value in pairs.items())) == pairs
    assert all(map(cookies.is_cookie_name, pairs))
    fields = [f"{name}={value}; Path=/" for name, value in pairs.items()]
    assert {name: value for name, value, _, _ in set_cookie(*fields)} == pairs


@given(st.text(max_size=200) | st.text('="\\; aä\t,', max_size=100))
def test_any_text_is_read_or_left_out(text):
    for found in (cookies.parse_cookie_header(text), cookies.parse_set_cookie_headers([text])):
        for name, morsel in found:
            assert cookies.is_cookie_name(name)
            assert morsel.key == name
            assert cookies.unquote(morsel.coded_value) == morsel.value


def test_unquote_leaves_bare_text():
    for text in ("", '"', "a", '"a', 'a"', "a\\054"):
        assert cookies.unquote(text) == text
    assert cookies.unquote('""') == ""
