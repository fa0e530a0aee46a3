"""What a connector counts of its connections."""

from typing import TYPE_CHECKING

from ..._base.later import later
from ..info import CloseReason

if TYPE_CHECKING:
    from . import stats
else:
    stats = later(".stats", __name__)

__all__ = ("Tally",)


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

    def stats(self, acquired: int, waiting: int) -> "stats.ConnectorStats":
        """Return the counters as they are now."""
        return stats.ConnectorStats(
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
