"""What lets only so much of a body through to its reader."""

from collections.abc import Callable
from typing import Protocol

__all__ = ("RATIO_FLOOR", "LimitedReader", "Limiter", "SizeLimit")

RATIO_FLOOR = 1 << 20  # decoded bytes up to which no ratio is looked at: little data may shrink to next to nothing


class LimitedReader(Protocol):
    """What a limit asks of the reader of a body; ``StreamReader`` is one."""

    total_bytes: int
    total_compressed_bytes: int | None

    def feed_data(self, data: bytes) -> object:
        """Take the next piece of the body."""

    def feed_eof(self) -> None:
        """The body is complete."""

    def set_exception(self, exc: BaseException) -> None:
        """The body will never be complete."""

    def end_http_chunk_receiving(self) -> None:
        """A chunk ends here (RFC 9112 7.1)."""

    def take_all(self) -> bytes:
        """Return, and forget, everything that is buffered."""


class SizeLimit:
    """How much of one body is let through, and what is done when there is more.

    *sizes* are limits on the bytes that the reader gets, by the name of their option;
    *max_ratio* is how many times larger than what travelled they may be. *fail* is called with
    the name and value of the limit that was met and with what the reader had not
    yet taken; it returns the error for the reader.
    """

    __slots__ = ("_fail", "_max_ratio", "_max_size", "_size_name")

    def __init__(
        self,
        sizes: dict[str, int | None],
        max_ratio: float | None,
        fail: Callable[[str, float, bytes], BaseException],
    ) -> None:
        given = [(size, name) for name, size in sizes.items() if size]
        self._max_size, self._size_name = min(given, default=(0, ""))
        self._max_ratio = max_ratio or 0
        self._fail = fail

    def allows_size(self, size: int) -> bool:
        """True if a body of *size* bytes may pass, whatever its ratio."""
        return not self._max_size or size <= self._max_size

    def allows_coded(self, out: LimitedReader) -> bool:
        """True unless more travelled than a body within the size needs, however badly it was coded."""
        return not self._max_size or (out.total_compressed_bytes or 0) <= self._max_size + RATIO_FLOOR

    def passes(self, out: LimitedReader, piece: bytes) -> bool:
        """True if *out* may have *piece* too; otherwise *out* gets what is allowed of it, and the error."""
        name, allowed = self._size_name, self._max_size
        limit: float = allowed
        if self._max_ratio:
            coded = out.total_compressed_bytes or 0
            by_ratio = max(int(self._max_ratio * coded), RATIO_FLOOR)
            if not allowed or by_ratio < allowed:
                name, limit, allowed = "max_decompression_ratio", self._max_ratio, by_ratio
        if not allowed or out.total_bytes + len(piece) <= allowed:
            return True
        self._stop(out, piece[: max(allowed - out.total_bytes, 0)], name, limit)
        return False

    def stop(self, out: LimitedReader) -> None:
        """Refuse a body whose announced size is too large."""
        self._stop(out, b"", self._size_name, self._max_size)

    def _stop(self, out: LimitedReader, piece: bytes, name: str, limit: float) -> None:
        if piece:
            out.feed_data(piece)
        out.set_exception(self._fail(name, limit, out.take_all()))


class Limiter:
    """Stands where a reader would, with its feeding methods, and feeds *out* while *limit* allows."""

    __slots__ = ("_limit", "_out", "_stopped")

    def __init__(self, out: LimitedReader, limit: SizeLimit) -> None:
        self._out = out
        self._limit = limit
        self._stopped = False

    def feed_data(self, data: bytes) -> None:
        """Take the next piece of the body."""
        if self._stopped:
            return
        if self._limit.passes(self._out, data):
            self._out.feed_data(data)
        else:
            self._stopped = True

    def announce(self, rest: int) -> None:
        """Refuse at once a body of which *rest* more bytes are announced, if that is too much."""
        if not self._stopped and not self._limit.allows_size(self._out.total_bytes + rest):
            self._stopped = True
            self._limit.stop(self._out)

    def feed_eof(self) -> None:
        """The body is complete."""
        if not self._stopped:
            self._out.feed_eof()

    def set_exception(self, exc: BaseException) -> None:
        """The body will never be complete."""
        if not self._stopped:
            self._stopped = True
            self._out.set_exception(exc)

    def end_http_chunk_receiving(self) -> None:
        """A chunk ends here (RFC 9112 7.1)."""
        if not self._stopped:
            self._out.end_http_chunk_receiving()
