"""Connections to this machine: over Unix sockets, and over named pipes where there are some."""

import asyncio
import errno
import os
import socket
import ssl as tls
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..._base.checks import shown_value
from ..._base.types import sentinel
from ..circumstances import Phase
from ..exceptions import ClientConnectorError, UnixClientConnectorError
from ..fingerprint import Fingerprint
from ..options import ClientTimeout
from ..protocol import ResponseHandler
from ..request import ClientRequest
from .attempt import attempt, check_pin, discard, server_name, shutdown_time
from .base import BaseConnector
from .start_tls import start_tls
from .tls import context_for, prepare, setting_for

__all__ = ("NamedPipeConnector", "UnixConnector")

_CONNECTED = frozenset({0, errno.EISCONN})
_NOT_YET = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EINPROGRESS, errno.EALREADY, errno.EINTR})
_FIRST_PAUSE = 0.001  # seconds until a full queue is tried again; doubled each time, up to the longest
_LONGEST_PAUSE = 0.05


class _PathConnector(BaseConnector):
    """What has a path in place of hosts and ports: every request goes there, whatever its URL says.

    ``https`` is spoken over TLS, and the certificate must be for the URL's host. No
    proxy can be on the way: ``ValueError`` for a request that names one.
    """

    _uses_proxies = False

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
        try:
            os.fspath(path)
        except TypeError:
            raise TypeError(f"path must be str, bytes or os.PathLike, not {shown_value(path)}") from None
        self._path = path

    @property
    def path(self) -> str:
        """Where the connections lead."""
        return self._path

    async def _create_connection(
        self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout
    ) -> ResponseHandler:
        if req.proxy is not None:
            raise ValueError(f"All connections of a {type(self).__name__} go to {self._path}, none through a proxy")
        context = None
        if req.is_ssl():
            setting = setting_for(req.ssl, True)
            await prepare(setting)
            context = context_for(setting)
        transport, protocol = await self._connect_path(req, timeout, context)
        if isinstance(req.ssl, Fingerprint):
            check_pin(req.ssl, transport, self._path, None)
        return protocol

    async def _connect_path(
        self, req: ClientRequest, timeout: ClientTimeout, context: tls.SSLContext | None
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Connect within ``timeout.sock_connect`` seconds, TLS included; ``ConnectionTimeoutError`` after them."""
        raise NotImplementedError


class UnixConnector(_PathConnector):
    """Makes connections to the Unix socket at *path*, with TLS for ``https`` and ``wss``.

    The host of a URL is what the ``Host`` field says, and part of what connections are
    pooled by; it is not looked up.
    """

    allowed_protocol_schema_set = BaseConnector.allowed_protocol_schema_set | frozenset({"unix"})

    async def _connect_path(
        self, req: ClientRequest, timeout: ClientTimeout, context: tls.SSLContext | None
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        error = partial(UnixClientConnectorError, self._path)
        async with attempt(req, timeout, error, self._path):
            sock = await _connect_socket(self._path)
            if context is not None:
                req.phase = Phase.TLS
            try:
                return await self._loop.create_unix_connection(
                    self._factory,
                    sock=sock,
                    ssl=context,
                    server_hostname=None if context is None else server_name(req),
                    ssl_shutdown_timeout=None if context is None else shutdown_time(self._ssl_shutdown_timeout),
                )
            except BaseException as exc:
                discard(sock, exc)
                raise


class NamedPipeConnector(_PathConnector):
    """Makes connections to the Windows named pipe at *path*, with TLS for ``https`` and ``wss``.

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

    async def _connect_path(
        self, req: ClientRequest, timeout: ClientTimeout, context: tls.SSLContext | None
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        loop: Any = self._loop  # the method is the proactor's alone
        async with attempt(req, timeout, ClientConnectorError, self._path):
            transport, protocol = await loop.create_pipe_connection(self._factory, self._path)
        if context is None:
            return transport, protocol
        secure = self._factory()
        try:
            secured = await start_tls(
                transport, secure, context, req, timeout, ClientConnectorError, self._ssl_shutdown_timeout
            )
        except BaseException:
            transport.abort()
            raise
        return secured, secure


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
