"""Write the list of files in ARCHITECTURE.md from each module's own first line; --check only compares."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- files: begin -->\n", "<!-- files: end -->\n"


def first_line(path: Path) -> str:
    """Return the first sentence of a file: its docstring's, or its opening comment's."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in (".c", ".h"):
        text = text[text.index("/*") :]
    return text.lstrip('"/*# \n').partition("\n")[0].rstrip('"*/ ')


def listing() -> str:
    """Return the list: a heading a folder, a line a file; a star where a .pxd has the file compiled."""
    lines = []
    package = ROOT / "aiohttp_fast"
    for folder in [
        package,
        *sorted(path for path in package.rglob("*") if path.is_dir() and path.name != "__pycache__"),
    ]:
        files = sorted(path for path in folder.iterdir() if path.suffix in (".py", ".pyx", ".pxi", ".h", ".c"))
        files = [path for path in files if path.name != "__init__.py"]
        door = folder / "__init__.py"
        if not files and folder != package:
            continue
        said = first_line(door) if door.exists() else "The project's own C."
        lines.append(f"\n**`{folder.relative_to(ROOT).as_posix()}/`** {said}\n\n")
        for path in files:
            star = "\\*" if path.suffix == ".py" and path.with_suffix(".pxd").exists() else ""
            lines.append(f"- `{path.name}`{star} {first_line(path)}\n")
    return "".join(lines)


def page() -> str:
    """Return the page as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + listing() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    wanted = page()
    if "--check" not in sys.argv:
        PAGE.write_text(wanted, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != wanted:
        sys.exit("ARCHITECTURE.md is not up to date: run python tools/architecture.py")
