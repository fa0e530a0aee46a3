"""What is done in the process under test: each piece of work is a coroutine over a client, and a count."""

import asyncio
import gc
import sys
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any


async def at_once(operation: Callable[[], Awaitable[object]], count: int, concurrency: int) -> None:
    """Do *operation* *count* times, *concurrency* at a time."""
    share, rest = divmod(count, concurrency)

    async def some(times: int) -> None:
        for _ in range(times):
            await operation()

    if concurrency == 1:
        await some(count)
        return
    async with asyncio.TaskGroup() as group:
        for number in range(concurrency):
            group.create_task(some(share + (number < rest)))


async def get(client: Any, count: int, concurrency: int = 64, **_: object) -> None:
    """GET a small answer."""
    if hasattr(client, "get_many"):  # a client that brings its own loop
        client.get_many(count, concurrency)
    else:
        await at_once(client.get, count, concurrency)


async def post(client: Any, count: int, concurrency: int = 64, **_: object) -> None:
    """POST a small JSON document and decode the JSON that comes back."""
    await at_once(client.post, count, concurrency)


async def get_json(client: Any, count: int, concurrency: int = 64, **_: object) -> None:
    """GET a JSON document of 10 kB and decode it."""
    await at_once(client.get_json, count, concurrency)


async def get_url(client: Any, count: int, concurrency: int = 64, **_: object) -> None:
    """GET small answers of many different URLs."""
    await at_once(client.get_url, count, concurrency)


async def get_params(client: Any, count: int, concurrency: int = 64, **_: object) -> None:
    """GET small answers with many different queries, given as ``params``."""
    await at_once(client.get_params, count, concurrency)


async def get_fields(client: Any, count: int, concurrency: int = 64, **_: object) -> None:
    """GET a small answer with 15 fields of the caller's, and a URL relative to the session's."""
    await at_once(client.get_fields, count, concurrency)


async def life(client: Any, count: int, requests: int = 0, alone: bool = False, **_: object) -> None:
    """Make and close sessions, one after the other, each with so many requests in between.

    *alone*: no other session is open meanwhile, with which it could share what is made once for all.
    """
    if alone:
        await client.close()
    for _i in range(count):
        await client.life(requests)
    if alone:
        await client.open()


async def download(client: Any, count: int, mode: str = "iter_any", size: int = 1 << 26, **_: object) -> None:
    """Read large bodies, one after the other."""
    for _i in range(count):
        got = await client.download(mode, size)
        if got != size:
            raise ValueError(f"{got} bytes instead of {size}")


async def upload(client: Any, count: int, path: str = "", size: int = 1 << 26, **_: object) -> None:
    """Send a file, again and again."""
    for _i in range(count):
        sent = await client.upload(path)
        if sent != size:
            raise ValueError(f"{sent} bytes instead of {size}")


async def form_upload(client: Any, count: int, path: str = "", size: int = 10**8, **_: object) -> None:
    """Send a file in a form, again and again."""
    for _i in range(count):
        sent = await client.form_upload(path)
        if not size <= sent <= size + 1000:
            raise ValueError(f"{sent} bytes instead of {size} and those of the form")


async def calls(client: Any, count: int, concurrency: int = 64, **_: object) -> dict[str, float]:
    """Count Python-level calls (and resumptions), and calls into C, of one GET; *concurrency* at a time."""
    seen = dict.fromkeys(("call", "c_call", "return", "c_return", "c_exception"), 0)

    def note(_frame: object, event: str, _arg: object) -> None:
        seen[event] += 1

    sys.setprofile(note)
    try:
        await at_once(client.get, count, concurrency)
    finally:
        sys.setprofile(None)
    return {"python": seen["call"] / count, "c": seen["c_call"] / count}


async def idle_memory(client: Any, count: int, **_: object) -> dict[str, float]:
    """Open *count* connections at once and say how many bytes of the Python heap an idle one keeps."""
    await client.close()
    await (client.open_wide if hasattr(client, "open_wide") else client.open)()
    await asyncio.sleep(0)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    # In groups whose requests are all under way together: a group finds no idle connection but its own.
    await at_once(client.get, count, count)
    for _i in range(3):
        await asyncio.sleep(0.05)
        gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {"bytes": (after - before) / count}


WORK = {
    function.__name__: function
    for function in (
        get, post, get_json, get_url, get_params, get_fields, life, download, upload, form_upload, calls, idle_memory,
    )
}  # fmt: skip
