"""HTTP's messages; their rooms are ``_wire.http`` and ``_stream``."""

from ._base.version import SERVER_SOFTWARE
from ._stream.field_parser import HeadersParser
from ._stream.message_parser import HttpParser, HttpRequestParser, HttpResponseParser
from ._stream.raw_message import RawRequestMessage, RawResponseMessage
from ._stream.writer import StreamWriter
from ._stream.ws_writer import WebSocketWriter
from ._wire.errors import HttpProcessingError
from ._wire.http.message import HttpVersion, HttpVersion10, HttpVersion11
from ._wire.http.status import RESPONSES
from ._wire.ws.handshake import WS_KEY, ws_ext_gen, ws_ext_parse
from ._wire.ws.models import (
    WS_CLOSED_MESSAGE,
    WS_CLOSING_MESSAGE,
    WebSocketError,
    WSCloseCode,
    WSMessage,
    WSMessageDecodeText,
    WSMessageNoDecodeText,
    WSMessageTextBytes,
    WSMsgType,
)
from ._wire.ws.reader import WebSocketReader

__all__ = (
    "RESPONSES",
    "SERVER_SOFTWARE",
    "WS_CLOSED_MESSAGE",
    "WS_CLOSING_MESSAGE",
    "WS_KEY",
    "HeadersParser",
    "HttpParser",
    "HttpProcessingError",
    "HttpRequestParser",
    "HttpResponseParser",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "RawRequestMessage",
    "RawResponseMessage",
    "StreamWriter",
    "WSCloseCode",
    "WSMessage",
    "WSMessageDecodeText",
    "WSMessageNoDecodeText",
    "WSMessageTextBytes",
    "WSMsgType",
    "WebSocketError",
    "WebSocketReader",
    "WebSocketWriter",
    "ws_ext_gen",
    "ws_ext_parse",
)
