"""Connections to this machine: over Unix sockets, and over named pipes where there are some."""

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Sequence
from typing import Any

from ..._base.types import sentinel
from ..._stream.timer import ceil_timeout
from ..exceptions import ClientConnectorError, ConnectionTimeoutError, UnixClientConnectorError
from ..options import ClientTimeout
from ..protocol import ResponseHandler
from ..request import ClientRequest
from .base import BaseConnector

__all__ = ("NamedPipeConnector", "UnixConnector")

_CONNECTED = frozenset({0, errno.EISCONN})
_NOT_YET = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EINPROGRESS, errno.EALREADY, errno.EINTR})
_FIRST_PAUSE = 0.001  # seconds until a full queue is tried again; doubled each time, up to the longest
_LONGEST_PAUSE = 0.05


class _PathConnector(BaseConnector):
    """What has a path in place of hosts and ports: every request goes there, whatever its URL says."""

    def __init__(
        self,
        path: str,
        force_close: bool = False,
        keepalive_timeout: Any = sentinel,
        limit: int | None = 100,
        limit_per_host: int | None = 0,
        loop: asyncio.AbstractEventLoop | None = None,
        *,
        max_connection_age: float | None = None,
    ) -> None:
        super().__init__(
            force_close=force_close,
            keepalive_timeout=keepalive_timeout,
            limit=limit,
            limit_per_host=limit_per_host,
            loop=loop,
            max_connection_age=max_connection_age,
        )
        self._path = path

    @property
    def path(self) -> str:
        """Where the connections lead."""
        return self._path

    async def _within_limit(self, connecting: Awaitable[ResponseHandler], timeout: ClientTimeout) -> ResponseHandler:
        """Await *connecting* for ``timeout.sock_connect`` seconds; then ``ConnectionTimeoutError``."""
        limit = ceil_timeout(timeout.sock_connect, timeout.ceil_threshold)
        try:
            async with limit:
                return await connecting
        except TimeoutError as exc:
            if limit.expired():
                late = ConnectionTimeoutError(f"Connection timeout to {self._path}")
                raise late.limited_by("sock_connect", timeout.sock_connect) from exc
            raise


class UnixConnector(_PathConnector):
    """Makes connections to the Unix socket at *path*, without TLS even for ``https``.

    The host of a URL is what the ``Host`` field says, and part of what connections are
    pooled by; it is not looked up.
    """

    allowed_protocol_schema_set = BaseConnector.allowed_protocol_schema_set | frozenset({"unix"})

    async def _create_connection(
        self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout
    ) -> ResponseHandler:
        try:
            return await self._within_limit(self._connect_path(), timeout)
        except ConnectionTimeoutError:
            raise
        except OSError as exc:
            raise UnixClientConnectorError(self._path, req.connection_key, exc) from exc

    async def _connect_path(self) -> ResponseHandler:
        sock = await _connect_socket(self._path)
        try:
            _, protocol = await self._loop.create_unix_connection(self._factory, sock=sock)
        except BaseException:
            sock.close()
            raise
        return protocol


class NamedPipeConnector(_PathConnector):
    """Makes connections to the Windows named pipe at *path*, without TLS even for ``https``.

    Only the proactor event loop of Windows has them; ``RuntimeError`` with any other.
    """

    allowed_protocol_schema_set = BaseConnector.allowed_protocol_schema_set | frozenset({"npipe"})

    def __init__(
        self,
        path: str,
        force_close: bool = False,
        keepalive_timeout: Any = sentinel,
        limit: int | None = 100,
        limit_per_host: int | None = 0,
        loop: asyncio.AbstractEventLoop | None = None,
        *,
        max_connection_age: float | None = None,
    ) -> None:
        super().__init__(
            path, force_close, keepalive_timeout, limit, limit_per_host, loop, max_connection_age=max_connection_age
        )
        proactor = getattr(asyncio, "ProactorEventLoop", None)
        if proactor is None or not isinstance(self._loop, proactor):
            raise RuntimeError("Named pipes are only available with the proactor event loop of Windows")

    async def _create_connection(
        self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout
    ) -> ResponseHandler:
        try:
            return await self._within_limit(self._connect_pipe(), timeout)
        except ConnectionTimeoutError:
            raise
        except OSError as exc:
            raise ClientConnectorError(req.connection_key, exc) from exc

    async def _connect_pipe(self) -> ResponseHandler:
        loop: Any = self._loop  # the method is the proactor's alone
        _, protocol = await loop.create_pipe_connection(self._factory, self._path)
        return protocol  # type: ignore[no-any-return]


async def _connect_socket(path: str) -> socket.socket:
    """Return a socket connected to *path*; waits while the queue of the listener is full.

    Linux answers EAGAIN to that and tells nobody when there is room again. Event loops
    take it for a connection that is being made, and the socket, which polls as
    writable, for a made one.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise OSError(errno.EAFNOSUPPORT, os.strerror(errno.EAFNOSUPPORT), path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        pause = _FIRST_PAUSE
        while (code := sock.connect_ex(os.fspath(path))) not in _CONNECTED:
            if code not in _NOT_YET:
                raise OSError(code, os.strerror(code), path)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
    except BaseException:
        sock.close()
        raise
    return sock
