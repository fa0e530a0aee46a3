"""The package as files: which modules there are, and who imports whom."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "aiohttp_fast"
FLOORS = {"_base": 0, "_wire": 1, "_stream": 2, "_client": 3, "_web": 3, "_testing": 4}
DOORS = 5  # the front door and the old names

# Enough of the grammar for the import lines of Cython, which no parser of the standard library reads.
CYTHON_IMPORT = re.compile(
    r"^(?P<indent>[ \t]*)from\s+(?P<from>[\w.]+)\s+c?import\s+(?P<names>\([^)]*\)|[^\n#]+)", re.M
)
NAME = re.compile(r"(\w+)(?:\s+as\s+\w+)?")


@dataclass
class Module:
    """One module: its dotted name, its file, and whom it imports."""

    name: str
    path: Path
    imports: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)  # inside a function

    @property
    def room(self) -> str:
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def floor(self) -> int:
        return FLOORS.get(self.room, DOORS)

    @property
    def is_compiled(self) -> bool:
        """Whether the build makes an extension module of it; a lone ``.pxd`` only declares."""
        return self.path.suffix == ".pyx" or (self.path.suffix == ".py" and self.path.with_suffix(".pxd").exists())


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _python_imports(path: Path) -> Iterator[tuple[str, list[str], bool]]:
    tree = ast.parse(path.read_text())
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), [alias.name for alias in node.names], id(node) in inside
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, [], id(node) in inside


def _cython_imports(path: Path) -> Iterator[tuple[str, list[str], bool]]:
    # What type checkers are told is imported as late as ``_base/later.py`` says, yet not inside of a function.
    text = path.read_text().replace("if TYPE_CHECKING:\n    ", "")
    for found in CYTHON_IMPORT.finditer(text):
        yield found["from"], NAME.findall(found["names"].strip("()")), bool(found["indent"])


def _targets(path: Path, source: str, names: list[str], known: set[str]) -> Iterator[str]:
    dots = len(source) - len(source.lstrip("."))
    rest = source.lstrip(".")
    if dots:
        folder = dotted(path.parent / "__init__.py").split(".")
        base = ".".join([*folder[: len(folder) - dots + 1], *([rest] if rest else [])])
    else:
        base = rest
    yield from (f"{base}.{name}" if f"{base}.{name}" in known else base for name in names or [""])


def load() -> dict[str, Module]:
    """Read every source of the package; a ``.pxd`` counts to the module it belongs to."""
    paths = [path for path in sorted(PACKAGE.rglob("*")) if path.suffix in (".py", ".pyx", ".pxd")]
    modules: dict[str, Module] = {}
    for path in paths:
        name = dotted(path)
        if name not in modules or path.suffix != ".pxd":
            modules[name] = Module(name, path)
    for path in paths:
        module = modules[dotted(path)]
        for source, names, late in _python_imports(path) if path.suffix == ".py" else _cython_imports(path):
            for target in _targets(path, source, names, set(modules)):
                if target in modules and target != module.name:
                    (module.late if late else module.imports).add(target)
    return modules


MODULES = load()
MODULES_PY = [module for module in MODULES.values() if module.path.suffix == ".py" and module.path.stem != "__main__"]
