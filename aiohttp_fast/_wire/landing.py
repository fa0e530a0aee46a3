"""Where a transport puts bytes that nobody has to look at, and the choice between two implementations.

``Landing(size)`` is room for *size* bytes: ``view`` lends a part of what is free, ``land``
counts what was received into it, ``take`` gives all of it away as bytes, not copied a
second time where that can be avoided. ``CHEAP`` tells that making one does not touch its
memory, so that even a single piece of a body is better received into a landing of its own
than copied out of a shared buffer.
"""

from functools import cache

from .._base.speed import COMPILED

if COMPILED:
    from .landing_c import CHEAP, Landing
else:
    from .landing_py import CHEAP, Landing

__all__ = ("CHEAP", "Landing", "expect_much")

_LARGE = 1 << 23


@cache
def expect_much() -> None:
    """Let the C library keep the memory of pieces that come and go; done once per process.

    glibc gives memory back to the system at thresholds that follow the largest block
    that was freed so far. At those it starts with, every piece of a long body is
    unmapped or trimmed, and faulted in again: half of the time of a download. The block
    here is never touched.
    """
    bytes(_LARGE)
