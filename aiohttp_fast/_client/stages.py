"""Time limits of two stages of an exchange: writing the request, and waiting for the head of its answer.

Made for the exchanges that have such a limit, and only for those.
"""

import asyncio
from math import inf
from typing import Protocol

from .._stream.tcp import sending_progress
from .._stream.timer import deadline_after
from .circumstances import Phase
from .exceptions import SocketTimeoutError
from .options import ClientTimeout

__all__ = ("StageLimits",)

_LOOKS = 4  # how often within sock_write it is looked whether the peer takes anything; its end may be late by one


class _Connection(Protocol):
    """The connection whose exchange it is."""

    transport: asyncio.Transport | None

    @property
    def writing_paused(self) -> bool:
        """True while the transport's write buffer is above its high-water mark."""

    def fail_at(self, phase: Phase, late: SocketTimeoutError) -> None:
        """End the exchange with *late*."""


class StageLimits:
    """``sock_write`` and ``first_byte`` of one exchange; ``cancel`` is the end of it."""

    __slots__ = ("_connection", "_head_handle", "_loop", "_moved_at", "_progress", "_timeout", "_write_handle")

    def __init__(self, connection: _Connection, timeout: ClientTimeout, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._timeout = timeout
        self._loop = loop
        self._progress = 0, 0  # when it was last looked at
        self._moved_at = 0.0  # loop time at which there was some
        self._head_handle: asyncio.TimerHandle | None = None
        self._write_handle: asyncio.TimerHandle | None = None

    def cancel(self) -> None:
        """Watch no more."""
        self.head_came()
        if self._write_handle is not None:
            self._write_handle.cancel()
            self._write_handle = None

    # The head of the answer

    def request_written(self) -> None:
        """Count from now on until the head of the final response is here."""
        timeout = self._timeout
        when = deadline_after(self._loop.time(), timeout.first_byte, timeout.ceil_threshold)
        if when is not None and self._head_handle is None:
            self._head_handle = self._loop.call_at(when, self._on_late_head)

    def head_came(self) -> None:
        """The final response has begun."""
        if self._head_handle is not None:
            self._head_handle.cancel()
            self._head_handle = None

    def _on_late_head(self) -> None:
        self._head_handle = None
        limit = self._timeout.first_byte
        late = SocketTimeoutError(f"Timeout on waiting for the response: no head of one within {float(limit or 0):g} s")
        self._connection.fail_at(Phase.HEAD, late.limited_by("first_byte", limit))

    # Writing

    def writing_stopped(self) -> None:
        """The transport is full: look from now on whether the peer takes any of it."""
        limit = self._timeout.sock_write
        transport = self._connection.transport
        if limit is None or not 0 < limit < inf or transport is None:
            return
        self._progress = sending_progress(transport)
        self._moved_at = self._loop.time()
        if self._write_handle is None:
            self._look_later(limit)

    def _look_later(self, limit: float) -> None:
        self._write_handle = self._loop.call_later(limit / _LOOKS, self._look, limit)

    def _look(self, limit: float) -> None:
        """See whether the peer has taken something since the last look."""
        self._write_handle = None
        transport = self._connection.transport
        if transport is None or not self._connection.writing_paused:
            return
        acked, kept = self._progress
        self._progress = sending_progress(transport)
        now = self._loop.time()
        if self._progress[0] > acked or self._progress[1] > kept:
            self._moved_at = now
        if now - self._moved_at < limit:
            self._look_later(limit)
        else:
            late = SocketTimeoutError(
                f"Timeout on writing data to socket: the peer took nothing for {float(limit):g} s"
            )
            self._connection.fail_at(Phase.SEND, late.limited_by("sock_write", limit))
