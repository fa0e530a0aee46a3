"""What every test shares: the package at both speeds, and a watch over what a test leaves behind."""

import asyncio
import gc
import importlib
import inspect
import os
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import aiohttp_fast
from aiohttp_fast._base.speed import COMPILED, SourcesOnly

PACKAGE = Path(next(iter(aiohttp_fast.__path__)))
PURE_NAME = "aiohttp_fast_pure"
GRACE = 1.0  # seconds in which the tasks of a closed connection may come to their end


class Lib:
    """The package at one speed; ``load("_wire.http.parser")`` gives a module of it."""

    def __init__(self, name: str, package: str) -> None:
        self.name = name
        self.package = package

    def load(self, dotted: str = "") -> ModuleType:
        """Import a module by its path below the package; the package itself without one."""
        return importlib.import_module(f"{self.package}.{dotted}" if dotted else self.package)

    def __repr__(self) -> str:
        return f"<Lib {self.name}>"


def _load_pure_tree() -> Lib:
    """Load the same folder a second time, sources only, under its second name."""
    if PURE_NAME not in sys.modules:
        sys.meta_path.insert(0, SourcesOnly(PURE_NAME))  # type: ignore[arg-type]
        spec = spec_from_file_location(PURE_NAME, PACKAGE / "__init__.py", submodule_search_locations=[str(PACKAGE)])
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[PURE_NAME] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except FileNotFoundError:
            module.__path__ = [str(PACKAGE)]
    return Lib("pure", PURE_NAME)


@pytest.fixture(scope="session", params=["compiled", "pure"])
def lib(request: pytest.FixtureRequest) -> Lib:
    """The package, once compiled and once pure; the compiled half is deselected where it is not built."""
    return Lib("compiled", "aiohttp_fast") if request.param == "compiled" else _load_pure_tree()


def _why_no_compiled() -> str:
    if COMPILED:
        return ""
    for name in ("AIOHTTP_FAST_PURE", "AIOHTTP_NO_EXTENSIONS"):
        if os.environ.get(name, "") not in ("", "0"):
            return f"{name} is set"
    return "the extension modules are not built (make build)"


def _stale() -> list[str]:
    """Find extension modules in the tree that are older than their source."""
    suffix = EXTENSION_SUFFIXES[0]
    found = []
    for built in PACKAGE.rglob(f"*{suffix}"):
        stem = built.with_name(built.name.removesuffix(suffix))
        sources = [stem.with_suffix(kind) for kind in (".py", ".pyx", ".pxd")]
        if any(source.exists() and source.stat().st_mtime > built.stat().st_mtime for source in sources):
            found.append(stem.name)
    return found


def pytest_report_header() -> list[str]:
    """Say which speeds are tested."""
    why = _why_no_compiled()
    lines = [
        f"aiohttp_fast: PURE ONLY, compiled tests are deselected: {why}" if why else "aiohttp_fast: compiled and pure"
    ]
    if stale := _stale():
        lines.append(f"aiohttp_fast: BUILT BEFORE THE LAST CHANGE (make build): {', '.join(stale)}")
    return lines


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop the compiled half where there is none; put every coroutine test under the leak watch."""
    kept, dropped = [], []
    for item in items:
        callspec = getattr(item, "callspec", None)
        gone = not COMPILED and callspec is not None and callspec.params.get("lib") == "compiled"
        (dropped if gone else kept).append(item)
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(inspect.unwrap(item.obj)):
            item.fixturenames.insert(0, "_nothing_left_behind")
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def pytest_collection_finish() -> None:
    """Keep the many ``gc.collect`` below cheap: what lives by now is looked at no more."""
    sys.set_coroutine_origin_tracking_depth(4)
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Repeat at the end that only one half was tested."""
    if why := _why_no_compiled():
        terminalreporter.write_line(f"WARNING: only the pure core was tested: {why}", yellow=True, bold=True)


@pytest.fixture(autouse=True, scope="module")
def _collect_after_module() -> Iterator[None]:
    """Find leaks of plain tests in the module that made them; what lives on is not looked at again, see above."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture
async def _nothing_left_behind() -> AsyncIterator[None]:
    """Fail the coroutine test that leaves a task, or an error that only the loop heard of."""
    loop = asyncio.get_running_loop()
    unheard: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _loop, context: unheard.append(context))
    yield
    deadline = loop.time() + GRACE
    while (left := asyncio.all_tasks() - {asyncio.current_task()}) and loop.time() < deadline:
        await asyncio.sleep(0.005)
    gc.collect()
    await asyncio.sleep(0)
    if unheard:
        pytest.fail(f"the loop's exception handler was called: {unheard}")
    if left:
        pytest.fail(f"tasks left behind: {left}")
