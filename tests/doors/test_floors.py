"""Who may import whom: own room and lower floors only, no circle, nothing late."""

import graphlib

import pytest

from tests.doors.tree import MODULES, PACKAGE


def test_every_module_stands_on_a_floor():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms <= {"_base", "_wire", "_stream", "_client", "_web", "_testing"}
    assert len(MODULES) > 10


@pytest.mark.parametrize("module", MODULES.values(), ids=lambda module: module.name)
def test_no_climb(module):
    for target in sorted(module.imports | module.late):
        other = MODULES[target]
        assert other.floor <= module.floor, f"{module.name} climbs to {target}"
        if other.floor == module.floor and module.room:
            assert other.room == module.room, f"{module.name} meets its sibling {target}"


def test_no_circle():
    # Typing-only imports count: a circle that only the type checker sees is one as well.
    try:
        graphlib.TopologicalSorter({module.name: module.imports for module in MODULES.values()}).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"import circle: {' <- '.join(error.args[1])}")


def test_no_import_inside_a_function():
    late = {f"{module.name} -> {target}" for module in MODULES.values() for target in module.late}
    assert not late


def test_rooms_never_use_a_door():
    for module in MODULES.values():
        if module.floor < 5:
            doors = {target for target in module.imports if MODULES[target].floor == 5}
            assert not doors, f"{module.name} imports {doors}"
