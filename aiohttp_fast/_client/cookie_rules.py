"""What a cookie jar decides by: hosts, paths, name prefixes and lifetimes (RFC 6265 5.1 to 5.3)."""

import re
from typing import TYPE_CHECKING

from .._base.later import later

if TYPE_CHECKING:
    from .._base import dates
else:
    dates = later(".._base.dates", __name__)

__all__ = ("MAX_TIME", "default_path", "expiry", "is_ip_address", "keeps_its_prefix", "may_set", "path_matches")

MAX_TIME = 253402300799  # 9999-12-31 23:59:59 UTC
_MAX_AGE = re.compile(r"(-?)0*([0-9]+)", re.ASCII)
_LONGEST = 12  # digits of a Max-Age that still matter: more lead behind MAX_TIME


def is_ip_address(host: str) -> bool:
    """True if *host*, as yarl gives it, is an IP address."""
    # An IPv6 address has colons, an IPv4 address (all its odd forms) a number at the end.
    return ":" in host or (host[-1].isdigit() and host.rpartition(".")[2].isdigit())


def may_set(host: str, domain: str) -> bool:
    """True if *host* may set cookies for *domain*, another one (RFC 6265 5.1.3)."""
    # A domain of one label would share the cookie with strangers (a public suffix).
    return host.endswith("." + domain) and "." in domain and not is_ip_address(host)


def default_path(path: str) -> str:
    """Return the directory of *path*, that of a URL (RFC 6265 5.1.4)."""
    end = path.rfind("/")
    return path[:end] if end > 0 else "/"


def path_matches(known: str, path: str) -> bool:
    """True if a cookie of the path *known* goes with a request for *path* (RFC 6265 5.1.4)."""
    if not path.startswith(known):
        return False
    size = len(known)
    return size == len(path) or known[size - 1] == "/" or path[size] == "/"


def expiry(attributes: dict[str, str | bool], now: float) -> float | None:
    """Return when a cookie ends, in seconds since 1970; None at the end of the session (RFC 6265 5.2.1, 5.2.2).

    ``Max-Age`` goes before ``Expires``. Takes those out of *attributes* that mean nothing.
    """
    if "max-age" in attributes:
        match = _MAX_AGE.fullmatch(str(attributes["max-age"]))
        if match is not None:
            if match[1]:
                return 0
            return min(now + int(match[2]), MAX_TIME) if len(match[2]) <= _LONGEST else MAX_TIME
        del attributes["max-age"]
    if "expires" in attributes:
        when = dates.parse_cookie_date(str(attributes["expires"]))
        if when is not None:
            return when
        del attributes["expires"]
    return None


def keeps_its_prefix(name: str, attributes: dict[str, str | bool], is_secure: bool) -> bool:
    """True unless *name* begins with a prefix that promises what is not so (RFC 6265bis 4.1.3).

    ``__Secure-`` cookies are secure and come from a secure origin; ``__Host-`` cookies
    are, besides, of one host and of all its paths.
    """
    if name[:2] != "__":
        return True
    lowered = name.lower()
    if lowered.startswith("__secure-"):
        return is_secure and "secure" in attributes
    if lowered.startswith("__host-"):
        return is_secure and "secure" in attributes and not attributes.get("domain") and attributes.get("path") == "/"
    return True
