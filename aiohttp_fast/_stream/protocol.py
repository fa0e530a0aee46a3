"""The asyncio side of one connection: transport, flow control in both directions, drain.

What the bytes mean is the business of the client's and the server's protocol.
"""

import asyncio
from contextlib import suppress
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from .._base.signature import InitSignature

__all__ = ("PAUSE_RESUME_READING_ERRORS", "RECEIVE_BUFFER_SIZE", "BaseProtocol", "receive_buffer")

RECEIVE_BUFFER_SIZE = 1 << 18  # bytes; one system call may deliver this much

PAUSE_RESUME_READING_ERRORS = (AttributeError, NotImplementedError, RuntimeError)  # of transports that cannot pause

_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = WeakKeyDictionary()


def receive_buffer(loop: asyncio.AbstractEventLoop) -> memoryview:
    """Return a view of the ``bytearray`` that all connections of *loop* read into.

    One is enough, as whoever reads consumes what arrived before it returns to the
    loop. A buffer per read, as the selector transport allocates, costs more than the
    read itself.
    """
    view = _buffers.get(loop)
    if view is None:
        view = _buffers[loop] = memoryview(bytearray(RECEIVE_BUFFER_SIZE))
    return view


class Typed:
    """The typed root of compiled protocols; asyncio's own classes can only come after it."""

    __slots__ = ()

    # What Cython writes for a class without fields takes anything for its state, and crashes.
    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")


class BaseProtocol(Typed, asyncio.BufferedProtocol, asyncio.Protocol):
    """Keeps a connection's transport and both directions' flow control.

    ``transport`` is None before the connection is made and after it is lost. *parser*, if
    given, is told when receiving stops (``pause_reading``); when it goes on,
    ``data_received(b"")`` lets it parse what it held back.
    """

    __slots__ = (
        "__weakref__",
        "_buffer",
        "_drain_waiter",
        "_held_parser",
        "_loop",
        "_reading_paused",
        "_view",
        "_writing_paused",
        "transport",
    )

    transport: asyncio.Transport | None

    __signature__ = InitSignature()

    def __init__(self, loop: asyncio.AbstractEventLoop, parser: Any = None) -> None:
        self._loop = loop
        self.transport = None
        self._held_parser = parser
        self._view = receive_buffer(loop)
        self._buffer: bytearray = self._view.obj  # type: ignore[assignment]
        self._reading_paused = False
        self._writing_paused = False
        self._drain_waiter: asyncio.Future[None] | None = None

    @property
    def connected(self) -> bool:
        """True while there is a transport that is not closing."""
        return self.transport is not None and not self.transport.is_closing()

    @property
    def writing_paused(self) -> bool:
        """True while the transport's write buffer is above its high-water mark."""
        return self._writing_paused

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; called once by the event loop."""
        self.transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the transport and end a wait for drain; called once by the event loop."""
        self.transport = None
        self._writing_paused = False
        waiter, self._drain_waiter = self._drain_waiter, None
        if waiter is not None and not waiter.done():
            lost = self._connection_reset_error()  # an orderly end too: what was written is not all sent
            lost.__cause__ = exc
            waiter.set_exception(lost)
            waiter.exception()  # whoever waited may have been cancelled

    def _connection_reset_error(self, text: str = "Connection lost") -> Exception:
        return ConnectionResetError(text)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the loop's shared receive buffer.

        A view, because asyncio's TLS fills what it gets slice by slice, and a slice of
        a ``bytearray`` is a copy.
        """
        return self._view

    def pause_writing(self) -> None:
        """Note that the write buffer is full; called by the transport."""
        self._writing_paused = True

    def resume_writing(self) -> None:
        """Note that the write buffer has room again; called by the transport."""
        self._writing_paused = False
        waiter, self._drain_waiter = self._drain_waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def pause_reading(self) -> None:
        """Stop receiving until ``resume_reading``; harmless when already stopped."""
        if not self._reading_paused and self.transport is not None:
            self._reading_paused = True
            with suppress(*PAUSE_RESUME_READING_ERRORS):
                self.transport.pause_reading()
            if self._held_parser is not None:
                self._held_parser.pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Receive again; harmless when not paused."""
        if self._reading_paused:
            self._reading_paused = False
            if self.transport is not None and not self.transport.is_closing():
                # OSError: the collector had its socket already, and the transport does not know.
                with suppress(*PAUSE_RESUME_READING_ERRORS, OSError):
                    self.transport.resume_reading()
            if resume_parser and self._held_parser is not None:
                self.data_received(b"")

    async def _drain_helper(self) -> None:
        """Wait until the transport takes more; raise when the connection is gone."""
        if self.transport is None:
            raise self._connection_reset_error()
        if not self._writing_paused:
            return
        if self._drain_waiter is None:
            self._drain_waiter = self._loop.create_future()
        await asyncio.shield(self._drain_waiter)
