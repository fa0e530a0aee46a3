"""Values of options that can have no sense are refused here, by name, before they do harm.

What is asked of a value is what is done with it: objects that only behave as the right ones pass.
Each check begins with one comparison that good values pass.
"""

from math import inf, nan
from numbers import Real
from operator import index
from typing import Any

__all__ = ("HUGE", "check_callable", "check_flag", "check_has", "check_number", "check_text", "shown_value", "whole")

HUGE = 1e300  # numbers from here on are looked at: some ints are no float
_SHOWN = 100  # characters of a value that an error quotes


def shown_value(value: object) -> str:
    """Return *value* as ``repr`` does, cut so that a message stays readable."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def whole(name: str, value: Any, wanted: str = "0 or more", endless: int | None = None) -> int:
    """Return the whole number, 0 or more, that *value* of the option *name* stands for.

    A float without a fraction is one too, and infinity where *endless* is what stands for it; False is 0.
    Raises ``TypeError`` for what is no whole number, and for True, which nobody means as 1; ``ValueError`` for
    what is below 0. The error says that *wanted* is expected.
    """
    if type(value) is int and value >= 0:
        return value
    number = None
    if isinstance(value, float):
        if value == inf and endless is not None:
            return endless
        if value.is_integer():
            number = int(value)
    elif value is not True:
        try:
            number = index(value)
        except TypeError:
            pass
    if number is None:
        raise TypeError(f"{name} must be an int, {wanted}, not {shown_value(value)}")
    if number < 0:
        raise ValueError(f"{name} must be {wanted}, not {shown_value(value)}")
    return number


def check_number(name: str, value: Any, wanted: str = "a number of seconds", least: float = 0) -> None:
    """Raise unless *value* of the option *name* is a number of at least *least*.

    ``TypeError`` for what is no real number, and for True, which nobody means as 1; ``ValueError`` for NaN and for
    what is below *least*. The error says that *wanted* is expected.
    """
    if type(value) in (float, int) and least <= value < HUGE:
        return
    if value is True or not isinstance(value, Real):
        raise TypeError(f"{name} must be {wanted}, not {shown_value(value)}")
    try:
        number = float(value)
    except OverflowError:  # no clock can tell
        number = nan
    if not number >= least:
        raise ValueError(f"{name} must be {wanted}{', 0 or more' if least == 0 else ''}, not {shown_value(value)}")


def check_flag(name: str, value: Any) -> None:
    """Raise ``TypeError`` unless *value* of the option *name* is True or False."""
    if value is not True and value is not False:
        raise TypeError(f"{name} must be True or False, not {shown_value(value)}")


def check_text(name: str, value: Any) -> None:
    """Raise ``TypeError`` unless *value* of the option *name* is a str; it may be a secret, and is not quoted."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")


def check_callable(name: str, value: Any, wanted: str = "a function") -> None:
    """Raise ``TypeError`` unless *value* of the option *name* can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be {wanted}, not {shown_value(value)}")


def check_has(name: str, value: Any, attribute: str, wanted: str) -> None:
    """Raise ``TypeError`` unless *value* of the option *name* has *attribute*: whatever behaves as *wanted* will do."""
    if not hasattr(value, attribute):
        raise TypeError(f"{name} must be {wanted}, not {shown_value(value)}")
