"""Connectors; their room is ``_client.connector``."""

from aiohappyeyeballs import AddrInfoType, SocketFactoryType

from ._base.platform import NEEDS_CLEANUP_CLOSED
from ._base.types import Buffer
from ._client.connector.base import BaseConnector
from ._client.connector.connection import Connection
from ._client.connector.schemes import (
    EMPTY_SCHEMA_SET,
    HIGH_LEVEL_SCHEMA_SET,
    HTTP_AND_EMPTY_SCHEMA_SET,
    HTTP_SCHEMA_SET,
    WS_SCHEMA_SET,
)
from ._client.connector.tcp import TCPConnector
from ._client.connector.unix import NamedPipeConnector, UnixConnector

__all__ = (
    "EMPTY_SCHEMA_SET",
    "HIGH_LEVEL_SCHEMA_SET",
    "HTTP_AND_EMPTY_SCHEMA_SET",
    "HTTP_SCHEMA_SET",
    "NEEDS_CLEANUP_CLOSED",
    "WS_SCHEMA_SET",
    "AddrInfoType",
    "BaseConnector",
    "Buffer",
    "Connection",
    "NamedPipeConnector",
    "SocketFactoryType",
    "TCPConnector",
    "UnixConnector",
)
