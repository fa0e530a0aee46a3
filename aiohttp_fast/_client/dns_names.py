"""What is a host name, what a domain, and what an IP address, for those who look names up."""

import re
import socket
from ipaddress import ip_address

from yarl import URL

__all__ = ("LONGEST_NAME", "address_family", "as_name", "is_domain")

LONGEST_NAME = 253  # characters without a dot at the end: 255 octets (RFC 1035 2.3.4)
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.IGNORECASE)  # as programs in C read addresses
_SCOPE = re.compile(r"[!-~]+")


def address_family(text: str) -> int | None:
    """Return the family of the IP address *text*, None for what is none; a scope (RFC 4007 11) may be in it."""
    _, percent, scope = text.partition("%")
    if percent and not _SCOPE.fullmatch(scope):
        return None
    try:
        return socket.AF_INET if ip_address(text).version == 4 else socket.AF_INET6
    except ValueError:
        return None


def is_domain(text: str) -> bool:
    """Return True for a domain in ASCII; a dot may be at its end."""
    plain = text.removesuffix(".")
    return len(plain) <= LONGEST_NAME and _NAME.fullmatch(plain) is not None


def as_name(host: str) -> str:
    """Return *host* as the DNS knows it, an international one as requests do (RFC 5890).

    Raises ``socket.gaierror`` for what is no name, and for what others take for a number (``127.1``, ``0x7f000001``).
    """
    try:
        name = host if host.isascii() else URL.build(scheme="http", host=host).raw_host or ""
    except ValueError as exc:  # UnicodeError: a label that is empty, too long, or no IDNA
        raise socket.gaierror(socket.EAI_NONAME, f"Cannot resolve {host!r}: it is no host name: {exc}") from exc
    if not is_domain(name) or _NUMBER.fullmatch(name.removesuffix(".")):
        raise socket.gaierror(socket.EAI_NONAME, f"Cannot resolve {host!r}: it is no host name")
    return name
