"""Values that users hand to a session: time-outs and limits, frozen."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from math import inf
from typing import Any, NamedTuple, TypedDict

from multidict import CIMultiDict

from .._base.attrs_fields import AttrsFields
from .._base.checks import HUGE, check_number, shown_value, whole
from .._base.types import LooseCookies, LooseHeaders, Query, StrOrURL, sentinel
from .._base.warn import deprecated
from .._stream.timer import CEIL_THRESHOLD
from .._wire.http.message import HttpVersion
from .auth import BasicAuth

__all__ = (
    "BODY_LIMITS",
    "DEFAULT_BUFSIZE",
    "DEFAULT_LIMITS",
    "DEFAULT_TIMEOUT",
    "LIMITS",
    "NO_LIMIT",
    "NO_TIMEOUT",
    "PROXY_OPTIONS",
    "REQUEST_OPTIONS",
    "TLS_OPTIONS",
    "BodyLimits",
    "BodyOptions",
    "ClientTimeout",
    "ParserLimits",
    "RedirectOptions",
    "RequestOptions",
    "as_fields",
    "as_timeout",
    "as_version",
    "body_limits_from",
    "check_time_limits",
    "checked_limits",
    "field_names",
    "limits_from",
    "session_timeout",
)

DEFAULT_BUFSIZE = 2**18  # bytes of a body that may wait for their reader
NO_LIMIT = "0 for no limit, or more"  # what options that are limits want


def check_time_limits(limits: Any, names: "tuple[str, ...]") -> None:
    """Raise ``TypeError`` and ``ValueError`` where an attribute of *limits* is no time.

    A negative one is the time that is left in somebody's calculation: what it means is up to who waits.
    """
    for name in names:
        value = getattr(limits, name)
        if value is not None:
            check_number(f"{type(limits).__name__}({name}=)", value, "None or a number of seconds", -inf)


_TIME_LIMITS = ("total", "connect", "sock_read", "sock_connect", "sock_write", "pool", "first_byte")


@dataclass(frozen=True, order=True)
class ClientTimeout:
    """Time limits of a request in seconds; None or 0 means no limit.

    *total* spans everything from the call to the end of the body. *connect* bounds
    getting a connection, waiting for a free one included; *sock_connect* bounds one
    attempt to connect to a peer. *sock_read* bounds each wait for bytes from it.
    Delays above *ceil_threshold* end on a whole second of the event loop's clock;
    not those of *sock_read* and *sock_write*.

    Three are not aiohttp's. *sock_write* bounds how long a peer may take nothing while
    more is to be sent than the transport likes to keep (its high-water mark); what it
    takes is looked at four times within the limit, which may end late by a quarter. Over
    TLS a piece counts as sent once it is encrypted: give large ones in parts.
    *pool* bounds each wait for a free slot of the connector (``limit``,
    ``limit_per_host``); it is a part of *connect*. *first_byte* bounds the time from the
    end of the request, its body included, to the head of the final response: 1xx are
    none. Each turn of a request, as after a redirect, has its own.

    ``SocketTimeoutError`` (*sock_read*, *sock_write*, *first_byte*) and
    ``ConnectionTimeoutError`` (*connect*, *sock_connect*, *pool*) say in ``limit_name``
    which it was.

    Raises ``TypeError`` for what is no number, ``ValueError`` for NaN.
    """

    __attrs_attrs__ = AttrsFields()

    total: float | None = None
    connect: float | None = None
    sock_read: float | None = None
    sock_connect: float | None = None
    ceil_threshold: float = CEIL_THRESHOLD
    sock_write: float | None = field(default=None, kw_only=True)
    pool: float | None = field(default=None, kw_only=True)
    first_byte: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        values = (self.total, self.connect, self.sock_read, self.sock_connect, self.ceil_threshold)
        for value in (*values, self.sock_write, self.pool, self.first_byte):
            if value is not None and not (type(value) in (int, float) and 0 <= value < HUGE):
                check_time_limits(self, _TIME_LIMITS)
                break
        if self.ceil_threshold is not CEIL_THRESHOLD:
            check_number("ClientTimeout(ceil_threshold=)", self.ceil_threshold)

    @cached_property
    def _is_fine(self) -> bool:
        """Some limit within an exchange is finer than the connector's tick; every request asks."""
        return bool(self.sock_read or self.sock_write or self.first_byte) or self._has_short_total()

    def _has_short_total(self) -> bool:
        return self.total is not None and 0 < self.total <= self.ceil_threshold


