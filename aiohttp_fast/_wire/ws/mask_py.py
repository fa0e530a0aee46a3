"""The masker without compiled code: one big XOR for what is short, translation tables for the rest."""

from functools import cache
from operator import index

from .mask_rules import refuse_buffer, refuse_key, refuse_lengths

__all__ = ("mask", "mask_into")

_SHORT = 128  # bytes up to which one XOR of two integers is quicker than eight slices
_EVERY_BYTE = int.from_bytes(range(256), "little")
_ONES = int.from_bytes(b"\1" * 256, "little")


@cache
def _table(byte: int) -> bytes:
    return (_EVERY_BYTE ^ byte * _ONES).to_bytes(256, "little")


def _turned(key: bytes, phase: int) -> bytes:
    if not isinstance(key, bytes) or len(key) != 4:
        refuse_key(key)
    start = index(phase) & 3
    return key[start:] + key[:start] if start else key


def _view_of(buf: object, is_written: bool) -> memoryview:
    try:
        view = memoryview(buf)  # type: ignore[arg-type]
    except TypeError:
        refuse_buffer(buf, is_written)
    if not view.c_contiguous or (is_written and view.readonly):
        refuse_buffer(buf, is_written)
    return view.cast("B") if view.nbytes else memoryview(bytearray())


def _xor(key: bytes, data: bytearray | memoryview, n: int) -> bytes:
    pad = (key * (n // 4 + 1))[:n]
    return (int.from_bytes(data, "little") ^ int.from_bytes(pad, "little")).to_bytes(n, "little")


def _translate(key: bytes, data: bytearray) -> None:
    first, second, third, fourth = map(_table, key)
    data[::4] = data[::4].translate(first)
    data[1::4] = data[1::4].translate(second)
    data[2::4] = data[2::4].translate(third)
    data[3::4] = data[3::4].translate(fourth)


def mask(key: bytes, buf: bytearray | memoryview, offset: int = 0) -> None:
    """XOR *buf* in place with *key*, of which byte ``offset % 4`` comes first."""
    key = _turned(key, offset)
    data = buf if type(buf) is bytearray else _view_of(buf, True)
    n = len(data)
    if n < _SHORT:
        data[:] = _xor(key, data, n)
    elif type(data) is bytearray:
        _translate(key, data)
    else:
        copy = bytearray(data)
        _translate(key, copy)
        data[:] = copy


def mask_into(dst: bytearray | memoryview, src: bytes | bytearray | memoryview, key: bytes, phase: int = 0) -> None:
    """Write *src*, masked, to *dst* of the same length; the two may overlap."""
    key = _turned(key, phase)
    out, data = _view_of(dst, True), _view_of(src, False)
    n = len(data)
    if len(out) != n:
        refuse_lengths(len(out), n)
    if n < _SHORT:
        out[:] = _xor(key, data, n)
    else:
        copy = bytearray(data)
        _translate(key, copy)
        out[:] = copy
