"""HeadersParser: the fields of a head, or of a part, from lines without their ends."""

from collections.abc import Iterable, Sequence

from multidict import CIMultiDict, CIMultiDictProxy

from .._base.types import RawHeaders
from .._wire.errors import BadHttpMessage
from .._wire.http.chunked_py import read_fields
from .._wire.http.limits import Limits
from .._wire.http.refusals import check_fields

__all__ = ("SINGLETON_HEADERS", "HeadersParser")

# Fields that a recipient may understand in two ways if they come twice.
SINGLETON_HEADERS = frozenset(
    (
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "etag",
        "host",
        "max-forwards",
        "server",
        "transfer-encoding",
        "user-agent",
    )
)


class HeadersParser:
    """Reads fields by the rules of the wire's parsers; the sizes are limits in bytes, *max_headers* in fields.

    With *lax*, as for responses, values may be folded and hold control characters, and a
    field of ``SINGLETON_HEADERS`` may come twice.
    """

    def __init__(
        self, max_line_size: int = 8190, max_headers: int = 32768, max_field_size: int = 8190, lax: bool = False
    ) -> None:
        self.max_line_size = max_line_size
        self.max_headers = max_headers
        self.max_field_size = max_field_size
        self._lax = lax

    def parse_headers(self, lines: Sequence[bytes]) -> "tuple[CIMultiDictProxy[str], RawHeaders]":
        """Return the fields in *lines*, up to the first empty one; decoded, and as they came.

        Raises ``InvalidHeader``, ``LineTooLong``, ``TooManyHeaders``, or ``BadHttpMessage`` for a repeated field.
        """
        data = b"".join(line + b"\r\n" for line in _until_empty(lines))
        limits = Limits(self.max_line_size, self.max_field_size, self.max_headers)
        check_fields(data + b"\r\n", limits, self._lax)
        raw = read_fields(data)
        headers = CIMultiDict((name.decode("ascii"), value.decode("utf-8", "surrogateescape")) for name, value in raw)
        if not self._lax:
            _refuse_repeated(raw)
        return CIMultiDictProxy(headers), raw


def _until_empty(lines: Sequence[bytes]) -> Iterable[bytes]:
    for line in lines:
        if not line:
            return
        yield line


def _refuse_repeated(raw: RawHeaders) -> None:
    seen: set[str] = set()
    for field, _ in raw:
        name = field.decode("ascii")
        lowered = name.lower()
        if lowered in seen and lowered in SINGLETON_HEADERS:
            raise BadHttpMessage(f"Duplicate {name!r} header found.")
        seen.add(lowered)
