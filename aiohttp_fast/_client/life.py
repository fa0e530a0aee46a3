"""Whether a client connection lives: its state, the time-outs of its exchange, how it fails and is closed."""

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from yarl import URL

from .._base.later import later
from .._stream.protocol import BaseProtocol
from .._stream.tcp import abort
from .circumstances import Circumstances, Phase
from .exceptions import ClientConnectionResetError, ClientPayloadError, SocketTimeoutError, TotalTimeoutError
from .info import CloseReason
from .options import ClientTimeout
from .roles import BodyStream, payload_error

if TYPE_CHECKING:
    from . import time_limits
else:
    time_limits = later(".time_limits", __name__)

__all__ = ("Asked", "ConnectionLife", "ConnectionState", "Lender")


class ConnectionState(Enum):
    """The life of a client connection; moved on only by the connection itself."""

    NEW = "new"  # not yet connected
    IDLE = "idle"  # connected, no exchange under way
    HEAD = "head"  # request under way, response head not complete
    BODY = "body"  # head delivered, body not complete
    DONE = "done"  # response complete, exchange not ended
    UPGRADED = "upgraded"  # another protocol has the connection
    CLOSED = "closed"  # never to be used again


_NEW = ConnectionState.NEW
_IDLE = ConnectionState.IDLE
_HEAD = ConnectionState.HEAD
_BODY = ConnectionState.BODY
_DONE = ConnectionState.DONE
_UPGRADED = ConnectionState.UPGRADED
_CLOSED = ConnectionState.CLOSED


class Asked(Protocol):
    """The request of an exchange, as far as errors tell of it."""

    method: str
    url: URL
    started: float
    timeout: ClientTimeout

    def is_being_sent(self) -> bool:
        """Return True while the body is being written."""


class Lender(Protocol):
    """The pool of a connection."""

    def _lost(self, protocol: Any) -> None: ...


