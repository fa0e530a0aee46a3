"""Both cores hear the same and refuse the same, whatever is sent and however it is cut (hypothesis).

A core may notice an error in a head before the head is complete, and need not; so each
input ends with the end of the connection, at which both must have noticed.
"""

import importlib
import inspect
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiohttp_fast._base.speed import COMPILED
from tests.corpora import CORPUS

pure = importlib.import_module("aiohttp_fast._wire.http.parser_py")
cores = [pure]
if COMPILED:
    cores.append(importlib.import_module("aiohttp_fast._wire.http.parser_c"))

CASES = {
    direction: [
        case for group in CORPUS.values() for case in group if case.direction == direction and len(case.data) < 400
    ]
    for direction in ("request", "response")
}
QUICK = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


class Listener:
    """A sink that writes down what it hears, with the pieces of a body joined."""

    def __init__(self, stop: bool = False) -> None:
        self.heard: list[Any] = []
        self.stop = stop

    def on_head(self, head: Any) -> None:
        start = (
            (head.method, head.target) if hasattr(head, "method") else (head.status, head.reason, head.has_set_cookie)
        )
        facts = (head.keep_alive, head.upgrade, head.chunked, head.content_length, head.content_encoding)
        self.heard.append(("head", start, head.version, head.raw_headers, list(head.headers.items()), *facts))

    def on_body(self, data: bytes) -> None:
        assert type(data) is bytes
        assert data
        if self.heard[-1][0] == "body":
            data = self.heard.pop()[1] + data
        self.heard.append(("body", data))

    def on_chunk_end(self) -> None:
        self.heard.append(("chunk end",))

    def on_end(self, trailers: Any) -> bool:
        self.heard.append(("end", trailers))
        return self.stop


def outcome(core: Any, direction: str, data: bytes, cuts: list[int], how: dict[str, Any]) -> Any:
    """Return what is heard, the error, and how much was consumed of *data* cut at *cuts*."""
    listener = Listener(how["stop"])
    if direction == "request":
        parser = core.RequestParser(listener, **how["options"])
    else:
        parser = core.ResponseParser(listener, lenient=how["lenient"], max_interim_responses=2, **how["options"])
        parser.prepare(*how["prepare"])
    edges = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    rest = []
    error = None
    try:
        for start, end in pairwise(edges):
            piece = data[start:end]
            while piece:
                taken = parser.feed(piece)
                piece = piece[taken:]
                if parser.upgraded:
                    rest.append(piece)
                    break
        parser.feed_eof()
    except Exception as exc:
        error = (type(exc).__name__, str(exc), exc.args)
    return listener.heard, error, b"".join(rest)


@st.composite
def mutated(draw: st.DrawFn, direction: str) -> bytes:
    """A few cases of the corpus behind each other, with some bytes changed, removed or put in."""
    chosen = draw(st.lists(st.sampled_from(CASES[direction]), min_size=1, max_size=3))
    data = bytearray(b"".join(case.data for case in chosen))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        action = draw(st.sampled_from(("put", "change", "cut", "repeat")))
        if action == "put":
            data[at:at] = draw(BITS)
        elif action == "change":
            data[at : at + 1] = draw(BITS)
        elif action == "cut":
            del data[at : at + draw(st.integers(1, 12))]
        else:
            data[at:at] = data[max(0, at - draw(st.integers(1, 30))) : at]
    return bytes(data)


