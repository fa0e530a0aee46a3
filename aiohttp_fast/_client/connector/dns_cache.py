"""What was looked up lately: a bounded table that forgets, first what is used least."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from ..abc import ResolveResult

__all__ = ("DNSCache",)

_Key = tuple[str, int]


class DNSCache:
    """Addresses by host and port, at most *max_size* of them, each for *ttl* seconds.

    None as *ttl* keeps them for ever. Each ``next_addrs`` begins with another address,
    so that connections spread over all of them.
    """

    __slots__ = ("_clock", "_entries", "_max_size", "_ttl")

    def __init__(
        self, ttl: float | None = None, max_size: int = 1000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ttl = ttl
        self._max_size = max(0, max_size)
        self._clock = clock
        self._entries: OrderedDict[_Key, tuple[float, list[ResolveResult]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def add(self, key: _Key, addrs: Iterable[ResolveResult]) -> None:
        """Keep *addrs*; what has gone unused longest makes room."""
        self._entries[key] = (self._clock(), list(addrs))
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_size:
            self._entries.popitem(last=False)

    def next_addrs(self, key: _Key) -> list[ResolveResult] | None:
        """Return the addresses, the next one first; None when absent or out of date."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        since, addrs = entry
        if self._ttl is not None and self._clock() - since >= self._ttl:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        result = addrs.copy()
        addrs.append(addrs.pop(0))
        return result

    def view(self) -> Mapping[_Key, tuple[ResolveResult, ...]]:
        """Return what is kept now, out of date or not; read-only."""
        return MappingProxyType({key: tuple(addrs) for key, (_, addrs) in self._entries.items()})

    def remove(self, key: _Key) -> None:
        """Forget one host and port; harmless when not there."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
