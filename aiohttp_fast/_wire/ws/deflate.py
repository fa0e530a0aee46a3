"""Compression of messages: permessage-deflate (RFC 7692 7), with bounded output."""

import zlib
from typing import Any

from ..coding import zlib_backend
from .models import WebSocketError, WSCloseCode

__all__ = ("MAX_BITS", "Deflater", "Inflater")

MAX_BITS = 15  # of a window of 32 KiB

_LEVEL = 1  # the quickest; higher ones cost several times as much for some percent
_LEVELS = 9
_TAIL = b"\x00\x00\xff\xff"  # ends each message, and is not sent (RFC 7692 7.2.1)


class Deflater:
    """Compresses messages, each with what went before in its window unless *takeover* is false.

    *mem_level* is zlib's memLevel, 1 to 9, None for the backend's own. A compressor is made
    for the first message that needs one; without *takeover* none is kept between messages.
    """

    __slots__ = ("_bits", "_mem_level", "_object", "_takeover")

    def __init__(self, bits: int = MAX_BITS, takeover: bool = True, mem_level: int | None = None) -> None:
        self._bits = bits
        self._takeover = takeover
        self._mem_level = () if mem_level is None else (mem_level,)
        self._object: Any = None

    def compress(self, data: bytes) -> bytes:
        """Return *data* as the payload of a message."""
        deflate = self._object
        if deflate is None:
            deflate = self._make(_LEVEL)
            if self._takeover:
                self._object = deflate
        return _message(deflate, data)

    def compress_alone(self, data: bytes, level: int | None = None) -> bytes:
        """Return *data* as the payload of a message that refers to none before it; may run in another thread.

        *level* is zlib's. ``forget`` must be called before the next message.
        """
        return _message(self._make(_LEVEL if level is None or level > _LEVELS else level), data)

    def forget(self) -> None:
        """Let the next message refer to none before it, as the peer's window has moved on."""
        self._object = None

    def _make(self, level: int) -> Any:
        backend = zlib_backend()
        if backend.__name__ == "isal.isal_zlib":
            level = min(level, 3)
        return backend.compressobj(level, zlib.DEFLATED, -self._bits, *self._mem_level)


def _message(deflate: Any, data: bytes) -> bytes:
    coded: bytes = deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return coded[:-4] if coded.endswith(_TAIL) else coded


class Inflater:
    """Decompresses messages; no more of one than its limit is ever held.

    Between messages it keeps the window alone, which *takeover* asks for, and nothing without.
    """

    __slots__ = ("_error", "_object", "_takeover")

    def __init__(self, takeover: bool = True) -> None:
        self._takeover = takeover
        self._object: Any = None
        self._error = zlib_backend().error

    def inflate(self, data: bytes, limit: int = 0) -> bytes:
        """Return the message whose payload is *data*.

        Raises ``WebSocketError``: 1009 for more than *limit* bytes, 0 for no limit, and
        1007 for what is not deflate.
        """
        inflate = self._object
        if inflate is None:
            inflate = self._object = zlib_backend().decompressobj(wbits=-MAX_BITS)
        try:
            out: bytes = inflate.decompress(data + _TAIL, limit and limit + 1)
            if inflate.eof:
                out = self._behind_final(inflate.unused_data, out, limit)
        except self._error as exc:
            raise WebSocketError(WSCloseCode.INVALID_TEXT, f"Message that is not deflate: {exc}") from exc
        if limit and len(out) > limit:
            raise WebSocketError(
                WSCloseCode.MESSAGE_TOO_BIG, f"Compressed message of more than {limit} bytes, the limit max_msg_size"
            )
        if not self._takeover:
            self._object = None
        return out

    def _behind_final(self, rest: bytes, out: bytes, limit: int) -> bytes:
        """Return *out* and what follows a final block: RFC 7692 7.2.3.4 allows one, which ends the window too."""
        inflate = self._object = zlib_backend().decompressobj(wbits=-MAX_BITS)
        out += inflate.decompress(rest, limit and limit + 1 - len(out)) if not limit or len(out) <= limit else b""
        if inflate.eof:
            raise self._error("more than one final block")
        return out
