"""Modules that are loaded when something in them is first asked for, so that importing the package stays cheap.

This is the one way to load late. It is for cost alone, never against a circle of imports: who stands
behind a ``later`` is named a second time, for type checkers, under ``TYPE_CHECKING``, and the tests count
that line as the import that it is::

    if TYPE_CHECKING:
        from . import netrc
    else:
        netrc = later(".netrc", __name__)

A module that is used through it costs what an attribute of any object costs, once it is there.
"""

from importlib import import_module
from typing import Any

__all__ = ("later",)


class _Later:
    """Stands for a module, and has its names."""

    __slots__ = ("__dict__", "_asked_by", "_name")

    def __init__(self, name: str, asked_by: str) -> None:
        self._name = name
        self._asked_by = asked_by

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not in __dict__, which is the module's own from the first time on.
        module = import_module(self._name, self._asked_by.rpartition(".")[0])
        self.__dict__ = vars(module)
        return getattr(module, name)

    def __repr__(self) -> str:
        return f"<{self._name!r}, loaded when {self._asked_by!r} needs it>"


def later(name: str, asked_by: str = "") -> Any:
    """Return what stands for the module *name*; a relative one is looked for from *asked_by*, a module's ``__name__``.

    An ``ImportError`` is raised where the module is first used, and again where it is used after that.
    """
    return _Later(name, asked_by)
