"""``ClientWebSocketResponse``: a WebSocket as its user sees it (RFC 6455)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import inf
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from .._base.attrs_fields import AttrsFields
from .._base.checks import check_number
from .._base.types import DEFAULT_JSON_DECODER, DEFAULT_JSON_ENCODER
from .._stream.iterators import EofStream
from .._stream.ws_guard import WebSocketGuard
from .._stream.ws_queue import WebSocketQueue
from .._stream.ws_writer import WebSocketWriter
from .._wire.ws.closing import NO_STATUS, close_body
from .._wire.ws.frame import field_of
from .._wire.ws.models import (
    WS_CLOSED_MESSAGE,
    WS_CLOSING_MESSAGE,
    WebSocketError,
    WSCloseCode,
    WSMessage,
    WSMessageTextBytes,
    WSMsgType,
)
from .circumstances import Circumstances
from .exceptions import ClientConnectionResetError, ServerTimeoutError, WSMessageTypeError, WSTimeoutError
from .options import check_time_limits
from .response import ClientResponse

__all__ = ("DEFAULT_WS_CLIENT_TIMEOUT", "ClientWSTimeout", "ClientWebSocketResponse", "WebSocketState")

_TEXT = WSMsgType.TEXT
_BINARY = WSMsgType.BINARY
_PING = WSMsgType.PING
_PONG = WSMsgType.PONG
_CLOSE = WSMsgType.CLOSE
_ENDS = frozenset((WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED))
_ABNORMAL = WSCloseCode.ABNORMAL_CLOSURE

_DecodeText = TypeVar("_DecodeText")  # of the API: Literal[False] where text stays bytes
_Data = bytes | bytearray | memoryview
_Message = WSMessage | WSMessageTextBytes


@dataclass(frozen=True, order=True)
class ClientWSTimeout:
    """Time limits of a WebSocket in seconds; None or 0 means no limit.

    *ws_receive* bounds the wait for each message, *ws_close* the closing handshake.
    Raises ``TypeError`` for what is no number, ``ValueError`` for NaN.
    """

    __attrs_attrs__ = AttrsFields()

    ws_receive: float | None = None
    ws_close: float | None = None

    def __post_init__(self) -> None:
        check_time_limits(self, ("ws_receive", "ws_close"))


DEFAULT_WS_CLIENT_TIMEOUT = ClientWSTimeout(ws_receive=None, ws_close=10.0)


class WebSocketState(Enum):
    """The life of a WebSocket, as its user has come to know of it."""

    OPEN = "open"
    LEFT = "left"  # the peer's Close was received and is still to be answered
    CLOSING = "closing"  # close() is under way
    CLOSED = "closed"  # the connection is gone


_OPEN = WebSocketState.OPEN
_LEFT = WebSocketState.LEFT
_CLOSING = WebSocketState.CLOSING
_CLOSED = WebSocketState.CLOSED


class WebSocketCore:
    """The typed root of ``ClientWebSocketResponse``: what every message runs through."""

    __slots__ = (
        "_autoclose",
        "_autoping",
        "_close_code",
        "_close_reason",
        "_compress",
        "_ending",
        "_exception",
        "_guard",
        "_loop",
        "_notakeover",
        "_protocol",
        "_reader",
        "_response",
        "_state",
        "_timeout",
        "_waiting",
        "_writer",
    )

    def _begin(
        self,
        reader: WebSocketQueue,
        writer: WebSocketWriter,
        protocol: str | None,
        response: ClientResponse,
        timeout: ClientWSTimeout,
        autoclose: bool,
        autoping: bool,
        loop: asyncio.AbstractEventLoop,
        heartbeat: float | None,
        compress: int,
        client_notakeover: bool,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = protocol
        self._response = response
        self._timeout = timeout
        self._autoclose = autoclose
        self._autoping = autoping
        self._loop = loop
        self._compress = compress
        self._notakeover = client_notakeover
        self._state = _OPEN
        self._waiting = False
        self._close_code: int | None = None
        self._close_reason = ""  # beside the code; "" is for all ends but a Close of the peer with one
        self._exception: BaseException | None = None
        self._ending: asyncio.Future[None] | None = None
        # It knows nothing of this object, so that one that is forgotten can be collected.
        self._guard = reader.guard = WebSocketGuard(
            writer.protocol,
            reader,
            writer,
            loop,
            autoping=autoping,
            heartbeat=heartbeat,
            timeout_error=ServerTimeoutError,
            peer=self._peer(),
        )

    def _peer(self) -> str:
        return str(self._response.url)

    # Receiving

    async def receive(self, timeout: float | None = None) -> _Message:
        """Return the next message, waiting for it at most *timeout* seconds, else as long as ``ws_receive`` says.

        After the end it is a CLOSE, ERROR or CLOSED message, and CLOSED ever after.
        Raises ``TimeoutError``, after which one may go on receiving, and
        ``RuntimeError`` while another coroutine waits here.
        """
        if self._waiting:
            raise RuntimeError("Concurrent call to receive() is not allowed")
        while True:
            if self._state is not _OPEN:
                return await self._receive_late()
            try:
                message = self._reader.take()
            except Exception as exc:
                return await self._end(exc)
            if message is None:
                self._waiting = True
                try:
                    limit = timeout or self._timeout.ws_receive
                    message = await (self._wait(limit) if limit else self._reader.waiter())
                finally:
                    self._waiting = False
                if message is None:
                    continue
            return await self._receive_close(message) if field_of(message, 0) is _CLOSE else message

    async def _wait(self, limit: float) -> _Message | None:
        check_number("timeout", limit, "None or a number of seconds", -inf)
        try:
            async with asyncio.timeout(limit):
                return await self._reader.waiter()
        except TimeoutError as exc:
            late = WSTimeoutError(f"No message received within {float(limit):g} seconds: {self._peer()}")
            self._response._tell(late, None)
            late.limited_by("ws_receive" if limit == self._timeout.ws_receive else "timeout", limit)
            raise late from exc

    async def _receive_late(self) -> _Message:
        """Return what there is to say when no message can come; finish what is not yet closed."""
        if self._state is not _CLOSED:
            await self.close(code=self._close_code or WSCloseCode.OK)  # type: ignore[attr-defined]
        return WS_CLOSED_MESSAGE

    async def _receive_close(self, message: _Message) -> _Message:
        """Take the peer's Close, and answer it with its own code (RFC 6455 5.5.1)."""
        self._state = _LEFT
        code: int = message.data  # type: ignore[assignment]
        self._close_code = code or NO_STATUS
        self._close_reason = field_of(message, 2)
        if self._autoclose:
            await self.close(code=code)  # type: ignore[attr-defined]
        return message

    async def _end(self, exc: Exception) -> WSMessage:
        """Note why there are no more messages; return the message that says so."""
        self._note(exc)
        self._state = _CLOSED
        try:
            await asyncio.sleep(0)  # what was just written leaves at the end of the loop's turn
        finally:
            self._response.close()
        if isinstance(exc, (EofStream, ClientConnectionResetError)):
            return WS_CLOSED_MESSAGE
        return WSMessage(WSMsgType.ERROR, exc, None)

    def _note(self, exc: Exception) -> None:
        if isinstance(exc, EofStream):
            exc = ClientConnectionResetError(f"Connection closed without a Close frame: {self._peer()}")
        if isinstance(exc, Circumstances):
            self._response._tell(exc, None)
        self._exception = exc
        self._close_code = _code_of(exc)

    # Sending

    async def send_str(self, data: str, compress: int | None = None) -> None:
        """Send *data* as a text message; *compress* as of ``send_frame``. TypeError unless it is str."""
        if not isinstance(data, str):
            raise TypeError(f"data argument must be str ({type(data)!r})")
        rest = self._writer.put(data, 1, compress)
        if rest is not None:
            await rest

    async def send_bytes(self, data: _Data, compress: int | None = None) -> None:
        """Send *data* as a binary message; *compress* as of ``send_frame``. TypeError unless it is bytes-like."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"data argument must be byte-ish ({type(data)!r})")
        rest = self._writer.put(data, 2, compress)
        if rest is not None:
            await rest

    async def send_frame(self, message: str | _Data, opcode: int, compress: int | None = None) -> None:
        """Send *message* as it is, in one frame with *opcode*.

        *compress* is, for this message, 0 for no compression or a level from 1 to 9;
        None does what was agreed on with the server, but for messages shorter than
        ``compress_min_size``; nothing is compressed if nothing was agreed on. Waits
        while the connection takes no more. Raises ``ClientConnectionResetError`` when
        it is closing, ``ValueError`` for a control frame of more than 125 bytes.
        """
        rest = self._writer.put(message, opcode, compress)
        if rest is not None:
            await rest


class ClientWebSocketResponse(WebSocketCore, Generic[_DecodeText]):
    """A WebSocket, made by ``ClientSession.ws_connect``.

    One coroutine may receive, by ``receive`` and its kin or by ``async for``, which ends
    with the connection; any number may send. Close it, best by ``async with``.
    """

    def __init__(
        self,
        reader: WebSocketQueue,
        writer: WebSocketWriter,
        protocol: str | None,
        response: ClientResponse,
        timeout: ClientWSTimeout,
        autoclose: bool,
        autoping: bool,
        loop: asyncio.AbstractEventLoop,
        *,
        heartbeat: float | None = None,
        compress: int = 0,
        client_notakeover: bool = False,
    ) -> None:
        self._begin(
            reader,
            writer,
            protocol,
            response,
            timeout,
            autoclose,
            autoping,
            loop,
            heartbeat,
            compress,
            client_notakeover,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self._peer()}) {self._state.value}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _Message:
        message = await self.receive()
        if field_of(message, 0) in _ENDS:
            raise StopAsyncIteration
        return message

    # Facts

    @property
    def closed(self) -> bool:
        """True once the connection is closed, by whomever, and there is nothing left to receive."""
        return self._state is _CLOSED or self._reader.at_eof()

    @property
    def close_code(self) -> int | None:
        """The peer's close code; 1005 if it gave none, 1006 if the connection ended otherwise, None while open."""
        if self._close_code is None and self._reader.at_eof():
            return _code_of(self._reader.exception())
        return self._close_code

    @property
    def close_reason(self) -> str | None:
        """The text of the peer's Close; "" if it gave none, or the connection ended otherwise, None while open.

        aiohttp has it in the CLOSE message alone, as ``extra``.
        """
        return None if self.close_code is None else self._close_reason

    @property
    def protocol(self) -> str | None:
        """The subprotocol that the server chose of those asked for."""
        return self._protocol

    @property
    def compress(self) -> int:
        """Bits of the window that messages are compressed with; 0 if they are not."""
        return self._compress

    @property
    def client_notakeover(self) -> bool:
        """True if each message is compressed without those before it."""
        return self._notakeover

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows under *name*; *default* when it is gone."""
        connection = self._response.connection
        transport = None if connection is None else connection.transport
        return default if transport is None else transport.get_extra_info(name, default)

    def exception(self) -> BaseException | None:
        """Return why the connection ended, if that was a failure."""
        return self._exception or self._reader.exception()

    # Receiving

    async def receive_str(self, *, timeout: float | None = None) -> str:
        """Return the next message's text; ``WSMessageTypeError``, a TypeError, if it is of another type."""
        message = await self.receive(timeout)
        if field_of(message, 0) is not _TEXT:
            raise WSMessageTypeError(f"Received message {message[0]}:{message[1]!r} is not WSMsgType.TEXT")
        return field_of(message, 1)  # type: ignore[no-any-return]

    async def receive_bytes(self, *, timeout: float | None = None) -> bytes:
        """Return the next message's bytes; ``WSMessageTypeError``, a TypeError, if it is of another type."""
        message = await self.receive(timeout)
        if field_of(message, 0) is not _BINARY:
            raise WSMessageTypeError(f"Received message {message[0]}:{message[1]!r} is not WSMsgType.BINARY")
        return field_of(message, 1)  # type: ignore[no-any-return]

    async def receive_json(
        self, *, loads: Callable[[str], Any] = DEFAULT_JSON_DECODER, timeout: float | None = None
    ) -> Any:
        """Return the next message, a text, parsed as JSON; ``ValueError`` if it is not JSON."""
        return loads(await self.receive_str(timeout=timeout))

    # Sending

    async def ping(self, message: str | _Data = b"") -> None:
        """Send a Ping with *message*, at most 125 bytes."""
        await self.send_frame(_body(message), _PING)

    async def pong(self, message: str | _Data = b"") -> None:
        """Send a Pong with *message*, at most 125 bytes."""
        await self.send_frame(_body(message), _PONG)

    async def send_json(
        self, data: Any, compress: int | None = None, *, dumps: Callable[[Any], str] = DEFAULT_JSON_ENCODER
    ) -> None:
        """Send *data* as JSON in a text message; TypeError if *dumps* returns no str."""
        await self.send_str(dumps(data), compress)

    async def send_json_bytes(self, data: Any, compress: int | None = None, *, dumps: Callable[[Any], bytes]) -> None:
        """Send *data* as JSON in a text message, for a *dumps* that returns UTF-8; TypeError if that is not bytes."""
        text = dumps(data)
        if not isinstance(text, (bytes, bytearray, memoryview)):
            raise TypeError(f"dumps must return bytes, not {type(text).__name__}; use send_json for str")
        await self.send_frame(text, _TEXT, compress)

    # Closing

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes | str = b"") -> bool:
        """Close the connection by a closing handshake (RFC 6455 7); return False if it was closed before.

        The reason *message* has at most 123 bytes; ``ValueError`` for it and for codes
        that must not be sent. Messages that come meanwhile are dropped. The peer has
        ``ws_close`` seconds to answer; if it does not, ``close_code`` is 1006 and
        ``exception()`` says why. Who waits in ``receive`` gets a CLOSING message.
        """
        if self._state is _CLOSED:
            return False
        if self._state is _CLOSING:
            await asyncio.shield(self._ending)  # type: ignore[arg-type]
            return False
        close_body(code, message)
        was_left = self._state is _LEFT
        self._state = _CLOSING
        self._ending = self._loop.create_future()
        self._reader.interrupt(WS_CLOSING_MESSAGE)
        try:
            await self._shake_hands(code, message, was_left)
        except BaseException:
            self._close_code = _ABNORMAL
            self._close_reason = ""
            raise
        finally:
            self._state = _CLOSED
            self._guard.ended()
            self._response.close()
            self._ending.set_result(None)
        return True

    async def _shake_hands(self, code: int, message: bytes | str, was_left: bool) -> None:
        """Send a Close and wait for the peer's, if that has not come before."""
        limit = self._timeout.ws_close
        try:
            async with asyncio.timeout(limit or None) as timer:
                await self._writer.close(code, message)
                if was_left:
                    await asyncio.sleep(0)  # it leaves at the end of the loop's turn
                    return
                while (answer := await self._reader.read())[0] is not _CLOSE:
                    pass
                self._close_code = answer[1] or NO_STATUS  # type: ignore[assignment]
                self._close_reason = answer[2] or ""
        except Exception as exc:
            if isinstance(exc, TimeoutError) and timer.expired():
                exc = WSTimeoutError(f"Close was not answered within {float(limit or 0):g} seconds: {self._peer()}")
                exc.limited_by("ws_close", limit)
            if not was_left:
                self._note(self._reader.exception() or exc)  # type: ignore[arg-type]


def _code_of(exc: BaseException | None) -> int:
    """Return the close code of a connection that ended by *exc*, without a Close of the peer."""
    return exc.code if isinstance(exc, WebSocketError) else _ABNORMAL


def _body(message: "str | _Data") -> "str | _Data":
    if not isinstance(message, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"message must be str or bytes-like, not {type(message).__name__}")
    return message
