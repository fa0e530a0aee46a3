"""WebSocketQueue: messages between the reader of a connection and the one coroutine that receives them."""

import asyncio
from collections import deque
from typing import Protocol

from .._wire.ws.frame import field_of
from .._wire.ws.models import WSMessage, WSMessageTextBytes, WSMsgType
from .._wire.ws.reader import MessageTaker, WebSocketReader
from .iterators import EofStream
from .protocol import BaseProtocol

__all__ = ("Guard", "WebSocketQueue")

_LIMIT = 1 << 18  # bytes of messages that may wait for their receiver; at twice that the connection is held back
_OVERHEAD = 128  # bytes that a message takes beside its data: many empty ones are much as well

_PING = WSMsgType.PING
_PONG = WSMsgType.PONG

Message = WSMessage | WSMessageTextBytes


def _weight(message: Message) -> int:
    """Return about how many bytes *message* takes."""
    data = field_of(message, 1)
    return _OVERHEAD + (len(data) if isinstance(data, (bytes, str)) else 0)


class Guard(Protocol):
    """Who sees to what does not wait for the receiver; ``WebSocketGuard`` does."""

    def control(self, message: WSMessage) -> bool:
        """Take a Ping or Pong; False if the receiver is to have it."""

    def failed(self, exc: BaseException) -> None:
        """There are no more messages, as *exc* says."""

    def ended(self) -> None:
        """There are no more messages."""


class WebSocketQueue(MessageTaker):
    """Messages in the order in which they came; one coroutine takes them.

    While more than twice *limit* bytes wait, *protocol* is kept from reading, and the
    reader that feeds the queue from making messages of what it has. What came before
    the end, or a failure, is still taken first.
    """

    __slots__ = (
        "_eof",
        "_exception",
        "_high_water",
        "_items",
        "_loop",
        "_low_water",
        "_paused",
        "_protocol",
        "_size",
        "_waiter",
        "guard",
        "reader",
    )

    guard: Guard | None
    reader: WebSocketReader | None  # who feeds, and is held when the queue is full

    def __init__(self, protocol: BaseProtocol, limit: int = _LIMIT, *, loop: asyncio.AbstractEventLoop) -> None:
        self._protocol = protocol
        self._low_water = limit
        self._high_water = limit * 2
        self._loop = loop
        self._items: deque[Message] = deque()
        self._size = 0
        self._paused = False
        self._eof = False
        self._exception: BaseException | None = None
        self._waiter: asyncio.Future[Message | None] | None = None
        self.guard = None
        self.reader = None

    def __len__(self) -> int:
        return len(self._items)

    # Feeding

    def feed_data(self, data: Message, size: int = 0) -> bool:
        """Add a message; true if the queue is full. *size* is not needed."""
        return self.take_message(data)

    def take_message(self, message: Message) -> bool:
        """Add a message; true if the queue is full, and the next must wait."""
        kind = field_of(message, 0)
        if (kind is _PING or kind is _PONG) and self.guard is not None and self.guard.control(message):  # type: ignore[arg-type]
            return False
        self._items.append(message)
        self._size += _weight(message)
        if self._waiter is not None:
            self._wake(None)
        if self._size > self._high_water:
            self._paused = True
            self._protocol.pause_reading()
            return True
        return False

    def feed_eof(self) -> None:
        """There are no more messages."""
        if not self._eof:
            self._eof = True
            if self.guard is not None:
                self.guard.ended()
            self._wake(None)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """There are no more messages, for the reason *exc*; the first one counts."""
        if self._eof:
            return
        if exc_cause is not None:
            exc.__cause__ = exc_cause
        self._eof = True
        self._exception = exc
        if self.guard is not None:
            self.guard.failed(exc)
        self._wake(None)

    def interrupt(self, message: WSMessage) -> bool:
        """Give *message* to the coroutine that waits, before all others; False if none does."""
        if self._waiter is None or self._waiter.done():
            return False
        self._wake(message)
        return True

    def _wake(self, result: Message | None) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(result)

    # Taking

    def exception(self) -> BaseException | None:
        """Return why there are no more messages, if that was a failure."""
        return self._exception

    def is_eof(self) -> bool:
        """True once no more messages will come."""
        return self._eof

    def at_eof(self) -> bool:
        """True once no more messages will come, and all were taken."""
        return self._eof and not self._items

    def take(self) -> Message | None:
        """Return the next message, None while there is none; after the last one raise why, or ``EofStream``."""
        if self._items:
            message = self._items.popleft()
            self._size -= _weight(message)
            if self._paused and self._size < self._low_water:
                self._relieve()
            return message
        if self._eof:
            if self._exception is not None:
                raise self._exception
            raise EofStream
        return None

    def waiter(self) -> "asyncio.Future[Message | None]":
        """Return a future that is done when ``take`` has something; its result is what ``interrupt`` was given.

        ``RuntimeError`` if another coroutine waits already.
        """
        if self._waiter is not None and not self._waiter.done():
            raise RuntimeError("another coroutine is already waiting for messages")
        self._waiter = self._loop.create_future()
        return self._waiter

    async def read(self) -> Message:
        """Return the next message; after the last one raise why, or ``EofStream``."""
        message = self.take()
        while message is None:
            message = await self.waiter() or self.take()
        return message

    def _relieve(self) -> None:
        """Go on with what is held, and then with the connection, if the queue is not full again."""
        self._paused = False
        if self.reader is not None:
            self.reader.resume()
        if not self._paused:
            self._protocol.resume_reading()
