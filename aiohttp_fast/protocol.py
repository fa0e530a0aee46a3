"""The HTTP version, where the aiohttp of old had it; its room is ``_wire.http.message``."""

from ._wire.http.message import HttpVersion, HttpVersion10, HttpVersion11

__all__ = (
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
)
