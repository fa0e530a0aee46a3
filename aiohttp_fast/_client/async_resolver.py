"""From host names to addresses without threads that wait: through ``aiodns``, where it is installed."""

import asyncio
import socket
from importlib import import_module
from inspect import isawaitable
from typing import Any

from .abc import AbstractResolver, ResolveResult
from .resolver import NUMERIC, address_text

__all__ = ("AsyncResolver",)


class AsyncResolver(AbstractResolver):
    """Resolves names through ``aiodns`` (c-ares), which is imported when the first resolver is made.

    *args* and *kwargs* are for ``aiodns.DNSResolver``: ``nameservers``, ``timeout``,
    ``tries`` and so on. ``RuntimeError`` where aiodns is not installed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, *args: Any, **kwargs: Any) -> None:
        try:
            aiodns = import_module("aiodns")
        except ModuleNotFoundError as exc:
            raise RuntimeError("AsyncResolver requires the aiodns library") from exc
        self._error: type[Exception] = aiodns.error.DNSError
        self._resolver: Any = aiodns.DNSResolver(*args, loop=loop or asyncio.get_running_loop(), **kwargs)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*; raise ``OSError`` where there are none, or when closed.

        IPv6 addresses of limited scope carry it behind a percent sign (RFC 4007 11).
        """
        if self._resolver is None:
            raise OSError(None, "The resolver is closed")
        if "\0" in host:  # the end of a text in C: another name would be looked up
            raise OSError(None, f"{host!r} is not a valid host name")
        try:
            found = await self._resolver.getaddrinfo(host, port=port, type=socket.SOCK_STREAM, family=family)
        except self._error as exc:
            raise OSError(None, exc.args[1] if len(exc.args) > 1 else "DNS lookup failed") from exc
        except ValueError as exc:  # UnicodeError: no IDNA
            raise OSError(None, f"{host!r} is not a valid host name: {exc}") from exc
        results = [_result(host, port, node) for node in found.nodes]
        if not results:
            raise OSError(None, "DNS lookup failed: no address")
        return results

    async def close(self) -> None:
        """End the look-ups under way, with ``OSError`` for who waits for them."""
        resolver, self._resolver = self._resolver, None
        if resolver is None:
            return
        if not hasattr(resolver, "close"):  # aiodns before 3.5
            resolver.cancel()
            return
        closing = resolver.close()
        if isawaitable(closing):
            await closing


def _result(host: str, port: int, node: Any) -> ResolveResult:
    """Return *node*, an address as pycares gives it."""
    address = node.addr[0].decode("ascii") if isinstance(node.addr[0], bytes) else node.addr[0]
    return ResolveResult(
        hostname=host,
        host=address_text(node.family, (address, *node.addr[1:])),
        port=port,
        family=node.family,
        proto=0,
        flags=NUMERIC,
    )
