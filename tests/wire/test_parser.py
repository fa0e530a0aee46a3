"""What users of a parser rely on beyond the bytes: partial feeds, buffers, stops, upgrades, skipped bodies, errors."""

from array import array
from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n"
CODED = CHUNKED[: CHUNKED.index(b"\r\n\r\n") + 4]
UPGRADE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Sink:
    """Writes down what it hears; *end* is called at the end of each message and may give the answer."""

    def __init__(self, end: Callable[[], Any] | None = None) -> None:
        self.heard: list[Any] = []
        self.head: Any = None
        self.end = end

    def on_head(self, head: Any) -> None:
        self.head = head
        self.heard.append("head")

    def on_body(self, data: bytes) -> None:
        self.heard.append(data)

    def on_end(self, trailers: Any) -> Any:
        self.heard.append(trailers)
        return self.end() if self.end is not None else None


@pytest.fixture
def core(lib: Any) -> Any:
    return lib.load("_wire.http.parser")


@pytest.fixture
def errors(lib: Any) -> Any:
    return lib.load("_wire.errors")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: array("B", data)])
@pytest.mark.parametrize("data", [GET, POST, CHUNKED])
def test_any_contiguous_bytes(core: Any, kind: Any, data: bytes) -> None:
    whole, other = Sink(), Sink()
    core.RequestParser(whole).feed(data)
    assert core.RequestParser(other).feed(kind(data)) == len(data)
    assert other.heard == whole.heard
    assert all(type(piece) in (bytes, str, tuple) for piece in other.heard)


def test_buffer_may_be_reused_at_once(core: Any) -> None:
    sink = Sink()
    parser = core.RequestParser(sink)
    buffer = bytearray(64)
    for start in range(0, len(CHUNKED), 40):
        piece = CHUNKED[start : start + 40]
        buffer[: len(piece)] = piece
        assert parser.feed(buffer, len(piece)) == len(piece)
        buffer[:] = b"\xff" * len(buffer)
    assert b"".join(event for event in sink.heard if type(event) is bytes) == b"hello"
    assert sink.head.raw_headers == ((b"Host", b"a"), (b"Transfer-Encoding", b"chunked"))
    assert sink.head.headers["host"] == "a"
    assert sink.heard[-1] == ((b"A", b"b"),)
    buffer.extend(b"no view is left on it")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_size_limits_what_is_read(core: Any, kind: Any) -> None:
    sink = Sink()
    parser = core.RequestParser(sink)
    assert parser.feed(kind(POST + b"\0\0"), len(POST) - 2) == len(POST) - 2
    assert sink.heard == ["head", b"hel"]
    assert parser.feed(kind(b"lo\0\0"), 2) == 2
    assert sink.heard == ["head", b"hel", b"lo", ()]
    assert parser.feed(kind(b"\0"), 0) == 0
    assert parser.feed(kind(b"")) == 0


@pytest.mark.parametrize("data", [GET, POST, CHUNKED])
def test_stop_behind_a_message(core: Any, data: bytes) -> None:
    sink = Sink(lambda: True)
    parser = core.RequestParser(sink)
    rest = data * 3
    for count in (1, 2, 3):
        assert parser.feed(rest) == len(data)
        rest = rest[len(data) :]
        assert sink.heard.count("head") == count
    parser.feed_eof()


def test_stop_behind_an_interim_response(core: Any) -> None:
    sink = Sink(lambda: True)
    parser = core.ResponseParser(sink)
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert parser.feed(interim + OK) == len(interim)
    assert parser.feed(OK) == len(OK)
    assert [type(event) for event in sink.heard] == [str, tuple, str, bytes, tuple]


def test_stop_with_a_view_in_the_middle_of_the_body(core: Any) -> None:
    sink = Sink(lambda: True)
    parser = core.RequestParser(sink)
    parser.feed(POST[:-2])
    assert parser.feed(bytearray(b"lo" + GET)) == 2
    assert parser.feed(bytearray(GET)) == len(GET)


def test_chunk_ends_are_told_to_who_asks(core: Any) -> None:
    class Chunks(Sink):
        def on_chunk_end(self) -> None:
            self.heard.append("chunk end")

    sink = Chunks()
    core.RequestParser(sink).feed(CHUNKED)
    assert sink.heard == ["head", b"he", "chunk end", b"llo", "chunk end", ((b"A", b"b"),)]
    single = Chunks()
    parser = core.RequestParser(single)
    for i in range(len(CHUNKED)):
        parser.feed(CHUNKED[i : i + 1])
    assert [event for event in single.heard if type(event) is not bytes] == [
        event for event in sink.heard if type(event) is not bytes
    ]


def test_upgrade_leaves_the_rest(core: Any) -> None:
    sink = Sink()
    parser = core.RequestParser(sink)
    assert not parser.upgraded
    assert parser.feed(UPGRADE + b"\x81\0") == len(UPGRADE)
    assert parser.upgraded
    assert sink.head.upgrade
    assert sink.heard == ["head", ()]
    assert parser.feed(b"more") == 0
    parser.feed_eof()


