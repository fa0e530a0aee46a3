"""Payload: what a message body can be made from, and the registry that picks its kind by type."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from multidict import CIMultiDict

from .._base import hdrs
from .._base.later import later
from .._base.types import LooseHeaders, sentinel
from .abc import AbstractStreamWriter

# What the front door passes on; the rest is public by its module.
if TYPE_CHECKING:
    import mimetypes
else:
    mimetypes = later("mimetypes")

__all__ = (
    "PAYLOAD_REGISTRY",
    "Payload",
    "get_payload",
    "payload_type",
)

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_QUOTED = re.compile(r"([\t \"\\])")
_ESCAPE = r"\\\1"


class LookupError(Exception):  # the name is aiohttp's
    """No kind of payload is registered for the type of a body."""


class Order(str, Enum):  # noqa: UP042 - str() of a member differs
    """When a registered kind is tried."""

    normal = "normal"
    try_first = "try_first"
    try_last = "try_last"


class Payload(ABC):
    """The body of a message, or of a part of one, and the fields that describe it.

    ``headers`` always has a Content-Type: the one in *headers*, else *content_type*,
    else the guess by *filename* (for kinds that do not know better). Unknown keyword
    arguments are for subclasses.
    """

    _default_content_type: str = "application/octet-stream"
    _size: int | None = None
    _consumed: bool = False
    _autoclose: bool = False
    _headers: "CIMultiDict[str] | None" = None
    _plain_type: str | None = None  # the one field there is, as long as nobody asked for _headers

    def __init__(
        self,
        value: Any,
        headers: LooseHeaders | None = None,
        content_type: Any = sentinel,
        filename: str | None = None,
        encoding: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._value = value
        self._encoding = encoding
        self._filename = filename
        if content_type is sentinel or content_type is None:
            guess = mimetypes.guess_type(filename)[0] if filename is not None else None
            content_type = guess or self._default_content_type
        self._headers = CIMultiDict({hdrs.CONTENT_TYPE: content_type})
        if headers:
            self._headers.update(headers)

    @property
    def size(self) -> int | None:
        """How many bytes ``write`` will send, None where that is not known before."""
        return self._size

    @property
    def filename(self) -> str | None:
        """The name of the file that the body is, if it is one."""
        return self._filename

    @property
    def headers(self) -> "CIMultiDict[str]":
        """The fields that describe the body; may be changed."""
        if self._headers is None and self._plain_type is not None:
            self._headers = CIMultiDict({hdrs.CONTENT_TYPE: self._plain_type})
        return self._headers  # type: ignore[return-value]

    @property
    def _binary_headers(self) -> bytes:
        for name, value in self.headers.items():
            if not _TOKEN.fullmatch(name) or _FORBIDDEN.search(value):
                raise ValueError(f"the field {name!r} can not be sent: its name is no token, or its value has controls")
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return f"{fields}\r\n".encode("utf-8", "surrogateescape")

    @property
    def encoding(self) -> str | None:
        """The encoding of text, where the body is text."""
        return self._encoding

    @property
    def content_type(self) -> str:
        """The Content-Type field."""
        return self.headers[hdrs.CONTENT_TYPE]

    @property
    def consumed(self) -> bool:
        """True once the body was sent and cannot be sent again."""
        return self._consumed

    @property
    def autoclose(self) -> bool:
        """True if there is nothing that ``close`` would have to do."""
        return self._autoclose

    def set_content_disposition(
        self, disptype: str, quote_fields: bool = True, _charset: str = "utf-8", **params: str
    ) -> None:
        """Set Content-Disposition (RFC 6266, RFC 7578 4.2); ValueError for what it cannot hold."""
        self.headers[hdrs.CONTENT_DISPOSITION] = _disposition(disptype, quote_fields, _charset, params)

    @abstractmethod
    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the body as text; TypeError for a body that is not at hand."""

    @abstractmethod
    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send the whole body to *writer*."""

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Send the body, at most *content_length* bytes of it if that is not None.

        A subclass that only has ``write`` sends everything.
        """
        await self.write(writer)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the whole body; text in its own encoding, or in *encoding*."""
        return self.decode(encoding, errors).encode(self._encoding or encoding, errors)

    async def close(self) -> None:  # noqa: B027
        """Give up what the body holds: a file is closed. The session calls it once the request was answered."""


PayloadType = type[Payload]


class PayloadRegistry:
    """Kinds of payloads by the types that they are made from."""

    __slots__ = ("_first", "_last", "_normal", "_normal_lookup")

    def __init__(self) -> None:
        self._first: list[tuple[PayloadType, Any]] = []
        self._normal: list[tuple[PayloadType, Any]] = []
        self._last: list[tuple[PayloadType, Any]] = []
        self._normal_lookup: dict[Any, PayloadType] = {}

    def get(self, data: Any, *args: Any, _CHAIN: Any = chain, **kwargs: Any) -> Payload:  # noqa: N803
        """Return *data* if it is a payload, else one made from it; LookupError if no kind fits.

        Kinds of order ``try_first`` win, then the exact type, then the first whose type
        *data* is an instance of.
        """
        if self._first:
            for factory, kind in self._first:
                if isinstance(data, kind):
                    return factory(data, *args, **kwargs)
        if (exact := self._normal_lookup.get(type(data))) is not None:
            return exact(data, *args, **kwargs)
        if isinstance(data, Payload):
            return data
        for factory, kind in _CHAIN(self._normal, self._last):
            if isinstance(data, kind):
                return factory(data, *args, **kwargs)  # type: ignore[no-any-return]
        raise LookupError

    def register(self, factory: PayloadType, type: Any, *, order: Order = Order.normal) -> None:
        """Make payloads of *type* (a class, or several) with *factory*."""
        if order is Order.try_first:
            self._first.append((factory, type))
        elif order is Order.normal:
            self._normal.append((factory, type))
            for kind in type if isinstance(type, Iterable) else (type,):
                self._normal_lookup[kind] = factory
        elif order is Order.try_last:
            self._last.append((factory, type))
        else:
            raise ValueError(f"Unsupported order {order!r}")


PAYLOAD_REGISTRY: Final = PayloadRegistry()


def get_payload(data: Any, *args: Any, **kwargs: Any) -> Payload:
    """Return the payload that the package's registry makes from *data*; LookupError if none."""
    return PAYLOAD_REGISTRY.get(data, *args, **kwargs)


