"""The cookie jars of the client: what users see of RFC 6265; how it is done is in ``cookie_store``."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from yarl import URL

from .._base.checks import check_callable, shown_value
from .._base.later import later
from .._base.log import internal_logger
from .._base.types import LooseCookies, StrOrURL
from .abc import NO_URL, AbstractCookieJar, ClearCookiePredicate
from .cookie_rules import MAX_TIME
from .cookie_store import Limits, Store

if TYPE_CHECKING:
    from http import cookies as http_cookies

    from .._base import cookies as grammar
    from .._base import dates
    from . import cookie_file, cookie_input
else:
    cookie_file = later(".cookie_file", __name__)
    cookie_input = later(".cookie_input", __name__)
    dates = later(".._base.dates", __name__)
    grammar = later(".._base.cookies", __name__)
    http_cookies = later("http.cookies")

__all__ = ("CookieJar", "DummyCookieJar")

_update_items: Any = dict.update  # of BaseCookie it takes morsels as they are, its own __setitem__ copies


class _OfDates:
    """An attribute that is the one of this name in ``dates``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, jar: object, kind: type) -> Any:
        return getattr(dates, self._name)


class CookieJar(AbstractCookieJar):
    """Keeps cookies in memory and sends them back as RFC 6265 says.

    What a server has set goes back exactly as it came. *quote_cookie* sends the values that
    users set in quotes where they have special characters; without it every value is
    sent bare, without the quotes that a server may have put around it. *unsafe* takes
    cookies of hosts that are IP addresses. *treat_as_secure_origin* names origins that
    get secure cookies without TLS. *is_public_suffix* says of a domain, in small
    letters, whether strangers share it: no cookie is set for all of such a domain (RFC
    6265 5.3 5); domains of one label are always such.

    Cookies set without a URL go with every request. ``SameSite`` and ``Partitioned``
    are kept, and change nothing: nobody embeds a program's requests in a foreign page.

    A jar is not bound to a loop, and may be shared by sessions. The morsels it hands out
    are for looking at: to change a cookie, set it again.
    """

    DATE_TOKENS_RE = _OfDates("COOKIE_DATE_TOKENS")
    DATE_HMS_TIME_RE = _OfDates("COOKIE_DATE_TIME")
    DATE_DAY_OF_MONTH_RE = _OfDates("COOKIE_DATE_DAY")
    DATE_MONTH_RE = _OfDates("COOKIE_DATE_MONTH")
    DATE_YEAR_RE = _OfDates("COOKIE_DATE_YEAR")
    MAX_TIME = MAX_TIME
    SUB_MAX_TIME = MAX_TIME - 1

    # Above these the cookies used longest ago go, insecure ones first.
    MAX_COOKIES = 20_000
    MAX_COOKIES_PER_DOMAIN = 180
    # What a request carries at most: servers refuse longer fields. The most specific cookies go first.
    MAX_SENT_COOKIES = 150
    MAX_SENT_SIZE = 8190

    def __init__(
        self,
        *,
        unsafe: bool = False,
        quote_cookie: bool = True,
        treat_as_secure_origin: StrOrURL | Iterable[StrOrURL] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        is_public_suffix: Callable[[str], bool] | None = None,
    ) -> None:
        """Make an empty jar; it needs no event loop."""
        super().__init__(loop=loop)
        if is_public_suffix is not None:
            check_callable("is_public_suffix", is_public_suffix)
        self._unsafe = unsafe
        self._quote_cookie = quote_cookie
        self._treat_as_secure_origin = _origins(treat_as_secure_origin)
        self._store = Store(
            unsafe,
            quote_cookie,
            # A URL with its scheme's port spelt out is not equal to one without.
            {(url.scheme, url.raw_host, url.port) for url in self._treat_as_secure_origin},
            Limits(self.MAX_COOKIES, self.MAX_COOKIES_PER_DOMAIN, self.MAX_SENT_COOKIES, self.MAX_SENT_SIZE),
            is_public_suffix,
        )

    @property
    def unsafe(self) -> bool:
        """True if cookies of hosts that are IP addresses are taken."""
        return self._unsafe

    @property
    def quote_cookie(self) -> bool:
        """True if values with special characters are sent in quotes."""
        return self._quote_cookie

    @property
    def treat_as_secure_origin(self) -> frozenset[URL]:
        """Origins that get secure cookies without TLS."""
        return self._treat_as_secure_origin

    @property
    def cookies(self) -> "Mapping[tuple[str, str], http_cookies.SimpleCookie]":
        """A snapshot of the cookies by domain and path; the path without its last slash."""
        found: dict[tuple[str, str], http_cookies.SimpleCookie] = {}
        for cookie in self._store.all():
            group = found.setdefault((cookie.domain, cookie.path.rstrip("/")), http_cookies.SimpleCookie())
            _update_items(group, {cookie.name: cookie.whole()})
        return MappingProxyType(found)

    @property
    def host_only_cookies(self) -> frozenset[tuple[str, str, str]]:  # type: ignore[override]
        """Domain, path and name of the cookies that go back to the very host they came from."""
        return frozenset(
            (cookie.domain, cookie.path.rstrip("/"), cookie.name) for cookie in self._store.all() if cookie.host_only
        )

    def __len__(self) -> int:
        return self._store.count

    def __iter__(self) -> "Iterator[http_cookies.Morsel[str]]":
        return iter(self._store.morsels())

    # Taking cookies

    def update_cookies(self, cookies: LooseCookies, response_url: URL = NO_URL) -> None:
        """Take *cookies* as if they came with the response from *response_url* (RFC 6265 5.3).

        Those that the host may not set, or whose date has passed, are left out; the
        latter take the cookie of their name with them. ``CookieError`` for a name that
        cannot be sent.
        """
        given = cookie_input.given_cookies(cookies)
        good = [cookie for cookie in given if not grammar.has_control(cookie[1])]
        if len(good) < len(given):
            internal_logger.debug("Ignored %d cookie(s) with control characters", len(given) - len(good))
        self._store.set_all(good, _as_url(response_url))

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        """Take the cookies in the values of ``Set-Cookie`` fields.

        What the name prefixes ``__Secure-`` and ``__Host-`` promise must be true
        (RFC 6265bis 4.1.3). Bad cookies are left out, with one debug record for all.
        """
        if not headers or not (cookies := grammar.read_set_cookies(headers)):
            return
        cookies = self._store.with_true_names(cookies, response_url)
        if getattr(self.update_cookies, "__func__", None) is CookieJar.update_cookies:
            self._store.set_all(cookies, response_url)
        else:
            self.update_cookies([(cookie[0], grammar.make_morsel(*cookie)) for cookie in cookies], response_url)

    # Giving them up

    def clear(self, predicate: ClearCookiePredicate | None = None) -> None:
        """Forget all cookies, or those for which *predicate* is true."""
        if predicate is None:
            self._store.clear()
            return
        for cookie in [cookie for cookie in self._store.all() if predicate(cookie.whole())]:
            self._store.remove(cookie.domain, cookie.path, cookie.name)

    def clear_domain(self, domain: str) -> None:
        """Forget the cookies of *domain* and of its subdomains."""
        self._store.clear_domain(domain)

    # Sending them

    def filter_cookies(self, request_url: URL = NO_URL) -> "http_cookies.BaseCookie[str]":
        """Return the cookies that go with a request to *request_url* (RFC 6265 5.4).

        Of one name there is one: of the longest path, then of the closest domain. The
        morsels are shared between calls; copy one before changing it.
        """
        result: http_cookies.BaseCookie[str] = http_cookies.BaseCookie()
        if self._store.count:
            _update_items(result, self._store.select(_as_url(request_url)))
        return result

    @staticmethod
    def _parse_date(date_str: str | None) -> int | None:
        return dates.parse_cookie_date(date_str)

    # Files

    def save(self, file_path: str | os.PathLike[str]) -> None:
        """Write the cookies to a JSON file that only its owner may read."""
        cookie_file.write_cookies(file_path, self._store.all())

    def load(self, file_path: str | os.PathLike[str], *, allow_pickle: bool = False) -> None:
        """Replace the cookies by those in a file that ``save`` or aiohttp wrote.

        The pickles of aiohttp before 3.14 are read with *allow_pickle* only, and nothing
        but cookies is made of them. A file that is not well-formed raises ``ValueError``
        and changes nothing.
        """
        cookies = cookie_file.read_cookies(file_path, allow_pickle)
        self._store.clear()
        self._store.restore(cookies)