# What a message is made of; single bytes, and what means something to a parser.
BITS = st.one_of(
    st.sampled_from(
        [bytes((byte,)) for byte in b'\r\n\t \0:;,="\\0159aFgG/*.-_+\x0b\x0c\x7f\x80\xc3\xff']
        + [
            b"\r\n",
            b"\r\n\r\n",
            b"\n\n",
            b"\r\n ",
            b"chunked",
            b"identity",
            b"close",
            b"keep-alive",
            b"upgrade",
            b"gzip",
        ]
        + [
            b"Content-Length: 3\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Host: b\r\n",
            b"Connection: ",
            b"Upgrade: x\r\n",
        ]
        + [
            b"Set-Cookie: a\r\n",
            b"Content-Encoding: br\r\n",
            b"HTTP/1.1",
            b"HTTP/1.0",
            b"0\r\n\r\n",
            b"3\r\nabc\r\n",
            b"2;a=b\r\n",
        ]
        + [b"GET ", b"CONNECT a:1 ", b"100 ", b"101 ", b"204 ", b"200 OK\r\n", b"http://a/", b"999999999999999999999"]
    ),
    st.binary(min_size=1, max_size=4),
)
HOW = st.fixed_dictionaries(
    {
        "stop": st.booleans(),
        "lenient": st.booleans(),
        "prepare": st.tuples(st.sampled_from(("GET", "HEAD", "CONNECT")), st.booleans()),
        "options": st.one_of(
            st.just({}),
            st.fixed_dictionaries(
                {
                    "max_line_size": st.integers(1, 40),
                    "max_field_size": st.integers(1, 40),
                    "max_headers": st.integers(0, 5),
                    "max_chunk_line_size": st.integers(1, 20),
                    "max_chunk_extensions": st.integers(0, 20),
                }
            ),
        ),
    }
)
CUTS = st.lists(st.integers(1, 300), max_size=6)


def check(direction: str, data: bytes, cuts: list[int], how: dict[str, Any]) -> None:
    """All cores, whole, cut and byte by byte, must do the same."""
    first = outcome(pure, direction, data, [], how)
    for core in cores:
        for places in ([], cuts, list(range(1, len(data)))):
            assert outcome(core, direction, data, places, how) == first, (core.__name__, places[:9])


@pytest.mark.parametrize("direction", ["request", "response"])
def test_mutated(direction: str) -> None:
    @QUICK
    @given(mutated(direction), CUTS, HOW)
    def property_(data: bytes, cuts: list[int], how: dict[str, Any]) -> None:
        check(direction, data, cuts, how)

    property_()


@pytest.mark.parametrize("direction", ["request", "response"])
def test_built_from_bits(direction: str) -> None:
    start = {"request": b"POST / HTTP/1.1\r\nHost: a\r\n", "response": b"HTTP/1.1 200 OK\r\n"}[direction]
    coded = start + b"Transfer-Encoding: chunked\r\n\r\n"

    @QUICK
    @given(st.sampled_from((b"", start, coded, coded + b"0\r\n")), st.lists(BITS, max_size=12), CUTS, HOW)
    def property_(begin: bytes, bits: list[bytes], cuts: list[int], how: dict[str, Any]) -> None:
        check(direction, begin + b"".join(bits), cuts, how)

    property_()


@pytest.mark.parametrize("direction", ["request", "response"])
def test_any_bytes(direction: str) -> None:
    @QUICK
    @given(st.binary(max_size=60), CUTS, HOW)
    def property_(data: bytes, cuts: list[int], how: dict[str, Any]) -> None:
        check(direction, data, cuts, how)

    property_()


@pytest.mark.parametrize("direction", ["request", "response"])
def test_every_beginning_of_every_case(direction: str) -> None:
    """A truncated message: nothing is heard or refused by one core only."""
    how = {"stop": False, "lenient": True, "prepare": ("GET", True), "options": {}}
    for case in CASES[direction]:
        for end in range(len(case.data) + 1):
            first = outcome(pure, direction, case.data[:end], [], how)
            for core in cores[1:]:
                assert outcome(core, direction, case.data[:end], [], how) == first, (case.id, end, case.data[:end])


def test_signatures() -> None:
    if len(cores) == 1:
        pytest.skip("the extension modules are not built")
    for name in ("RequestParser", "ResponseParser"):
        ours, theirs = (getattr(core, name) for core in cores)
        public = {attribute for attribute in dir(ours) if not attribute.startswith("_")}
        assert public == {attribute for attribute in dir(theirs) if not attribute.startswith("_")}
        for attribute in public:
            if callable(getattr(ours, attribute)):
                parameters = [list(inspect.signature(getattr(cls, attribute)).parameters) for cls in (ours, theirs)]
                assert parameters[0] == parameters[1], attribute
