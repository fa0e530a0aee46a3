"""WebSocket words: message types, close codes, messages and errors (RFC 6455 5.2, 7.4)."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

from ..._base.types import DEFAULT_JSON_DECODER

__all__ = (
    "WS_CLOSED_MESSAGE",
    "WS_CLOSING_MESSAGE",
    "WSCloseCode",
    "WSHandshakeError",
    "WSMessage",
    "WSMessageDecodeText",
    "WSMessageNoDecodeText",
    "WSMessageTextBytes",
    "WSMsgType",
    "WebSocketError",
)


class WSCloseCode(IntEnum):
    """Why a WebSocket is closed (RFC 6455 7.4.1 and the IANA registry)."""

    OK = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    ABNORMAL_CLOSURE = 1006
    INVALID_TEXT = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014


class WSMsgType(IntEnum):
    """The kind of a message: an opcode (RFC 6455 5.2), or above 255 what the package has to say."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    PING = 0x9
    PONG = 0xA
    CLOSE = 0x8

    CLOSING = 0x100  # close() was called while this message was waited for
    CLOSED = 0x101  # there will be no more messages
    ERROR = 0x102  # data is the exception that ended the connection

    text = TEXT
    binary = BINARY
    ping = PING
    pong = PONG
    close = CLOSE
    closing = CLOSING
    closed = CLOSED
    error = ERROR


class WSMessage(NamedTuple):
    """What was received: *data* is str, bytes, a close code or an exception, as *type* has it.

    *extra* is the reason of a CLOSE message, and otherwise empty.
    """

    type: WSMsgType
    data: Any
    extra: str | None

    def json(self, *, loads: Callable[[str | bytes | bytearray], Any] = DEFAULT_JSON_DECODER) -> Any:
        """Return the data parsed as JSON."""
        return loads(self.data)


class WSMessageTextBytes(NamedTuple):
    """A text message whose data was left as UTF-8 bytes, as ``decode_text=False`` asks for."""

    type: WSMsgType
    data: bytes
    extra: str | None

    def json(self, *, loads: Callable[[str | bytes | bytearray], Any] = DEFAULT_JSON_DECODER) -> Any:
        """Return the data parsed as JSON."""
        return loads(self.data)


WSMessageDecodeText = WSMessage
WSMessageNoDecodeText = WSMessage | WSMessageTextBytes

WS_CLOSED_MESSAGE = WSMessage(WSMsgType.CLOSED, None, None)
WS_CLOSING_MESSAGE = WSMessage(WSMsgType.CLOSING, None, None)


class WebSocketError(Exception):
    """The peer broke the protocol, or a limit; *code* is the close code that it is told."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(code, message)

    def __str__(self) -> str:
        return str(self.args[1])


class WSHandshakeError(Exception):
    """An opening handshake that cannot be accepted (RFC 6455 4)."""
