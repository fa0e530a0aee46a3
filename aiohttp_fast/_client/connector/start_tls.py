"""TLS begun on a connection that is there already: in a proxy's tunnel, or over a pipe."""

import asyncio
import ssl as tls
from asyncio import sslproto
from functools import partial
from typing import Any

from ..circumstances import Phase
from ..exceptions import ClientConnectionError
from ..options import ClientTimeout
from ..protocol import ResponseHandler
from ..request import ClientRequest
from .attempt import ClientErrorMaker, attempt, server_name, shutdown_time

__all__ = ("start_tls",)

# Until 3.11.7 and 3.12.1 a TLS transport of asyncio cannot be closed by the TLS that runs over it.
_IS_BROKEN = "exc" not in sslproto.SSLProtocol._abort.__code__.co_varnames


def _mend(transport: Any) -> None:
    """Make a TLS transport of an older asyncio pass on what the TLS over it fails with, as newer ones do."""
    if _IS_BROKEN and isinstance(transport, sslproto._SSLProtocolTransport):
        transport._force_close = partial(  # type: ignore[attr-defined]
            _force_close, transport, transport._ssl_protocol
        )


def _force_close(transport: Any, protocol: Any, exc: BaseException | None) -> None:
    transport._closed = True
    protocol._set_state(sslproto.SSLProtocolState.UNWRAPPED)
    if protocol._transport is not None:
        protocol._transport._force_close(exc)


async def start_tls(
    transport: asyncio.Transport,
    protocol: ResponseHandler,
    context: tls.SSLContext,
    req: ClientRequest,
    timeout: ClientTimeout,
    client_error: ClientErrorMaker,
    shutdown_timeout: float | None,
) -> asyncio.Transport:
    """Return a transport over TLS with the origin of *req*, by way of *transport*; *protocol* is connected to it.

    Raises what ``attempt`` raises, and ``ClientConnectionError`` where the event loop
    knows no TLS over such a transport. *transport* is then to be aborted by the caller.
    """
    loop = req.loop
    req.phase = Phase.TLS
    _mend(transport)
    req.phase = Phase.TLS
    async with attempt(req, timeout, client_error, f"host {req.url}: no end of the TLS handshake"):
        try:
            secured = await loop.start_tls(
                transport,
                protocol,
                context,
                server_hostname=server_name(req),
                ssl_shutdown_timeout=shutdown_time(shutdown_timeout),
            )
        except (NotImplementedError, TypeError) as exc:
            raise ClientConnectionError(
                f"Cannot start TLS with {req.host}:{req.port}: {type(loop).__module__}.{type(loop).__name__}"
                f" has no TLS over a {type(transport).__name__}"
            ) from exc
        if secured is None:  # what asyncio gives for a connection that is gone
            raise ConnectionResetError("the connection was lost as TLS began")
        protocol.connection_made(secured)
        if not protocol.reusable():
            secured.abort()
            raise ConnectionResetError("the connection was lost, or used by the peer, as TLS began")
    return secured
