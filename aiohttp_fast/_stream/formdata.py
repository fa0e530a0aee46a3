"""FormData: the fields of a form as a request body."""

from collections.abc import Iterable, Mapping
from io import IOBase
from typing import Any
from urllib.parse import urlencode

from multidict import MultiDict, MultiDictProxy

from .._base import hdrs
from .payload import Payload
from .payload_kinds import BytesPayload

__all__ = ("FormData",)

_KINDS = (
    "Only io.IOBase, multidict and (name, file) pairs allowed, "
    "use .add_field() for passing more complex parameters, got {!r}"
)


class FormData:
    """Collects fields; calling it gives the payload, ``application/x-www-form-urlencoded``.

    *fields* is a mapping, a multidict, or a list or tuple of (name, value) pairs. Text
    is encoded with *charset*, UTF-8 where that is None. Whatever needs
    ``multipart/form-data`` (a file, bytes, a content type, a file name) raises
    NotImplementedError: it comes with the next release.
    """

    def __init__(
        self,
        fields: Iterable[Any] = (),
        quote_fields: bool = True,
        charset: str | None = None,
        *,
        default_to_multipart: bool = False,
    ) -> None:
        if default_to_multipart:
            _refuse_multipart("default_to_multipart")
        self._quote_fields = quote_fields
        self._charset = charset
        self._fields: list[tuple[str, Any]] = []
        if isinstance(fields, Mapping | MultiDictProxy):
            fields = list(fields.items())
        elif not isinstance(fields, list | tuple):
            fields = (fields,)
        self.add_fields(*fields)

    @property
    def is_multipart(self) -> bool:
        """Whether the form needs ``multipart/form-data``; not yet possible."""
        return False

    def add_field(
        self,
        name: str,
        value: Any,
        *,
        content_type: str | None = None,
        filename: str | None = None,
        content_transfer_encoding: str | None = None,
    ) -> None:
        """Add a field. Raises TypeError for a *name* or option that is not str."""
        for option, given in (
            ("content_type", content_type),
            ("filename", filename),
            ("content_transfer_encoding", content_transfer_encoding),
        ):
            if given is not None:
                if not isinstance(given, str):
                    raise TypeError(f"{option} must be an instance of str. Got: {given!r}")
                _refuse_multipart(option)
        if isinstance(value, IOBase):
            _refuse_multipart("a file")
        if isinstance(value, bytes | bytearray | memoryview):
            _refuse_multipart("a value of bytes")
        if not isinstance(name, str):
            raise TypeError(f"the name of a field must be str, not {type(name).__name__!r}")
        self._fields.append((name, value))

    def add_fields(self, *fields: Any) -> None:
        """Add fields: files, multidicts, and (name, value) pairs. Raises TypeError for anything else."""
        for field in fields:
            if isinstance(field, IOBase):
                _refuse_multipart("a file")
            elif isinstance(field, MultiDict | MultiDictProxy):
                for name, value in field.items():
                    self.add_field(name, value)
            elif isinstance(field, list | tuple) and len(field) == 2:
                self.add_field(field[0], field[1])
            else:
                raise TypeError(_KINDS.format(field))

    def __call__(self) -> Payload:
        charset = self._charset or "utf-8"
        content_type = "application/x-www-form-urlencoded"
        if charset.lower() != "utf-8":
            content_type += f"; charset={charset}"
        text = urlencode(self._fields, doseq=True, encoding=charset)
        return BytesPayload(text.encode("ascii"), headers={hdrs.CONTENT_TYPE: content_type})


def _refuse_multipart(what: str) -> None:
    raise NotImplementedError(f"multipart FormData ({what}) comes with the next release")
