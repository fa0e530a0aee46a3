"""What a class is made with, for ``inspect.signature``, where its machinery hides it.

A compiled class keeps the parameters of its constructor to itself. They are read out of
the source beside it, when somebody asks; making an object costs nothing more.
"""

import ast
import inspect
import os
import sys
from types import FunctionType
from typing import Any

__all__ = ("InitSignature",)


class InitSignature:
    """Set as ``__signature__``, gives the signature of the ``__init__`` that the class, or a subclass, has."""

    __slots__ = ()

    def __get__(self, instance: object, owner: type) -> inspect.Signature | None:
        init: Any = owner.__init__  # type: ignore[misc]
        if not isinstance(init, FunctionType):
            init = _source_of(init)
        if init is None:
            return None
        signature = inspect.signature(init)
        return signature.replace(parameters=[*signature.parameters.values()][1:])


def _source_of(init: Any) -> FunctionType | None:
    """Return a function of *init*'s parameters, made from its source; None where there is none."""
    home = getattr(init, "__objclass__", None)
    module = sys.modules.get(getattr(home, "__module__", ""))
    if home is None or module is None or module.__file__ is None:
        return None
    source = os.path.join(os.path.dirname(module.__file__), module.__name__.rpartition(".")[2] + ".py")
    if not os.path.exists(source):
        return None
    with open(source, "rb") as file:
        tree = ast.parse(file.read())
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == home.__name__:
            return next((_without_body(each, module) for each in node.body if _is_init(each)), None)
    return None


def _is_init(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "__init__"


def _without_body(node: Any, module: Any) -> FunctionType:
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    text = ast.fix_missing_locations(ast.Expression(ast.Lambda(node.args, ast.Constant(None))))
    made: FunctionType = eval(compile(text, f"<signature of {module.__name__}>", "eval"), vars(module))  # noqa: S307
    return made
