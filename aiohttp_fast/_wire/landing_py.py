"""The pure landing: a BytesIO, which lends its memory and gives its bytes away as they are."""

from io import BytesIO

__all__ = ("CHEAP", "Landing")

CHEAP = False  # memory is zeroed first, which costs as much as the copy that would be saved


class Landing:
    """Room for *size* bytes, to be filled from the front and taken once."""

    __slots__ = ("_io", "filled", "size")

    filled: int  # bytes that are there
    size: int  # bytes that there is room for

    def __init__(self, size: int) -> None:
        self._io = BytesIO(bytes(size))
        self.size = size
        self.filled = 0

    def view(self, limit: int) -> memoryview:
        """Lend at most *limit* bytes of the free room, writable; the landing must not grow meanwhile."""
        return self._io.getbuffer()[self.filled : self.filled + limit]

    def land(self, n: int) -> None:
        """Count *n* more bytes as there; ValueError for more than there is room."""
        if not 0 <= n <= self.size - self.filled:
            raise ValueError(f"{n} bytes do not fit into {self.size - self.filled}")
        self.filled += n

    def write(self, data: bytes | memoryview) -> None:
        """Copy *data* behind what is there; the landing grows as needed, by doubling."""
        end = self.filled + len(data)
        if end > self.size:
            self.grow(max(end, 2 * self.size))
        self._io.seek(self.filled)
        self._io.write(data)
        self.filled = end

    def fill(self, data: bytearray, start: int, stop: int) -> None:
        """Copy a part of *data* behind what is there; the landing grows as needed, by doubling."""
        if not 0 <= start <= stop <= len(data):
            raise IndexError(f"{start} to {stop} is not within {len(data)} bytes")
        with memoryview(data) as view:
            self.write(view[start:stop])

    def grow(self, size: int) -> None:
        """Make room for *size* bytes in all; BufferError while a view is lent."""
        if size > self.size:
            self._io.seek(size - 1)
            self._io.write(b"\0")
            self.size = size

    def take(self) -> bytes:
        """Return what is there; the landing is empty then and has no room."""
        filled, self.filled, self.size = self.filled, 0, 0
        io, self._io = self._io, BytesIO()
        try:
            io.truncate(filled)
        except BufferError:  # a view is still lent
            return bytes(io.getbuffer()[:filled])
        return io.getvalue()
