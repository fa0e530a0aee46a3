"""Importing the package in a fresh interpreter: CPU time (the memory is in compare.py's table)."""

import compare
import harness
import pytest
from conftest import CLOCK

GROUP = "import"


def bench_import(benchmark, row, contender):
    if row.unit != "ms":
        pytest.skip("compare.py shows the memory")

    def operation() -> None:
        CLOCK.now += compare.import_cost(contender, "ms") / 1e3

    try:
        operation()
    except harness.AbsentError as reason:
        pytest.skip(str(reason))
    benchmark.group = row.title.replace("`", "")
    benchmark.pedantic(operation, rounds=3, iterations=1)
