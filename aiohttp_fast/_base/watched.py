"""Files that others write: what was read from one, read again when it has changed."""

import os
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ("FileState", "Watched", "file_state")

FileState = tuple[int, ...]
_Content = TypeVar("_Content")
_UNREAD: FileState = ()


def file_state(path: "str | os.PathLike[str]") -> FileState | None:
    """Return what tells that a file has changed; None where there is no such file."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


class Watched(Generic[_Content]):
    """The file *path* as *read* returns it. Its size should be such that reading it may block."""

    __slots__ = ("_content", "_path", "_read", "_state")

    def __init__(self, path: "str | os.PathLike[str]", read: "Callable[[str | os.PathLike[str]], _Content]") -> None:
        self._path = path
        self._read = read
        self._state: FileState | None = _UNREAD

    def content(self) -> _Content:
        """Return what the file says now; what *read* raises is raised each time, until the file is in order."""
        state = file_state(self._path)
        if state != self._state:
            self._content = self._read(self._path)
            self._state = state
        return self._content
