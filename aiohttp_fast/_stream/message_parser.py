"""Parsers with the interface of aiohttp's: bytes in, messages and the readers of their bodies out.

The client and the server stand on the wire's parsers themselves; these are for other
people's code.
"""

import asyncio
import re
import string
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from multidict import CIMultiDictProxy

from .._base.types import RawHeaders
from .._wire.errors import BadHttpMessage, HttpProcessingError
from .._wire.http import parser, parser_py
from .._wire.http.message import RequestHead, ResponseHead
from .._wire.http.parser_base_py import elements, facts_of, framing
from .field_parser import HeadersParser
from .payload_parser import decoding
from .protocol import BaseProtocol
from .raw_message import RawRequestMessage, RawResponseMessage, raw_request, raw_response
from .reader import EMPTY_PAYLOAD, StreamReader

__all__ = (
    "ASCIISET",
    "DIGITS",
    "HEXDIGITS",
    "TOKENRE",
    "VERSRE",
    "HttpParser",
    "HttpRequestParser",
    "HttpRequestParserPy",
    "HttpResponseParser",
    "HttpResponseParserPy",
)

ASCIISET = set(string.printable)
TOKENRE = re.compile(r"[0-9A-Za-z!#$%&'*+\-.^_`|~]+")
VERSRE = re.compile(r"HTTP/(\d)\.(\d)", re.ASCII)
DIGITS = re.compile(r"\d+", re.ASCII)
HEXDIGITS = re.compile(rb"[0-9a-fA-F]+")

Message = tuple[Any, StreamReader]
Fed = tuple[list[Message], bool, bytes]


class _NoFlowControl:
    """Stands in for the protocol of a parser that has none."""

    transport = None

    def pause_reading(self) -> None: ...

    def resume_reading(self, resume_parser: bool = True) -> None: ...


class _Collector:
    """The wire parser's sink: messages, each with the reader of its body."""

    def __init__(self, owner: "HttpParser") -> None:
        self.owner = owner
        self.messages: list[Message] = []
        self.payload: StreamReader | None = None  # of the message under way
        self._body: Any = None  # the payload, or what decodes before it
        self._head: RequestHead | ResponseHead | None = None  # while nobody knows whether a body comes
        self._is_interim = False

    def take(self) -> list[Message]:
        """Return the messages so far; the last one's body may still be coming."""
        if self._head is not None:
            self._open()
        messages, self.messages = self.messages, []
        return messages

    def on_head(self, head: RequestHead | ResponseHead) -> None:
        """Keep the head until its body begins, or the message ends."""
        self._head = head
        self._is_interim = isinstance(head, ResponseHead) and 100 <= head.status < 200 and head.status != 101

    def _open(self) -> None:
        owner = self.owner
        protocol: Any = owner.protocol or _NoFlowControl()
        payload = StreamReader(protocol, owner._limit, timer=owner.timer, loop=owner.loop)
        message = self._add(payload)
        self._body = decoding(payload, message.compression, owner._auto_decompress)
        self.payload = payload

    def _add(self, payload: StreamReader) -> Any:
        head, self._head = self._head, None
        message = raw_request(head) if isinstance(head, RequestHead) else raw_response(head)  # type: ignore[arg-type]
        self.messages.append((message, payload))
        self.owner._in_flight += 1
        return message

    def on_body(self, data: bytes) -> None:
        """Feed the payload."""
        if self._head is not None:
            self._open()
        self._body.feed_data(data)

    def on_chunk_end(self) -> None:
        """Note the end of a chunk (RFC 9112 7.1)."""
        self._body.end_http_chunk_receiving()

    def on_end(self, trailers: RawHeaders) -> bool:
        """End the payload; stop where enough messages are under way."""
        if self._head is not None:
            self._add(EMPTY_PAYLOAD)
        else:
            self._body.feed_eof()
            self.payload = self._body = None
        owner = self.owner
        if not self._is_interim:
            owner._prepare(owner._wire)
        return owner._is_full() or owner._paused

    def fail(self, exc: BaseException) -> None:
        """End the payload under way, if there is one."""
        payload, self.payload = self.payload, None
        if payload is None:
            return
        wrap = self.owner.payload_exception
        if wrap is None:
            self._body.set_exception(exc)
        else:
            wrapped = wrap(str(exc))
            wrapped.__cause__ = exc
            self._body.set_exception(wrapped)


