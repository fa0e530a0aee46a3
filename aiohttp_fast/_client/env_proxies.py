"""What the environment says about proxies: ``http_proxy`` and its kin, and ``no_proxy``.

Only variables are read, so nothing here blocks. They are read anew each time, as
programs change them; what was made of a value is remembered.
"""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from yarl import URL

from .._base.attrs_fields import AttrsFields
from .auth import BasicAuth, strip_auth_from_url
from .circumstances import without_credentials
from .exceptions import InvalidUrlClientError

__all__ = ("NoProxy", "ProxyInfo", "find_env_proxy", "get_env_proxy_for_url", "proxies_from_env")

_SCHEMES = ("http", "https", "ws", "wss")
_SEPARATORS = re.compile(r"[\s,]+")
_ANY_PORT = 0


@dataclass(frozen=True, order=True, slots=True)
class ProxyInfo:
    """A proxy's URL, without credentials, and the credentials or None."""

    __attrs_attrs__ = AttrsFields()

    proxy: URL
    proxy_auth: BasicAuth | None


def proxies_from_env() -> dict[str, ProxyInfo]:
    """Return the proxy of each scheme that has one: ``http``, ``https``, ``ws`` and ``wss``.

    ``<scheme>_proxy`` counts before ``all_proxy``, lower case before upper case. A
    variable that is set to nothing means no proxy for its scheme. A value without a
    scheme is a host of ``http``. ``HTTP_PROXY`` is not looked at where
    ``REQUEST_METHOD`` is set: there a client's ``Proxy`` field gets into it. Raises
    ``InvalidUrlClientError``, a ``ValueError``, for a value that is no URL.
    """
    found = {scheme: _proxy_for(scheme) for scheme in _SCHEMES}
    return {scheme: info for scheme, info in found.items() if info is not None}


def get_env_proxy_for_url(url: URL) -> tuple[URL, BasicAuth | None]:
    """Return the proxy for *url* and its credentials; ``LookupError`` if there is none, or ``no_proxy`` forbids it."""
    info = find_env_proxy(url)
    if info is None:
        raise LookupError(f"The environment has no proxy for {url.with_user(None) if url.raw_user else url}")
    return info.proxy, info.proxy_auth


def find_env_proxy(url: URL) -> ProxyInfo | None:
    """Return the proxy for *url*; None if it is to be asked directly."""
    scheme, host = url.scheme, url.raw_host
    if scheme not in _SCHEMES or not host:
        return None
    info = _proxy_for(scheme)
    if info is None:
        return None
    excluded = _variable("no_proxy")
    return None if excluded and _no_proxy(excluded[1]).excludes(host, url.port) else info


def _variable(name: str) -> tuple[str, str] | None:
    """Return the variable *name* as it is spelt and what it says; None where it is not set."""
    is_served = name == "http_proxy" and "REQUEST_METHOD" in os.environ
    if is_served and os.name == "nt":
        return None  # there the lower case finds the upper case one
    for spelling in (name,) if is_served else (name, name.upper()):
        value = os.environ.get(spelling)
        if value is not None:
            return spelling, value.strip()
    return None


def _proxy_for(scheme: str) -> ProxyInfo | None:
    said = _variable(f"{scheme}_proxy") or _variable("all_proxy")
    return _parse(*said) if said and said[1] else None


@lru_cache(maxsize=32)
def _parse(name: str, value: str) -> ProxyInfo:
    text = value if "://" in value else f"http://{value}"
    try:
        url, auth = strip_auth_from_url(URL(text))
        if auth is not None:
            auth.encode()
        return ProxyInfo(url, auth)
    except ValueError:
        shown = without_credentials(text)
        raise InvalidUrlClientError(shown, f"the value of {name} is not the URL of a proxy") from None


class NoProxy:
    """What ``no_proxy`` excludes from being asked through a proxy.

    A list with commas or blanks of: ``*`` for everything; a host name, which stands for
    all names below it as well, with or without a leading dot or ``*.``; an address; a
    network in CIDR form (RFC 4632). Each may end in ``:port``, and then is about that
    port alone; an IPv6 address with a port stands in brackets. Addresses and networks
    are compared with hosts that are addresses: no name is looked up.
    """

    __slots__ = ("_everything", "_names", "_networks")

    def __init__(self, text: str) -> None:
        self._everything = False
        self._names: set[tuple[str, int]] = set()
        self._networks: list[tuple[IPv4Network | IPv6Network, int]] = []
        for entry in _SEPARATORS.split(text):
            if entry == "*":
                self._everything = True
            elif entry:
                self._add(*_split_port(entry))

    def _add(self, host: str, port: int) -> None:
        try:
            self._networks.append((ip_network(host, strict=False), port))
        except ValueError:
            name = _canonical(host.removeprefix("*").lstrip("."))
            if name:
                self._names.add((name, port))

    def excludes(self, host: str, port: int | None) -> bool:
        """Tell whether *host*, without brackets, is to be asked directly at *port*."""
        if self._everything:
            return True
        ports = (_ANY_PORT, port)
        address = _address(host)
        if address is not None:
            return any(
                where in ports and address.version == network.version and address in network
                for network, where in self._networks
            )
        labels = _canonical(host).split(".")
        names = (".".join(labels[first:]) for first in range(len(labels)))
        return any((name, where) in self._names for name in names for where in ports)


def _split_port(entry: str) -> tuple[str, int]:
    """Return the host of *entry*, without brackets, and its port or ``_ANY_PORT``."""
    host, colon, port = entry.rpartition(":")
    if not colon or not port.isdecimal() or (":" in host and not host.endswith("]")):
        host, port = entry, ""
    return host.removeprefix("[").removesuffix("]"), int(port) if port else _ANY_PORT


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _canonical(name: str) -> str:
    """Return *name* as hosts of URLs are written: lower case, IDNA-encoded; here without the dot at its end."""
    name = name.rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return URL.build(scheme="http", host=name).raw_host or ""
    except ValueError:
        return ""  # no host has such a name


_no_proxy = lru_cache(maxsize=8)(NoProxy)
