"""MultipartWriter: payloads as the parts of a multipart body (RFC 2046 5.1, RFC 7578)."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

from .._base import hdrs
from .._wire.multipart import boundary_parameter, check_boundary
from .abc import AbstractStreamWriter
from .part_writer import MultipartPayloadWriter, check_coding, check_transfer_encoding, encoded
from .payload import LookupError as NoPayload
from .payload import Payload, get_payload
from .payload_kinds import BytesPayload, JsonBytesPayload, JsonPayload, StringIOPayload, StringPayload

__all__ = ("MultipartWriter",)

_SUBTYPE = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NOT_IN_A_FORM = (hdrs.CONTENT_ENCODING, hdrs.CONTENT_LENGTH)
_IN_MEMORY = frozenset((BytesPayload, JsonBytesPayload, JsonPayload, StringIOPayload, StringPayload))
_URLENCODED = "application/x-www-form-urlencoded"
_JOIN_MAX = 1 << 15  # bytes; parts up to this size leave in one piece with their heads and neighbours

_Part = tuple[Payload, str | None, str]  # with the content coding and the transfer encoding that are put on it


class MultipartWriter(Payload):
    """The body ``multipart/subtype``; its parts are payloads, each with fields of its own.

    Where all parts know their sizes, so does the body, and it is sent with a
    Content-Length. It can be sent as often as its parts can. Raises ValueError for a
    *subtype* that is no token, and for a *boundary* (by default a random one) other
    than 1 to 70 printable ASCII characters, the last of them no blank; TypeError if it is not str.
    """

    _value: None

    def __init__(self, subtype: str = "mixed", boundary: str | None = None) -> None:
        if not _SUBTYPE.fullmatch(subtype):
            raise ValueError(f"a multipart subtype must be a token, not {subtype!r}")
        boundary = os.urandom(16).hex() if boundary is None else boundary
        self._boundary = check_boundary(boundary)
        super().__init__(None, content_type=f"multipart/{subtype}; boundary={boundary_parameter(boundary)}")
        self._is_form_data = subtype == "form-data"
        self._parts: list[_Part] = []
        self._sizes: list[int | None] | None = None  # as ``size`` last told them

    def __enter__(self) -> "MultipartWriter":
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        """Do nothing."""

    def __iter__(self) -> Iterator[_Part]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __bool__(self) -> bool:
        return True

    @property
    def boundary(self) -> str:
        """The boundary, without hyphens and quotes."""
        return self._boundary.decode("ascii")

    @property
    def consumed(self) -> bool:
        """True once a part was sent that cannot be sent again."""
        return any(part.consumed for part, _, _ in self._parts)

    @property
    def autoclose(self) -> bool:
        """True if no part has anything to close."""
        return all(part.autoclose for part, _, _ in self._parts)

    # Adding parts

    def append(self, obj: Any, headers: Mapping[str, str] | None = None) -> Payload:
        """Add *obj*, a payload or what one can be made from, with *headers* added to its own; return the payload.

        Raises TypeError for what is no body, and what ``append_payload`` raises.
        """
        if isinstance(obj, Payload):
            if headers:
                obj.headers.update(headers)
            return self.append_payload(obj)
        try:
            payload = get_payload(obj, headers=headers)
        except NoPayload:
            raise TypeError(f"Cannot create payload from {obj!r}") from None
        return self.append_payload(payload)

    def append_payload(self, payload: Payload) -> Payload:
        """Add *payload*, and do with it what its Content-Encoding and Content-Transfer-Encoding say; return it.

        A part of known size gets a Content-Length, a part of a form a
        Content-Disposition (RFC 7578 4.2). Raises RuntimeError for an encoding that is
        not known, ValueError for fields that cannot be sent, and in a form for a
        Content-Encoding or Content-Length (RFC 7578 4.8), TypeError for what is no payload.
        """
        if not isinstance(payload, Payload):
            raise TypeError(f"a part must be a Payload, not {type(payload).__name__!r}; append() makes one")
        headers = payload.headers
        if self._is_form_data:
            for name in _NOT_IN_A_FORM:
                if name in headers:
                    raise ValueError(f"a part of a form can not have the header {name!r} (RFC 7578 4.8)")
            if hdrs.CONTENT_DISPOSITION not in headers:
                payload.set_content_disposition("form-data", name=f"section-{len(self._parts)}")
        coding = check_coding(headers.get(hdrs.CONTENT_ENCODING))
        transfer = check_transfer_encoding(headers.get(hdrs.CONTENT_TRANSFER_ENCODING))
        if coding or transfer:
            headers.popall(hdrs.CONTENT_LENGTH, None)
        elif not self._is_form_data and (size := payload.size) is not None:
            headers[hdrs.CONTENT_LENGTH] = str(size)
        _ = payload._binary_headers  # what cannot be sent is refused here, where it comes from
        self._parts.append((payload, coding, transfer))
        self._sizes = None
        return payload

    def append_json(self, obj: Any, headers: Mapping[str, str] | None = None) -> Payload:
        """Add *obj* as JSON; return the payload."""
        return self.append_payload(JsonPayload(obj, headers=headers))

    def append_form(
        self, obj: Sequence[tuple[str, str]] | Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Payload:
        """Add *obj*, a mapping or (name, value) pairs, as an urlencoded form; return it. TypeError otherwise."""
        try:
            text = urlencode(list(obj.items()) if isinstance(obj, Mapping) else obj, doseq=True)
        except (TypeError, ValueError):
            raise TypeError("not a valid non-string sequence or mapping object") from None
        return self.append_payload(StringPayload(text, headers=headers, content_type=_URLENCODED))

    # Sending

    def _head(self, part: Payload) -> bytes:
        return b"--" + self._boundary + b"\r\n" + part._binary_headers

    @property
    def size(self) -> int | None:
        """How many bytes ``write`` will send; None if a part does not know, or is encoded on its way."""
        sizes = [None if coding or transfer else part.size for part, coding, transfer in self._parts]
        self._sizes = sizes
        total = len(self._boundary) + 6
        for part, _, _ in self._parts:
            total += len(self._head(part)) + 2
        for size in sizes:
            if size is None:
                return None
            total += size
        return total

    async def write(self, writer: AbstractStreamWriter, close_boundary: bool = True) -> None:
        """Send all parts; with *close_boundary* false, leave out the closing boundary."""
        await self._write(writer, close_boundary, [None] * len(self._parts))

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send all parts; with *content_length*, no more of each than ``size`` counted: a file may have grown since."""
        sizes = self._sizes if content_length is not None else None
        await self._write(writer, True, sizes or [None] * len(self._parts))

    async def _write(self, writer: AbstractStreamWriter, close_boundary: bool, sizes: list[int | None]) -> None:
        pending = bytearray()
        for (part, coding, transfer), size in zip(self._parts, sizes, strict=True):
            pending += self._head(part)
            if coding or transfer:
                await _flush(writer, pending)
                await _write_encoded(writer, part, coding, transfer)
            elif type(part) in _IN_MEMORY and (part.size or 0) <= _JOIN_MAX:
                pending += part._value
            else:
                await _flush(writer, pending)
                await part.write_with_length(writer, size)
            pending += b"\r\n"
            if len(pending) > _JOIN_MAX:
                await _flush(writer, pending)
        if close_boundary:
            pending += b"--" + self._boundary + b"--\r\n"
        await _flush(writer, pending)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the body as it is sent; parts that can be sent only once may keep what they held."""
        body = bytearray()
        for part, coding, transfer in self._parts:
            body += self._head(part)
            body += encoded(await part.as_bytes(encoding, errors), coding, transfer)
            body += b"\r\n"
        return bytes(body + b"--" + self._boundary + b"--\r\n")

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the body as text, parts as they are before they are encoded; blocks where one is a file.

        TypeError for a part that is not at hand.
        """
        texts = []
        for part, _, _ in self._parts:
            head = self._head(part).decode("utf-8", "surrogateescape")
            texts.append(f"{head}{part.decode(part.encoding or encoding, errors)}\r\n")
        return f"{''.join(texts)}--{self.boundary}--\r\n"

    async def close(self) -> None:
        """Close all parts; what the first failure said is raised when all were tried."""
        failure: Exception | None = None
        for part, _, _ in self._parts:
            try:
                await part.close()
            except Exception as exc:
                failure = failure or exc
        if failure is not None:
            raise failure


async def _flush(writer: AbstractStreamWriter, pending: bytearray) -> None:
    if pending:
        await writer.write(bytes(pending))
        pending.clear()


async def _write_encoded(writer: AbstractStreamWriter, part: Payload, coding: str | None, transfer: str) -> None:
    wrapper: Any = MultipartPayloadWriter(writer)
    if coding:
        wrapper.enable_compression(coding)
    if transfer:
        wrapper.enable_encoding(transfer)
    await part.write(wrapper)
    await wrapper.write_eof()
