"""Where a transport puts bytes that nobody has to look at, and the choice between two implementations.

``Landing(size)`` is room for *size* bytes: ``view`` lends a part of what is free, ``land``
counts what was received into it, ``take`` gives all of it away as bytes, not copied a
second time where that can be avoided. ``CHEAP`` tells that making one does not touch its
memory, so that even a single piece of a body is better received into a landing of its own
than copied out of a shared buffer.
"""

from .._base.speed import COMPILED

if COMPILED:
    from .landing_c import CHEAP, Landing
else:
    from .landing_py import CHEAP, Landing

__all__ = ("CHEAP", "Landing")