class _HeadOnly:
    """The sink of who wants to see a head, and nothing of its body."""

    head: Any = None

    def on_head(self, head: Any) -> None:
        self.head = head

    def on_body(self, data: bytes) -> None: ...

    def on_end(self, trailers: RawHeaders) -> bool:
        return True


class HttpParser(ABC):
    """Base of the parsers of both directions.

    ``feed_data`` returns messages with their payloads (``StreamReader``; at its end from
    the start where there is no body), whether another protocol takes over, and the bytes
    for that. Sizes are limits in bytes, *max_headers* in fields, *limit* the low-water
    mark of payloads. With *max_msg_queue_size* above 0 no more messages are parsed than
    that, until ``message_consumed`` is called. Errors are those of the wire; a payload
    under way gets them too, as *payload_exception* if that is given.
    """

    lax: bool = False

    def __init__(
        self,
        protocol: BaseProtocol | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        limit: int = 2**16,
        max_line_size: int = 8190,
        max_headers: int = 128,
        max_field_size: int = 8190,
        timer: AbstractContextManager[object] | None = None,
        code: int | None = None,
        method: str | None = None,
        payload_exception: Callable[[str], BaseException] | None = None,
        response_with_body: bool = True,
        read_until_eof: bool = False,
        auto_decompress: bool = True,
        max_msg_queue_size: int = 0,
    ) -> None:
        self.protocol = protocol
        self.loop = loop
        self.max_line_size = max_line_size
        self.max_headers = max_headers
        self.max_field_size = max_field_size
        self.timer = timer
        self.code = code
        self.method = method
        self.payload_exception = payload_exception
        self.response_with_body = response_with_body
        self.read_until_eof = read_until_eof
        self._limit = limit
        self._auto_decompress = auto_decompress
        self._max_msg_queue_size = max_msg_queue_size
        self._in_flight = 0
        self._paused = False
        self._is_feeding = False
        self._is_upgraded = False
        self._held = b""
        self._headers_parser = HeadersParser(max_line_size, max_headers, max_field_size, self.lax)
        self._sink = _Collector(self)
        self._wire = self._make_wire(self._sink)

    # What a direction decides

    @abstractmethod
    def _make_wire(self, sink: Any) -> Any: ...

    @abstractmethod
    def parse_message(self, lines: list[bytes]) -> Any:
        """Return the head in *lines*, which have no line ends; an empty one is the last."""

    def _prepare(self, wire: Any) -> None:  # noqa: B027 - requests need none
        """Say what is due next."""

    def _limits(self) -> dict[str, Any]:
        return {
            "max_line_size": self.max_line_size,
            "max_field_size": self.max_field_size,
            "max_headers": self.max_headers,
        }

    # Feeding

    def feed_data(self, data: bytes, *constants: Any, **named: Any) -> Fed:
        """Parse *data*; return messages, whether another protocol takes over, and what is for that one.

        What is held back, as enough messages are under way or ``pause_reading`` was
        called meanwhile, is parsed by later calls; ``b""`` will do. Further arguments are
        constants of aiohttp's own code.
        """
        self._paused = False
        self._held = self._held + data if self._held else data
        if self._is_feeding:  # a payload that ended let its connection go on; so does the call under way
            return [], False, b""
        messages: list[Message] = []
        while self._held and self._may_feed():
            data, self._held = self._held, b""
            consumed = self._feed_wire(data)
            self._held = data[consumed:] + self._held
            messages += self._sink.take()
            self._is_upgraded = self._wire.upgraded
        if not self._is_upgraded:
            return messages, False, b""
        rest, self._held = self._held, b""
        return messages, True, rest

    def _may_feed(self) -> bool:
        return not (self._is_upgraded or self._paused or (self._is_full() and self._sink.payload is None))

    def _feed_wire(self, data: bytes) -> int:
        self._is_feeding = True
        try:
            return self._wire.feed(data)  # type: ignore[no-any-return]
        except HttpProcessingError as exc:
            self._sink.fail(exc)
            raise
        finally:
            self._is_feeding = False

    def feed_eof(self) -> None:
        """The peer sends no more: ends a body without length; raises for a message that is incomplete."""
        try:
            self._wire.feed_eof()
        except HttpProcessingError as exc:
            self._sink.fail(exc)
            raise

    def pause_reading(self) -> None:
        """Parse no further message in the call of ``feed_data`` under way; payloads are called back by it."""
        self._paused = True

    def message_consumed(self) -> None:
        """One of the messages given out was dealt with."""
        if self._in_flight:
            self._in_flight -= 1

    def _is_full(self) -> bool:
        return 0 < self._max_msg_queue_size <= self._in_flight

    def set_upgraded(self, val: bool) -> None:
        """Give what follows to another protocol, or go on with HTTP."""
        self._is_upgraded = val
        if not val and self._wire.upgraded:
            self._wire = self._make_wire(self._sink)

    # Heads alone

    def parse_headers(
        self, lines: list[bytes]
    ) -> "tuple[CIMultiDictProxy[str], RawHeaders, bool | None, str | None, bool, bool]":
        """Return the fields in *lines*: decoded, raw, and what they say.

        That is: True to close, False to keep the connection, None for the version's
        default; the content coding; whether they ask for an upgrade; whether the body is chunked.
        """
        headers, raw = self._headers_parser.parse_headers(lines)
        facts = facts_of(raw)
        tokens = elements(facts.get(b"connection", b""))
        close = True if b"close" in tokens else False if b"keep-alive" in tokens else None
        chunked, _, encoding = framing(facts)
        return headers, raw, close, encoding, b"upgrade" in tokens and b"upgrade" in facts, chunked

    def _parse_alone(self, lines: Sequence[bytes]) -> Any:
        """Return the head in *lines*, parsed by a parser of its own."""
        sink = _HeadOnly()
        self._make_wire(sink).feed(b"".join(line + b"\r\n" for line in lines))
        if sink.head is None:
            raise BadHttpMessage("The head is not complete: an empty line must be its last")
        return sink.head


