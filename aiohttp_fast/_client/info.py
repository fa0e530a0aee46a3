"""What a request was and where its connection leads; plain facts that errors and pools refer to."""

from enum import StrEnum
from ssl import SSLContext
from typing import Any, NamedTuple, Protocol

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .._base import hdrs
from .._base.types import sentinel
from .auth import BasicAuth

__all__ = ("CertificateCheck", "CloseReason", "ConnectionKey", "RequestInfo", "authority")

_SECRET = (hdrs.AUTHORIZATION, hdrs.PROXY_AUTHORIZATION, hdrs.COOKIE)


class CertificateCheck(Protocol):
    """What stands for ``ssl=`` when the peer's certificate is pinned; ``Fingerprint`` is one."""

    @property
    def fingerprint(self) -> bytes:
        """The SHA-256 digest that the certificate must have."""

    def check(self, transport: Any) -> None:
        """Raise ``ServerFingerprintMismatch`` when the peer's certificate is another one."""


class CloseReason(StrEnum):
    """Why a connection was closed; the keys of ``ConnectorStats.closed``."""

    IDLE = "idle"  # unused for keepalive_timeout
    AGE = "age"  # older than max_connection_age
    PEER = "peer"  # the peer closed it, or the network lost it
    REQUEST = "request"  # its request failed, was cancelled, or was released before the body's end
    RESPONSE = "response"  # the response allowed no other after it (RFC 9112 9.3)
    UNASKED = "unasked"  # bytes came that no request had asked for
    FORCED = "forced"  # force_close
    CONNECTOR = "connector"  # closed with its connector


def authority(host: str, port: int | None) -> str:
    """Return *host* and *port* as ``CONNECT`` names them (RFC 9112 3.2.3)."""
    host = host.partition("%")[0]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _RequestInfo(NamedTuple):
    url: URL
    method: str
    headers: CIMultiDictProxy[str]
    real_url: URL


class RequestInfo(_RequestInfo):
    """The request as it was sent: ``url`` without the fragment, ``real_url`` with it.

    It can be pickled. Its ``repr``, which errors show, keeps credentials to itself.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        shown: Any = self.headers
        try:
            headers = CIMultiDict(shown)
        except TypeError:  # a test double has none, or what stands for them
            pass
        else:
            for name in _SECRET:
                if name in headers:
                    headers[name] = "***"
            shown = CIMultiDictProxy(headers)
        return f"RequestInfo(url={self.url!r}, method={self.method!r}, headers={shown!r}, real_url={self.real_url!r})"

    def __new__(cls, url: URL, method: str, headers: CIMultiDictProxy[str], real_url: Any = sentinel) -> "RequestInfo":
        """Make one; *real_url* is *url* unless given."""
        return tuple.__new__(cls, (url, method, headers, url if real_url is sentinel else real_url))

    def __reduce__(self) -> tuple[Any, ...]:
        # The proxy of a multidict cannot be pickled, the dict itself can.
        headers = CIMultiDict(self.headers) if isinstance(self.headers, CIMultiDictProxy) else self.headers
        return _restore_request_info, (type(self), self.url, self.method, headers, self.real_url)


def _restore_request_info(cls: type[RequestInfo], url: URL, method: str, headers: Any, real_url: URL) -> RequestInfo:
    return cls(url, method, CIMultiDictProxy(headers) if isinstance(headers, CIMultiDict) else headers, real_url)


class ConnectionKey(NamedTuple):
    """What two requests must have in common to share a connection.

    ``ssl`` is True for the default context, False for no verification, else a context
    or a ``Fingerprint``. ``server_hostname`` belongs to the key: the certificate was
    checked for that name only. It can be pickled, but for an ``SSLContext``, which
    comes back as True.
    """

    host: str
    port: int | None
    is_ssl: bool
    ssl: SSLContext | bool | CertificateCheck
    proxy: URL | None
    proxy_auth: BasicAuth | None
    proxy_headers_hash: int | None
    server_hostname: str | None = None

    def __repr__(self) -> str:
        """Show all but the password for the proxy: keys are part of what errors say."""
        auth = self.proxy_auth
        shown = self if auth is None else self._replace(proxy_auth=auth._replace(password="***"))  # noqa: S106
        fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, tuple(shown), strict=True))
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[Any, ...]:
        ssl = True if isinstance(self.ssl, SSLContext) else self.ssl
        return type(self), tuple(self._replace(ssl=ssl))
