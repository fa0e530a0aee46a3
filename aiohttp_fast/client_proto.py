"""A client connection; its room is ``_client.protocol``."""

from ._client.protocol import ResponseHandler

__all__ = ("ResponseHandler",)
