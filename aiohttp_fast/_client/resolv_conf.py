"""Which name servers the system asks, and how: ``resolv.conf``, read as leniently as the C library does."""

import os
import re
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from yarl import URL

from .dns_names import address_family, is_domain
from .dns_servers import PORT, Server

__all__ = ("RESOLV_CONF", "Settings", "read_settings")

RESOLV_CONF = "/etc/resolv.conf"
_LOCAL = "127.0.0.1"  # asked where no other server is named
_COMMENT = re.compile("[;#].*")
_OPTION = re.compile("(ndots|timeout):([0-9]{1,9})")
_MOST_NDOTS = 15
_LONGEST_TIMEOUT = 30


class Settings(NamedTuple):
    """Name servers, domains that names may be relative to, and options; ``timeout`` is None where none is set."""

    servers: tuple[Server | URL, ...]
    search: tuple[str, ...] = ()
    ndots: int = 1
    timeout: float | None = None
    rotate: bool = False
    edns0: bool = False


def read_settings(path: "str | os.PathLike[str]") -> Settings:
    """Return what the file *path* says; on Windows what the system says in place of ``/etc/resolv.conf``.

    ``nameserver``, ``search``, ``domain`` and, of ``options``, ``ndots``, ``timeout``, ``rotate`` and ``edns0`` are
    read; what has no sense is passed by. Without a server, or a file, it is the one on this machine.
    """
    if sys.platform == "win32" and os.fspath(path) == RESOLV_CONF:
        return _of_windows()
    try:
        text = Path(path).read_bytes().decode("utf-8", "replace")
    except OSError:
        text = ""
    servers: list[str] = []
    search: list[str] | None = None
    options: list[str] = []
    for line in text.split("\n"):
        keyword, *values = line.split() or [""]
        if keyword == "nameserver":
            servers += values[:1]
        elif keyword == "search" or (keyword == "domain" and values):  # whichever comes last
            search = values
        elif keyword == "options":
            options += values
    return _settings(servers, search, options)


def _settings(servers: Iterable[str], search: Iterable[str] | None, options: Iterable[str]) -> Settings:
    addresses = (_COMMENT.sub("", server) for server in servers)
    asked = [Server(address, PORT) for address in addresses if address_family(address) is not None]
    domains = [socket.gethostname().partition(".")[2]] if search is None else search
    numbers = {found[1]: int(found[2]) for option in options if (found := _OPTION.fullmatch(option))}
    timeout = numbers.get("timeout")
    return Settings(
        servers=tuple(asked) or (Server(_LOCAL, PORT),),
        search=tuple(domain.removesuffix(".") for domain in domains if is_domain(domain)),
        ndots=min(numbers.get("ndots", 1), _MOST_NDOTS),
        timeout=None if timeout is None else min(max(timeout, 1), _LONGEST_TIMEOUT),
        rotate="rotate" in options,
        edns0="edns0" in options,
    )


if sys.platform == "win32":
    from dns import win32util

    def _of_windows() -> Settings:
        found = win32util.get_dns_info()
        domains = found.search or ([found.domain] if found.domain else [])
        return _settings(found.nameservers, [domain.to_text() for domain in domains], ())
