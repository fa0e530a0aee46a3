"""``__all__`` is there, true and tidy in every module."""

import ast

import pytest

from tests.conftest import Lib
from tests.doors.tree import MODULES_PY, Module


def stated(module: Module) -> list[str] | None:
    """Read ``__all__`` out of the source."""
    for node in ast.parse(module.path.read_text()).body:
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets):
            return list(ast.literal_eval(node.value))
    return None


def defines_something(module: Module) -> bool:
    return any(
        isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        for node in ast.parse(module.path.read_text()).body
    )


@pytest.mark.parametrize("module", MODULES_PY, ids=lambda module: module.name)
def test_all_is_stated(module):
    names = stated(module)
    if names is None:
        assert not defines_something(module), f"{module.name} has public names and no __all__"
        return
    assert len(set(names)) == len(names), "named twice"


def test_every_name_is_there(lib: Lib):
    missing = []
    for module in MODULES_PY:
        loaded = lib.load(module.name.partition(".")[2])
        missing += [f"{module.name}.{name}" for name in stated(module) or () if not hasattr(loaded, name)]
    assert not missing


def test_the_version_is_the_only_one(lib: Lib):
    assert lib.load().__version__ == lib.load("_base.version").__version__
