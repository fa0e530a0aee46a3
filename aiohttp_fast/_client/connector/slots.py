"""Who may have a connection: slots of the pool and of each host, and the queues for them.

Slots are counted apart from connections: a request takes its host's slot, then the
pool's, each in strict order of arrival, and only then looks for an idle connection. A
slot given up while others wait is handed to the first of them, never put back, so that
nobody who comes later can overtake.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from ..info import ConnectionKey

__all__ = ("Slots",)

Queue = OrderedDict["asyncio.Future[None]", None]


class Slots:
    """Counts what is in use against two limits; 0 is no limit."""

    __slots__ = ("_host_waiters", "_loop", "_waiters", "limit", "limit_per_host", "used", "used_per_host", "waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: int, limit_per_host: int) -> None:
        self._loop = loop
        self.limit = limit
        self.limit_per_host = limit_per_host
        self.used = 0  # connections being made included
        self.used_per_host: dict[ConnectionKey, int] = {}
        self.waiting = 0  # requests in the queues
        self._waiters: Queue = OrderedDict()
        self._host_waiters: dict[ConnectionKey, Queue] = {}

    def take_at_once(self, key: ConnectionKey) -> bool:
        """Take a slot for *key* if that needs no waiting."""
        if self.limit and self.used >= self.limit:
            return False
        if self.limit_per_host:
            used = self.used_per_host.get(key, 0)
            if used >= self.limit_per_host:
                return False
            self.used_per_host[key] = used + 1
        self.used += 1
        return True

    async def take(self, key: ConnectionKey) -> None:
        """Take a slot for *key*, when it is our turn."""
        if self.limit_per_host:
            used = self.used_per_host.get(key, 0)
            if used < self.limit_per_host:
                self.used_per_host[key] = used + 1
            else:
                queue = self._host_waiters.setdefault(key, OrderedDict())
                await self._wait_turn(queue, partial(self._free_host, key))
        if self.limit and self.used >= self.limit:
            try:
                await self._wait_turn(self._waiters, self._free_pool)
            except BaseException:
                self._free_host(key)
                raise
        else:
            self.used += 1

    async def _wait_turn(self, queue: Queue, hand_on: Callable[[], None]) -> None:
        """Wait until a slot is handed over; hand it on if the waiter was cancelled meanwhile."""
        turn = self._loop.create_future()
        queue[turn] = None
        self.waiting += 1
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                hand_on()
            else:
                queue.pop(turn, None)
            raise
        finally:
            self.waiting -= 1

    def free(self, key: ConnectionKey) -> None:
        """Give up a slot that *key* had; the first who waits for it has it now."""
        self._free_pool()
        if self.limit_per_host:
            self._free_host(key)

    def _free_pool(self) -> None:
        if not (self._waiters and _wake_first(self._waiters)):
            self.used -= 1

    def _free_host(self, key: ConnectionKey) -> None:
        if not self.limit_per_host:
            return
        waiters = self._host_waiters.get(key)
        if waiters is not None:
            if _wake_first(waiters):
                return
            del self._host_waiters[key]
        used = self.used_per_host[key] - 1
        if used:
            self.used_per_host[key] = used
        else:
            del self.used_per_host[key]

    def refuse_waiters(self, reason: Callable[[], Exception]) -> None:
        """Let all who wait raise what *reason* makes, one for each."""
        for queue in (self._waiters, *self._host_waiters.values()):
            while queue:
                turn, _ = queue.popitem(last=False)
                if not turn.done():
                    turn.set_exception(reason())


def _wake_first(waiters: Queue) -> bool:
    """Hand the slot to the first who still waits; False if there is none."""
    while waiters:
        turn, _ = waiters.popitem(last=False)
        if not turn.done():
            turn.set_result(None)
            return True
    return False
