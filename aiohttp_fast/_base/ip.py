"""IP addresses where a host name may stand (RFC 3986 3.2.2)."""

__all__ = ("is_canonical_ipv4_address", "is_ip_address")


def is_ip_address(host: str | None) -> bool:
    """True if *host* can only be an IP address: no name has a colon, or nothing but digits and dots."""
    return bool(host) and (":" in host or host.replace(".", "").isdigit())  # type: ignore[operator,union-attr]


def is_canonical_ipv4_address(host: str) -> bool:
    """True for an IPv4 address in its usual form, four decimal numbers up to 255."""
    parts = host.split(".")
    return len(parts) == 4 and all(map(_is_octet, parts))


def _is_octet(part: str) -> bool:
    return len(part) <= 3 and part.isascii() and part.isdigit() and int(part) < 256
