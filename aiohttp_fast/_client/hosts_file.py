"""The system's own table of hosts, which goes before name servers."""

import os
import re
import sys
from pathlib import Path

from .._base.watched import Watched
from .dns_names import address_family

__all__ = ("HOSTS_FILE", "HostsFile", "read_hosts")

Address = tuple[int, str]  # family and number

_FIELD = re.compile(r"[^ \t\r]+")  # no other space and no other end of a line counts, in no comment either

HOSTS_FILE = (
    os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), r"System32\drivers\etc\hosts")
    if sys.platform == "win32"
    else "/etc/hosts"
)


def read_hosts(path: "str | os.PathLike[str]") -> dict[str, list[Address]]:
    """Return the addresses of each name, in small letters; nothing for a missing file, and for lines without sense."""
    try:
        text = Path(path).read_bytes().decode("utf-8", "replace")
    except OSError:
        return {}
    hosts: dict[str, list[Address]] = {}
    for line in text.split("\n"):
        address, *names = _FIELD.findall(line.partition("#")[0]) or [""]
        family = address_family(address) if names else None
        if family is not None:
            for name in names:
                known = hosts.setdefault(name.lower().removesuffix("."), [])
                if (family, address) not in known:
                    known.append((family, address))
    return hosts


class HostsFile:
    """The table in the file *path*, read again when it has changed."""

    def __init__(self, path: "str | os.PathLike[str]" = HOSTS_FILE) -> None:
        self._hosts = Watched(path, read_hosts)

    def addresses(self, name: str) -> list[Address]:
        """Return the addresses of *name*, in small letters and without a dot at its end; none where it is not there."""
        return self._hosts.content().get(name, [])
