"""What was looked up lately: a bounded table that forgets, first what is used least."""

import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from ..._base.expiring import Expiring
from ..abc import ResolveResult

__all__ = ("DNSCache",)

_Key = tuple[str, int]


class DNSCache(Expiring[_Key, list[ResolveResult]]):
    """Addresses by host and port, at most *max_size* of them, each for *ttl* seconds.

    None as *ttl* keeps them for ever. Where addresses tell their own ``ttl``, none is kept
    for longer than the least of theirs. Each ``next_addrs`` begins with another address,
    so that connections spread over all of them.
    """

    __slots__ = ("_ttl",)

    def __init__(
        self, ttl: float | None = None, max_size: int = 1000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(max_size, clock)
        self._ttl = ttl

    def add(self, key: _Key, addrs: Iterable[ResolveResult]) -> None:
        """Keep *addrs*; what has gone unused longest makes room."""
        addrs = list(addrs)
        times = (self._ttl, *(addr.get("ttl") for addr in addrs))
        self.put(key, addrs, min((ttl for ttl in times if ttl is not None), default=None))

    def next_addrs(self, key: _Key) -> list[ResolveResult] | None:
        """Return the addresses, the next one first; None when absent or out of date."""
        addrs = self.get(key)
        if addrs is None:
            return None
        result = addrs.copy()
        addrs.append(addrs.pop(0))
        return result

    def view(self) -> Mapping[_Key, tuple[ResolveResult, ...]]:
        """Return what is kept now, out of date or not; read-only."""
        return MappingProxyType({key: tuple(addrs) for key, (_, addrs) in self.items()})
