"""The one decision between the compiled core and its pure twin; made before any other room loads.

Compiled is used when the extension modules were built and neither
``AIOHTTP_FAST_PURE`` nor ``AIOHTTP_NO_EXTENSIONS`` is set. When pure is chosen
the package becomes sources-only, so speeds can never mix in one tree.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

__all__ = ("COMPILED", "SourcesOnly")

ROOT = __name__.partition(".")[0]


class SourcesOnly:
    """Meta path finder that hides the compiled modules of one package.

    Put first in ``sys.meta_path`` it loads every submodule of *package* from its
    ``.py`` file. Give a second package name to have both speeds in one process.
    """

    def __init__(self, package: str) -> None:
        self.sources_only = package

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the source file of *name*; raise if there is none."""
        if path is None or not name.startswith(self.sources_only + "."):
            return None
        for entry in path:
            spec = FileFinder(entry, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name)
            if spec is not None:
                return spec
        raise ModuleNotFoundError(f"No module named {name!r} (sources only)", name=name)


def _asked_pure() -> bool:
    return any(os.environ.get(name, "") not in ("", "0") for name in ("AIOHTTP_FAST_PURE", "AIOHTTP_NO_EXTENSIONS"))


def _is_built() -> bool:
    core = os.path.join(os.path.dirname(os.path.dirname(__file__)), "_wire", "http", "parser_c")
    return any(os.path.exists(core + suffix) for suffix in EXTENSION_SUFFIXES)


def _decide() -> bool:
    # By attribute: whoever loads a second tree made its finder from the class of the first.
    if any(getattr(finder, "sources_only", None) == ROOT for finder in sys.meta_path):
        return False
    if _is_built() and not _asked_pure():
        return True
    sys.meta_path.insert(0, SourcesOnly(ROOT))
    return False


COMPILED: bool = _decide()
