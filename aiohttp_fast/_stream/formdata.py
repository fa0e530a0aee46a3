"""FormData: the fields of a form as a request body, urlencoded or multipart (RFC 7578)."""

import re
from collections.abc import AsyncIterable, Iterable, Mapping
from io import IOBase
from typing import Any
from urllib.parse import urlencode

from multidict import MultiDict, MultiDictProxy

from .._base import hdrs
from .._base.checks import check_text
from .._base.warn import deprecated
from .multipart_writer import MultipartWriter
from .part_writer import check_transfer_encoding
from .payload import LookupError as NoPayload
from .payload import Payload, get_payload
from .payload_kinds import BytesPayload, file_name

__all__ = ("FormData",)

_KINDS = (
    "Only io.IOBase, multidict and (name, file) pairs allowed, "
    "use .add_field() for passing more complex parameters, got {}"
)
_BYTES_FIELD = (
    "In v4, passing bytes will no longer create a file field. "
    "Please explicitly use the filename parameter or pass a BytesIO object."
)
_ENCODED_FIELD = (
    "content_transfer_encoding is deprecated. To maintain compatibility with v4 please pass a BytesPayload."
)
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_Field = tuple[str, Any, "dict[str, str]", "str | None"]  # name, value, fields of the part, file name


class FormData:
    """Collects fields; calling it gives the payload.

    *fields* is a mapping, a multidict, a file, or a list or tuple of files and (name,
    value) pairs. The form is ``application/x-www-form-urlencoded`` unless a field
    needs ``multipart/form-data``: a file, bytes, a payload or asynchronous iterable,
    anything with a content type or a file name; or *default_to_multipart* is true.
    Text is encoded with *charset*, UTF-8 where that is None. With *quote_fields* false
    names and file names are sent as they are, only quotes and backslashes escaped.

    A form can be sent any number of times, as long as its fields can: a file that was
    opened for it is closed after the first request that was answered, an asynchronous
    iterable is used up.
    """

    def __init__(
        self,
        fields: Iterable[Any] = (),
        quote_fields: bool = True,
        charset: str | None = None,
        *,
        default_to_multipart: bool = False,
    ) -> None:
        if charset is not None:
            check_text("charset", charset)
        self._quote_fields = quote_fields
        self._charset = charset
        self._is_multipart = default_to_multipart
        self._fields: list[_Field] = []
        self._writer: MultipartWriter | None = None
        if isinstance(fields, Mapping | MultiDictProxy):
            fields = list(fields.items())
        elif not isinstance(fields, list | tuple):
            fields = (fields,)
        self.add_fields(*fields)

    @property
    def is_multipart(self) -> bool:
        """Whether the form is sent as ``multipart/form-data``."""
        return self._is_multipart

    def add_field(
        self,
        name: str,
        value: Any,
        *,
        content_type: str | None = None,
        filename: str | None = None,
        content_transfer_encoding: str | None = None,
    ) -> None:
        """Add a field.

        A file's own name, or *name*, is its *filename* if none is given; so is *name* for
        bytes, which is deprecated. *content_transfer_encoding* (deprecated, RFC 7578 4.7)
        encodes the value: base64 or quoted-printable; binary, 8bit and 7bit are only
        stated. Raises TypeError for a *name* or option that is not str, ValueError for
        one with control characters, RuntimeError for an unknown encoding.
        """
        if not isinstance(name, str):
            raise TypeError(f"the name of a field must be str, not {type(name).__name__!r}")
        for option, given in (
            ("content_type", content_type),
            ("filename", filename),
            ("content_transfer_encoding", content_transfer_encoding),
        ):
            if given is not None:
                _check_option(option, given)
                self._is_multipart = True
        headers: dict[str, str] = {}
        if content_type is not None:
            headers[hdrs.CONTENT_TYPE] = content_type
        if content_transfer_encoding is not None:
            check_transfer_encoding(content_transfer_encoding)
            deprecated(_ENCODED_FIELD)
            headers[hdrs.CONTENT_TRANSFER_ENCODING] = content_transfer_encoding
        if isinstance(value, IOBase):
            self._is_multipart = True
            if filename is None:
                filename = file_name(value) or name
        elif isinstance(value, bytes | bytearray | memoryview):
            self._is_multipart = True
            if filename is None and content_transfer_encoding is None:
                deprecated(_BYTES_FIELD)
                filename = name
        elif isinstance(value, Payload | AsyncIterable):
            self._is_multipart = True
        self._fields.append((name, value, headers, filename))

    def add_fields(self, *fields: Any) -> None:
        """Add fields: files, multidicts, and (name, value) pairs. Raises TypeError for anything else."""
        for field in fields:
            if isinstance(field, IOBase):
                self.add_field(file_name(field) or "unknown", field)
            elif isinstance(field, MultiDict | MultiDictProxy):
                for name, value in field.items():
                    self.add_field(name, value)
            elif isinstance(field, list | tuple) and len(field) == 2:
                self.add_field(field[0], field[1])
            else:
                raise TypeError(_KINDS.format(type(field).__name__))

    def __call__(self) -> Payload:
        return self._multipart() if self._is_multipart else self._urlencoded()

    def _urlencoded(self) -> Payload:
        charset = self._charset or "utf-8"
        content_type = "application/x-www-form-urlencoded"
        if charset.lower() != "utf-8":
            content_type += f"; charset={charset}"
        text = urlencode([(name, value) for name, value, _, _ in self._fields], doseq=True, encoding=charset)
        return BytesPayload(text.encode("ascii"), headers={hdrs.CONTENT_TYPE: content_type})

    def _multipart(self) -> MultipartWriter:
        """Return the one writer of this form, with the fields that were added since the last call."""
        writer = self._writer
        if writer is None:
            writer = self._writer = MultipartWriter("form-data")
        for name, value, headers, filename in self._fields[len(writer) :]:
            payload = self._payload(value, headers)
            params = {"name": name} if filename is None else {"name": name, "filename": filename}
            payload.set_content_disposition("form-data", quote_fields=self._quote_fields, **params)
            writer.append_payload(payload)
        return writer

    def _payload(self, value: Any, headers: dict[str, str]) -> Payload:
        if isinstance(value, Payload):
            value.headers.update(headers)
            return value
        kind = headers.get(hdrs.CONTENT_TYPE)
        try:
            if kind is None:
                return get_payload(value, headers=headers, encoding=self._charset)
            return get_payload(value, headers=headers, encoding=self._charset, content_type=kind)
        except NoPayload:
            raise TypeError(
                f"Can not serialize value type: {type(value)}\n headers: {headers}\n value: {value!r}"
            ) from None


def _check_option(option: str, given: str) -> None:
    if not isinstance(given, str):
        raise TypeError(f"{option} must be an instance of str. Got: {given!r}")
    if _CONTROLS.search(given):
        raise ValueError(f"{option} has a control character (header injection?)")
