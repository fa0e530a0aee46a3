"""How a cookie jar keeps cookies: by domain, path and name, ready to be sent (RFC 6265 5.3 and 5.4).

The cost of a request depends on the cookies that go with it, not on those in the jar.
Expiry is a heap: what has no date costs nothing.
"""

import time
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import TYPE_CHECKING

from yarl import URL

from .._base.later import later
from .._base.log import internal_logger
from .cookie_rules import default_path, expiry, is_ip_address, keeps_its_prefix, may_set, path_matches

if TYPE_CHECKING:
    from http import cookies as http_cookies

    from .._base import cookies as grammar
else:
    grammar = later(".._base.cookies", __name__)
    http_cookies = later("http.cookies")

__all__ = ("Cookie", "Limits", "Path", "Store", "View")

_SECURE_SCHEMES = frozenset(("https", "wss"))
_HEAP_SLACK = 100


class Limits:
    """How much is kept and sent; ``per_domain`` does not bind cookies that were set without a URL."""

    __slots__ = ("per_domain", "sent", "sent_size", "total")

    def __init__(self, total: int, per_domain: int, sent: int, sent_size: int) -> None:
        self.total = total
        self.per_domain = per_domain
        self.sent = sent
        self.sent_size = sent_size


class Cookie:
    """A cookie in the jar; its morsels are made when they are first looked at.

    ``coded`` is the form in which the value came; ``created`` and ``order`` number the
    cookies of a jar by when they were first and last set, and ``place`` sorts them for sending.
    """

    __slots__ = (
        "_morsel",
        "_sent",
        "attributes",
        "coded",
        "created",
        "domain",
        "expires",
        "host_only",
        "name",
        "order",
        "path",
        "place",
        "secure",
        "value",
    )

    def __init__(
        self,
        name: str,
        value: str,
        coded: str,
        attributes: dict[str, str | bool],
        domain: str,
        path: str,
        host_only: bool,
        expires: float | None,
    ) -> None:
        self.name = name
        self.value = value
        self.coded = coded
        self.attributes = attributes
        self.domain = domain
        self.path = path
        self.host_only = host_only
        self.secure = "secure" in attributes
        self.expires = expires
        self.created = 0
        self.order = 0
        self.place = (0, 0)
        self._morsel: http_cookies.Morsel[str] | None = None
        self._sent: http_cookies.Morsel[str] | None = None

    def whole(self) -> "http_cookies.Morsel[str]":
        """Return a morsel with all that is known of the cookie, the same one each time."""
        if self._morsel is None:
            attributes = {**self.attributes, "domain": self.domain, "path": self.path}
            self._morsel = grammar.make_morsel(self.name, self.value, self.coded, attributes)
        return self._morsel

    def sent(self, quote: bool) -> "http_cookies.Morsel[str]":
        """Return a morsel with nothing but name and value, as it came or, without *quote*, bare."""
        if self._sent is None:
            self._sent = grammar.make_morsel(self.name, self.value, self.coded if quote else self.value)
        return self._sent


class View:
    """Cookies that go with a request; ``rank`` says how specific they are: length of path, length of domain.

    ``cookies`` are all that apply, by name and in the order of sending; ``morsels`` those that are sent.
    ``merged`` is what came of this view and others, the last time that it was the most specific one of ``merged_of``.
    """

    __slots__ = ("cookies", "merged", "merged_of", "morsels", "rank")

    def __init__(
        self, cookies: dict[str, Cookie], morsels: "dict[str, http_cookies.Morsel[str]]", rank: tuple[int, int]
    ) -> None:
        self.cookies = cookies
        self.morsels = morsels
        self.rank = rank
        self.merged: View | None = None
        self.merged_of: list[View] | None = None


