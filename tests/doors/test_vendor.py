"""The vendored llhttp is the release it says it is, byte for byte."""

import runpy
import shutil
from pathlib import Path

import pytest

from tests.doors.tree import ROOT

LLHTTP = ROOT / "vendor" / "llhttp"
UPDATE = runpy.run_path(str(ROOT / "vendor" / "update.py"))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LLHTTP, tmp_path / "llhttp"))


def test_the_files_are_as_released():
    assert not UPDATE["problems"](LLHTTP)


def test_the_version_is_one_that_refuses_what_9_3_accepts():
    version = (LLHTTP / "VERSION").read_text().strip()
    assert tuple(map(int, version.split("."))) >= (9, 4, 2)


def test_a_changed_file_is_told(copied: Path):
    with (copied / "api.c").open("ab") as file:
        file.write(b"\n")
    assert UPDATE["problems"](copied) == ["api.c: changed"]


def test_a_missing_and_a_foreign_file_are_told(copied: Path):
    (copied / "http.c").rename(copied / "other.c")
    assert UPDATE["problems"](copied) == ["http.c: in SHA256SUMS but not here", "other.c: here but not in SHA256SUMS"]


def test_another_version_is_told(copied: Path):
    (copied / "VERSION").write_text("9.3.0\n")
    assert UPDATE["problems"](copied) == ["VERSION says 9.3.0, llhttp.h 9.4.2"]
