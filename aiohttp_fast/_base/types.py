"""Type aliases of the public API, the mark for "not given", and the default JSON functions."""

import json
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Union

from multidict import CIMultiDict, CIMultiDictProxy, istr
from yarl import URL, Query

if TYPE_CHECKING:
    from http.cookies import BaseCookie, Morsel

__all__ = (
    "DEFAULT_JSON_DECODER",
    "DEFAULT_JSON_ENCODER",
    "Buffer",
    "Byteish",
    "CookieItem",
    "Handler",
    "JSONBytesEncoder",
    "JSONDecoder",
    "JSONEncoder",
    "LooseCookies",
    "LooseCookiesIterables",
    "LooseCookiesMappings",
    "LooseHeaders",
    "Middleware",
    "PathLike",
    "Query",
    "RawHeaders",
    "StrOrURL",
    "sentinel",
)

DEFAULT_JSON_ENCODER = json.dumps
DEFAULT_JSON_DECODER = json.loads


class _SENTINEL(Enum):  # its member's repr is part of the signatures in the API
    sentinel = 1


sentinel = _SENTINEL.sentinel

ABSENT = None
"""What stands for names that a module of the API has at run time without their meaning, for its type hints alone."""

Byteish = bytes | bytearray | memoryview
Buffer = Byteish
JSONEncoder = Callable[[Any], str]
JSONBytesEncoder = Callable[[Any], bytes]
JSONDecoder = Callable[[str], Any]
LooseHeaders = (
    Mapping[str, str] | Mapping[istr, str] | CIMultiDict[str] | CIMultiDictProxy[str] | Iterable[tuple[str | istr, str]]
)
RawHeaders = tuple[tuple[bytes, bytes], ...]
StrOrURL = str | URL
LooseCookiesMappings = Mapping[str, "str | BaseCookie[str] | Morsel[Any]"]
LooseCookiesIterables = Iterable[tuple[str, "str | BaseCookie[str] | Morsel[Any]"]]
LooseCookies = Union[LooseCookiesMappings, LooseCookiesIterables, "BaseCookie[str]"]
PathLike = str | os.PathLike[str]
CookieItem = Union[str, "Morsel[str]"]
Handler = Callable[[Any], Awaitable[Any]]  # from a server's request to its response
Middleware = Callable[[Any, Handler], Awaitable[Any]]
