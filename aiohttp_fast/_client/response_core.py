"""What a response is made of: its exchange, its head, and its body, whole or as a stream.

A body that came whole with its head stays bytes: no reader is made for it unless
somebody asks for ``content``, and its connection is back in the pool before the user
sees the response.
"""

import asyncio
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self, TypeVar

from multidict import CIMultiDictProxy
from yarl import URL

from .._base.later import later
from .._base.types import RawHeaders
from .._stream.futures import cancel_once
from .._stream.reader import StreamReader
from .._wire.codings import is_supported
from .._wire.errors import ContentEncodingError, HttpProcessingError, LineTooLong, TooManyHeaders
from .._wire.http.message import HttpVersion, ResponseHead
from .circumstances import Circumstances, Phase
from .connector.connection import Connection
from .exceptions import (
    ClientConnectionError,
    ClientPayloadError,
    ClientPayloadSizeError,
    ClientResponseError,
)
from .info import RequestInfo
from .life import ConnectionState
from .options import DEFAULT_BUFSIZE, BodyLimits
from .protocol import ResponseHandler
from .roles import BodyStream, feed_pieces, payload_error

if TYPE_CHECKING:
    from http import cookies as http_cookies

    from .._stream import inflate, limiter
else:
    http_cookies = later("http.cookies")
    inflate = later(".._stream.inflate", __name__)
    limiter = later(".._stream.limiter", __name__)

__all__ = ("RELEASED", "ResponseCore")

_DONE = ConnectionState.DONE

_Told = TypeVar("_Told", bound=Circumstances)


class _Released:
    """What ``release()`` returns: may be awaited, need not be."""

    def __await__(self) -> Generator[None, None, None]:
        return iter(())  # type: ignore[return-value]  # no generator: nothing is to be made for nothing


RELEASED = _Released()


def _removable(coding: str) -> str | None:
    """Return *coding* if it is to be removed from a body; a list of codings stays, as in aiohttp."""
    if "," in coding:
        return None
    if not is_supported(coding):  # it was not asked for either, see ``accept_encoding``
        raise ClientPayloadError(f"Can not decode content-encoding: no module for {coding!r} is installed")
    return coding


