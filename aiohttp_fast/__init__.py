"""A faster, safer drop-in replacement for aiohttp: asyncio HTTP client."""

from ._base import hdrs
from ._base.disposition import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    content_disposition_filename,
    parse_content_disposition,
)
from ._base.speed import COMPILED
from ._base.version import __version__
from ._client.async_resolver import AsyncResolver
from ._client.auth import BasicAuth, encode_basic_auth
from ._client.connector.base import BaseConnector
from ._client.connector.tcp import TCPConnector
from ._client.connector.unix import NamedPipeConnector, UnixConnector
from ._client.cookiejar import CookieJar, DummyCookieJar
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
    FingerprintMismatch,
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
from ._client.options import ClientTimeout
from ._client.request import ClientRequest
from ._client.resolver import DefaultResolver, ThreadedResolver
from ._client.response import ClientResponse
from ._client.session import ClientSession, request, ws_connect
from ._client.websocket import ClientWebSocketResponse, ClientWSTimeout
from ._stream.formdata import FormData
from ._stream.payload import PAYLOAD_REGISTRY, Payload, get_payload, payload_type
from ._stream.payload_kinds import (
    AsyncIterablePayload,
    BufferedReaderPayload,
    BytesIOPayload,
    BytesPayload,
    IOBasePayload,
    JsonPayload,
    StringIOPayload,
    StringPayload,
    TextIOPayload,
)
from ._stream.queue import DataQueue, EofStream, FlowControlDataQueue
from ._stream.reader import EMPTY_PAYLOAD, StreamReader
from ._wire.coding import set_zlib_backend
from ._wire.http.message import HttpVersion, HttpVersion10, HttpVersion11
from ._wire.ws.models import WebSocketError, WSCloseCode, WSMessage, WSMsgType

__all__ = (
    "EMPTY_PAYLOAD",
    "IMPLEMENTATION",
    "PAYLOAD_REGISTRY",
    "AsyncIterablePayload",
    "AsyncResolver",
    "BadContentDispositionHeader",
    "BadContentDispositionParam",
    "BaseConnector",
    "BasicAuth",
    "BufferedReaderPayload",
    "BytesIOPayload",
    "BytesPayload",
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
    "CookieJar",
    "DataQueue",
    "DefaultResolver",
    "DummyCookieJar",
    "EofStream",
    "Fingerprint",
    "FingerprintMismatch",
    "FlowControlDataQueue",
    "FormData",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "IOBasePayload",
    "InvalidURL",
    "InvalidUrlClientError",
    "InvalidUrlRedirectClientError",
    "JsonPayload",
    "NamedPipeConnector",
    "NonHttpUrlClientError",
    "NonHttpUrlRedirectClientError",
    "Payload",
    "RedirectClientError",
    "RequestInfo",
    "ServerConnectionError",
    "ServerDisconnectedError",
    "ServerFingerprintMismatch",
    "ServerTimeoutError",
    "SocketTimeoutError",
    "StreamReader",
    "StringIOPayload",
    "StringPayload",
    "TCPConnector",
    "TextIOPayload",
    "ThreadedResolver",
    "TooManyRedirects",
    "UnixConnector",
    "UploadAbortedError",
    "WSCloseCode",
    "WSMessage",
    "WSMessageTypeError",
    "WSMsgType",
    "WSServerHandshakeError",
    "WebSocketError",
    "__version__",
    "content_disposition_filename",
    "encode_basic_auth",
    "get_payload",
    "hdrs",
    "parse_content_disposition",
    "payload_type",
    "request",
    "set_zlib_backend",
    "ws_connect",
)

IMPLEMENTATION = "compiled" if COMPILED else "pure"
