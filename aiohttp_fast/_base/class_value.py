"""Attributes that have a value on their class too, though objects keep theirs in a slot below it."""

from typing import Any

__all__ = ("ClassValue",)


class ClassValue:
    """Says *value* on the class; on objects, what the slot *below* does."""

    __slots__ = ("_below", "_value")

    def __init__(self, below: Any, value: Any) -> None:
        self._below = below
        self._value = value

    def __get__(self, instance: object, owner: object) -> Any:
        if instance is None:
            return self._value
        return self._below.__get__(instance, owner)

    def __set__(self, instance: object, value: Any) -> None:
        self._below.__set__(instance, value)
