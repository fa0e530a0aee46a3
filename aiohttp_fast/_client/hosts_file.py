"""The system's own table of hosts, which goes before name servers."""

import os
import socket
import sys
from ipaddress import ip_address
from pathlib import Path

from .._base.watched import Watched

__all__ = ("HOSTS_FILE", "HostsFile", "address_family", "read_hosts")

Address = tuple[int, str]  # family and number

HOSTS_FILE = (
    os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), r"System32\drivers\etc\hosts")
    if sys.platform == "win32"
    else "/etc/hosts"
)


def address_family(text: str) -> int | None:
    """Return the family of the IP address *text*, None for what is none; a scope (RFC 4007 11) may be in it."""
    try:
        return socket.AF_INET if ip_address(text).version == 4 else socket.AF_INET6
    except ValueError:
        return None


def read_hosts(path: "str | os.PathLike[str]") -> dict[str, list[Address]]:
    """Return the addresses of each name, in small letters; nothing for a missing file, and for lines without sense."""
    try:
        text = Path(path).read_text("utf-8", "replace")
    except OSError:
        return {}
    hosts: dict[str, list[Address]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        family = address_family(address) if names else None
        if family is not None:
            for name in names:
                hosts.setdefault(name.lower(), []).append((family, address))
    return hosts


class HostsFile:
    """The table in the file *path*, read again when it has changed."""

    def __init__(self, path: "str | os.PathLike[str]" = HOSTS_FILE) -> None:
        self._hosts = Watched(path, read_hosts)

    def addresses(self, name: str) -> list[Address]:
        """Return the addresses of *name*, in small letters and without a dot at its end; none where it is not there."""
        return self._hosts.content().get(name, [])
