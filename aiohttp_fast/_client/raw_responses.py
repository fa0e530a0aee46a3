"""A client connection as a queue of raw responses, and as another protocol's: what aiohttp's API has of it.

The client itself takes responses from the connection without a queue; this is for other
people's code that has a ``ResponseHandler`` in its hands.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any, NamedTuple

from .._stream.payload_parser import decoding
from .._stream.queue import DataQueue
from .._stream.raw_message import RawResponseMessage, raw_response
from .._stream.reader import EMPTY_PAYLOAD, StreamReader
from .._stream.timer import CEIL_THRESHOLD
from .options import DEFAULT_BUFSIZE, ClientTimeout, ParserLimits

__all__ = ("Guest", "RawResponses", "ResponseParams")


class ResponseParams(NamedTuple):
    """How the reader of a raw response's body is made."""

    timer: AbstractContextManager[object] | None
    auto_decompress: bool
    read_bufsize: int


class Guest(NamedTuple):
    """Who has the connection after an upgrade (RFC 9110 7.8): its parser, where that leads to, who is told of data."""

    parser: Any
    payload: Any
    on_data: Callable[[], object] | None

    def feed(self, data: bytes) -> bytes | None:
        """Give *data* to the parser; return what it leaves over at its end, None before that."""
        if self.on_data is not None:
            self.on_data()
        is_over, tail = self.parser.feed_data(data)
        return bytes(tail) if is_over else None

    def lose(self, exc: BaseException | None) -> None:
        """The connection is gone: tell the payload why, if it broke, and the parser."""
        if exc is not None and self.payload is not None:
            self.payload.set_exception(exc)
        with suppress(Exception):
            self.parser.feed_eof()


class _Unnamed(NamedTuple):
    """The request of a response that somebody else sent."""

    method: str
    headers: tuple[str, ...] = ("Upgrade",)  # it may ask for anything


class RawResponses(DataQueue[tuple[RawResponseMessage, StreamReader]]):
    """What a ``ResponseHandler`` is beyond a connection: ``set_response_params``, ``read``, ``set_parser``."""

    __slots__ = ()

    params: ResponseParams | None

    def set_response_params(
        self: Any,
        *,
        timer: AbstractContextManager[object] | None = None,
        skip_payload: bool = False,
        read_until_eof: bool = False,
        auto_decompress: bool = True,
        read_timeout: float | None = None,
        read_bufsize: int = DEFAULT_BUFSIZE,
        timeout_ceil_threshold: float = CEIL_THRESHOLD,
        max_line_size: int = 8190,
        max_field_size: int = 8190,
        max_headers: int = 128,
    ) -> None:
        """Expect one response, to be taken by ``read``; to be called before its request is written.

        *skip_payload* says that it has no body. *read_timeout* (seconds) counts from
        ``start_timeout`` on.
        """
        self.start_exchange(
            _Unnamed("HEAD" if skip_payload else "GET"),
            None,
            read_until_eof,
            ParserLimits(max_line_size, max_field_size, max_headers),
            ClientTimeout(sock_read=read_timeout, ceil_threshold=timeout_ceil_threshold),
        )
        self.params = ResponseParams(timer, auto_decompress, read_bufsize)

    async def read(self: Any) -> tuple[RawResponseMessage, StreamReader]:
        """Return the response and the reader of its body; wait for its head.

        1xx responses before it are passed over. Raises what the connection failed with.
        The connection is ready for the next ``set_response_params`` when the body is complete.
        """
        params: ResponseParams | None = self.params
        if params is None:
            raise RuntimeError("No response is expected: call set_response_params() first")
        if self.head is None:
            await self.head_waiter()
        message = raw_response(self.head)
        self.params = None
        if message.upgrade:
            return message, EMPTY_PAYLOAD
        payload = StreamReader(self, params.read_bufsize, timer=params.timer, loop=self._loop)
        self.open_stream(decoding(payload, message.compression, params.auto_decompress))
        payload.on_eof(self.end_exchange)
        return message, payload

    def set_parser(self: Any, parser: Any, payload: Any, data_received_cb: Callable[[], object] | None = None) -> None:
        """Give the connection to another protocol: what comes from now on, or came since the upgrade, is *parser*'s.

        ``parser.feed_data`` returns whether it has come to its end, and what it left
        over; ``feed_eof`` is called when the connection is gone. *payload*, what the
        parser feeds, gets the reason as its exception if it broke. *data_received_cb* is
        called before each piece.
        """
        self.hand_over(Guest(parser, payload, data_received_cb))

    @property
    def read_timeout(self: Any) -> float | None:
        """Seconds that each wait for bytes may take; None is no limit."""
        return self._read_timeout  # type: ignore[no-any-return]

    @read_timeout.setter
    def read_timeout(self: Any, read_timeout: float | None) -> None:
        self._read_timeout = read_timeout or None
        self.start_timeout()

    # A queue, but one that only the connection fills

    def __len__(self: Any) -> int:
        return int(self.params is not None and self.head is not None)

    def __bool__(self) -> bool:
        return True

    def is_eof(self: Any) -> bool:
        """Return True once the connection is gone."""
        return self.transport is None and self.state.value == "closed"

    def at_eof(self: Any) -> bool:
        """Return True once the connection is gone and no response is left to ``read``."""
        return self.is_eof() and not len(self)

    def set_exception(self: Any, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """End the response under way with *exc*, and close the connection."""
        self.fail(exc, exc_cause)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Raise RuntimeError: responses come from the connection."""
        raise RuntimeError("responses come from the connection, they cannot be fed")

    def feed_eof(self) -> None:
        """Raise RuntimeError: the end comes from the connection."""
        raise RuntimeError("the end comes from the connection, it cannot be fed")
