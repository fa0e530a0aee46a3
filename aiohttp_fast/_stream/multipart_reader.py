"""MultipartReader: the parts of a multipart body, one after the other, as they arrive (RFC 2046 5.1)."""

import sys
from collections.abc import Mapping
from enum import Enum
from typing import Any

from multidict import CIMultiDictProxy

from .._base import hdrs
from .._base.mime import parse_content_type
from .._wire.errors import BadHttpMessage
from .._wire.multipart import delimiter_of, parse_head
from .abc import AbstractStreamWriter
from .part_reader import BodyPartReader
from .payload import PAYLOAD_REGISTRY, Payload
from .reader import StreamReader

__all__ = ("BodyPartReaderPayload", "MultipartReader", "MultipartResponseWrapper")

_MAX_DEPTH = 8  # multipart bodies within one another; each level looks at every byte again
_FIELDS_FACTOR = 8  # all fields of a part together may have so many times max_field_size bytes
_PART_BYTES = 1024  # per part, on average, that keep a body of very many parts welcome
_PIECE = 1 << 16
_MAX_CHARSET = 31  # bytes of a _charset_ field


class _State(Enum):
    START = "start"  # before the first boundary
    PART = "part"  # a part is being read
    BOUNDARY = "boundary"  # a boundary was taken, its line not yet
    OVER = "over"  # the closing boundary was taken
    FAILED = "failed"


_START = _State.START
_PART = _State.PART
_BOUNDARY = _State.BOUNDARY
_OVER = _State.OVER
_FAILED = _State.FAILED


