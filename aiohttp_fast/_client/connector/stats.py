"""ConnectorStats: what a connector answers when it is asked for its counters."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ("ConnectorStats",)


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
