"""One attempt to connect: its time-out, and the errors of the client that it may end with."""

import asyncio
import socket
import ssl as tls
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from ..._stream.timer import ceil_timeout
from ..exceptions import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ConnectionTimeoutError,
    ServerFingerprintMismatch,
)
from ..fingerprint import Fingerprint
from ..info import ConnectionKey
from ..options import ClientTimeout
from ..request import ClientRequest

__all__ = ("ClientErrorMaker", "attempt", "check_pin", "discard", "server_name", "shutdown_time")

ClientErrorMaker = Callable[[ConnectionKey, OSError], Exception]

_AT_ONCE = 0.001  # seconds; asyncio takes no 0 for the time that a TLS close may take


@asynccontextmanager
async def attempt(
    req: ClientRequest,
    timeout: ClientTimeout,
    client_error: ClientErrorMaker = ClientConnectorError,
    waited_for: str = "",
) -> AsyncIterator[None]:
    """Bound the block by ``timeout.sock_connect`` seconds; raise the client's errors for those of loop, socket and TLS.

    *client_error* makes the error of what is none of TLS; *waited_for* is what the
    text of a ``ConnectionTimeoutError`` names, the request's host by default.
    """
    limit = ceil_timeout(timeout.sock_connect, timeout.ceil_threshold)
    try:
        async with limit:
            yield
    except tls.CertificateError as exc:
        raise ClientConnectorCertificateError(req.connection_key, exc) from exc
    except tls.SSLError as exc:
        raise ClientConnectorSSLError(req.connection_key, exc) from exc
    except TimeoutError as exc:
        if limit.expired():
            late = ConnectionTimeoutError(f"Connection timeout to {waited_for or f'host {req.url}'}")
            raise late.limited_by("sock_connect", timeout.sock_connect) from exc
        raise client_error(req.connection_key, exc) from exc
    except OSError as exc:
        raise client_error(req.connection_key, exc) from exc
    except ValueError as exc:  # a host name that TLS cannot carry (RFC 6066 3)
        raise client_error(req.connection_key, OSError(None, str(exc))) from exc


def server_name(req: ClientRequest) -> str:
    """Return the name that the certificate must be for: the dot of an absolute name and a scope are in none."""
    return (req.server_hostname or req.host.partition("%")[0]).rstrip(".")


def shutdown_time(seconds: float | None) -> float | None:
    """Return *seconds* as asyncio takes them for ``ssl_shutdown_timeout``; None is its own default."""
    return None if seconds is None else max(seconds, _AT_ONCE)


def discard(sock: socket.socket, exc: BaseException) -> None:
    """Close *sock*, of which *exc* prevented a connection.

    When cancelled, asyncio forgets a TLS transport whose handshake has not begun. That
    one still owns the descriptor, so it is made to see the end and to close it.
    """
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    if not isinstance(exc, asyncio.CancelledError):
        sock.close()


def check_pin(fingerprint: Fingerprint | None, transport: asyncio.Transport, host: str, port: int | None) -> None:
    """Let no transport through whose certificate is not the pinned one; the error names *host* and *port*."""
    if fingerprint is None:
        return
    try:
        fingerprint.check(transport)
    except ServerFingerprintMismatch as exc:
        transport.abort()
        raise ServerFingerprintMismatch(exc.expected, exc.got, host, port or 0) from None
