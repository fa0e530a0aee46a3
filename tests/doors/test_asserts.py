"""Nothing rests on an ``assert``: ``python -O`` leaves them out (CVE-2025-69227)."""

import re

from tests.doors.tree import PACKAGE

ASSERT = re.compile(r"^\s*assert\b", re.M)


def test_there_is_none():
    sources = [path for suffix in ("py", "pyx", "pxi") for path in PACKAGE.rglob(f"*.{suffix}")]
    assert len(sources) > 100
    assert not [str(path) for path in sources if ASSERT.search(path.read_text())]
