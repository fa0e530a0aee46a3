"""A compiled twin offers what its pure twin does: the same names, the same signatures, the same documentation.

Type checkers read the pure one, so this is also what keeps the types of the compiled one true.
"""

import importlib
import inspect
import re

import pytest

from tests.conftest import COMPILED
from tests.doors.tree import MODULES

TWINS = sorted(name.removesuffix("_c") for name, module in MODULES.items() if module.path.suffix == ".pyx")

# "Py_ssize_t limit: int=8190" in the list of parameters of a typed class is "limit=8190" here.
UNTYPED = re.compile(r"^(?:.*?\s)?(\*?\w*)(?:\s+not None)?(?:\s*:[^=]*)?(\s*=.*)?$", re.S)

pytestmark = pytest.mark.skipif(not COMPILED, reason="the compiled core is not in use")


@pytest.fixture(params=TWINS)
def twins(request: pytest.FixtureRequest):
    return importlib.import_module(f"{request.param}_c"), importlib.import_module(f"{request.param}_py")


def constructor(cls: type) -> inspect.Signature:
    """Read out of the source what a typed class is made of; Cython tells nobody at run time."""
    module = importlib.import_module(cls.__module__)
    source = MODULES[cls.__module__].path.read_text()
    for name in (each.__name__ for each in cls.__mro__):
        body = re.search(rf"^(?:cdef )?class {name}\b.*?(?=^\S|\Z)", source, re.M | re.S)
        found = body and re.search(r"def __c?init__\(\s*self,?(.*?)\)\s*:\n", body[0], re.S)
        if found:
            untyped = [UNTYPED.sub(r"\1\2", part.strip()) for part in found[1].split(",")]
            return inspect.signature(eval(f"lambda {', '.join(filter(None, untyped))}: None", vars(module)))
    return inspect.Signature()


def shape(thing: object) -> list[tuple[str, object, object]]:
    """Names, kinds and defaults of the parameters."""
    try:
        signature = inspect.signature(thing)
    except ValueError:
        signature = constructor(thing)
    return [(p.name, p.kind, p.default) for p in signature.parameters.values()]


def members(cls: type) -> dict[str, object]:
    return {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}


def test_both_state_the_same_names(twins):
    compiled, pure = twins
    assert sorted(compiled.__all__) == sorted(pure.__all__)


def test_functions_and_constructors_take_the_same(twins):
    compiled, pure = twins
    for name in pure.__all__:
        theirs, ours = getattr(pure, name), getattr(compiled, name)
        if callable(theirs):
            assert shape(ours) == shape(theirs), name


def test_classes_have_the_same_members(twins):
    compiled, pure = twins
    for name in pure.__all__:
        theirs, ours = getattr(pure, name), getattr(compiled, name)
        if not isinstance(theirs, type):
            continue
        assert members(ours).keys() <= members(theirs).keys(), name
        # Slots are no promise: the compiled class keeps such fields to itself.
        promised = {member for member, value in members(theirs).items() if not inspect.ismemberdescriptor(value)}
        assert promised <= members(ours).keys(), name
        for member, value in members(theirs).items():
            if inspect.isroutine(value):
                assert shape(members(ours)[member]) == shape(value), f"{name}.{member}"


def test_every_public_name_of_both_is_explained(twins):
    for module in twins:
        bare = [
            name for name in module.__all__ if callable(getattr(module, name)) and not getattr(module, name).__doc__
        ]
        assert not bare, module.__name__
