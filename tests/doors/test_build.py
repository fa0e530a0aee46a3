"""Packages as users get them, built in every way; the slowest tests there are."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.doors.tree import MODULES, ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the ways of hiding a compiler are those of POSIX"),
]

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "__pycache__", "*.so", "*.egg-info", ".hypothesis", ".*_cache", "wheelhouse"
)
COMPILED_MODULES = {module.name for module in MODULES.values() if module.is_compiled}


def build(*command: str, cwd: Path, **env: str) -> str:
    """Run one build with pip's own words visible; return all that it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AIOHTTP_")}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env=clean | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def pip_wheel(source: Path, to: Path, *options: str, **env: str) -> tuple[Path, str]:
    said = build("pip", "wheel", "-v", "--no-deps", *options, "-w", str(to), str(source), cwd=to.parent, **env)
    (wheel,) = to.glob("*.whl")
    return wheel, said


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the sources as a clean clone has them."""
    return Path(shutil.copytree(ROOT, tmp_path / "checkout", ignore=LEFT_OUT))


@pytest.fixture
def two_modules(checkout: Path) -> Path:
    """A copy in which only two extension modules are left: enough where one of them is to fail."""
    for path in (checkout / "aiohttp_fast").rglob("*.p[xy][dx]"):
        if path.stem not in ("head_c", "mask_c"):
            path.unlink()
    return checkout


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    checkout = shutil.copytree(ROOT, folder / "checkout", ignore=LEFT_OUT)
    build("build", "--sdist", "--no-isolation", "--outdir", str(folder), cwd=checkout)
    (archive,) = folder.glob("*.tar.gz")
    return archive


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def modules_in(names: set[str], suffix: str) -> set[str]:
    return {name.removesuffix(suffix).replace("/", ".") for name in names if name.endswith(suffix)}


def check_what_every_wheel_holds(names: set[str]) -> None:
    assert "aiohttp_fast/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert any(name.endswith(".dist-info/licenses/vendor/llhttp/LICENSE") for name in names)
    strangers = {name for name in names if not name.startswith("aiohttp_fast/") and ".dist-info/" not in name}
    assert not strangers
    sources = {name for name in names if name.endswith((".c", ".h", ".pyx", ".pxd", ".html"))}
    assert not sources
    pure = {module.name for module in MODULES.values() if module.path.suffix == ".py"}
    found = {name.removesuffix(".__init__") for name in modules_in(names, ".py")}
    assert found == pure


def test_the_sdist_builds_a_complete_wheel_in_isolation(sdist: Path, tmp_path: Path):
    with tarfile.open(sdist) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    for needed in ("setup.py", "vendor/llhttp/llhttp.c", "vendor/llhttp/SHA256SUMS", "tests/conftest.py", "Makefile"):
        assert needed in files
    generated = {name for name in files if name.startswith("build/") or name.endswith((".so", ".pyc"))}
    assert not generated
    tracked = {
        p.relative_to(ROOT).as_posix() for s in ("*.pyx", "*.pxd", "*.h") for p in (ROOT / "aiohttp_fast").rglob(s)
    }
    assert tracked <= files

    wheel, _ = pip_wheel(sdist, tmp_path / "wheel", AIOHTTP_FAST_BUILD="force")
    names = names_in(wheel)
    check_what_every_wheel_holds(names)
    assert modules_in(names, sysconfig.get_config_var("EXT_SUFFIX")) == COMPILED_MODULES


def test_a_pure_package_is_built_when_asked(checkout: Path, tmp_path: Path):
    wheel, said = pip_wheel(checkout, tmp_path / "wheel", AIOHTTP_FAST_PURE="1")
    assert "PURE PYTHON package, as asked" in said
    assert wheel.name.endswith("-py3-none-any.whl")
    check_what_every_wheel_holds(names_in(wheel))


def test_no_compiler_gives_the_pure_package_and_says_so(two_modules: Path, tmp_path: Path):
    wheel, said = pip_wheel(two_modules, tmp_path / "wheel", "--no-build-isolation", CC="/nonexistent/cc")
    assert "PURE PYTHON package, because the compiled core was not built" in said
    assert wheel.name.endswith("-py3-none-any.whl")
    check_what_every_wheel_holds(names_in(wheel))


def test_no_cython_gives_the_pure_package_and_says_so(checkout: Path, tmp_path: Path):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "Cython.py").write_text("raise ImportError('hidden by the test')\n")
    hidden = str(tmp_path / "hidden")
    wheel, said = pip_wheel(checkout, tmp_path / "wheel", "--no-build-isolation", PYTHONPATH=hidden)
    assert "Cython is not installed" in said
    assert wheel.name.endswith("-py3-none-any.whl")


def test_one_module_that_fails_drops_them_all(two_modules: Path, tmp_path: Path):
    source = two_modules / "aiohttp_fast" / "_wire" / "csrc" / "mask.c"
    source.write_text("#error broken by the test\n" + source.read_text())
    wheel, said = pip_wheel(two_modules, tmp_path / "wheel", "--no-build-isolation")
    assert "PURE PYTHON package, because the compiled core was not built" in said
    check_what_every_wheel_holds(names := names_in(wheel))
    assert not [name for name in names if name.endswith(".so")]


def test_force_makes_it_an_error(two_modules: Path, tmp_path: Path):
    with pytest.raises(AssertionError, match="mask"):
        (two_modules / "aiohttp_fast" / "_wire" / "csrc" / "mask.c").write_text("#error broken by the test\n")
        pip_wheel(two_modules, tmp_path / "wheel", "--no-build-isolation", AIOHTTP_FAST_BUILD="force")
