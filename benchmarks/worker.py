"""The process under test: one client, one loop; measures what it is told to on standard input.

Each line is a JSON object {"work": name, "count": n, ...}; the answer is a line with the CPU
seconds (all threads, user and system) and the seconds that it took.
"""

import asyncio
import gc
import importlib
import json
import sys
import time


def loop_factory(name: str):
    """Return what makes a loop of this kind."""
    return importlib.import_module("uvloop").new_event_loop if name == "uvloop" else asyncio.new_event_loop


def make(module: str, port: int, arguments: dict):
    """Return the client of a contender."""
    return importlib.import_module(f"clients.{module}").Client(port, **arguments)


async def limited(work):
    """Await *work*; nothing that is measured takes two minutes."""
    async with asyncio.timeout(120):
        return await work


def measure(runner: asyncio.Runner, function, client, count: int, options: dict) -> dict:
    """Run one piece of work; return what it cost and what it returned."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    found = runner.run(limited(function(client, count, **options)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"cpu": cpu, "wall": wall, "count": count, **(found or {})}


def main() -> None:
    """Serve standard input until it ends."""
    setup = json.loads(sys.argv[1])
    with asyncio.Runner(loop_factory=loop_factory(setup.get("loop", "asyncio"))) as runner:
        if setup["room"] != "client":
            room = importlib.import_module(setup["room"])
            work, client = room.WORK, room.make(setup)
        else:
            work = importlib.import_module("work").WORK
            client = make(setup["module"], setup["port"], setup.get("arguments", {}))
            runner.run(client.open())
        print(json.dumps({"ready": getattr(client, "note", "")}), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            function = work[order.pop("work")]
            print(json.dumps(measure(runner, function, client, order.pop("count"), order)), flush=True)
        if setup["room"] == "client":
            runner.run(client.close())


if __name__ == "__main__":
    main()
