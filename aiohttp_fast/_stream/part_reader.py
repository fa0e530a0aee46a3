"""BodyPartReader: one part of a multipart body as its reader sees it."""

import asyncio
import codecs
import json
import sys
from collections.abc import AsyncIterator, Mapping
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

from .._base import hdrs
from .._base.disposition import content_disposition_filename, parse_content_disposition
from .._base.mime import parse_content_type
from .._wire.coding import Decoder, decode_whole, make_decoder
from .._wire.codings import is_supported
from .._wire.errors import DecompressSizeError, LineTooLong
from .._wire.transfer import PLAIN, make_transfer_decoder, significant
from .reader import StreamReader

__all__ = ("BodyPartReader",)

_ALL = sys.maxsize
_MANY = 1024
_INLINE = 1 << 16  # bytes; more are decoded off the loop
_JUNK = 256  # characters of a base64 chunk that may be none of its alphabet before it is given out unaligned
# Their decoders take time with the square of the length, and no sender means them.
_MAX_CHARSET_NAME = 40  # characters; the longest in the IANA's register
_REFUSED_CHARSETS = frozenset(("punycode", "idna"))


class _State(Enum):
    FRESH = "fresh"  # the delimiter may come at once, without the line end before it
    BODY = "body"
    LINE = "line"  # a counted body and its line end were read; the delimiter has to follow
    OVER = "over"  # the delimiter was taken


_FRESH = _State.FRESH
_BODY = _State.BODY
_LINE = _State.LINE
_OVER = _State.OVER


