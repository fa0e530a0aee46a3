"""What the client asks of a resolver and of a cookie jar; users may bring their own."""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, NotRequired, TypedDict

from yarl import URL

from .._base.later import later
from .._base.types import LooseCookies

if TYPE_CHECKING:
    from http import cookies as http_cookies

    from .._base import cookies as grammar
else:
    grammar = later(".._base.cookies", __name__)
    http_cookies = later("http.cookies")

__all__ = ("NO_URL", "AbstractCookieJar", "AbstractResolver", "ClearCookiePredicate", "IterableBase", "ResolveResult")

ClearCookiePredicate = Callable[["http_cookies.Morsel[str]"], bool]
IterableBase = Iterable["http_cookies.Morsel[str]"]
NO_URL = URL()


class ResolveResult(TypedDict):
    """One address of a host: ``hostname`` as asked, ``host`` the numeric address.

    ``family``, ``proto`` and ``flags`` are numbers of the ``socket`` module. A resolver that knows
    for how many seconds the address may be kept says so in ``ttl``, which aiohttp does not have:
    a connector's cache keeps it no longer than that. Without it the cache's own time counts alone.
    """

    hostname: str
    host: str
    port: int
    family: int
    proto: int
    flags: int
    ttl: NotRequired[float]


class AbstractResolver(ABC):
    """Finds the addresses of a host."""

    @abstractmethod
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*; raise ``OSError`` where there are none."""

    @abstractmethod
    async def close(self) -> None:
        """Release what the resolver holds."""


class AbstractCookieJar(Sized, IterableBase):
    """Keeps cookies, and says which go with a request (RFC 6265 5.3 and 5.4).

    A jar is sized, and iterates over its morsels.
    """

    def __init__(self, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Take the event loop of the session; a jar needs none."""
        self._loop = loop

    @property
    def cookies(self) -> "Mapping[tuple[str, str], http_cookies.BaseCookie[str]]":
        """The cookies by domain and path."""
        return {}

    @property
    def host_only_cookies(self) -> frozenset[tuple[str, str]]:
        """Domain and name of the cookies that go back to the very host they came from."""
        return frozenset()

    @property
    def unsafe(self) -> bool:
        """True if cookies of hosts that are IP addresses are taken."""
        return False

    @property
    def quote_cookie(self) -> bool:
        """True if values with special characters are sent in quotes."""
        return True

    @property
    def treat_as_secure_origin(self) -> frozenset[URL]:
        """Origins that get secure cookies without TLS."""
        return frozenset()

    @abstractmethod
    def clear(self, predicate: ClearCookiePredicate | None = None) -> None:
        """Forget all cookies, or those for which *predicate* is true."""

    @abstractmethod
    def clear_domain(self, domain: str) -> None:
        """Forget the cookies of *domain* and of its subdomains."""

    @abstractmethod
    def update_cookies(self, cookies: LooseCookies, response_url: URL = NO_URL) -> None:
        """Take *cookies*, which came with the response from *response_url*."""

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        """Take the cookies in the values of ``Set-Cookie`` fields."""
        if headers and (cookies := grammar.parse_set_cookie_headers(headers)):
            self.update_cookies(cookies, response_url)

    @abstractmethod
    def filter_cookies(self, request_url: URL) -> "http_cookies.BaseCookie[str]":
        """Return the cookies that go with a request to *request_url*."""

    @abstractmethod
    def __iter__(self) -> "Iterator[http_cookies.Morsel[str]]": ...
