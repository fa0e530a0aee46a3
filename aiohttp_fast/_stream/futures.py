"""Futures: resolved once, whoever comes first, with the cause kept; and an awaitable that does nothing."""

import asyncio
from collections.abc import Generator
from typing import Any, TypeVar

__all__ = ("cancel_once", "noop", "set_exception", "set_result")

_T = TypeVar("_T")

_NO_CAUSE = BaseException()  # stands for no cause given, as None is one


class noop:  # noqa: N801 - the name is aiohttp's
    """May be awaited, and need not be; nothing happens."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield


def cancel_once(task: "asyncio.Task[Any] | None") -> bool:
    """Cancel *task* if it runs and nobody did before; True if it runs.

    A second cancellation would break into the ending that the first one asked for.
    """
    if task is None or task.done():
        return False
    if not task.cancelling():
        task.cancel()
    return True


def set_result(fut: "asyncio.Future[_T]", result: _T) -> None:
    """Resolve *fut* with *result*, if it is not done."""
    if not fut.done():
        fut.set_result(result)


def set_exception(fut: Any, exc: BaseException | type[BaseException], exc_cause: BaseException = _NO_CAUSE) -> None:
    """Make *fut* raise *exc*, whose cause is *exc_cause* if given; not if it is a future that is done.

    *fut* may be whatever has ``set_exception``: a reader, a queue.
    """
    if asyncio.isfuture(fut) and fut.done():
        return
    if exc_cause is _NO_CAUSE:
        fut.set_exception(exc)
        return
    if isinstance(exc, type):  # a class has no cause of its own
        exc = exc()
    exc.__cause__ = exc_cause
    fut.set_exception(exc)
