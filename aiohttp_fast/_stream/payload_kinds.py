"""The kinds of payloads: bytes, text, JSON, files, iterables; each registered for its types."""

import asyncio
import inspect
import io
import os
import stat
import warnings
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, TextIO

from .._base import hdrs
from .._base.later import later
from .._base.types import DEFAULT_JSON_ENCODER, JSONBytesEncoder, JSONEncoder
from .abc import AbstractStreamWriter
from .payload import PAYLOAD_REGISTRY, Order, Payload
from .reader import StreamReader
from .writer import BLOCK_SIZE, StreamWriter, pump

if TYPE_CHECKING:
    from .._base import mime
else:
    mime = later(".._base.mime", __name__)

__all__ = (
    "AsyncIterablePayload",
    "BufferedReaderPayload",
    "BytesIOPayload",
    "BytesPayload",
    "IOBasePayload",
    "JsonBytesPayload",
    "JsonPayload",
    "StreamReaderPayload",
    "StringIOPayload",
    "StringPayload",
    "TextIOPayload",
    "file_name",
)

TOO_LARGE_BYTES_BODY = 1 << 20  # bytes; a body of more warns

_PIECE = 1 << 18  # bytes of a body in memory that are written at a time
_SHORT = 1 << 20  # bytes of a text file that is read to know its size

_FILES = (io.BufferedReader, io.BufferedRandom)


async def _write_bytes(writer: AbstractStreamWriter, data: Any, length: int | None) -> None:
    """Send *data*; what is large in blocks, so that it is not buffered a second time as a whole."""
    view = memoryview(data).cast("B") if type(data) is not bytes else data
    size = len(view) if length is None else min(len(view), length)
    if size <= _PIECE:
        await writer.write(view if size == len(view) else view[:size])
        return
    for start in range(0, size, _PIECE):
        await writer.write(view[start : min(start + _PIECE, size)])


