"""From host names to addresses.

``getaddrinfo`` blocks for as long as a name server is silent, so it runs in threads.
They are the resolver's own: in the loop's default executor a few dead names would hold
up everybody's file access, and ``asyncio.run`` would wait for them at its end.
"""

import asyncio
import socket
from concurrent import futures
from typing import Any

from .abc import AbstractResolver, ResolveResult

__all__ = ("NUMERIC", "ThreadedResolver", "address_text")

MAX_THREADS = 16  # look-ups at a time; threads start one by one, as they are wanted

NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
_NAME_FLAGS = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV


class ThreadedResolver(AbstractResolver):
    """Resolves names as the system does (``getaddrinfo``), in threads of its own.

    The threads end at ``close``, or when the resolver is dropped. *loop* is accepted
    for compatibility: look-ups belong to the loop that asks.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._threads: futures.ThreadPoolExecutor | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*, in the order in which the system prefers them.

        Raises ``socket.gaierror`` where there are none. IPv6 addresses of limited scope
        carry it behind a percent sign (RFC 4007 11).
        """
        if self._threads is None:
            self._threads = futures.ThreadPoolExecutor(MAX_THREADS, "aiohttp-dns")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _look_up, host, port, family)

    async def close(self) -> None:
        """Let the threads end when the look-ups under way are done; does not wait for them."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False)


def _look_up(host: str, port: int, family: int) -> list[ResolveResult]:
    try:
        infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except ValueError as exc:  # UnicodeError: a label that is empty, too long, or no IDNA
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a valid host name: {exc}") from exc
    return [
        ResolveResult(
            hostname=host,
            host=address_text(family, sockaddr),
            port=port,
            family=family,
            proto=proto,
            flags=NUMERIC,
        )
        for family, _, proto, _, sockaddr in infos
        # A Python without IPv6 gives such addresses as numbers and bytes.
        if family != socket.AF_INET6 or len(sockaddr) == 4
    ]


def address_text(family: int, sockaddr: tuple[Any, ...]) -> str:
    """Return the address as text; names the scope, which ``sockaddr`` keeps as a number."""
    host: str = sockaddr[0]
    if family == socket.AF_INET6 and sockaddr[3]:
        return socket.getnameinfo(sockaddr, _NAME_FLAGS)[0]
    return host
