"""What was read from a file is read again when it has changed."""

import os
from pathlib import Path
from typing import Any

import pytest


def rewrite(path: Path, text: str) -> None:
    """Replace the file: another inode, so that no clock has to go on."""
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


def test_read_when_it_has_changed(lib: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    reads: list[Any] = []

    def read(where: Any) -> str:
        reads.append(where)
        return path.read_text() if path.exists() else "absent"

    watched = lib.load("_base.watched").Watched(path, read)
    assert [watched.content(), watched.content()] == ["absent", "absent"]
    assert reads == [path]
    path.write_text("one")
    assert [watched.content(), watched.content()] == ["one", "one"]
    rewrite(path, "two")
    assert watched.content() == "two"
    path.unlink()
    assert watched.content() == "absent"
    assert len(reads) == 4


def test_what_cannot_be_read_is_tried_again(lib: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    watched = lib.load("_base.watched").Watched(path, lambda where: int(path.read_text()))
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            watched.content()
    rewrite(path, "5")
    assert watched.content() == 5


def test_state_of_what_is_not_there(lib: Any, tmp_path: Path) -> None:
    state = lib.load("_base.watched").file_state
    assert state(tmp_path / "nothing") is None
    assert state("a\0b") is None
    assert state(tmp_path) == state(str(tmp_path)) is not None
