"""StreamReader: a message body as its reader sees it, with back-pressure on the connection."""

import asyncio

from .._base.log import internal_logger
from .._base.signature import InitSignature
from .._base.warn import deprecated
from .._wire.errors import LineTooLong
from .intake import NO_CAUSE, Intake
from .iterators import ChunkTupleAsyncStreamIterator, EachLine, EachPiece, EachSlice
from .protocol import BaseProtocol

__all__ = ("EMPTY_PAYLOAD", "EmptyStreamReader", "StreamReader")

_SHOWN = 100
_EOF_READS = 5  # reads at the end before a warning: the caller may loop for ever


class StreamReader(Intake):
    """The bytes of one body: fed by a connection, read by one coroutine at a time.

    *limit* (bytes) is the low-water mark; the connection stops reading when more than
    twice that is buffered, and goes on when no more than *limit* is. Without a
    *protocol* it is fed by hand. A call that needs more than the marks allow gets it.
    *timer* is entered around each wait. Every reading method raises what
    ``set_exception`` was given, at once. A cancelled read takes nothing.
    ``on_drain``, when set, is called when the buffer falls to the
    low-water mark; whoever keeps data back while ``is_full`` feeds it then.
    """

    __slots__ = ()
    __signature__ = InitSignature()

    @classmethod
    def complete(
        cls, protocol: BaseProtocol, data: bytes, limit: int = 65536, loop: asyncio.AbstractEventLoop | None = None
    ) -> "StreamReader":
        """Return a reader of a body that has arrived as a whole; it never touches *protocol*."""
        return _completed(cls(protocol, limit, loop=loop), data)

    def __repr__(self) -> str:
        info = [type(self).__name__]
        if self._size:
            info.append(f"{self._size} bytes")
        if self._eof:
            info.append("eof")
        if self._low_water != 65536:
            info.append(f"low={self._low_water} high={self._high_water}")
        if self._waiter is not None:
            info.append(f"w={self._waiter!r}")
        if self._exception is not None:
            info.append(f"e={self._exception!r}")
        return f"<{' '.join(info)}>"

    # What is known

    @property
    def total_raw_bytes(self) -> int:
        """Bytes of the body as it travelled, before content decoding."""
        return self.total_bytes if self.total_compressed_bytes is None else self.total_compressed_bytes

    def exception(self) -> BaseException | None:
        """Return what ``set_exception`` was given, or None."""
        return self._exception  # type: ignore[return-value]

    def is_eof(self) -> bool:
        """Return True once the body is complete, read or not."""
        return self._eof

    def at_eof(self) -> bool:
        """Return True once the body is complete and all of it was read."""
        return self._eof and not self._size

    # Reading

    async def read(self, n: int = -1) -> bytes:
        """Return at least one and at most *n* bytes; all that is left of the body if *n* < 0.

        ``b""`` means the end, or *n* = 0.
        """
        self._check("read")
        if n < 0:
            if not self._eof:
                await self._gather()
            return b"" if self._at_end() else self._take(self._size)
        if not n:
            return b""
        while not self._size and not self._eof:
            await self._wait("read", 1)
        return b"" if self._at_end() else self._take(n)

    async def readany(self) -> bytes:
        """Return the bytes that are there; wait only if there are none. ``b""`` is the end."""
        self._check("readany")
        while not self._size and not self._eof:
            await self._wait("readany", 1)
        return self._take_any()

    async def readexactly(self, n: int) -> bytes:
        """Return exactly *n* bytes; raise ``asyncio.IncompleteReadError`` if the body ends before."""
        self._check("readexactly")
        if n <= 0:
            return b""
        while self._size < n and not self._eof:
            await self._wait("readexactly", n)
        if self._size < n:
            raise asyncio.IncompleteReadError(self._take(n), n)
        return self._take(n)

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        """Return the next line with its LF, or what is left at the end.

        Raises LineTooLong when it has more than *max_line_length* bytes (the high-water
        mark if not given).
        """
        return await self._read_until(b"\n", max_line_length, "readline")

    async def readuntil(self, separator: bytes = b"\n", *, max_size: int | None = None) -> bytes:
        """Return the bytes up to and with *separator*, or what is left at the end.

        Raises LineTooLong when that is more than *max_size* bytes (the high-water mark
        if not given), ValueError for an empty *separator*.
        """
        return await self._read_until(separator, max_size, "readuntil")

    async def _read_until(self, separator: bytes, max_size: int | None, name: str) -> bytes:
        width = len(separator)
        if not width:
            raise ValueError("Separator should be at least one-byte string")
        self._check(name)
        limit = self._high_water if max_size is None else max_size
        line = self._find(separator, limit)
        if line is not None:
            return line
        found = bytearray()
        try:
            while not self._find_into(found, separator) and len(found) <= limit:
                if self._eof:
                    break
                await self._wait(name, 1)
        except BaseException:
            if found:
                self._put_back(bytes(found))
            raise
        if len(found) > limit:
            option = "max_line_length" if name == "readline" else "max_size"
            raise LineTooLong(bytes(found[:_SHOWN]) + b"...", limit, what="line", parameter=f"{option} of {name}()")
        return bytes(found)

    async def readchunk(self) -> tuple[bytes, bool]:
        """Return bytes of one chunk, and whether they end it (RFC 9112 7.1).

        ``(b"", True)`` ends a chunk whose bytes were read before; ``(b"", False)`` is the end.
        """
        self._check("readchunk")
        while True:
            splits = self._splits
            while splits:
                rest = splits.popleft() - (self.total_bytes - self._size)
                if rest >= 0:
                    return (self._take(rest) if rest else b""), True
            if self._size:
                return self._take_any(), False
            if self._eof:
                return b"", False
            await self._wait("readchunk", 1)

    def read_nowait(self, n: int = -1) -> bytes:
        """Return at most *n* of the buffered bytes, all of them if *n* < 0; maybe none.

        Raises RuntimeError while a coroutine waits for data.
        """
        self._check("read_nowait")
        if self._waiter is not None and not self._waiter.done():
            raise RuntimeError("Called while some coroutine is waiting for incoming data.")
        if not self._size or not n:
            return b""
        return self._take(self._size if n < 0 else n)

    def unread_data(self, data: bytes) -> None:
        """Put *data* back in front of the buffer; deprecated."""
        deprecated("unread_data() is deprecated and will be removed in future releases (#3260)")
        if data:
            self._put_back(data)
            self._eof_reads = 0

    # Reading up to a delimiter, for multipart bodies

    async def starts_with(self, prefix: bytes) -> bool:
        """Return whether *prefix* comes next; nothing is taken, and no longer waited than it takes to tell."""
        self._check("starts_with")
        while True:
            seen = self._peek(len(prefix))
            if len(seen) == len(prefix) or self._eof or not prefix.startswith(seen):
                return seen == prefix
            await self._wait("starts_with", len(seen) + 1)

    async def read_before(self, delimiter: bytes, n: int) -> tuple[bytes, bool]:
        """Return at most *n* bytes that stand before *delimiter*, and whether it came next, and was taken.

        Without the delimiter at least one byte is returned; ``(b"", False)`` is the end
        of the body. The first byte of *delimiter* must not occur in it a second time.
        """
        self._check("read_before")
        while True:
            data = self._take_before(delimiter, n)
            if data is not None:
                if not data:
                    self._take(len(delimiter))
                    return b"", True
                if self._is_next(delimiter):
                    self._take(len(delimiter))
                    return data, True
                return data, False
            if self._eof:
                return (self._take(n) if self._size else b""), False
            await self._wait("read_before", self._size + 1)

    def _at_end(self) -> bool:
        """Return True if nothing is left; warn a caller that keeps on asking."""
        if self._size or not self._eof:
            return False
        self._eof_reads += 1
        if self._eof_reads > _EOF_READS:
            internal_logger.warning(
                "Multiple access to StreamReader in eof state, might be infinite loop.", stack_info=True
            )
        return True

    # Iterating

    def __aiter__(self) -> EachLine:
        return EachLine(self, self._read_until)

    def iter_any(self) -> EachPiece:
        """Iterate over the body as it comes, with as little copying as possible."""
        return EachPiece(self)

    def iter_chunked(self, n: int) -> EachSlice:
        """Iterate over the body in pieces of at most *n* bytes."""
        return EachSlice(self, n)

    def iter_chunks(self) -> ChunkTupleAsyncStreamIterator:
        """Iterate over what ``readchunk`` returns."""
        return ChunkTupleAsyncStreamIterator(self)


class EmptyStreamReader(StreamReader):
    """The reader of a body that does not exist: at its end, and nothing can change that."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self._eof = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def set_exception(self, exc: BaseException, exc_cause: BaseException = NO_CAUSE) -> None:
        """Do nothing: the object is shared."""

    def set_read_chunk_size(self, n: int) -> None:
        """Do nothing: the object is shared."""

    def feed_data(self, data: bytes, n: int = 0) -> bool:
        """Do nothing: the object is shared."""
        return False

    def _at_end(self) -> bool:
        return True


def _completed(reader: StreamReader, data: bytes) -> StreamReader:
    if data:
        reader._add(data)
        reader._size = reader.total_bytes = len(data)
    reader._eof = True
    return reader


EMPTY_PAYLOAD: StreamReader = EmptyStreamReader()
