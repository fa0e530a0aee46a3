"""Refresh and verify the vendored llhttp: ``python vendor/update.py [SOURCE]``.

SOURCE is a release archive of llhttp (``llhttp-release-v9.4.2.tar.gz``), a source archive that
carries the generated files in ``vendor/llhttp``, or a requirement such as ``aiohttp==3.14.5``,
whose source archive pip then downloads. Without SOURCE the files here are only verified.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

FOLDER = Path(__file__).parent / "llhttp"
FILES = ("LICENSE", "api.c", "http.c", "llhttp.c", "llhttp.h")
SUMS = "SHA256SUMS"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def version_of(header: str) -> str:
    """Read the version that a ``llhttp.h`` states."""
    numbers = [
        re.search(rf"^#define LLHTTP_VERSION_{part} (\d+)$", header, re.M) for part in ("MAJOR", "MINOR", "PATCH")
    ]
    return ".".join(number[1] for number in numbers if number)


def problems(folder: Path = FOLDER) -> list[str]:
    """Name every file that is missing, changed or too many, and a VERSION that is not the header's."""
    recorded = dict(reversed(line.split(maxsplit=1)) for line in (folder / SUMS).read_text().splitlines())
    found = {path.name for path in folder.iterdir()} - {SUMS, "VERSION"}
    wrong = [f"{name}: in {SUMS} but not here" for name in sorted(recorded.keys() - found)]
    wrong += [f"{name}: here but not in {SUMS}" for name in sorted(found - recorded.keys())]
    wrong += [f"{name}: changed" for name in sorted(found & recorded.keys()) if sha256(folder / name) != recorded[name]]
    stated, real = (folder / "VERSION").read_text().strip(), version_of((folder / "llhttp.h").read_text())
    return wrong if stated == real else [*wrong, f"VERSION says {stated}, llhttp.h {real}"]


def download(requirement: str, folder: str) -> Path:
    options = ["--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--dest", folder]
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", *options, requirement], check=True)
    return next(Path(folder).glob("*.tar.gz"))


def extract(archive: Path) -> dict[str, bytes]:
    """Read the generated files, and nothing else, out of *archive*."""
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as tar:
        names = [PurePosixPath(member.name) for member in tar if member.isfile()]
        inner = [name for name in names if name.parts[1:3] == ("vendor", "llhttp")]
        depth = 3 if inner else 1
        for name in inner or names:
            # A release holds src/*.c and include/; a checkout build/c, build/ and src/native.
            inside = name.parts[depth:]
            if inside[-1] in FILES and inside[:-1] in {
                (),
                ("src",),
                ("include",),
                ("build",),
                ("build", "c"),
                ("src", "native"),
            }:
                member = tar.extractfile(str(name))
                assert member is not None
                found[name.name] = member.read()
    missing = set(FILES) - found.keys()
    if missing:
        raise SystemExit(f"{archive.name} holds no {', '.join(sorted(missing))}")
    return found


def refresh(source: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = extract(Path(source) if Path(source).is_file() else download(source, folder))
    FOLDER.mkdir(exist_ok=True)
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
    (FOLDER / "VERSION").write_text(version_of(files["llhttp.h"].decode()) + "\n")
    (FOLDER / SUMS).write_text("".join(f"{sha256(FOLDER / name)}  {name}\n" for name in FILES))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", metavar="SOURCE")
    source = parser.parse_args().source
    if source:
        refresh(source)
    wrong = problems()
    print("\n".join(wrong) or f"llhttp {(FOLDER / 'VERSION').read_text().strip()}: {len(FILES)} files as recorded")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
