"""Which core is in use: what was built is really loaded, and what is broken is never passed over."""

import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from tests.conftest import COMPILED, Lib
from tests.doors.tree import MODULES, PACKAGE

CORE = "_wire/http/parser_c"
COMPILED_MODULES = sorted(module.name.partition(".")[2] for module in MODULES.values() if module.is_compiled)
needs_core = pytest.mark.skipif(not COMPILED, reason="the compiled core is not in use")


def run(code: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AIOHTTP_")}
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=folder,
        env=clean | {"PYTHONPATH": str(folder)} | env,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "aiohttp_fast", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_every_module_with_a_compiled_form_is_loaded_in_it(lib: Lib):
    for name in COMPILED_MODULES:
        if lib.name == "pure" and name.endswith("_c"):
            with pytest.raises(ModuleNotFoundError):
                lib.load(name)
            continue
        file = lib.load(name).__file__
        assert file is not None
        assert file.endswith(tuple(EXTENSION_SUFFIXES)) == (lib.name == "compiled"), file


def test_implementation_says_which(lib: Lib):
    assert lib.name == lib.load().IMPLEMENTATION


@needs_core
@pytest.mark.parametrize("variable", ["AIOHTTP_FAST_PURE", "AIOHTTP_NO_EXTENSIONS"])
@pytest.mark.parametrize(("value", "expected"), [("1", "pure"), ("0", "compiled"), ("", "compiled")])
def test_the_environment_chooses(variable, value, expected):
    done = run("import aiohttp_fast; print(aiohttp_fast.IMPLEMENTATION)", PACKAGE.parent, **{variable: value})
    assert done.stdout.strip() == expected, done.stderr


@needs_core
def test_a_broken_extension_raises(copied: Path):
    for path in (copied / "aiohttp_fast" / CORE).parent.glob("parser_c.*"):
        if path.name.endswith(tuple(EXTENSION_SUFFIXES)):
            path.write_bytes(b"not a shared library")
    done = run("import aiohttp_fast._wire.http.parser", copied)
    assert done.returncode != 0
    assert "ImportError" in done.stderr
    assert "parser_c" in done.stderr
    assert run("import aiohttp_fast._wire.http.parser", copied, AIOHTTP_FAST_PURE="1").returncode == 0


@needs_core
def test_a_missing_part_of_the_core_raises(copied: Path):
    for path in (copied / "aiohttp_fast" / "_wire").rglob("mask_c.*"):
        if path.name.endswith(tuple(EXTENSION_SUFFIXES)):
            path.unlink()
    done = run("import aiohttp_fast._wire.ws.mask", copied)
    assert done.returncode != 0
    assert "ModuleNotFoundError" in done.stderr


def test_a_package_never_built_is_pure(copied: Path):
    for path in copied.rglob("*"):
        if path.name.endswith(tuple(EXTENSION_SUFFIXES)):
            path.unlink()
    done = run("import aiohttp_fast; print(aiohttp_fast.IMPLEMENTATION)", copied)
    assert done.stdout.strip() == "pure", done.stderr
