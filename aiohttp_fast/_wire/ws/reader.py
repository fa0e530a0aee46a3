"""WebSocketReader: bytes to frames to messages, with every rule of RFC 6455 5 and RFC 7692 6 that a receiver has."""

from codecs import utf_8_decode
from enum import Enum
from typing import NoReturn, Protocol

from ..landing import Landing, expect_much
from .closing import parse_close
from .deflate import Inflater
from .frame import cut, make_tuple, text, unmask
from .limits import DEFAULT_MAX_SIZE
from .mask import mask
from .models import WebSocketError, WSCloseCode, WSMessage, WSMessageTextBytes, WSMsgType

__all__ = ("MessageSink", "MessageTaker", "WebSocketReader")


_FIN = 0x80
_RSV1 = 0x40  # the message is compressed (RFC 7692 6)
_RESERVED = 0x30
_OPCODE = 0x0F
_CONTROL = 0x08
_WHOLE_TEXT = 0x81
_WHOLE_BINARY = 0x82
_MASKED = 0x80
_LENGTH = 0x7F

_TEXT = WSMsgType.TEXT
_BINARY = WSMsgType.BINARY
_PING = WSMsgType.PING
_PONG = WSMsgType.PONG
_CLOSE = WSMsgType.CLOSE
_PROTOCOL_ERROR = WSCloseCode.PROTOCOL_ERROR

_DIRECT = 1 << 15  # bytes that still miss, from which a payload is received where it stays
_TRUSTED = 1 << 26  # as much room a declared length gets before it has come; untouched, it takes no memory
_MUCH = 1 << 17
_HUGE = 1 << 61  # longer is the same as this long: sums of such lengths still are numbers to C


class MessageSink(Protocol):
    """Where messages go: a ``MessageTaker``, or anything of its shape, such as a ``DataQueue``."""

    def feed_data(self, data: WSMessage | WSMessageTextBytes, size: int) -> object:
        """Take the next message of *size* bytes."""

    def feed_eof(self) -> None:
        """There are no more messages."""

    def set_exception(self, exc: BaseException) -> None:
        """There are no more messages, for this reason."""


class MessageTaker:
    """Root of sinks that can be full; typed when compiled, as every message goes through it."""

    __slots__ = ()

    # What Cython writes for a class without fields takes anything for its state, and crashes.
    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")

    def take_message(self, message: WSMessage | WSMessageTextBytes) -> bool:
        """Take the next message; true if the one after it must wait for ``WebSocketReader.resume``."""
        raise NotImplementedError


class ReaderState(Enum):
    """The life of a reader."""

    OPEN = "open"
    HELD = "held"  # the sink is full, what came since is kept
    HELD_TO_END = "held to end"  # likewise, and nothing more will come
    OVER = "over"  # closed by the peer or failed; whatever comes is dropped


_OPEN = ReaderState.OPEN
_HELD = ReaderState.HELD
_HELD_TO_END = ReaderState.HELD_TO_END
_OVER = ReaderState.OVER