class HttpRequestParserPy(HttpParser):
    """Parses requests, in Python at either speed; see ``HttpParser``."""

    def _make_wire(self, sink: Any) -> Any:
        return parser_py.RequestParser(sink, **self._limits())

    def parse_message(self, lines: list[bytes]) -> RawRequestMessage:
        """Return the head of a request in *lines*, which have no line ends; an empty one is the last."""
        return raw_request(self._parse_alone(lines))


class HttpResponseParserPy(HttpParser):
    """Parses responses, leniently, in Python at either speed; see ``HttpParser``.

    *method* is what is answered; *response_with_body* false means that it never has a
    body. Without *read_until_eof* a response that gives no length has none.
    """

    lax = True

    def _make_wire(self, sink: Any) -> Any:
        wire = parser_py.ResponseParser(sink, **self._limits())
        self._prepare(wire)
        return wire

    def _prepare(self, wire: Any) -> None:
        wire.prepare(self.method or "GET" if self.response_with_body else "HEAD", self.read_until_eof)

    def parse_message(self, lines: list[bytes]) -> RawResponseMessage:
        """Return the head of a response in *lines*, which have no line ends; an empty one is the last."""
        return raw_response(self._parse_alone(lines))


class HttpRequestParser(HttpRequestParserPy):
    """Parses requests, compiled where the package is; see ``HttpParser``."""

    def _make_wire(self, sink: Any) -> Any:
        return parser.RequestParser(sink, **self._limits())

    def feed_data(self, incoming_data: bytes) -> Fed:
        """Parse what came; see ``HttpParser.feed_data``."""
        return super().feed_data(incoming_data)


class HttpResponseParser(HttpResponseParserPy):
    """Parses responses, leniently, compiled where the package is; see ``HttpParser``."""

    def _make_wire(self, sink: Any) -> Any:
        wire = parser.ResponseParser(sink, **self._limits())
        self._prepare(wire)
        return wire

    def feed_data(self, incoming_data: bytes) -> Fed:
        """Parse what came; see ``HttpParser.feed_data``."""
        return super().feed_data(incoming_data)
