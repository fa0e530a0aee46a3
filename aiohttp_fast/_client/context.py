"""What the verbs of a session return: awaitable, and usable in ``async with``."""

from collections.abc import Awaitable, Coroutine, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from .._base.later import later
from .response import ClientResponse

if TYPE_CHECKING:
    from . import websocket
else:
    websocket = later(".websocket", __name__)

__all__ = ("_RequestContextManager", "_SessionRequestContextManager", "_WSRequestContextManager")


class RequestContext:
    """The typed root of ``_RequestContextManager``: a request under way, and its response."""

    __slots__ = ("_coro", "_resp")

    _resp: ClientResponse

    def __init__(self, coro: Coroutine[Any, Any, ClientResponse]) -> None:
        self._coro = coro

    def send(self, arg: None) -> Any:
        """Go on with the request; see ``collections.abc.Coroutine``."""
        return self._coro.send(arg)

    def throw(self, *args: Any) -> Any:
        """Raise inside of the request; see ``collections.abc.Coroutine``."""
        return self._coro.throw(*args)

    def close(self) -> None:
        """Give the request up; see ``collections.abc.Coroutine``."""
        return self._coro.close()

    def __await__(self) -> Generator[Any, Any, ClientResponse]:
        return self._coro.__await__()

    def __iter__(self) -> Generator[Any, Any, ClientResponse]:
        return self._coro.__await__()

    async def __aenter__(self) -> ClientResponse:
        resp = await self._coro
        self._resp = resp
        if type(resp) is not ClientResponse:  # a subclass, or what somebody's _request returns, may do more
            return await resp.__aenter__()
        resp._in_context = True
        return resp

    def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> Awaitable[None]:
        resp = self._resp
        if type(resp) is not ClientResponse:
            return leave(resp, exc_type, exc, tb)
        # The response's own __aexit__ in short, and no coroutine where there is nothing to wait for.
        released = resp.release()
        return released if resp._writer is None else resp.wait_for_close()


async def leave(
    resp: ClientResponse, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
) -> None:
    """Leave *resp*, whose ``__aexit__`` cannot keep an exception from the caller."""
    await resp.__aexit__(exc_type, exc, tb)


class _RequestContextManager(RequestContext, Coroutine[Any, Any, ClientResponse]):
    """A request that has not begun; ``await`` it, or enter it to have the response released."""

    __slots__ = ()


class _WSRequestContextManager(Coroutine[Any, Any, "websocket.ClientWebSocketResponse[Any]"]):
    """A WebSocket that is not yet connected; ``await`` it, or enter it to have it closed."""

    __slots__ = ("_coro", "_resp")

    def __init__(self, coro: "Coroutine[Any, Any, websocket.ClientWebSocketResponse[Any]]") -> None:
        self._coro = coro

    def send(self, arg: None) -> Any:
        """Go on with the handshake; see ``collections.abc.Coroutine``."""
        return self._coro.send(arg)

    def throw(self, *args: Any) -> Any:
        """Raise inside of the handshake; see ``collections.abc.Coroutine``."""
        return self._coro.throw(*args)

    def close(self) -> None:
        """Give the handshake up; see ``collections.abc.Coroutine``."""
        return self._coro.close()

    def __await__(self) -> "Generator[Any, Any, websocket.ClientWebSocketResponse[Any]]":
        return self._coro.__await__()

    def __iter__(self) -> "Generator[Any, Any, websocket.ClientWebSocketResponse[Any]]":
        return self._coro.__await__()

    async def __aenter__(self) -> "websocket.ClientWebSocketResponse[Any]":
        self._resp = await self._coro
        return await self._resp.__aenter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self._resp.__aexit__(exc_type, exc, tb)


class _SessionRequestContextManager:
    """A request with a session of its own, closed with it; what ``request()`` returns."""

    __slots__ = ("_coro", "_resp", "_session")

    def __init__(self, coro: Coroutine[Any, Any, ClientResponse], session: Any) -> None:
        self._coro = coro
        self._session = session

    async def __aenter__(self) -> ClientResponse:
        try:
            self._resp = await self._coro
        except BaseException:
            await self._session.close()
            raise
        if type(self._resp) is ClientResponse:
            self._resp._in_context = True
        return self._resp

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._resp.release()
        await self._session.close()
