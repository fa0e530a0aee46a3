"""Multipart syntax: boundaries, the lines that hold them, and the fields of a part (RFC 2046 5.1, RFC 7578)."""

import re
from collections.abc import Mapping

from multidict import CIMultiDict, CIMultiDictProxy

from .._base import hdrs
from .._base.mime import parse_content_type
from .errors import InvalidHeader, LineTooLong, TooManyHeaders, shown

__all__ = ("MAX_BOUNDARY", "boundary_parameter", "check_boundary", "delimiter_of", "parse_head")

MAX_BOUNDARY = 70  # characters (RFC 2046 5.1.1)

# Possessive: a peer cannot make a match cost more than one pass.
_FIELDS = re.compile(rb"^([!#$%&'*+\-.^_`|~0-9A-Za-z]++):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)\r\n", re.MULTILINE)
_FIELD = re.compile(_FIELDS.pattern)
_FOLD = re.compile(rb"\r\n[ \t]+")
_TOKEN_CHARS = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NOT_IN_BOUNDARY = re.compile(r"[^\x20-\x7e]")


def delimiter_of(headers: Mapping[str, str]) -> bytes:
    """Return ``--boundary`` as the Content-Type among *headers* states it.

    Raises KeyError if there is none, ValueError unless it is ``multipart/*`` with a
    boundary of 1 to 70 characters without control characters.
    """
    field = headers[hdrs.CONTENT_TYPE]
    kind, parameters = parse_content_type(field)
    if not kind.startswith("multipart/"):
        raise ValueError(f"multipart/* content type expected, got {shown(field)}")
    boundary = parameters.get("boundary")
    if not boundary:
        raise ValueError(f"boundary missed for Content-Type: {shown(field)}")
    if len(boundary) > MAX_BOUNDARY:
        raise ValueError(f"boundary {shown(boundary)} is too long ({MAX_BOUNDARY} chars max)")
    if not boundary.isprintable():
        raise ValueError(f"boundary {boundary!r} has a forbidden character (RFC 2046 5.1.1)")
    return b"--" + boundary.encode("utf-8", "surrogateescape")


def check_boundary(boundary: str) -> bytes:
    """Return *boundary*, chosen for a body that is written, as bytes.

    Raises TypeError for what is not str, ValueError unless it has 1 to 70 printable
    ASCII characters of which the last is no blank (RFC 2046 5.1.1).
    """
    if not isinstance(boundary, str):
        raise TypeError(f"boundary must be str, not {type(boundary).__name__}")
    if not boundary.isascii():
        raise ValueError("boundary should contain ASCII only chars")
    if _NOT_IN_BOUNDARY.search(boundary) or boundary.endswith(" "):
        raise ValueError("boundary value contains invalid characters")
    if not 1 <= len(boundary) <= MAX_BOUNDARY:
        raise ValueError(f"boundary must have 1 to {MAX_BOUNDARY} characters, not {len(boundary)}")
    return boundary.encode("ascii")


def boundary_parameter(boundary: str) -> str:
    """Return *boundary* as the value of a parameter, quoted where that is necessary (RFC 9110 5.6.6)."""
    if _TOKEN_CHARS.fullmatch(boundary):
        return boundary
    return '"' + boundary.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_head(block: bytes, delimiter: bytes, max_field_size: int, max_headers: int) -> "CIMultiDictProxy[str]":
    r"""Return the fields of a part.

    *block* is what follows *delimiter*: blanks, CRLF, field lines, and the empty line.
    Continuation lines are joined by one blank (RFC 5322 2.2.3). Raises ValueError for
    anything but blanks behind the delimiter, and for a block without its end; InvalidHeader,
    LineTooLong for a field of more than *max_field_size* bytes, and TooManyHeaders.
    """
    at = block.find(b"\r\n")
    if at:
        _check_padding(block if at < 0 else block[:at], delimiter)
    if at < 0 or not block.endswith(b"\r\n\r\n"):
        raise ValueError("Reading after EOF: the body ends within the head of a part")
    start, end = at + 2, len(block) - 2
    if b"\r\n " in block or b"\r\n\t" in block:
        block = block[:start] + _FOLD.sub(b" ", block[start:])
        end = len(block) - 2
    found = _FIELDS.findall(block, start, end)
    if len(found) != block.count(b"\n", start, end):  # a bare LF counts, and is in no field
        raise InvalidHeader(_first_bad(block, start, end))
    if len(found) > max_headers:
        raise TooManyHeaders(
            f"Too many headers received: a part has more than the limit of {max_headers} (max_headers)", max_headers
        )
    if end - start > max_field_size:
        _check_sizes(found, max_field_size)
    pairs = [(name.decode("ascii"), value.rstrip(b" \t").decode("utf-8", "surrogateescape")) for name, value in found]
    return CIMultiDictProxy(CIMultiDict(pairs))


def _check_padding(line: bytes, delimiter: bytes) -> None:
    """Refuse junk between a delimiter and the end of its line; blanks may stand there."""
    if line.strip(b" \t\r"):
        raise ValueError(f"Invalid boundary {shown(delimiter + line)}, expected {delimiter!r}")


def _check_sizes(found: list[tuple[bytes, bytes]], limit: int) -> None:
    for name, value in found:
        if len(name) + len(value) > limit:
            raise LineTooLong(name + b": " + value, limit, what="header of a part", parameter="max_field_size")


def _first_bad(block: bytes, start: int, end: int) -> bytes:
    while start < end and (match := _FIELD.match(block, start, end)):
        start = match.end()
    line_end = block.find(b"\r\n", start, end)
    return block[start : line_end if line_end >= 0 else end]
