"""Socket options of a TCP connection; transports that are no TCP connection are left alone."""

import asyncio
import select
import socket
from contextlib import suppress

__all__ = ("is_readable", "tcp_keepalive", "tcp_nodelay")

_INTERNET = (socket.AF_INET, socket.AF_INET6)


def is_readable(transport: asyncio.Transport) -> bool:
    """Return True if bytes or an end wait in the kernel that the loop has not yet seen."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return False
    try:
        if not hasattr(select, "poll"):  # Windows, where select takes any number
            return bool(select.select([sock.fileno()], (), (), 0)[0])
        poll = select.poll()
        poll.register(sock.fileno(), select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True  # closed under us


def tcp_keepalive(transport: asyncio.Transport) -> None:
    """Let the kernel probe a silent peer (SO_KEEPALIVE), so that a dead one is noticed some day."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):  # the transport may be closing
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def tcp_nodelay(transport: asyncio.Transport, value: bool) -> None:
    """Send small writes at once if *value* is true, else let the kernel collect them (Nagle).

    The loops of asyncio and uvloop make TCP connections that do not delay.
    """
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family not in _INTERNET:
        return
    with suppress(OSError):  # the transport may be closing
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, bool(value))
