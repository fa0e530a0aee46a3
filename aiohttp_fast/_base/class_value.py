"""Attributes that have a value on their class too, though compiled objects keep theirs in a slot below it."""

from typing import Any

from .speed import COMPILED

__all__ = ("ClassValue", "class_value")


class ClassValue:
    """Says *value* on the class; on objects, what the slot or property *below* does."""

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


def class_value(below: Any, value: Any) -> Any:
    """Return what a class is to have over the slot *below* of a class under it, to say *value* itself.

    Compiled code writes past it into the slot. Interpreted code would come through it with
    each write; there *value* alone will do, as objects keep theirs in their ``__dict__``.
    """
    return ClassValue(below, value) if COMPILED else value
