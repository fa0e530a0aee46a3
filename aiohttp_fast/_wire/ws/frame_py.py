"""Frames as bytes, without compiled code."""

from typing import Any, TypeVar

from .mask_py import mask
from .mask_rules import refuse_key

__all__ = ("cut", "field_of", "frame_head", "make_frame", "make_tuple", "text", "unmask")

_T = TypeVar("_T", bound=tuple[Any, ...])

_MASKED = 0x80


def frame_head(first: int, length: int, key: bytes | None = None) -> bytes:
    """Return the head of a frame, the key included."""
    if length < 0:
        raise ValueError("negative length")
    second = 0
    if key is not None:
        if not isinstance(key, bytes) or len(key) != 4:
            refuse_key(key)
        second = _MASKED
    if length < 126:
        head = bytes((first, second | length))
    elif length < 1 << 16:
        head = bytes((first, second | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((first, second | 127)) + length.to_bytes(8, "big")
    return head if key is None else head + key


def make_frame(first: int, payload: str | bytes | bytearray | memoryview, key: bytes | None = None) -> bytes:
    """Return a whole frame, masked with *key* if there is one."""
    if isinstance(payload, str):
        payload = payload.encode()
    elif not isinstance(payload, bytes):
        payload = bytes(memoryview(payload))
    head = frame_head(first, len(payload), key)
    if key is None:
        return head + payload
    masked = bytearray(payload)
    mask(key, masked)
    return head + masked


def _check(data: bytearray, start: int, stop: int) -> None:
    if not 0 <= start <= stop <= len(data):
        raise IndexError(f"{start} to {stop} is not within {len(data)} bytes")


def cut(data: bytearray, start: int, stop: int) -> bytes:
    """Return the bytes from *start* to *stop*."""
    _check(data, start, stop)
    return bytes(data[start:stop])


def text(data: bytearray, start: int, stop: int) -> str:
    """Return the bytes from *start* to *stop* as text."""
    _check(data, start, stop)
    return data[start:stop].decode()


def unmask(data: bytearray, start: int, stop: int, key: bytes, phase: int = 0) -> None:
    """Unmask the bytes from *start* to *stop* in place; byte ``phase % 4`` of *key* comes first."""
    _check(data, start, stop)
    part = data[start:stop]
    mask(key, part, phase)
    data[start:stop] = part


def make_tuple(cls: type[_T], kind: object, data: object, extra: object) -> _T:
    """Return an instance of *cls*, a class of named tuples with three fields."""
    if not issubclass(cls, tuple):
        raise TypeError(f"{cls.__name__} is no class of tuples")
    return tuple.__new__(cls, (kind, data, extra))


def field_of(message: tuple[Any, ...], index: int) -> Any:
    """Return a field of *message*, a tuple of whatever class; *index* counts from the front."""
    if not isinstance(message, tuple):
        raise TypeError(f"a message is a tuple, not {type(message).__name__}")
    if index < 0:
        raise IndexError("tuple index out of range")
    return message[index]
