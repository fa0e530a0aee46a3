"""The name of a file that somebody has opened."""

import os

__all__ = ("guess_filename",)


def guess_filename(obj: object, default: str | None = None) -> str | None:
    """Return the last part of the file *obj*'s name; *default* if it has none, or one in angle brackets."""
    name = getattr(obj, "name", None)
    if isinstance(name, str) and name and name[0] != "<" and name[-1] != ">":
        return os.path.basename(name.rstrip("/")) or default
    return default
