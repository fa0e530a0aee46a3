"""Timers as aiohttp's API has them: a handle that runs out, and contexts that end with it. The client needs none."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from math import ceil
from types import TracebackType
from typing import Any
from weakref import ref

__all__ = (
    "BaseTimerContext",
    "TimeoutHandle",
    "TimerContext",
    "TimerNoop",
    "calculate_timeout_when",
    "call_later",
    "weakref_handle",
)


def calculate_timeout_when(loop_time: float, timeout: float, timeout_ceiling_threshold: float) -> float:
    """Return the loop time *timeout* seconds after *loop_time*, a whole second above the threshold."""
    when = loop_time + timeout
    return ceil(when) if timeout > timeout_ceiling_threshold else when


def call_later(
    cb: Callable[[], Any], timeout: float | None, loop: asyncio.AbstractEventLoop, timeout_ceil_threshold: float = 5
) -> asyncio.TimerHandle | None:
    """Call *cb* after *timeout* seconds, rounded as time-outs are; never for None or a number not above zero."""
    if timeout is None or timeout <= 0:
        return None
    return loop.call_at(calculate_timeout_when(loop.time(), timeout, timeout_ceil_threshold), cb)


def weakref_handle(
    ob: object,
    name: str,
    timeout: float | None,
    loop: asyncio.AbstractEventLoop,
    timeout_ceil_threshold: float = 5,
) -> asyncio.TimerHandle | None:
    """Call the method *name* of *ob* after *timeout* seconds, if *ob* is still there; what it raises is dropped."""
    alive = ref(ob)

    def call() -> None:
        target = alive()
        if target is not None:
            with suppress(Exception):
                getattr(target, name)()

    return call_later(call, timeout, loop, timeout_ceil_threshold)


class BaseTimerContext(AbstractContextManager["BaseTimerContext"]):
    """Bounds what is awaited within it."""

    __slots__ = ()

    def assert_timeout(self) -> None:
        """Raise ``TimeoutError`` if the time has passed."""

    @abstractmethod
    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> bool | None: ...


class TimerNoop(BaseTimerContext):
    """The context of what has no time-out."""

    __slots__ = ()

    def __enter__(self) -> BaseTimerContext:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        return


class TimerContext(BaseTimerContext):
    """Ends the tasks that are in it with ``TimeoutError`` when ``timeout`` is called, and all that enter later.

    A task may enter it again. One that is cancelled by others as well stays cancelled.
    """

    __slots__ = ("_cancelled", "_entered", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._entered: list[tuple[asyncio.Task[Any], int]] = []  # with the requests to cancel it at the time
        self._cancelled = False

    def assert_timeout(self) -> None:
        """Raise ``TimeoutError`` if ``timeout`` was called."""
        if self._cancelled:
            raise TimeoutError

    def __enter__(self) -> BaseTimerContext:
        task = asyncio.current_task(loop=self._loop)
        if task is None:
            raise RuntimeError("Timeout context manager should be used inside a task")
        if self._cancelled:
            raise TimeoutError
        self._entered.append((task, task.cancelling()))
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None:
        task, cancelling = self._entered.pop()
        if exc_type is asyncio.CancelledError and self._cancelled and task.uncancel() <= cancelling:
            raise TimeoutError from exc_val

    def timeout(self) -> None:
        """End what is in the context; calling it again does nothing."""
        if not self._cancelled:
            self._cancelled = True
            for task in {task for task, _ in self._entered}:
                task.cancel()


class TimeoutHandle:
    """Calls what is registered once *timeout* seconds have passed since ``start``; None and 0 are no limit."""

    __slots__ = ("_callbacks", "_ceil_threshold", "_loop", "_timeout")

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout: float | None, ceil_threshold: float = 5) -> None:
        self._loop = loop
        self._timeout = timeout
        self._ceil_threshold = ceil_threshold
        self._callbacks: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def register(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Have *callback* called with these arguments; what it raises is dropped."""
        self._callbacks.append((callback, args, kwargs))

    def close(self) -> None:
        """Forget what is registered."""
        self._callbacks.clear()

    def start(self) -> asyncio.TimerHandle | None:
        """Let the time run; return the loop's handle, or None where there is no limit."""
        return call_later(self.__call__, self._timeout, self._loop, self._ceil_threshold)

    def timer(self) -> BaseTimerContext:
        """Return a context that ends with the handle."""
        if self._timeout is None or self._timeout <= 0:
            return TimerNoop()
        timer = TimerContext(self._loop)
        self.register(timer.timeout)
        return timer

    def __call__(self) -> None:
        callbacks = self._callbacks.copy()
        self._callbacks.clear()
        for callback, args, kwargs in callbacks:
            with suppress(Exception):
                callback(*args, **kwargs)
