"""A client connection as a queue of raw responses, as aiohttp's API has it.

The client itself takes responses from the connection without a queue; this is for other
people's code that has a ``ResponseHandler`` in its hands.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from yarl import URL

from .._base.later import later
from .._stream.queue import DataQueue
from .._stream.reader import EMPTY_PAYLOAD, StreamReader
from .._stream.timer import CEIL_THRESHOLD
from .._wire.codings import is_supported
from .options import DEFAULT_BUFSIZE, NO_TIMEOUT, ClientTimeout, ParserLimits

if TYPE_CHECKING:
    from .._stream import inflate, raw_message
else:
    inflate = later(".._stream.inflate", __name__)
    raw_message = later(".._stream.raw_message", __name__)

__all__ = ("RawResponses", "ResponseParams")


class ResponseParams:
    """How the reader of a raw response's body is made."""

    __slots__ = ("auto_decompress", "read_bufsize", "timer")

    def __init__(self, timer: AbstractContextManager[object] | None, auto_decompress: bool, read_bufsize: int) -> None:
        self.timer = timer
        self.auto_decompress = auto_decompress
        self.read_bufsize = read_bufsize


class _Unnamed:
    """The request of a response that somebody else sent, as far as errors and the protocol ask."""

    url = URL()
    headers = ("Upgrade",)  # it may have asked for anything

    def __init__(self, method: str, started: float, timeout: ClientTimeout) -> None:
        self.method = method
        self.started = started
        self.timeout = timeout

    def is_being_sent(self) -> bool:
        """Return False: nobody says."""
        return False


class RawResponses(DataQueue["tuple[raw_message.RawResponseMessage, StreamReader]"]):
    """What a ``ResponseHandler`` is beyond a connection: ``set_response_params`` and ``read``."""

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
        timeout = ClientTimeout(sock_read=read_timeout, ceil_threshold=timeout_ceil_threshold)
        request = _Unnamed("HEAD" if skip_payload else "GET", self._loop.time(), timeout)
        limits = ParserLimits(max_line_size, max_field_size, max_headers)
        self.start_exchange(request, None, read_until_eof, limits, timeout)
        self.params = ResponseParams(timer, auto_decompress, read_bufsize)

    async def read(self: Any) -> "tuple[raw_message.RawResponseMessage, StreamReader]":
        """Return the response and the reader of its body; wait for its head.

        1xx responses before it are passed over. Raises what the connection failed with.
        The connection is ready for the next ``set_response_params`` when the body is complete.
        """
        params: ResponseParams | None = self.params
        if params is None:
            raise RuntimeError("No response is expected: call set_response_params() first")
        if self.head is None:
            await self.head_waiter()
        message = raw_message.raw_response(self.head)
        self.params = None
        if message.upgrade:
            return message, EMPTY_PAYLOAD
        payload = StreamReader(self, params.read_bufsize, timer=params.timer, loop=self._loop)
        coding = message.compression if params.auto_decompress and is_supported(message.compression or "") else None
        self.open_stream(payload if coding is None else inflate.Inflater(coding, payload, wrap=self.spoil))
        payload.on_eof(self.end_exchange)
        return message, payload

    @property
    def read_timeout(self: Any) -> float | None:
        """Seconds that each wait for bytes may take until the response under way ends; None is no limit.

        ``TypeError`` or ``ValueError`` for what is no number of seconds.
        """
        return None if self._timers is None else self._timers.read_timeout

    @read_timeout.setter
    def read_timeout(self: Any, read_timeout: float | None) -> None:
        limit = ClientTimeout(sock_read=read_timeout).sock_read
        if self._timers is None:
            self._arm(NO_TIMEOUT)
        self._timers.read_timeout = limit
        self.start_timeout()

    # A queue, but one that only the connection fills

    def is_eof(self: Any) -> bool:
        """Return True once the connection is gone."""
        return self.transport is None and self.state.value == "closed"

    def at_eof(self: Any) -> bool:
        """Return True once the connection is gone and no response is left to ``read``."""
        return self.is_eof() and not len(self)

    def set_exception(self: Any, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """End the response under way with *exc*, and close the connection."""
        self.fail(exc, exc_cause)

    def feed_data(self, data: "tuple[raw_message.RawResponseMessage, StreamReader]", size: int = 0) -> None:
        """Raise RuntimeError: responses come from the connection."""
        raise RuntimeError("responses come from the connection, they cannot be fed")

    def feed_eof(self) -> None:
        """Raise RuntimeError: the end comes from the connection."""
        raise RuntimeError("the end comes from the connection, it cannot be fed")
