"""Media types (RFC 9110 8.3.1); parsed once per distinct text, in one pass over it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from multidict import MultiDict, MultiDictProxy

from .attrs_fields import AttrsFields

__all__ = ("DEFAULT_CONTENT_TYPE", "MimeType", "json_re", "parse_content_type", "parse_mimetype")

DEFAULT_CONTENT_TYPE = "application/octet-stream"

json_re = re.compile(r"application/(?:[\w.+-]+?\+)?json")  # at the start of a Content-Type, in lower case

_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)
# ";" name [ "=" ( quoted-string | anything up to the next ";" ) ]; no two parts can match the same blank twice.
_PARAMETER = re.compile(
    r""";[ \t]*(?P<name>[^=;"]*)(?:=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"[^;]*|(?P<value>[^;]*)))?""", re.DOTALL
)


@dataclass(frozen=True, slots=True, order=True)
class MimeType:
    """The parts of a media type: ``type/subtype+suffix; parameters``."""

    __attrs_attrs__ = AttrsFields()

    type: str
    subtype: str
    suffix: str
    parameters: MultiDictProxy[str]


def _parameters(text: str, start: int) -> Iterator[tuple[str, str]]:
    """Yield lower-case name and unquoted value of what begins with the ";" at *start*."""
    while start >= 0:
        match = _PARAMETER.match(text, start)
        if match is None:  # a quote where a name should be: go on behind the next ";"
            start = text.find(";", start + 1)
            continue
        name = match["name"].strip().lower()
        quoted = match["quoted"]
        value = (match["value"] or "").strip(' "\t') if quoted is None else _UNESCAPE.sub(r"\1", quoted)
        if name:
            yield name, value
        start = match.end() if match.end() < len(text) and text[match.end()] == ";" else text.find(";", match.end())


@lru_cache(maxsize=256)
def parse_mimetype(mimetype: str) -> MimeType:
    """Return the parts of *mimetype*, in lower case but for the parameters' values.

    Never raises: parts that are missing are empty, ``*`` is ``*/*``.
    """
    end = mimetype.find(";")
    full = (mimetype if end < 0 else mimetype[:end]).strip().lower()
    if full == "*":
        full = "*/*"
    kind, _, rest = full.partition("/")
    subtype, _, suffix = rest.partition("+")
    return MimeType(kind, subtype, suffix, MultiDictProxy(MultiDict(_parameters(mimetype, end))))


@lru_cache(maxsize=256)
def parse_content_type(raw: str) -> tuple[str, Mapping[str, str]]:
    """Return the media type in lower case and the parameters of a ``Content-Type`` value.

    A value that is not ``type/subtype`` counts as ``application/octet-stream``. Of
    parameters with one name the first is taken.
    """
    end = raw.find(";")
    kind = (raw if end < 0 else raw[:end]).strip().lower()
    if kind.count("/") != 1:
        kind = DEFAULT_CONTENT_TYPE
    found: dict[str, str] = {}
    for name, value in _parameters(raw, end):
        found.setdefault(name, value)
    return kind, MappingProxyType(found)
