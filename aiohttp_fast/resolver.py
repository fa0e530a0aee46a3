"""From host names to addresses; the rooms are ``_client.resolver`` and ``_client.async_resolver``."""

from ._client.async_resolver import AsyncResolver, DefaultResolver
from ._client.dns_library import aiodns, aiodns_default
from ._client.resolver import ThreadedResolver

__all__ = (
    "AsyncResolver",
    "DefaultResolver",
    "ThreadedResolver",
    "aiodns",
    "aiodns_default",
)
