"""The decorator ``streamer``, for a coroutine that writes a body; deprecated, asynchronous generators do it."""

from collections.abc import Awaitable, Callable
from typing import Any

from .._base.warn import deprecated
from .abc import AbstractStreamWriter
from .payload import PAYLOAD_REGISTRY, Payload

__all__ = ("StreamPayload", "StreamWrapperPayload", "streamer")


class _stream_wrapper:  # noqa: N801 - its name is in the repr of such bodies
    """A body: what *coro* writes when it is called with a writer and the arguments."""

    def __init__(self, coro: Callable[..., Awaitable[None]], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.coro = coro
        self.args = args
        self.kwargs = kwargs

    async def __call__(self, writer: AbstractStreamWriter) -> None:
        await self.coro(writer, *self.args, **self.kwargs)


class streamer:  # noqa: N801
    """Decorator for ``async def body(writer, ...)``, which sends with ``await writer.write(data)``; deprecated.

    What the decorated function returns is a body; so is the function itself, if it needs no arguments.
    """

    def __init__(self, coro: Callable[..., Awaitable[None]]) -> None:
        deprecated("@streamer is deprecated, use async generators instead")
        self.coro = coro

    def __call__(self, *args: Any, **kwargs: Any) -> _stream_wrapper:
        return _stream_wrapper(self.coro, args, kwargs)


class StreamWrapperPayload(Payload):
    """What such a function writes; it is called anew each time the body is sent."""

    _value: _stream_wrapper
    _autoclose = True

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Send what the function writes."""
        await self._value(writer)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Raise TypeError: nothing is at hand before it is written."""
        raise TypeError("Unable to decode.")


class StreamPayload(StreamWrapperPayload):
    """The body that a decorated function makes without arguments."""

    def __init__(self, value: streamer, *args: Any, **kwargs: Any) -> None:
        super().__init__(value(), *args, **kwargs)


PAYLOAD_REGISTRY.register(StreamWrapperPayload, _stream_wrapper)
PAYLOAD_REGISTRY.register(StreamPayload, streamer)
