"""The table of what is true for a time."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._base.expiring import Expiring


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_value_has_its_own_time(lib: Any) -> None:
    clock = Clock()
    table = lib.load("_base.expiring").Expiring(10, clock)
    table.put("short", 1, 5)
    table.put("long", 2, 50)
    table.put("for ever", 3, None)
    table.put("never", 4, 0)
    assert [table.get(key) for key in ("short", "long", "for ever", "never", "absent")] == [1, 2, 3, None, None]
    clock.now += 5
    assert [table.get(key) for key in ("short", "long", "for ever")] == [None, 2, 3]
    assert "short" not in table
    clock.now += 1e9
    assert dict(table.items()) == {"long": (150.0, 2), "for ever": (float("inf"), 3)}
    assert table.get("long") is None
    assert len(table) == 1


def test_a_new_value_has_a_new_time(lib: Any) -> None:
    clock = Clock()
    table = lib.load("_base.expiring").Expiring(10, clock)
    table.put("a", 1, 5)
    clock.now += 4
    table.put("a", 2, 5)
    clock.now += 4
    assert table.get("a") == 2


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 5), st.integers(0, 3))), st.integers(-1, 3))
def test_like_a_dict_that_forgets(steps: list[tuple[str, int, int]], size: int) -> None:
    clock = Clock()
    table: Expiring[str, int] = Expiring(size, clock)
    model: dict[str, tuple[float, int]] = {}
    for number, (key, ttl, wait) in enumerate(steps):
        table.put(key, number, ttl)
        model[key] = (clock.now + ttl, number)
        clock.now += wait
        assert len(table) <= max(size, 0)
        for known, (until, value) in model.items():
            found = table.get(known)
            assert found is None or (found == value and clock.now < until)
        if size > 0 and ttl > wait:
            assert table.get(key) == number
