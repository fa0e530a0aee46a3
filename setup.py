"""The extension modules of aiohttp_fast, and nothing else; the metadata is in pyproject.toml.

AIOHTTP_FAST_PURE=1         the pure package, without extension modules
AIOHTTP_FAST_BUILD=auto     the compiled core; the pure package where it cannot be built (default)
                  =pure     as AIOHTTP_FAST_PURE=1
                  =force    the compiled core, or an error
                  =trace    as force, with line tracing, for coverage of Cython code
                  =sanitize as force, with the address and undefined-behaviour sanitizers
AIOHTTP_FAST_ONLY="_wire.http.parser_c ..."   only these modules, in place; for development
"""

import os
import platform
import shutil
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

try:
    from Cython.Build import cythonize
    from Cython.Compiler.Version import version as cython_version
except ImportError:
    cythonize = None

MODES = ("auto", "pure", "force", "trace", "sanitize")
PACKAGE = Path("aiohttp_fast")
INCLUDE = ["vendor/llhttp", "aiohttp_fast/_wire/csrc"]
LLHTTP = ["vendor/llhttp/llhttp.c", "vendor/llhttp/api.c", "vendor/llhttp/http.c"]
# What a wrapper links besides its own source. Every .pyx, and every .py with a .pxd beside it, is a module.
C_SOURCES = {
    "_wire.http.parser_c": LLHTTP,
    "_wire.http.head_c": ["aiohttp_fast/_wire/csrc/head.c"],
    "_wire.ws.mask_c": ["aiohttp_fast/_wire/csrc/mask.c"],
}
# Annotations never type: C types stand in the .pxd alone, so both speeds take the same objects.
# iterable_coroutine: "yield from" in what types.coroutine marks takes them, as it takes the pure core's.
# nonecheck: a typed field that is still None raises, as in the pure core, where somebody makes half an object.
DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,
    "freethreading_compatible": True,
    "iterable_coroutine": True,
    "nonecheck": True,
}
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"]
# -g0: Debian's and others' Python compile with -g, which makes modules five times as large.
RELEASE = ["-O3", "-g0"]
# -UNDEBUG: with the assertions in the interpreter's headers, which notice objects of the wrong type and bad indices.
GCC_FLAGS = {"sanitize": ["-O1", "-g", "-UNDEBUG", *SANITIZE], "trace": ["-O1"]}


def is_set(name):
    return os.environ.get(name, "") not in ("", "0")


def mode_asked():
    asked = os.environ.get("AIOHTTP_FAST_BUILD") or "auto"
    if asked not in MODES:
        raise SystemExit(f"AIOHTTP_FAST_BUILD must be one of {', '.join(MODES)}, not {asked!r}")
    if is_set("AIOHTTP_FAST_PURE"):
        asked = "pure"
    if asked == "auto" and platform.python_implementation() != "CPython":
        return "pure"
    return asked


MODE = mode_asked()
ONLY = os.environ.get("AIOHTTP_FAST_ONLY", "").split()
WORK = Path("build", MODE if MODE in ("trace", "sanitize") else "plain")


def say(text):
    print(f"\n{'*' * 78}\n* aiohttp-fast: {text}\n{'*' * 78}\n", file=sys.stderr, flush=True)


def sources():
    """Yield the dotted name below the package and the source of each extension module."""
    hot = [path.with_suffix(".py") for path in PACKAGE.rglob("*.pxd")]
    for path in sorted([*PACKAGE.rglob("*.pyx"), *filter(Path.exists, hot)]):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if not ONLY or name in ONLY:
            yield name, path.as_posix()


def extension(name, source):
    flags = ["/O2"] if sys.platform == "win32" else GCC_FLAGS.get(MODE, RELEASE)
    return Extension(
        f"{PACKAGE.name}.{name}",
        [source, *C_SOURCES.get(name, ())],
        include_dirs=INCLUDE,
        # This file too: it holds the flags.
        depends=["setup.py", *(str(header) for folder in INCLUDE for header in sorted(Path(folder).glob("*.h")))],
        define_macros=[("CYTHON_TRACE_NOGIL", "1")] if MODE == "trace" else [],
        extra_compile_args=flags,
        extra_link_args=SANITIZE if MODE == "sanitize" else [],
    )


class BuildCore(build_ext):
    """Run Cython and the compiler over the whole set: all of it is built, or none."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()
        if self.inplace:
            # Apart from what a wheel is made of, so that the next build in place finds its work done.
            self.build_lib = str(WORK / f"lib-{sys.implementation.cache_tag}")
            self.build_temp = str(WORK / f"temp-{sys.implementation.cache_tag}")

    def run(self):
        asked = list(self.extensions or ())
        try:
            if asked:
                self.run_cython(asked)
            super().run()
        # Cython and the compilers raise whatever they like; SystemExit is one of them.
        except (Exception, SystemExit) as error:
            if MODE != "auto" or ONLY:
                raise
            self.drop(asked)
            say(f"PURE PYTHON package, because the compiled core was not built:\n*   {error or repr(error)}")
            return
        if self.inplace and not ONLY:
            self.remove_built(keep={Path(self.get_ext_filename(ext.name)) for ext in asked})

    def run_cython(self, extensions):
        if cythonize is None:
            raise RuntimeError("Cython is not installed")
        directives = DIRECTIVES | {"linetrace": MODE == "trace"}
        # Cython compares the ages of sources alone; what else decides its output is noted beside it.
        decided_by, noted = f"Cython {cython_version}, {directives}\n", WORK / "cython" / "decided_by.txt"
        translated = cythonize(
            extensions,
            build_dir=str(WORK / "cython"),
            compiler_directives=directives,
            force=not noted.exists() or noted.read_text() != decided_by,
            # Worker processes start this file again where they cannot be forked.
            nthreads=self.parallel if sys.platform == "linux" else 0,
        )
        if not ONLY:
            noted.write_text(decided_by)
        # The objects that cythonize gives back lack what setuptools has noted in ours.
        generated = {ext.name: ext.sources for ext in translated}
        for ext in extensions:
            ext.sources = generated[ext.name]

    def drop(self, extensions):
        """Take back what was built before one of the set failed, and make what follows a pure package."""
        for ext in extensions:
            Path(self.build_lib, self.get_ext_filename(ext.name)).unlink(missing_ok=True)
        if self.inplace:
            self.remove_built(keep=())
        self.extensions = []
        self.distribution.ext_modules = []
        wheel = self.distribution.command_obj.get("bdist_wheel")
        if wheel is not None:
            wheel.root_is_pure = True

    def remove_built(self, keep):
        """Remove this interpreter's extension modules from the source tree: a stale one would win over its source."""
        suffix = self.get_ext_filename("x")[1:]
        for path in PACKAGE.rglob(f"*{suffix}"):
            if path not in keep:
                path.unlink()


class Wheel(bdist_wheel):
    """Start from an empty folder, so that nothing of an earlier build gets into the wheel."""

    def run(self):
        shutil.rmtree(self.get_finalized_command("build").build_lib, ignore_errors=True)
        super().run()


if MODE == "pure":
    say("PURE PYTHON package, as asked")
setup(
    ext_modules=[] if MODE == "pure" else [extension(*found) for found in sources()],
    cmdclass={"build_ext": BuildCore, "bdist_wheel": Wheel},
)
