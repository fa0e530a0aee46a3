"""How a cookie jar keeps cookies: by domain, path and name, ready to be sent."""

from http.cookies import Morsel, SimpleCookie

from yarl import URL

from .._base.cookies import make_morsel

__all__ = ("Cookie", "Domain", "Path", "View", "default_path", "is_ip_address", "may_set")

_FEW = 8  # paths of a domain up to which looking at each is the cheapest way
_QUOTER: SimpleCookie = SimpleCookie()


class Cookie:
    """A cookie in the jar; what a request needs of it is made when first sent."""

    __slots__ = ("coded", "domain", "expires", "host_only", "morsel", "name", "order", "path", "secure", "sent")

    def __init__(
        self, morsel: Morsel[str], domain: str, path: str, host_only: bool, expires: float | None, quote: bool
    ) -> None:
        self.morsel = morsel
        self.name = morsel.key
        self.domain = domain
        self.path = path
        self.host_only = host_only
        self.secure = bool(morsel["secure"])
        self.expires = expires
        self.order = 0
        self.sent: Morsel[str] | None = None
        # The value as it was received, or quoted as the jar was asked to.
        self.coded = morsel.value
        if quote:
            received = morsel.coded_value
            self.coded = received if received[:1] == '"' else _QUOTER.value_encode(morsel.value)[1]

    @property
    def text(self) -> str:
        """The pair that a request carries."""
        return f"{self.name}={self.coded}"

    def to_send(self) -> Morsel[str]:
        """Return a morsel with nothing but name and value."""
        if self.sent is None:
            self.sent = make_morsel(self.name, self.morsel.value, self.coded)
        return self.sent

    def __lt__(self, other: "Cookie") -> bool:  # two of one date in the heap
        return self.order < other.order


class View:
    """Cookies that go with a request, in the forms it may want them in."""

    __slots__ = ("cookies", "header", "morsels")

    def __init__(self, cookies: dict[str, Cookie]) -> None:
        self.cookies = cookies
        self.header = "; ".join([cookie.text for cookie in cookies.values()])
        self.morsels: dict[str, Morsel[str]] | None = None

    def as_morsels(self) -> dict[str, Morsel[str]]:
        """Return the cookies as morsels with nothing but name and value."""
        if self.morsels is None:
            self.morsels = {name: cookie.to_send() for name, cookie in self.cookies.items()}
        return self.morsels


class Path:
    """The cookies of one domain and path, and what of them goes with which requests.

    ``views`` has an entry for each case of "over TLS" and "to the very host"; they are
    forgotten when a cookie comes or goes.
    """

    __slots__ = ("cookies", "views")

    def __init__(self) -> None:
        self.cookies: dict[str, Cookie] = {}
        self.views: list[View | None] = [None, None, None, None]

    def view(self, is_secure: bool, is_host: bool) -> View:
        """Return what goes with a request."""
        case = 2 * is_secure + is_host
        view = self.views[case]
        if view is None:
            view = self.views[case] = View(
                {
                    name: cookie
                    for name, cookie in self.cookies.items()
                    if (is_secure or not cookie.secure) and (is_host or not cookie.host_only)
                }
            )
        return view


class Domain:
    """The cookies of one domain by path."""

    __slots__ = ("count", "paths")

    def __init__(self) -> None:
        self.paths: dict[str, Path] = {}
        self.count = 0

    def collect(self, groups: list[tuple[int, int, bool, Path]], path: str, length: int, is_host: bool) -> None:
        """Append to *groups* the paths that match *path* (RFC 6265 5.1.4), each with its length before the others."""
        paths = self.paths
        if len(paths) <= _FEW:
            for known, found in paths.items():
                if known == "/" or _path_matches(known, path):
                    groups.append((len(known), length, is_host, found))
            return
        ends = [i for i, char in enumerate(path) if char == "/"]
        prefixes = {path, *(path[:i] for i in ends), *(path[: i + 1] for i in ends)}
        groups += [(len(known), length, is_host, paths[known]) for known in prefixes if known in paths]


def _path_matches(known: str, path: str) -> bool:
    if known == path:
        return True
    return path.startswith(known) and (known[-1] == "/" or path[len(known)] == "/")


def is_ip_address(host: str) -> bool:
    """True if *host*, as yarl gives it, is an IP address."""
    # An IPv6 address has colons, an IPv4 address (all its odd forms) a number at the end.
    return ":" in host or (host[-1].isdigit() and host.rpartition(".")[2].isdigit())


def may_set(host: str, domain: str) -> bool:
    """True if *host* may set cookies for *domain*, another one (RFC 6265 5.1.3)."""
    # A domain of one label would share the cookie with strangers (a public suffix).
    return host.endswith("." + domain) and "." in domain and not is_ip_address(host)


def default_path(url: URL) -> str:
    """Return the directory of the URL's path (RFC 6265 5.1.4)."""
    path = url.raw_path
    end = path.rfind("/")
    return path[:end] if end > 0 else "/"
