"""What a session says of itself: its connector, its cookies, and the defaults of its requests."""

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict, istr

from .._base.later import later
from .._base.warn import deprecated
from .._wire.http.message import HttpVersion
from .abc import AbstractCookieJar
from .auth import BasicAuth
from .connector.base import BaseConnector
from .cookiejar import CookieJar, DummyCookieJar
from .defaults import SessionDefaults, StatusCheck
from .options import ClientTimeout

if TYPE_CHECKING:
    from . import tracing, websocket
else:
    websocket = later(".websocket", __name__)

__all__ = ("SessionFacts",)


class SessionFacts(SessionDefaults):
    """The properties of ``ClientSession``; read-only, but for what aiohttp lets be set."""

    _connector: BaseConnector | None  # in the session's __dict__, so that doubles can be put there and taken back
    _connector_owner: bool
    _skip_auto_headers: "frozenset[istr]"
    _version: HttpVersion

    @property
    def connector(self) -> BaseConnector | None:
        """The connector; None once the session is closed."""
        return self._connector

    @property
    def connector_owner(self) -> bool:
        """True when closing the session closes the connector."""
        return self._connector_owner

    @property
    def cookie_jar(self) -> AbstractCookieJar:
        """The session's cookies."""
        return self._jar

    # Not the field itself: of a typed one, mock.patch could not take its double back.
    @property
    def _cookie_jar(self) -> AbstractCookieJar:
        if self._jar is None:
            raise AttributeError("_cookie_jar")
        return self._jar

    @_cookie_jar.setter
    def _cookie_jar(self, jar: AbstractCookieJar) -> None:
        self._jar = jar
        # Its filter_cookies need not be asked while it is empty; a subclass may have cookies of other kinds.
        self._jar_is_known = type(jar) in (CookieJar, DummyCookieJar)

    @_cookie_jar.deleter
    def _cookie_jar(self) -> None:
        self._jar = None  # type: ignore[assignment]

    @property
    def version(self) -> HttpVersion:
        """The HTTP version of requests."""
        return self._version

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop (deprecated)."""
        deprecated("client.loop property is deprecated")
        return self._loop

    @property
    def requote_redirect_url(self) -> bool:
        """True when the URL of a redirect is quoted anew."""
        return self._requote_redirect_url

    @requote_redirect_url.setter
    def requote_redirect_url(self, requote: bool) -> None:
        deprecated("session.requote_redirect_url modification is deprecated")
        self._requote_redirect_url = requote

    @property
    def timeout(self) -> ClientTimeout:
        """Time limits of requests that give none."""
        return self._timeout

    @property
    def headers(self) -> CIMultiDict[str]:
        """Fields sent with every request; may be changed."""
        return self._default_headers

    @property
    def skip_auto_headers(self) -> "frozenset[istr]":
        """Names of fields that are not generated."""
        return self._skip_auto_headers

    @property
    def auth(self) -> BasicAuth | None:
        """Credentials sent with every request."""
        return self._default_auth

    @property
    def json_serialize(self) -> Callable[[Any], str]:
        """Turns ``json=`` into text."""
        return self._json_serialize

    @property
    def raise_for_status(self) -> StatusCheck:
        """Whether, or by what, each response's status is checked."""
        return self._raise_for_status

    @property
    def auto_decompress(self) -> bool:
        """True when content codings of responses are removed."""
        return self._auto_decompress

    @property
    def trace_configs(self) -> "Sequence[tracing.TraceConfig]":
        """What every request is traced by."""
        return self._trace_configs

    @cached_property
    def _ws_response_class(self) -> "type[websocket.ClientWebSocketResponse[Any]]":
        # Only who opens WebSockets, and gave no class of his own, gets here.
        return websocket.ClientWebSocketResponse

    @property
    def trust_env(self) -> bool:
        """True when proxies, and credentials, are taken from the environment where none were given."""
        return self._trust_env