class ResponseCore:
    """The part of a response that every request runs through; typed when compiled."""

    __slots__ = (
        "_auto_decompress",
        "_body",
        "_body_limits",
        "_coded_size",
        "_connection",
        "_content",
        "_continue",
        "_cookies",
        "_head",
        "_headers",
        "_history",
        "_in_context",
        "_loop",
        "_output_size",
        "_pieces",
        "_raw_headers",
        "_read_bufsize",
        "_real_url",
        "_released",
        "_request_info",
        "_session",
        "_started",
        "_stream_writer",
        "_timer",
        "_traces",
        "_upload_complete",
        "_writer",
        "method",
        "reason",
        "status",
        "version",
    )

    method: str
    version: HttpVersion | None
    status: int
    reason: str | None
    _continue: "asyncio.Future[bool] | None"  # to be told whether the server wants the request's body
    _output_size: int  # of a request that was sent without a stream writer
    _stream_writer: Any
    _traces: Sequence[Any]

    def __init__(
        self,
        method: str,
        url: URL,
        *,
        writer: "asyncio.Task[None] | None",
        continue100: Any,
        timer: AbstractContextManager[object] | None,
        request_info: Any,
        traces: Sequence[Any],
        loop: asyncio.AbstractEventLoop,
        session: Any,
        stream_writer: Any = None,
    ) -> None:
        self._begin(method, url, writer, timer, request_info, loop, session)
        self._continue = continue100
        self._traces = traces
        self._stream_writer = stream_writer

    def _begin(
        self,
        method: str,
        url: URL,
        writer: "asyncio.Task[None] | None",
        timer: AbstractContextManager[object] | None,
        request_info: Any,
        loop: asyncio.AbstractEventLoop,
        session: Any,
    ) -> None:
        """Set every attribute; ``__init__`` without its ten keyword arguments, which cost more than what they do."""
        self.method = method
        self.version = None
        self.status = None  # type: ignore[assignment]
        self.reason = None
        self._real_url = url
        self._writer = writer
        self._request_info = request_info
        self._loop = loop
        self._session = session
        self._timer: AbstractContextManager[object] | None = timer
        self._head: ResponseHead | None = None
        self._headers: CIMultiDictProxy[str] | None = None
        self._raw_headers: RawHeaders | None = None
        self._body: bytes | None = None
        self._body_limits: BodyLimits | None = None
        self._coded_size = -1  # of a body that was decoded as a whole, as it travelled
        self._content: StreamReader | None = None
        self._pieces: list[bytes] | None = None  # of a body that is complete, still coded
        self._cookies: http_cookies.SimpleCookie | None = None
        self._history: tuple[Any, ...] = ()
        self._continue = None
        self._traces = ()
        self._stream_writer = None
        self._output_size = 0
        self._upload_complete: asyncio.Future[None] | None = None
        self._connection: Connection | None = None
        self._released = False  # given up by its user: what was not read is gone
        self._in_context = False  # somebody is sure to release it
        self._started = 0.0  # loop time at which the exchange began; 0 outside of one
        self._auto_decompress = True
        self._read_bufsize = DEFAULT_BUFSIZE

    def __del__(self) -> None:
        try:
            connection = self._connection
        except AttributeError:  # of a half-made object the pure core has no fields at all
            return
        if connection is not None and not self._loop.is_closed():
            self._forgotten()

    def _forgotten(self) -> None:
        """Close what a response that nobody released still holds."""
        connection = self._connection
        if self._loop.get_debug():
            warnings.warn(f"Unclosed response {self!r}", ResourceWarning, source=self, stacklevel=3)
            self._loop.call_exception_handler({"client_response": self, "message": "Unclosed response"})
        cancel_once(self._writer)
        if connection is not None:
            connection.close()

    # The exchange

    @property
    def request_info(self) -> RequestInfo:
        """URL, method and fields of the request."""
        info: Any = self._request_info
        if isinstance(info, RequestInfo) or not hasattr(info, "request_info"):
            return info  # type: ignore[no-any-return]
        self._request_info = made = info.request_info
        return made  # type: ignore[no-any-return]

    @property
    def connection(self) -> Connection | None:
        """The connection the body still comes over; None once it is complete."""
        return self._connection

    @property
    def closed(self) -> bool:
        """True once the connection was given back."""
        return self._connection is None and self.status is not None

    async def start(self, connection: Connection) -> Self:
        """Wait for the head; take the body, if it came along.

        Raises ``ClientResponseError`` for a malformed head, and what the connection
        failed with: ``ServerDisconnectedError``, ``ClientOSError``, a time-out.
        """
        self._connection = connection
        protocol = self._connection._protocol
        if self._continue is not None:
            protocol.expect_continue(self._continue)  # type: ignore[union-attr]
        try:
            if protocol.head is None:  # type: ignore[union-attr]
                if self._timer is None:
                    await protocol.head_waiter()  # type: ignore[union-attr]
                else:
                    with self._timer:
                        await protocol.head_waiter()  # type: ignore[union-attr]
        except HttpProcessingError as exc:
            refused = ClientResponseError(
                self.request_info, self._history, status=exc.code, message=exc.message, headers=exc.headers
            )
            if isinstance(exc, LineTooLong) and isinstance(exc.limit, int):
                refused.limited_by(exc.parameter, exc.limit)
            elif isinstance(exc, TooManyHeaders):
                refused.limited_by("max_headers", exc.limit)
            raise self._tell(refused, Phase.HEAD) from exc
        self._take_head()
        return self

    def _take_head(self) -> None:
        """Take what has arrived: the head, and the body if it is complete."""
        protocol = self._connection._protocol  # type: ignore[union-attr]
        head = self._head = protocol.head  # type: ignore[union-attr]
        self.version = head.version  # type: ignore[union-attr]
        self.status = head.status  # type: ignore[union-attr]
        self.reason = head.reason  # type: ignore[union-attr]
        if protocol.state is _DONE:  # type: ignore[union-attr]
            self._pieces = protocol.take_pieces()  # type: ignore[union-attr]
            self._end(self._connection)  # type: ignore[arg-type]
        else:
            self._open_content(self._connection, protocol)  # type: ignore[arg-type]

    def _open_content(self, connection: Connection, protocol: ResponseHandler) -> None:
        content = self._content = StreamReader(protocol, self._read_bufsize, timer=self._timer, loop=self._loop)
        stream = self._stage(content, protocol.spoil)
        protocol.open_stream(stream)
        if protocol.upgraded:
            content.feed_eof()
            return
        content.on_eof(self._on_body_complete)
        if self._body_limits is not None and isinstance(stream, limiter.Limiter):
            stream.announce(protocol.announced())

    def _stage(self, content: StreamReader, wrap: Callable[[BaseException], BaseException]) -> BodyStream:
        """Return what the body is fed to, so that it reaches *content* decoded and within its limits."""
        encoding = self._head.content_encoding if self._auto_decompress else None  # type: ignore[union-attr]
        if encoding is not None:
            encoding = _removable(encoding)
        limits = self._body_limits
        if limits is None:
            return content if encoding is None else inflate.Inflater(encoding, content, wrap=wrap)
        sizes = {"max_body_size": limits.max_body_size}
        if encoding is None:
            return limiter.Limiter(content, limiter.SizeLimit(sizes, None, self._too_large))
        sizes["max_decompressed_size"] = limits.max_decompressed_size
        limit = limiter.SizeLimit(sizes, limits.max_decompression_ratio, self._too_large)
        return inflate.Inflater(encoding, content, wrap=wrap, limit=limit)

    def _too_large(self, name: str, limit: float, body: bytes) -> ClientPayloadSizeError:
        """Close the connection of a body that passes a limit; return the error for its reader."""
        error = ClientPayloadSizeError().limited_by(name, limit)
        error.body = body
        self._tell(error, Phase.BODY)
        connection, self._connection = self._connection, None
        if connection is not None:
            cancel_once(self._writer)
            connection._protocol.fail(error)  # type: ignore[union-attr]
            connection.close()
        return error

    def _tell(self, exc: _Told, phase: str | None) -> _Told:
        """Note on *exc* which request it belongs to; return it. A response made by hand has none."""
        if self._started:
            url: URL = self._request_info.url
            exc.tell(self.method, url, phase, self._loop.time() - self._started)
        return exc

    def _on_body_complete(self) -> None:
        connection = self._connection
        if connection is not None:
            self._end(connection)

    def _end(self, connection: Connection) -> None:
        """Give the connection back after the last byte of the body."""
        self._connection = None
        # The answer may have come before the request was sent in full.
        connection._give_back(self._writer is not None and cancel_once(self._writer))

    def close(self) -> None:
        """Close the connection, if the body is not complete; what was not read is gone."""
        self._give_up(True)

    def release(self) -> _Released:
        """Give the connection back; it is closed if the body is not complete.

        May be awaited, and need not be. What was not read by then is gone.
        """
        if self._connection is None:
            self._released = True
        else:
            self._give_up(False)
        return RELEASED

    def _give_up(self, should_close: bool) -> None:
        self._released = True
        connection = self._connection
        if connection is None:
            return
        self._connection = None
        if self._writer is not None and cancel_once(self._writer):
            should_close = True  # whatever came: half of a request is on the wire
        connection._give_back(should_close)
        if self._content is not None and self._content.exception() is None:
            self._content.set_exception(self._tell(ClientConnectionError("Connection closed"), Phase.BODY))

    async def wait_for_close(self) -> None:
        """Wait until the request's body is written or given up, then release."""
        if self._writer is not None and not self._writer.done():
            await asyncio.wait((self._writer,))
        self.release()

    # The body

    @property
    def content(self) -> StreamReader:
        """The body as a stream, content coding removed."""
        if self._content is None and self._head is not None:
            self._content = self._late_content()
        return self._content  # type: ignore[return-value]

    @content.setter
    def content(self, content: StreamReader) -> None:
        self._content = content

    def _late_content(self) -> StreamReader:
        """Make the stream of a body that is already complete."""
        content = StreamReader(None, self._read_bufsize, loop=self._loop)
        if self._released and self._body is None:
            content.set_exception(self._tell(ClientConnectionError("Connection closed"), Phase.BODY))
            return content
        if self._body is None:
            stream = self._stage(content, self._decoding_failed)
            feed_pieces(stream, self._pieces or [])
            stream.feed_eof()
        else:
            content.total_bytes = len(self._body)
            if self._coded_size >= 0:
                content.total_compressed_bytes = self._coded_size
            content.feed_eof()
        return content

    def _decoding_failed(self, cause: BaseException) -> ClientPayloadError:
        return self._tell(payload_error(cause), Phase.BODY)

    async def read(self) -> bytes:
        """Return the whole body.

        Raises ``ClientPayloadError`` if it is incomplete or its coding is broken,
        ``ClientConnectionError`` if the response was released before.
        """
        body = self._body
        if body is not None:
            return body
        if self._released:
            closed = "Connection closed: the response was closed or released before its body was read"
            raise self._tell(ClientConnectionError(closed), Phase.BODY)
        if self._content is None and self._pieces is not None and self._body_limits is None:
            body = self._body = self._whole(self._pieces)
            self._pieces = None
            if self._traces:
                await self._tell_of_body(body)
            return body
        try:
            body = self._body = await self.content.read()
            if self._traces:
                await self._tell_of_body(body)
        except BaseException as exc:
            self.close()
            if isinstance(exc, ClientPayloadSizeError) and self._body_limits is not None:
                exc.body = self._content.take_all() + exc.body  # type: ignore[union-attr]
            raise
        return body

    async def _tell_of_body(self, body: bytes) -> None:
        url = self._real_url
        for trace in self._traces:
            await trace.send_response_chunk_received(self.method, url.with_fragment(None), body)

    def _whole(self, pieces: list[bytes]) -> bytes:
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        encoding = self._head.content_encoding if self._auto_decompress else None  # type: ignore[union-attr]
        if encoding is None or not data:
            return data
        encoding = _removable(encoding)
        if encoding is None:
            return data
        self._coded_size = len(data)
        try:
            return inflate.decode_whole(encoding, data, 0)
        except ContentEncodingError as exc:
            raise self._tell(payload_error(exc), Phase.BODY) from exc
