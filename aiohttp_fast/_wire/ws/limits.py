"""How large a WebSocket message may be unless somebody says otherwise."""

__all__ = ("DEFAULT_MAX_SIZE",)

DEFAULT_MAX_SIZE = 1 << 22  # bytes of a message