class Path:
    """The cookies of one domain and path, and what of them goes with which requests.

    ``views`` and ``used`` have an entry for each case of "over TLS" and "to the very
    host": the cookies, forgotten when one comes or goes; and when they were last sent.
    """

    __slots__ = ("cookies", "domain", "path", "used", "views")

    def __init__(self, domain: str, path: str) -> None:
        self.domain = domain
        self.path = path
        self.cookies: dict[str, Cookie] = {}
        self.views: list[View | None] = [None, None, None, None]
        self.used = [0, 0, 0, 0]

    def forget_views(self) -> None:
        """Called when a cookie has come or gone."""
        views = self.views
        for case in range(4):
            view = views[case]
            if view is not None:
                view.merged = view.merged_of = None  # it is among them: a cycle
                views[case] = None

    def chosen(self, case: int) -> dict[str, Cookie]:
        """Return the cookies that go with requests of this case."""
        if case == 3:
            return self.cookies.copy()
        return {name: cookie for name, cookie in self.cookies.items() if _goes(cookie, case)}

    def last_access(self, cookie: Cookie) -> int:
        """Return when *cookie* was last set or sent (RFC 6265 5.3 12)."""
        return max([cookie.order] + [used for case, used in enumerate(self.used) if _goes(cookie, case)])


def _goes(cookie: Cookie, case: int) -> bool:
    return (case >= 2 or not cookie.secure) and (case % 2 == 1 or not cookie.host_only)


class Domain:
    """The cookies of one domain by path; ``count`` is of all of them."""

    __slots__ = ("count", "paths")

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}
        self.count = 0

    def cookies(self) -> list[Cookie]:
        """Return the cookies of all paths."""
        return [cookie for found in self.paths.values() for cookie in found.cookies.values()]


