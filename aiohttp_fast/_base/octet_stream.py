"""E-mail messages whose content type is application/octet-stream unless they say otherwise; costly to import."""

from email.message import EmailMessage

from .mime import DEFAULT_CONTENT_TYPE

__all__ = ("EnsureOctetStream",)


class EnsureOctetStream(EmailMessage):
    """A message that counts as ``application/octet-stream`` where its Content-Type is absent or no media type."""

    def get_content_type(self) -> str:
        """Return the media type in lower case."""
        kind = str(self.get("content-type", "")).partition(";")[0].strip().lower()
        return kind if kind.count("/") == 1 else DEFAULT_CONTENT_TYPE
