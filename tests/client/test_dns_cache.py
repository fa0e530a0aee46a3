"""The table of addresses looked up lately."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._client.connector.dns_cache import DNSCache

KEY = ("example.test", 80)


def addrs(*hosts: str) -> list[Any]:
    return [{"hostname": "example.test", "host": h, "port": 80, "family": 2, "proto": 0, "flags": 0} for h in hosts]


def hosts_of(cache: Any, key: tuple[str, int] = KEY) -> list[str] | None:
    found = cache.next_addrs(key)
    return None if found is None else [a["host"] for a in found]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_call_begins_with_the_next_address(lib: Any) -> None:
    cache = lib.load("_client.connector.dns_cache").DNSCache(10)
    cache.add(KEY, addrs("a", "b", "c"))
    assert [hosts_of(cache) for _ in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_what_is_handed_out_is_the_callers_own(lib: Any) -> None:
    cache = lib.load("_client.connector.dns_cache").DNSCache(10)
    given_ = addrs("a")
    cache.add(KEY, given_)
    given_.clear()
    cache.next_addrs(KEY).clear()
    assert hosts_of(cache) == ["a"]


def test_ttl(lib: Any) -> None:
    clock = Clock()
    cache = lib.load("_client.connector.dns_cache").DNSCache(10, clock=clock)
    cache.add(KEY, addrs("a"))
    clock.now += 9.9
    assert hosts_of(cache) == ["a"]
    clock.now += 0.1
    assert hosts_of(cache) is None
    assert len(cache) == 0


def test_ttl_none_is_for_ever_and_0_is_never(lib: Any) -> None:
    clock = Clock()
    DNSCache = lib.load("_client.connector.dns_cache").DNSCache
    forever, never = DNSCache(None, clock=clock), DNSCache(0, clock=clock)
    forever.add(KEY, addrs("a"))
    never.add(KEY, addrs("a"))
    clock.now += 1e9
    assert hosts_of(forever) == ["a"]
    assert hosts_of(never) is None


def test_least_recently_used_makes_room(lib: Any) -> None:
    cache = lib.load("_client.connector.dns_cache").DNSCache(None, 2)
    cache.add(("a", 1), addrs("1"))
    cache.add(("b", 1), addrs("2"))
    cache.next_addrs(("a", 1))
    cache.add(("c", 1), addrs("3"))
    assert [(k, 1) in cache for k in "abc"] == [True, False, True]


@pytest.mark.parametrize("size", [0, -1])
def test_no_room_at_all(lib: Any, size: int) -> None:
    cache = lib.load("_client.connector.dns_cache").DNSCache(None, size)
    cache.add(KEY, addrs("a"))
    assert hosts_of(cache) is None


def test_remove_and_clear(lib: Any) -> None:
    cache = lib.load("_client.connector.dns_cache").DNSCache(None)
    cache.add(KEY, addrs("a"))
    cache.add(("b", 1), addrs("b"))
    cache.remove(KEY)
    cache.remove(KEY)
    assert hosts_of(cache) is None
    cache.clear()
    assert len(cache) == 0


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans())), st.integers(0, 4))
def test_never_more_than_the_limit_and_never_a_wrong_answer(steps: list[tuple[str, bool]], size: int) -> None:
    cache = DNSCache(None, size)
    for name, add in steps:
        if add:
            cache.add((name, 1), addrs(name, name + "2"))
        found = hosts_of(cache, (name, 1))
        assert found is None or sorted(found) == [name, name + "2"]
        assert len(cache) <= size


@pytest.mark.parametrize(
    ("ttl", "told", "kept"),
    [(10, [None], 10), (10, [5], 5), (10, [50], 10), (None, [50, 5], 5), (None, [5, None], 5), (10, [0], 0)],
)
def test_never_longer_than_an_address_tells(lib: Any, ttl: float | None, told: list[Any], kept: float) -> None:
    clock = Clock()
    cache = lib.load("_client.connector.dns_cache").DNSCache(ttl, clock=clock)
    cache.add(KEY, [addr if one is None else {**addr, "ttl": one} for one in told for addr in addrs("a")])
    for since, is_kept in ((0, kept > 0), (kept - 0.5, kept > 0), (kept, False)):
        clock.now = 100 + since
        assert (hosts_of(cache) is not None) is is_kept
