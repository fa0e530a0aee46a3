"""Time limits of an exchange for which the connector's tick is too coarse, or does not know when they begin.

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

__all__ = ("TimeLimits",)

_LOOKS = 4  # how often within sock_write it is looked whether the peer takes anything; its end may be late by one


class _Connection(Protocol):
    """The connection whose exchange it is."""

    transport: asyncio.Transport | None
    _reading_paused: bool

    @property
    def writing_paused(self) -> bool:
        """True while the transport's write buffer is above its high-water mark."""

    def is_under_way(self) -> bool:
        """Return True until the response is complete."""

    def phase(self) -> Phase:
        """Return how far the exchange is."""

    def expire(self) -> None:
        """End the exchange, as its deadline has passed."""

    def fail_at(self, phase: Phase, late: SocketTimeoutError) -> None:
        """End the exchange with *late*, if it is under way."""


class TimeLimits:
    """A short ``total``, ``sock_read``, ``first_byte`` and ``sock_write`` of one exchange; ``cancel`` is the end of it.

    *deadline* is the loop time at which ``total`` is over.
    """

    __slots__ = (
        "_connection",
        "_deadline_handle",
        "_head_handle",
        "_loop",
        "_moved_at",
        "_progress",
        "_read_at",
        "_read_handle",
        "_read_timeout",
        "_timeout",
        "_write_handle",
    )

    def __init__(
        self,
        connection: _Connection,
        timeout: ClientTimeout,
        loop: asyncio.AbstractEventLoop,
        deadline: float | None = None,
    ) -> None:
        self._connection = connection
        self._timeout = timeout
        self._loop = loop
        self._read_at = 0.0  # loop time at which something came
        self._read_handle: asyncio.TimerHandle | None = None
        self.read_timeout = timeout.sock_read
        self._deadline_handle: asyncio.TimerHandle | None = None
        self._head_handle: asyncio.TimerHandle | None = None
        self._write_handle: asyncio.TimerHandle | None = None
        self._progress = 0, 0  # of what is written, when it was last looked at
        self._moved_at = 0.0  # loop time at which there was some
        if deadline is not None and timeout._has_short_total():
            self._deadline_handle = loop.call_at(deadline, connection.expire)

    def cancel(self) -> None:
        """Watch no more."""
        for handle in (self._deadline_handle, self._read_handle, self._head_handle, self._write_handle):
            if handle is not None:
                handle.cancel()
        self._deadline_handle = self._read_handle = self._head_handle = self._write_handle = None

    # Reading

    @property
    def read_timeout(self) -> float | None:
        """Seconds that each wait for bytes may take, from ``start_reading`` on; None is no limit."""
        return self._read_timeout

    @read_timeout.setter
    def read_timeout(self, read_timeout: float | None) -> None:
        self._read_timeout = None if read_timeout == inf else read_timeout or None
        if self._read_handle is not None:
            self._read_handle.cancel()
            self._read_handle = None

    def start_reading(self) -> None:
        """Limit each wait for bytes from now on."""
        if self._read_timeout is not None:
            self._read_at = self._loop.time()
            if self._read_handle is None:
                self._read_handle = self._loop.call_at(self._read_at + self._read_timeout, self._on_read_timer)

    def received(self) -> None:
        """Something came."""
        if self._read_timeout is not None:
            self._read_at = self._loop.time()

    def _on_read_timer(self) -> None:
        self._read_handle = None
        if self._read_timeout is None or not self._connection.is_under_way():
            return
        now = self._loop.time()
        # While reading is paused the wait is the reader's, not the peer's.
        due = (now if self._connection._reading_paused else self._read_at) + self._read_timeout
        if now < due:
            self._read_handle = self._loop.call_at(due, self._on_read_timer)
            return
        late = SocketTimeoutError(f"Timeout on reading data from socket: nothing for {float(self._read_timeout):g} s")
        self._connection.fail_at(self._connection.phase(), late.limited_by("sock_read", self._read_timeout))

    # The head of the answer

    def request_written(self) -> None:
        """Count from now on until the head of the final response is here."""
        when = deadline_after(self._loop.time(), self._timeout.first_byte, self._timeout.ceil_threshold)
        if when is not None and self._head_handle is None:
            self._head_handle = self._loop.call_at(when, self._on_late_head)

    def head_came(self) -> None:
        """The final response has begun; perhaps while the request is still being written."""
        if self._head_handle is not None:
            self._head_handle.cancel()
            self._head_handle = None
        self.start_reading()

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
