"""Warnings that point at the user's line, whoever stands in between.

Compiled functions have no Python frame, interpreted ones do: a fixed ``stacklevel``
would be right for one core only.
"""

import sys
import traceback
import warnings
from asyncio import AbstractEventLoop
from types import CodeType, FrameType

__all__ = ("Place", "deprecated", "users_place", "users_stack", "warn_user")

_PACKAGE = __name__.partition(".")[0]
_INSIDE = f"{_PACKAGE}."


class Place:
    """A line of somebody's code; made text only when somebody wants to read it."""

    __slots__ = ("_code", "_line")

    def __init__(self, code: CodeType, line: int) -> None:
        self._code = code
        self._line = line

    def __str__(self) -> str:
        return f"{self._code.co_filename}:{self._line}"


def _users_frame() -> FrameType:
    frame = sys._getframe(1)
    while frame.f_back is not None:
        name = frame.f_globals.get("__name__", "")
        if not name.startswith(_INSIDE) and name != _PACKAGE:
            break
        frame = frame.f_back
    return frame


def users_place() -> Place:
    """Return the innermost line under way that is not of this package."""
    frame = _users_frame()
    return Place(frame.f_code, frame.f_lineno)


def users_stack(loop: AbstractEventLoop) -> traceback.StackSummary | None:
    """Return what led to the innermost line that is not of this package; None unless *loop* debugs: it is expensive."""
    return traceback.extract_stack(_users_frame()) if loop.get_debug() else None


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
