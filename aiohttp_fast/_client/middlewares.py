"""What stands between a session and the wire at its user's wish: middlewares, and one turn through them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from .exceptions import ClientError, ClientOSError, ClientPayloadError, TotalTimeoutError
from .request import ClientRequest
from .response import ClientResponse

__all__ = (
    "ClientHandlerType",
    "ClientMiddlewareType",
    "Passage",
    "as_middlewares",
    "build_client_middlewares",
    "check_body",
)

ClientHandlerType = Callable[[ClientRequest], Awaitable[ClientResponse]]
ClientMiddlewareType = Callable[[ClientRequest, ClientHandlerType], Awaitable[ClientResponse]]


def build_client_middlewares(
    handler: ClientHandlerType, middlewares: Sequence[ClientMiddlewareType]
) -> ClientHandlerType:
    """Return a handler that passes a request through *middlewares* to *handler*; the first is the outermost."""
    for middleware in reversed(middlewares):
        handler = _wrapped(middleware, handler)
    return handler


def _wrapped(middleware: ClientMiddlewareType, handler: ClientHandlerType) -> ClientHandlerType:
    async def through_middleware(req: ClientRequest) -> ClientResponse:
        return await middleware(req, handler)

    return through_middleware


def as_middlewares(given: Iterable[ClientMiddlewareType] | None) -> tuple[ClientMiddlewareType, ...] | None:
    """Return ``middlewares=`` as a tuple, None where there are none; ``TypeError`` for what cannot be them."""
    if given is None or given == ():
        return None
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes)):
        raise TypeError(f"middlewares must be a sequence of coroutine functions, not {type(given).__name__}")
    middlewares = tuple(given)
    for middleware in middlewares:
        if not callable(middleware):
            raise TypeError(f"a middleware must be a coroutine function, not {type(middleware).__name__}")
    return middlewares or None


def check_body(req: ClientRequest) -> None:
    """Raise ``ClientPayloadError`` for a request whose body an earlier call of the handler has used up."""
    if not req.can_be_sent_again():
        raise ClientPayloadError(
            f"Cannot send {req.method} {req.url} again: its body ({type(req.body).__name__}) was consumed;"
            " pass bytes, a seekable file or a callable that makes the body anew"
        )


class Passage:
    """One turn of a request through the middlewares.

    What they await themselves ends with the request's *deadline* (loop time, None for
    none), which is *total* seconds after its beginning; what *attempt* awaits, which sends a
    request and returns its response, has the time-outs of a request without middlewares.
    """

    __slots__ = ("_attempt", "_deadline", "_limit", "_total")

    def __init__(self, attempt: ClientHandlerType, deadline: float | None, total: float | None) -> None:
        self._attempt = attempt
        self._deadline = deadline
        self._total = total
        self._limit: asyncio.Timeout | None = None

    async def go(self, req: ClientRequest, middlewares: Sequence[ClientMiddlewareType]) -> ClientResponse:
        """Return what the outermost middleware returns.

        An ``OSError`` of a middleware's is raised as ``ClientOSError``, everything else as
        it is; ``TypeError`` for what is not a response.
        """
        handler = build_client_middlewares(self.send, middlewares)
        self._limit = asyncio.timeout_at(self._deadline)
        try:
            async with self._limit:
                resp: Any = await handler(req)
        except TimeoutError as exc:
            if self._limit.expired():
                late = TotalTimeoutError("Total timeout passed in a middleware")
                late.tell(req.method, req.url, None, req.loop.time() - req.started)
                raise late.limited_by("total", self._total) from exc
            if exc.errno is None or isinstance(exc, ClientError):
                raise
            raise ClientOSError(*exc.args) from exc
        except ClientError:
            raise
        except OSError as exc:
            raise ClientOSError(*exc.args) from exc
        finally:
            self._limit = None
        if not isinstance(resp, ClientResponse):
            raise TypeError(f"a middleware must return a ClientResponse, not {type(resp).__name__}")
        return resp

    async def send(self, req: ClientRequest) -> ClientResponse:
        """Send *req*: the innermost handler. May be called again, also while an earlier call is under way."""
        if not isinstance(req, ClientRequest):
            raise TypeError(f"the handler takes a ClientRequest, not {type(req).__name__}")
        check_body(req)
        if req._writer is not None or (req._body is not None and req._body.consumed):
            await req.close()  # two must not read one file
            await req.renew_body()
        self._bound_middlewares(None)
        try:
            return await self._attempt(req)
        finally:
            self._bound_middlewares(self._deadline)

    def _bound_middlewares(self, deadline: float | None) -> None:
        """Have the middlewares' own limit stand back while the request's are in force."""
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(deadline)
