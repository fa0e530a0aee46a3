"""From a session to a WebSocket: the opening handshake over an ordinary request (RFC 6455 4)."""

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from numbers import Real
from sys import maxsize
from typing import Any

from multidict import CIMultiDict

from .._base import hdrs
from .._base.checks import check_number, shown_value, whole
from .._base.types import LooseHeaders, sentinel
from .._base.warn import deprecated
from .._stream.ws_queue import WebSocketQueue
from .._stream.ws_writer import WebSocketWriter
from .._wire.ws.handshake import Agreement, check_answer, make_key, subprotocols, ws_ext_gen
from .._wire.ws.models import WSHandshakeError
from .._wire.ws.reader import WebSocketReader
from .circumstances import Phase
from .exceptions import ServerDisconnectedError, WSServerHandshakeError
from .options import NO_LIMIT, as_fields
from .response import ClientResponse
from .websocket import DEFAULT_WS_CLIENT_TIMEOUT, ClientWebSocketResponse, ClientWSTimeout

__all__ = ("Handshake", "close_timeout")

_MAX_MEM_LEVEL = 9


def close_timeout(timeout: Any, receive_timeout: float | None) -> ClientWSTimeout:
    """Return what ``timeout`` and the old ``receive_timeout`` say; a number is the limit of the closing handshake."""
    if timeout is sentinel:
        limits = DEFAULT_WS_CLIENT_TIMEOUT
    elif isinstance(timeout, ClientWSTimeout):
        limits = timeout
    elif timeout is None or isinstance(timeout, Real):
        deprecated("parameter 'timeout' of type 'float' is deprecated, use timeout=ClientWSTimeout(ws_close=...)")
        limits = ClientWSTimeout(ws_close=timeout)  # type: ignore[arg-type]
    else:
        raise TypeError(f"timeout must be a ClientWSTimeout or a number of seconds, not {shown_value(timeout)}")
    if receive_timeout is not None:
        deprecated("parameter 'receive_timeout' is deprecated, use timeout=ClientWSTimeout(ws_receive=...)")
        check_number("receive_timeout", receive_timeout, "None or a number of seconds", -inf)
        limits = replace(limits, ws_receive=receive_timeout)
    return limits


def _mem_level(given: int | None) -> int | None:
    """Return zlib's memLevel; the scale is the same in all of its backends."""
    if given is None:
        return None
    wanted = "None or zlib's memLevel, 1 to 9"
    level = whole("compress_mem_level", given, wanted)
    if not 1 <= level <= _MAX_MEM_LEVEL:
        raise ValueError(f"compress_mem_level must be {wanted}, not {shown_value(given)}")
    return level


class Handshake:
    """One opening handshake: the fields that ask for it, and what becomes of the answer.

    Raises ``ValueError`` and ``TypeError`` for options that do not fit, before anything
    is sent.
    """

    __slots__ = (
        "_compress",
        "_compress_mem_level",
        "_compress_min_size",
        "_decode_text",
        "_is_offered",
        "_key",
        "_max_msg_size",
        "_protocols",
        "headers",
    )

    headers: CIMultiDict[str]  # of the request

    def __init__(
        self,
        headers: LooseHeaders | None,
        *,
        protocols: Iterable[str],
        origin: str | None,
        compress: int,
        max_msg_size: int,
        decode_text: bool,
        compress_mem_level: int | None,
        compress_min_size: int,
    ) -> None:
        self._protocols = subprotocols(protocols or ())
        self._compress = whole("compress", compress or 0, "0 for none, or the bits of a window, 9 to 15")
        self._compress_mem_level = _mem_level(compress_mem_level)
        # More than any message has is as good as any such number, and one that C knows.
        self._compress_min_size = min(whole("compress_min_size", compress_min_size, "bytes, 0 or more"), maxsize)
        self._max_msg_size = whole("max_msg_size", max_msg_size, NO_LIMIT, endless=0)
        self._decode_text = decode_text
        self._key = make_key()
        fields = self.headers = as_fields("headers", headers or ())
        fields.setdefault(hdrs.UPGRADE, "websocket")
        fields.setdefault(hdrs.CONNECTION, "Upgrade")
        fields.setdefault(hdrs.SEC_WEBSOCKET_VERSION, "13")
        fields[hdrs.SEC_WEBSOCKET_KEY] = self._key
        if self._protocols:
            fields[hdrs.SEC_WEBSOCKET_PROTOCOL] = ",".join(self._protocols)
        elif hdrs.SEC_WEBSOCKET_PROTOCOL in fields:
            self._protocols = tuple(name.strip() for name in fields[hdrs.SEC_WEBSOCKET_PROTOCOL].split(","))
        if origin is not None:
            fields[hdrs.ORIGIN] = origin
        if self._compress:
            fields[hdrs.SEC_WEBSOCKET_EXTENSIONS] = ws_ext_gen(compress=self._compress)
        self._is_offered = hdrs.SEC_WEBSOCKET_EXTENSIONS in fields

    def check(self, response: ClientResponse) -> Agreement:
        """Return what the server agreed to; raise ``WSServerHandshakeError`` if it did not accept."""
        try:
            return check_answer(
                response.status, response.headers, self._key, self._protocols, self._compress, self._is_offered
            )
        except WSHandshakeError as exc:
            refused = WSServerHandshakeError(
                response.request_info,
                response.history,
                message=str(exc),
                status=response.status,
                headers=response.headers,
            )
            raise response._tell(refused, Phase.HEAD) from exc

    def open(
        self,
        response: ClientResponse,
        made: type[ClientWebSocketResponse[Any]],
        timeout: ClientWSTimeout,
        *,
        autoclose: bool,
        autoping: bool,
        heartbeat: float | None,
        loop: Any,
    ) -> ClientWebSocketResponse[Any]:
        """Make the WebSocket of the accepted handshake, and give it the connection."""
        agreed = self.check(response)
        connection = response.connection
        protocol = None if connection is None else connection.protocol
        if protocol is None or protocol.transport is None:
            raise response._tell(ServerDisconnectedError(f"Server disconnected: {response.url}"), Phase.HEAD)
        queue = WebSocketQueue(protocol, loop=loop)
        writer = WebSocketWriter(
            protocol,
            protocol.transport,
            use_mask=True,
            compress=agreed.compress,
            notakeover=agreed.notakeover,
            compress_mem_level=self._compress_mem_level,
            compress_min_size=self._compress_min_size,
        )
        websocket = made(
            queue,
            writer,
            agreed.protocol,
            response,
            timeout,
            autoclose,
            autoping,
            loop,
            heartbeat=heartbeat,
            compress=agreed.compress,
            client_notakeover=agreed.notakeover,
        )
        queue.reader = WebSocketReader(
            queue,
            self._max_msg_size,
            bool(agreed.compress),
            self._decode_text,
            takeover=not agreed.peer_notakeover,
            peer=str(response.url),
        )
        protocol.set_parser(queue.reader, queue, websocket._guard.heard if heartbeat else None)
        return websocket
