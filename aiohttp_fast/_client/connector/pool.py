"""The pool: which connection a request gets, and what becomes of it afterwards."""

import asyncio
import functools
import sys
from collections.abc import Awaitable, Sequence
from enum import Enum
from math import floor, inf
from typing import TYPE_CHECKING, Any
from weakref import ref

from ..._base.checks import check_has, check_number, whole
from ..._base.later import later
from ..._base.types import sentinel
from ..._base.warn import deprecated, users_place, users_stack
from ..._stream.tcp import is_readable
from ..._stream.timer import ceil_timeout, deadline_after
from ..circumstances import Phase
from ..exceptions import ClientConnectionError, ConnectionTimeoutError, TotalTimeoutError
from ..info import CloseReason, ConnectionKey
from ..life import ConnectionState
from ..options import NO_LIMIT, ClientTimeout
from ..protocol import ResponseHandler
from ..request import ClientRequest
from .connection import Connection
from .slots import Slots
from .tally import Tally

if TYPE_CHECKING:
    from http import cookies as http_cookies
else:
    http_cookies = later("http.cookies")

__all__ = ("DEFAULT_LIMIT", "DEFAULT_THRESHOLD", "Pool", "PoolState")

_IDLE = ConnectionState.IDLE
_ALL_IN_USE = ": all connections that the connector's limits allow were in use"
FRESH = 0.005  # seconds; for a connection idle for less, a look into the kernel costs more than it can tell
DEFAULT_LIMIT = 100  # connections in use
DEFAULT_THRESHOLD = 5  # seconds, above which a time may end a second late
DEFAULT_KEEPALIVE = 15.0  # seconds an unused connection is kept
CLEANUP_PATIENCE = 2.0  # seconds a TLS connection has for its closing handshake under enable_cleanup_closed
# CPython's gh-118138: elsewhere a TLS transport whose peer does not answer its close is kept for ever.
_TLS_CLOSES_ITSELF = sys.version_info >= (3, 12, 7) and sys.version_info[:3] != (3, 13, 0)
DEFAULT_SSL_SHUTDOWN = 0.25  # seconds a peer has to answer a TLS close; many never do


class PoolState(Enum):
    """The life of a connector."""

    OPEN = "open"
    CLOSED = "closed"
    FORGOTTEN = "forgotten"  # nobody closed it, and nobody has it any more


_OPEN = PoolState.OPEN
_CLOSED = PoolState.CLOSED


def _tick(connector: "ref[Pool]") -> None:
    alive = connector()
    if alive is not None:
        alive._tick()


def _limit_closing(loop: asyncio.AbstractEventLoop, protocol: ResponseHandler, closed: "asyncio.Future[None]") -> None:
    """Cut a TLS connection whose peer does not answer its close."""
    limit = loop.call_later(CLEANUP_PATIENCE, protocol.abort)
    closed.add_done_callback(lambda _: limit.cancel())


