"""Removes the content coding of a body on its way from the parser to its reader.

What is inflated is only what the reader has room for: a bomb stays compressed.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from .._wire.coding import decode_whole, make_decoder
from .._wire.errors import ContentEncodingError
from .limiter import LimitedReader, SizeLimit

__all__ = ("BodyReader", "Inflater", "decode_whole")

_STEP = 1 << 17  # bytes inflated at a time; steps of 32 to 256 KiB measure alike


class BodyReader(LimitedReader, Protocol):
    """What an inflater asks of the reader it feeds; ``StreamReader`` is one."""

    on_drain: Callable[[], object] | None

    @property
    def is_full(self) -> bool:
        """True while the reader has as much as it should hold."""


class _State(Enum):
    OPEN = "open"  # all that was fed has gone on to the reader
    HELD = "held"  # the reader is full; what is fed is kept
    HELD_TO_END = "held to end"  # likewise, and nothing more will be fed
    OVER = "over"  # complete or failed


_OPEN = _State.OPEN
_HELD = _State.HELD
_HELD_TO_END = _State.HELD_TO_END
_OVER = _State.OVER


class Inflater:
    """Stands where a reader would, with its feeding methods, and feeds *out* what it decodes.

    While *out* is full it keeps compressed data, and goes on when *out* calls its
    ``on_drain``. Data that is corrupt or cut short gives *out* a
    ``ContentEncodingError`` as its exception, or what *wrap* makes of it, with the
    error as cause; what is fed after that is dropped.
    """

    __slots__ = ("_decoder", "_held", "_limit", "_out", "_state", "_wrap")

    def __init__(
        self,
        encoding: str,
        out: BodyReader,
        wrap: Callable[[ContentEncodingError], BaseException] | None = None,
        limit: SizeLimit | None = None,
    ) -> None:
        """Take the coding, one that ``coding.is_supported`` knows, the reader, and how much it may get."""
        self._decoder = make_decoder(encoding)
        self._out = out
        self._wrap = wrap
        self._limit = limit
        self._held: deque[bytes] = deque()  # an empty piece is the end of a chunk
        self._state = _OPEN
        out.total_compressed_bytes = 0

    def feed_data(self, data: bytes) -> None:
        """Take the next piece of the coded body."""
        out = self._out
        out.total_compressed_bytes += len(data)  # type: ignore[operator]
        if self._limit is not None and self._state is not _OVER and not self._limit.allows_coded(out):
            self._end()
            self._limit.stop(out)
        elif self._state is _OPEN:
            if not self._inflate(data):
                self._hold(_HELD)
        elif self._state is _HELD:
            self._held.append(data)

    def begin_http_chunk_receiving(self) -> None:
        """A chunk begins here."""

    def end_http_chunk_receiving(self) -> None:
        """A chunk ends here (RFC 9112 7.1)."""
        if self._state is _OPEN:
            self._out.end_http_chunk_receiving()
        elif self._state is _HELD:
            self._held.append(b"")

    def feed_eof(self) -> None:
        """The coded body is complete."""
        if self._state is _OPEN:
            self._finish()
        elif self._state is _HELD:
            self._state = _HELD_TO_END

    def set_exception(self, exc: BaseException) -> None:
        """The coded body will never be complete: give *out* the reason."""
        if self._state is not _OVER:
            self._end()
            self._out.set_exception(exc)

    def resume(self) -> None:
        """Go on with what was kept; *out* calls it when it has room."""
        if (self._state is not _HELD and self._state is not _HELD_TO_END) or not self._inflate(b""):
            return
        held = self._held
        while held:
            piece = held.popleft()
            if not piece:
                self._out.end_http_chunk_receiving()
            elif not self._inflate(piece):
                return
        self._out.on_drain = None
        if self._state is _HELD_TO_END:
            self._finish()
        else:
            self._state = _OPEN

    def _inflate(self, data: bytes) -> bool:
        """Decode into *out*; return False if that must stop before all of *data* is done."""
        decoder = self._decoder
        out = self._out
        try:
            piece = decoder.decompress(data, _STEP)
            while True:
                if piece:
                    if self._limit is not None and not self._limit.passes(out, piece):
                        self._end()
                        return False
                    out.feed_data(piece)
                if decoder.needs_input:
                    return True
                if out.is_full:
                    return False
                piece = decoder.decompress(b"", _STEP)
        except ContentEncodingError as exc:
            self._fail(exc)
            return False

    def _hold(self, state: _State) -> None:
        if self._state is not _OVER:
            self._state = state
            self._out.on_drain = self.resume

    def _finish(self) -> None:
        try:
            self._decoder.flush()
        except ContentEncodingError as exc:
            self._fail(exc)
        else:
            self._end()
            self._out.feed_eof()

    def _end(self) -> None:
        self._state = _OVER
        self._held.clear()
        self._out.on_drain = None

    def _fail(self, exc: ContentEncodingError) -> None:
        self._end()
        if self._wrap is None:
            self._out.set_exception(exc)
        else:
            wrapped = self._wrap(exc)
            wrapped.__cause__ = exc
            self._out.set_exception(wrapped)
