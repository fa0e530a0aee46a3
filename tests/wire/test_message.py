"""_wire/http/message.py: heads as values, and as both parsers make them."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from multidict import istr

ROOT = Path(__file__).resolve().parents[2]

HEADERS = (
    (b"Content-Type", b"text/html"),
    (b"x-Own", "\u00e9".encode()),
    (b"SET-COOKIE", b"a=1"),
    (b"Set-Cookie", b"b=\xff"),
    (b"Empty", b""),
)
BLOCK = b"".join(b"%s: %s\r\n" % pair for pair in HEADERS)


class Heads:
    """A sink that keeps heads."""

    def __init__(self) -> None:
        self.heads: list[Any] = []

    def on_head(self, head: Any) -> None:
        self.heads.append(head)

    def on_body(self, data: bytes) -> None: ...

    def on_end(self, trailers: object) -> None: ...


@pytest.fixture
def message(lib: Any) -> ModuleType:
    return lib.load("_wire.http.message")


def parse(lib: Any, kind: str, data: bytes) -> Any:
    sink = Heads()
    parser = getattr(lib.load("_wire.http.parser"), kind)(sink)
    parser.feed(data)
    return sink.heads[0]


def make_response(lib: Any, parsed: bool) -> Any:
    if parsed:
        return parse(lib, "ResponseParser", b"HTTP/1.1 404 No \xc3\xa9\r\n" + BLOCK + b"\r\n")
    message = lib.load("_wire.http.message")
    return message.ResponseHead(404, "No \u00e9", message.HttpVersion11, HEADERS, False, False, False, None, None, True)


def make_request(lib: Any, parsed: bool) -> Any:
    if parsed:
        return parse(lib, "RequestParser", b"FOO /a?b HTTP/1.0\r\n" + BLOCK + b"\r\n")
    message = lib.load("_wire.http.message")
    return message.RequestHead("FOO", "/a?b", message.HttpVersion10, HEADERS, False, False, False, None, None)


@pytest.fixture(params=[False, True], ids=["made", "parsed"])
def response(request: pytest.FixtureRequest, lib: Any) -> Any:
    return make_response(lib, request.param)


@pytest.fixture(params=[False, True], ids=["made", "parsed"])
def request_head(request: pytest.FixtureRequest, lib: Any) -> Any:
    return make_request(lib, request.param)


@pytest.fixture(params=[(make_response, False), (make_response, True), (make_request, False), (make_request, True)])
def head(request: pytest.FixtureRequest, lib: Any) -> Any:
    make, parsed = request.param
    return make(lib, parsed)


def test_response_facts(response: Any, message: ModuleType) -> None:
    assert isinstance(response, message.ResponseHead)
    assert (response.status, response.reason, response.version) == (404, "No \u00e9", (1, 1))
    assert response.has_set_cookie is True
    assert response.keep_alive is False  # its body ends with the connection
    assert response.chunked is False
    assert response.upgrade is False
    assert response.content_length is None
    assert response.content_encoding is None


def test_request_facts(request_head: Any, message: ModuleType) -> None:
    assert isinstance(request_head, message.RequestHead)
    assert (request_head.method, request_head.target, request_head.version) == ("FOO", "/a?b", (1, 0))
    assert request_head.keep_alive is False


def test_raw_headers_are_as_received(head: Any) -> None:
    assert head.raw_headers == HEADERS
    assert head.raw_headers is head.raw_headers


def test_headers_are_text(head: Any) -> None:
    assert list(head.headers.items()) == [
        ("Content-Type", "text/html"),
        ("x-Own", "\u00e9"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=\udcff"),
        ("Empty", ""),
    ]
    assert head.headers["CONTENT-TYPE"] == "text/html"
    assert head.headers is head.headers
    with pytest.raises(AttributeError):
        head.headers.add("a", "b")


def test_first_finds_without_building(head: Any) -> None:
    assert head.first(b"set-cookie") == b"a=1"
    assert head.first(b"empty") == b""
    assert head.first(b"x-own") == b"\xc3\xa9"
    assert head.first(b"none") is None
    assert head.first(b"") is None


def test_many_heads_one_after_the_other_do_not_mix(lib: Any) -> None:
    """The compiled parser gives out the objects of recent lines again: only for the same bytes."""
    sink = Heads()
    parser = lib.load("_wire.http.parser").ResponseParser(sink)
    for number in range(600):
        case = (b"Server", b"server", b"SERVER")[number % 3]
        parser.feed(
            b"HTTP/1.1 204 N\r\n%s: a%d\r\nVia: %d\r\nX-%d: 1\r\n\r\n" % (case, number // 7, number % 5, number % 4)
        )
    for number, head in enumerate(sink.heads):
        case = (b"Server", b"server", b"SERVER")[number % 3]
        expected = ((case, b"a%d" % (number // 7)), (b"Via", b"%d" % (number % 5)), (b"X-%d" % (number % 4), b"1"))
        if number % 2:
            assert head.raw_headers == expected
        assert [*head.headers.values()] == [value.decode() for _, value in expected]
        assert next(iter(head.headers)) == "Server"
        assert head.raw_headers == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"gzip", "gzip"),
        (b"GZip", "gzip"),
        (b"x-gzip", "gzip"),
        (b"deflate", "deflate"),
        (b"br", "br"),
        (b"zstd", "zstd"),
        (b"identity", None),
        (b"", None),
        (b"compress", None),
        (b"GZIP, br", "gzip, br"),
        (b"gzip\xff,", "gzip\udcff,"),
    ],
)
def test_content_coding(lib: Any, message: ModuleType, value: bytes, expected: str | None) -> None:
    assert message.content_coding(value) == expected
    head = parse(lib, "ResponseParser", b"HTTP/1.1 204 N\r\nContent-Encoding: " + value + b"\r\n\r\n")
    assert head.content_encoding == expected


def test_content_encoding_on_two_lines_is_a_list(lib: Any) -> None:
    lines = b"Content-Encoding: gzip\r\nA: b\r\ncontent-encoding: BR\r\n\r\n"
    assert parse(lib, "ResponseParser", b"HTTP/1.1 204 N\r\n" + lines).content_encoding == "gzip, br"


@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_every_known_name_is_found(lib: Any, message: ModuleType, spelling: Any) -> None:
    for name in message.KNOWN_NAMES:
        if name in ("Content-Length", "Transfer-Encoding"):
            continue
        head = parse(lib, "ResponseParser", f"HTTP/1.1 204 N\r\n{spelling(name)}: 1\r\n\r\n".encode())
        assert list(head.headers) == [name]
        assert head.raw_headers == ((spelling(name).encode(), b"1"),)


@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_common_names_keep_their_spelling(lib: Any, message: ModuleType, spelling: Any) -> None:
    assert not {name.lower() for name in message.COMMON_NAMES} & {name.lower() for name in message.KNOWN_NAMES}
    for name in message.COMMON_NAMES:
        head = parse(lib, "ResponseParser", f"HTTP/1.1 204 N\r\n{spelling(name)}: 1\r\n\r\n".encode())
        assert list(head.headers) == [spelling(name)]
        assert head.raw_headers == ((spelling(name).encode(), b"1"),)


def test_the_known_names_are_those_of_hdrs(lib: Any, message: ModuleType) -> None:
    """As in aiohttp: ``dict(response.headers)`` then has the same keys, whoever answers."""
    assert set(message.KNOWN_NAMES) == {v for v in vars(lib.load().hdrs).values() if isinstance(v, istr)}


@pytest.mark.parametrize("name", ["x-cache", "DNT", "Contenu-Type", "X", "Hosts", "Ho^t", "Content-Typf", "a" * 200])
def test_unknown_names_keep_their_spelling(lib: Any, name: str) -> None:
    head = parse(lib, "ResponseParser", f"HTTP/1.1 204 N\r\n{name}: 1\r\n\r\n".encode())
    assert list(head.headers) == [name]


def test_the_generated_table_is_fresh() -> None:
    script = ROOT / "tools" / "known_headers.py"
    assert subprocess.run([sys.executable, str(script), "--check"], check=False).returncode == 0
