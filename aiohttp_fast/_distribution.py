"""The distribution that ``importlib.metadata`` finds under the name of aiohttp, while this package stands in for it."""

import os
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from ._base.version import AIOHTTP_VERSION

__all__ = ("StandIn",)

_METADATA = f"""\
Metadata-Version: 2.1
Name: aiohttp
Version: {AIOHTTP_VERSION}
Summary: aiohttp_fast, which stands in for aiohttp
"""


class StandIn(Distribution):
    """Name and version of the aiohttp whose interface this package has; no files."""

    def read_text(self, filename: str) -> str | None:
        """Return the metadata; there is no other file."""
        return _METADATA if filename == "METADATA" else None

    def locate_file(self, path: "str | os.PathLike[str]") -> Any:
        """Return where *path* would be: beside this package."""
        return Path(__file__).parent.parent / path
