"""What the kernel knows of a TCP connection, and its options; transports that are none are left alone."""

import asyncio
import select
import socket
import struct
import sys
from contextlib import suppress

__all__ = ("abort", "is_readable", "sending_progress", "tcp_keepalive", "tcp_nodelay")

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_ACKED_AT = 120  # where Linux has tcpi_bytes_acked, 64 bits, in what TCP_INFO gives (tcp(7))
_INFO_SIZE = 128


def abort(transport: asyncio.WriteTransport) -> None:
    """Close *transport* at once; harmless when it is closed.

    CPython 3.11.2's TLS transports raise when they were closed twice, by asyncio itself perhaps.
    """
    with suppress(AttributeError):
        transport.abort()


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


def sending_progress(transport: asyncio.Transport) -> "tuple[int, int]":
    """Return two numbers, one of which at least grows while the peer takes what is written.

    The first is how many bytes its kernel has acknowledged, where Linux says so (else 0): a TLS
    transport does not tell how much the one below it still keeps. The second is minus the bytes
    that the transport keeps.
    """
    acked = 0
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in _INTERNET and sys.platform == "linux":
        with suppress(OSError):  # the transport may be closing
            info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_SIZE)
            if len(info) >= _INFO_SIZE:
                acked = struct.unpack_from("=Q", info, _ACKED_AT)[0]
    return acked, -transport.get_write_buffer_size()


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
