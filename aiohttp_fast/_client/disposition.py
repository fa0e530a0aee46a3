"""What a response's Content-Disposition field says (RFC 6266), as its user sees it."""

from dataclasses import dataclass
from types import MappingProxyType

from .._base.attrs_fields import AttrsFields
from .._base.disposition import content_disposition_filename, parse_content_disposition

__all__ = ("ContentDisposition", "disposition_of")


@dataclass(frozen=True, slots=True)
class ContentDisposition:
    """A Content-Disposition field (RFC 6266): its type, its parameters, and the file name they give."""

    __attrs_attrs__ = AttrsFields()

    type: str | None
    parameters: "MappingProxyType[str, str]"
    filename: str | None


def disposition_of(field: str) -> ContentDisposition:
    """Return the parts of *field*; those that cannot be understood are left out, with a warning."""
    kind, parameters = parse_content_disposition(field)
    return ContentDisposition(kind, MappingProxyType(parameters), content_disposition_filename(parameters))
