"""Cookie jars; their room is ``_client.cookiejar``."""

from ._base.types import CookieItem
from ._client.cookiejar import CookieJar, DummyCookieJar

__all__ = (
    "CookieItem",
    "CookieJar",
    "DummyCookieJar",
)
