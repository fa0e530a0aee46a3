"""Proxies of a request: which one, and what it is told (RFC 9110 3.7, RFC 9112 3.2.2)."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from multidict import CIMultiDict
from yarl import URL

from .._base import hdrs
from .._base.later import later
from .._base.types import LooseHeaders, StrOrURL
from .._base.warn import deprecated
from .auth import PROXY_AUTH_IS_DEPRECATED, BasicAuth
from .circumstances import without_credentials
from .exceptions import InvalidUrlClientError
from .options import as_fields
from .target import Target

if TYPE_CHECKING:
    from . import env_proxies
else:
    env_proxies = later(".env_proxies", __name__)

__all__ = ("ProxyChoice", "as_proxy", "choose", "fields_for_proxy", "needs_tunnel", "split_proxy", "through")

_SUPPORTED = ("http", "https")
_FRAMING = (hdrs.CONTENT_LENGTH, hdrs.TRANSFER_ENCODING)


class ProxyChoice(NamedTuple):
    """What a session and a request say about proxies; each turn of the request asks anew.

    A *proxy* that was given serves every URL. Without one, and with *trust_env*, each
    URL has the environment's, whose own credentials go before *auth*.
    """

    proxy: URL | None
    auth: BasicAuth | None
    headers: CIMultiDict[str] | None
    trust_env: bool

    def options_for(self, url: URL, may_trust_env: bool) -> dict[str, Any]:
        """Return what ``ClientRequest`` is to know about the proxy for *url*."""
        proxy, auth = self.proxy, self.auth
        if proxy is None and self.trust_env and may_trust_env:
            info = env_proxies.find_env_proxy(url)
            if info is not None:
                proxy, auth = info.proxy, info.proxy_auth or auth
        return {"proxy": proxy, "proxy_auth": auth, "proxy_headers": self.headers}


_NOTHING = ProxyChoice(None, None, None, False)


def choose(
    default: ProxyChoice | None,
    *,
    proxy: StrOrURL | None = None,
    proxy_auth: BasicAuth | None = None,
    proxy_headers: LooseHeaders | None = None,
    trust_env: bool = False,
) -> ProxyChoice | None:
    """Return *default*, changed by what is given; None where nothing can lead to a proxy."""
    if default is None:
        default = _NOTHING._replace(trust_env=bool(trust_env))
    if proxy_auth is not None:
        deprecated(PROXY_AUTH_IS_DEPRECATED)
    url = None if proxy is None else as_proxy(proxy)
    choice = ProxyChoice(
        default.proxy if url is None else url,  # not by truth: that of "http://" is False
        proxy_auth or default.auth,
        as_fields("proxy_headers", proxy_headers) if proxy_headers else default.headers,  # a copy: each turn reads it
        default.trust_env,
    )
    return None if choice == _NOTHING else choice


def as_proxy(proxy: StrOrURL) -> URL | None:
    """Return *proxy* as a URL, None for an empty text; ``TypeError`` and ``InvalidUrlClientError`` for others."""
    if not isinstance(proxy, (str, URL)):
        raise TypeError(f"proxy must be a str or a yarl.URL, not {type(proxy).__name__}")
    try:
        url = URL(proxy)
    except ValueError:
        raise InvalidUrlClientError(without_credentials(proxy), "is not the URL of a proxy") from None
    return None if proxy == "" or url == URL() else url


@lru_cache(maxsize=64)
def split_proxy(proxy: URL) -> tuple[URL, BasicAuth | None]:
    """Return scheme, host and port of *proxy* as a URL, and its credentials or None.

    Raises ``InvalidUrlClientError`` for what is no HTTP proxy, SOCKS ones included, and
    for credentials that cannot be sent.
    """
    if not proxy.raw_host or not proxy.scheme:
        raise InvalidUrlClientError(
            without_credentials(proxy), "a proxy needs a scheme and a host, as in http://proxy.example:3128"
        )
    if proxy.scheme not in _SUPPORTED:
        raise InvalidUrlClientError(
            without_credentials(proxy), f"{proxy.scheme} proxies are not supported, only http and https ones"
        )
    try:
        auth = BasicAuth.from_url(proxy)
        if auth is not None:
            auth.encode()
    except ValueError as exc:
        bare = proxy.origin()
        raise InvalidUrlClientError(bare, "the credentials of the proxy can not be sent (RFC 7617 2)") from exc
    return proxy.origin(), auth


def needs_tunnel(url: URL) -> bool:
    """True for what a proxy is to pass on unread: TLS, and WebSockets (RFC 6455 4.1)."""
    return url.scheme in ("https", "wss", "ws")


def fields_for_proxy(headers: LooseHeaders | None) -> CIMultiDict[str]:
    """Return ``proxy_headers`` without Host, which is the request's; ``ValueError`` for those that decide framing."""
    fields: CIMultiDict[str] = CIMultiDict(headers or ())
    fields.popall(hdrs.HOST, None)
    for name in _FRAMING:
        if name in fields:
            raise ValueError(f"proxy_headers can not hold {name}: what they are sent with has no body of theirs")
    return fields


def through(target: Target, proxy: URL, auth: BasicAuth | None, fields: CIMultiDict[str]) -> Target:
    """Return *target* as it is reached through *proxy*: its connections are others, and it may be named in full."""
    result = Target(target.source)
    digest = hash(tuple((name.lower(), value) for name, value in fields.items())) if fields else None
    result.connection_key = result.connection_key._replace(proxy=proxy, proxy_auth=auth, proxy_headers_hash=digest)
    if not needs_tunnel(target.url):
        result.origin_form = f"http://{result.host_header}{result.origin_form}"  # RFC 9112 3.2.2
    return result
