"""Middlewares of the client; their room is ``_client.middlewares``."""

from ._client.middlewares import ClientHandlerType, ClientMiddlewareType, build_client_middlewares

__all__ = (
    "ClientHandlerType",
    "ClientMiddlewareType",
    "build_client_middlewares",
)
