"""One client connection: bytes in, and the one response that is due.

An exchange begins with ``start_exchange`` and ends with ``end_exchange``. In between
the parser reports to this object: the head wakes the one waiter, the body is kept as
bytes until somebody wants a stream. Bytes that nobody asked for close the connection.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .._base.later import later
from .._base.log import client_logger
from .._stream.iterators import AsyncStreamIterator
from .._stream.protocol import RECEIVE_BUFFER_SIZE
from .._stream.reader import StreamReader
from .._wire.errors import BadHttpMessage, HttpProcessingError
from .._wire.http.message import ResponseHead
from .._wire.http.parser import ResponseParser
from .exceptions import (
    ClientConnectionResetError,
    ClientError,
    ClientOSError,
    ServerDisconnectedError,
)
from .info import CloseReason
from .life import Asked, ConnectionLife, ConnectionState
from .options import DEFAULT_LIMITS, NO_TIMEOUT, ClientTimeout, ParserLimits
from .raw_responses import RawResponses, ResponseParams
from .roles import BodyStream, UpgradeParser, UpgradeSink, feed_pieces, payload_error

if TYPE_CHECKING:
    from .._stream import ws_receiver
    from .._wire.ws import reader as ws_reader
    from . import handover
else:
    handover = later(".handover", __name__)
    ws_receiver = later(".._stream.ws_receiver", __name__)
    ws_reader = later(".._wire.ws.reader", __name__)

__all__ = ("ResponseHandler",)


_IDLE = ConnectionState.IDLE
_HEAD = ConnectionState.HEAD
_BODY = ConnectionState.BODY
_DONE = ConnectionState.DONE
_UPGRADED = ConnectionState.UPGRADED
_CLOSED = ConnectionState.CLOSED

_EMPTY: list[bytes] = []


class ResponseHandler(ConnectionLife, RawResponses):
    """The protocol object of a client connection, parser's sink included.

    ``head`` is the response head once it has arrived. ``deadline`` is the loop time at
    which the exchange under way fails, or None; the connector's tick watches it.
    """

    __slots__ = (
        "_continue",
        "_direct",
        "_handover",
        "_interim",
        "_lent",
        "_limits",
        "_parser",
        "_pieces",
        "head",
        "params",
        "trailers",
    )

    head: ResponseHead | None
    _exception: BaseException | None  # both of its bases have one
    trailers: tuple[tuple[bytes, bytes], ...]
    params: ResponseParams | None  # of a response that is to be taken by ``read``

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.head = None
        self.trailers = ()
        self._interim = False  # the message being parsed is a 1xx
        self._parser: ResponseParser | None = None
        self._limits = DEFAULT_LIMITS
        self._pieces = _EMPTY
        self._direct: StreamReader | None = None  # the stream, where it may be received into
        self._lent = False  # what get_buffer returned last was its room
        self._handover: handover.Handover | None = None  # to another protocol, once something of it is here
        self._continue: asyncio.Future[bool] | None = None  # whether the peer wants the request's body
        self.params = None

    # As a queue, see ``RawResponses``

    def __len__(self) -> int:
        return int(self.params is not None and self.head is not None)

    def __bool__(self) -> bool:
        return True

    def __aiter__(self) -> AsyncStreamIterator[Any]:
        return AsyncStreamIterator(self.read)

    # An exchange

    def start_exchange(
        self,
        request: Asked,
        deadline: float | None = None,
        read_until_eof: bool = True,
        limits: ParserLimits = DEFAULT_LIMITS,
        timeout: ClientTimeout = NO_TIMEOUT,
    ) -> None:
        """Expect the response to *request*; to be called before it is written."""
        parser = self._parser
        if parser is None or self._limits is not limits:
            parser = self._parser = ResponseParser(self, **limits._asdict())
            self._limits = limits
        parser.prepare(request.method, read_until_eof)
        if self._timers is not None:
            self._cancel_timers()
        self.state = _HEAD
        self.head = None
        self.request = request
        self.deadline = deadline
        if timeout._is_fine:
            self._arm(timeout)

    def end_exchange(self) -> None:
        """Forget the exchange; the connection is idle if its response was complete."""
        if self._timers is not None:
            self._cancel_timers()
        if self.state is _DONE:
            self.state = _IDLE if self._keep_alive and self.transport is not None else _CLOSED
        self.deadline = None
        self.request = None
        self.head = None
        self.exchanges += 1
        self._waiter = None
        self._exception = None  # its traceback holds the frames of whoever failed
        self._stream = self._direct = None
        self._continue = None
        self._pieces = _EMPTY
        if self._reading_paused:
            self.resume_reading()

    def ensure_unanswered(self) -> None:
        """Raise what has ended the exchange before its request was written; an answer by then is none to it."""
        if self._exception is not None:
            raise self._exception
        if self.head is not None or self.state is not _HEAD:
            raise ServerDisconnectedError("Server answered before the request was sent")

    def expect_continue(self, answer: "asyncio.Future[bool]") -> None:
        """Set *answer* to whether the peer wants the request's body (RFC 9110 10.1.1).

        False with a final response; the connection, on which the body is missing then,
        is not used again.
        """
        self._continue = answer

    def _answer_expectation(self, wanted: bool) -> None:
        answer, self._continue = self._continue, None
        if not answer.done():  # type: ignore[union-attr]
            answer.set_result(wanted)  # type: ignore[union-attr]
            if not wanted:
                self._keep_alive = False

    def head_waiter(self) -> "asyncio.Future[None]":
        """Return a future that is done when the final response head has arrived.

        It raises what the connection failed with: a ``ClientError``, a time-out, or an
        ``HttpProcessingError`` for a malformed head. Only one may wait.
        """
        waiter = self._waiter = self._loop.create_future()
        if self._exception is not None:
            waiter.set_exception(self._exception)
        elif self.head is not None:
            waiter.set_result(None)
        elif self.state is not _HEAD or self.transport is None:
            waiter.set_exception(ServerDisconnectedError())
        return waiter

    def take_pieces(self) -> list[bytes]:
        """Return what arrived of the body so far, and forget it.

        An empty piece marks the end of a chunk (RFC 9112 7.1).
        """
        pieces, self._pieces = self._pieces, _EMPTY
        return pieces

    def announced(self) -> int:
        """Return how many bytes of the body are still to come; 0 where its framing does not say."""
        return self._parser.body_remaining if self.state is _BODY else 0  # type: ignore[union-attr]

    def open_stream(self, stream: "BodyStream") -> None:
        """Send the body to *stream* from now on, beginning with what has arrived."""
        feed_pieces(stream, self.take_pieces())
        self._stream = stream
        if self.state is _DONE:
            stream.feed_eof()
        elif self._exception is not None:
            stream.set_exception(self._exception)
        elif isinstance(stream, StreamReader) and self.state is _BODY:
            rest = self._parser.body_remaining  # type: ignore[union-attr]
            if rest:
                stream.expect(rest)
                self._direct = stream

    # Another protocol

    @property
    def tail(self) -> bytes:
        """What followed the head of an upgrade, and nobody has taken."""
        return b"" if self._handover is None else self._handover.tail

    def set_parser(
        self,
        parser: "UpgradeParser | ws_reader.WebSocketReader",
        payload: UpgradeSink,
        data_received_cb: Callable[[], object] | None = None,
    ) -> None:
        """Give all that comes to *parser* from now on, beginning with what followed the head of the upgrade.

        *payload* is told when the connection ends, *data_received_cb* is called whenever
        something has come.
        """
        if self._handover is None:  # there was no upgrade
            self._begin_handover()
        if isinstance(parser, ws_reader.WebSocketReader):
            self._step_aside(parser, data_received_cb)
        if self._reading_paused:
            self.resume_reading()
        self._handover.begin(parser, payload, data_received_cb)  # type: ignore[union-attr]
        if self.transport is None:
            self._handover.end(self._handover.lost)  # type: ignore[union-attr]

    def _begin_handover(self) -> None:
        """Keep what comes for another protocol; the limits on time of the request end here."""
        self._handover = handover.Handover()
        self._cancel_timers()
        self.deadline = None

    def _step_aside(self, frames: "ws_reader.WebSocketReader", heard: Callable[[], object] | None) -> None:
        """Let the transport give what it receives to *frames* without a way round."""
        transport = self.transport
        if transport is not None and not transport.is_closing():
            transport.pause_reading()  # uvloop asks how to receive when it begins to
            transport.set_protocol(ws_receiver.FrameReceiver(self, frames, self._loop, heard))
            transport.resume_reading()
            self._reading_paused = False

    def _pass_on(self, data: bytes | bytearray, size: int) -> None:
        """Give bytes of another protocol to who takes them; keep a bounded number of them where nobody does yet."""
        self._handover.feed(data, size)  # type: ignore[union-attr]
        if len(self._handover.tail) > RECEIVE_BUFFER_SIZE:  # type: ignore[union-attr]
            self.pause_reading()

    # asyncio calls

    def connection_lost(self, exc: BaseException | None) -> None:
        """End the exchange under way, as the response's framing allows."""
        try:
            if isinstance(exc, OSError):
                self._read_rest()
        finally:
            try:
                if self.is_under_way():
                    self._on_lost(exc)
            finally:
                self._forget_transport(exc)

    def _forget_transport(self, exc: BaseException | None) -> None:
        self._cancel_timers()
        if self.state is not _DONE:
            self.state = _CLOSED
        self._keep_alive = False
        super().connection_lost(exc)
        self._parser = None  # each knows the other
        if self._handover is not None:
            self._handover.end(exc)
        if self._closed is not None and not self._closed.done():
            self._closed.set_result(None)
        lender = None if self.lender is None else self.lender()
        if lender is not None:
            lender._lost(self)

    def fail_writing(self, exc: BaseException, cause: BaseException) -> None:
        """End the exchange with *exc*, as the request cannot be written; not if its answer is there all the same."""
        self._read_rest()
        if self.is_connected() and self.is_under_way():
            self.fail(exc, cause)

    def _read_rest(self) -> None:
        """Take what had come before the connection broke under what we still wrote.

        A peer may answer and close without having read the whole request (RFC 9112 9.6);
        asyncio stops reading when it fails to write. Not over TLS, which keeps its keys.
        """
        transport = self.transport
        sock = None if transport is None else transport.get_extra_info("socket")
        if sock is None or transport.get_extra_info("sslcontext") is not None:  # type: ignore[union-attr]
            return
        with suppress(OSError), socket.fromfd(sock.fileno(), sock.family, sock.type) as rest:
            rest.setblocking(False)
            while self.is_under_way() or (self._handover is not None and self._handover.takes_frames()):
                size = rest.recv_into(self._view)
                if not size:
                    break
                self._received(self._buffer, size)

    def _on_lost(self, exc: BaseException | None) -> None:
        if self.state is _HEAD:
            if isinstance(exc, OSError):
                lost: ClientError = ClientOSError(*exc.args)
            else:
                lost = ServerDisconnectedError(self._partial_message())
            lost.__cause__ = exc
            self._tell_age(lost)
            self._report(lost)
            return
        if exc is None:  # otherwise the end that came is not the body's (RFC 9112 8)
            try:
                self._parser.feed_eof()  # type: ignore[union-attr]
            except BadHttpMessage as cause:
                self._refuse(cause)
        if self.state is _BODY:
            incomplete = payload_error(exc)
            incomplete.__cause__ = exc
            self._report(incomplete)

    def _partial_message(self) -> str:
        return "Server disconnected"

    def _connection_reset_error(self, text: str = "Connection lost") -> Exception:
        return ClientConnectionResetError(text)

    def eof_received(self) -> bool | None:
        """End a body that lasts until the peer closes; the transport then closes itself."""
        self._keep_alive = False
        if self.state is _HEAD and self.transport is not None:
            self.transport.abort()  # no answer can come, and the peer need not read the rest of the request
        if self.state is _IDLE:
            self.state = _CLOSED
        return None

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the room of the body's reader where it has some, else the shared receive buffer."""
        direct = self._direct
        if direct is not None and self.state is _BODY:
            room = direct.room()
            if room is not None:
                self._lent = True
                return room
        self._lent = False
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Take *nbytes* from what ``get_buffer`` returned."""
        if not self._lent:
            self._received(self._buffer, nbytes)
            return
        self._lent = False
        if self._timers is not None:
            self._timers.received()
        self._parser.skip_body(nbytes)  # type: ignore[union-attr]
        self._direct.landed(nbytes)  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        """Take *data*; what a loop that knows no buffered protocols calls."""
        self._received(data, len(data))

    def _received(self, data: bytes | bytearray, size: int) -> None:
        state = self.state
        if state is not _HEAD and state is not _BODY:
            self._unasked(data, size)
            return
        if self._timers is not None:
            self._timers.received()
        try:
            consumed = self._parser.feed(data, size)  # type: ignore[union-attr]
        except BadHttpMessage as exc:
            self._refuse(exc)
        else:
            if consumed < size:
                self._unasked(bytes(data[consumed:size]), size - consumed)
        waiter = self._waiter
        if waiter is not None and self.head is not None and not waiter.done():
            waiter.set_result(None)

    def _unasked(self, data: bytes | bytearray, size: int) -> None:
        """Bytes that belong to no exchange: another protocol's, or an attempt at poisoning."""
        if self.state is _UPGRADED:
            self._pass_on(data, size)
        elif self.state is not _CLOSED:
            client_logger.debug("Connection closed: %d bytes came that no request asked for", size)
            self._keep_alive = False
            self.close_reason = CloseReason.UNASKED
            if self.state is _IDLE:
                self.abort()

    def _refuse(self, exc: HttpProcessingError) -> None:
        """Turn the wire's error into the client's, once, and close."""
        if self.state is _HEAD:
            self.fail(exc)
        else:
            self.fail(payload_error(exc), exc)

    # The parser's sink

    def on_head(self, head: ResponseHead) -> None:
        """Take the head of a response, or of a 1xx before it."""
        status = head.status
        if 100 <= status < 200 and status != 101:  # below 100 it is as a 5xx (RFC 9110 15)
            self._interim = True
            if status == 100 and self._continue is not None:
                self._answer_expectation(True)
            return
        if status == 101 and "Upgrade" not in getattr(self.request, "headers", ()):
            raise BadHttpMessage("101 Switching Protocols, which the request did not ask for (RFC 9110 15.2.2)")
        self._interim = False
        if self._continue is not None:
            self._answer_expectation(False)
        self.head = head
        self.state = _BODY
        if self._timers is not None:
            self._timers.head_came()
        if not head.keep_alive:
            self._keep_alive = False

    def on_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        if self.state is _CLOSED:  # its reader gave up, in the middle of what had come
            return
        if self._stream is not None:
            self._stream.feed_data(data)
        elif self._pieces:
            self._pieces.append(data)
        else:
            self._pieces = [data]

    def on_chunk_end(self) -> None:
        """Note a chunk's end for readers that care (RFC 9112 7.1)."""
        if self._stream is not None:
            self._stream.end_http_chunk_receiving()
        else:
            self.on_body(b"")

    def on_end(self, trailers: tuple[tuple[bytes, bytes], ...]) -> bool:
        """The response is complete; whatever follows was not asked for."""
        if self._interim:
            return False
        if self.head is None:  # the exchange was given up, in the middle of what had come
            return True
        self.trailers = trailers
        if self.head.upgrade:
            self.state = _UPGRADED
            self._keep_alive = False
            self._begin_handover()
        else:
            self.state = _DONE
        if self._stream is not None:
            self._stream.feed_eof()
        return True
