"""The versions, in their one place; the build reads its own from here without importing the package."""

import sys

__all__ = ("AIOHTTP_VERSION", "SERVER_SOFTWARE", "__version__")

__version__ = "0.1.0"
AIOHTTP_VERSION = "3.14.5"  # the release whose interface this is: what software that asks for aiohttp is told

# What aiohttp calls itself; other software builds on it. The client's own User-Agent names this package.
SERVER_SOFTWARE = f"Python/{sys.version_info[0]}.{sys.version_info[1]} aiohttp/{AIOHTTP_VERSION}"
