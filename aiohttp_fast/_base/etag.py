"""Entity tags (RFC 9110 8.8.3): what they are, and how they are found in a field."""

import re
from dataclasses import dataclass

from .attrs_fields import AttrsFields

__all__ = ("ETAG_ANY", "LIST_QUOTED_ETAG_RE", "QUOTED_ETAG_RE", "ETag", "validate_etag_value")

ETAG_ANY = "*"

_ETAGC = r"[!\x23-\x7e\x80-\xff]+"  # etagc of RFC 9110 8.8.3; an empty tag is of no use
# Weak mark and value.
QUOTED_ETAG_RE = re.compile(rf'(W/)?"({_ETAGC})"')
# The tag as it stands, its weak mark, its value; or a character that belongs to no list of tags.
LIST_QUOTED_ETAG_RE = re.compile(rf'((W/)?"({_ETAGC})")(?:\s*,\s*|$)|(.)')


@dataclass(frozen=True, slots=True, order=True)
class ETag:
    """An entity tag: its value without quotes, and whether it is a weak one."""

    __attrs_attrs__ = AttrsFields()

    value: str
    is_weak: bool = False


def validate_etag_value(value: str) -> None:
    """Raise ValueError unless *value* is ``*`` or can stand between the quotes of an entity tag."""
    if value != ETAG_ANY and not re.fullmatch(_ETAGC, value):
        raise ValueError(f"Value {value!r} is not a valid etag. Maybe it contains '\"'?")
