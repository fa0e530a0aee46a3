"""``ClientRequest``: a request as users, subclasses and middlewares see it."""

from typing import Any, Literal

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .._base import hdrs
from .._base.class_value import class_value
from .._base.signature import InitSignature
from .._base.types import LooseHeaders
from .._base.warn import warn_user
from .._stream.payload import Payload
from .._wire.http.message import HttpVersion, HttpVersion11
from .auth import BasicAuth
from .info import RequestInfo
from .options import as_version
from .proxies import fields_for_proxy, needs_tunnel, split_proxy, through
from .request_parts import BODILESS, DEFAULT_HEADERS, WITH_BODY
from .response import ClientResponse
from .sending import RequestCore
from .target import target_of

__all__ = ("ClientRequest",)


class ClientRequest(RequestCore):
    """One request, ready to be sent over a connection.

    Made by the session from its options; subclass it and pass ``request_class`` to
    change what is sent. It can stand in for a ``RequestInfo``, which is built from it
    when somebody asks.
    """

    GET_METHODS = BODILESS
    POST_METHODS = WITH_BODY
    ALL_METHODS = GET_METHODS.union(POST_METHODS).union({hdrs.METH_DELETE})
    DEFAULT_HEADERS = DEFAULT_HEADERS
    __signature__ = InitSignature()
    auth = class_value(RequestCore.auth, None)  # type: ignore[misc]
    response: ClientResponse | None = None
    proxy: URL | None = None  # without credentials
    proxy_auth: BasicAuth | None = None
    proxy_headers: CIMultiDict[str] | None = None  # all that a tunnel is asked for with, credentials included

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.method} {self.url}>"

    # Facts

    @property
    def host(self) -> str:
        """The host to connect to, without brackets."""
        return self.connection_key.host

    @property
    def port(self) -> int | None:
        """The port to connect to."""
        return self.connection_key.port

    @property
    def real_url(self) -> URL:
        """The URL as it was asked for, fragment included."""
        return self.original_url

    @property
    def ssl(self) -> Any:
        """How TLS is verified: True, False, a ``Fingerprint`` or an ``SSLContext``."""
        return self._ssl

    @property
    def session(self) -> Any:
        """The session that made the request."""
        return self._session

    @property
    def body(self) -> Payload | Literal[b""]:
        """The payload, ``b""`` where there is none. To set it does not close the old one: ``update_body`` does."""
        return b"" if self._body is None else self._body

    @body.setter
    def body(self, body: Any) -> None:
        old = self._body
        self._set_body(body)
        if old is not None and old is not self._body and not old.autoclose:
            warn_user(ResourceWarning("the old body of the request was not closed: use await request.update_body()"))

    @property
    def skip_auto_headers(self) -> "frozenset[str] | CIMultiDict[None]":
        """Names of the fields that are not generated."""
        return self._skip_auto_headers

    @property
    def request_info(self) -> RequestInfo:
        """URL, method and fields as they were sent."""
        if self.url is not self._target.url:
            self._retarget()
        return RequestInfo(self.url, self.method, CIMultiDictProxy(self.headers), self.original_url)

    # What is left to subclasses and middlewares to change

    def update_host(self, url: URL) -> None:
        """Take the credentials in *url*, if there are any; raise ``InvalidURL`` where it has no host.

        Where the request goes is what ``url`` says, which may be set.
        """
        auth = target_of(url).auth
        if auth is not None:
            self.auth = auth

    def update_version(self, version: "HttpVersion | str") -> None:
        """Set the HTTP version: one of the constants, or text such as ``"1.0"``; ``ValueError`` for what is none."""
        version = as_version(version)
        self.version = HttpVersion11 if version == HttpVersion11 else version

    def is_ssl(self) -> bool:
        """True when the request goes over TLS."""
        return self.connection_key.is_ssl

    # The proxy

    def update_proxy(self, proxy: URL | None, proxy_auth: BasicAuth | None, proxy_headers: LooseHeaders | None) -> None:
        """Send the request through *proxy*; *proxy_auth* goes before the credentials in its URL.

        What is meant for the proxy goes with ``CONNECT`` where there is a tunnel, and
        never into it; else it becomes part of the request, whose own fields go before
        *proxy_headers*. Raises ``ValueError`` for what is no proxy, and no ``BasicAuth``.
        """
        if proxy is None:
            return
        if proxy_auth is not None and not isinstance(proxy_auth, BasicAuth):
            raise ValueError("proxy_auth must be None or BasicAuth() tuple")
        self.proxy, in_url = split_proxy(proxy)
        self.proxy_auth = auth = proxy_auth or in_url
        fields = fields_for_proxy(proxy_headers)
        own = self.headers.popall(hdrs.PROXY_AUTHORIZATION, ())
        if hdrs.PROXY_AUTHORIZATION not in fields:
            fields.extend([(hdrs.PROXY_AUTHORIZATION, value) for value in own])
        self._target = target = through(self._target, self.proxy, auth, fields)
        self.url, self.original_url = target.url, target.original_url
        if auth is not None:
            fields[hdrs.PROXY_AUTHORIZATION] = auth.encode()
        self.proxy_headers = fields
        if not needs_tunnel(self.url):
            self.headers.extend([(name, value) for name, value in fields.items() if name not in self.headers])

    def _stay_with_proxy(self) -> None:
        """Go to another URL through the same proxy; what was meant for it must not reach an origin by the tunnel."""
        fields: CIMultiDict[str] = CIMultiDict(self.proxy_headers or ())
        for name, value in fields.items():
            if self.headers.get(name) == value:
                del self.headers[name]
        if self.proxy_auth is not None:
            fields.popall(hdrs.PROXY_AUTHORIZATION, None)
        self.update_proxy(self.proxy, self.proxy_auth, fields)
