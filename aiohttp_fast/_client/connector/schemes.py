"""The schemes of URLs that connectors make connections for; the empty one is that of a relative URL."""

__all__ = (
    "EMPTY_SCHEMA_SET",
    "HIGH_LEVEL_SCHEMA_SET",
    "HTTP_AND_EMPTY_SCHEMA_SET",
    "HTTP_SCHEMA_SET",
    "WS_SCHEMA_SET",
)

EMPTY_SCHEMA_SET = frozenset({""})
HTTP_SCHEMA_SET = frozenset({"http", "https"})
WS_SCHEMA_SET = frozenset({"ws", "wss"})
HTTP_AND_EMPTY_SCHEMA_SET = HTTP_SCHEMA_SET | EMPTY_SCHEMA_SET
HIGH_LEVEL_SCHEMA_SET = HTTP_AND_EMPTY_SCHEMA_SET | WS_SCHEMA_SET
