"""What ``async for`` goes over: the pieces, slices, lines and chunks of a body, the messages of a queue."""

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from .._base.signature import InitSignature
from .intake import Intake

__all__ = (
    "AsyncStreamIterator",
    "ChunkTupleAsyncStreamIterator",
    "EachLine",
    "EachPiece",
    "EachSlice",
    "EofStream",
)

_T = TypeVar("_T")

ReadUntil = Callable[[bytes, int | None, str], Awaitable[bytes]]


class Chunks(Protocol):
    """What is read in chunks; ``StreamReader`` is."""

    async def readchunk(self) -> tuple[bytes, bool]:
        """Return bytes of one chunk, and whether they end it."""


class EofStream(Exception):
    """The end of a stream of messages was reached."""


class AsyncStreamIterator(Generic[_T]):
    """Iterates over what *read_func* returns, up to a false value or ``EofStream``."""

    __slots__ = ("read_func",)

    def __init__(self, read_func: Callable[[], Awaitable[_T]]) -> None:
        self.read_func = read_func

    def __aiter__(self) -> "AsyncStreamIterator[_T]":
        return self

    async def __anext__(self) -> _T:
        try:
            data = await self.read_func()
        except EofStream:
            raise StopAsyncIteration from None
        if data == b"":
            raise StopAsyncIteration
        return data


class EachPiece:
    """``iter_any``: one coroutine per piece, and no other while there are bytes."""

    __slots__ = ("_reader",)

    def __init__(self, reader: Intake) -> None:
        self._reader = reader

    def __aiter__(self) -> "EachPiece":
        return self

    async def __anext__(self) -> bytes:
        reader = self._reader
        reader._check("iter_any")
        while not reader._size:
            if reader._eof:
                raise StopAsyncIteration
            await reader._wait("iter_any", 1)
        return reader._take_any()


class EachSlice:
    """``iter_chunked``."""

    __slots__ = ("_n", "_reader")

    def __init__(self, reader: Intake, n: int) -> None:
        self._reader = reader
        self._n = n

    def __aiter__(self) -> "EachSlice":
        return self

    async def __anext__(self) -> bytes:
        reader = self._reader
        reader._check("iter_chunked")
        while not reader._size:
            if reader._eof:
                raise StopAsyncIteration
            await reader._wait("iter_chunked", 1)
        return reader._take(self._n)


class EachLine:
    """``async for line in reader``; *read_until* is asked where no piece holds the whole line."""

    __slots__ = ("_read_until", "_reader")

    def __init__(self, reader: Intake, read_until: ReadUntil) -> None:
        self._reader = reader
        self._read_until = read_until

    def __aiter__(self) -> "EachLine":
        return self

    async def __anext__(self) -> bytes:
        reader = self._reader
        reader._check("readline")
        line = reader._find(b"\n", reader._high_water)
        if line is None:
            line = await self._read_until(b"\n", None, "readline")
        if not line:
            raise StopAsyncIteration
        return line


class ChunkTupleAsyncStreamIterator:
    """Iterates over what ``readchunk`` of *stream* returns, up to ``(b"", False)``."""

    __slots__ = ("_stream",)
    __signature__ = InitSignature()

    def __init__(self, stream: Chunks) -> None:
        self._stream = stream

    def __aiter__(self) -> "ChunkTupleAsyncStreamIterator":
        return self

    async def __anext__(self) -> tuple[bytes, bool]:
        found = await self._stream.readchunk()
        if not found[0] and not found[1]:
            raise StopAsyncIteration
        return found