def _origins(given: StrOrURL | Iterable[StrOrURL] | None) -> frozenset[URL]:
    try:
        origins = (given,) if isinstance(given, (str, URL)) else given or ()
        return frozenset(URL(origin).origin() for origin in origins)
    except (TypeError, ValueError) as exc:
        text = f"treat_as_secure_origin must be URLs with scheme and host, not {shown_value(given)}: {exc}"
        raise (TypeError if isinstance(exc, TypeError) else ValueError)(text) from None


def _as_url(url: StrOrURL | None) -> URL:
    """Return *url*, as it was written for old versions too: None for none, or a text."""
    return url if isinstance(url, URL) else URL(url or "")


class DummyCookieJar(AbstractCookieJar):
    """Keeps nothing and sends nothing."""

    _store = Store(False, True, set(), Limits(0, 0, 0, 0), None)  # always empty

    def __init__(self, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Make the jar; it needs no event loop."""
        super().__init__(loop=loop)

    def __iter__(self) -> "Iterator[http_cookies.Morsel[str]]":
        return iter(())

    def __len__(self) -> int:
        return 0

    def clear(self, predicate: ClearCookiePredicate | None = None) -> None:
        """Do nothing."""

    def clear_domain(self, domain: str) -> None:
        """Do nothing."""

    def update_cookies(self, cookies: LooseCookies, response_url: URL = NO_URL) -> None:
        """Do nothing."""

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        """Do nothing, without a look at what is there."""

    def filter_cookies(self, request_url: URL = NO_URL) -> "http_cookies.BaseCookie[str]":
        """Return no cookies."""
        return http_cookies.SimpleCookie()
