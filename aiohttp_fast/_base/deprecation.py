"""Deprecation warnings that point at the user's line, whoever stands in between.

Compiled functions have no Python frame, interpreted ones do: a fixed ``stacklevel``
would be right for one core only.
"""

import sys
import warnings

__all__ = ("deprecated",)

_PACKAGE = __name__.partition(".")[0]


def deprecated(text: str) -> None:
    """Warn with *text* at the innermost line that is not of this package."""
    level = 2
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame = frame.f_back
        level += 1
    warnings.warn(text, DeprecationWarning, stacklevel=level)
