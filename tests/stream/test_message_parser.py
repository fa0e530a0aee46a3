"""Parsers with the interface of aiohttp's."""

import asyncio
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aiohttp_fast import http_exceptions, http_parser
from tests.conftest import Lib

NAMES = ["HttpRequestParser", "HttpRequestParserPy", "HttpResponseParser", "HttpResponseParserPy"]
PACKED = gzip.compress(b"hello" * 3)


class Transport(asyncio.Transport):
    """Notes what it is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def pause_reading(self):
        self.asked.append("pause")

    def resume_reading(self):
        self.asked.append("resume")

    def is_closing(self):
        return False


@pytest.fixture
def make(lib: Lib, request):
    doors = lib.load("http_parser")

    def make(kind, limit=65536, **options):
        loop = asyncio.get_running_loop()
        protocol = lib.load("base_protocol").BaseProtocol(loop)
        protocol.connection_made(Transport())
        parser = getattr(doors, kind)(protocol, loop, limit, **options)
        return parser, protocol

    make.wire = lib.load("http_exceptions")
    make.empty = lib.load().EMPTY_PAYLOAD
    return make


@pytest.fixture(params=["HttpRequestParser", "HttpRequestParserPy"])
def requests(make, request):
    return lambda **options: make(request.param, **options)[0]


@pytest.fixture(params=["HttpResponseParser", "HttpResponseParserPy"])
def responses(make, request):
    return lambda **options: make(request.param, **options)[0]


def paths(fed):
    return [message.path for message, _ in fed[0]]


async def test_a_request(requests, make):
    raw = b"GET /a?b#c HTTP/1.1\r\nHost: x\r\nX-y: 1 \r\n\r\n"
    [(message, payload)], upgraded, tail = requests().feed_data(raw)
    assert (upgraded, tail) == (False, b"")
    assert payload is make.empty
    assert (message.method, message.path, tuple(message.version)) == ("GET", "/a?b#c", (1, 1))
    assert message.headers["x-Y"] == "1"
    assert message.raw_headers == ((b"Host", b"x"), (b"X-y", b"1"))
    assert (message.should_close, message.compression, message.upgrade, message.chunked) == (False, None, False, False)
    assert message.url == URL("/a?b#c")
    assert message._replace(method="POST").method == "POST"


async def test_a_body_in_pieces_and_the_next_request(requests):
    parser = requests()
    [(_, payload)], *_ = parser.feed_data(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
    assert not payload.is_eof()
    fed = parser.feed_data(b"cdeGET /2 HTTP/1.1\r\nHost: y\r\n\r\nPO")
    assert paths(fed) == ["/2"]
    assert payload.is_eof()
    assert await payload.read() == b"abcde"


async def test_a_head_without_its_body(requests):
    parser = requests()
    [(_, payload)], *_ = parser.feed_data(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
    assert not payload.is_eof()
    assert parser.feed_data(b"ab") == ([], False, b"")
    assert await payload.read() == b"ab"


async def test_chunks(requests):
    parser = requests()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    fed = parser.feed_data(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    [(message, payload)] = fed[0]
    assert message.chunked
    assert await payload.readchunk() == (b"abc", True)
    assert await payload.read() == b"de"
    parser.feed_eof()


@pytest.mark.parametrize(
    ("method", "target", "url"),
    [("OPTIONS", "*", "*"), ("GET", "http://a.b/c?d=e", "http://a.b/c?d=e"), ("CONNECT", "a:80", "//a:80"),
     ("GET", "/%zz?x#y?z", "/%zz?x#y?z")],
)  # fmt: skip
async def test_targets(requests, method, target, url):
    [(message, _)], *_ = requests().feed_data(f"{method} {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert message.path == target
    assert str(message.url) == url


async def test_a_path_never_becomes_a_host(requests):
    [(message, _)], *_ = requests().feed_data(b"GET //evil/x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert message.url.host is None
    assert message.url.path == "//evil/x"


async def test_an_upgrade(requests):
    parser = requests()
    raw = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nTAIL"
    [(message, _)], upgraded, tail = parser.feed_data(raw)
    assert message.upgrade
    assert (upgraded, tail) == (True, b"TAIL")
    assert parser.feed_data(b"more") == ([], True, b"more")
    parser.set_upgraded(False)
    assert paths(parser.feed_data(b"GET /2 HTTP/1.1\r\nHost: x\r\n\r\n")) == ["/2"]
    parser.set_upgraded(True)
    assert parser.feed_data(b"other") == ([], True, b"other")


@pytest.mark.parametrize("on", [True, False])
async def test_codings(requests, on):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED)
    [(message, payload)], *_ = requests(auto_decompress=on).feed_data(head + PACKED)
    assert message.compression == "gzip"
    assert await payload.read() == (b"hello" * 3 if on else PACKED)


async def test_several_codings_stay(requests):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: br, gzip\r\nContent-Length: 2\r\n\r\nab"
    [(message, payload)], *_ = requests().feed_data(head)
    assert message.compression is None
    assert await payload.read() == b"ab"


async def test_bad_coding_is_the_payloads_error(requests, make):
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"
    [(_, payload)], *_ = requests().feed_data(head)
    assert isinstance(payload.exception(), make.wire.ContentEncodingError)


@pytest.mark.parametrize(
    ("raw", "error"),
    [(b"G@T / HTTP/1.1\r\n\r\n", "BadHttpMethod"), (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", "InvalidHeader"),
     (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", "BadHttpMessage"),
     (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", "LineTooLong"), (b"GET / HTTP/2.0\r\n\r\n", "BadStatusLine")],
)  # fmt: skip
async def test_errors(requests, make, raw, error):
    parser = requests()
    with pytest.raises(getattr(make.wire, error)):
        parser.feed_data(raw)
    with pytest.raises(getattr(make.wire, error)):
        parser.feed_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")


@pytest.mark.parametrize("wrap", [None, ValueError])
@pytest.mark.parametrize("rest", [b"zz\r\n", None])
async def test_a_payload_gets_the_error_too(requests, make, wrap, rest):
    parser = requests(payload_exception=wrap)
    [(_, payload)], *_ = parser.feed_data(
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    )
    with pytest.raises(make.wire.TransferEncodingError) as raised:
        parser.feed_eof() if rest is None else parser.feed_data(rest)
    error = payload.exception()
    assert (error if wrap is None else error.__cause__) is raised.value
    assert wrap is None or type(error) is wrap


async def test_limits_are_passed_on(requests, make):
    with pytest.raises(make.wire.LineTooLong):
        requests(max_field_size=10).feed_data(b"GET / HTTP/1.1\r\nHost: xxxxxxxxxxxxx\r\n\r\n")
    with pytest.raises(make.wire.BadHttpMessage, match="max_headers"):
        requests(max_headers=1).feed_data(b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n")


async def test_only_so_many_messages(requests):
    parser = requests(max_msg_queue_size=1)
    raw = b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in range(3))
    assert paths(parser.feed_data(raw)) == ["/0"]
    assert paths(parser.feed_data(b"")) == []
    parser.message_consumed()
    assert paths(parser.feed_data(b"")) == ["/1"]
    assert paths(parser.feed_data(b"GET /3 HTTP/1.1\r\nHost: x\r\n\r\n")) == []
    for expected in ("/2", "/3"):
        parser.message_consumed()
        assert paths(parser.feed_data(b"")) == [expected]
    for _ in range(3):
        parser.message_consumed()
    assert paths(parser.feed_data(raw)) == ["/0"]


@pytest.mark.parametrize("kind", ["HttpRequestParser", "HttpRequestParserPy"])
async def test_back_pressure(make, lib: Lib, kind):
    """A full payload stops transport and parser; the rest is parsed when it was read."""
    loop = asyncio.get_running_loop()
    got = []

    class Server(lib.load("base_protocol").BaseProtocol):
        def __init__(self):
            self.parser = getattr(lib.load("http_parser"), kind)(self, loop, 10)
            super().__init__(loop, parser=self.parser)

        def data_received(self, data):
            got.extend(self.parser.feed_data(data)[0])

    server, transport = Server(), Transport()
    server.connection_made(transport)
    server.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n" + b"x" * 50)
    assert transport.asked == ["pause"]
    [(_, payload)] = got
    assert len(await payload.read(50)) == 50
    assert transport.asked == ["pause", "resume"]
    transport.asked.clear()
    # The end of a body lets the connection go on in the midst of what is being parsed.
    server.data_received(b"x" * 10 + b"GET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [message.path for message, _ in got] == ["/", "/2"]
    assert len(await payload.read()) == 10


@pytest.mark.parametrize("kind", ["HttpRequestParser", "HttpRequestParserPy"])
async def test_a_body_that_is_too_much_and_complete(make, lib: Lib, kind):
    parser, protocol = make(kind, limit=10)
    raw = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n" + b"x" * 50
    fed = parser.feed_data(raw + b"GET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert paths(fed) == ["/", "/2"]
    assert protocol.transport.asked == ["pause", "resume"]


async def test_pausing_stops_after_the_message_under_way(requests):
    parser = requests()
    raw = b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in range(2))
    inner = parser._sink.on_head
    parser._sink.on_head = lambda head: (parser.pause_reading(), inner(head))
    assert paths(parser.feed_data(raw)) == ["/0"]
    assert paths(parser.feed_data(b"")) == ["/1"]


async def test_without_protocol_and_loop(lib: Lib):
    parser = lib.load("http_parser").HttpRequestParserPy(limit=1)
    raw = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde"
    [(_, payload)], *_ = parser.feed_data(raw, b"\r\n")
    assert await payload.read() == b"abcde"


async def test_a_response(responses):
    [(message, payload)], *_ = responses().feed_data(b"HTTP/1.1 200 Ok\r\nContent-Length: 3\r\n\r\nabc")
    assert (tuple(message.version), message.code, message.reason) == ((1, 1), 200, "Ok")
    assert message.headers["content-length"] == "3"
    assert message.should_close is False
    assert await payload.read() == b"abc"


async def test_until_the_end(responses):
    parser = responses(read_until_eof=True)
    [(message, payload)], *_ = parser.feed_data(b"HTTP/1.1 200\r\n\r\nabc")
    assert message.should_close
    parser.feed_data(b"def")
    parser.feed_eof()
    assert await payload.read() == b"abcdef"


@pytest.mark.parametrize("options", [{"response_with_body": False}, {"method": "HEAD"}])
async def test_responses_without_bodies(responses, make, options):
    parser = responses(read_until_eof=True, **options)
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    for _ in range(2):
        [(_, payload)], *_ = parser.feed_data(raw)
        assert payload is make.empty


async def test_interim_responses_and_the_one_they_announce(responses):
    parser = responses(read_until_eof=True)
    fed = parser.feed_data(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc")
    assert [message.code for message, _ in fed[0]] == [100, 103, 200]
    parser.feed_eof()
    assert await fed[0][2][1].read() == b"abc"


async def test_endless_interim_responses_have_an_end(responses, make):
    with pytest.raises(make.wire.BadHttpMessage, match=r"1xx|interim"):
        responses().feed_data(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


async def test_a_response_that_switches(responses):
    parser = responses()
    raw = b"HTTP/1.1 101 S\r\nUpgrade: tcp\r\nConnection: upgrade\r\n\r\nTAIL"
    assert parser.feed_data(raw)[1:] == (True, b"TAIL")
    parser.set_upgraded(False)
    assert [m.code for m, _ in parser.feed_data(b"HTTP/1.1 204 N\r\n\r\n")[0]] == [204]


async def test_short_and_bad_responses(responses, make):
    parser = responses()
    [(_, payload)], *_ = parser.feed_data(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na")
    with pytest.raises(make.wire.ContentLengthError) as raised:
        parser.feed_eof()
    assert payload.exception() is raised.value
    with pytest.raises(make.wire.BadStatusLine):
        responses().feed_data(b"XX\r\n\r\n")


async def test_heads_alone(requests, responses, make):
    message = requests().parse_message([b"GET / HTTP/1.1", b"Host: x", b"Connection: close", b""])
    assert (message.path, message.should_close) == ("/", True)
    assert responses().parse_message([b"HTTP/1.1 200 OK", b"A: b", b""]).headers["a"] == "b"
    with pytest.raises(make.wire.BadHttpMessage, match="not complete"):
        requests().parse_message([b"GET / HTTP/1.1", b"Host: x"])


async def test_what_fields_say(requests):
    parser = requests()
    lines = [b"Connection: close, upgrade", b"Upgrade: a", b"Transfer-Encoding: chunked", b"Content-Encoding: br", b""]
    headers, raw, *said = parser.parse_headers(lines)
    assert said == [True, "br", True, True]
    assert len(headers) == len(raw) == 4
    assert parser.parse_headers([b"A: b", b""])[2:] == (None, None, False, False)
    assert parser.parse_headers([b"Connection: keep-alive", b""])[2] is False


def test_the_base_is_abstract(lib: Lib):
    with pytest.raises(TypeError, match="abstract"):
        lib.load("http_parser").HttpParser()
    assert (lib.load("http_parser").HttpParser.lax, lib.load("http_parser").HttpResponseParser.lax) == (False, True)


def test_the_fast_one_is_the_compiled_one(lib: Lib):
    doors = lib.load("http_parser")
    wire = doors.HttpRequestParser()._wire
    assert isinstance(wire, lib.load("_wire.http.parser").RequestParser)
    assert isinstance(doors.HttpRequestParserPy()._wire, lib.load("_wire.http.parser_py").RequestParser)


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n", b"5\r\nabcde\r\n", b"0\r\n\r\n",
])), max_size=6), st.sampled_from(NAMES))  # fmt: skip
def test_any_bytes_are_messages_or_an_error(pieces, name):
    parser = getattr(http_parser, name)()
    try:
        for piece in pieces:
            _, upgraded, tail = parser.feed_data(piece)
            assert upgraded or not tail
        parser.feed_eof()
    except http_exceptions.HttpProcessingError:
        pass
