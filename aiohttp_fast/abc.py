"""Abstract classes; their rooms are ``_base.server_abc``, ``_client.abc`` and ``_stream.abc``."""

from ._base.server_abc import AbstractAccessLogger, AbstractMatchInfo, AbstractRouter, AbstractView
from ._client.abc import AbstractCookieJar, AbstractResolver, ClearCookiePredicate, ResolveResult
from ._stream.abc import AbstractStreamWriter

__all__ = (
    "AbstractAccessLogger",
    "AbstractCookieJar",
    "AbstractMatchInfo",
    "AbstractResolver",
    "AbstractRouter",
    "AbstractStreamWriter",
    "AbstractView",
    "ClearCookiePredicate",
    "ResolveResult",
)
