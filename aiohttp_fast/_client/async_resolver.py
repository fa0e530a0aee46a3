"""From host names to addresses without threads that wait: through ``aiodns``, where it is installed."""

import asyncio
import socket
import sys
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from inspect import isawaitable
from typing import Any

from .abc import AbstractResolver, ResolveResult
from .resolver import NUMERIC, ThreadedResolver, address_text

__all__ = ("AsyncResolver", "DefaultResolver")

_IS_INSTALLED = find_spec("aiodns") is not None


class _State(Enum):
    NEW = "new"  # nothing was asked so far
    OPEN = "open"
    CLOSED = "closed"


class AsyncResolver(AbstractResolver):
    """Resolves names through ``aiodns`` (c-ares).

    *args* and *kwargs* are for ``aiodns.DNSResolver``: ``nameservers``, ``timeout``,
    ``tries`` and so on. ``RuntimeError`` where aiodns is not installed. It is imported, and
    its sockets are opened, for the first name that is asked for; at once where there are options.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, *args: Any, **kwargs: Any) -> None:
        if not _IS_INSTALLED:
            raise RuntimeError("AsyncResolver requires the aiodns library")
        self._loop = loop or asyncio.get_running_loop()
        self._state = _State.NEW
        self._resolver: Any = None
        if args or kwargs:
            self._open(*args, **kwargs)

    def _open(self, *args: Any, **kwargs: Any) -> None:
        aiodns = import_module("aiodns")
        self._error: type[Exception] = aiodns.error.DNSError
        self._resolver = aiodns.DNSResolver(*args, loop=self._loop, **kwargs)
        self._state = _State.OPEN

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*; raise ``OSError`` where there are none, or when closed.

        IPv6 addresses of limited scope carry it behind a percent sign (RFC 4007 11).
        """
        if self._state is _State.CLOSED:
            raise OSError(None, "The resolver is closed")
        if self._state is _State.NEW:
            self._open()
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
        self._state = _State.CLOSED
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


# Not on Windows: aiodns does not work with the event loop that programs have there.
DefaultResolver: type[AsyncResolver | ThreadedResolver] = (
    AsyncResolver if _IS_INSTALLED and sys.platform != "win32" else ThreadedResolver
)
