"""The exact rules for an outgoing head, and the errors that say which part broke one.

Both head writers test quickly, and come here when a test fails; so both refuse with
the same words. Values may be secrets: a message gives the character, never the value.
"""

from collections.abc import Iterable
from typing import Any

from ..errors import shown

__all__ = ("check_fields", "check_line", "check_pairs", "check_request_line", "check_version")

TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
CONTROLS = frozenset(map(chr, (*range(9), *range(10, 32), 127)))  # HTAB is fine in a value
BLANKS = frozenset("\t ")
_ALLOWED = "letters, digits and !#$%&'*+-.^_`|~ are allowed"


def check_pairs(pairs: Iterable[Any]) -> None:
    """Raise TypeError unless every item is a tuple or list of two."""
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"Headers must be (name, value) pairs, not {type(pair).__name__}")


def _check_text(what: str, text: object, blanks: bool = True) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{what} must be str, not {type(text).__name__}")
    if text.isprintable() and (blanks or " " not in text):
        return
    for index, char in enumerate(text):
        lone = "\ud800" <= char <= "\udc7f" or "\udd00" <= char <= "\udfff"  # stands for no byte
        if lone or char in CONTROLS or (char in BLANKS and not blanks):
            raise ValueError(f"{what} has the forbidden character {char!r} at index {index} (header injection?)")


def _check_token(what: str, token: object) -> None:
    if not isinstance(token, str):
        raise TypeError(f"{what} must be str, not {type(token).__name__}")
    if not token or not TOKEN.issuperset(token):
        raise ValueError(f"{what} {shown(token)} is not a token: {_ALLOWED} (RFC 9110 5.6.2)")


def check_line(line: object) -> None:
    """Raise unless *line* is text without control characters."""
    _check_text("The start line", line)


def check_version(version: object) -> None:
    """Raise unless *version* is a pair of digits (RFC 9112 2.3)."""
    if not isinstance(version, tuple) or len(version) != 2 or not all(isinstance(part, int) for part in version):
        raise TypeError(f"The HTTP version must be a pair of int, not {type(version).__name__}")
    if not all(0 <= part <= 9 for part in version):
        raise ValueError("The HTTP version must be a pair of digits (RFC 9112 2.3)")


def check_request_line(method: object, target: object, version: object) -> None:
    """Raise unless the method is a token, the target has no blank or control, the version two digits."""
    _check_token("The method", method)
    if target == "":
        raise ValueError("The request target is empty (RFC 9112 3.2)")
    _check_text("The request target", target, blanks=False)
    check_version(version)


def check_fields(pairs: Iterable[tuple[Any, Any]]) -> None:
    """Raise for the first field with a name that is no token, or a forbidden character in its value."""
    for name, value in pairs:
        _check_token("The header name", name)
        _check_text(f"The value of header {shown(name)}", value)
