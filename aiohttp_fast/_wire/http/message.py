"""Message heads as the parsers report them, and the HTTP version (RFC 9112 2.3)."""

from typing import NamedTuple

from multidict import CIMultiDict, CIMultiDictProxy, istr

__all__ = (
    "CODINGS",
    "COMMON_NAMES",
    "KNOWN_NAMES",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "MessageHead",
    "RequestHead",
    "ResponseHead",
    "content_coding",
)

RawHeaders = tuple[tuple[bytes, bytes], ...]


class HttpVersion(NamedTuple):
    """Major and minor number of the HTTP version."""

    major: int
    minor: int


HttpVersion10 = HttpVersion(1, 0)
HttpVersion11 = HttpVersion(1, 1)

# Names that are given out as one shared istr in this spelling, whatever the peer's: those of hdrs, as in
# aiohttp, for programs that make a dict of the fields. The compiled parser finds them by
# csrc/known_headers.h, which tools/known_headers.py makes from this list.
KNOWN_NAMES = (
    "Accept",
    "Accept-CH",
    "Accept-Charset",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Ranges",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "Age",
    "Allow",
    "Alt-Svc",
    "Alt-Used",
    "Authentication-Info",
    "Authorization",
    "baggage",
    "Cache-Control",
    "Cache-Status",
    "CDN-Cache-Control",
    "CDN-Loop",
    "Clear-Site-Data",
    "Connection",
    "Content-Digest",
    "Content-Disposition",
    "Content-Encoding",
    "Content-ID",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-MD5",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Security-Policy-Report-Only",
    "Content-Transfer-Encoding",
    "Content-Type",
    "Cookie",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Date",
    "Destination",
    "Digest",
    "Early-Data",
    "Etag",
    "Expect",
    "Expires",
    "Forwarded",
    "From",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Event-ID",
    "Last-Modified",
    "Link",
    "Location",
    "Max-Forwards",
    "NEL",
    "Origin",
    "Origin-Agent-Cluster",
    "Permissions-Policy",
    "Pragma",
    "Priority",
    "Proxy-Authenticate",
    "Proxy-Authentication-Info",
    "Proxy-Authorization",
    "Range",
    "Referer",
    "Referrer-Policy",
    "Report-To",
    "Reporting-Endpoints",
    "Repr-Digest",
    "Retry-After",
    "Sec-CH-UA",
    "Sec-CH-UA-Mobile",
    "Sec-CH-UA-Platform",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Sec-GPC",
    "Sec-Purpose",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Key1",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Version",
    "Server",
    "Server-Timing",
    "Set-Cookie",
    "Strict-Transport-Security",
    "TE",
    "Timing-Allow-Origin",
    "traceparent",
    "tracestate",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Upgrade-Insecure-Requests",
    "URI",
    "User-Agent",
    "Vary",
    "Via",
    "Want-Content-Digest",
    "Want-Digest",
    "Want-Repr-Digest",
    "Warning",
    "WWW-Authenticate",
    "X-Content-Type-Options",
    "X-Correlation-ID",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Frame-Options",
    "X-Powered-By",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Real-IP",
    "X-Request-ID",
    "X-Requested-With",
    "X-XSS-Protection",
)

# Further names that are common, but keep the peer's spelling. The compiled parser has an istr for each that is
# spelled so: to make one costs as much as all else that is done with a field.
COMMON_NAMES = (
    "CF-Cache-Status",
    "CF-Ray",
    "DNT",
    "Proxy-Connection",
    "X-Amz-Cf-Id",
    "X-Amz-Cf-Pop",
    "X-Amzn-Trace-Id",
    "X-Cache",
    "X-Cache-Hits",
    "X-DNS-Prefetch-Control",
    "X-Runtime",
    "X-Served-By",
    "X-Timer",
)

_SHARED = {name.lower().encode("ascii"): istr(name) for name in KNOWN_NAMES}

# Content codings that can be decoded; x-gzip is gzip (RFC 9110 8.4.1.3).
CODINGS = {b"gzip": "gzip", b"x-gzip": "gzip", b"deflate": "deflate", b"br": "br", b"zstd": "zstd"}


