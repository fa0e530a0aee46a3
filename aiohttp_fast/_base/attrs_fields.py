"""What ``attrs`` wants to know of a class, for those who take its functions to ours; aiohttp's are attrs classes."""

import dataclasses
import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ("AttrsFields",)


class AttrsFields:
    """Set as ``__attrs_attrs__`` of a dataclass: its fields as attrs has them, so that ``evolve`` and ``asdict`` work.

    Made when attrs looks; there is no such attribute where attrs is not installed.
    """

    __slots__ = ()

    def __get__(self, instance: object, owner: type) -> Any:
        if "attr" not in sys.modules and find_spec("attr") is None:
            raise AttributeError("__attrs_attrs__")
        return _fields_of(owner)


@cache
def _fields_of(owner: Any) -> Any:
    attr = import_module("attr")
    made = {}
    for field in dataclasses.fields(owner):
        default = attr.NOTHING if field.default is dataclasses.MISSING else field.default
        made[field.name] = attr.ib(default=default, type=field.type, kw_only=field.kw_only)
    return attr.make_class(owner.__name__, made).__attrs_attrs__
