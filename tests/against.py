"""The same tests against aiohttp itself, to see that they state its behaviour.

``TESTS_AGAINST=aiohttp pytest -W ignore::DeprecationWarning tests/seeds tests/flows/options``
"""

import importlib
import os
from types import ModuleType

import pytest

REFERENCE = os.environ.get("TESTS_AGAINST") == "aiohttp"


class Reference:
    """Stands where the ``lib`` fixture's package would."""

    name = "reference"

    def load(self, dotted: str = "") -> ModuleType:
        return importlib.import_module(f"aiohttp.{dotted}" if dotted else "aiohttp")


def better(why: str) -> pytest.MarkDecorator:
    """Mark a test of what aiohttp does not do, or does worse: *why* says what."""
    return pytest.mark.skipif(REFERENCE, reason=f"aiohttp: {why}")
