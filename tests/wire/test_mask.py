"""Masking equals its definition in RFC 6455 5.3, at every length, phase, alignment and overlap."""

import random
from array import array
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

KEY = b"\x12\x00\xfe\x7f"
PHASES = range(4)
keys = st.binary(min_size=4, max_size=4)
phases = st.integers(-(2**70), 2**70) | st.integers(0, 8)


@pytest.fixture(scope="module")
def m(lib):
    return lib.load("_wire.ws.mask")


def by_definition(key, data, phase=0):
    return bytes(byte ^ key[(index + phase) % 4] for index, byte in enumerate(data))


def test_every_short_length_and_phase(m):
    data = random.Random(1).randbytes(300)
    for phase in PHASES:
        whole = by_definition(KEY, data, phase)
        for size in range(301):
            buf = bytearray(data[:size])
            assert m.mask(KEY, buf, phase) is None
            assert buf == whole[:size]
            out = bytearray(size)
            assert m.mask_into(out, data[:size], KEY, phase) is None
            assert out == whole[:size]


@pytest.mark.parametrize("size", [4095, 65_537, 262_143, 262_144, 1_000_003])
def test_long(m, size):
    data = random.Random(size).randbytes(size)
    pad = (KEY * (size // 4 + 2))[3 : 3 + size]
    expected = (int.from_bytes(data, "little") ^ int.from_bytes(pad, "little")).to_bytes(size, "little")
    for buf in (bytearray(data), memoryview(bytearray(data))):
        m.mask(KEY, buf, 3)
        assert buf == expected
    out = bytearray(size)
    m.mask_into(out, data, KEY, 3)
    assert out == expected


def test_any_key_and_phase(m):
    @given(keys, st.binary(max_size=600), phases)
    def check(key, data, phase):
        buf = bytearray(data)
        m.mask(key, buf, phase)
        assert buf == by_definition(key, data, phase % 4)
        m.mask(key, buf, offset=phase)
        assert buf == data

    check()


def test_piece_by_piece(m):
    @given(keys, st.lists(st.binary(max_size=50)))
    def check(key, pieces):
        done = b""
        for piece in pieces:
            buf = bytearray(piece)
            m.mask(key, buf, len(done))
            done += buf
        assert done == by_definition(key, b"".join(pieces))

    check()


def test_slices_at_any_alignment_leave_the_rest_alone(m):
    @given(st.binary(min_size=1, max_size=700), st.integers(0, 700), st.integers(0, 700))
    def check(data, first, second):
        start, stop = sorted((first, second))
        buf = bytearray(data)
        m.mask(KEY, memoryview(buf)[start:stop], 1)
        assert buf == data[:start] + by_definition(KEY, data[start:stop], 1) + data[stop:]

    check()


def test_copies_that_overlap(m):
    @given(st.binary(min_size=1, max_size=700), st.integers(0, 300), st.integers(0, 300), st.integers(0, 400))
    def check(data, to, start, size):
        size = max(0, min(size, len(data) - max(to, start)))
        buf = bytearray(data)
        view = memoryview(buf)
        m.mask_into(view[to : to + size], view[start : start + size], KEY, 2)
        expected = bytearray(data)
        expected[to : to + size] = by_definition(KEY, data[start : start + size], 2)
        assert buf == expected

    check()


@pytest.mark.parametrize("distance", [*range(-40, 41)])
def test_overlap_by_few_bytes(m, distance):
    data = random.Random(2).randbytes(1000)
    view = memoryview(bytearray(data))
    m.mask_into(view[100 + distance : 900 + distance], view[100:900], KEY)
    assert bytes(view[100 + distance : 900 + distance]) == by_definition(KEY, data[100:900])


def test_same_buffer(m):
    buf = bytearray(b"x" * 333)
    m.mask_into(buf, buf, KEY, 1)
    assert buf == by_definition(KEY, b"x" * 333, 1)


def test_items_wider_than_a_byte(m):
    numbers = array("I", range(100))
    raw = numbers.tobytes()
    m.mask(KEY, numbers)
    assert numbers.tobytes() == by_definition(KEY, raw)


@pytest.mark.parametrize("key", [b"", b"123", b"12345"])
def test_key_of_wrong_length(m, key):
    with pytest.raises(ValueError, match="4 bytes"):
        m.mask(key, bytearray(4))
    with pytest.raises(ValueError, match="4 bytes"):
        m.mask_into(bytearray(4), bytes(4), key)


@pytest.mark.parametrize("key", ["1234", 1234, None, bytearray(4), memoryview(b"1234")])
def test_key_that_is_no_bytes(m, key):
    with pytest.raises(TypeError, match=f"must be bytes, not {type(key).__name__}"):
        m.mask(key, bytearray(4))
    with pytest.raises(TypeError, match=f"must be bytes, not {type(key).__name__}"):
        m.mask_into(bytearray(4), bytes(4), key)


@pytest.mark.parametrize(
    "buf",
    [b"1234", memoryview(b"1234"), memoryview(bytearray(8))[::2], "1234", 4, None],
    ids=["bytes", "read-only view", "strided view", "str", "int", "None"],
)
def test_buffer_that_cannot_be_written(m, buf):
    message = f"^Masking needs a writable, contiguous buffer, not {type(buf).__name__}$"
    with pytest.raises(TypeError, match=message):
        m.mask(KEY, buf)
    with pytest.raises(TypeError, match=message):
        m.mask_into(buf, bytes(4), KEY)


@pytest.mark.parametrize("src", [memoryview(bytes(8))[::2], "1234", None], ids=["strided view", "str", "None"])
def test_source_that_cannot_be_read(m, src):
    with pytest.raises(TypeError, match=f"^Masking needs a contiguous buffer, not {type(src).__name__}$"):
        m.mask_into(bytearray(4), src, KEY)


def test_two_lengths(m):
    with pytest.raises(ValueError, match=r"^Masking 5 bytes into a buffer of 4$"):
        m.mask_into(bytearray(4), bytes(5), KEY)


def test_refused_buffers_are_not_held(m):
    buf, other = bytearray(4), bytearray(5)
    with pytest.raises(ValueError):
        m.mask_into(buf, other, KEY)
    with pytest.raises(TypeError):
        m.mask_into(buf, None, KEY)
    buf.append(0)  # BufferError while somebody holds it
    other.append(0)


@pytest.mark.parametrize("phase", ["1", None, 1.0])
def test_phase_that_is_no_int(m, phase):
    with pytest.raises(TypeError):
        m.mask(KEY, bytearray(4), phase)
    with pytest.raises(TypeError):
        m.mask_into(bytearray(4), bytes(4), KEY, phase)


def test_long_ones_side_by_side(m):
    buffers = [bytearray(1 << 20) for _ in range(4)]
    threads = [Thread(target=m.mask, args=(KEY, buf)) for buf in buffers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(buf == KEY * (1 << 18) for buf in buffers)