class Pool:
    """The part of a connector that every request runs through; typed when compiled."""

    __slots__ = (
        "_acquired",
        "_cleans_up",
        "_cookies",
        "_factory",
        "_force_close",
        "_fresh",
        "_idle",
        "_is_exact",
        "_keepalive_timeout",
        "_keeps_any",
        "_leaving",
        "_loop",
        "_made_at",
        "_max_age",
        "_opening",
        "_ref",
        "_slots",
        "_source_traceback",
        "_ssl_shutdown_timeout",
        "_state",
        "_tally",
        "_tick_handle",
    )

    def __init__(
        self,
        *,
        keepalive_timeout: Any = sentinel,
        force_close: bool = False,
        limit: int | None = DEFAULT_LIMIT,
        limit_per_host: int | None = 0,
        enable_cleanup_closed: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        timeout_ceil_threshold: float = DEFAULT_THRESHOLD,
        max_connection_age: float | None = None,
    ) -> None:
        self._state = _CLOSED  # until the arguments are known to be good
        if force_close:
            if keepalive_timeout is not None and keepalive_timeout is not sentinel:
                raise ValueError("keepalive_timeout cannot be set if force_close is True")
            keepalive_timeout = None
        elif keepalive_timeout is sentinel:
            keepalive_timeout = DEFAULT_KEEPALIVE
        elif keepalive_timeout is not None:
            check_number("keepalive_timeout", keepalive_timeout, "None or a number of seconds", -inf)
            keepalive_timeout = max(keepalive_timeout, 0)
        if timeout_ceil_threshold is not DEFAULT_THRESHOLD:
            check_number("timeout_ceil_threshold", timeout_ceil_threshold)
        if max_connection_age is not None:
            check_number("max_connection_age", max_connection_age, "None or a number of seconds")
        if loop:
            check_has("loop", loop, "get_debug", "an event loop")
        if enable_cleanup_closed and _TLS_CLOSES_ITSELF:
            deprecated("enable_cleanup_closed ignored: this interpreter's TLS transports close themselves")
        self._cleans_up = enable_cleanup_closed and not _TLS_CLOSES_ITSELF
        self._loop = loop or asyncio.get_running_loop()
        self._keepalive_timeout: float = inf if keepalive_timeout is None else keepalive_timeout
        self._is_exact = self._keepalive_timeout <= timeout_ceil_threshold
        self._max_age: float = max_connection_age or inf
        self._tally = Tally()
        self._ref = ref(self)
        self._force_close = force_close
        self._fresh = min(FRESH, self._keepalive_timeout)
        self._keeps_any = not force_close and self._keepalive_timeout > 0 and self._max_age == inf
        self._slots = Slots(
            self._loop,
            DEFAULT_LIMIT if limit is DEFAULT_LIMIT else whole("limit", limit or 0, NO_LIMIT, endless=0),
            whole("limit_per_host", limit_per_host, NO_LIMIT, endless=0) if limit_per_host else 0,
        )
        self._ssl_shutdown_timeout: float = DEFAULT_SSL_SHUTDOWN
        self._idle: dict[ConnectionKey, list[ResponseHandler]] = {}  # idle, the latest used last
        self._acquired: dict[ResponseHandler, ConnectionKey] = {}
        self._opening: dict[asyncio.Timeout, asyncio.Future[None] | None] = {}  # with who waits for its end
        self._leaving: dict[asyncio.Future[None], ResponseHandler] = {}  # closed, their transports not yet
        self._tick_handle: asyncio.TimerHandle | None = None
        self._factory = functools.partial(ResponseHandler, loop=self._loop)
        self._made_at = users_place()
        self._source_traceback = users_stack(self._loop)
        self._cookies: http_cookies.SimpleCookie | None = None
        self._state = _OPEN

    @property
    def cookies(self) -> "http_cookies.SimpleCookie":
        """A place for cookies, which aiohttp's connectors have; nothing is done with them."""
        if self._cookies is None:
            self._cookies = http_cookies.SimpleCookie()
        return self._cookies

    @cookies.setter
    def cookies(self, cookies: "http_cookies.SimpleCookie") -> None:
        self._cookies = cookies

    # Lending

    def _is_open(self) -> bool:
        return self._state is _OPEN

    def _was_closed(self) -> bool:
        """Return True once somebody has closed it; the end of its loop, and being forgotten, do not count."""
        return self._state is _CLOSED

    async def connect(self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout) -> Connection:
        """Lend a connection for *req*: an idle one, or a new one.

        Waits its turn where a limit is reached. Raises ``ConnectionTimeoutError`` after
        *timeout.connect* seconds, or *timeout.pool* seconds of waiting, ``ClientConnectorError`` and its kin where no
        connection can be made, ``ClientConnectionError`` when the connector is closed.
        """
        by = deadline_after(self._loop.time(), timeout.connect, timeout.ceil_threshold) if timeout.connect else None
        while True:
            if self._state is not _OPEN:
                raise ClientConnectionError("Connector is closed.")
            key = req.connection_key
            if not self._slots.take_at_once(key):
                await self._wait_turn(key, req, traces, timeout, by)
                if self._state is not _OPEN:
                    self._slots.free(key)
                    raise ClientConnectionError("Connector is closed.")
            protocol = self._pop_idle(key)
            is_kept = protocol is not None
            if protocol is None:
                protocol = await self._open(key, req, traces, timeout, by)
            self._acquired[protocol] = key
            if self._tick_handle is None:
                self._schedule_tick()
            conn = Connection(self, key, protocol, self._loop)
            if not is_kept:
                return conn
            if not traces or await self._tell_of_reuse(conn, req, traces, timeout, by):
                self._tally.reused += 1
                return conn

    async def _take(self, key: ConnectionKey, req: ClientRequest, timeout: ClientTimeout) -> None:
        """Wait for a slot, but not beyond ``timeout.pool``."""
        limit = ceil_timeout(timeout.pool, timeout.ceil_threshold)
        try:
            async with limit:
                await self._slots.take(key)
        except TimeoutError as exc:
            if not limit.expired():
                raise
            late = ConnectionTimeoutError(f"Connection timeout to host {req.url}{_ALL_IN_USE}")
            raise late.limited_by("pool", timeout.pool) from exc

    async def _take_told(
        self, key: ConnectionKey, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout
    ) -> None:
        """Wait for a slot between the two signals; handed on if the second fails."""
        for trace in traces:
            await trace.send_connection_queued_start()
        await self._take(key, req, timeout)
        try:
            for trace in traces:
                await trace.send_connection_queued_end()
        except BaseException:
            self._slots.free(key)
            raise

    async def _tell_of_reuse(
        self, conn: Connection, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout, by: float | None
    ) -> bool:
        """Tell those who trace; False, with the connection given back, if it has ended meanwhile."""

        async def tell() -> None:
            for trace in traces:
                await trace.send_connection_reuseconn()

        try:
            await self._bounded(tell(), req, timeout, by)
        except BaseException:
            conn.release()
            raise
        if not conn.closed:
            return True
        conn.close()
        return False

    async def _create_told(self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout) -> ResponseHandler:
        """Make a connection between the two signals; closed if the second fails."""
        for trace in traces:
            await trace.send_connection_create_start()
        protocol = await self._create_connection(req, traces, timeout)
        try:
            for trace in traces:
                await trace.send_connection_create_end()
        except BaseException:
            self._dismiss(protocol, CloseReason.REQUEST)
            raise
        return protocol

    async def _wait_turn(
        self, key: ConnectionKey, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout, by: float | None
    ) -> None:
        req.phase = Phase.POOL
        began = self._loop.time()
        if traces:
            take = self._take_told(key, req, traces, timeout)
        else:
            take = self._take(key, req, timeout) if timeout.pool else self._slots.take(key)
        try:
            await self._bounded(take, req, timeout, by)
        finally:
            self._tally.count_wait(self._loop.time() - began)

    async def _open(
        self, key: ConnectionKey, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout, by: float | None
    ) -> ResponseHandler:
        req.phase = Phase.CONNECT
        create = self._create_told if traces else self._create_connection
        try:
            protocol: ResponseHandler = await self._bounded(create(req, traces, timeout), req, timeout, by)
        except BaseException:
            self._slots.free(key)
            raise
        if self._state is not _OPEN:
            self._slots.free(key)
            self._dismiss(protocol, CloseReason.CONNECTOR)
            raise ClientConnectionError("Connector is closed.")
        protocol.lender = self._ref
        protocol.opened_at = self._loop.time()
        self._tally.opened += 1
        return protocol

    @property
    def force_close(self) -> bool:
        """True when no connection is kept after its request."""
        return self._force_close

    async def _bounded(self, step: Awaitable[Any], req: ClientRequest, timeout: ClientTimeout, by: float | None) -> Any:
        """Await *step*, but not beyond *by* (``timeout.connect``), the request's deadline, or the pool's end."""
        limit = asyncio.timeout_at(min((when for when in (by, req.deadline) if when is not None), default=None))
        self._opening[limit] = None
        try:
            async with limit:
                return await step
        except TimeoutError as exc:
            if not limit.expired():
                raise
            if self._state is not _OPEN:
                raise ClientConnectionError("Connector is closed.") from exc
            if limit.when() == by:
                why = _ALL_IN_USE if req.phase is Phase.POOL else ""
                late = ConnectionTimeoutError(f"Connection timeout to host {req.url}{why}")
                raise late.limited_by("connect", timeout.connect) from exc
            raise TotalTimeoutError().limited_by("total", req.timeout.total) from exc
        finally:
            ended = self._opening.pop(limit)
            if ended is not None:
                ended.set_result(None)

    async def _create_connection(
        self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout
    ) -> ResponseHandler:
        raise NotImplementedError

    def _pop_idle(self, key: ConnectionKey) -> ResponseHandler | None:
        """Return the idle connection used last, if there is one alive; the warmest is the best."""
        idle = self._idle.get(key)
        if not idle:
            return None
        now: float = self._loop.time()
        while idle:
            protocol = idle.pop()
            if protocol.is_kept:
                protocol.is_kept = False
                self._tally.idle -= 1
            if protocol.state is _IDLE:
                if protocol.idle_since > now - self._fresh and protocol.opened_at > now - self._max_age:
                    return protocol
                unfit = self._why_unfit(protocol, now)
                if unfit is None:
                    return protocol
                self._dismiss(protocol, unfit)
        del self._idle[key]
        return None

    def _no_longer_kept(self, protocol: ResponseHandler) -> None:
        if protocol.is_kept:
            protocol.is_kept = False
            self._tally.idle -= 1

    def _why_unfit(self, protocol: ResponseHandler, now: float) -> CloseReason | None:
        """Return why an idle connection must not be used: kept too long, too old, ended, or with unasked bytes.

        A loop that was busy has not seen those yet, and the next request would take them for its answer.
        """
        if protocol.idle_since < now - self._keepalive_timeout:
            return CloseReason.IDLE
        if protocol.opened_at <= now - self._max_age:
            return CloseReason.AGE
        transport = protocol.transport
        if transport is None:
            return CloseReason.PEER
        return CloseReason.UNASKED if is_readable(transport) else None

    # Taking back

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, should_close: bool = False) -> None:
        """Take *protocol* back; keep it if it is clean and may be reused."""
        if self._acquired.pop(protocol, None) is None:
            protocol.end_exchange()  # it was lost, or the connector closed, and its slot freed meanwhile
            return
        try:
            is_fine = self._keeps_any and not should_close and protocol.reusable()
            reason = None if is_fine else self._why_not_kept(protocol, should_close)
            if reason is not None:
                self._dismiss(protocol, reason)
                protocol.end_exchange()
            else:
                protocol.end_exchange()
                self._keep(key, protocol)
        finally:
            self._slots.free(key)

    def _why_not_kept(self, protocol: ResponseHandler, should_close: bool) -> CloseReason | None:
        """Return why *protocol* cannot carry another request, or None."""
        if should_close or not protocol.is_complete():
            return CloseReason.REQUEST
        if self._force_close:
            return CloseReason.FORCED
        if not protocol.reusable():
            return CloseReason.RESPONSE
        if not self._keepalive_timeout:
            return CloseReason.IDLE
        if self._max_age < inf and protocol.opened_at <= self._loop.time() - self._max_age:
            return CloseReason.AGE
        return None

    def _keep(self, key: ConnectionKey, protocol: ResponseHandler) -> None:
        protocol.idle_since = self._loop.time()
        protocol.is_kept = True
        self._tally.idle += 1
        idle = self._idle.get(key)
        if idle is None:
            self._idle[key] = [protocol]
        else:
            idle.append(protocol)
        if self._tick_handle is None or self._is_exact:
            self._schedule_tick()

    def _lost(self, protocol: ResponseHandler) -> None:
        """Free the slot of a connection that is gone, however long its response is kept."""
        self._no_longer_kept(protocol)
        self._tally.count_closed(protocol.close_reason or CloseReason.PEER)
        key = self._acquired.pop(protocol, None)
        if key is not None:
            self._slots.free(key)

    def _dismiss(self, protocol: ResponseHandler, reason: CloseReason) -> None:
        """Close *protocol*; who closes the connector waits for its transport too.

        What is not yet sent belongs to a request that was given up: a peer that reads
        nothing must not keep the connection open.
        """
        if protocol.close_reason is None:
            protocol.close_reason = reason
        closed = protocol.closed
        transport = protocol.transport
        if transport is not None and transport.get_write_buffer_size():
            protocol.abort()
        else:
            protocol.close()
        if closed is not None and not closed.done():
            self._leaving[closed] = protocol
            closed.add_done_callback(self._leaving.pop)
            if self._cleans_up and transport.get_extra_info("sslcontext") is not None:  # type: ignore[union-attr]
                _limit_closing(self._loop, protocol, closed)

    # The coarse clock: deadlines of exchanges, age of idle connections

    def _schedule_tick(self) -> None:
        """Tick at the next whole second; before, where an idle connection's short time ends before."""
        now = self._loop.time()
        when: float = floor(now) + 1
        if self._is_exact and self._idle:
            when = min(when, now + self._keepalive_timeout)
        if self._tick_handle is not None:
            if self._tick_handle.when() <= when:
                return
            self._tick_handle.cancel()
        self._tick_handle = self._loop.call_at(when, _tick, self._ref)

    def _tick(self) -> None:
        self._tick_handle = None
        if self._acquired or self._idle:
            self._schedule_tick()  # first of all: an error below must not stop the clock
        now = self._loop.time()
        for protocol in [p for p in self._acquired if p.deadline is not None and p.deadline <= now]:
            protocol.expire()
        self._close_idle(now - self._keepalive_timeout, now - self._max_age)

    def _close_idle(self, oldest: float, eldest: float) -> None:
        """Close connections that are idle since before *oldest* or were made before *eldest*; forget the dead."""
        for key, idle in list(self._idle.items()):
            kept = [p for p in idle if p.state is _IDLE and p.idle_since >= oldest and p.opened_at > eldest]
            if len(kept) < len(idle) or not idle:
                for protocol in set(idle).difference(kept):
                    self._no_longer_kept(protocol)
                    self._dismiss(protocol, CloseReason.IDLE if protocol.idle_since < oldest else CloseReason.AGE)
                if kept:
                    self._idle[key] = kept
                else:
                    del self._idle[key]
