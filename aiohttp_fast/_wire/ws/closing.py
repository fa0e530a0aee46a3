"""The body of a Close frame: which codes may travel, and the reason beside them (RFC 6455 5.5.1, 7.4)."""

from .models import WebSocketError, WSCloseCode

__all__ = ("NO_STATUS", "close_body", "parse_close")

NO_STATUS = 1005  # stands for a Close frame without a code, and is never sent (RFC 6455 7.1.5)

_MAX_REASON = 123  # bytes: a control frame has 125, two of them are the code
# 1004, 1005, 1006 and 1015 are reserved; below 3000 only what is registered has a meaning (RFC 6455 7.4.2).
_REGISTERED = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))


def _may_travel(code: int) -> bool:
    return code in _REGISTERED or 3000 <= code <= 4999


def close_body(code: int, reason: bytes | str = b"") -> bytes:
    """Return the body of a Close frame; none for code 0.

    ``ValueError`` for a code that must not be sent, or a reason of more than 123 bytes
    of UTF-8.
    """
    if isinstance(reason, str):
        reason = reason.encode()
    if not code and not reason:
        return b""
    if not _may_travel(code):
        raise ValueError(f"{int(code)} is no close code that may be sent (RFC 6455 7.4)")
    if len(reason) > _MAX_REASON:
        raise ValueError(f"the reason of a close must have at most {_MAX_REASON} bytes, not {len(reason)}")
    return int(code).to_bytes(2, "big") + reason


def parse_close(body: bytes) -> tuple[int, str]:
    """Return code and reason of a Close frame, 0 where it has no code; raise ``WebSocketError`` for a bad one."""
    if not body:
        return 0, ""
    if len(body) < 2:
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, "Close frame with half a close code")
    code = int.from_bytes(body[:2], "big")
    if not _may_travel(code):
        raise WebSocketError(WSCloseCode.PROTOCOL_ERROR, f"Close frame with the invalid close code {code}")
    try:
        return code, body[2:].decode()
    except UnicodeDecodeError as exc:
        raise WebSocketError(WSCloseCode.INVALID_TEXT, "Close frame whose reason is not UTF-8") from exc
