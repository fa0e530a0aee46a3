"""Which name servers are meant: addresses, with or without a port, and URLs of HTTPS."""

from typing import Any, NamedTuple

from yarl import URL

from .._base.checks import shown_value
from .circumstances import without_credentials
from .hosts_file import address_family

__all__ = ("Server", "as_server", "as_servers")

_PORT = 53
_WANTED = "an IP address, with or without a port, or an https URL"


class Server(NamedTuple):
    """One name server: an IP address and a port (RFC 1035 4.2), or a URL (RFC 8484)."""

    address: str
    port: int
    url: URL | None = None


def as_servers(nameservers: Any) -> list[Server]:
    """Return the name servers that the option ``nameservers`` names.

    ``TypeError`` for what is no iterable of texts and URLs, ``ValueError`` for an empty one and for texts that are no
    servers; the credentials of a URL are not quoted.
    """
    try:
        given = None if isinstance(nameservers, (str, bytes)) else list(nameservers)
    except TypeError:
        given = None
    if given is None:
        raise TypeError(f"nameservers must be None or an iterable of str, each {_WANTED}, not {_shown(nameservers)}")
    if not given:
        raise ValueError("nameservers must be None, for the system's, or name at least one")
    return [as_server(server) for server in given]


def as_server(server: Any) -> Server:
    """Return the name server that one text or URL of the option ``nameservers`` means."""
    if not isinstance(server, (str, URL)):
        raise TypeError(f"nameservers: each must be str, {_WANTED}, not {shown_value(server)}")
    found = _by_url(server) if isinstance(server, URL) or "://" in server else _by_address(server)
    if found is None:
        raise ValueError(f"nameservers: each must be {_WANTED}, not {_shown(server)}")
    return found


def _shown(value: Any) -> str:
    return shown_value(without_credentials(value) if isinstance(value, (str, URL)) else value)


def _by_url(server: str | URL) -> Server | None:
    """Read a URL, or the URI template (RFC 8484 4.1) that stands for it; others than https can be read by all."""
    try:
        url = URL(server.removesuffix("{?dns}") if isinstance(server, str) else server)
    except ValueError:
        return None
    return Server(url.host, url.port or 443, url) if url.scheme == "https" and url.host else None


def _by_address(server: str) -> Server | None:
    address, port = server, str(_PORT)
    if server.startswith("["):
        address, bracket, rest = server[1:].partition("]")
        if rest or not bracket:
            port = rest.removeprefix(":") if rest.startswith(":") else ""
    elif server.count(":") == 1:
        address, _, port = server.partition(":")
    if address_family(address) is None or not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 1 << 16):
        return None
    return Server(address, int(port[:6]))
