"""The sets of characters that HTTP's grammar is made of, and quoted strings (RFC 9110 5.6)."""

import re

__all__ = ("CHAR", "CTL", "QCONTENT", "SEPARATORS", "TOKEN", "not_qtext_re", "quoted_string")

CHAR = {chr(code) for code in range(128)}
CTL = {chr(code) for code in range(32)} | {"\x7f"}
SEPARATORS = set('()<>@,;:\\"/[]?={} \t')
TOKEN = (CHAR - CTL - SEPARATORS) | {"\t"}  # with the tab, as aiohttp has it
QCONTENT = (CHAR - CTL) | {"\t"}
not_qtext_re = re.compile(r"[^!#-\[\]-~]")


def quoted_string(content: str) -> str:
    """Return *content* with a backslash before each character that needs one between quotes.

    Raises ValueError for what no quoted string can hold: control characters, and all
    that is not ASCII.
    """
    if not QCONTENT.issuperset(content):
        raise ValueError(f"bad content for quoted-string {content!r}")
    return not_qtext_re.sub(r"\\\g<0>", content)