class MultipartReader:
    """The parts of the body *content*, whose fields are *headers*; each is a BodyPartReader or a MultipartReader.

    One part is read at a time: asking for the next drops what is left of the one
    before. A part that is multipart itself ends where its parent's boundary comes,
    closed or not. Limits: a field of a part may have *max_field_size* bytes, all of
    them together eight times that, and there may be *max_headers*; eight levels of
    multipart; ``max_parts`` parts, and beyond them one for each KiB of the body. What
    is malformed or beyond a limit raises ValueError, or for fields InvalidHeader,
    LineTooLong or TooManyHeaders, now and on every further call. *client_max_size* and
    *max_size_error_cls* are for the parts.
    """

    response_wrapper_cls: Any = None  # set below
    multipart_reader_cls: "type[MultipartReader] | None" = None
    part_reader_cls: type[BodyPartReader] = BodyPartReader
    max_parts = 10_000

    def __init__(
        self,
        headers: Mapping[str, str],
        content: StreamReader,
        *,
        client_max_size: int = sys.maxsize,
        max_field_size: int = 8190,
        max_headers: int = 128,
        max_size_error_cls: type[Exception] = ValueError,
    ) -> None:
        self.headers = headers
        self._boundary = delimiter_of(headers)
        self._subtype = parse_content_type(headers[hdrs.CONTENT_TYPE])[0].partition("/")[2]
        self._content = content
        self._depth = content.depth if isinstance(content, _Enclosed) else 0
        if self._depth >= _MAX_DEPTH:
            raise ValueError(f"multipart bodies within one another are more than the limit of {_MAX_DEPTH}")
        self._client_max_size = client_max_size
        self._max_field_size = max_field_size
        self._max_headers = max_headers
        self._max_size_error_cls = max_size_error_cls
        self._default_charset: str | None = None
        self._charset = b""
        self._charset_part: BodyPartReader | None = None  # the field ``_charset_``, while it is being read
        self._state = _START
        self._last: BodyPartReader | None = None
        self._parts = 0
        self._error: Exception | None = None

    @classmethod
    def from_response(cls, response: Any) -> "MultipartResponseWrapper":
        """Return the parts of *response*, a ClientResponse, whose connection is given back after the last."""
        return cls.response_wrapper_cls(response, cls(response.headers, response.content))  # type: ignore[no-any-return]

    def __aiter__(self) -> "MultipartReader":
        return self

    async def __anext__(self) -> "MultipartReader | BodyPartReader":
        part = await self.next()
        if part is None:
            raise StopAsyncIteration
        return part

    def at_eof(self) -> bool:
        """Return True once the closing boundary was read."""
        return self._state is _OVER

    async def next(self) -> "MultipartReader | BodyPartReader | None":
        """Return the next part, None once there is none.

        A form's ``_charset_`` field is no part: it is the charset of those behind it
        that state none (RFC 7578 4.6).
        """
        while True:
            if self._charset_part is None:
                part = await self._next()
                if part is None or not self._is_charset(part):
                    return part
                self._charset_part = part  # type: ignore[assignment]
            await self._take_charset(self._charset_part)  # type: ignore[arg-type]
            self._charset_part = None

    async def _next(self) -> "MultipartReader | BodyPartReader | None":
        if self._state is _OVER:
            return None
        if self._error is not None:
            raise self._error
        try:
            if self._state is not _BOUNDARY:
                await self._to_boundary()
            if await self._content.starts_with(b"--"):
                await self._close()
                return None
            return await self.fetch_next_part()
        except (ValueError, BadHttpMessage) as exc:
            self._state = _FAILED
            self._error = exc
            raise

    async def fetch_next_part(self) -> "MultipartReader | BodyPartReader":
        """Return the part that begins behind the boundary just read; ``next`` is what users call."""
        block = await self._content.readuntil(b"\r\n\r\n", max_size=_FIELDS_FACTOR * self._max_field_size)
        headers = parse_head(block, self._boundary, self._max_field_size, self._max_headers)
        self._parts += 1
        if self._parts > self.max_parts + self._content.total_bytes // _PART_BYTES:
            raise ValueError(f"a multipart body has more than the limit of {self.max_parts} small parts")
        part = self._get_part_reader(headers)
        self._state = _PART
        return part

    async def release(self) -> None:
        """Read all that is left up to the closing boundary, and drop it."""
        while await self.next() is not None:
            pass

    def _get_part_reader(self, headers: "CIMultiDictProxy[str]") -> "MultipartReader | BodyPartReader":
        kind = headers.get(hdrs.CONTENT_TYPE)
        if kind is None or kind[:10].lower() != "multipart/":
            self._last = self._part(self.part_reader_cls, headers)
            return self._last
        cls = type(self) if self.multipart_reader_cls is None else self.multipart_reader_cls
        self._last = self._part(BodyPartReader, headers)
        return cls(
            headers,
            _Enclosed(self._last, self._depth + 1),
            client_max_size=self._client_max_size,
            max_field_size=self._max_field_size,
            max_headers=self._max_headers,
            max_size_error_cls=self._max_size_error_cls,
        )

    def _part(self, cls: type[BodyPartReader], headers: "CIMultiDictProxy[str]") -> BodyPartReader:
        return cls(
            self._boundary,
            headers,
            self._content,
            subtype=self._subtype,
            default_charset=self._default_charset,
            client_max_size=self._client_max_size,
            max_size_error_cls=self._max_size_error_cls,
        )

    # From one boundary to the next

    async def _to_boundary(self) -> None:
        """Take the next boundary; what is before it is dropped."""
        if self._last is not None:
            await self._last._finish()
            self._last = None
        elif await self._content.starts_with(self._boundary):
            self._content.read_nowait(len(self._boundary))
        else:
            await self._skip_preamble()
        self._state = _BOUNDARY

    async def _skip_preamble(self) -> None:
        line = b"\n" + self._boundary
        found = False
        while not found:
            data, found = await self._content.read_before(line, _PIECE)
            if not (data or found):
                raise ValueError(f"Could not find starting boundary {self._boundary!r}")

    async def _close(self) -> None:
        """Read the line of the closing boundary; what follows it means nothing."""
        line = await self._content.readuntil(b"\n", max_size=self._max_field_size)
        if line.rstrip(b" \t\r\n") != b"--":
            raise ValueError(f"Invalid boundary {self._boundary + line[:100]!r}, expected {self._boundary + b'--'!r}")
        self._state = _OVER

    # The charset of a form

    def _is_charset(self, part: "MultipartReader | BodyPartReader") -> bool:
        return (
            self._subtype == "form-data"
            and isinstance(part, BodyPartReader)
            and "_charset_" in part.headers.get(hdrs.CONTENT_DISPOSITION, "")
            and part.name == "_charset_"
            and part.filename is None
        )

    async def _take_charset(self, part: BodyPartReader) -> None:
        while more := await part.read_chunk(_MAX_CHARSET + 1 - len(self._charset)):
            self._charset += more  # kept here: a call that is cancelled is made again
            if len(self._charset) > _MAX_CHARSET:
                raise RuntimeError(f"Invalid default charset: it has more than {_MAX_CHARSET} bytes")
        self._default_charset = self._charset.strip().decode("utf-8", "replace") or None


