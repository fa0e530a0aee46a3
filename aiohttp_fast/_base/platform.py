"""What the package runs on, as far as the rest of it, or aiohttp's API, asks."""

import os
import sys

__all__ = (
    "DEBUG",
    "IS_MACOS",
    "IS_PY313_BEFORE_313_2",
    "IS_PY_BEFORE_312_9",
    "IS_WINDOWS",
    "NEEDS_CLEANUP_CLOSED",
    "NO_EXTENSIONS",
    "PY_311",
    "SKIP_WRITELINES",
)

DEBUG = sys.flags.dev_mode or (not sys.flags.ignore_environment and bool(os.environ.get("PYTHONASYNCIODEBUG")))
NO_EXTENSIONS = bool(os.environ.get("AIOHTTP_NO_EXTENSIONS"))
IS_MACOS = sys.platform == "darwin"
IS_WINDOWS = sys.platform == "win32"
PY_311 = sys.version_info >= (3, 11)

# In these, transports forget to count what writelines gave them: no back-pressure.
IS_PY_BEFORE_312_9 = sys.version_info < (3, 12, 9)
IS_PY313_BEFORE_313_2 = (3, 13) <= sys.version_info < (3, 13, 2)
SKIP_WRITELINES = IS_PY313_BEFORE_313_2 or IS_PY_BEFORE_312_9

# In these, asyncio leaves TLS transports open whose peer never ends the connection.
NEEDS_CLEANUP_CLOSED = sys.version_info < (3, 12, 7) or (3, 13) <= sys.version_info < (3, 13, 1)
