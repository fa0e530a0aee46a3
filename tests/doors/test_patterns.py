"""Regular expressions that every CPython this package runs on understands alike."""

import importlib
import re
from re import _constants, _parser
from typing import Any

from tests.doors.tree import MODULES

_ONE_CHARACTER = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.IN, _constants.ANY)


def _possessive_groups(pattern: Any) -> int:
    found = 0
    for op, given in pattern:
        if op is _constants.ATOMIC_GROUP:
            found += 1
        elif op is _constants.POSSESSIVE_REPEAT:
            found += len(given[2]) > 1 or given[2][0][0] not in _ONE_CHARACTER
        for part in given if isinstance(given, (tuple, list)) else (given,):
            for inner in part if isinstance(part, list) else (part,):
                if isinstance(inner, _parser.SubPattern):
                    found += _possessive_groups(inner)
    return found


def test_the_count_counts():
    for text, count in ((r"a*+", 0), (r"(?:a|b)*+", 0), (r"x(?:ab|c)*+", 1), (r"(?:(a\b)?+|y)", 1), (r"(?>ab)", 1)):
        assert _possessive_groups(_parser.parse(text)) == count, text


def test_no_group_is_possessive():
    """CPython 3.11.2 does not step back where the last round of one fails half way."""
    found = [
        f"{name}.{attribute}"
        for name, module in MODULES.items()
        if module.path.suffix == ".py"
        for attribute, value in vars(importlib.import_module(name)).items()
        if isinstance(value, re.Pattern) and _possessive_groups(_parser.parse(value.pattern, value.flags & ~re.UNICODE))
    ]
    assert not found