class _NoConnection:
    """Stands where the connection of a reader would; what is asked for is all that is brought."""

    transport = None

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


_NO_CONNECTION = _NoConnection()


class _Enclosed(StreamReader):
    """What a part holds, as the content of the reader of a multipart body within; it ends where the part ends."""

    __slots__ = ("_part", "depth")

    def __init__(self, part: BodyPartReader, depth: int) -> None:
        super().__init__(_NO_CONNECTION, _PIECE)  # type: ignore[arg-type]
        self._part = part
        self.depth = depth

    async def _wait(self, name: str, wanted: int) -> None:
        """Bring more; the part asks its own content."""
        data = await self._part._read_some(_PIECE)
        if data:
            self.feed_data(data)
        else:
            self.feed_eof()


class MultipartResponseWrapper:
    """The parts of *stream*, the body of *resp*, whose connection is given back after the last."""

    def __init__(self, resp: Any, stream: MultipartReader) -> None:
        self.resp = resp
        self.stream = stream

    def __aiter__(self) -> "MultipartResponseWrapper":
        return self

    async def __anext__(self) -> "MultipartReader | BodyPartReader":
        part = await self.next()
        if part is None:
            raise StopAsyncIteration
        return part

    def at_eof(self) -> bool:
        """Return True once the whole body of the response was read."""
        return self.resp.content.at_eof()  # type: ignore[no-any-return]

    async def next(self) -> "MultipartReader | BodyPartReader | None":
        """Return the next part, None once there is none."""
        part = await self.stream.next()
        if self.stream.at_eof():
            await self.release()
        return part

    async def release(self) -> None:
        """Give the connection back; it is closed if the body is not complete."""
        await self.resp.release()


MultipartReader.response_wrapper_cls = MultipartResponseWrapper


class BodyPartReaderPayload(Payload):
    """The rest of a part that is read, as a body or a part that is written: decoded, once."""

    _value: BodyPartReader

    def __init__(self, value: BodyPartReader, *args: Any, **kwargs: Any) -> None:
        super().__init__(value, *args, **kwargs)
        params = {name: text for name, text in (("name", value.name), ("filename", value.filename)) if text is not None}
        if params:
            self.set_content_disposition("attachment", True, "utf-8", **params)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Raise TypeError: the part has to be read first."""
        raise TypeError("Unable to decode.")

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Raise TypeError: a part may be of any size, and is only passed through."""
        raise TypeError("Unable to read body part as bytes. Use write() to consume.")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send what is left of the part, without its transfer encoding and content coding."""
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send what is left of the part, at most *content_length* bytes of it."""
        if self._consumed:
            raise RuntimeError("the part was sent already and cannot be sent again")
        self._consumed = True
        left = content_length
        async for data in self._value._decoded():
            if left is not None:
                data = data[:left]
                left -= len(data)
            if data:
                await writer.write(data)


PAYLOAD_REGISTRY.register(BodyPartReaderPayload, BodyPartReader)
