"""StreamWriter: one message's head and body onto a transport, framed, compressed, counted."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import IO, TYPE_CHECKING

from multidict import CIMultiDict

from .._base.later import later
from .._wire.http.framing import CHUNK_END, LAST_CHUNK, chunk_head
from .._wire.http.head import serialize_head
from .abc import AbstractStreamWriter
from .protocol import BaseProtocol

if TYPE_CHECKING:
    import zlib

    from .._wire import coding
else:
    coding = later(".._wire.coding", __name__)
    zlib = later("zlib")

__all__ = ("BLOCK_SIZE", "StreamWriter", "pump")

BLOCK_SIZE = 1 << 20  # bytes of a file read at a time; the hop to the executor costs as much as reading 100 KiB
MIN_PAYLOAD_FOR_WRITELINES = 2048  # bytes; a name of aiohttp's, what counts here is the next one
_JOIN_MAX = 1 << 15  # larger pieces are not copied behind a head or chunk-size line
_SENDFILE_MAX = 1 << 20  # bytes per system call, so that the loop gets its turn
_BOUNCE = 1 << 14
_COMPRESS_INLINE = 1 << 16  # larger pieces are compressed off the loop
# In these, transports forget to count what writelines gave them: no back-pressure.
_WRITELINES_BROKEN = (3, 12) <= sys.version_info < (3, 12, 9) or (3, 13) <= sys.version_info < (3, 13, 2)

_Buffer = bytes | bytearray | memoryview


class StreamWriter(AbstractStreamWriter):
    """Sends one message over *protocol*.

    The head is held back until the first piece of the body, which leaves with it in one
    write. *on_headers_sent* is awaited with the headers, *on_chunk_sent* with each piece
    before it is coded; ``on_body_write`` with the size of each piece, before it was coded,
    once the transport has it. With ``length`` set, what goes beyond it is cut off, and
    ``write_eof`` raises ValueError if less was written: a peer would wait for ever.
    Writing to a connection that is gone raises the protocol's connection-reset error.
    """

    length: int | None = None
    chunked: bool = False

    def __init__(
        self,
        protocol: BaseProtocol,
        loop: asyncio.AbstractEventLoop,
        on_chunk_sent: Callable[[_Buffer], Awaitable[None]] | None = None,
        on_headers_sent: Callable[["CIMultiDict[str]"], Awaitable[None]] | None = None,
    ) -> None:
        self._protocol = protocol
        self.loop = loop
        self._on_chunk_sent = on_chunk_sent
        self._on_headers_sent = on_headers_sent
        self._head = b""
        self._encoder: coding.Encoder | None = None
        self._ended = False

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection's transport, None once it is lost."""
        return self._protocol.transport

    @property
    def protocol(self) -> BaseProtocol:
        """The connection that is written to."""
        return self._protocol

    def enable_chunking(self) -> None:
        """Send the body in chunks (RFC 9112 7.1)."""
        self.chunked = True

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """Compress the body: deflate, gzip, br or zstd; *strategy* is zlib's, for the first two.

        Raises ValueError for an encoding that is not there.
        """
        if strategy is None:
            self._encoder = coding.make_encoder(encoding)
        elif encoding in ("deflate", "gzip"):
            wbits = zlib.MAX_WBITS + (16 if encoding == "gzip" else 0)
            self._encoder = zlib.compressobj(wbits=wbits, strategy=strategy)
        else:
            raise ValueError(f"strategy is for deflate and gzip, not for {encoding!r}")

    # The head

    async def write_headers(self, status_line: str, headers: "CIMultiDict[str]") -> None:
        """Take the head; raises ValueError, with nothing sent, for one that cannot be sent."""
        if self._on_headers_sent is not None:
            await self._on_headers_sent(headers)
        self._head = serialize_head(status_line, headers)

    def send_headers(self) -> None:
        """Send the head now if it is still held back."""
        if self._head:
            self._put(b"", b"", b"")

    # The body

    async def write(self, chunk: _Buffer, *, drain: bool = True, LIMIT: int = 0x10000) -> None:  # noqa: N803
        """Send the next piece; an empty one does nothing.

        After more than *LIMIT* bytes, wait until the connection takes more, unless
        *drain* is false.
        """
        if type(chunk) is not bytes:
            chunk = _as_bytes(chunk)
        if self._on_chunk_sent is not None:
            await self._on_chunk_sent(chunk)
        size = len(chunk)
        if self._encoder is not None:
            chunk = await self._compress(chunk)
        if self.length is not None:
            chunk = self._count(chunk)
            size = len(chunk)
        if chunk:
            self._send(chunk)
        if self.on_body_write is not None and size:
            await self.on_body_write(size)
        if drain and self.buffer_size > LIMIT:
            self.buffer_size = 0
            await self.drain()

    async def write_eof(self, chunk: bytes = b"") -> None:
        """Send the last piece, and what ends the body; does nothing when called again.

        Raises ValueError when ``length`` promised more.
        """
        if self._ended:
            return
        if type(chunk) is not bytes:
            chunk = _as_bytes(chunk)
        if chunk and self._on_chunk_sent is not None:
            await self._on_chunk_sent(chunk)
        if self._encoder is not None:
            chunk = (await self._compress(chunk) if chunk else b"") + self._encoder.flush()
        if self.length is not None:
            chunk = self._count(chunk)
        self._end(chunk)
        if self.length:
            raise ValueError(f"The body ended {self.length} bytes before its Content-Length")
        await self.drain()

    def set_eof(self) -> None:
        """Send what is held back and end the body, without compressed data and without waiting."""
        if not self._ended:
            self._end(b"")

    async def drain(self) -> None:
        """Wait until the connection takes more; return at once when it is gone."""
        if self._protocol.writing_paused:
            await self._protocol._drain_helper()

    def _end(self, chunk: bytes) -> None:
        if chunk:
            self._send(chunk, LAST_CHUNK if self.chunked else b"")
        elif self.chunked:
            self._put(b"", LAST_CHUNK, b"")
        else:
            self.send_headers()
        self._ended = True

    def _count(self, chunk: bytes) -> bytes:
        length: int = self.length  # type: ignore[assignment]
        if len(chunk) > length:
            chunk = chunk[:length]
        self.length = length - len(chunk)
        return chunk

    async def _compress(self, chunk: bytes) -> bytes:
        encoder: coding.Encoder = self._encoder  # type: ignore[assignment]
        if len(chunk) <= _COMPRESS_INLINE:
            return encoder.compress(chunk)
        return await self.loop.run_in_executor(None, encoder.compress, chunk)

    def _send(self, chunk: bytes, last: bytes = b"") -> None:
        if self.chunked:
            self._put(chunk_head(len(chunk)), chunk, CHUNK_END + last)
        else:
            self._put(b"", chunk, b"")

    def _put(self, before: bytes, chunk: bytes, after: bytes) -> None:
        """Write the held-back head and all that follows, at once."""
        transport = self._protocol.transport
        if transport is None or transport.is_closing():
            raise self._protocol._connection_reset_error()
        before = self._head + before
        self._head = b""
        if not before and not after:
            transport.write(chunk)
            size = len(chunk)
        elif len(chunk) <= _JOIN_MAX or _WRITELINES_BROKEN:
            data = before + chunk + after
            transport.write(data)
            size = len(data)
        else:
            transport.writelines((before, chunk, after) if after else (before, chunk))
            size = len(before) + len(chunk) + len(after)
        self.buffer_size += size
        self.output_size += size

    # Files

    @property
    def can_sendfile(self) -> bool:
        """True if the body leaves as it is: not compressed, not chunked, nobody looks at its pieces."""
        return self._encoder is None and not self.chunked and self._on_chunk_sent is None

    async def sendfile(self, file: IO[bytes], offset: int, count: int) -> None:
        """Send *count* bytes of the regular *file* from *offset*; less if it ends before.

        Uses the system's sendfile where the connection is plain TCP; elsewhere blocks
        are read in the default executor. Data that comes in meanwhile is received. The
        file's own position does not move. Raises RuntimeError unless ``can_sendfile``.
        """
        if not self.can_sendfile:
            raise RuntimeError("sendfile() needs a body that is neither compressed nor chunked")
        if self.length is not None:
            count = min(count, self.length)
        # A descriptor of our own: the file may be closed meanwhile, and its number be given to another.
        descriptor = os.dup(file.fileno())
        try:
            await self._send_from(file, descriptor, offset, count)
        finally:
            os.close(descriptor)

    async def _send_from(self, file: IO[bytes], descriptor: int, offset: int, count: int) -> None:
        self.send_headers()
        transport = self._protocol.transport
        sent = 0
        if transport is not None and _is_plain_socket(transport):
            transport.set_write_buffer_limits(high=0)  # now drained means: nothing is buffered
            try:
                sent = await self._sendfile(transport, descriptor, offset, count)
            finally:
                if not transport.is_closing():
                    transport.set_write_buffer_limits()
        if sent < count:
            end = offset + count
            offset += sent

            def read() -> bytes:
                nonlocal offset
                block = _pread(file, descriptor, min(BLOCK_SIZE, end - offset), offset)
                offset += len(block)
                return block

            await pump(self.loop, read, self.write)

    async def _sendfile(self, transport: asyncio.Transport, descriptor: int, offset: int, count: int) -> int:
        """Return how much was sent; a later part the system refuses to send is left to the caller."""
        out = transport.get_extra_info("socket").fileno()
        start, end = offset, offset + count
        while offset < end:
            await self._flush(transport)
            if transport.is_closing() or self._protocol.transport is None:
                raise self._protocol._connection_reset_error()
            try:
                n = os.sendfile(out, descriptor, offset, min(end - offset, _SENDFILE_MAX))
            except BlockingIOError:
                # Nobody but the transport may watch its socket: it waits until this block is out.
                block = os.pread(descriptor, min(end - offset, _BOUNCE), offset)
                n = len(block)
                transport.write(block)
            except OSError:
                if offset > start:
                    raise
                return 0
            if not n:
                break
            offset += n
            self._sent(n)
            if self.on_body_write is not None:
                await self.on_body_write(n)
            await asyncio.sleep(0)
        await self._flush(transport)
        return offset - start

    async def _flush(self, transport: asyncio.Transport) -> None:
        """Wait until the transport, whose limits are 0, has given everything to the system."""
        while not transport.is_closing() and transport.get_write_buffer_size():
            if self._protocol.writing_paused:
                await self._protocol._drain_helper()
            else:  # uvloop writes, and then pauses, at the end of its turn
                await asyncio.sleep(0)

    def _sent(self, n: int) -> None:
        self.output_size += n
        if self.length is not None:
            self.length -= n


