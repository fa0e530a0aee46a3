"""Deadlines: when they fall, and how a stretch of awaits is bounded by one.

A request that merely waits for its answer needs no timer of its own: its deadline is a
field of the connection, checked by the connector's coarse tick. What is here bounds the
rare stretches (connecting, waiting for a slot) and the short, exact time-outs.
"""

import asyncio
from math import ceil

__all__ = ("CEIL_THRESHOLD", "ceil_timeout", "deadline_after")

CEIL_THRESHOLD: float = 5  # seconds; longer time-outs end on a whole second of the loop's clock


def deadline_after(now: float, delay: float | None, ceil_threshold: float = CEIL_THRESHOLD) -> float | None:
    """Return the loop time *delay* seconds after *now*; None where there is no limit.

    None, infinity and numbers not above zero mean no limit. Delays above *ceil_threshold* are
    rounded up to a whole second, so that many deadlines fall together.
    """
    if delay is None or delay <= 0:
        return None
    when = now + delay
    try:
        return ceil(when) if delay > ceil_threshold else when
    except OverflowError:  # infinity
        return None


def ceil_timeout(delay: float | None, ceil_threshold: float = CEIL_THRESHOLD) -> asyncio.Timeout:
    """Return an ``asyncio.timeout`` context for *delay* seconds, rounded as deadlines are."""
    if delay is None or delay <= 0:
        return asyncio.timeout_at(None)
    now = asyncio.get_running_loop().time()
    return asyncio.timeout_at(deadline_after(now, delay, ceil_threshold))