def content_coding(value: bytes) -> str | None:
    """Return what *value* of Content-Encoding asks to decode (RFC 9110 8.4).

    One of the values of ``CODINGS``, or for a list of several the whole value in lower
    case; None when nothing can or need be decoded.
    """
    value = value.lower()
    if b"," in value:
        return value.decode("utf-8", "surrogateescape")
    return CODINGS.get(value)


class MessageHead:
    """What start lines and fields of both directions have in common.

    ``raw_headers`` are name and value exactly as received, without the blanks around
    the value. ``headers`` is built from them when first looked at (UTF-8,
    ``surrogateescape``; known names in their usual spelling). ``content_length`` is None when
    the field is absent, ``content_encoding`` is what ``content_coding`` says.
    """

    __slots__ = (
        "_headers",
        "_raw_headers",
        "chunked",
        "content_encoding",
        "content_length",
        "keep_alive",
        "upgrade",
        "version",
    )

    version: HttpVersion
    keep_alive: bool
    upgrade: bool
    chunked: bool
    content_length: int | None
    content_encoding: str | None
    _headers: CIMultiDictProxy[str] | None
    _raw_headers: RawHeaders

    def __init__(
        self,
        version: HttpVersion,
        raw_headers: RawHeaders,
        keep_alive: bool,
        upgrade: bool,
        chunked: bool,
        content_length: int | None,
        content_encoding: str | None,
    ) -> None:
        self.version = version
        self._raw_headers = raw_headers
        self._headers = None
        self.keep_alive = keep_alive
        self.upgrade = upgrade
        self.chunked = chunked
        self.content_length = content_length
        self.content_encoding = content_encoding

    @property
    def raw_headers(self) -> RawHeaders:
        """Name and value of each field as received, in order."""
        return self._raw_headers

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The fields as a case-insensitive multidict, read-only."""
        if self._headers is None:
            self._headers = CIMultiDictProxy(
                CIMultiDict(
                    [
                        (
                            _SHARED.get(name.lower()) or name.decode("ascii"),
                            value.decode("utf-8", "surrogateescape"),
                        )
                        for name, value in self.raw_headers
                    ]
                )
            )
        return self._headers

    def first(self, name: bytes) -> bytes | None:
        """Return the first value of the field *name* (given in lower case), or None."""
        for key, value in self.raw_headers:
            if len(key) == len(name) and key.lower() == name:
                return value
        return None


class RequestHead(MessageHead):
    """Request line and fields (RFC 9112 3): ``method`` and ``target`` as text."""

    __slots__ = ("_method", "_target")

    _method: str
    _target: str

    def __init__(
        self,
        method: str,
        target: str,
        version: HttpVersion,
        raw_headers: RawHeaders,
        keep_alive: bool,
        upgrade: bool,
        chunked: bool,
        content_length: int | None,
        content_encoding: str | None,
    ) -> None:
        super().__init__(version, raw_headers, keep_alive, upgrade, chunked, content_length, content_encoding)
        self._method = method
        self._target = target

    @property
    def method(self) -> str:
        """The method as received; methods are case-sensitive (RFC 9110 9.1)."""
        return self._method

    @property
    def target(self) -> str:
        """The request target as received; ASCII."""
        return self._target


class ResponseHead(MessageHead):
    """Status line and fields (RFC 9112 4)."""

    __slots__ = ("_reason", "has_set_cookie", "status")

    status: int
    has_set_cookie: bool
    _reason: str

    def __init__(
        self,
        status: int,
        reason: str,
        version: HttpVersion,
        raw_headers: RawHeaders,
        keep_alive: bool,
        upgrade: bool,
        chunked: bool,
        content_length: int | None,
        content_encoding: str | None,
        has_set_cookie: bool,
    ) -> None:
        super().__init__(version, raw_headers, keep_alive, upgrade, chunked, content_length, content_encoding)
        self.status = status
        self._reason = reason
        self.has_set_cookie = has_set_cookie

    @property
    def reason(self) -> str:
        """The reason phrase (UTF-8, ``surrogateescape``), empty when there is none."""
        return self._reason
