"""DataQueue: messages from a protocol to the one coroutine that reads them."""

import asyncio
from collections import deque
from typing import Any, Generic, Self, TypeVar

from .._base.signature import InitSignature
from .iterators import AsyncStreamIterator, EofStream
from .protocol import BaseProtocol

__all__ = ("DataQueue", "EofStream", "FlowControlDataQueue")

_T = TypeVar("_T")

_NO_CAUSE = BaseException()
_NONE: tuple[str, ...] = ()  # by name, as type checkers take it that a subclass adds them


class DataQueue(Generic[_T]):
    """Messages in the order in which they were fed; one coroutine reads at a time.

    What was fed before the end or an exception is still read first.
    """

    # No attributes here: a client connection is a queue as well, and lays out its own.
    __slots__ = _NONE
    __signature__ = InitSignature()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made: Any = _OpenQueue if cls is DataQueue else cls
        return object.__new__(made)  # type: ignore[no-any-return]

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._eof = False
        self._waiter: asyncio.Future[None] | None = None
        self._exception: BaseException | type[BaseException] | None = None
        self._items: deque[tuple[_T, int]] = deque()

    def __len__(self) -> int:
        return len(self._items)

    def is_eof(self) -> bool:
        """Return True once no more messages will come."""
        return self._eof

    def at_eof(self) -> bool:
        """Return True once no more messages will come and all were read."""
        return self._eof and not self._items

    def exception(self) -> BaseException | None:
        """Return what ``set_exception`` was given, or None."""
        return self._exception  # type: ignore[return-value]

    def set_exception(self, exc: BaseException, exc_cause: BaseException = _NO_CAUSE) -> None:
        """End the queue; ``read`` raises *exc*, whose cause is *exc_cause* if given."""
        if exc_cause is not _NO_CAUSE and not isinstance(exc, type):
            exc.__cause__ = exc_cause
        self._eof = True
        self._exception = exc
        self._wake()

    def feed_data(self, data: _T, size: int = 0) -> None:
        """Add a message of *size* bytes."""
        self._items.append((data, size))
        if self._waiter is not None:
            self._wake()

    def feed_eof(self) -> None:
        """Note that no more messages will come."""
        self._eof = True
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def read(self) -> _T:
        """Return the next message; raise the exception that was set, or EofStream, after the last."""
        while not self._items and not self._eof:
            if self._waiter is not None and not self._waiter.done():
                raise RuntimeError("read() called while another coroutine is already waiting for incoming data")
            waiter = self._waiter = self._loop.create_future()
            try:
                await waiter
            finally:
                if self._waiter is waiter:
                    self._waiter = None
        return self._next()

    def _next(self) -> _T:
        if self._items:
            return self._items.popleft()[0]
        if self._exception is not None:
            raise self._exception
        raise EofStream

    def __aiter__(self) -> AsyncStreamIterator[_T]:
        return AsyncStreamIterator(self.read)


class _OpenQueue(DataQueue[_T]):
    __qualname__ = DataQueue.__qualname__


class FlowControlDataQueue(DataQueue[_T]):
    """A DataQueue that stops *protocol* from reading while over twice *limit* bytes wait."""

    def __init__(self, protocol: BaseProtocol, limit: int, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._protocol = protocol
        self._limit = limit * 2
        self._size = 0

    def feed_data(self, data: _T, size: int = 0) -> None:
        """Add a message of *size* bytes."""
        self._size += size
        super().feed_data(data, size)
        if self._size > self._limit:
            self._protocol.pause_reading()

    def _next(self) -> _T:
        if self._items:
            self._size -= self._items[0][1]
            if self._size < self._limit:
                self._protocol.resume_reading()
        return super()._next()
