"""Work that is done once for all who ask for it at the same time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextlib import suppress
from typing import Any, Generic, TypeVar

__all__ = ("SharedTasks",)

_Result = TypeVar("_Result")


class _Shared(Generic[_Result]):
    """A task, and how many wait for it."""

    __slots__ = ("task", "waiting")

    def __init__(self, task: asyncio.Task[_Result]) -> None:
        self.task = task
        self.waiting = 0


class SharedTasks(Generic[_Result]):
    """Tasks under way by key, in each event loop its own; one ends early when nobody waits for it any more."""

    def __init__(self) -> None:
        self._shared: dict[Hashable, _Shared[_Result]] = {}
        self._tasks: set[asyncio.Task[_Result]] = set()

    async def result(self, key: Hashable, begin: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result | None:
        """Return the result of the task *key*, which *begin* makes where there is none; None after ``close``."""
        key = (asyncio.get_running_loop(), key)
        shared = self._shared.get(key)
        if shared is None or shared.task.done():
            shared = self._shared[key] = _Shared(asyncio.create_task(begin()))
            self._tasks.add(shared.task)
            shared.task.add_done_callback(self._tasks.discard)
        shared.waiting += 1
        try:
            await asyncio.wait((shared.task,))
        finally:
            shared.waiting -= 1
            if not shared.waiting:
                if self._shared.get(key) is shared:
                    del self._shared[key]
                shared.task.cancel()  # of one that is done, it only says that its error need not be heard of
        return None if shared.task.cancelled() else shared.task.result()

    async def close(self) -> None:
        """End all tasks; those of other loops are told to, as soon as these go on, and not waited for."""
        loop = asyncio.get_running_loop()
        mine = {task for task in self._tasks if task.get_loop() is loop}
        for task in self._tasks - mine:
            with suppress(RuntimeError):  # the loop is closed
                task.get_loop().call_soon_threadsafe(task.cancel)
        for task in mine:
            task.cancel()
        if mine:
            await asyncio.wait(mine)
