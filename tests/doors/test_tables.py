"""The tables of what is tested where name tests that are there, and leave no parameter out."""

import ast
import inspect
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import aiohttp_fast as aiohttp
from aiohttp_fast._client.options import RequestOptions

TESTS = Path(__file__).parents[1]
TABLES = {name: tomllib.loads((TESTS / f"{name}.toml").read_text()) for name in ("features", "security")}
LISTED = sorted({
    test
    for table in TABLES.values()
    for rows in table.values()
    for tests in rows.values()
    for test in tests
})  # fmt: skip


@cache
def functions(file: Path) -> frozenset[str]:
    """Return the names of the tests of *file*."""
    found = (node for node in ast.walk(ast.parse(file.read_text())))
    return frozenset(node.name for node in found if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


@pytest.mark.parametrize("test", LISTED)
def test_listed_tests_exist(test: str) -> None:
    """A file alone stands for all of its tests."""
    name, _, function = test.partition("::")
    file = TESTS / name
    assert file.is_file()
    assert any(found.startswith("test_") for found in functions(file))
    assert not function or function in functions(file)


def parameters(cls: Any) -> set[str]:
    return set(inspect.signature(cls).parameters)


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("ClientSession", parameters(aiohttp.ClientSession)),
        ("TCPConnector", parameters(aiohttp.TCPConnector)),
        ("UnixConnector", parameters(aiohttp.UnixConnector)),
        ("ClientTimeout", parameters(aiohttp.ClientTimeout)),
        ("request", set(RequestOptions.__annotations__)),
    ],
)
def test_no_parameter_is_left_out(section: str, names: set[str]) -> None:
    """Whoever adds an option adds the test that shows its effect."""
    assert set(TABLES["features"][section]) == names


def test_every_row_has_a_test() -> None:
    assert all(tests for table in TABLES.values() for rows in table.values() for tests in rows.values())
