"""The client; its rooms are those of ``_client``."""

from ssl import SSLContext

from yarl import URL

from ._client.alone import request
from ._client.connector.base import BaseConnector
from ._client.connector.tcp import TCPConnector
from ._client.connector.unix import NamedPipeConnector, UnixConnector
from ._client.context import _RequestContextManager, _SessionRequestContextManager, _WSRequestContextManager
from ._client.exceptions import (
    ClientConnectionError,
    ClientConnectionResetError,
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientError,
    ClientHttpProxyError,
    ClientOSError,
    ClientPayloadError,
    ClientProxyConnectionError,
    ClientResponseError,
    ClientSSLError,
    ConnectionTimeoutError,
    ContentTypeError,
    InvalidURL,
    InvalidUrlClientError,
    InvalidUrlRedirectClientError,
    NonHttpUrlClientError,
    NonHttpUrlRedirectClientError,
    RedirectClientError,
    ServerConnectionError,
    ServerDisconnectedError,
    ServerFingerprintMismatch,
    ServerTimeoutError,
    SocketTimeoutError,
    TooManyRedirects,
    UploadAbortedError,
    WSMessageTypeError,
    WSServerHandshakeError,
)
from ._client.fingerprint import Fingerprint
from ._client.info import RequestInfo
from ._client.options import DEFAULT_TIMEOUT, ClientTimeout
from ._client.options import RequestOptions as _RequestOptions
from ._client.request import ClientRequest
from ._client.response import ClientResponse
from ._client.session import ClientSession
from ._client.turn import IDEMPOTENT_METHODS
from ._client.upload import UploadTracker
from ._client.websocket import ClientWebSocketResponse, ClientWSTimeout

__all__ = (
    "DEFAULT_TIMEOUT",
    "IDEMPOTENT_METHODS",
    "URL",
    "BaseConnector",
    "ClientConnectionError",
    "ClientConnectionResetError",
    "ClientConnectorCertificateError",
    "ClientConnectorDNSError",
    "ClientConnectorError",
    "ClientConnectorSSLError",
    "ClientError",
    "ClientHttpProxyError",
    "ClientOSError",
    "ClientPayloadError",
    "ClientProxyConnectionError",
    "ClientRequest",
    "ClientResponse",
    "ClientResponseError",
    "ClientSSLError",
    "ClientSession",
    "ClientTimeout",
    "ClientWSTimeout",
    "ClientWebSocketResponse",
    "ConnectionTimeoutError",
    "ContentTypeError",
    "Fingerprint",
    "InvalidURL",
    "InvalidUrlClientError",
    "InvalidUrlRedirectClientError",
    "NamedPipeConnector",
    "NonHttpUrlClientError",
    "NonHttpUrlRedirectClientError",
    "RedirectClientError",
    "RequestInfo",
    "SSLContext",
    "ServerConnectionError",
    "ServerDisconnectedError",
    "ServerFingerprintMismatch",
    "ServerTimeoutError",
    "SocketTimeoutError",
    "TCPConnector",
    "TooManyRedirects",
    "UnixConnector",
    "UploadAbortedError",
    "UploadTracker",
    "WSMessageTypeError",
    "WSServerHandshakeError",
    "_RequestContextManager",
    "_RequestOptions",
    "_SessionRequestContextManager",
    "_WSRequestContextManager",
    "request",
)
