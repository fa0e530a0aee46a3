"""A connection's bytes once it carries another protocol than HTTP/1.1 (RFC 9110 7.8): who takes them."""

from collections.abc import Callable

from .._wire.ws.reader import WebSocketReader
from .exceptions import ClientConnectionResetError
from .roles import UpgradeParser, UpgradeSink

__all__ = ("Handover",)


class Handover:
    """Keeps what comes in ``tail`` until ``begin`` says who takes it; ``end`` tells who did of the connection's end."""

    __slots__ = ("_frames", "_heard", "_upgrade", "lost", "tail")

    tail: bytes
    lost: OSError | None  # what broke the connection

    def __init__(self) -> None:
        self.tail = b""
        self.lost = None
        self._frames: WebSocketReader | None = None
        self._upgrade: tuple[UpgradeParser, UpgradeSink] | None = None  # for other protocols than WebSocket
        self._heard: Callable[[], object] | None = None  # called when something came

    def begin(
        self, parser: UpgradeParser | WebSocketReader, payload: UpgradeSink, heard: Callable[[], object] | None
    ) -> None:
        """Give all that comes, and what is here, to *parser*; *payload* is told of the end, *heard* of each piece."""
        self._heard = heard
        if isinstance(parser, WebSocketReader):
            self._frames = parser
        else:
            self._upgrade = parser, payload
        tail, self.tail = self.tail, b""
        if tail:
            self.feed(bytearray(tail), len(tail))

    def feed(self, data: bytes | bytearray, size: int) -> None:
        """Take the first *size* bytes of *data*."""
        if self._heard is not None:
            self._heard()
        if self._frames is not None:
            self._frames.feed(data if isinstance(data, bytearray) else bytearray(data), size)
        elif self._upgrade is not None:
            is_end, rest = self._upgrade[0].feed_data(bytes(data[:size]))
            if is_end:
                self.end(None)
                self.tail += rest
        else:
            self.tail += data[:size]

    def takes_frames(self) -> bool:
        """Return True while the reader of WebSocket frames goes on with what comes."""
        return self._frames is not None and not self._frames.is_held

    def end(self, exc: BaseException | None) -> None:
        """Tell who takes the bytes that there are no more; once, and with an error only if the connection broke."""
        frames, self._frames = self._frames, None
        upgrade, self._upgrade = self._upgrade, None
        self._heard = None
        lost = None
        if isinstance(exc, OSError):
            self.lost = exc
            lost = ClientConnectionResetError(f"Connection lost: {exc}")
            lost.__cause__ = exc
        if frames is not None:
            frames.end(lost)
        elif upgrade is not None:
            if lost is None:
                upgrade[1].feed_eof()
            else:
                upgrade[1].set_exception(lost)
