"""reify: a property that is worked out once, and kept in the ``_cache`` of its object."""

from propcache.api import under_cached_property as reify

__all__ = ("reify",)
