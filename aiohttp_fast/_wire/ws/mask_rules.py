"""What a masker refuses, in the same words at both speeds."""

from typing import NoReturn

__all__ = ("refuse_buffer", "refuse_key", "refuse_lengths")


def refuse_key(key: object) -> NoReturn:
    """Raise for a key that is not four bytes."""
    if isinstance(key, bytes):
        raise ValueError(f"A masking key has 4 bytes, not {len(key)} (RFC 6455 5.3)")
    raise TypeError(f"A masking key must be bytes, not {type(key).__name__}")


def refuse_buffer(buf: object, is_written: bool) -> NoReturn:
    """Raise for what is no contiguous buffer, or no writable one where it must be."""
    kind = "writable, contiguous" if is_written else "contiguous"
    raise TypeError(f"Masking needs a {kind} buffer, not {type(buf).__name__}")


def refuse_lengths(written: int, read: int) -> NoReturn:
    """Raise for a copy between buffers of two sizes."""
    raise ValueError(f"Masking {read} bytes into a buffer of {written}")
