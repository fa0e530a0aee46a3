"""What a connector counts of its connections, and the answer it gives when asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..info import CloseReason

__all__ = ("ConnectorStats", "Tally")


@dataclass(frozen=True, slots=True)
class ConnectorStats:
    """The state of a connector at one moment, and what it has counted since it was made.

    ``idle`` connections wait for a request, ``acquired`` ones carry one; ``waiting`` is the
    number of requests that wait for a free connection. ``opened`` counts connections
    made, ``reused`` requests that got one that had served before. ``closed`` has the number
    of connections closed, by ``CloseReason``. ``waits`` counts the requests that had to wait
    for a limit, ``wait_total`` and ``wait_max`` are how long, in seconds. ``stale_retries``
    counts requests sent once more because a kept connection proved dead.
    """

    idle: int
    acquired: int
    waiting: int
    opened: int
    reused: int
    closed: Mapping[str, int]
    waits: int
    wait_total: float
    wait_max: float
    stale_retries: int


class Tally:
    """The counters behind ``ConnectorStats``; typed when compiled, as every request adds to them."""

    __slots__ = ("closed", "idle", "opened", "reused", "stale_retries", "wait_max", "wait_total", "waits")

    def __init__(self) -> None:
        self.idle = 0
        self.opened = 0
        self.reused = 0
        self.stale_retries = 0
        self.waits = 0
        self.wait_total = 0.0
        self.wait_max = 0.0
        self.closed: dict[str, int] = {}

    def count_wait(self, seconds: float) -> None:
        """Note that a request waited for a limit."""
        self.waits += 1
        self.wait_total += seconds
        if seconds > self.wait_max:
            self.wait_max = seconds

    def count_closed(self, reason: CloseReason) -> None:
        """Note that a connection is gone."""
        self.closed[reason.value] = self.closed.get(reason.value, 0) + 1

    def stats(self, acquired: int, waiting: int) -> ConnectorStats:
        """Return the counters as they are now."""
        return ConnectorStats(
            self.idle,
            acquired,
            waiting,
            self.opened,
            self.reused,
            self.closed.copy(),
            self.waits,
            self.wait_total,
            self.wait_max,
            self.stale_retries,
        )
