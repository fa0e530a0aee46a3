"""A faster, safer drop-in replacement for aiohttp: asyncio HTTP client."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import hdrs
from ._base.speed import COMPILED
from ._base.version import __version__
from ._client.alone import request, ws_connect
from ._client.async_resolver import AsyncResolver, DefaultResolver
from ._client.auth import BasicAuth, encode_basic_auth
from ._client.connector.base import BaseConnector
from ._client.connector.tcp import TCPConnector
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
    ClientPayloadSizeError,
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
    TotalTimeoutError,
    UploadAbortedError,
    WSMessageTypeError,
    WSServerHandshakeError,
    WSTimeoutError,
)
from ._client.fingerprint import Fingerprint
from ._client.info import RequestInfo
from ._client.middlewares import ClientHandlerType, ClientMiddlewareType
from ._client.options import ClientTimeout
from ._client.request import ClientRequest
from ._client.resolver import ThreadedResolver
from ._client.response import ClientResponse
from ._client.session import ClientSession
from ._install import DOORS, install, uninstall
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
from ._stream.reader import EMPTY_PAYLOAD, StreamReader
from ._wire.http.message import HttpVersion, HttpVersion10, HttpVersion11

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType, SocketFactoryType

    from ._base.disposition import (
        BadContentDispositionHeader,
        BadContentDispositionParam,
        content_disposition_filename,
        parse_content_disposition,
    )
    from ._base.etag import ETag
    from ._base.keys import ChainMapProxy
    from ._client.connector.stats import ConnectorStats
    from ._client.connector.unix import NamedPipeConnector, UnixConnector
    from ._client.digest_auth import DigestAuthMiddleware
    from ._client.dns_resolver import DNSResolver
    from ._client.trace_params import (
        TraceConnectionCreateEndParams,
        TraceConnectionCreateStartParams,
        TraceConnectionQueuedEndParams,
        TraceConnectionQueuedStartParams,
        TraceConnectionReuseconnParams,
        TraceDnsCacheHitParams,
        TraceDnsCacheMissParams,
        TraceDnsResolveHostEndParams,
        TraceDnsResolveHostStartParams,
        TraceRequestChunkSentParams,
        TraceRequestEndParams,
        TraceRequestExceptionParams,
        TraceRequestHeadersSentParams,
        TraceRequestRedirectParams,
        TraceRequestStartParams,
        TraceResponseChunkReceivedParams,
    )
    from ._client.tracing import TraceConfig
    from ._client.upload import UploadTracker
    from ._client.websocket import ClientWebSocketResponse, ClientWSTimeout
    from ._stream.formdata import FormData
    from ._stream.multipart_reader import MultipartReader
    from ._stream.multipart_writer import MultipartWriter
    from ._stream.part_reader import BodyPartReader
    from ._stream.queue import DataQueue, EofStream, FlowControlDataQueue
    from ._stream.streamer import streamer
    from ._wire.coding import set_zlib_backend
    from ._wire.ws.models import WebSocketError, WSCloseCode, WSMessage, WSMsgType

__all__ = (
    "EMPTY_PAYLOAD",
    "IMPLEMENTATION",
    "PAYLOAD_REGISTRY",
    "AddrInfoType",
    "AsyncIterablePayload",
    "AsyncResolver",
    "BadContentDispositionHeader",
    "BadContentDispositionParam",
    "BaseConnector",
    "BasicAuth",
    "BodyPartReader",
    "BufferedReaderPayload",
    "BytesIOPayload",
    "BytesPayload",
    "ChainMapProxy",
    "ClientConnectionError",
    "ClientConnectionResetError",
    "ClientConnectorCertificateError",
    "ClientConnectorDNSError",
    "ClientConnectorError",
    "ClientConnectorSSLError",
    "ClientError",
    "ClientHandlerType",
    "ClientHttpProxyError",
    "ClientMiddlewareType",
    "ClientOSError",
    "ClientPayloadError",
    "ClientPayloadSizeError",
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
    "ConnectorStats",
    "ContentTypeError",
    "CookieJar",
    "DNSResolver",
    "DataQueue",
    "DefaultResolver",
    "DigestAuthMiddleware",
    "DummyCookieJar",
    "ETag",
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
    "MultipartReader",
    "MultipartWriter",
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
    "SocketFactoryType",
    "SocketTimeoutError",
    "StreamReader",
    "StringIOPayload",
    "StringPayload",
    "TCPConnector",
    "TextIOPayload",
    "ThreadedResolver",
    "TooManyRedirects",
    "TotalTimeoutError",
    "TraceConfig",
    "TraceConnectionCreateEndParams",
    "TraceConnectionCreateStartParams",
    "TraceConnectionQueuedEndParams",
    "TraceConnectionQueuedStartParams",
    "TraceConnectionReuseconnParams",
    "TraceDnsCacheHitParams",
    "TraceDnsCacheMissParams",
    "TraceDnsResolveHostEndParams",
    "TraceDnsResolveHostStartParams",
    "TraceRequestChunkSentParams",
    "TraceRequestEndParams",
    "TraceRequestExceptionParams",
    "TraceRequestHeadersSentParams",
    "TraceRequestRedirectParams",
    "TraceRequestStartParams",
    "TraceResponseChunkReceivedParams",
    "UnixConnector",
    "UploadAbortedError",
    "UploadTracker",
    "WSCloseCode",
    "WSMessage",
    "WSMessageTypeError",
    "WSMsgType",
    "WSServerHandshakeError",
    "WSTimeoutError",
    "WebSocketError",
    "__version__",
    "content_disposition_filename",
    "encode_basic_auth",
    "get_payload",
    "hdrs",
    "install",
    "parse_content_disposition",
    "payload_type",
    "request",
    "set_zlib_backend",
    "streamer",
    "uninstall",
    "ws_connect",
)

# What a program may do without, and where it is; loaded when it is first looked at, as the doors are.
# Type checkers, who run nothing, read the same under TYPE_CHECKING.
_LATER = {
    name: module
    for module, names in (
        (
            "._base.disposition",
            "BadContentDispositionHeader BadContentDispositionParam content_disposition_filename "
            "parse_content_disposition",
        ),
        ("._base.etag", "ETag"),
        ("._base.keys", "ChainMapProxy"),
        ("._client.connector.stats", "ConnectorStats"),
        ("._client.connector.unix", "NamedPipeConnector UnixConnector"),
        ("._client.digest_auth", "DigestAuthMiddleware"),
        ("._client.dns_resolver", "DNSResolver"),
        (
            "._client.trace_params",
            "TraceConnectionCreateEndParams TraceConnectionCreateStartParams TraceConnectionQueuedEndParams "
            "TraceConnectionQueuedStartParams TraceConnectionReuseconnParams TraceDnsCacheHitParams "
            "TraceDnsCacheMissParams TraceDnsResolveHostEndParams TraceDnsResolveHostStartParams "
            "TraceRequestChunkSentParams TraceRequestEndParams TraceRequestExceptionParams "
            "TraceRequestHeadersSentParams TraceRequestRedirectParams TraceRequestStartParams "
            "TraceResponseChunkReceivedParams",
        ),
        ("._client.tracing", "TraceConfig"),
        ("._client.upload", "UploadTracker"),
        ("._client.websocket", "ClientWSTimeout ClientWebSocketResponse"),
        ("._stream.formdata", "FormData"),
        ("._stream.multipart_reader", "MultipartReader"),
        ("._stream.multipart_writer", "MultipartWriter"),
        ("._stream.part_reader", "BodyPartReader"),
        ("._stream.queue", "DataQueue EofStream FlowControlDataQueue"),
        ("._stream.streamer", "streamer"),
        ("._wire.coding", "set_zlib_backend"),
        ("._wire.ws.models", "WSCloseCode WSMessage WSMsgType WebSocketError"),
        ("aiohappyeyeballs", "AddrInfoType SocketFactoryType"),
    )
    for name in names.split()
}

IMPLEMENTATION = "compiled" if COMPILED else "pure"


if not TYPE_CHECKING:  # who would take every name for one that is there

    def __getattr__(name: str) -> Any:
        if name in DOORS:
            return import_module(f"{__name__}.{name}")
        if name in _LATER:
            value = globals()[name] = getattr(import_module(_LATER[name], __name__), name)
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *DOORS, *_LATER})
