"""How much of a message's head, and of its chunks' lines, a parser takes."""

from typing import NamedTuple

__all__ = ("Limits",)


class Limits(NamedTuple):
    """Bytes, but for *max_headers*; what counts stands in ``refusals``."""

    max_line_size: int = 8190
    max_field_size: int = 8190
    max_headers: int = 128
    max_chunk_line_size: int = 8190
    max_chunk_extensions: int = 16384
