"""Who takes what a client connection receives: the body's reader, or the parser of another protocol."""

from typing import Protocol

from .exceptions import ClientPayloadError

__all__ = ("BodyStream", "UpgradeParser", "UpgradeSink", "feed_pieces", "payload_error")


class BodyStream(Protocol):
    """Where a body goes piece by piece: a ``StreamReader``, or a decoder before one."""

    def feed_data(self, data: bytes) -> object:
        """Take the next piece."""

    def feed_eof(self) -> None:
        """The body is complete."""

    def set_exception(self, exc: BaseException) -> None:
        """The body will never be complete."""

    def end_http_chunk_receiving(self) -> None:
        """A chunk ends here (RFC 9112 7.1)."""


def payload_error(cause: BaseException | None) -> ClientPayloadError:
    """Return the error of a body that will never be complete, or cannot be decoded."""
    return ClientPayloadError(f"Response payload is not completed: {cause!r}")


def feed_pieces(stream: BodyStream, pieces: list[bytes]) -> None:
    """Feed *stream* with pieces in which an empty one marks the end of a chunk."""
    for piece in pieces:
        if piece:
            stream.feed_data(piece)
        else:
            stream.end_http_chunk_receiving()


class UpgradeParser(Protocol):
    """Who takes the bytes of another protocol, after ``set_parser``."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Take *data*; return whether that was the end, and the bytes behind it."""


class UpgradeSink(Protocol):
    """Who is told that the connection of an ``UpgradeParser`` has ended."""

    def feed_eof(self) -> None:
        """Nothing more will come."""

    def set_exception(self, exc: BaseException) -> None:
        """Nothing more will come, for this reason."""
