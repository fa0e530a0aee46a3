"""FrameReceiver: the protocol of a connection with WebSocket frames; bytes go straight to their reader."""

import asyncio
from collections.abc import Callable

from .._wire.ws.reader import WebSocketReader
from .protocol import BaseProtocol, Typed, receive_buffer

__all__ = ("FrameReceiver",)


class FrameReceiver(Typed, asyncio.BufferedProtocol):
    """Takes the place of *owner* with a transport: bytes go to *reader*, all else still to *owner*.

    *heard* is called whenever something came. uvloop gives a buffered protocol its
    bytes in place only if it is nothing else besides, so *owner*, which is, cannot do it.
    """

    __slots__ = ("_buffer", "_heard", "_is_lent", "_owner", "_reader", "_view")

    def __init__(
        self,
        owner: BaseProtocol,
        reader: WebSocketReader,
        loop: asyncio.AbstractEventLoop,
        heard: Callable[[], object] | None = None,
    ) -> None:
        self._owner = owner
        self._reader = reader
        self._heard = heard
        self._view = receive_buffer(loop)
        self._buffer: bytearray = self._view.obj  # type: ignore[assignment]
        self._is_lent = False  # what get_buffer returned last was the reader's room

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the reader's room for a large payload, else the loop's shared receive buffer."""
        room = self._reader.room()
        if room is None:
            self._is_lent = False
            return self._view
        self._is_lent = True
        return room

    def buffer_updated(self, nbytes: int) -> None:
        """Take *nbytes* from what ``get_buffer`` returned."""
        if self._heard is not None:
            self._heard()
        if self._is_lent:
            self._is_lent = False
            self._reader.landed(nbytes)
        else:
            self._reader.feed(self._buffer, nbytes)

    def data_received(self, data: bytes) -> None:
        """Take *data*; what a loop that knows no buffered protocols calls."""
        if self._heard is not None:
            self._heard()
        self._reader.feed_data(data)

    def eof_received(self) -> bool | None:
        """Tell the owner."""
        return self._owner.eof_received()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell the owner."""
        self._owner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Tell the owner."""
        self._owner.pause_writing()

    def resume_writing(self) -> None:
        """Tell the owner."""
        self._owner.resume_writing()
