"""Build floor.c with the vendored llhttp, and load it."""

import ctypes
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LLHTTP = ROOT / "vendor" / "llhttp"
SOURCES = [Path(__file__).with_name("floor.c"), *(LLHTTP / name for name in ("llhttp.c", "api.c", "http.c"))]
TARGET = ROOT / "build" / "bench" / "floor.so"


@cache
def load() -> ctypes.CDLL:
    """Return the library, built if it is older than its sources; OSError without a compiler."""
    if not TARGET.exists() or TARGET.stat().st_mtime < max(source.stat().st_mtime for source in SOURCES):
        compiler = shutil.which(os.environ.get("CC", "cc"))
        if compiler is None:
            raise OSError("no C compiler: the floor in C is left out")
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        fresh = TARGET.with_suffix(f".{os.getpid()}")
        command = [compiler, "-O3", "-fPIC", "-shared", f"-I{LLHTTP}", *map(str, SOURCES), "-o", str(fresh)]
        subprocess.run(command, check=True)
        fresh.replace(TARGET)
    library = ctypes.CDLL(str(TARGET))
    library.parse.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_long)
    library.mask.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_long)
    library.mask.restype = None
    return library
