"""Idle connections: the time to open a thousand, and as extra info the bytes that one keeps."""

import harness
import pytest
from conftest import CLOCK

GROUP = "memory"


def bench_memory(benchmark, port, row, contender):
    def operation() -> None:
        with harness.Worker(contender, port) as worker:
            found = worker.run(row.work, row.count)
        CLOCK.now += found["cpu"] / found["count"]
        benchmark.extra_info["bytes of an idle connection"] = round(found["bytes"])

    benchmark.group = row.title
    try:
        benchmark.pedantic(operation, rounds=3, iterations=1)
    except harness.AbsentError as reason:
        pytest.skip(str(reason))
