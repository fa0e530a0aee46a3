"""The benchmarks under pytest-benchmark: a contender is a child process, its CPU time is the clock."""

from collections.abc import Iterator

import harness
import pytest
from rows import ROWS, Row


class CpuClock:
    """What pytest-benchmark reads before and after: the CPU seconds that operations took in the child."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = CpuClock()


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Return the port of the server."""
    with harness.serving() as number:
        yield number


@pytest.fixture(scope="session")
def upload_paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the paths of the files to send, by the rows' keys, each of the size that its row has."""
    folder = tmp_path_factory.mktemp("upload")
    rows = [row for row in ROWS if row.group in ("upload", "form")]
    for row in rows:
        (folder / row.key).write_bytes(b"0123456789abcdef" * (row.options["size"] // 16))
    return {row.key: str(folder / row.key) for row in rows}


@pytest.fixture
def measure(benchmark, port: int, upload_paths: dict[str, str]):
    """Return what runs a row: three rounds of one operation's CPU time, after a warm-up."""

    def run(row: Row, contender: harness.Contender) -> None:
        options = dict(row.options, path=upload_paths[row.key]) if row.key in upload_paths else row.options
        try:
            with harness.Worker(contender, port, row.loop, row.room) as worker:
                count = max(1, row.count // 4) if row.count else worker.calibrated(row.work, row.seconds / 4, **options)
                worker.run(row.work, 1, **options)

                def operation() -> None:
                    found = worker.run(row.work, count, **options)
                    CLOCK.now += found["cpu"] / found["count"]

                benchmark.group = row.title.replace("`", "")
                benchmark.pedantic(operation, rounds=3, iterations=1)
        except harness.AbsentError as reason:
            pytest.skip(str(reason))

    return run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a benchmark all rows of its group, with all contenders."""
    if {"row", "contender"} <= set(metafunc.fixturenames):
        group = metafunc.module.GROUP
        pairs = [(row, contender) for row in ROWS if row.group == group for contender in row.contenders]
        metafunc.parametrize(
            ("row", "contender"), pairs, ids=[f"{row.key}-{c.name.replace(' ', '_')}" for row, c in pairs]
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have them all timed by the child's CPU."""
    for item in items:
        item.add_marker(pytest.mark.benchmark(timer=CLOCK))
