"""HttpPayloadParser: the body of one message, its framing known, from bytes to a reader."""

from enum import IntEnum
from typing import Any

from .._wire.coding import Decoder
from .._wire.codings import is_supported
from .._wire.errors import BadHttpMessage, ContentEncodingError, ContentLengthError, TransferEncodingError
from .._wire.http.chunked_py import Chunked, Stage
from .._wire.http.limits import Limits
from .._wire.http.refusals import short_chunked
from .._wire.http.status import must_be_empty_body
from .field_parser import HeadersParser
from .inflate import BodyReader, Inflater

__all__ = ("ChunkState", "DeflateBuffer", "HttpPayloadParser", "ParseState", "PayloadState", "decoding")


class ParseState(IntEnum):
    """How the end of a body is found."""

    PARSE_NONE = 0
    PARSE_LENGTH = 1
    PARSE_CHUNKED = 2
    PARSE_UNTIL_EOF = 3


class ChunkState(IntEnum):
    """What the next byte of a chunked body belongs to (RFC 9112 7.1)."""

    PARSE_CHUNKED_SIZE = 0
    PARSE_CHUNKED_CHUNK = 1
    PARSE_CHUNKED_CHUNK_EOF = 2
    PARSE_MAYBE_TRAILERS = 3
    PARSE_TRAILERS = 4


class PayloadState(IntEnum):
    """What a payload parser says of what it was fed."""

    PAYLOAD_COMPLETE = 0
    PAYLOAD_NEEDS_INPUT = 1
    PAYLOAD_HAS_PENDING_INPUT = 2


class _Capped:
    """A decoder that gives at most *most* bytes at a time."""

    def __init__(self, decoder: Decoder, most: int) -> None:
        self._decoder = decoder
        self._most = most
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        out = self._decoder.decompress(data, min(max_length or self._most, self._most))
        self.needs_input = self._decoder.needs_input
        return out

    def flush(self) -> None:
        self._decoder.flush()


class DeflateBuffer(Inflater):
    """Stands before the reader *out* and removes the content coding *encoding*, at most so many bytes at a time.

    While *out* is full, what is fed stays compressed. Broken data gives *out* a ``ContentEncodingError``.
    """

    __slots__ = ("encoding", "size")

    def __init__(self, out: BodyReader, encoding: str | None, max_decompress_size: int = 1 << 18) -> None:
        coding = encoding or "deflate"
        if not is_supported(coding):
            raise ContentEncodingError(f"Can not decode content-encoding: no module for {coding!r} is installed")
        super().__init__(coding, out)
        self._decoder = _Capped(self._decoder, max_decompress_size)
        self.encoding = encoding
        self.size = 0  # compressed bytes so far

    @property
    def out(self) -> BodyReader:
        """The reader."""
        return self._out

    @property
    def decompressor(self) -> Any:
        """What decodes."""
        return self._decoder

    def feed_data(self, chunk: bytes, size: int = 0) -> None:
        """Take the next piece of the coded body; *size* means nothing, its length counts."""
        self.size += len(chunk)
        super().feed_data(chunk)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """The coded body will never be complete: give *out* the reason, and its cause."""
        if exc_cause is not None:
            exc.__cause__ = exc_cause
        super().set_exception(exc)


def decoding(payload: BodyReader, compression: str | None, auto_decompress: bool) -> Any:
    """Return what is to be fed for *payload*: itself, or what removes the coding before it."""
    return DeflateBuffer(payload, compression) if compression and auto_decompress else payload


class HttpPayloadParser:
    """Feeds *payload* with the body of one message.

    The body is *chunked*, has *length* bytes, or lasts to the end of the connection; there
    is none for a *method* and *code* that have none, nor with *response_with_body*
    false. *lax* allows what the wire allows of responses. Errors are raised, and given
    to *payload*.
    """

    def __init__(
        self,
        payload: Any,
        length: int | None = None,
        chunked: bool = False,
        compression: str | None = None,
        code: int | None = None,
        method: str | None = None,
        response_with_body: bool = True,
        auto_decompress: bool = True,
        lax: bool = False,
        *,
        headers_parser: HeadersParser,
        max_line_size: int = 8190,
        max_field_size: int = 8190,
        max_trailers: int = 128,
        limit: int = 1 << 18,
    ) -> None:
        self._fed = 0
        self._length = length
        self._chunked: Chunked | None = None
        no_body = not response_with_body or (code is not None and must_be_empty_body(method or "", code))
        self.payload = payload
        if no_body or (length == 0 and not chunked):
            self._state = ParseState.PARSE_NONE
            self.done = True
            payload.feed_eof()
            return
        self.done = False
        if compression and auto_decompress:
            self.payload = DeflateBuffer(payload, compression, limit)
        if chunked:
            self._state = ParseState.PARSE_CHUNKED
            limits = Limits(max_line_size, min(max_field_size, headers_parser.max_field_size), max_trailers)
            self._chunked = Chunked(self.payload.feed_data, self.payload.end_http_chunk_receiving, limits, lax, 0)
        else:
            self._state = ParseState.PARSE_UNTIL_EOF if length is None else ParseState.PARSE_LENGTH

    def feed_data(self, chunk: bytes, *constants: Any, **named: Any) -> tuple[PayloadState, bytes]:
        """Take the next bytes; return whether the body is complete, and what follows it.

        Further arguments are constants of aiohttp's own code.
        """
        try:
            taken = self._feed(chunk)
        except BadHttpMessage as exc:
            self.payload.set_exception(exc)
            raise
        if not self.done:
            return PayloadState.PAYLOAD_NEEDS_INPUT, b""
        return PayloadState.PAYLOAD_COMPLETE, chunk[taken:]

    def _feed(self, data: bytes) -> int:
        if self._chunked is not None:
            taken = self._chunked.feed(data, 0, len(data))
            if self._chunked.stage is Stage.DONE:
                self._end()
            return taken
        taken = len(data) if self._length is None else min(len(data), self._length - self._fed)
        self._fed += taken
        if taken:
            self.payload.feed_data(data if taken == len(data) else data[:taken])
        if self._fed == self._length:
            self._end()
        return taken

    def _end(self) -> None:
        self.done = True
        self.payload.feed_eof()

    def feed_eof(self) -> None:
        """The peer sends no more: ends a body without length.

        Raises ``ContentLengthError`` or ``TransferEncodingError`` for one that is not complete.
        """
        if self.done:
            return
        error: ContentLengthError | TransferEncodingError | None = None
        if self._chunked is not None:
            error = short_chunked()
        elif self._length is not None:
            missing = f"(received {self._fed} of {self._length} bytes)"
            error = ContentLengthError(f"Not enough data to satisfy content length header {missing}.")
        if error is not None:
            self.payload.set_exception(error)
            raise error
        self._end()

    def pause_reading(self) -> None:
        """Do nothing: what was fed is taken, and kept compressed while the reader is full."""
