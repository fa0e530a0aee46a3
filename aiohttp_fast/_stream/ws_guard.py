"""WebSocketGuard: what a WebSocket does whether or not anybody receives: pongs, heartbeat, ending what is broken."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from .._wire.ws.models import WebSocketError, WSMessage, WSMsgType
from .protocol import BaseProtocol
from .ws_queue import WebSocketQueue
from .ws_writer import WebSocketWriter

__all__ = ("WebSocketGuard",)

_PING = WSMsgType.PING
_PONG = WSMsgType.PONG


class WebSocketGuard:
    """Watches over one connection, and knows nothing of who uses it.

    With *autoping*, Pings are answered as they come, and neither they nor Pongs reach
    the receiver. With *heartbeat*, a Ping is sent when nothing has come for so many
    seconds; if then nothing comes for half as long, the connection is given up, and the
    receiver gets what *timeout_error* makes of the reason. A peer that breaks the
    protocol is told so, and the connection is closed, without waiting for a receiver.
    """

    __slots__ = (
        "_autoping",
        "_handle",
        "_heard_at",
        "_heartbeat",
        "_loop",
        "_owed",
        "_peer",
        "_pinged_at",
        "_pong_task",
        "_protocol",
        "_queue",
        "_timeout_error",
        "_writer",
    )

    def __init__(
        self,
        protocol: BaseProtocol,
        queue: WebSocketQueue,
        writer: WebSocketWriter,
        loop: asyncio.AbstractEventLoop,
        *,
        autoping: bool = True,
        heartbeat: float | None = None,
        timeout_error: Callable[[str], BaseException] = TimeoutError,
        peer: str = "",
    ) -> None:
        self._protocol = protocol
        self._queue = queue
        self._writer = writer
        self._loop = loop
        self._autoping = autoping
        self._heartbeat = heartbeat
        self._timeout_error = timeout_error
        self._peer = peer
        self._owed: bytes | None = None  # what the last Ping held that is still to be answered
        self._pong_task: asyncio.Task[None] | None = None
        self._heard_at = self._pinged_at = loop.time()
        self._handle: asyncio.TimerHandle | None = None
        if heartbeat:
            self._handle = loop.call_at(self._heard_at + heartbeat, self._on_beat)

    # Ping and Pong

    def control(self, message: WSMessage) -> bool:
        """Take a Ping or Pong; False if the receiver is to have it."""
        if not self._autoping:
            return False
        if message.type is _PING:
            self._answer(message.data)
        return True

    def _answer(self, body: bytes) -> None:
        """Answer a Ping; while the peer takes nothing only the last one (RFC 6455 5.5.3), or answers would pile up."""
        if self._pong_task is not None:
            self._owed = body
        elif self._protocol.writing_paused:
            self._owed = body
            self._pong_task = self._loop.create_task(self._answer_later())
        else:
            self._send(body, _PONG)

    async def _answer_later(self) -> None:
        with suppress(ConnectionError):
            await self._protocol._drain_helper()
            if self._owed is not None:
                self._send(self._owed, _PONG)
        self._owed = self._pong_task = None

    def _send(self, body: bytes, opcode: int) -> None:
        with suppress(ConnectionError):  # closing: nobody waits for it
            rest = self._writer.put(body, opcode)
            if rest is not None:
                rest.close()  # type: ignore[attr-defined]  # a few bytes; nobody is there to wait

    # Heartbeat

    def heard(self) -> None:
        """Something came; the peer is alive."""
        self._heard_at = self._loop.time()

    def _on_beat(self) -> None:
        """Send a Ping if it is time, and look for an answer next."""
        now = self._loop.time()
        due = self._heard_at + self._heartbeat  # type: ignore[operator]
        if now < due:
            self._handle = self._loop.call_at(due, self._on_beat)
            return
        self._pinged_at = now
        self._send(b"", _PING)
        self._handle = self._loop.call_at(now + self._heartbeat / 2, self._on_no_pong)  # type: ignore[operator]

    def _on_no_pong(self) -> None:
        if self._protocol._reading_paused:  # the receiver is slow, and answers wait behind its messages
            self.heard()
        if self._heard_at >= self._pinged_at:
            self._on_beat()
            return
        self._handle = None
        waited = self._heartbeat / 2  # type: ignore[operator]
        peer = f": {self._peer}" if self._peer else ""
        self._queue.set_exception(self._timeout_error(f"No PONG received after {float(waited):g} seconds{peer}"))

    # The end

    def failed(self, exc: BaseException) -> None:
        """End the connection for the reason *exc*; who broke the protocol is told (RFC 6455 7.1.7)."""
        self.ended()
        transport = self._protocol.transport
        if transport is None:
            return
        if not isinstance(exc, WebSocketError):
            transport.abort()
            return
        self._send(exc.code.to_bytes(2, "big"), WSMsgType.CLOSE)
        self._loop.call_soon(self._leave)  # uvloop writes at the end of its turn

    def _leave(self) -> None:
        transport = self._protocol.transport
        if transport is not None:
            if transport.get_write_buffer_size():  # a peer that takes nothing must not keep the connection
                transport.abort()
            elif not transport.is_closing():
                transport.close()

    def ended(self) -> None:
        """Stop watching."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._pong_task is not None:
            self._pong_task.cancel()
            self._pong_task = None