def register_payload(factory: PayloadType, type: Any, *, order: Order = Order.normal) -> None:
    """Add a kind of payload to the package's registry."""
    PAYLOAD_REGISTRY.register(factory, type, order=order)


class payload_type:  # noqa: N801
    """Decorator that registers a subclass of Payload for *type*."""

    def __init__(self, type: Any, *, order: Order = Order.normal) -> None:
        self.type = type
        self.order = order

    def __call__(self, factory: PayloadType) -> PayloadType:
        register_payload(factory, self.type, order=self.order)
        return factory


def content_disposition_header(disptype: str, quote_fields: bool = True, _charset: str = "utf-8", **params: str) -> str:
    """Return the value of a Content-Disposition field; see ``Payload.set_content_disposition``.

    Raises ValueError for a type or name that is no token, and for control characters.
    """
    return _disposition(disptype, quote_fields, _charset, params)


def _disposition(disptype: str, quote_fields: bool, charset: str, params: dict[str, str]) -> str:
    if not disptype or not _TOKEN.fullmatch(disptype):
        raise ValueError(f"bad content disposition type {disptype!r}")
    parts = [disptype]
    for name, value in params.items():
        if not name or not _TOKEN.fullmatch(name):
            raise ValueError(f"bad content disposition parameter {name!r}={value!r}")
        if _FORBIDDEN.search(value):
            raise ValueError(f"control character in content disposition parameter {name!r}")
        parts.append(_parameter(name, value, quote_fields, charset, disptype.lower() == "form-data"))
    return "; ".join(parts)


def _parameter(name: str, value: str, quote_fields: bool, charset: str, is_form_data: bool) -> str:
    if not quote_fields:  # RFC 7578: text as it is, only what would end the quotes is escaped
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{name}="{escaped}"'
    if name == "filename":
        return f'filename="{quote(value.encode(charset), "")}"'
    if value.isascii() or is_form_data:  # extended parameters have no place in a form (RFC 7578 4.2 and 5.1)
        return f'{name}="{_QUOTED.sub(_ESCAPE, value)}"'
    return f"{name}*={charset}''{quote(value.encode(charset), '')}"
