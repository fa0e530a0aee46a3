"""Type, charset and length of a body as its message's fields state them."""

from collections.abc import Mapping
from typing import Any

from ..._base import hdrs
from ..._base.mime import DEFAULT_CONTENT_TYPE, parse_content_type
from ..._base.types import sentinel

__all__ = ("HeadersMixin",)


class HeadersMixin:
    """Reads what the fields in ``self.headers`` say about the body.

    A subclass provides ``headers``, a case-insensitive mapping. What was parsed is
    kept until the field changes.
    """

    ATTRS = frozenset(("_content_dict", "_content_type", "_stored_content_type"))

    headers: Any
    _content_type: str = DEFAULT_CONTENT_TYPE
    _content_dict: Mapping[str, str] | None = None
    _stored_content_type: Any = sentinel

    def _parse_content_type(self, raw: str | None) -> None:
        self._stored_content_type = raw
        if raw is None:
            self._content_type, self._content_dict = DEFAULT_CONTENT_TYPE, {}
        else:
            self._content_type, self._content_dict = parse_content_type(raw)

    @property
    def content_type(self) -> str:
        """The media type in lower case; ``application/octet-stream`` where none is stated."""
        raw = self.headers.get(hdrs.CONTENT_TYPE)
        if self._stored_content_type != raw:
            self._parse_content_type(raw)
        return self._content_type

    @property
    def charset(self) -> str | None:
        """The parameter ``charset`` of the content type; None where it is not stated."""
        raw = self.headers.get(hdrs.CONTENT_TYPE)
        if self._stored_content_type != raw:
            self._parse_content_type(raw)
        return (self._content_dict or {}).get("charset") or None

    @property
    def content_length(self) -> int | None:
        """The length in bytes that is stated, None where none is.

        ``ValueError`` for a field that is no decimal number (RFC 9110 8.6).
        """
        raw = self.headers.get(hdrs.CONTENT_LENGTH)
        if raw is None:
            return None
        if not (raw.isascii() and raw.isdigit()):
            raise ValueError(f"invalid Content-Length {raw!r}")
        return int(raw)
