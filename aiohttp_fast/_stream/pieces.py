"""Pieces: bytes in the order in which they came, taken from the front without moving what stays."""

from collections import deque

__all__ = ("Pieces",)

_SMALL = 256  # pieces below this are merged while they wait: a buffer of 1-byte chunks costs what its bytes cost
_MERGED = 16384  # a merged piece is closed at this size; one as large is handed out as it is
_JOINED = 65536  # readany joins small pieces up to about here


class Pieces:
    """A queue of bytes.

    A piece is handed out as it came where that is possible, cut by one copy where it is
    not. ``_size`` bytes are there. Neither many tiny pieces nor many tiny takes cost
    more than in proportion to their bytes.
    """

    __slots__ = ("_found", "_offset", "_pieces", "_size", "_sought", "_tail")

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._offset = 0  # bytes of _pieces[0] that are gone
        self._tail: bytearray | None = None  # small pieces that follow _pieces
        self._size = 0
        self._sought: bytes | None = None  # what _take_before looked for in _pieces[0]
        self._found = -1  # and where it is, or the length of the piece; -1 for a piece not looked through

    def _taken(self) -> None:
        """Called after bytes were taken, for subclasses."""

    def _add(self, data: bytes) -> None:
        """Append *data*; the caller counts it in ``_size`` afterwards."""
        if len(data) < _SMALL and self._size:
            self._feed_small(data)
        else:
            if self._tail is not None:
                self._close_tail()
            self._pieces.append(data)

    def _feed_small(self, data: bytes) -> None:
        if self._tail is None:
            self._tail = bytearray(data)
        else:
            self._tail += data
        if len(self._tail) >= _MERGED:
            self._close_tail()

    def _close_tail(self) -> None:
        self._pieces.append(bytes(self._tail))  # type: ignore[arg-type]
        self._tail = None

    def _take(self, n: int) -> bytes:
        """Return at most *n* > 0 of the buffered bytes."""
        if self._tail is not None:
            self._close_tail()
        pieces = self._pieces
        if not pieces:
            return b""
        piece = pieces[0]
        start = self._offset
        end = start + n
        if end < len(piece):
            data = piece[start:end]
            self._offset = end
        elif end == len(piece) or len(pieces) == 1:
            data = piece[start:] if start else piece
            pieces.popleft()
            self._offset = 0
            self._found = -1
        else:
            data = self._take_across(n)
        self._size -= len(data)
        self._taken()
        return data

    def _take_across(self, n: int) -> bytes:
        pieces = self._pieces
        self._found = -1
        parts = []
        while pieces and n:
            piece = pieces[0]
            end = self._offset + n
            if end < len(piece):
                parts.append(piece[self._offset : end])
                self._offset = end
                break
            part = pieces.popleft()
            if self._offset:
                part = part[self._offset :]
                self._offset = 0
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    def _take_any(self) -> bytes:
        """Return the next piece as it came; small ones are joined."""
        if self._tail is not None:
            self._close_tail()
        pieces = self._pieces
        if not pieces:
            return b""
        n = len(pieces[0]) - self._offset
        if len(pieces) > 1 and n < _MERGED:
            for piece in pieces:
                if n >= _JOINED:
                    break
                n += len(piece)
            n = min(n, _JOINED)
        return self._take(n)

    def _put_back(self, data: bytes) -> None:
        self._found = -1
        if self._offset:
            self._pieces[0] = self._pieces[0][self._offset :]
            self._offset = 0
        self._pieces.appendleft(data)
        self._size += len(data)

    def _peek(self, n: int) -> bytes:
        """Return the first *n* bytes, or as many as there are; they stay."""
        if self._tail is not None:
            self._close_tail()
        start = self._offset
        seen = b""
        for piece in self._pieces:
            seen += piece[start : start + n - len(seen)]
            if len(seen) == n:
                break
            start = 0
        return seen

    def _is_next(self, delimiter: bytes) -> bool:
        """True if *delimiter* comes next and lies in one piece."""
        return bool(self._pieces) and self._pieces[0].startswith(delimiter, self._offset)

    def _take_before(self, delimiter: bytes, n: int) -> bytes | None:
        """Return at most *n* > 0 bytes that stand before *delimiter*; None where more must come to tell.

        ``b""`` means that the delimiter is next. Its first byte must not occur in it a
        second time, and the same object makes one search of many calls.
        """
        if self._tail is not None:
            self._close_tail()
        if not self._size:
            return None
        piece = self._pieces[0]
        start = self._offset
        size = len(piece)
        width = len(delimiter)
        if self._sought is not delimiter or self._found < start:
            # The whole piece at once: in what is long, find() is quick whatever the bytes are.
            self._sought = delimiter
            at = piece.find(delimiter, start)
            self._found = size if at < 0 else at
        at = self._found
        if at < size:
            return self._take(min(n, at - start)) if at > start else b""
        if n <= size - start - width:
            return self._take(n)
        at = piece.rfind(delimiter[:1], max(start, size - width + 1))
        if at < 0 or not delimiter.startswith(piece[at:]):
            return self._take(min(n, size - start))
        if at > start:
            return self._take(min(n, at - start))
        seen = self._peek(width)  # the rest of this piece may be the delimiter's beginning
        if seen == delimiter:
            return b""
        if len(seen) < width and delimiter.startswith(seen):
            return None
        return self._take(min(n, size - start))

    def _find(self, separator: bytes, limit: int) -> bytes | None:
        """Return what ends with *separator* if that lies in the first piece, as it mostly does."""
        if self._pieces:
            start = self._offset
            end = self._pieces[0].find(separator, start) + len(separator)
            if start < end <= start + limit and end >= start + len(separator):
                return self._take(end - start)
        return None

    def _find_into(self, found: bytearray, separator: bytes) -> bool:
        """Move bytes to *found* until it ends with *separator*; False if that is not there yet.

        Each byte is looked at and moved once, however it was cut.
        """
        if self._tail is not None:
            self._close_tail()
        width = len(separator)
        pieces = self._pieces
        while pieces:
            piece = pieces[0]
            start = self._offset
            if width > 1 and found:  # the separator may lie across the seam
                kept = bytes(found[1 - width :])
                seam = (kept + piece[start : start + width - 1]).find(separator)
                end = start + seam + width - len(kept) if seam >= 0 else 0
            else:
                end = 0
            if not end:
                end = piece.find(separator, start) + width
                if end < width:
                    end = 0
            found += piece[start : end or None]
            self._take((end or len(piece)) - start)
            if end:
                return True
        return False
