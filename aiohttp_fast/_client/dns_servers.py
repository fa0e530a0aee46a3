"""Which name servers are meant: addresses, with or without a port, and URLs of HTTPS."""

from typing import Any, NamedTuple

from yarl import URL

from .._base.checks import shown_value
from .circumstances import without_credentials
from .dns_names import address_family

__all__ = ("PORT", "Server", "as_server", "as_servers")

PORT = 53
_WANTED = "an IP address, with or without a port, or an https URL"


class Server(NamedTuple):
    """A name server that is asked by UDP and TCP (RFC 1035 4.2): its IP address and port."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def as_servers(nameservers: Any) -> list[Server | URL]:
    """Return the name servers that the option ``nameservers`` names; a URL is one that is asked by HTTPS (RFC 8484).

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


def as_server(server: Any) -> Server | URL:
    """Return the name server that one text or URL of the option ``nameservers`` means."""
    if not isinstance(server, (str, URL)):
        raise TypeError(f"nameservers: each must be str, {_WANTED}, not {_shown(server)}")
    found = _by_url(server) if isinstance(server, URL) or "://" in server else _by_address(server)
    if found is None:
        raise ValueError(f"nameservers: each must be {_WANTED}, not {_shown(server)}")
    return found


def _shown(value: Any) -> str:
    """Return texts and URLs without credentials; of others, which may have them too, only what they are."""
    return shown_value(without_credentials(value)) if isinstance(value, (str, URL)) else type(value).__name__


def _by_url(server: str | URL) -> URL | None:
    """Read a URL, or the URI template (RFC 8484 4.1) that stands for it; others than https can be read by all."""
    try:
        url = URL(server.removesuffix("{?dns}") if isinstance(server, str) else server).with_fragment(None)
    except ValueError:
        return None
    return url if url.scheme == "https" and url.host and url.port else None


def _by_address(server: str) -> Server | None:
    address, port = server, str(PORT)
    if server.startswith("["):
        address, bracket, rest = server[1:].partition("]")
        if rest or not bracket:
            port = rest.removeprefix(":") if rest.startswith(":") else ""
    elif server.count(":") == 1:
        address, _, port = server.partition(":")
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 1 << 16
    return Server(address, int(port)) if is_port and address_family(address) is not None else None