DEFAULT_TIMEOUT = ClientTimeout(total=5 * 60, sock_connect=30)
NO_TIMEOUT = ClientTimeout()


class ParserLimits(NamedTuple):
    """What a response head may be at most: bytes of a line, bytes of a field, fields."""

    max_line_size: int = 8190
    max_field_size: int = 8190
    max_headers: int = 128


DEFAULT_LIMITS = ParserLimits()


class BodyLimits(NamedTuple):
    """How large the body of a response may be; None means no limit.

    *max_body_size* bounds the bytes that its reader gets, whether or not a content coding was
    removed; *max_decompressed_size* bounds them only where one was. *max_decompression_ratio* is
    how many times larger than what travelled they may be, looked at beyond 1 MiB.
    """

    max_body_size: int | None = None
    max_decompressed_size: int | None = None
    max_decompression_ratio: float | None = None


class _CommonOptions(TypedDict, total=False):
    params: Query
    json: Any
    text: str | None
    cookies: LooseCookies | None
    headers: LooseHeaders | None
    skip_auto_headers: Iterable[str] | None
    auth: BasicAuth | None
    max_redirects: int
    compress: str | bool | None
    chunked: bool | None
    expect100: bool
    raise_for_status: Any
    read_until_eof: bool
    proxy: StrOrURL | None
    proxy_auth: BasicAuth | None
    timeout: ClientTimeout | float | None
    verify_ssl: bool | None
    fingerprint: bytes | None
    ssl_context: Any
    ssl: Any
    server_hostname: str | None
    proxy_headers: LooseHeaders | None
    trace_request_ctx: Any
    read_bufsize: int | None
    auto_decompress: bool | None
    max_line_size: int | None
    max_field_size: int | None
    max_headers: int | None
    middlewares: Any
    upload_tracker: Any
    retry_stale: bool | None
    max_body_size: int | None
    max_decompressed_size: int | None
    max_decompression_ratio: float | None


class BodyOptions(_CommonOptions, total=False):
    """Those of a verb that names ``allow_redirects`` itself."""

    data: Any


class RedirectOptions(_CommonOptions, total=False):
    """Those of a verb that names ``data`` itself."""

    allow_redirects: bool


class RequestOptions(BodyOptions, RedirectOptions, total=False):
    """The keyword arguments of a request; those not given have the session's defaults."""


# Options handed to ClientRequest as they are.
REQUEST_OPTIONS = frozenset({"params", "data", "skip_auto_headers", "auth", "chunked", "expect100"})
HTTP_VERSION = re.compile(r"([0-9]+)\.([0-9]+)", re.ASCII)
TLS_OPTIONS = frozenset({"ssl", "verify_ssl", "ssl_context", "fingerprint"})
PROXY_OPTIONS = frozenset({"proxy", "proxy_auth", "proxy_headers"})
LIMITS = frozenset(ParserLimits._fields)
BODY_LIMITS = frozenset(BodyLimits._fields)


def as_fields(name: str, given: LooseHeaders) -> "CIMultiDict[str]":
    """Return a copy of the fields *given* as the option *name*.

    ``TypeError`` and ``ValueError`` for what are none; what was given may be a secret, and is not quoted.
    """
    try:
        return CIMultiDict(given)
    except (TypeError, ValueError) as exc:
        text = f"{name} must be a mapping or an iterable of pairs of str; got {type(given).__name__}: {exc}"
        raise (TypeError if isinstance(exc, TypeError) else ValueError)(text) from None


