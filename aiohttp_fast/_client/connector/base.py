"""``BaseConnector``: what users see of a pool of connections, and how it ends."""

import asyncio
import warnings
from collections import deque
from collections.abc import Awaitable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..._base.later import later
from ..._base.signature import InitSignature
from ..._base.warn import deprecated
from ..exceptions import ClientConnectionError
from ..info import CloseReason, ConnectionKey
from ..protocol import ResponseHandler
from .pool import Pool, PoolState
from .schemes import HIGH_LEVEL_SCHEMA_SET

if TYPE_CHECKING:
    from . import stats
else:
    stats = later(".stats", __name__)

__all__ = ("BaseConnector",)

_OPEN = PoolState.OPEN
_CLOSED = PoolState.CLOSED


class _Closing:
    """Waits for transports that are closing; may be dropped without being awaited."""

    def __init__(
        self,
        closing: "dict[asyncio.Future[None], ResponseHandler]",
        ends: "list[asyncio.Future[None]]",
        patience: float,
    ) -> None:
        self._closing = closing
        self._ends = ends
        self._patience = patience

    def __await__(self) -> Generator[Any, None, None]:
        return self._wait().__await__()

    async def _wait(self) -> None:
        if self._ends:
            await asyncio.wait(self._ends)
        if not self._closing:
            return
        _, late = await asyncio.wait(self._closing, timeout=self._patience)
        for closed in late:
            self._closing[closed].abort()
        if late:
            await asyncio.wait(late)


class BaseConnector(Pool):
    """Base of all connectors: keeps and lends connections to one event loop's requests.

    *limit* bounds connections in use at a time, *limit_per_host* those to one
    ``ConnectionKey``; None and 0 mean no bound. An idle connection is kept for
    *keepalive_timeout* seconds, none at all with *force_close*; one kept for more than
    *timeout_ceil_threshold* seconds is closed within a second after that. One made more
    than *max_connection_age* seconds ago gets no further request: None and 0 mean no limit.

    Raises ``TypeError`` and ``ValueError``, which name the parameter, for what can have no sense.
    """

    __signature__ = InitSignature()
    allowed_protocol_schema_set = HIGH_LEVEL_SCHEMA_SET
    _uses_proxies = True  # those of the environment; not where all connections lead to one place

    @property
    def _conns(self) -> "dict[ConnectionKey, deque[tuple[ResponseHandler, float]]]":
        """The idle connections as aiohttp keeps them: packages look there for transports to wait for (gql)."""
        return {key: deque((protocol, protocol.idle_since) for protocol in idle) for key, idle in self._idle.items()}

    def __del__(self, _warnings: Any = warnings) -> None:
        if getattr(self, "_state", None) is not _OPEN or not any(self._idle.values()):  # or refused arguments
            return
        conns = [repr(proto) for protos in self._idle.values() for proto in protos]
        text = f"Unclosed connector {self!r}, made at {self._made_at}"
        _warnings.warn(text, ResourceWarning, source=self, stacklevel=2)
        self._shut()
        self._state = PoolState.FORGOTTEN
        context = {
            "connector": self,
            "connections": conns,
            "message": "Unclosed connector",
            "made_at": str(self._made_at),
        }
        if self._source_traceback is not None:
            context["source_traceback"] = self._source_traceback
        self._loop.call_exception_handler(context)

    def __enter__(self) -> Self:
        deprecated('"with Connector():" is deprecated, use "async with Connector():"')
        return self

    def __exit__(self, *exc: object) -> None:
        self._shut()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        exc_traceback: TracebackType | None = None,
    ) -> None:
        await self.close()

    @property
    def limit(self) -> int:
        """Most connections in use at a time; 0 is no limit."""
        return self._slots.limit

    @property
    def limit_per_host(self) -> int:
        """Most connections in use to one host, port and TLS setting; 0 is no limit."""
        return self._slots.limit_per_host

    @property
    def closed(self) -> bool:
        """True once ``close`` was called, or when the loop is closed."""
        return self._state is not _OPEN or self._loop.is_closed()

    def stats(self) -> "stats.ConnectorStats":
        """Return what is in use, and what was counted since the connector was made.

        ``idle``, ``acquired`` and ``waiting`` are of this moment; ``opened``, ``reused``, ``closed`` (by reason),
        ``waits``, ``wait_total`` and ``wait_max`` (seconds) and ``stale_retries`` are counters. See
        ``ConnectorStats``. The same small effort at any size of the pool.
        """
        return self._tally.stats(len(self._acquired), self._slots.waiting)

    # Closing

    def close(self, *, abort_ssl: bool = False) -> Awaitable[None]:
        """Close all connections; the awaitable returned ends when their transports are closed.

        A TLS connection is given ``ssl_shutdown_timeout`` seconds for its closing
        handshake, none with *abort_ssl*.
        """
        closing = self._shut()
        ends = [] if self._loop.is_closed() else self._give_up_opening()
        return _Closing(closing, ends, 0 if abort_ssl else self._ssl_shutdown_timeout)

    def _close(self, *, abort_ssl: bool = False) -> "list[asyncio.Future[None]]":
        """Begin to close, as other people's clean-up does when no loop runs; return what ends when it has ended."""
        return list(self._shut())

    def _shut(self) -> "dict[asyncio.Future[None], ResponseHandler]":
        if self._state is not _OPEN:
            return {}
        self._state = _CLOSED
        if self._tick_handle is not None:
            self._tick_handle.cancel()
            self._tick_handle = None
        if not self._idle and not self._acquired and not self._leaving and not self._slots.waiting:
            return {}  # it was never used
        protocols = [p for idle in self._idle.values() for p in idle]
        protocols += self._acquired
        keys = list(self._acquired.values())
        self._idle.clear()
        self._acquired.clear()
        self._slots.refuse_waiters(lambda: ClientConnectionError("Connector is closed."))
        for key in keys:
            self._slots.free(key)
        for protocol in protocols:
            self._no_longer_kept(protocol)
        if self._loop.is_closed():
            return {}
        for protocol in protocols:
            self._dismiss(protocol, CloseReason.CONNECTOR)
        return self._leaving.copy()

    def _give_up_opening(self) -> "list[asyncio.Future[None]]":
        """End what is being connected; return futures that are done when it has ended."""
        ends = []
        for limit, end in self._opening.items():
            if end is None:
                if not limit.expired():
                    limit.reschedule(self._loop.time())
                end = self._opening[limit] = self._loop.create_future()
            ends.append(end)
        return ends
