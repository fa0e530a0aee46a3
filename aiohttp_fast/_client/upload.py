"""How far the body of a request has got: ``UploadTracker``."""

import asyncio
import inspect
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from .._stream.abc import AbstractStreamWriter
from .exceptions import UploadAbortedError

__all__ = ("UploadTracker",)


class _Request(Enum):
    """The life of the request that is watched."""

    AWAITED = "awaited"
    UNDER_WAY = "under way"
    FAILED = "failed"  # no more attempts
    ANSWERED = "answered"  # no more attempts


class _Body(Enum):
    """What became of the body in the attempt made last."""

    AWAITED = "awaited"
    WRITING = "writing"
    SENT = "sent"
    CUT = "cut"


class _Piece(NamedTuple):
    """A piece of the body that was given to the connection."""

    end: int  # bytes on the wire up to here, head and framing included
    total: int  # bytes of the body up to here


class UploadTracker:
    """Watches the body of one request; make one for each, and pass it as ``upload_tracker``.

    *callback* is called with three numbers after each piece of the body: the bytes of it
    that the connection has taken in this attempt; how many there will be, None where that
    is not known; and the rate since the attempt began, in bytes per second. What it
    returns is awaited, if it can be, before the next piece is sent. An error that it
    raises ends the request, as its body's would.

    ``attempts`` counts how often the request was begun, redirects and repetitions
    included. ``upload_complete`` is a future: done with None once the request has its
    answer and the last attempt's body was sent in full (at once for one without a body);
    it raises ``UploadAbortedError`` where that never happened, or the error that ended
    the sending. All bytes are counted before compression and framing.

    Must be made where an event loop runs. ``RuntimeError`` when passed to a second request.
    """

    attempts: int
    upload_complete: "asyncio.Future[None]"

    def __init__(self, callback: Callable[[int, int | None, float], Any] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._callback = callback
        self.attempts = 0
        self.upload_complete = self._loop.create_future()
        self._request = _Request.AWAITED
        self._forget_attempt()

    def _forget_attempt(self) -> None:
        self._body = _Body.AWAITED
        self._error: BaseException | None = None
        self._writer: AbstractStreamWriter | None = None
        self._total: int | None = None
        self._since = 0.0
        self._taken = 0  # by the connection
        self._flushed = _Piece(0, 0)  # the last piece that the system has in full
        self._unflushed: deque[_Piece] = deque()
        self._written = 0

    @property
    def bytes_written(self) -> int:
        """Bytes of the body that the system has taken from the connection, in the attempt made last."""
        self._look()
        return self._written

    def _look(self) -> None:
        """Find out what has left the transport's buffer; nothing more of one that is closing, which drops it."""
        writer = self._writer
        transport = None if writer is None else writer.transport
        if writer is None or transport is None or transport.is_closing():
            return
        flushed = writer.output_size - transport.get_write_buffer_size()
        while self._unflushed and self._unflushed[0].end <= flushed:
            self._flushed = self._unflushed.popleft()
        written = self._flushed.total
        if self._unflushed:
            written += _share(self._flushed, self._unflushed[0], flushed)
        self._written = max(self._written, written)

    # What the exchange reports

    def _bind(self) -> None:
        if self._request is not _Request.AWAITED:
            raise RuntimeError("UploadTracker is already bound to a request")
        self._request = _Request.UNDER_WAY

    def _begin_attempt(self) -> None:
        """The request is about to be sent (again)."""
        self.attempts += 1
        self._forget_attempt()

    def _end_request(self, answered: bool) -> None:
        """There will be no more attempts; a body may still be on its way."""
        self._look()
        self._request = _Request.ANSWERED if answered else _Request.FAILED
        self._settle()

    # What the request reports

    def _follow(self, writer: AbstractStreamWriter, total: int | None) -> None:
        """The body, of *total* bytes, is about to be sent through *writer*."""
        self._body = _Body.WRITING
        self._writer = writer
        self._total = total
        self._since = self._loop.time()
        self._flushed = _Piece(writer.output_size, 0)
        writer.on_body_write = self._wrote

    async def _wrote(self, size: int) -> None:
        """A piece of *size* bytes was given to the connection."""
        self._taken += size
        self._unflushed.append(_Piece(self._writer.output_size, self._taken))  # type: ignore[union-attr]
        self._look()
        if self._callback is not None:
            elapsed = self._loop.time() - self._since
            told = self._callback(self._taken, self._total, self._taken / elapsed if elapsed > 0 else 0.0)
            if inspect.isawaitable(told):
                await told

    def _end_body(self, sent: bool, error: BaseException | None = None) -> None:
        """The body was *sent* in full, or will never be."""
        if self._body is not _Body.WRITING:
            return
        self._look()
        self._body = _Body.SENT if sent else _Body.CUT
        self._error = error
        self._settle()

    def _settle(self) -> None:
        if self._request is _Request.UNDER_WAY or self._body is _Body.WRITING:
            return
        if self._body is _Body.SENT and self._request is _Request.ANSWERED:
            transport = None if self._writer is None else self._writer.transport
            if transport is None or transport.is_closing():
                self._written = self._taken  # nobody can be asked any more, and the answer came after it
        if self.upload_complete.done():  # its user cancelled it
            return
        if self._body is _Body.SENT:
            self.upload_complete.set_result(None)
        else:
            lost = f"The request body was not fully sent, only {self._written} bytes of it were"
            self.upload_complete.set_exception(self._error or UploadAbortedError(lost))
            self.upload_complete.exception()  # seen: nobody has to ask


def _share(before: _Piece, piece: _Piece, flushed: int) -> int:
    """Return how much of *piece* is among the first *flushed* bytes on the wire.

    What was compressed counts in proportion; else the head and the size of a chunk stand in front of it.
    """
    size = piece.total - before.total
    span = piece.end - before.end
    done = max(flushed - before.end, 0)
    return done * size // span if span < size else max(done - (span - size), 0)