def field_names(names: Iterable[str]) -> Iterable[str]:
    """Return ``skip_auto_headers`` as it is; ``TypeError`` for what is no iterable of names, and for a lone one."""
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise TypeError(f"skip_auto_headers must be an iterable of str, not {shown_value(names)}")
    return names


def as_version(version: Any) -> HttpVersion:
    """Return the HTTP *version*, one of the constants or text such as ``"1.0"``.

    ``ValueError`` for a text that is none, ``TypeError`` for anything else.
    """
    if isinstance(version, str):
        found = HTTP_VERSION.fullmatch(version)
        if found is None:
            raise ValueError(f"Can not parse http version number: {version[:100]!r}")
        return HttpVersion(int(found[1]), int(found[2]))
    if not isinstance(version, tuple):
        raise TypeError(f"version must be an HttpVersion or a text such as '1.0', not {shown_value(version)}")
    return version  # type: ignore[return-value]


def as_timeout(timeout: Any, default: ClientTimeout) -> ClientTimeout:
    """Return *timeout* as a ``ClientTimeout``: a number is its total, None and 0 are no limit."""
    if timeout is sentinel:
        return default
    if isinstance(timeout, ClientTimeout):
        return timeout
    if timeout is None:
        return NO_TIMEOUT
    check_number("timeout", timeout, "a ClientTimeout or a number of seconds", -inf)
    return _of_total(timeout)


@lru_cache(maxsize=64, typed=True)
def _of_total(total: float) -> ClientTimeout:
    """Return the limits that a number stands for; most programs have few."""
    return ClientTimeout(total=total)


def session_timeout(timeout: Any, read_timeout: Any, conn_timeout: float | None) -> ClientTimeout:
    """Return what ``timeout`` and its two deprecated spellings say: *read_timeout* is a total.

    Raises ``ValueError`` where both ways are used.
    """
    if timeout is not sentinel:
        for name, old in (("read_timeout", read_timeout), ("conn_timeout", conn_timeout)):
            if old is not sentinel and old is not None:
                raise ValueError(f"{name} and timeout parameters conflict, use timeout=ClientTimeout(...) alone")
    result = as_timeout(timeout, DEFAULT_TIMEOUT)
    if read_timeout is not sentinel:
        deprecated("read_timeout is deprecated, use timeout argument instead")
        _check_seconds("read_timeout", read_timeout)
        result = replace(result, total=read_timeout)
    if conn_timeout is not None:
        deprecated("conn_timeout is deprecated, use timeout argument instead")
        _check_seconds("conn_timeout", conn_timeout)
        result = replace(result, connect=conn_timeout)
    return result


def _check_seconds(name: str, seconds: float | None) -> None:
    if seconds is not None:
        check_number(name, seconds, "None or a number of seconds", -inf)


def checked_limits(limits: ParserLimits) -> ParserLimits:
    """Return *limits* as whole numbers; ``TypeError`` and ``ValueError`` for what cannot be some."""
    return ParserLimits(*map(whole, ParserLimits._fields, limits))


def limits_from(options: dict[str, Any], base: ParserLimits) -> ParserLimits:
    """Return *base*, changed as *options* say; the same object where nothing changes.

    Raises ``TypeError`` and ``ValueError`` for what cannot be a limit.
    """
    given = {name: whole(name, options[name]) for name in LIMITS if options.get(name) is not None}
    limits = base._replace(**given)
    return base if limits == base else limits


def body_limits_from(options: dict[str, Any], base: BodyLimits | None) -> BodyLimits | None:
    """Return *base*, changed as *options* say, 0 being no limit; None where there is no limit at all.

    Raises ``TypeError`` and ``ValueError`` for what cannot be a limit.
    """
    given: dict[str, Any] = {name: options[name] for name in BODY_LIMITS if options.get(name) is not None}
    for name, value in given.items():
        if name == "max_decompression_ratio":
            check_number(name, value, "a number")
        else:
            given[name] = whole(name, value, NO_LIMIT, endless=0)
    limits = (base or BodyLimits())._replace(**{name: value or None for name, value in given.items()})
    return limits if any(limits) else None
