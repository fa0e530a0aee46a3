"""A bounded table of what is true for a time: nothing out of date is given out, and what is used least makes room."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, ItemsView
from math import inf
from typing import Generic, TypeVar

__all__ = ("Expiring",)

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Expiring(Generic[_Key, _Value]):
    """Values by key, at most *max_size* of them, each for a time of its own; *clock* tells seconds."""

    __slots__ = ("_clock", "_entries", "_max_size")

    def __init__(self, max_size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_size = max(0, max_size)
        self._clock = clock
        self._entries: OrderedDict[_Key, tuple[float, _Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def put(self, key: _Key, value: _Value, ttl: float | None) -> None:
        """Keep *value* for *ttl* seconds, None for ever; what has gone unused longest makes room."""
        self._entries[key] = (inf if ttl is None else self._clock() + ttl, value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_size:
            self._entries.popitem(last=False)

    def get(self, key: _Key) -> _Value | None:
        """Return the value; None when absent or out of date."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        until, value = entry
        if self._clock() >= until:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def items(self) -> "ItemsView[_Key, tuple[float, _Value]]":
        """Return what is kept now, out of date or not: keys, and until when which value."""
        return self._entries.items()

    def remove(self, key: _Key) -> None:
        """Forget one key; harmless when not there."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
