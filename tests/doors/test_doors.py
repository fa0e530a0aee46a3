"""Doors are nothing but old names: imports and ``__all__``, each name the very object of its room."""

import ast
import subprocess
import sys

import pytest

from tests.conftest import Lib
from tests.doors.surface import DOORS
from tests.doors.tree import MODULES, ROOT

FOUND = {name.partition(".")[2]: module for name, module in MODULES.items() if module.floor == 5}
FOUND = {name: module for name, module in FOUND.items() if name and not name.startswith("_")}
STARRED = {"hdrs"}  # as many names as there are headers


def test_every_door_is_frozen():
    assert FOUND.keys() - STARRED == DOORS.keys()


@pytest.mark.parametrize("door", sorted(FOUND))
def test_nothing_but_imports(door):
    first, *body = ast.parse(FOUND[door].path.read_text()).body
    assert isinstance(first, ast.Expr)
    assert isinstance(first.value.value, str)
    assert "\n" not in first.value.value, "one line: which room it leads to"
    for node in body[:-1]:
        assert isinstance(node, ast.ImportFrom)
    last = body[-1]
    if door in STARRED:
        assert isinstance(last, ast.ImportFrom)
        return
    assert isinstance(last, ast.Assign)
    assert [target.id for target in last.targets] == ["__all__"]
    imported = {alias.asname or alias.name for node in body[:-1] for alias in node.names}
    assert imported == set(ast.literal_eval(last.value))


@pytest.mark.parametrize("door", sorted(DOORS))
def test_the_names_are_the_frozen_ones(lib: Lib, door):
    module = lib.load(door)
    assert sorted(module.__all__) == sorted(DOORS[door].split())


@pytest.mark.parametrize("door", sorted(FOUND))
def test_each_name_is_the_object_of_its_room(lib: Lib, door):
    module = lib.load(door)
    for node in ast.parse(FOUND[door].path.read_text()).body:
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        room = lib.load(node.module)
        names = [(alias.name, alias.asname or alias.name) for alias in node.names]
        if door in STARRED:
            names = [(name, name) for name in vars(room) if name.isupper()]
            assert len(names) > 130
        for name, public in names:
            assert getattr(module, public) is getattr(room, name), public


@pytest.mark.parametrize("door", sorted(FOUND))
def test_doors_are_attributes_of_the_package(lib: Lib, door):
    assert getattr(lib.load(), door) is lib.load(door)
    assert door in dir(lib.load())


def test_an_unknown_attribute_is_told(lib: Lib):
    with pytest.raises(AttributeError, match="has no attribute 'helper'"):
        lib.load().helper  # noqa: B018


def test_the_package_loads_no_door_by_itself():
    code = "import sys, aiohttp_fast; print(*sorted(n for n in sys.modules if n.startswith('aiohttp_fast.')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[2] for name in done.stdout.split()}
    assert loaded & FOUND.keys() == {"hdrs"}
    assert not loaded & {
        "_base.etag",
        "_base.octet_stream",
        "_stream.message_parser",
        "_stream.codecs",
        "_client.dns_library",
    }


def test_names_that_come_later(lib: Lib):
    package = lib.load()
    assert package.ETag is lib.load("helpers").ETag
    assert package.ChainMapProxy is lib.load("helpers").ChainMapProxy
    assert {"ETag", "ChainMapProxy"} <= set(dir(package))


def test_attribute_after_a_plain_import():
    code = "import aiohttp_fast as aiohttp; print(aiohttp.helpers.reify.__name__, aiohttp.http_parser.HttpParser)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("under_cached_property")
