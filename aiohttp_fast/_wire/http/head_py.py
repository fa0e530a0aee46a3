"""The head writer without compiled code: join first, then test the whole at once."""

from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy, istr

from .head_rules import check_fields, check_line, check_pairs, check_request_line
from .message import HttpVersion, HttpVersion11

__all__ = ("serialize_head", "serialize_request_head")

_ALWAYS_PAIRS = (CIMultiDict, CIMultiDictProxy, dict)
_KNOWN_LIMIT = 512  # names are few; the bound is for those who make them up
_known: set[str] = set()  # header names and methods that proved to be tokens


def _pairs_of(headers: Any) -> list[tuple[str, str]]:
    items = getattr(headers, "items", None)
    pairs = list(headers if items is None else items())
    if type(headers) not in _ALWAYS_PAIRS:
        check_pairs(pairs)
    return pairs


def _remember(tokens: list[str]) -> None:
    if len(_known) + len(tokens) > _KNOWN_LIMIT:
        _known.clear()
    _known.update([token for token in tokens if type(token) is str or type(token) is istr])


def _lines_of(pairs: list[tuple[str, str]]) -> list[str]:
    """Return the field lines; any doubt is settled by the exact rules."""
    try:
        lines = list(map(": ".join, pairs))
        if "".join(lines).isprintable() and _known.issuperset([name for name, _ in pairs]):
            return lines
    except TypeError:  # not all of them are str
        pass
    check_fields(pairs)
    _remember([name for name, _ in pairs])
    return list(map(": ".join, pairs))


def _join(start_line: str, lines: list[str]) -> bytes:
    return "\r\n".join([start_line, *lines, "", ""]).encode("utf-8", "surrogateescape")


def _request_line(method: str, target: str, version: HttpVersion) -> str:
    is_usual = version is HttpVersion11 and type(method) is str and method in _known and type(target) is str
    if not is_usual or not target or not target.isprintable() or " " in target:
        check_request_line(method, target, version)
        _remember([method])
    return f"{method} {target} HTTP/{version[0]}.{version[1]}"


def serialize_head(start_line: str, headers: Any) -> bytes:
    """Return start line, fields and the empty line."""
    pairs = _pairs_of(headers)
    check_line(start_line)
    return _join(start_line, _lines_of(pairs))


def serialize_request_head(method: str, target: str, headers: Any, version: HttpVersion = HttpVersion11) -> bytes:
    """Return request line, fields and the empty line."""
    pairs = _pairs_of(headers)
    return _join(_request_line(method, target, version), _lines_of(pairs))