def test_declined_upgrade_goes_on(core: Any) -> None:
    sink = Sink()
    parser = core.RequestParser(sink)
    data = UPGRADE + POST
    taken = parser.feed(data)
    parser.resume()
    assert not parser.upgraded
    assert parser.feed(data[taken:]) == len(POST)
    assert sink.heard == ["head", (), "head", b"hello", ()]


@pytest.mark.parametrize("data", [b"", GET, POST[:-1]])
def test_nothing_to_decline(core: Any, data: bytes) -> None:
    parser = core.RequestParser(Sink())
    parser.feed(data)
    with pytest.raises(RuntimeError, match="no upgrade"):
        parser.resume()


def test_prepare_for_the_next_while_the_end_is_told(core: Any) -> None:
    sink = Sink(lambda: parser.prepare("HEAD"))
    parser = core.ResponseParser(sink)
    parser.feed(OK + OK[:-5] + OK[:-5])
    assert sink.heard == ["head", b"hello", (), "head", (), "head", ()]


@pytest.mark.parametrize("call", ["feed", "feed_eof", "skip_body"])
def test_no_parsing_inside_a_sink(core: Any, call: str) -> None:
    args = {"feed": (OK,), "feed_eof": (), "skip_body": (1,)}[call]
    sink = Sink(lambda: getattr(parser, call)(*args))
    parser = core.ResponseParser(sink)
    with pytest.raises(RuntimeError, match=f"{call} called from inside a sink"):
        parser.feed(OK)
    with pytest.raises(RuntimeError, match=f"{call} called from inside a sink"):
        parser.feed(OK)  # it is dead now


@pytest.mark.parametrize("direction", ["request", "response"])
def test_body_received_elsewhere(core: Any, direction: str) -> None:
    sink = Sink()
    parser = core.RequestParser(sink) if direction == "request" else core.ResponseParser(sink)
    data = POST if direction == "request" else OK
    assert parser.body_remaining == 0
    parser.feed(data[:-4])
    assert parser.body_remaining == 4
    parser.skip_body(3)
    assert parser.body_remaining == 1
    assert sink.heard == ["head", b"h"]
    parser.skip_body(1)
    assert parser.body_remaining == 0
    assert sink.heard == ["head", b"h", ()]
    parser.feed(data)
    assert sink.heard[3:] == ["head", b"hello", ()]


@pytest.mark.parametrize("size", [-1, 6])
def test_more_than_the_body_cannot_be_skipped(core: Any, size: int) -> None:
    sink = Sink()
    parser = core.ResponseParser(sink)
    parser.feed(OK[:-5])
    with pytest.raises(ValueError, match=f"cannot skip {size} bytes of 5"):
        parser.skip_body(size)
    parser.feed(OK[-5:])
    assert sink.heard == ["head", b"hello", ()]


def test_body_remaining_is_known_with_the_head(core: Any) -> None:
    known = []

    class Early(Sink):
        def on_head(self, head: Any) -> None:
            known.append(parser.body_remaining)

        def on_body(self, data: bytes) -> None:
            known.append(parser.body_remaining)

    parser = core.ResponseParser(Early())
    parser.feed(OK[:-2])
    parser.feed(OK[-2:])
    assert known == [5, 2, 0]
    parser.feed(OK)
    assert known[3:] == [5, 0]


@pytest.mark.parametrize("data", [CHUNKED[:-10], b"GET / HT", b""])
def test_body_remaining_is_of_a_length_only(core: Any, data: bytes) -> None:
    parser = core.RequestParser(Sink())
    parser.feed(data)
    assert parser.body_remaining == 0


@pytest.mark.parametrize("size", [-1, 6])
def test_skip_more_than_there_is(core: Any, size: int) -> None:
    parser = core.RequestParser(Sink())
    parser.feed(POST[:-5])
    with pytest.raises(ValueError, match=str(size)):
        parser.skip_body(size)


def test_error_is_raised_again(core: Any, errors: Any) -> None:
    sink = Sink()
    parser = core.RequestParser(sink)
    with pytest.raises(errors.InvalidHeader) as first:
        parser.feed(GET + b"GET / HTTP/1.1\r\nA : b\r\n\r\n" + GET)
    assert sink.heard == ["head", ()]
    for again in (lambda: parser.feed(GET), lambda: parser.feed(b""), parser.feed_eof):
        with pytest.raises(errors.InvalidHeader) as second:
            again()
        assert str(second.value) == str(first.value)
    assert sink.heard == ["head", ()]


@pytest.mark.parametrize("data", [b"GET /", POST[:-1], CHUNKED[:-1]])
def test_error_of_the_end_is_raised_again(core: Any, errors: Any, data: bytes) -> None:
    parser = core.RequestParser(Sink())
    parser.feed(data)
    with pytest.raises(errors.BadHttpMessage) as first:
        parser.feed_eof()
    with pytest.raises(type(first.value)):
        parser.feed(GET)