class BytesPayload(Payload):
    """Bytes as they are. ResourceWarning for more than 1 MiB: one long write holds up the loop."""

    _autoclose = True
    _value: bytes

    def __init__(self, value: bytes | bytearray | memoryview, *args: Any, **kwargs: Any) -> None:
        if isinstance(value, memoryview):
            size = value.nbytes
        elif isinstance(value, bytes | bytearray):
            size = len(value)
        else:
            raise TypeError(f"value argument must be byte-ish, not {type(value)!r}")
        if kwargs.get("content_type") is None:
            kwargs["content_type"] = "application/octet-stream"
        super().__init__(value, *args, **kwargs)
        self._size = size
        if size > TOO_LARGE_BYTES_BODY:
            warnings.warn(
                "Sending a large body directly with raw bytes might lock the event loop. "
                "You should probably pass an io.BytesIO object instead",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self._size  # type: ignore[return-value]

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the bytes as text."""
        return str(self._value, encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the bytes."""
        return bytes(self._value)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the bytes."""
        await _write_bytes(writer, self._value, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send the bytes, at most *content_length* of them."""
        await _write_bytes(writer, self._value, content_length)


def _text_type(encoding: str | None, content_type: str | None) -> tuple[str, str]:
    """Return encoding and content type of text of which one, both or none are given."""
    if content_type is None:
        encoding = encoding or "utf-8"
        return encoding, f"text/plain; charset={encoding}"
    return encoding or mime.parse_content_type(content_type)[1].get("charset") or "utf-8", content_type


class StringPayload(BytesPayload):
    """Text, in *encoding*, else in the charset of *content_type*, else in UTF-8."""

    def __init__(
        self, value: str, *args: Any, encoding: str | None = None, content_type: str | None = None, **kwargs: Any
    ) -> None:
        encoding, content_type = _text_type(encoding, content_type)
        super().__init__(value.encode(encoding), *args, encoding=encoding, content_type=content_type, **kwargs)


class StringIOPayload(StringPayload):
    """What can be read from a StringIO."""

    def __init__(self, value: IO[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(value.read(), *args, **kwargs)


class JsonPayload(BytesPayload):
    """*value* as JSON text that *dumps* makes, in *encoding*."""

    def __init__(
        self,
        value: Any,
        encoding: str = "utf-8",
        content_type: str = "application/json",
        dumps: JSONEncoder = DEFAULT_JSON_ENCODER,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        data = dumps(value).encode(encoding)
        if type(self) is JsonPayload and content_type and not (args or kwargs) and len(data) <= TOO_LARGE_BYTES_BODY:
            self._value = data  # what the call below does, in the plain case
            self._size = len(data)
            self._encoding = encoding
            self._filename = None
            self._plain_type = content_type
        else:
            super().__init__(data, *args, content_type=content_type, encoding=encoding, **kwargs)


class JsonBytesPayload(BytesPayload):
    """*value* as JSON that *dumps* returns as bytes."""

    def __init__(
        self,
        value: Any,
        dumps: JSONBytesEncoder,
        content_type: str = "application/json",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(dumps(value), *args, content_type=content_type, **kwargs)


def file_name(file: object) -> str | None:
    """Return the last part of the path that *file* was opened by; None for what has no such path."""
    name = getattr(file, "name", None)
    if isinstance(name, str) and name and name[0] != "<" and name[-1] != ">":
        return os.path.basename(name)
    return None


class IOBasePayload(Payload):
    """A file, read in blocks off the loop, from where it stood when the payload was made.

    A seekable file can be sent again. It is closed with the payload, and stays open
    where the request failed: its caller may want to try again.
    """

    _value: Any
    _start_position: int | None = None

    def __init__(self, value: IO[Any], disposition: str | None = "attachment", *args: Any, **kwargs: Any) -> None:
        if kwargs.get("filename") is None:
            kwargs["filename"] = file_name(value)
        super().__init__(value, *args, **kwargs)
        if self._filename is not None and disposition is not None and hdrs.CONTENT_DISPOSITION not in self.headers:
            self.set_content_disposition(disposition, filename=self._filename)
        try:
            self._start_position = value.tell() if value.seekable() else None
        except (OSError, AttributeError):
            self._start_position = None

    @property
    def size(self) -> int | None:
        """How many bytes follow the start in a regular file; None for anything else."""
        if not isinstance(self._value, (*_FILES, io.FileIO)) or self._start_position is None:
            return None
        try:
            if not isinstance(self._value, io.FileIO) and not isinstance(self._value.raw, io.FileIO):
                return None
            if isinstance(self._value, io.BufferedRandom):
                self._value.flush()
            status = os.fstat(self._value.fileno())
        except OSError:
            return None
        return max(status.st_size - self._start_position, 0) if stat.S_ISREG(status.st_mode) else None

    def _begin(self) -> None:
        """Go to the start; RuntimeError where that is over."""
        if self._start_position is not None:
            self._value.seek(self._start_position)
        elif self._consumed:
            raise RuntimeError(f"{type(self._value).__name__} body was sent already and cannot be sent again")
        else:
            self._consumed = True

    def _read(self, n: int) -> bytes:
        """Return at most about *n* bytes, ``b""`` at the end; may block."""
        return self._value.read(n) or b""

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the file from the start to its end."""
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send the file from the start, at most *content_length* bytes of it."""
        begun = False
        left = content_length

        def read() -> bytes:
            nonlocal begun, left
            if not begun:
                self._begin()
                begun = True
            if left is None:
                return self._read(BLOCK_SIZE)
            block = self._read(min(left, BLOCK_SIZE))[:left] if left else b""
            left -= len(block)
            return block

        await pump(asyncio.get_running_loop(), read, writer.write, settle=self._start_position is not None)

    async def close(self) -> None:
        """Close the file; of one that was only read, this does not block."""
        self._value.close()

    def _read_all(self) -> bytes:
        self._begin()
        return b"".join(iter(lambda: self._read(BLOCK_SIZE), b""))

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return what follows the start as text; blocks."""
        return self._read_all().decode(encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return what follows the start."""
        return await asyncio.get_running_loop().run_in_executor(None, self._read_all)


class TextIOPayload(IOBasePayload):
    """A text file, encoded anew."""

    def __init__(
        self, value: TextIO, *args: Any, encoding: str | None = None, content_type: str | None = None, **kwargs: Any
    ) -> None:
        encoding, content_type = _text_type(encoding, content_type)
        super().__init__(value, *args, content_type=content_type, encoding=encoding, **kwargs)

    @property
    def size(self) -> int | None:
        """The bytes of a short regular file, None for a long one, and for anything else.

        The file is read for it: encoding and line ends may be others than on the disk.
        """
        if self._size is None and self._start_position is not None and self._is_short():
            self._value.seek(self._start_position)
            self._size = len(self._value.read().encode(self._encoding))
            self._value.seek(self._start_position)
        return self._size

    def _is_short(self) -> bool:
        buffer = getattr(self._value, "buffer", None)
        if not isinstance(buffer, _FILES) or not isinstance(buffer.raw, io.FileIO):  # one of gzip's, say
            return False
        try:
            status = os.fstat(buffer.fileno())
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size <= _SHORT

    def _read(self, n: int) -> bytes:
        text = self._value.read(n)
        return text.encode(self._encoding) if text else b""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the text from the start; blocks."""
        self._begin()
        return self._value.read()  # type: ignore[no-any-return]


class BytesIOPayload(IOBasePayload):
    """What follows the position of a BytesIO."""

    _autoclose = True
    _value: io.BytesIO

    def __init__(self, value: io.BytesIO, *args: Any, **kwargs: Any) -> None:
        super().__init__(value, *args, **kwargs)
        self._size = len(value.getbuffer()) - (self._start_position or 0)

    @property
    def size(self) -> int:
        """The number of bytes that followed the position."""
        return max(self._size or 0, 0)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send the bytes, at most *content_length* of them; nothing blocks."""
        self._begin()
        left = self.size if content_length is None else min(content_length, self.size)
        while left and (block := self._value.read(min(left, _PIECE))):
            left -= len(block)
            await writer.write(block)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the bytes."""
        return self._read_all()

    async def close(self) -> None:
        """Leave it open: there is nothing to give back, and the caller may read it again."""


class BufferedReaderPayload(IOBasePayload):
    """A binary file as ``open(..., "rb")`` gives it; left to the system's sendfile where possible."""

    _value: io.BufferedReader

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send the file from the start, at most *content_length* bytes of it."""
        size = self.size
        if size is None or not isinstance(writer, StreamWriter) or not writer.can_sendfile:
            await super().write_with_length(writer, content_length)
            return
        start = self._start_position or 0
        count = size if content_length is None else min(size, content_length)
        await writer.sendfile(self._value, start, count)
        if not self._value.closed:
            self._value.seek(start + count)


class AsyncIterablePayload(Payload):
    """What an asynchronous iterable of bytes yields; sent once, unless ``as_bytes`` kept it."""

    _autoclose = True
    _value: AsyncIterable[bytes]
    _iter: AsyncIterator[bytes] | None = None
    _cached_chunks: list[bytes] | None = None

    def __init__(self, value: AsyncIterable[bytes], *args: Any, **kwargs: Any) -> None:
        if not isinstance(value, AsyncIterable):
            raise TypeError(f"value argument must support collections.abc.AsyncIterable interface, got {type(value)!r}")
        if kwargs.get("content_type") is None:
            kwargs["content_type"] = "application/octet-stream"
        super().__init__(value, *args, **kwargs)

    def _start(self) -> AsyncIterator[bytes]:
        if self._consumed:
            raise RuntimeError(f"{type(self._value).__name__} body was sent already and cannot be sent again")
        self._consumed = True
        return aiter(self._value)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send what is yielded."""
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send what is yielded, at most *content_length* bytes of it; the iterable is closed at the end."""
        if self._cached_chunks is not None:
            await _write_bytes(writer, b"".join(self._cached_chunks), content_length)
            return
        left = content_length
        chunks = self._start()
        try:
            async for chunk in chunks:
                if left is None:
                    await writer.write(chunk)
                elif left > 0:
                    chunk = chunk[:left]
                    left -= len(chunk)
                    await writer.write(chunk)
                else:
                    break
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return what ``as_bytes`` kept, as text; TypeError before that."""
        if self._cached_chunks is None:
            raise TypeError("Unable to decode - content not cached. Call as_bytes() first.")
        return b"".join(self._cached_chunks).decode(encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return all that is yielded, and keep it: the body can then be sent any number of times."""
        if self._cached_chunks is None:
            self._cached_chunks = [bytes(chunk) async for chunk in self._start()]
            self._consumed = False
        return b"".join(self._cached_chunks)


class StreamReaderPayload(AsyncIterablePayload):
    """The rest of a StreamReader, for example of another response's body."""

    def __init__(self, value: StreamReader, *args: Any, **kwargs: Any) -> None:
        super().__init__(value.iter_any(), *args, **kwargs)


class IterablePayload(AsyncIterablePayload):
    """What a plain iterator of bytes yields, taken on the loop's own thread."""

    def __init__(self, value: Iterator[bytes], *args: Any, **kwargs: Any) -> None:
        if inspect.isgenerator(value) and value.gi_code.co_flags & inspect.CO_ITERABLE_COROUTINE:
            raise TypeError(
                f"the generator-based coroutine {value.__qualname__}() cannot be a body: "
                "use an asynchronous generator (async def with yield)"
            )
        super().__init__(_Steps(value), *args, **kwargs)


class _Steps:
    """An asynchronous face for an iterator."""

    def __init__(self, iterator: Iterator[bytes]) -> None:
        self._next: Callable[[], bytes] = iterator.__next__
        self._close: Callable[[], object] | None = getattr(iterator, "close", None)

    def __aiter__(self) -> "_Steps":
        return self

    async def __anext__(self) -> bytes:
        try:
            return self._next()
        except StopIteration:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        if self._close is not None:
            self._close()


PAYLOAD_REGISTRY.register(BytesPayload, (bytes, bytearray, memoryview))
PAYLOAD_REGISTRY.register(StringPayload, str)
PAYLOAD_REGISTRY.register(StringIOPayload, io.StringIO)
PAYLOAD_REGISTRY.register(TextIOPayload, io.TextIOBase)
PAYLOAD_REGISTRY.register(BytesIOPayload, io.BytesIO)
PAYLOAD_REGISTRY.register(BufferedReaderPayload, _FILES)
PAYLOAD_REGISTRY.register(IOBasePayload, io.IOBase)
PAYLOAD_REGISTRY.register(StreamReaderPayload, StreamReader)
PAYLOAD_REGISTRY.register(AsyncIterablePayload, AsyncIterable, order=Order.try_last)
PAYLOAD_REGISTRY.register(IterablePayload, Iterator, order=Order.try_last)