class ConnectionLife(BaseProtocol):
    """A client connection without its messages; what they are is ``ResponseHandler``'s."""

    __slots__ = (
        "_closed",
        "_exception",
        "_keep_alive",
        "_stream",
        "_timers",
        "_waiter",
        "close_reason",
        "deadline",
        "exchanges",
        "idle_since",
        "is_kept",
        "lender",
        "opened_at",
        "request",
        "state",
    )

    state: ConnectionState
    request: Asked | None
    deadline: float | None
    close_reason: CloseReason | None  # why the pool, or this object, closed the connection
    idle_since: float  # loop time at which the last exchange ended
    is_kept: bool  # the pool has it among those that wait for a request
    opened_at: float  # loop time at which the pool got it
    exchanges: int  # finished ones; above 0 the connection is a reused one
    lender: "Callable[[], Lender | None] | None"  # a weak reference: who is told that the connection is gone

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.state = _NEW
        self.request = None
        self.deadline = None
        self.close_reason = None
        self.idle_since = 0.0
        self.is_kept = False
        self.opened_at = 0.0
        self.exchanges = 0
        self._keep_alive = True
        self._waiter: asyncio.Future[None] | None = None
        self._stream: BodyStream | None = None
        self._exception: BaseException | None = None
        self._timers: time_limits.TimeLimits | None = None  # of the exchange, if it has such limits
        self._closed: asyncio.Future[None] | None = None
        self.lender: Callable[[], Lender | None] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.state.value}>"

    # What the connector asks

    def is_connected(self) -> bool:
        """True while the transport is there and not closing."""
        return self.transport is not None and not self.transport.is_closing()

    @property
    def upgraded(self) -> bool:
        """True once another protocol has taken over (RFC 9110 7.8)."""
        return self.state is _UPGRADED

    @property
    def should_close(self) -> bool:
        """True unless the connection can carry another exchange as it is now."""
        return not self.reusable()

    def reusable(self) -> bool:
        """Return True if the connection can carry another exchange as it is now."""
        state = self.state
        return self._keep_alive and (state is _DONE or state is _IDLE) and self._exception is None

    def is_complete(self) -> bool:
        """Return True once the response has come to its end as its framing says."""
        return (self.state is _DONE or self.state is _IDLE) and self._exception is None

    def is_under_way(self) -> bool:
        """Return True from the moment a request may be written until its response is complete."""
        return self.state is _HEAD or self.state is _BODY

    @property
    def closed(self) -> "asyncio.Future[None] | None":
        """A future done when the transport is closed; None when it never was open."""
        if self._closed is None and self.transport is not None:
            self._closed = self._loop.create_future()
        return self._closed

    def exception(self) -> BaseException | None:
        """Return why the connection failed, if it did."""
        return self._exception

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready for the first exchange."""
        super().connection_made(transport)
        if self.state is _NEW:
            self.state = _IDLE

    # Time-outs

    def _arm(self, timeout: ClientTimeout) -> None:
        """Arm what the tick is too coarse for: a short total, and the limits of each read and of single stages."""
        self._timers = time_limits.TimeLimits(self, timeout, self._loop, self.deadline)

    def expire(self) -> None:
        """Fail the exchange because its deadline has passed."""
        timeout = None if self.request is None else self.request.timeout
        self.fail(TotalTimeoutError().limited_by("total", None if timeout is None else timeout.total))

    def start_timeout(self) -> None:
        """Limit each wait for bytes, and that for the head, from now on, as ``start_exchange`` was told."""
        timers = self._timers
        if timers is None:
            return
        if self.state is _HEAD:
            timers.request_written()
        if self.is_under_way():
            timers.start_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Receive again; what the pause took is not counted as a wait for the peer."""
        if self._reading_paused and self._timers is not None:
            self._timers.received()
        super().resume_reading(resume_parser)

    def pause_writing(self) -> None:
        """Note that the write buffer is full; called by the transport."""
        super().pause_writing()
        if self._timers is not None:
            self._timers.writing_stopped()

    def _cancel_timers(self) -> None:
        timers, self._timers = self._timers, None
        if timers is not None:
            timers.cancel()

    # Failing and closing

    def fail(self, exc: BaseException, cause: BaseException | None = None) -> None:
        """End the exchange under way with *exc* and close the connection."""
        if cause is not None:
            exc.__cause__ = cause
        self._report(exc)
        self.abort()

    def fail_at(self, phase: Phase, late: SocketTimeoutError) -> None:
        """End the exchange with *late*, as the stage *phase* has taken too long, unless its response is complete."""
        if self.is_under_way():
            self._tell(late, phase)
            self.fail(late)

    def spoil(self, cause: BaseException) -> ClientPayloadError:
        """Close the connection of a body whose content coding is broken; return the error for its reader."""
        error = payload_error(cause)
        self._tell(error)
        if self._exception is None:
            self._exception = error
        if self.state is _BODY:
            self.abort()
        return error

    def _report(self, exc: BaseException) -> None:
        if self._exception is None:
            self._exception = exc
        self._tell(exc)
        if self.state is _HEAD:
            waiter = self._waiter
            if waiter is not None and not waiter.done():
                waiter.set_exception(exc)
                waiter.exception()  # its loop may have ended, with whoever waited
        elif self._stream is not None and (self.state is _BODY or self.state is _DONE):
            self._stream.set_exception(exc)  # when done: a decoder still keeps some of the body

    def _tell(self, exc: BaseException, phase: Phase | None = None) -> None:
        """Note on *exc* which request it ended, and how far that was."""
        request = self.request
        if request is not None and isinstance(exc, Circumstances):
            exc.tell(request.method, request.url, phase or self.phase(), self._loop.time() - request.started)
            exc.proxy = getattr(request, "proxy", None)

    def _tell_age(self, lost: Circumstances) -> None:
        """Note on *lost* how long the connection had been idle: what ends then was mostly ended before."""
        if self.exchanges and self.request is not None:
            lost.idle = max(self.request.started - self.idle_since, 0.0)

    def phase(self) -> Phase:
        """Return how far the exchange is, or was when it was closed before its head came."""
        if self.state is _BODY or self.state is _DONE:
            return Phase.BODY
        return Phase.SEND if self.request is not None and self.request.is_being_sent() else Phase.HEAD

    def close(self) -> None:
        """Close the connection; what is buffered for writing is still sent."""
        self._leave()
        if self.transport is not None and not self.transport.is_closing():
            self.transport.close()

    def abort(self) -> None:
        """Close the connection at once; what is buffered is lost."""
        self._leave()
        if self.transport is not None:
            abort(self.transport)

    def force_close(self) -> None:
        """Never use this connection for another exchange."""
        self._keep_alive = False

    def _leave(self) -> None:
        self._cancel_timers()
        self._keep_alive = False
        if self.state is not _CLOSED:
            if self.close_reason is None:
                self.close_reason = CloseReason.REQUEST
            if self.state in (_HEAD, _BODY) and self._exception is None:
                self._report(ClientConnectionResetError("Connection closed"))
            if self.state is not _DONE:  # a complete response is still to be taken
                self.state = _CLOSED
