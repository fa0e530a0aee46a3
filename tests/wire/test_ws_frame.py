"""Outgoing frames, and the leaves that the reader is built of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

KEY = b"\x12\x00\xfe\x7f"


@pytest.fixture(scope="module")
def f(lib):
    return lib.load("_wire.ws.frame")


def by_definition(first: int, data: bytes, key: bytes | None) -> bytes:
    """RFC 6455 5.2, read literally."""
    size = len(data)
    if size <= 125:
        lengths = [size]
    elif size <= 0xFFFF:
        lengths = [126, *size.to_bytes(2, "big")]
    else:
        lengths = [127, *size.to_bytes(8, "big")]
    if key is None:
        return bytes([first, *lengths]) + data
    lengths[0] |= 0x80
    return bytes([first, *lengths]) + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(data))


@pytest.mark.parametrize("size", [0, 1, 7, 125, 126, 127, 65535, 65536, 300_000])
@pytest.mark.parametrize("key", [None, KEY])
def test_lengths(f, size, key):
    data = bytes(i % 253 for i in range(size))
    frame = f.make_frame(0x82, data, key)
    assert frame == by_definition(0x82, data, key)
    head = f.frame_head(0x82, size, key)
    assert frame[: len(head)] == head
    assert len(frame) == len(head) + size
    assert f.make_frame(0x82, bytearray(data), key) == f.make_frame(0x82, memoryview(data), key) == frame


def test_largest_head(f):
    assert f.frame_head(0x82, (1 << 63) - 1) == b"\x82\x7f\x7f" + b"\xff" * 7
    with pytest.raises(ValueError, match="negative"):
        f.frame_head(0x82, -1)
    for first in (-1, 256):
        with pytest.raises((OverflowError, ValueError)):
            f.frame_head(first, 1)


def test_text(f):
    @given(st.text(), st.none() | st.binary(min_size=4, max_size=4))
    def check(text, key):
        try:
            data = text.encode()
        except UnicodeEncodeError:
            with pytest.raises(UnicodeEncodeError):
                f.make_frame(0x81, text, key)
        else:
            assert f.make_frame(0x81, text, key) == by_definition(0x81, data, key)

    check()


def test_surrogates_have_no_utf8(f):
    with pytest.raises(UnicodeEncodeError):
        f.make_frame(0x81, "\ud800")


def test_buffers_in_pieces_and_of_wide_items(f):
    view = memoryview(bytearray(range(20)))
    assert f.make_frame(0x82, view[::2]) == by_definition(0x82, bytes(range(0, 20, 2)), None)
    assert f.make_frame(0x82, view.cast("I")) == by_definition(0x82, bytes(range(20)), None)


@pytest.mark.parametrize("payload", [None, 5, ["a"]])
def test_payload_that_is_none(f, payload):
    with pytest.raises(TypeError):
        f.make_frame(0x82, payload)


@pytest.mark.parametrize(("key", "error"), [(b"abc", ValueError), (b"abcde", ValueError), ("abcd", TypeError)])
def test_key_that_is_none(f, key, error):
    with pytest.raises(error, match="masking key"):
        f.make_frame(0x82, b"abc", key)
    with pytest.raises(error, match="masking key"):
        f.frame_head(0x82, 3, key)


def test_parts(f):
    data = bytearray(b"0123456789\xc3\xa9")
    assert f.cut(data, 2, 5) == b"234"
    assert type(f.cut(data, 0, 0)) is bytes
    assert f.text(data, 8, 12) == "89é"
    with pytest.raises(UnicodeDecodeError):
        f.text(data, 8, 11)
    for start, stop in ((-1, 2), (3, 2), (0, 13), (13, 13)):
        with pytest.raises(IndexError):
            f.cut(data, start, stop)
        with pytest.raises(IndexError):
            f.text(data, start, stop)
        with pytest.raises(IndexError):
            f.unmask(data, start, stop, KEY)


def test_make_tuple(f, lib):
    models = lib.load("_wire.ws.models")
    made = f.make_tuple(models.WSMessage, models.WSMsgType.TEXT, "a", "")
    assert type(made) is models.WSMessage
    assert made == models.WSMessage(models.WSMsgType.TEXT, "a", "")
    assert (made.type, made.data, made.extra) == (1, "a", "")
    for wrong in (int, list):
        with pytest.raises(TypeError, match="no class of tuples"):
            f.make_tuple(wrong, 1, 2, 3)


def test_field_of(f, lib):
    message = lib.load("_wire.ws.models").WSMessage(1, "a", "b")
    assert [f.field_of(message, i) for i in range(3)] == [1, "a", "b"]
    for index in (-1, 3):
        with pytest.raises(IndexError):
            f.field_of(message, index)
    with pytest.raises(TypeError, match="is a tuple, not list"):
        f.field_of([1], 0)


def test_unmask(f):
    data = bytearray(range(50))
    f.unmask(data, 10, 40, KEY, 7)
    assert data[:10] == bytes(range(10))
    assert data[40:] == bytes(range(40, 50))
    assert data[10:40] == bytes(byte ^ KEY[(7 + i) % 4] for i, byte in enumerate(range(10, 40)))
