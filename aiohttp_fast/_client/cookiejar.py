"""The cookie jars of the client: storage and selection of cookies (RFC 6265 5.3 and 5.4).

Cookies are kept by domain, path and name, so that the cost of a request depends on the
cookies that go with it, not on those in the jar. Expiry is a heap: what has no date
costs nothing.
"""

import asyncio
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from http.cookies import BaseCookie, Morsel, SimpleCookie
from types import MappingProxyType
from typing import Any

from yarl import URL

from .._base import dates
from .._base.cookies import parse_set_cookie_headers
from .._base.log import client_logger
from .._base.types import LooseCookies, StrOrURL
from .abc import NO_URL, AbstractCookieJar, ClearCookiePredicate
from .cookie_file import StoredCookie, read_cookies, write_cookies
from .cookie_store import Cookie, Domain, Path, View, default_path, is_ip_address, may_set

__all__ = ("CookieJar", "DummyCookieJar")

_SECURE_SCHEMES = frozenset(("https", "wss"))
_MAX_AGE = re.compile(r"-?[0-9]{1,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HEAP_SLACK = 100
_update_items: Any = dict.update  # of BaseCookie it takes morsels as they are, its own __setitem__ copies


class CookieJar(AbstractCookieJar):
    """Keeps cookies in memory and sends them back as RFC 6265 says.

    *unsafe* takes cookies of hosts that are IP addresses. *quote_cookie* sends values
    with special characters in quotes. *treat_as_secure_origin* names origins that get
    secure cookies without TLS. Cookies set without a URL go with every request.
    """

    DATE_TOKENS_RE = dates.COOKIE_DATE_TOKENS
    DATE_HMS_TIME_RE = dates.COOKIE_DATE_TIME
    DATE_DAY_OF_MONTH_RE = dates.COOKIE_DATE_DAY
    DATE_MONTH_RE = dates.COOKIE_DATE_MONTH
    DATE_YEAR_RE = dates.COOKIE_DATE_YEAR
    MAX_TIME = 253402300799  # 9999-12-31 23:59:59 UTC
    SUB_MAX_TIME = MAX_TIME - 1

    # Above these the cookies set longest ago go, insecure ones first.
    MAX_COOKIES = 20_000
    MAX_COOKIES_PER_DOMAIN = 180
    # What a request carries at most: servers refuse longer fields.
    MAX_SENT_COOKIES = 150
    MAX_SENT_SIZE = 8190

    def __init__(
        self,
        *,
        unsafe: bool = False,
        quote_cookie: bool = True,
        treat_as_secure_origin: StrOrURL | Iterable[StrOrURL] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Make an empty jar; it needs no event loop."""
        super().__init__(loop=loop)
        self._unsafe = unsafe
        self._quote_cookie = quote_cookie
        if treat_as_secure_origin is None:
            origins: Iterable[StrOrURL] = ()
        elif isinstance(treat_as_secure_origin, (str, URL)):
            origins = (treat_as_secure_origin,)
        else:
            origins = treat_as_secure_origin
        self._treat_as_secure_origin = frozenset(URL(origin).origin() for origin in origins)
        # A URL with its scheme's port spelt out is not equal to one without.
        self._secure_origins = {(url.scheme, url.raw_host, url.port) for url in self._treat_as_secure_origin}
        self._domains: dict[str, Domain] = {}
        self._count = 0
        self._order = 0
        self._heap: list[tuple[float, Cookie]] = []

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
    def cookies(self) -> Mapping[tuple[str, str], SimpleCookie]:
        """A snapshot of the cookies by domain and path; the path without its last slash."""
        found: dict[tuple[str, str], SimpleCookie] = {}
        for cookie in self._all():
            group = found.setdefault((cookie.domain, cookie.path.rstrip("/")), SimpleCookie())
            _update_items(group, {cookie.name: cookie.morsel})
        return MappingProxyType(found)

    @property
    def host_only_cookies(self) -> frozenset[tuple[str, str, str]]:  # type: ignore[override]
        """Domain, path and name of the cookies that go back to the very host they came from."""
        return frozenset(
            (cookie.domain, cookie.path.rstrip("/"), cookie.name) for cookie in self._all() if cookie.host_only
        )

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Morsel[str]]:
        self._expire()
        return iter([cookie.morsel for cookie in self._all()])

    def _all(self) -> Iterator[Cookie]:
        for domain in self._domains.values():
            for found in domain.paths.values():
                yield from found.cookies.values()

    # Taking cookies

    def update_cookies(self, cookies: LooseCookies, response_url: URL = NO_URL) -> None:
        """Take *cookies* as if they came with the response from *response_url* (RFC 6265 5.3).

        Those that the host may not set, or whose date has passed, are left out; the
        latter take the cookie of their name with them.
        """
        self._update(cookies.items() if isinstance(cookies, Mapping) else cookies, response_url, own=False)

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        """Take the cookies in the values of ``Set-Cookie`` fields."""
        if headers and (cookies := parse_set_cookie_headers(headers)):
            if getattr(self.update_cookies, "__func__", None) is CookieJar.update_cookies:
                self._update(cookies, response_url, own=True)
            else:
                self.update_cookies(cookies, response_url)

    def _update(self, cookies: Iterable[tuple[str, Any]], url: URL, own: bool) -> None:
        host = url.raw_host
        if host and not self._unsafe and is_ip_address(host):
            return
        now = time.time()
        for name, cookie in cookies:
            if isinstance(cookie, Morsel):
                self._take(cookie if own else cookie.copy(), url, host, now)
            elif isinstance(cookie, BaseCookie):
                for morsel in cookie.values():
                    self._take(morsel.copy(), url, host, now)
            else:
                made: SimpleCookie = SimpleCookie()
                made[name] = cookie
                self._take(made[name], url, host, now)

    def _take(self, morsel: Morsel[str], url: URL, host: str | None, now: float) -> None:
        """Take one cookie of *host*, by the steps of RFC 6265 5.3."""
        if _CONTROL.search(morsel.value) is not None:
            client_logger.debug("Ignored the cookie %r: it has control characters", morsel.key)
            return
        domain = morsel["domain"].lower().removeprefix(".")
        host_only = False
        if not domain or domain[-1] == ".":
            domain = host or ""
            host_only = bool(host)
        elif host and domain != host and not may_set(host, domain):
            return
        path = morsel["path"]
        if not path or path[0] != "/":
            path = default_path(url) if host else "/"
        morsel["domain"] = domain
        morsel["path"] = path
        expires = self._expiry(morsel, now)
        if expires is not None and expires <= now:
            self._remove(domain, path, morsel.key)
        else:
            self._store(Cookie(morsel, domain, path, host_only, expires, self._quote_cookie))

    def _expiry(self, morsel: Morsel[str], now: float) -> float | None:
        """Return when the cookie ends; drop the attributes that mean nothing."""
        if max_age := morsel["max-age"]:
            if _MAX_AGE.fullmatch(str(max_age)):
                return min(now + int(max_age), self.MAX_TIME)
            morsel["max-age"] = ""
        if expires := morsel["expires"]:
            when = dates.parse_cookie_date(expires)
            if when is not None:
                return when
            morsel["expires"] = ""
        return None

    def _store(self, cookie: Cookie) -> None:
        domain = self._domains.get(cookie.domain)
        if domain is None:
            domain = self._domains[cookie.domain] = Domain()
        found = domain.paths.get(cookie.path)
        if found is None:
            found = domain.paths[cookie.path] = Path()
        self._order += 1
        cookie.order = self._order
        if cookie.name not in found.cookies:
            domain.count += 1
            self._count += 1
        found.cookies[cookie.name] = cookie
        found.views = [None, None, None, None]
        if cookie.expires is not None:
            heappush(self._heap, (cookie.expires, cookie))
            if len(self._heap) > 2 * self._count + _HEAP_SLACK:
                self._heap = [(item.expires, item) for item in self._all() if item.expires is not None]
                heapify(self._heap)
        if cookie.domain and domain.count > self.MAX_COOKIES_PER_DOMAIN:
            self._make_room([item for found in domain.paths.values() for item in found.cookies.values()])
        if self._count > self.MAX_COOKIES:
            self._make_room(list(self._all()))

    def _make_room(self, cookies: list[Cookie]) -> None:
        """Remove a sixth of *cookies*, so that the next ones find room at once."""
        self._expire()
        cookies.sort(key=lambda cookie: (cookie.secure, cookie.order))
        for cookie in cookies[: len(cookies) // 6]:
            self._remove(cookie.domain, cookie.path, cookie.name)

    # Giving them up

    def _remove(self, domain_name: str, path: str, name: str) -> None:
        domain = self._domains.get(domain_name)
        found = domain and domain.paths.get(path)
        if not domain or not found or found.cookies.pop(name, None) is None:
            return
        found.views = [None, None, None, None]
        self._count -= 1
        domain.count -= 1
        if not found.cookies:
            del domain.paths[path]
            if not domain.paths:
                del self._domains[domain_name]

    def _is_kept(self, cookie: Cookie) -> bool:
        domain = self._domains.get(cookie.domain)
        found = None if domain is None else domain.paths.get(cookie.path)
        return found is not None and found.cookies.get(cookie.name) is cookie

    def _expire(self) -> None:
        heap = self._heap
        if not heap:
            return
        now = time.time()
        while heap and heap[0][0] <= now:
            cookie = heappop(heap)[1]
            if self._is_kept(cookie):  # not replaced since
                self._remove(cookie.domain, cookie.path, cookie.name)

    def clear(self, predicate: ClearCookiePredicate | None = None) -> None:
        """Forget all cookies, or those for which *predicate* is true."""
        if predicate is None:
            self._domains.clear()
            self._heap.clear()
            self._count = 0
            return
        self._expire()
        for cookie in [cookie for cookie in self._all() if predicate(cookie.morsel)]:
            self._remove(cookie.domain, cookie.path, cookie.name)

    def clear_domain(self, domain: str) -> None:
        """Forget the cookies of *domain* and of its subdomains."""
        for known in [known for known in self._domains if known == domain or known.endswith("." + domain)]:
            self._count -= self._domains.pop(known).count

    # Sending them

    def filter_cookies(self, request_url: URL = NO_URL) -> "BaseCookie[str]":
        """Return the cookies that go with a request to *request_url* (RFC 6265 5.4).

        Of one name there is one: of the longest path, then of the closest domain. The
        morsels are shared between calls; copy one before changing it.
        """
        result: BaseCookie[str] = BaseCookie()
        if self._count:
            view = self._view(request_url if isinstance(request_url, URL) else URL(request_url))
            _update_items(result, view.morsels or view.as_morsels())
        return result

    def cookie_header(self, request_url: URL) -> str | None:
        """Return the value of the ``Cookie`` field for a request to *request_url*; None without cookies."""
        if not self._count:
            return None
        if getattr(self.filter_cookies, "__func__", None) is not CookieJar.filter_cookies:
            return super().cookie_header(request_url)
        return self._view(request_url).header or None

    def _view(self, url: URL) -> View:
        if self._heap:
            self._expire()
        is_secure = url.scheme in _SECURE_SCHEMES or (
            bool(self._secure_origins) and (url.scheme, url.raw_host, url.port) in self._secure_origins
        )
        groups = self._groups(url.raw_host or "", url.raw_path)
        if not groups:
            return _NOTHING
        if len(groups) == 1:
            view = groups[0][3].view(is_secure, groups[0][2])
        else:
            groups.sort(key=_specificity, reverse=True)
            chosen: dict[str, Cookie] = {}
            for _, _, is_host, found in groups:
                for name, cookie in found.view(is_secure, is_host).cookies.items():
                    chosen.setdefault(name, cookie)
            view = View(chosen)
        if len(view.header) > self.MAX_SENT_SIZE or len(view.cookies) > self.MAX_SENT_COOKIES:
            return View(self._newest(view.cookies))
        return view

    def _groups(self, host: str, path: str) -> list[tuple[int, int, bool, Path]]:
        """Return the cookies that match, with length of path and of domain, and whether that is the host."""
        domains = self._domains
        groups: list[tuple[int, int, bool, Path]] = []
        shared = domains.get("")
        if shared is not None:
            shared.collect(groups, path, 0, True)
        if not host:
            return groups
        is_address = is_ip_address(host)
        if is_address and not self._unsafe:
            return groups
        known = domains.get(host)
        if known is not None:
            known.collect(groups, path, len(host), True)
        dot = -1 if is_address else host.find(".")
        while dot >= 0:
            name = host[dot + 1 :]
            known = domains.get(name)
            if known is not None:
                known.collect(groups, path, len(name), False)
            dot = host.find(".", dot + 1)
        return groups

    def _newest(self, cookies: dict[str, Cookie]) -> dict[str, Cookie]:
        """Return those of *cookies* set last that fit into a request, in their order."""
        kept: set[int] = set()
        size = -2
        for cookie in sorted(cookies.values(), key=lambda cookie: -cookie.order)[: self.MAX_SENT_COOKIES]:
            size += len(cookie.text) + 2
            if size > self.MAX_SENT_SIZE and kept:
                break
            kept.add(cookie.order)
        client_logger.debug("Sent %d cookies of %d: the others do not fit into one field", len(kept), len(cookies))
        return {name: cookie for name, cookie in cookies.items() if cookie.order in kept}

    _parse_date = staticmethod(dates.parse_cookie_date)

    # Files

    def save(self, file_path: str | os.PathLike[str]) -> None:
        """Write the cookies to a JSON file that only its owner may read."""
        self._expire()
        write_cookies(
            file_path,
            (
                StoredCookie(cookie.morsel, cookie.domain, cookie.path, cookie.host_only, cookie.expires)
                for cookie in self._all()
            ),
        )

    def load(self, file_path: str | os.PathLike[str]) -> None:
        """Replace the cookies by those in a file that ``save`` or aiohttp wrote.

        A file that is not well-formed raises ``ValueError`` and changes nothing. Old
        pickles are read too; nothing but cookies is made of them.
        """
        stored = read_cookies(file_path)
        self.clear()
        now = time.time()
        for morsel, domain, path, host_only, expires in stored:
            if _CONTROL.search(morsel.value) or (domain and not self._unsafe and is_ip_address(domain)):
                continue
            if expires is None:
                expires = self._expiry(morsel, now)
            if expires is None or expires > now:
                self._store(Cookie(morsel, domain, path, host_only, expires, self._quote_cookie))


_NOTHING = View({})


def _specificity(group: tuple[int, int, bool, Path]) -> tuple[int, int]:
    return group[:2]


class DummyCookieJar(AbstractCookieJar):
    """Keeps nothing and sends nothing."""

    def __init__(self, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Make the jar; it needs no event loop."""
        super().__init__(loop=loop)

    def __iter__(self) -> Iterator[Morsel[str]]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def clear(self, predicate: ClearCookiePredicate | None = None) -> None:
        """Do nothing."""

    def clear_domain(self, domain: str) -> None:
        """Do nothing."""

    def update_cookies(self, cookies: LooseCookies, response_url: URL = NO_URL) -> None:
        """Do nothing."""

    def filter_cookies(self, request_url: URL = NO_URL) -> "BaseCookie[str]":
        """Return no cookies."""
        return SimpleCookie()

    def cookie_header(self, request_url: URL) -> str | None:
        """Return None."""
        return None
