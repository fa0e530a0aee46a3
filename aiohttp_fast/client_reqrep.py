"""Requests and responses; their rooms are ``_client.request``, ``_client.response`` and ``_client.info``."""

from types import MappingProxyType

from ._base.mime import json_re
from ._client.connector.tls import SSL_ALLOWED_TYPES
from ._client.disposition import ContentDisposition
from ._client.fingerprint import Fingerprint
from ._client.info import ConnectionKey, RequestInfo
from ._client.request import ClientRequest
from ._client.response import ClientResponse
from ._client.upload import UploadTracker

__all__ = (
    "SSL_ALLOWED_TYPES",
    "ClientRequest",
    "ClientResponse",
    "ConnectionKey",
    "ContentDisposition",
    "Fingerprint",
    "MappingProxyType",
    "RequestInfo",
    "UploadTracker",
    "json_re",
)
