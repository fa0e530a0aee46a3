"""install(): who imports aiohttp from now on gets this package; uninstall() takes it back.

Every submodule is one module under two names, so there is one class of each kind,
whoever imported it. Classes then say that they are of ``aiohttp.<submodule>``, which is
what traces and reports compare, and where pickle looks for them: pickles are then
exchanged with processes that have installed this package, or run aiohttp itself.
"""

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from ._base.version import AIOHTTP_VERSION, __version__

__all__ = ("DOORS", "install", "uninstall")

ROOT = __name__.partition(".")[0]
NAME = "aiohttp"
# The submodules that aiohttp loads by itself; here, when they are first looked at. A class that several have is at
# home in the first of them.
DOORS = (
    "client_reqrep",
    "client_exceptions",
    "http_exceptions",
    "http_writer",
    "client_ws",
    "http_websocket",
    "abc",
    "base_protocol",
    "client_middleware_digest_auth",
    "client_middlewares",
    "client_proto",
    "compression_utils",
    "connector",
    "cookiejar",
    "formdata",
    "hdrs",
    "helpers",
    "http_parser",
    "log",
    "multipart",
    "payload",
    "payload_streamer",
    "protocol",
    "resolver",
    "streams",
    "tcp_helpers",
    "tracing",
    "typedefs",
    "client",
    "http",
)
# Loaded by who asks for them only, as in aiohttp. Those that do not exist are still to be built.
LAZY = ("pytest_plugin", "test_utils", "web", "worker")


def _is_lazy(door: str) -> bool:
    return door in LAZY or door.startswith("web_")


class _Finder:
    """Finds ``aiohttp`` and its submodules in this package, and the distribution of that name."""

    def __init__(self) -> None:
        self._specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a spec for a name of aiohttp's; raise ImportError for one that this package does not have."""
        package, _, door = fullname.partition(".")
        if package == ROOT and _is_lazy(door):  # "from aiohttp import web" asks by the package's own name
            if PathFinder.find_spec(fullname, path) is None:
                raise ImportError(f"{ROOT} does not have aiohttp.{door} yet: it is a client so far", name=fullname)
            return None
        if package != NAME:
            return None
        try:
            module = import_module(f"{ROOT}.{door}" if door else ROOT)
        except ModuleNotFoundError as exc:
            if exc.name != f"{ROOT}.{door}":
                raise
            text = f"No module named {fullname!r}: {ROOT}, which stands in for {NAME}, does not have it"
            raise ModuleNotFoundError(text, name=fullname) from None
        return ModuleSpec(fullname, self, origin=module.__file__, is_package=not door)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module of this package that *spec* stands for."""
        module = sys.modules[ROOT + spec.name[len(NAME) :]]
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module, which is loaded, its own spec back."""
        name = NAME + module.__name__[len(ROOT) :]
        module.__spec__ = self._specs.pop(name)

    def find_distributions(self, context: Any) -> Iterable[Any]:
        """Return the distribution ``aiohttp``; called by ``importlib.metadata``."""
        if context.name is None or context.name.lower() == NAME:
            return [import_module(f"{ROOT}._distribution").StandIn()]
        return []


_finder = _Finder()
_renamed: dict[type, str] = {}
_evicted: dict[str, ModuleType] = {}


def install(*, force: bool = False) -> None:
    """Let ``import aiohttp``, and that of its submodules, give this package, in the whole process.

    Call it before anything imports aiohttp: afterwards it raises RuntimeError, unless
    *force* is true. Whatever was imported from the real aiohttp by then stays with it.
    ``aiohttp.__version__``, and the distribution's, are those of the aiohttp whose
    interface this is. Calling it again does nothing.
    """
    root = sys.modules[ROOT]
    if sys.modules.get(NAME) is root:
        return
    real = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == NAME}
    if real and not force:
        raise RuntimeError(
            f"{NAME} is already imported: call {ROOT}.install() before anything that imports it, or with force=True"
        )
    path = root.__path__
    there = (door for door in DOORS if PathFinder.find_spec(f"{ROOT}.{door}", path) is not None)
    doors = {door: import_module(f"{ROOT}.{door}") for door in there}
    for name in real:
        del sys.modules[name]
    _evicted.update(real)
    sys.modules[NAME] = root
    sys.modules.update({f"{NAME}.{door}": module for door, module in doors.items()})
    sys.meta_path.insert(0, _finder)
    for door, module in doors.items():
        _rename_classes(door, module)
    root.__version__ = AIOHTTP_VERSION  # type: ignore[attr-defined]


def uninstall() -> None:
    """Undo ``install``: imports of aiohttp find what they found before. What was imported stays as it is."""
    root = sys.modules[ROOT]
    if sys.modules.get(NAME) is not root:
        return
    sys.meta_path.remove(_finder)
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]
    sys.modules.update(_evicted)
    _evicted.clear()
    for cls, module in _renamed.items():
        cls.__module__ = module
    _renamed.clear()
    root.__version__ = __version__  # type: ignore[attr-defined]


def _rename_classes(door: str, module: ModuleType) -> None:
    """Have the public classes of *door* say that they are of aiohttp's; those in C cannot."""
    for name in getattr(module, "__all__", ()):
        cls = getattr(module, name)
        if isinstance(cls, type) and cls.__module__.partition(".")[0] == ROOT and cls.__flags__ & _IS_HEAP_TYPE:
            _renamed[cls] = cls.__module__
            cls.__module__ = f"{NAME}.{door}"


_IS_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement that Python ran