@pytest.mark.parametrize("where", ["on_head", "on_body", "on_end", "on_chunk_end"])
def test_exception_of_the_sink_passes_through(core: Any, where: str) -> None:
    class Angry(Sink):
        pass

    def fail(self: Any, *args: Any) -> None:
        raise LookupError(where)

    setattr(Angry, where, fail)
    with pytest.raises(LookupError, match=where):
        core.RequestParser(Angry()).feed(CHUNKED)


def test_until_eof(core: Any) -> None:
    sink = Sink()
    parser = core.ResponseParser(sink)
    parser.feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
    parser.feed(bytearray(b"def"))
    assert sink.heard == ["head", b"abc", b"def"]
    parser.feed_eof()
    assert sink.heard == ["head", b"abc", b"def", ()]
    parser.feed_eof()
    assert len(sink.heard) == 4


@pytest.mark.parametrize(
    ("fields", "coding"),
    [
        (b"", None),
        (b"Content-Encoding: gzip\r\n", "gzip"),
        (b"content-encoding: GZip\r\n", "gzip"),
        (b"Content-Encoding: br\r\n", "br"),
        (b"Content-Encoding: zstd\r\n", "zstd"),
        (b"Content-Encoding: deflate\r\n", "deflate"),
        (b"Content-Encoding: identity\r\n", None),
        (b"Content-Encoding: foo\r\n", None),
        ("Content-Encoding: \uff47zip\r\n".encode(), None),
    ],
)
def test_content_encoding(core: Any, fields: bytes, coding: str | None) -> None:
    sink = Sink()
    core.ResponseParser(sink).feed(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n")
    assert sink.head.content_encoding == coding


def test_set_cookie_is_noticed(core: Any) -> None:
    sink = Sink()
    core.ResponseParser(sink).feed(b"HTTP/1.1 204 N\r\nA: b\r\n\r\n")
    assert not sink.head.has_set_cookie
    core.ResponseParser(sink).feed(b"HTTP/1.1 204 N\r\nset-COOKIE: a=b\r\n\r\n")
    assert sink.head.has_set_cookie


BIG = 40
FLOODS = {
    "fields": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: " * BIG + b"a" * 6000 + b"\r\n" + b"A: b\r\n" * 100 + b"\r\n",
    "target": b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "blanks": b"GET / HTTP/1.1\r\nHost: a\r\nA:" + b" " * 8000 + b"\r\n\r\n",
    "extensions": CODED + b"1" + b";a=b" * 2000 + b"\r\nx\r\n0\r\n\r\n",
    "extension": CODED + b"1;" + b"a" * 8000 + b"\r\nx\r\n0\r\n\r\n",
    "chunks": CODED + b"1\r\nx\r\n" * 1500 + b"0\r\n\r\n",
    "empty lines": b"\r\n" * 4000 + GET,
    "requests": GET * 300,
}
RESPONSE_FLOODS = {
    "folds": b"HTTP/1.1 200 OK\r\nA: b\r\n" + b" \r\n" * 4000 + b"\r\n",
    "folded blanks": b"HTTP/1.1 200 OK\r\nA: b\r\n " + b" " * 8000 + b"\r\n\r\n",
    "reason": b"HTTP/1.1 200 " + b"a" * 8000 + b"\r\n\r\n",
    "interim": b"HTTP/1.1 100 Continue\r\n\r\n" * 99 + b"HTTP/1.1 204 N\r\n\r\n",
}


@pytest.mark.parametrize("name", [*FLOODS, *RESPONSE_FLOODS])
def test_small_pieces_cost_no_square(core: Any, name: str) -> None:
    """Byte by byte a flood costs microseconds a byte; a parser that starts over for each byte needs milliseconds."""
    data = FLOODS.get(name) or RESPONSE_FLOODS[name]
    for step in (len(data), 1):
        parser = core.RequestParser(Sink()) if name in FLOODS else core.ResponseParser(Sink())
        start = process_time()
        for i in range(0, len(data), step):
            parser.feed(data[i : i + step])
        assert (process_time() - start) / len(data) < 150e-6


@pytest.mark.parametrize("tail", [b"", b"\0", b"\r\n\r\n"])
@pytest.mark.parametrize("fill", [b" ", b"a", b"a: b\r\n", b"\r\n ", b":", b"\t\r\n"])
def test_one_huge_piece_costs_no_square(core: Any, errors: Any, fill: bytes, tail: bytes) -> None:
    data = b"HTTP/1.1 200 OK\r\nA: b" + fill * (300_000 // len(fill)) + tail
    start = process_time()
    with pytest.raises(errors.BadHttpMessage):
        core.ResponseParser(Sink()).feed(data)
    assert process_time() - start < 2
