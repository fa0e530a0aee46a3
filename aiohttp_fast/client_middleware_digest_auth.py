"""Digest authentication; its rooms are ``_client.digest_auth`` and ``_client.digest_challenge``."""

from ._client.digest_auth import (
    QUOTED_AUTH_FIELDS,
    SUPPORTED_ALGORITHMS,
    DigestAuthMiddleware,
    DigestFunctions,
    escape_quotes,
    parse_header_pairs,
    unescape_quotes,
)

__all__ = (
    "QUOTED_AUTH_FIELDS",
    "SUPPORTED_ALGORITHMS",
    "DigestAuthMiddleware",
    "DigestFunctions",
    "escape_quotes",
    "parse_header_pairs",
    "unescape_quotes",
)