class Store:
    """All cookies of a jar."""

    __slots__ = (
        "_clock",
        "_domains",
        "_heap",
        "_limits",
        "_public_suffix",
        "_quote",
        "_secure_origins",
        "_unsafe",
        "count",
    )

    def __init__(
        self,
        unsafe: bool,
        quote: bool,
        secure_origins: set[tuple[str, str | None, int | None]],
        limits: Limits,
        is_public_suffix: Callable[[str], bool] | None = None,
    ) -> None:
        self._unsafe = unsafe
        self._quote = quote
        self._secure_origins = secure_origins
        self._limits = limits
        self._public_suffix = is_public_suffix
        self._domains: dict[str, Domain] = {}
        self._heap: list[tuple[float, int, Cookie]] = []
        self._clock = 0
        self.count = 0

    def all(self) -> list[Cookie]:
        """Return the cookies; those whose date has passed are gone."""
        self._expire()
        return [cookie for domain in self._domains.values() for cookie in domain.cookies()]

    def morsels(self) -> "list[http_cookies.Morsel[str]]":
        """Return the cookies as morsels, with all that is known of them."""
        return [cookie.whole() for cookie in self.all()]

    # Taking cookies

    def with_true_names(self, cookies: "list[grammar.SetCookie]", url: URL) -> "list[grammar.SetCookie]":
        """Return those of *cookies* from *url* whose names promise nothing that is not so."""
        is_secure = self._is_secure(url)
        good = [cookie for cookie in cookies if keeps_its_prefix(cookie[0], cookie[3], is_secure)]
        if len(good) < len(cookies):
            internal_logger.debug("Ignored %d cookie(s) that their names do not fit", len(cookies) - len(good))
        return good

    def set_all(self, cookies: "list[grammar.SetCookie]", url: URL) -> None:
        """Take *cookies* as if they came from *url* (RFC 6265 5.3)."""
        host = url.raw_host or ""
        if host and not self._unsafe and is_ip_address(host):
            return
        now = time.time()
        refused = 0
        for name, value, coded, attributes in cookies:
            refused += not self._set(name, value, coded, attributes, url, host, now)
        if refused:
            internal_logger.debug("Ignored %d cookie(s) that the host %r may not set", refused, host)

    def _set(
        self, name: str, value: str, coded: str, attributes: dict[str, str | bool], url: URL, host: str, now: float
    ) -> bool:
        """Take one cookie of *host*, by the steps of RFC 6265 5.3; False if the host may not set it."""
        domain = ""
        if "domain" in attributes:
            domain = str(attributes.pop("domain")).lower().removeprefix(".")
        host_only = False
        if domain and self._public_suffix is not None and self._public_suffix(domain):
            if domain != host:
                return False
            domain = ""
        if not domain or domain[-1] == ".":
            domain = host
            host_only = host != ""
        elif host and domain != host and not may_set(host, domain):
            return False
        path = str(attributes.pop("path", ""))
        if not path or path[0] != "/":
            path = default_path(url.raw_path) if host else "/"
        expires = expiry(attributes, now) if attributes else None
        if expires is not None and expires <= now:
            self.remove(domain, path, name)
        else:
            self.put(Cookie(name, value, coded, attributes, domain, path, host_only, expires))
        return True

    def restore(self, cookies: list[Cookie]) -> None:
        """Take *cookies* from a file, but for those whose date has passed and those of addresses, if unwanted."""
        now = time.time()
        for cookie in cookies:
            if cookie.domain and not self._unsafe and is_ip_address(cookie.domain):
                continue
            if cookie.expires is None or cookie.expires > now:
                self.put(cookie)

    def put(self, cookie: Cookie) -> None:
        """Keep *cookie* in the place of one of the same domain, path and name."""
        domain = self._domains.get(cookie.domain)
        if domain is None:
            domain = self._domains[cookie.domain] = Domain()
        found = domain.paths.get(cookie.path)
        if found is None:
            found = domain.paths[cookie.path] = Path(cookie.domain, cookie.path)
        self._clock += 1
        cookie.order = self._clock
        old = found.cookies.get(cookie.name)
        cookie.created = self._clock if old is None else old.created
        cookie.place = (-len(cookie.path), cookie.created)
        found.cookies[cookie.name] = cookie
        found.forget_views()
        if old is None:
            self.count += 1
            domain.count += 1
        if cookie.expires is not None:
            self._push(cookie, cookie.expires)
        if old is None:
            self._keep_limits(cookie, domain)

    def _push(self, cookie: Cookie, expires: float) -> None:
        heappush(self._heap, (expires, cookie.order, cookie))
        if len(self._heap) > 2 * self.count + _HEAP_SLACK:  # most are of cookies that have gone
            self._heap = [entry for entry in self._heap if self._is_kept(entry[2])]
            heapify(self._heap)

    def _keep_limits(self, cookie: Cookie, domain: Domain) -> None:
        """Make room after *cookie* has come: a sixth goes, used longest ago, so that the next ones find room."""
        if cookie.domain and domain.count > self._limits.per_domain:
            cookies = domain.cookies()
            if not cookie.secure:  # who listens in on an insecure origin must not flush what he cannot read
                cookies = [item for item in cookies if not item.secure]
            self._make_room(cookies, 1 + len(cookies) // 6)
        if self.count > self._limits.total:
            cookies = self.all()
            self._make_room(cookies, len(cookies) - self._limits.total * 5 // 6)

    def _make_room(self, cookies: list[Cookie], how_many: int) -> None:
        ranked = []
        for cookie in cookies:
            domain = self._domains[cookie.domain]
            found = domain.paths[cookie.path]
            ranked.append((cookie.secure, found.last_access(cookie), cookie.order, cookie))
        ranked.sort()
        for entry in ranked[:how_many]:
            cookie = entry[3]
            self.remove(cookie.domain, cookie.path, cookie.name)
        internal_logger.debug("Removed %d cookie(s) from a full jar: those used longest ago", how_many)

    # Giving them up

    def remove(self, domain_name: str, path: str, name: str) -> None:
        """Forget a cookie, if it is there."""
        domain = self._domains.get(domain_name)
        if domain is None:
            return
        found = domain.paths.get(path)
        if found is None or found.cookies.pop(name, None) is None:
            return
        found.forget_views()
        self.count -= 1
        domain.count -= 1
        if not found.cookies:
            del domain.paths[path]
            if not domain.paths:
                del self._domains[domain_name]

    def clear(self) -> None:
        """Forget all cookies."""
        self._domains.clear()
        self._heap.clear()
        self.count = 0

    def clear_domain(self, name: str) -> None:
        """Forget the cookies of a domain and of its subdomains."""
        ending = "." + name
        for known in [known for known in self._domains if known == name or known.endswith(ending)]:
            domain = self._domains.pop(known)
            self.count -= domain.count

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
            cookie = heappop(heap)[2]
            if self._is_kept(cookie):  # not replaced since
                self.remove(cookie.domain, cookie.path, cookie.name)

    # Sending them

    def select(self, url: URL) -> "dict[str, http_cookies.Morsel[str]]":
        """Return what goes with a request to *url* by name, in the order of sending (RFC 6265 5.4).

        Of one name there is one: of the longest path, then of the closest domain.
        """
        self._expire()
        case = 2 if self._is_secure(url) else 0
        views: list[View] = []
        path = url.raw_path
        self._collect(views, "", path, case + 1)
        host = url.raw_host
        if host:
            if not is_ip_address(host):
                self._collect(views, host, path, case + 1)
                dot = host.find(".")
                while dot >= 0:
                    self._collect(views, host[dot + 1 :], path, case)
                    dot = host.find(".", dot + 1)
            elif self._unsafe:
                self._collect(views, host, path, case + 1)
        if not views:
            return _NOTHING
        view = views[0] if len(views) == 1 else self._merge(views)
        return view.morsels

    def _is_secure(self, url: URL) -> bool:
        scheme = url.scheme
        if scheme in _SECURE_SCHEMES:
            return True
        return bool(self._secure_origins) and (scheme, url.raw_host, url.port) in self._secure_origins

    def _collect(self, views: list[View], domain_name: str, path: str, case: int) -> None:
        """Append what a domain has for *path*."""
        domain = self._domains.get(domain_name)
        if domain is None:
            return
        for known, found in domain.paths.items():
            if known == "/" or path_matches(known, path):
                view = found.views[case]
                if view is None:
                    rank = (len(known), len(domain_name))
                    view = found.views[case] = self._view(found.chosen(case), rank)
                if view.cookies:
                    self._clock += 1
                    found.used[case] = self._clock
                    views.append(view)

    def _merge(self, views: list[View]) -> View:
        """Return one view of several; it is remembered by the most specific of them."""
        first = views[0]
        for view in views:
            if view.rank > first.rank:
                first = view
        if first.merged is None or first.merged_of != views:
            chosen: dict[str, Cookie] = {}
            for view in sorted(views, key=_rank):
                chosen.update(view.cookies)
            ordered = {cookie.name: cookie for cookie in sorted(chosen.values(), key=_place)}
            first.merged = self._view(ordered, (0, 0))
            first.merged_of = views
        return first.merged

    def _view(self, cookies: dict[str, Cookie], rank: tuple[int, int]) -> View:
        quote = self._quote
        morsels = {name: cookie._sent or cookie.sent(quote) for name, cookie in cookies.items()}
        size = -2
        for cookie in cookies.values():
            size += len(cookie.name) + len(cookie.coded) + 3  # without quotes it may be less
        if size > self._limits.sent_size or len(morsels) > self._limits.sent:
            morsels = self._within_limits(cookies, morsels)
        return View(cookies, morsels, rank)

    def _within_limits(
        self, cookies: dict[str, Cookie], morsels: "dict[str, http_cookies.Morsel[str]]"
    ) -> "dict[str, http_cookies.Morsel[str]]":
        """Return the most specific of *morsels*, and of these the last ones set, that fit into one field."""
        kept: set[str] = set()
        size = -2
        for cookie in sorted(cookies.values(), key=_importance):
            more = len(cookie.name) + len(morsels[cookie.name].coded_value) + 3
            if len(kept) == self._limits.sent:
                break
            if size + more <= self._limits.sent_size or not kept:
                size += more
                kept.add(cookie.name)
        if len(kept) < len(cookies):
            internal_logger.debug("%d of %d cookies fit into one field; the rest is not sent", len(kept), len(cookies))
        return {name: morsel for name, morsel in morsels.items() if name in kept}


_NOTHING: "dict[str, http_cookies.Morsel[str]]" = {}
_rank: Callable[[View], tuple[int, int]] = attrgetter("rank")
_place: Callable[[Cookie], tuple[int, int]] = attrgetter("place")


def _importance(cookie: Cookie) -> tuple[int, int, int]:
    return -len(cookie.path), -len(cookie.domain), -cookie.order
