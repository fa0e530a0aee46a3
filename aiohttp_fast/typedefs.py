"""Type aliases; their room is ``_base.types``."""

from ._base.types import (
    DEFAULT_JSON_DECODER,
    DEFAULT_JSON_ENCODER,
    Byteish,
    Handler,
    JSONBytesEncoder,
    JSONDecoder,
    JSONEncoder,
    LooseCookies,
    LooseCookiesIterables,
    LooseCookiesMappings,
    LooseHeaders,
    Middleware,
    PathLike,
    Query,
    RawHeaders,
    StrOrURL,
)

__all__ = (
    "DEFAULT_JSON_DECODER",
    "DEFAULT_JSON_ENCODER",
    "Byteish",
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
)
