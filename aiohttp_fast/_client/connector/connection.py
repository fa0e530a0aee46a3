"""A connection lent to one request."""

import asyncio
import warnings
from collections.abc import Callable
from typing import Protocol

from ..._base.signature import InitSignature
from ..info import ConnectionKey
from ..protocol import ResponseHandler

__all__ = ("Connection", "Lender")


class Lender(Protocol):
    """Who a connection goes back to."""

    @property
    def force_close(self) -> bool: ...

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, should_close: bool = False) -> None: ...


class Connection:
    """A connection lent to one request; give it back with ``release`` or ``close``.

    One that is forgotten is closed, with a ``ResourceWarning``.
    """

    __slots__ = ("__weakref__", "_callbacks", "_connector", "_key", "_loop", "_protocol")
    __signature__ = InitSignature()

    def __init__(
        self, connector: Lender, key: ConnectionKey, protocol: ResponseHandler, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._connector = connector
        self._key = key
        self._protocol: ResponseHandler | None = protocol
        self._loop = loop
        self._callbacks: list[Callable[[], None]] | None = None

    def __repr__(self) -> str:
        return f"Connection<{self._key}>"

    def __bool__(self) -> bool:
        return True

    def __del__(self) -> None:
        try:
            protocol = self._protocol
        except AttributeError:  # of a half-made object the pure core has no fields at all
            return
        if protocol is None:
            return
        warnings.warn(f"Unclosed connection {self!r}", ResourceWarning, source=self, stacklevel=2)
        if not self._loop.is_closed():
            self.close()
            self._loop.call_exception_handler({"client_connection": self, "message": "Unclosed connection"})

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the connection."""
        return self._loop

    @property
    def key(self) -> ConnectionKey:
        """What the connection was made for."""
        return self._key

    @property
    def force_close(self) -> bool:
        """True when the connector keeps no connection after its request."""
        return self._connector.force_close

    @property
    def protocol(self) -> ResponseHandler | None:
        """The connection's protocol; None once given back."""
        return self._protocol

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection's transport; None once given back or lost."""
        return None if self._protocol is None else self._protocol.transport

    @property
    def closed(self) -> bool:
        """True once given back, or when the transport is gone."""
        return self._protocol is None or not self._protocol.is_connected()

    def add_callback(self, callback: Callable[[], None]) -> None:
        """Call *callback* when the connection is given back."""
        if self._callbacks is None:
            self._callbacks = []
        self._callbacks.append(callback)

    def _give_back(self, should_close: bool) -> None:
        protocol = self._protocol
        if protocol is None:
            return
        self._protocol = None
        if self._callbacks is not None:
            self._run_callbacks()
        self._connector._release(self._key, protocol, should_close)

    def _run_callbacks(self) -> None:
        callbacks, self._callbacks = self._callbacks or (), None
        for callback in callbacks:
            try:
                callback()
            except Exception as exc:
                self._loop.call_exception_handler({"message": "Connection callback failed", "exception": exc})

    def close(self) -> None:
        """Give the connection back; it is closed."""
        self._give_back(True)

    def release(self) -> None:
        """Give the connection back; it is kept for reuse if it is clean."""
        self._give_back(False)
