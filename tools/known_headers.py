"""Make aiohttp_fast/_wire/csrc/known_headers.h: a perfect hash over the known and the common field names.

Run ``python tools/known_headers.py`` after changing KNOWN_NAMES or COMMON_NAMES in _wire/http/message.py;
``--check`` fails when the checked-in file is not what would be written.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "aiohttp_fast/_wire/http/message.py"
TARGET = ROOT / "aiohttp_fast/_wire/csrc/known_headers.h"
TABLE = 1024  # slots; a power of two


def names() -> list[str]:
    """Read KNOWN_NAMES and COMMON_NAMES without importing the package (it may not be built)."""
    found = {
        ast.unparse(node.targets[0]): node.value
        for node in ast.parse(SOURCE.read_text()).body
        if isinstance(node, ast.Assign)
    }
    return [name for table in ("KNOWN_NAMES", "COMMON_NAMES") for name in ast.literal_eval(found[table])]


def slot(name: str, factors: tuple[int, int, int]) -> int:
    """The hash; the C function below is the same."""
    low = [ord(c) | 0x20 for c in name]
    size = len(low)
    near_end = low[size - 2 if size > 1 else 0]
    return (size + low[0] * factors[0] + low[size // 2] * factors[1] + low[-1] * factors[2] + near_end * 3) % TABLE


def find_factors(known: list[str]) -> tuple[int, int, int]:
    """Search factors that give every name a slot of its own."""
    for first in range(1, 200):
        for middle in range(1, 200):
            for last in (1, 3, 5, 7, 11, 13, 17, 31, 37):
                factors = (first, middle, last)
                if len({slot(name, factors) for name in known}) == len(known):
                    return factors
    raise SystemExit("no perfect hash found: enlarge TABLE")


def render() -> str:
    """Return the header file's text."""
    known = names()
    factors = find_factors(known)
    slots = [0] * TABLE
    for index, name in enumerate(known, 1):
        slots[slot(name, factors)] = index
    rows = ["    " + ", ".join(map(str, slots[i : i + 32])) + "," for i in range(0, TABLE, 32)]
    words = max(map(len, known)) // 8 + 1
    entries = [f'    {{{len(name)}, "{name.lower()}"}},' for name in known]
    return "\n".join(
        (
            "/* Known field names by a perfect hash. Made by tools/known_headers.py; do not edit. */",
            "#ifndef AIOHTTP_FAST_KNOWN_HEADERS_H",
            "#define AIOHTTP_FAST_KNOWN_HEADERS_H",
            "",
            "#include <stddef.h>",
            "#include <stdint.h>",
            "#include <string.h>",
            "",
            f"#define KNOWN_COUNT {len(known)}",
            "",
            "typedef struct {",
            "    unsigned char size;",
            f"    char lower[{words * 8}]; /* zeros behind the name */",
            "} known_name_t;",
            "",
            "static const known_name_t known_names[KNOWN_COUNT] = {",
            *entries,
            "};",
            "",
            "/* Index + 1 into known_names, 0 for none. */",
            f"static const unsigned char known_slots[{TABLE}] = {{",
            *rows,
            "};",
            "",
            "/* Compare without regard to ASCII case; `lower` is in lower case. A token's byte differs by 0x20",
            "   alone from another's in letters, `^` and `~` (in no known name), or `@[\\]` (in no token). */",
            "static inline int same_name(const char *name, const char *lower, size_t size) {",
            "    for (size_t i = 0; i < size; i++) {",
            "        if (((unsigned char)name[i] | 0x20) != (unsigned char)lower[i]) {",
            "            return 0;",
            "        }",
            "    }",
            "    return 1;",
            "}",
            "",
            "/* The same, eight bytes at a time: field names of fifteen bytes are common. */",
            "static inline int same_known(const char *name, const char *lower, size_t size) {",
            "    const uint64_t fold = UINT64_C(0x2020202020202020);",
            "    uint64_t a, b;",
            "    size_t i;",
            "    if (size < 8) {",
            "        return same_name(name, lower, size);",
            "    }",
            "    for (i = 0; i + 8 < size; i += 8) {",
            "        memcpy(&a, name + i, 8);",
            "        memcpy(&b, lower + i, 8);",
            "        if ((a | fold) != b) {",
            "            return 0;",
            "        }",
            "    }",
            "    memcpy(&a, name + size - 8, 8); /* overlaps what was compared already */",
            "    memcpy(&b, lower + size - 8, 8);",
            "    return (a | fold) == b;",
            "}",
            "",
            "/* Index of a known name, or -1. `name` is a token of at least one byte. */",
            "static inline int find_known(const char *name, size_t size) {",
            f"    size_t hash = size + (size_t)((unsigned char)name[0] | 0x20) * {factors[0]}u",
            f"        + (size_t)((unsigned char)name[size / 2] | 0x20) * {factors[1]}u",
            f"        + (size_t)((unsigned char)name[size - 1] | 0x20) * {factors[2]}u",
            "        + (size_t)((unsigned char)name[size > 1 ? size - 2 : 0] | 0x20) * 3u;",
            f"    int index = known_slots[hash % {TABLE}u] - 1;",
            "    if (index < 0 || known_names[index].size != size) {",
            "        return -1;",
            "    }",
            "    return same_known(name, known_names[index].lower, size) ? index : -1;",
            "}",
            "",
            "#endif",
            "",
        )
    )


if __name__ == "__main__":
    text = render()
    if "--check" in sys.argv[1:]:
        sys.exit(
            0
            if TARGET.exists() and TARGET.read_text() == text
            else "known_headers.h is stale: run tools/known_headers.py"
        )
    TARGET.write_text(text)
