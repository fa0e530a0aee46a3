"""Typed keys for what applications, requests and responses carry, and mappings that stand behind one another."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from types import FrameType, GenericAlias
from typing import Any, Generic, NoReturn, TypeVar, final, overload

__all__ = ("AppKey", "BaseKey", "ChainMapProxy", "RequestKey", "ResponseKey")

_T = TypeVar("_T")
_U = TypeVar("_U")


def _importing_module(frame: FrameType | None) -> str:
    """Return the name of the module whose body is being run, or of the caller's if none is."""
    caller = frame
    while frame is not None:
        if frame.f_code.co_name == "<module>":
            return str(frame.f_globals["__name__"])
        frame = frame.f_back
    return "" if caller is None else str(caller.f_globals.get("__name__", ""))


class BaseKey(Generic[_T]):
    """A key that is equal to itself only, so that two packages never meet by chance.

    *name* and *t*, the type of the value, are for people and type checkers. The name
    gets the name of the module that makes the key.
    """

    __slots__ = ("__orig_class__", "_name", "_t")

    __orig_class__: type[object]  # set by Generic, after __init__: AppKey[int]("name")

    def __init__(self, name: str, t: type[_T] | None = None) -> None:
        self._name = f"{_importing_module(sys._getframe(1))}.{name}"
        self._t = t

    def __lt__(self, other: object) -> bool:
        return self._name < other._name if isinstance(other, BaseKey) else True

    def __repr__(self) -> str:
        return f"<{type(self).__name__}({self._name}, type={_shown_type(self)})>"


def _shown_type(key: "BaseKey[Any]") -> str:
    kind: Any = key._t
    if kind is None:
        arguments = getattr(getattr(key, "__orig_class__", None), "__args__", ())
        if not arguments or isinstance(arguments[0], TypeVar):
            return "<<Unknown>>"
        kind = arguments[0]
    if not isinstance(kind, type) or isinstance(kind, GenericAlias):
        return repr(kind)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


class AppKey(BaseKey[_T]):
    """A key of a server application."""

    __slots__ = ()


class RequestKey(BaseKey[_T]):
    """A key of a request that a server handles."""

    __slots__ = ()


class ResponseKey(BaseKey[_T]):
    """A key of a response that a server gives."""

    __slots__ = ()


@final
class ChainMapProxy(Mapping[Any, Any]):
    """Several mappings seen as one, read-only; of those that have a key, the first counts.

    It holds the mappings themselves, and shows what becomes of them.
    """

    __slots__ = ("_maps",)

    def __init__(self, maps: Iterable[Mapping[Any, Any]]) -> None:
        self._maps = tuple(maps)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError(f"Inheritance class {cls.__name__} from ChainMapProxy is forbidden")

    def __getitem__(self, key: Any) -> Any:
        for mapping in self._maps:
            try:
                return mapping[key]
            except KeyError:
                pass
        raise KeyError(key)

    @overload
    def get(self, key: Any, default: None = None) -> Any: ...
    @overload
    def get(self, key: Any, default: _U) -> Any: ...
    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of *key*, or *default* if no mapping has it."""
        try:
            return self[key]
        except KeyError:
            return default

    def __len__(self) -> int:
        return len(set().union(*self._maps))

    def __iter__(self) -> Iterator[Any]:
        merged: dict[Any, None] = {}
        for mapping in reversed(self._maps):  # the order of a dict that is updated from the last to the first
            merged.update(dict.fromkeys(mapping))
        return iter(merged)

    def __contains__(self, key: object) -> bool:
        return any(key in mapping for mapping in self._maps)

    def __bool__(self) -> bool:
        return any(self._maps)

    def __repr__(self) -> str:
        return f"ChainMapProxy({', '.join(map(repr, self._maps))})"