class BodyPartReader:
    """The body of one part, read from *content* up to the line that begins with *boundary*.

    *boundary* includes its two hyphens. A part whose Content-Length is stated is read
    by that length, unless *subtype* is ``form-data`` (RFC 7578 4.8). Reading methods
    that return everything raise *max_size_error_cls* for more than *client_max_size*
    bytes, encoded or decoded, and every one raises ValueError for a body that ends
    without its boundary, or elsewhere than its Content-Length says. A cancelled call
    takes nothing.
    """

    chunk_size = 8192

    def __init__(
        self,
        boundary: bytes,
        headers: Mapping[str, str],
        content: StreamReader,
        *,
        subtype: str = "mixed",
        default_charset: str | None = None,
        max_decompress_size: int = 262144,
        client_max_size: int = sys.maxsize,
        max_size_error_cls: type[Exception] = ValueError,
    ) -> None:
        self.headers = headers
        self._boundary = boundary
        self._delimiter = b"\r\n" + boundary
        self._content = content
        self._is_form_data = subtype == "form-data"
        self._default_charset = default_charset
        self._max_decompress_size = max_decompress_size
        self._client_max_size = client_max_size
        self._max_size_error_cls = max_size_error_cls
        self._state = _FRESH
        self._kept = b""  # read from the content, and not given out from _kept_at on
        self._kept_at = 0
        self._left: int | None = None  # of a counted body
        if hdrs.CONTENT_LENGTH in headers and not self._is_form_data:
            self._left = self._length = _length(headers[hdrs.CONTENT_LENGTH])
        self._disposition: Mapping[str, str] | None = None
        # No line was begun, no length stated, no chunk to be aligned.
        self._is_plain = self._left is None and hdrs.CONTENT_TRANSFER_ENCODING not in headers

    # The fields

    def _parameters(self) -> Mapping[str, str]:
        if self._disposition is None:
            self._disposition = parse_content_disposition(self.headers.get(hdrs.CONTENT_DISPOSITION))[1]
        return self._disposition

    @property
    def name(self) -> str | None:
        """The parameter ``name`` of Content-Disposition (RFC 7578 4.2), None if it is not there."""
        return content_disposition_filename(self._parameters(), "name")

    @property
    def filename(self) -> str | None:
        """The file name in Content-Disposition: the sender's word, no path to write to. None if it is not there."""
        return content_disposition_filename(self._parameters(), "filename")

    def get_charset(self, default: str) -> str:
        """Return the charset that Content-Type states, else that of the form's ``_charset_`` field, else *default*."""
        field = self.headers.get(hdrs.CONTENT_TYPE)
        stated = parse_content_type(field)[1].get("charset") if field else None
        return stated or self._default_charset or default

    # Reading

    def at_eof(self) -> bool:
        """Return True once all of the part was read."""
        return (self._state is _OVER or self._state is _LINE) and not self._kept

    def __aiter__(self) -> "BodyPartReader":
        return self

    async def __anext__(self) -> bytes:
        data = await self.next()
        if data is None:
            raise StopAsyncIteration
        return data

    async def next(self) -> bytes | None:
        """Return what ``read`` does; None once there is nothing."""
        return await self.read() or None

    async def read(self, *, decode: bool = False) -> bytes:
        """Return the part's body, as it was sent or with its encodings removed; ``b""`` if it was read before.

        Decoding raises RuntimeError for an encoding that is not known, ValueError for
        bad base64, and ContentEncodingError for compressed data that is corrupt or cut short.
        """
        limit = self._client_max_size
        data = await self._read_some(limit if limit == _ALL else limit + 1)
        if data and not self.at_eof():
            data = await self._read_on(data, limit)
        if len(data) > limit:
            raise self._too_large(limit)
        if decode and data:
            return await self._decode_all(data, limit)
        return data

    async def _read_on(self, data: bytes, limit: int) -> bytes:
        size = len(data)
        blocks: list[bytes] = []  # of many pieces each: an object for every small one costs more than its bytes
        pieces = [data]
        try:
            while size <= limit and (data := await self._read_some(_ALL if limit == _ALL else limit + 1 - size)):
                pieces.append(data)
                size += len(data)
                if len(pieces) == _MANY:
                    blocks.append(b"".join(pieces))
                    pieces.clear()
        except BaseException:
            self._put_back(b"".join(blocks + pieces))
            raise
        return b"".join(blocks + pieces) if blocks else b"".join(pieces)

    async def read_chunk(self, size: int = chunk_size) -> bytes:
        """Return the next bytes of the body as they were sent, at most *size*; ``b""`` at its end.

        Of a part in base64 they can be decoded by themselves, and may be up to 256 more.
        """
        if size < 1:
            raise ValueError(f"a chunk must have at least one byte, not {size}")
        if self._is_plain and self._state is _BODY:  # what the calls below do, in the usual case
            chunk, ended = await self._content.read_before(self._delimiter, size)
            return chunk if chunk and not ended else self._ended(chunk, ended)
        chunk = await self._read_some(size)
        if chunk and self._transfer_encoding() == "base64":
            return await self._aligned(chunk)
        return chunk

    async def _aligned(self, chunk: bytes) -> bytes:
        """Read on to a multiple of four characters of base64."""
        missing = -significant(chunk) % 4
        if not missing:
            return chunk
        junk = 0
        try:
            while missing and junk < _JUNK and (piece := await self._read_some(missing)):
                chunk += piece
                found = significant(piece)
                missing -= found
                junk += len(piece) - found
        except BaseException:
            self._put_back(chunk)
            raise
        return chunk

    async def readline(self) -> bytes:
        """Return the next line with its LF, or what is left at the end; ``b""`` is the end.

        Raises LineTooLong for a line longer than the content's high-water mark.
        """
        pieces: list[bytes] = []
        size = 0
        limit = self._content.get_read_buffer_limits()[1]
        while True:
            data, start = self._kept, self._kept_at
            if not data:
                data, start = await self._read_line_piece(pieces), 0
                if not data:
                    break
            end = data.find(b"\n", start) + 1
            self._keep(data, end or len(data))
            pieces.append(data[start : end or None])
            size += len(pieces[-1])
            if size > limit:
                raise LineTooLong(pieces[0], limit, what="line of a part")
            if end:
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _read_line_piece(self, pieces: list[bytes]) -> bytes:
        try:
            return await self._read_some(self.chunk_size)
        except BaseException:
            self._put_back(b"".join(pieces))
            raise

    def _put_back(self, data: bytes) -> None:
        """Keep *data*, which a call that failed had taken, for the next one."""
        self._keep(data + self._kept[self._kept_at :], 0)

    def _keep(self, data: bytes, start: int) -> None:
        self._kept, self._kept_at = (data, start) if start < len(data) else (b"", 0)
        self._is_plain = False

    async def text(self, *, encoding: str | None = None) -> str:
        """Return the decoded body as text: in *encoding*, else in its own charset, else in UTF-8.

        Raises what ``read`` does, LookupError for a charset that is none, and UnicodeDecodeError.
        """
        data = await self.read(decode=True)
        return _text(data, encoding or self.get_charset("utf-8"))

    async def json(self, *, encoding: str | None = None) -> Any:
        """Return the decoded body parsed as JSON, None for nothing; raises what ``text`` does, and ValueError."""
        data = await self.read(decode=True)
        if not data:
            return None
        return json.loads(_text(data, encoding or self.get_charset("utf-8")))

    async def form(self, *, encoding: str | None = None) -> list[tuple[str, str]]:
        """Return the fields of an urlencoded form; raises what ``text`` does, ValueError for other bytes."""
        data = await self.read(decode=True)
        if not data:
            return []
        charset = encoding or self.get_charset("utf-8")
        try:
            text = _text(data.rstrip(), charset)
        except UnicodeDecodeError as exc:
            raise ValueError(f"data cannot be decoded with {charset} encoding") from exc
        return parse_qsl(text, keep_blank_values=True, encoding=charset)

    async def release(self) -> None:
        """Read the rest of the part, and drop it."""
        while await self._read_some(_ALL):
            pass

    # The bytes as they were sent

    async def _read_some(self, n: int) -> bytes:
        """Return at most *n* > 0 bytes of the body, ``b""`` at its end; no more are waited for than one."""
        if self._kept:
            data, start = self._kept, self._kept_at
            self._keep(data, start + n if n < len(data) else len(data))
            return data[start : start + n] if n < len(data) else data[start:]
        state = self._state
        if state is _OVER or state is _LINE:
            return b""
        if state is _FRESH and await self._is_empty():
            return b""
        if self._left is not None:
            return await self._read_counted(n)
        data, ended = await self._content.read_before(self._delimiter, n)
        return self._ended(data, ended)

    def _ended(self, data: bytes, ended: bool) -> bytes:
        if ended:
            self._state = _OVER
        elif not data:
            raise ValueError(f"Reading after EOF: the body ended before the boundary {self._boundary!r}")
        return data

    async def _is_empty(self) -> bool:
        """Take the delimiter if it follows the fields at once: the empty line is its own."""
        if not self._left and await self._content.starts_with(self._boundary):
            self._content.read_nowait(len(self._boundary))
            self._state = _OVER
            return True
        self._state = _BODY
        return False

    async def _read_counted(self, n: int) -> bytes:
        left: int = self._left  # type: ignore[assignment]
        data = b""
        if left:
            data = await self._content.read(min(n, left))
            self._left = left = left - len(data)
        if not left:
            try:
                is_line_end = await self._content.starts_with(b"\r\n")
            except asyncio.CancelledError:
                self._put_back(data)
                raise
            if not is_line_end:
                raise self._miscounted()
            self._content.read_nowait(2)
            self._state = _LINE
        elif not data:
            raise self._miscounted()
        return data

    def _miscounted(self) -> ValueError:
        return ValueError(
            f"Reader did not read all the data or it is malformed: a part ends elsewhere than after the"
            f" {self._length} bytes of its Content-Length"
        )

    async def _finish(self) -> None:
        """Read up to the next boundary, and take it; the reader of the whole body goes on from there."""
        self._kept = b""
        await self.release()
        if self._state is _LINE:
            if not await self._content.starts_with(self._boundary):
                raise self._miscounted()
            self._content.read_nowait(len(self._boundary))
            self._state = _OVER

    # Decoding

    def _transfer_encoding(self) -> str | None:
        """Return the transfer encoding that has to be removed, in lower case; None for bytes as they are."""
        stated = self.headers.get(hdrs.CONTENT_TRANSFER_ENCODING)
        if stated is None:
            return None
        encoding = stated.strip().lower()
        return None if encoding in PLAIN else encoding

    def _content_coding(self) -> str | None:
        """Return the coding that has to be removed, in lower case; RuntimeError for one that is not known."""
        if self._is_form_data:  # RFC 7578 4.8: such a field is ignored
            return None
        coding = self.headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()
        if not coding or coding == "identity":
            return None
        if not is_supported(coding):
            raise RuntimeError(f"unknown content encoding: {coding}")
        return coding

    def _removed_transfer(self, data: bytes) -> bytes:
        encoding = self._transfer_encoding()
        if encoding is None:
            return data
        decoder = make_transfer_decoder(encoding)
        return decoder.decode(data) + decoder.flush()

    async def _decode_all(self, data: bytes, limit: int) -> bytes:
        coding = self._content_coding()
        data = self._removed_transfer(data)
        if coding is None:
            return data
        most = 0 if limit == _ALL else limit
        try:
            if len(data) <= _INLINE:
                return decode_whole(coding, data, most)
            return await asyncio.get_running_loop().run_in_executor(None, decode_whole, coding, data, most)
        except DecompressSizeError as exc:
            raise self._too_large(limit) from exc

    def decode(self, data: bytes) -> bytes:
        """Return *data*, a body as ``read`` returned it, with transfer encoding and content coding removed.

        Raises what ``read(decode=True)`` does, and ``max_size_error_cls`` for more than
        ``max_decompress_size`` bytes; ``decode_iter`` has no such limit, and does not hold up the loop.
        """
        coding = self._content_coding()
        data = self._removed_transfer(data)
        if coding is None:
            return data
        try:
            return decode_whole(coding, data, self._max_decompress_size)
        except DecompressSizeError as exc:
            raise self._too_large(self._max_decompress_size) from exc

    async def decode_iter(self, data: bytes) -> AsyncIterator[bytes]:
        """Yield what ``decode`` would return, inflated in pieces of at most ``max_decompress_size`` bytes."""
        coding = self._content_coding()
        data = self._removed_transfer(data)
        if coding is None:
            yield data
            return
        decoder = make_decoder(coding)
        off_loop = len(data) > _INLINE
        for start in range(0, len(data), _INLINE):
            async for piece in self._inflated(decoder, data[start : start + _INLINE], off_loop):
                yield piece
        decoder.flush()

    async def _inflated(self, decoder: Decoder, data: bytes, off_loop: bool) -> AsyncIterator[bytes]:
        step = self._max_decompress_size
        while True:
            if off_loop:
                piece = await asyncio.get_running_loop().run_in_executor(None, decoder.decompress, data, step)
            else:
                piece = decoder.decompress(data, step)
            if piece:
                yield piece
            if decoder.needs_input:
                return
            data = b""

    async def _decoded(self) -> AsyncIterator[bytes]:
        """Yield the rest of the body without its encodings, as it comes; raises what ``read(decode=True)`` does."""
        coding = self._content_coding()
        encoding = self._transfer_encoding()
        transfer = None if encoding is None else make_transfer_decoder(encoding)
        decoder = None if coding is None else make_decoder(coding)
        ended = False
        while not ended:
            data = await self._read_some(_INLINE)
            ended = not data
            if transfer is not None:
                data = transfer.flush() if ended else transfer.decode(data)
            if decoder is None:
                if data:
                    yield data
            elif data:
                async for piece in self._inflated(decoder, data, False):
                    yield piece
        if decoder is not None:
            decoder.flush()

    def _too_large(self, limit: int) -> Exception:
        if self._max_size_error_cls is ValueError:
            return ValueError(f"a part has more than the limit of {limit} bytes")
        return self._max_size_error_cls(limit)


def _length(stated: str) -> int:
    if not (stated.isascii() and stated.isdigit() and len(stated) < 20):
        raise ValueError(f"invalid Content-Length: {stated[:100]!r}")
    return int(stated)


def _text(data: bytes, charset: str) -> str:
    # Python remembers every name that it was asked for.
    if len(charset) > _MAX_CHARSET_NAME or codecs.lookup(charset).name in _REFUSED_CHARSETS:
        raise LookupError(f"{charset[:_MAX_CHARSET_NAME]!r} is no charset of a body")
    return data.decode(charset)