def _is_plain_socket(transport: asyncio.Transport) -> bool:
    return (
        hasattr(os, "sendfile")
        and transport.get_extra_info("sslcontext") is None
        and transport.get_extra_info("socket") is not None
    )


def _pread(file: IO[bytes], descriptor: int, size: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, offset)
    place = file.tell()
    file.seek(offset)
    try:
        return file.read(size)
    finally:
        file.seek(place)


async def pump(
    loop: asyncio.AbstractEventLoop,
    read: Callable[[], bytes],
    write: Callable[[bytes], Awaitable[None]],
    settle: bool = True,
) -> None:
    """Give *write* what *read* returns up to ``b""``; *read* runs in the default executor, one call ahead.

    On every way out a call under way is waited for, so that nobody moves or closes the
    file while it is being read; with *settle* false, for what may block for ever (a
    pipe), it is left to itself.
    """
    ahead = loop.run_in_executor(None, read)
    try:
        while block := await asyncio.shield(ahead):
            ahead = loop.run_in_executor(None, read)
            await write(block)
    finally:
        if not settle:
            ahead.cancel()
        elif not ahead.done():
            await asyncio.wait((ahead,))
        if not ahead.cancelled():
            ahead.exception()  # seen: it was raised above, or nobody is left to care


def _as_bytes(chunk: object) -> bytes:
    """Copy what its owner may change after the call returned."""
    if isinstance(chunk, (bytearray, memoryview, bytes)):
        return bytes(chunk)
    raise TypeError(f"data must be a bytes-like object, not {type(chunk).__name__!r}")
