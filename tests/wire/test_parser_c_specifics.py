"""_wire/http/parser_c.pyx: what only the compiled parser can get wrong (buffers, memory, re-entrancy)."""

import array
import gc
import mmap
import sys
import tracemalloc
import weakref
from typing import Any

import pytest

parser_c = pytest.importorskip("aiohttp_fast._wire.http.parser_c", reason="the compiled core is not built")
errors = pytest.importorskip("aiohttp_fast._wire.errors")

RESPONSE = b"HTTP/1.1 200 OK\r\nServer: x\r\nX-Own: y\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
REQUEST = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"


class Sink:
    """Notes events; `act` may be replaced to misbehave."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.act: Any = lambda event: None

    def on_head(self, head: Any) -> None:
        self.events.append(head)
        self.act("head")

    def on_body(self, data: bytes) -> None:
        self.events.append(data)
        self.act("body")

    def on_end(self, trailers: Any) -> Any:
        self.events.append(trailers)
        return self.act("end")


class Ending(Sink):
    """One that also wants chunk ends."""

    def on_chunk_end(self) -> None:
        self.events.append("chunk")
        self.act("chunk")


def test_every_kind_of_contiguous_buffer() -> None:
    mapped = mmap.mmap(-1, len(RESPONSE))
    mapped[:] = RESPONSE
    kinds = [RESPONSE, bytearray(RESPONSE), memoryview(RESPONSE), array.array("B", RESPONSE), mapped]
    for data in kinds:
        sink = Sink()
        assert parser_c.ResponseParser(sink).feed(data) == len(RESPONSE)
        assert sink.events[1:] == [b"abc", ()]
    mapped.close()


@pytest.mark.parametrize("data", ["text", None, 3, memoryview(RESPONSE)[::2]])
def test_what_is_no_contiguous_buffer_is_refused_and_does_no_harm(data: Any) -> None:
    sink = Sink()
    parser = parser_c.ResponseParser(sink)
    with pytest.raises((TypeError, BufferError, ValueError)):
        parser.feed(data)
    parser.feed(RESPONSE)
    assert sink.events[1:] == [b"abc", ()]


def test_only_the_first_size_bytes_count() -> None:
    sink = Sink()
    parser = parser_c.ResponseParser(sink)
    room = bytearray(RESPONSE + b"junk beyond")
    assert parser.feed(room, len(RESPONSE)) == len(RESPONSE)
    assert parser.feed(room, 0) == 0
    assert len(sink.events) == 3
    with pytest.raises(ValueError, match="beyond"):
        parser.feed(b"abc", 4)


def test_the_buffer_is_free_again_and_not_looked_at_later() -> None:
    sink = Sink()
    parser = parser_c.ResponseParser(sink)
    for i in range(len(RESPONSE)):
        room = bytearray(RESPONSE[i : i + 1])
        parser.feed(room)
        room[:] = b"\xff" * 1000  # would raise BufferError while exported
    assert sink.events[0].raw_headers == ((b"Server", b"x"), (b"X-Own", b"y"), (b"Content-Length", b"3"))
    assert b"".join(sink.events[1:4]) == b"abc"


def test_a_bytes_object_that_is_all_body_is_handed_on() -> None:
    sink = Sink()
    parser = parser_c.ResponseParser(sink)
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n")
    body = bytes(1000)
    parser.feed(body)
    assert sink.events[-1] is body
    parser.feed(body, 999)
    assert sink.events[-1] == body[:999]
    assert parser.body_remaining == 1


def test_bypassing_the_parser_for_a_body() -> None:
    sink = Sink()
    parser = parser_c.ResponseParser(sink)
    assert parser.body_remaining == 0
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
    assert parser.body_remaining == 8
    parser.skip_body(5)
    assert parser.body_remaining == 3
    for wrong in (4, -1):
        with pytest.raises(ValueError, match="cannot skip"):
            parser.skip_body(wrong)
    assert sink.events[1:] == [b"ab"]
    parser.skip_body(3)
    assert sink.events[1:] == [b"ab", ()]
    parser.feed(RESPONSE)
    assert sink.events[4:] == [b"abc", ()]


@pytest.mark.parametrize("event", ["head", "body", "chunk", "end"])
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_an_exception_of_the_sink_passes_and_is_final(event: str, step: int) -> None:
    sink = Ending()
    parser = parser_c.ResponseParser(sink)

    def act(now: str) -> None:
        if now == event:
            raise LookupError(event)

    sink.act = act
    with pytest.raises(LookupError) as first:
        for i in range(0, len(CHUNKED), step):
            parser.feed(CHUNKED[i : i + step])
    seen = len(sink.events)
    for call in (lambda: parser.feed(RESPONSE), parser.feed_eof):
        with pytest.raises(LookupError) as again:
            call()
        assert again.value is first.value
    assert len(sink.events) == seen


@pytest.mark.parametrize("method", ["feed", "feed_eof", "skip_body"])
@pytest.mark.parametrize("event", ["head", "body", "chunk", "end"])
def test_calls_from_inside_a_sink_are_refused_and_harmless(method: str, event: str) -> None:
    sink = Ending()
    parser = parser_c.ResponseParser(sink)
    refused = []

    def act(now: str) -> None:
        if now == event:
            with pytest.raises(RuntimeError, match="inside a sink"):
                getattr(parser, method)(*{"feed": (RESPONSE,), "skip_body": (0,)}.get(method, ()))
            refused.append(now)

    sink.act = act
    parser.feed(CHUNKED)
    assert refused
    assert sink.events[1:] == [b"abc", "chunk", b"de", "chunk", ((b"X-T", b"1"),)]


def test_prepare_and_resume_are_welcome_inside_a_sink() -> None:
    sink = Sink()
    parser = parser_c.ResponseParser(sink)
    parser.prepare("HEAD")
    sink.act = lambda now: parser.prepare("HEAD") if now == "end" else None
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" * 3)
    assert len(sink.events) == 6
    requests = Sink()
    server = parser_c.RequestParser(requests)
    requests.act = lambda now: server.resume() if now == "end" and server.upgraded else None
    upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert server.feed(upgrade * 3) == len(upgrade) * 3
    assert len(requests.events) == 6
    with pytest.raises(RuntimeError, match="no upgrade"):
        server.resume()


def test_a_resized_buffer_inside_a_sink_is_refused_by_python() -> None:
    sink = Sink()
    room = bytearray(RESPONSE)
    sink.act = lambda now: room.clear()
    with pytest.raises(BufferError):
        parser_c.ResponseParser(sink).feed(room)
    room.clear()


def test_dropping_a_parser_in_the_middle_of_anything() -> None:
    for message, kind in ((CHUNKED, "ResponseParser"), (RESPONSE, "ResponseParser"), (REQUEST, "RequestParser")):
        for stop in range(len(message)):
            parser = getattr(parser_c, kind)(Sink())
            parser.feed(message[:stop])
            del parser


def test_dropping_the_parser_inside_its_sink() -> None:
    holder: list[Any] = []
    sink = Sink()
    sink.act = lambda now: holder.clear()
    holder.append(parser_c.ResponseParser(sink))
    assert holder[0].feed(CHUNKED) == len(CHUNKED)
    assert len(sink.events) == 4


def test_a_head_outlives_its_parser() -> None:
    sink = Sink()
    parser_c.ResponseParser(sink).feed(RESPONSE)
    gc.collect()
    assert sink.events[0].headers["x-own"] == "y"
    assert sink.events[0].reason == "OK"


def test_heads_and_abstract_parsers_cannot_be_made_by_hand() -> None:
    sink = Sink()
    parser_c.ResponseParser(sink).feed(RESPONSE)
    with pytest.raises(TypeError):
        type(sink.events[0])()


def test_cycles_through_the_sink_are_collected() -> None:
    class Owner(Sink):
        pass

    owner = Owner()
    owner.parser = parser_c.ResponseParser(owner)  # type: ignore[attr-defined]
    owner.parser.feed(b"HTTP/1.1 200 OK\r\nA: ")  # type: ignore[attr-defined]
    gone: list[bool] = []
    reference = weakref.ref(owner, lambda _: gone.append(True))
    del owner
    gc.collect()
    assert reference() is None
    assert gone


class Looking:
    """Looks at everything, keeps nothing."""

    def on_head(self, head: Any) -> None:
        assert head.raw_headers
        assert head.headers
        head.first(b"server")

    def on_body(self, data: bytes) -> None: ...

    def on_end(self, trailers: Any) -> None: ...


def test_no_references_leak_over_many_messages() -> None:
    responses, requests = parser_c.ResponseParser(Looking()), parser_c.RequestParser(Looking())
    bad = b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
    varying = [RESPONSE.replace(b": y", b": y%d" % i).replace(b"Server: x", b"Server: %d" % i) for i in range(500)]

    def work(times: int) -> None:
        for i in range(times):
            responses.feed(RESPONSE)
            responses.feed(varying[i % 500])
            responses.feed(CHUNKED[:60])
            responses.feed(CHUNKED[60:])
            requests.feed(REQUEST)
            if i % 50 == 0:
                broken = parser_c.RequestParser(Looking())
                for _ in range(2):
                    try:
                        broken.feed(bad)
                    except errors.BadHttpMessage:
                        pass

    work(1000)
    gc.collect()
    blocks = sys.getallocatedblocks()
    tracemalloc.start()
    work(20000)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sys.getallocatedblocks() - blocks < 600
    assert held < 100_000


def test_limits_must_be_sensible() -> None:
    with pytest.raises(ValueError, match="negative"):
        parser_c.RequestParser(Sink(), max_headers=-1)
    with pytest.raises(TypeError):
        parser_c.RequestParser(Sink(), max_headers="x")
    with pytest.raises(TypeError):
        parser_c.RequestParser(Sink(), 100)


def test_a_sink_may_miss_methods_until_they_are_needed() -> None:
    parser = parser_c.ResponseParser(object())
    with pytest.raises(AttributeError):
        parser.feed(RESPONSE)


@pytest.mark.parametrize("name", [b"Connection", b"Content-Length", b"Transfer-Encoding", b"Upgrade", b"Own"])
def test_no_odd_byte_in_a_name_slips_through_where_llhttp_is_lenient(name: bytes) -> None:
    """llhttp lets spaces pass in names it half knows; no name that the rules refuse may come out."""
    refusals = pytest.importorskip("aiohttp_fast._wire.http.refusals")
    for place in range(len(name) + 1):
        for byte in range(256):
            data = b"HTTP/1.1 200 OK\r\n" + name[:place] + bytes([byte]) + name[place:] + b": 0\r\n\r\n"
            expected: object = None
            try:
                refusals.check_response_head(data, refusals.Limits())
            except errors.BadHttpMessage as error:
                expected = str(error)
            found: object = None
            try:
                parser_c.ResponseParser(Sink()).feed(data)
            except errors.BadHttpMessage as error:
                found = str(error)
            assert found == expected


def _slot(line: bytes) -> int:
    """The slot of the cache of lines that parsed.pxi keeps *line* in, as far as this test has to know."""
    mask, factor = (1 << 64) - 1, 0x9E3779B97F4A7C15
    value = len(line) * factor & mask
    words = [line[i : i + 8] for i in range(0, len(line) - 8, 8)] + [line[-8:]]
    for word in words:
        value = (value ^ int.from_bytes(word, "little")) * factor & mask
    return value >> 56


def test_lines_in_one_slot_while_the_collector_runs() -> None:
    """A collection in the middle of making a text may look at another head whose line has the same slot."""

    def head(line: bytes) -> Any:
        sink = Sink()
        parser_c.ResponseParser(sink).feed(b"HTTP/1.1 204 No Content\r\n" + line + b"\r\n\r\n")
        return sink.events[0]

    one = b"Server: one"
    other = next(line for i in range(100_000) if _slot(line := b"Server: n%d" % i) == _slot(one))
    heads: list[Any] = []

    def look(phase: str, info: Any) -> None:
        if phase == "start" and heads:
            assert heads.pop().raw_headers

    gc.callbacks.append(look)
    thresholds = gc.get_threshold()
    try:
        for n in range(1, 12):
            assert head(one).raw_headers
            first, second, third = head(one), head(other), head(other)
            gc.collect()
            heads.append(second)
            gc.set_threshold(n)
            assert first.headers
            gc.set_threshold(*thresholds)
            heads.clear()
            assert third.headers["Server"].encode() == other.partition(b": ")[2]
            assert first.headers["Server"] == "one"
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(look)


@pytest.mark.parametrize("data", [b"HTTP/1.1 204 No Content\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"])
def test_head_without_fields(data: bytes) -> None:
    """There is no array of fields yet; `make sanitize` sees what is done with none."""
    sink = Sink()
    parser = parser_c.RequestParser(sink) if data[:1] == b"G" else parser_c.ResponseParser(sink)
    parser.feed(data)
    assert sink.events[0].raw_headers == ()
    assert not sink.events[0].headers
