"""Loggers; their room is ``_base.log``."""

from ._base.log import access_logger, client_logger, internal_logger, server_logger, web_logger, ws_logger

__all__ = (
    "access_logger",
    "client_logger",
    "internal_logger",
    "server_logger",
    "web_logger",
    "ws_logger",
)
