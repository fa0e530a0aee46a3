"""WebSocketWriter: messages to frames onto a transport: masked, compressed, with back-pressure (RFC 6455 5)."""

import asyncio
import os
from collections.abc import Awaitable
from typing import Protocol

from .._wire.ws.closing import close_body
from .._wire.ws.deflate import Deflater
from .._wire.ws.frame import frame_head, make_frame
from .._wire.ws.models import WSMsgType
from .protocol import BaseProtocol

__all__ = ("DEFAULT_LIMIT", "RandomBits", "WebSocketWriter")

DEFAULT_LIMIT = 1 << 18  # bytes written after which a sender waits for the transport, if that asks for it

_FIN = 0x80
_RSV1 = 0x40  # the message is compressed (RFC 7692 6)
_CONTROL = 0x08
_CLOSE = WSMsgType.CLOSE
_MAX_CONTROL = 125
_KEYS = 256  # bytes of masking keys that are drawn at a time
_APART = 1 << 16  # an unmasked payload from this size is written as it is, behind its head
_INLINE = 1 << 16  # larger payloads are compressed off the loop
_MAX_LEVEL = 15  # as compress= of a message; above 9 it once meant the bits of a window

Payload = str | bytes | bytearray | memoryview


def _random_bits(bits: int) -> int:
    """Return a number of so many random bits, of the system's generator."""
    return int.from_bytes(os.urandom(-(-bits // 8)), "big") >> (-bits % 8)


class RandomBits(Protocol):
    """What a generator of numbers is asked for; ``random.Random`` is one."""

    def getrandbits(self, k: int, /) -> int:
        """Return a number of *k* random bits."""


class WebSocketWriter:
    """Sends messages over *protocol*, each as one frame; many coroutines may do so.

    *use_mask* is for clients (RFC 6455 5.3); keys come from the system's generator, or
    from *random*, for tests alone. After more than *limit* bytes a sender waits until
    the transport has taken enough of them. *compress* is the window bits that
    permessage-deflate was agreed on with, 0 for none; with *notakeover* each message is
    compressed without those before it. *compress_mem_level* is the compressor's memLevel,
    1 to 9, None for zlib's own; messages of fewer than *compress_min_size* bytes are left
    as they are (RFC 7692 6.1), unless a level is given for the message.

    Sending raises the protocol's connection-reset error once the transport is closing,
    or a Close was sent.
    """

    __slots__ = (
        "_deflater",
        "_in_turn",
        "_is_closing",
        "_keys",
        "_keys_at",
        "_limit",
        "_lock",
        "_mem_level",
        "_min_size",
        "_written",
        "compress",
        "get_random_bits",
        "notakeover",
        "protocol",
        "transport",
        "use_mask",
    )

    def __init__(
        self,
        protocol: BaseProtocol,
        transport: asyncio.Transport,
        *,
        use_mask: bool = False,
        limit: int = DEFAULT_LIMIT,
        random: RandomBits | None = None,
        compress: int = 0,
        notakeover: bool = False,
        compress_mem_level: int | None = None,
        compress_min_size: int = 0,
    ) -> None:
        self.protocol = protocol
        self.transport = transport
        self.use_mask = use_mask
        self.get_random_bits = _random_bits if random is None else random.getrandbits
        self.compress = compress
        self.notakeover = notakeover
        self._limit = limit
        self._mem_level = compress_mem_level
        self._min_size = compress_min_size
        self._keys = b""
        self._keys_at = 0
        self._written = 0  # bytes since a sender waited last
        self._is_closing = False
        self._deflater: Deflater | None = None
        self._lock: asyncio.Lock | None = None  # order of messages, once one was compressed off the loop
        self._in_turn = 0  # messages of which one has it, or soon will

    async def send_frame(self, message: Payload, opcode: int, compress: int | None = None) -> None:
        """Send *message*; *compress* as of ``put``. Waits while the transport is full."""
        rest = self.put(message, opcode, compress)
        if rest is not None:
            await rest

    async def close(self, code: int = 1000, message: bytes | str = b"") -> None:
        """Send a Close frame, after which nothing can be sent; ``ValueError`` for a code that must not be sent."""
        body = close_body(code, message)
        rest = self.put(body, _CLOSE)
        self._is_closing = True
        if rest is not None:
            await rest

    def put(self, message: Payload, opcode: int, compress: int | None = None) -> Awaitable[None] | None:
        """Send *message* without waiting, and return what is still to be awaited, if anything.

        *compress* overrides, where compression was agreed on, what the connection does:
        0 sends the message as it is, 1 to 9 are zlib's levels; 10 to 15 are taken for
        a level that is neither quick nor slow. ``ValueError`` for others, and for a
        control frame of more than 125 bytes (RFC 6455 5.5).
        """
        if self._is_closing or self.transport.is_closing():
            raise self.protocol._connection_reset_error("Cannot write to closing transport")
        if opcode & _CONTROL:
            if len(message.encode() if isinstance(message, str) else message) > _MAX_CONTROL:
                raise ValueError(f"a control frame has at most {_MAX_CONTROL} bytes (RFC 6455 5.5)")
        elif self.compress or compress:
            if compress is not None and not 0 <= compress <= _MAX_LEVEL:
                raise ValueError(f"compress must be a level from 0 to 9, not {compress}")
            if self.compress and (compress != 0 or self._in_turn):
                return self._put_compressed(message, opcode, compress)
        return self._write(_FIN | opcode, message)

    def _key(self) -> bytes | None:
        """Return a masking key that nobody can predict (RFC 6455 5.3, 10.3); None for a server."""
        if not self.use_mask:
            return None
        if self.get_random_bits is not _random_bits:
            return self.get_random_bits(32).to_bytes(4, "big")
        at = self._keys_at
        if at == len(self._keys):
            self._keys = os.urandom(_KEYS)
            at = 0
        self._keys_at = at + 4
        return self._keys[at : at + 4]

    def _write(self, first: int, message: Payload) -> Awaitable[None] | None:
        if not self.use_mask and type(message) is bytes and len(message) >= _APART:
            head = frame_head(first, len(message))
            self.transport.write(head)
            self.transport.write(message)
            self._written += len(head) + len(message)
        else:
            frame = make_frame(first, message, self._key())
            self.transport.write(frame)
            self._written += len(frame)
        if self._written > self._limit:
            self._written = 0
            if self.protocol._writing_paused:
                return self.protocol._drain_helper()
        return None

    # Compression

    def _put_compressed(self, message: Payload, opcode: int, level: int | None) -> Awaitable[None] | None:
        data = message.encode() if isinstance(message, str) else bytes(message)
        size = len(data)
        is_plain = level == 0 or (level is None and size < self._min_size)
        if self._in_turn:
            return self._put_in_turn(data, opcode, level, is_plain)
        if is_plain:
            return self._write(_FIN | opcode, data)
        if self._deflater is None:
            self._deflater = Deflater(self.compress, not self.notakeover, self._mem_level)
        if size > _INLINE:
            return self._put_in_turn(data, opcode, level, False)
        if level is None:
            data = self._deflater.compress(data)
        else:
            data = self._deflater.compress_alone(data, level)
            self._deflater.forget()
        return self._write(_FIN | _RSV1 | opcode, data)

    async def _put_in_turn(self, data: bytes, opcode: int, level: int | None, is_plain: bool) -> None:
        """Send behind what is being compressed; compress in a thread unless *is_plain*.

        It is compressed by itself: a sender that is cancelled meanwhile leaves nothing half done.
        """
        if self._lock is None:
            self._lock = asyncio.Lock()
        deflater: Deflater = self._deflater  # type: ignore[assignment]
        first = _FIN | opcode
        self._in_turn += 1
        try:
            async with self._lock:
                if not is_plain:
                    loop = asyncio.get_running_loop()
                    data = await loop.run_in_executor(None, deflater.compress_alone, data, level)
                    first |= _RSV1
                if self._is_closing or self.transport.is_closing():
                    raise self.protocol._connection_reset_error("Cannot write to closing transport")
                if not is_plain:
                    deflater.forget()
                rest = self._write(first, data)
        finally:
            self._in_turn -= 1
        if rest is not None:
            await rest
