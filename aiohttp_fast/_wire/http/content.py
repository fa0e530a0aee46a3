"""Type, charset and length of a body as its message's fields state them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._base import hdrs
from ..._base.later import later
from ..._base.types import sentinel

if TYPE_CHECKING:
    from ..._base import mime
else:
    mime = later("..._base.mime", __name__)

__all__ = ("HeadersMixin",)

_UNKNOWN_TYPE = "application/octet-stream"


class HeadersMixin:
    """Reads what the fields in ``self.headers`` say about the body.

    A subclass provides ``headers``, a case-insensitive mapping. What was parsed is
    kept until the field changes.
    """

    ATTRS = frozenset(("_content_dict", "_content_type", "_stored_content_type"))

    headers: Any
    _content_type: str = _UNKNOWN_TYPE
    _content_dict: Mapping[str, str] | None = None
    _stored_content_type: Any = sentinel

    def _parse_content_type(self, raw: str | None) -> None:
        self._stored_content_type = raw
        if raw is None:
            self._content_type, self._content_dict = _UNKNOWN_TYPE, {}
        else:
            self._content_type, self._content_dict = mime.parse_content_type(raw)

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