class WebSocketReader:
    """Takes what a peer sends and feeds *queue* with its messages, control frames included.

    A message of more than *max_msg_size* bytes, 0 for no limit, is refused as soon as
    its length is declared. *compress* tells that permessage-deflate was agreed on,
    *takeover* that the peer's messages may refer to those before. Text becomes str, or
    stays UTF-8 with *decode_text* false, and is checked all the same. *masked* tells
    the peer's role: a client's frames must be masked, a server's must not.

    What breaks a rule ends the reader with a ``WebSocketError``, whose text ends with
    *peer*, and whose code is the one to close with. A peer's Close ends it as well.
    """

    __slots__ = (
        "_coded",
        "_decode_text",
        "_end_reason",
        "_first",
        "_inflater",
        "_kept",
        "_key",
        "_landing",
        "_limit",
        "_masked",
        "_need",
        "_opcode",
        "_parts",
        "_peer",
        "_queue",
        "_size",
        "_state",
        "_taker",
        "_valid",
    )

    def __init__(
        self,
        queue: "MessageSink | MessageTaker",
        max_msg_size: int = DEFAULT_MAX_SIZE,
        compress: bool = True,
        decode_text: bool = True,
        *,
        masked: bool = False,
        takeover: bool = True,
        peer: str = "",
    ) -> None:
        if max_msg_size < 0:
            raise ValueError(f"max_msg_size must be 0, for no limit, or more, not {max_msg_size}")
        self._queue: MessageSink = queue  # type: ignore[assignment]
        self._taker = queue if isinstance(queue, MessageTaker) else None
        self._limit = min(max_msg_size, _HUGE)
        self._inflater = Inflater(takeover) if compress else None
        self._decode_text = decode_text
        self._masked = masked
        self._peer = peer
        self._state = _OPEN
        self._end_reason: BaseException | None = None
        self._kept = bytearray()  # an incomplete head, or all that is held
        # The message under way
        self._opcode = 0
        self._coded = False
        self._parts = bytearray()  # its fragments so far
        self._size = 0  # and their bytes
        self._valid = 0  # of a text, those that are known to be UTF-8
        # The frame under way
        self._first = 0
        self._key: bytes | None = None
        self._landing: Landing | None = None
        self._need = 0  # bytes of its payload that still miss

    # Taking bytes

    def feed_data(self, data: bytes | bytearray | memoryview) -> tuple[bool, bytes]:
        """Take *data*; return whether the reader is over, and no bytes, as nothing is left for others."""
        self.feed(bytearray(data), len(data))
        return self._state is _OVER, b""

    def feed(self, data: bytearray, size: int) -> None:
        """Take the first *size* bytes of *data*, which is changed where they are masked, and not kept."""
        if self._state is not _OPEN:
            if self._state is _HELD:
                self._kept += data[:size]
            return
        start = 0
        try:
            if self._need:
                start = min(self._need, size)
                self._fill(data, 0, start)
            elif self._kept:
                self._kept += data[:size]
                data = self._kept
                size = len(data)
                self._kept = bytearray()
            self._run(data, start, size)
        except WebSocketError as exc:
            self._fail(exc)

    def room(self) -> memoryview | None:
        """Return memory that the next bytes may be received into, where they are known to be a large payload."""
        rest = self._need
        if rest < _DIRECT:
            return None
        landing: Landing = self._landing  # type: ignore[assignment]
        if landing.filled == landing.size:
            landing.grow(min(landing.filled + rest, 2 * landing.size))
        return landing.view(rest)

    def landed(self, size: int) -> None:
        """Take *size* bytes that were received into what ``room`` returned."""
        landing: Landing = self._landing  # type: ignore[assignment]
        if self._key is not None:
            mask(self._key, landing.view(size), landing.filled)
        landing.land(size)
        self._need -= size
        if not self._need:
            try:
                self._end_frame()
            except WebSocketError as exc:
                self._fail(exc)

    def resume(self) -> None:
        """Go on with what was held, as the sink has room again."""
        if self._state is not _HELD and self._state is not _HELD_TO_END:
            return
        is_end = self._state is _HELD_TO_END
        self._state = _OPEN
        kept, self._kept = self._kept, bytearray()
        self.feed(kept, len(kept))
        if is_end:
            if self._state is _HELD:
                self._state = _HELD_TO_END
            else:
                self._finish()

    @property
    def is_held(self) -> bool:
        """True while messages wait for ``resume``."""
        return self._state is _HELD or self._state is _HELD_TO_END

    @property
    def is_over(self) -> bool:
        """True once the peer has sent a Close, broken a rule, or gone; what still comes is dropped."""
        return self._state is _OVER

    def feed_eof(self) -> None:
        """Nothing more will come."""
        self.end(None)

    def end(self, reason: BaseException | None) -> None:
        """Nothing more will come, for *reason* if the connection failed."""
        self._end_reason = reason
        if self._state is _HELD:
            self._state = _HELD_TO_END
        elif self._state is not _HELD_TO_END:
            self._finish()

    def _finish(self) -> None:
        reason, self._end_reason = self._end_reason, None
        self._drop()
        if reason is None:
            self._queue.feed_eof()
        else:
            self._queue.set_exception(reason)

    def _drop(self) -> None:
        self._state = _OVER
        self._kept = bytearray()
        self._parts = bytearray()
        self._landing = None
        self._need = 0
        self._inflater = None

    def _fail(self, exc: WebSocketError) -> None:
        self._drop()
        if self._peer:
            exc.args = (exc.code, f"{exc.args[1]}: {self._peer}")
        self._queue.set_exception(exc)

    # Frames

    def _run(self, data: bytearray, start: int, stop: int) -> None:
        """Take the frames in *data*, and keep what is left of it."""
        while stop - start > 1 and self._state is _OPEN:
            taken = self._step(data, start, stop)
            if not taken:
                break
            start += taken
        if start < stop and self._state is not _OVER:
            self._kept = data[start:stop]

    def _step(self, data: bytearray, start: int, stop: int) -> int:
        """Take the frame at *start*; return how long it is, or all there is of it, 0 for half a head."""
        first = data[start]
        second = data[start + 1]
        length = second & _LENGTH
        at = start + 2
        if self._opcode or (first != _WHOLE_TEXT and first != _WHOLE_BINARY):
            self._check_head(first, length)
        if (second >= _MASKED) != self._masked:
            self._refuse_mask()
        if length > 125:
            end = at + (2 if length == 126 else 8)
            if end > stop:
                return 0
            length = self._long_length(data, at, end)
            at = end
        if self._limit and self._size + length > self._limit:
            self._check_size(first, length)
        key = None
        if self._masked:
            if at + 4 > stop:
                return 0
            key = cut(data, at, at + 4)
            at += 4
        end = at + length
        if end > stop:
            self._begin_landing(first, length, key)
            self._fill(data, at, stop)
            return stop - start
        if key is not None:
            unmask(data, at, end, key)
        if first == _WHOLE_BINARY:
            self._give(make_tuple(WSMessage, _BINARY, cut(data, at, end), ""), length)
        elif first == _WHOLE_TEXT and self._decode_text:
            self._give_text(data, at, end)
        else:
            self._take(first, cut(data, at, end))
        return end - start

    def _check_head(self, first: int, length: int) -> None:
        """Refuse what RFC 6455 5.2, 5.4 and 5.5 do not allow; *length* is the field of seven bits."""
        opcode = first & _OPCODE
        if first & _RESERVED or (first & _RSV1 and (self._inflater is None or opcode not in (1, 2))):
            self._refuse("Frame with reserved bits that were not agreed on")
        if opcode & _CONTROL:
            if opcode > 10:
                self._refuse(f"Frame with the unknown opcode {opcode}")
            if not first & _FIN:
                self._refuse("Control frame in fragments")
            if length > 125:
                self._refuse("Control frame of more than 125 bytes")
        elif opcode > 2:
            self._refuse(f"Frame with the unknown opcode {opcode}")
        elif opcode and self._opcode:
            self._refuse("A message began before the one before it had ended")
        elif not opcode and not self._opcode:
            self._refuse("Continuation frame without a message")

    def _refuse(self, why: str) -> NoReturn:
        raise WebSocketError(_PROTOCOL_ERROR, why)

    def _refuse_mask(self) -> None:
        self._refuse("Client's frame without a mask" if self._masked else "Server's frame with a mask")

    def _long_length(self, data: bytearray, start: int, stop: int) -> int:
        length = int.from_bytes(data[start:stop], "big")
        if length < 126 or (stop - start == 8 and (length < 1 << 16 or length >= 1 << 63)):
            self._refuse("Frame whose length is not in its shortest form")
        return min(length, _HUGE)

    def _check_size(self, first: int, length: int) -> None:
        """Refuse a message that is too large; compressed ones may be an eighth larger, as deflate can make them."""
        if first & _CONTROL:
            return
        size = self._size + length
        is_coded = first & _RSV1 or (self._opcode and self._coded)
        if is_coded and size <= self._limit + (self._limit >> 3) + 64:
            return
        raise WebSocketError(
            WSCloseCode.MESSAGE_TOO_BIG, f"Message of {size} bytes, more than the limit max_msg_size={self._limit}"
        )

    # A payload that has not all come

    def _begin_landing(self, first: int, length: int, key: bytes | None) -> None:
        self._first = first
        self._key = key
        self._need = length
        if length >= _MUCH:
            expect_much()
        self._landing = Landing(min(length, _TRUSTED))

    def _fill(self, data: bytearray, start: int, stop: int) -> None:
        """Take the next bytes of the payload under way."""
        landing: Landing = self._landing  # type: ignore[assignment]
        if self._key is not None:
            unmask(data, start, stop, self._key, landing.filled)
        landing.fill(data, start, stop)
        self._need -= stop - start
        if not self._need:
            self._end_frame()

    def _end_frame(self) -> None:
        payload = self._landing.take()  # type: ignore[union-attr]
        self._landing = None
        self._take(self._first, payload)

    # Messages

    def _give(self, message: "WSMessage | WSMessageTextBytes", size: int) -> None:
        if self._taker is None:
            self._queue.feed_data(message, size)
        elif self._taker.take_message(message):
            self._state = _HELD

    def _give_text(self, data: bytearray, start: int, stop: int) -> None:
        """Give a message of one frame, the usual case, without bytes in between."""
        try:
            found = text(data, start, stop)
        except UnicodeDecodeError as exc:
            self._refuse_text(exc)
        self._give(make_tuple(WSMessage, _TEXT, found, ""), stop - start)

    def _refuse_text(self, exc: UnicodeDecodeError) -> NoReturn:
        raise WebSocketError(WSCloseCode.INVALID_TEXT, "Text message that is not UTF-8") from exc

    def _take(self, first: int, payload: bytes) -> None:
        """Take the payload of a frame that is complete."""
        opcode = first & _OPCODE
        if opcode & _CONTROL:
            self._take_control(opcode, payload)
            return
        if opcode:
            self._opcode = opcode
            self._coded = bool(first & _RSV1)
        is_last = bool(first & _FIN)
        if not is_last or self._size or self._parts:
            self._parts += payload
            if self._opcode == 1 and not self._coded:
                self._check_text(is_last)
            if not is_last:
                self._size = len(self._parts)
                return
            payload = bytes(self._parts)
            self._parts = bytearray()
        self._end_message(payload)

    def _check_text(self, is_last: bool) -> None:
        """Check that the text is UTF-8 as far as it has come, for what is new."""
        with memoryview(self._parts) as view:
            try:
                self._valid += utf_8_decode(view[self._valid :], "strict", is_last)[1]
            except UnicodeDecodeError as exc:
                self._refuse_text(exc)

    def _end_message(self, payload: bytes) -> None:
        opcode = self._opcode
        is_coded = self._coded
        self._opcode = 0
        self._size = 0
        self._valid = 0
        if is_coded:
            payload = self._inflater.inflate(payload, self._limit)  # type: ignore[union-attr]
        size = len(payload)
        if opcode != 1:
            self._give(make_tuple(WSMessage, _BINARY, payload, ""), size)
            return
        try:
            found = payload.decode()
        except UnicodeDecodeError as exc:
            self._refuse_text(exc)
        if self._decode_text:
            self._give(make_tuple(WSMessage, _TEXT, found, ""), size)
        else:
            self._give(make_tuple(WSMessageTextBytes, _TEXT, payload, ""), size)

    def _take_control(self, opcode: int, payload: bytes) -> None:
        if opcode == 8:
            code, reason = parse_close(payload)
            self._drop()
            self._give(WSMessage(_CLOSE, code, reason), len(payload))
            self._state = _OVER
        else:
            self._give(make_tuple(WSMessage, _PING if opcode == 9 else _PONG, payload, ""), len(payload))
