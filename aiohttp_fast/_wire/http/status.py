"""Status codes: their names (RFC 9110 15), and which responses have no body (RFC 9112 6.3)."""

from functools import lru_cache
from http import HTTPStatus

__all__ = (
    "EMPTY_BODY_METHODS",
    "EMPTY_BODY_STATUS_CODES",
    "RESPONSES",
    "must_be_empty_body",
    "should_remove_content_length",
)

RESPONSES: dict[int, tuple[str, str]] = {status: (status.phrase, status.description) for status in HTTPStatus}

EMPTY_BODY_STATUS_CODES = frozenset((204, 304, *range(100, 200)))
EMPTY_BODY_METHODS = frozenset(("HEAD",))


@lru_cache(maxsize=256)
def must_be_empty_body(method: str, code: int) -> bool:
    """True if the response of status *code* to *method* has no body, whatever its fields say."""
    return method in EMPTY_BODY_METHODS or should_remove_content_length(method, code)


def should_remove_content_length(method: str, code: int) -> bool:
    """True if such a response must not have Content-Length either, or need not; one to HEAD may (RFC 9110 8.6)."""
    return code in EMPTY_BODY_STATUS_CODES or (method == "CONNECT" and 200 <= code < 300)
