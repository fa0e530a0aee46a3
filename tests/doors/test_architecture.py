"""ARCHITECTURE.md lists the files that there are, in their own words."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_list_of_files_is_up_to_date():
    done = subprocess.run(
        [sys.executable, "tools/architecture.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
