"""Landing: room that is received into and given away as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

SIZES = [0, 1, 2, 100, 5000, 1 << 16, (1 << 22) + 3]


@pytest.mark.parametrize("size", SIZES)
def test_filled_to_the_last_byte(lib, size):
    landing = lib.load("_wire.landing").Landing(size)
    if size:
        with landing.view(size + 7) as view:
            assert len(view) == size
            view[:] = b"x" * size
    landing.land(size)
    assert (landing.filled, landing.size) == (size, size)
    assert landing.take() == b"x" * size
    assert (landing.filled, landing.size) == (0, 0)
    assert landing.take() == b""


@pytest.mark.parametrize("lent", [False, True])
@pytest.mark.parametrize("filled", [0, 1, 99, 5000, 60000, 65535])
def test_taken_when_partly_filled(lib, filled, lent):
    landing = lib.load("_wire.landing").Landing(1 << 16)
    view = landing.view(1 << 16)
    view[:filled] = b"y" * filled
    if not lent:
        view.release()
    landing.land(filled)
    data = landing.take()
    assert data == b"y" * filled
    if lent:
        view[:filled] = b"y" * filled  # still memory
        view.release()
    assert data == b"y" * filled
    assert hash(data) == hash(b"y" * filled)
    assert (data + b"z")[filled:] == b"z"


def test_growing_is_refused_while_a_view_is_lent(lib):
    landing = lib.load("_wire.landing").Landing(10)
    view = landing.view(10)
    with pytest.raises(BufferError):
        landing.grow(20)
    view.release()
    landing.grow(20)
    landing.grow(5)
    assert landing.size == 20


@pytest.mark.parametrize("n", [-1, 11])
def test_more_than_there_is_room_is_refused(lib, n):
    with pytest.raises(ValueError, match="fit"):
        lib.load("_wire.landing").Landing(10).land(n)


@given(
    size=st.integers(0, 64),
    steps=st.lists(st.one_of(st.binary(max_size=90), st.tuples(st.binary(max_size=40))), max_size=12),
)
def test_holds_what_was_written_and_received(lib, size, steps):
    landing = lib.load("_wire.landing").Landing(size)
    expected = b""
    for step in steps:
        if isinstance(step, bytes):
            landing.write(step)
            expected += step
        else:
            with landing.view(len(step[0])) as view:
                got = step[0][: len(view)]
                view[: len(got)] = got
            landing.land(len(got))
            expected += got
        assert landing.filled == len(expected) <= landing.size
    assert landing.take() == expected
    landing.write(b"again")
    assert landing.take() == b"again"
