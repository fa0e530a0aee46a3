"""Content-Disposition: its type, its parameters, and the file name they give (RFC 6266, RFC 7578 4.2, RFC 2231)."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from .warn import warn_user

__all__ = (
    "BadContentDispositionHeader",
    "BadContentDispositionParam",
    "content_disposition_filename",
    "parse_content_disposition",
)

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2
# Up to a semicolon that is not in quotes; an open quote lasts to the end, so that everything is read once.
_ITEM = re.compile(r'[^;"]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*(?:"|\\?\Z)[^;"]*+)*', re.DOTALL)
_QUOTED = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NUMBERED = re.compile(r".*\*[0-9]+\*?", re.DOTALL)


class BadContentDispositionHeader(RuntimeWarning):
    """A Content-Disposition that cannot be understood, as a whole or from some place on."""


class BadContentDispositionParam(RuntimeWarning):
    """A parameter of a Content-Disposition that cannot be understood, and is left out."""


def parse_content_disposition(header: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the type and the parameters of *header*, names in lower case.

    Quotes and escapes are removed, extended values (``name*=``) decoded; parts of a
    continued one (``name*0=``) are left for ``content_disposition_filename``. Slashes at the start of a
    quoted value are removed, those within are not: a file name is the sender's word
    and no path. What cannot be understood gives ``BadContentDispositionHeader`` and
    ``(None, {})``, or for one parameter ``BadContentDispositionParam``; both are warnings.
    """
    if not header:
        return None, {}
    first, *rest = _items(header)
    disposition = first.strip().lower()
    if not _TOKEN.fullmatch(disposition):
        return _refused(header)
    params: dict[str, str] = {}
    for item in rest:
        if not item.strip():
            warn_user(BadContentDispositionHeader(header))
            continue
        name, separator, value = item.partition("=")
        name, value = name.strip().lower(), value.strip()
        if not separator or name in params:
            return _refused(header)
        text = _value(name, value) if _TOKEN.fullmatch(name) else None
        if text is not None:
            params[name] = text
        elif _TOKEN.fullmatch(name) and "*" not in name:
            return _refused(header)
        else:
            warn_user(BadContentDispositionParam(item))
    return disposition, params


def content_disposition_filename(params: Mapping[str, str], name: str = "filename") -> str | None:
    """Return the file name in *params*: the extended one, else the plain one, else the continued one; or None."""
    for key in (f"{name}*", name):
        if key in params:
            return params[key]
    parts = list(_continued(params, name))
    if not parts:
        return None
    charset = "utf-8"
    if parts[0][1]:
        charset, _, first = _split_extended(parts[0][0]) or ("utf-8", "", parts[0][0])
        parts[0] = first, True
    try:
        return "".join(unquote(text, charset or "utf-8", "strict") if coded else text for text, coded in parts)
    except (LookupError, ValueError):
        return None


def _continued(params: Mapping[str, str], name: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a continued value, and whether each is percent-encoded (RFC 2231 4.1)."""
    number = 0
    while True:
        if (text := params.get(f"{name}*{number}")) is not None:
            yield text, False
        elif (text := params.get(f"{name}*{number}*")) is not None:
            yield text, True
        else:
            return
        number += 1


def _items(header: str) -> Iterator[str]:
    """Yield what stands between semicolons."""
    start = 0
    while start <= len(header):
        match = _ITEM.match(header, start)
        end = match.end() if match else start
        yield header[start:end]
        start = end + 1


def _value(name: str, value: str) -> str | None:
    """Return what *value* says; None if it cannot be understood."""
    quoted = _QUOTED.fullmatch(value)
    if _NUMBERED.fullmatch(name):
        return _unescaped(quoted[1]) if quoted else value if _TOKEN.fullmatch(value) else None
    if name.endswith("*"):
        return _extended(value)
    if quoted:
        return _unescaped(quoted[1]).lstrip("\\/")
    return value if _TOKEN.fullmatch(value) else None


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _split_extended(value: str) -> tuple[str, str, str] | None:
    parts = value.split("'", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def _extended(value: str) -> str | None:
    """Decode ``charset'language'percent-encoded`` (RFC 8187 3.2)."""
    parts = _split_extended(value)
    if parts is None:
        return None
    try:
        return unquote(parts[2], parts[0] or "utf-8", "strict")
    except (LookupError, ValueError):
        return None


def _refused(header: str) -> tuple[None, dict[str, str]]:
    warn_user(BadContentDispositionHeader(header))
    return None, {}
