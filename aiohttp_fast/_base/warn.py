"""Warnings that point at the user's line, whoever stands in between.

Compiled functions have no Python frame, interpreted ones do: a fixed ``stacklevel``
would be right for one core only.
"""

import sys
import warnings

__all__ = ("deprecated", "warn_user")

_PACKAGE = __name__.partition(".")[0]


def warn_user(warning: Warning) -> None:
    """Give *warning* at the innermost line that is not of this package."""
    level = 1
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame = frame.f_back
        level += 1
    warnings.warn(warning, stacklevel=level)


def deprecated(text: str) -> None:
    """Say that what the user does is deprecated."""
    warn_user(DeprecationWarning(text))
