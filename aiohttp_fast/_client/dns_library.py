"""aiodns, where it is installed; imported here and now, so only for who asks for the module itself."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from .async_resolver import AsyncResolver, DefaultResolver

__all__ = ("aiodns", "aiodns_default")

aiodns: ModuleType | None = import_module("aiodns") if find_spec("aiodns") is not None else None
aiodns_default: bool = issubclass(DefaultResolver, AsyncResolver)
