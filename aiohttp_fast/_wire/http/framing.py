"""Outgoing chunked coding (RFC 9112 7.1); a body of known length needs no framing."""

from .head import Headers, serialize_head

__all__ = ("CHUNK_END", "LAST_CHUNK", "chunk", "chunk_head", "last_chunk")

CHUNK_END = b"\r\n"
LAST_CHUNK = b"0\r\n\r\n"

# Fields that decide about framing, routing or the body's reading come too late (RFC 9110 6.5.1).
_NEVER_TRAILERS = frozenset(
    (
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "host",
        "keep-alive",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)


def chunk_head(size: int) -> bytes:
    """Return the line before a chunk of *size* bytes, which ``CHUNK_END`` must follow.

    For large data that should not be copied. ValueError for a size below 1: the chunk
    of size 0 ends the body and is ``last_chunk``.
    """
    if size < 1:
        raise ValueError(f"A chunk has 1 byte or more, not {size} (RFC 9112 7.1)")
    return b"%x\r\n" % size


def chunk(data: bytes | bytearray | memoryview) -> bytes:
    """Return *data* as one chunk; nothing for no data, since an empty chunk would end the body."""
    size = data.nbytes if isinstance(data, memoryview) else len(data)
    return b"".join((b"%x\r\n" % size, data, CHUNK_END)) if size else b""


def last_chunk(trailers: Headers | None = None) -> bytes:
    """Return the end of the body, with *trailers* if there are any.

    ValueError for a field that must not be a trailer, and for what ``serialize_head`` refuses.
    """
    if not trailers:
        return LAST_CHUNK
    head = serialize_head("0", trailers)
    for line in head.split(b"\r\n")[1:-2]:
        name = line.partition(b":")[0].decode("ascii")
        if name.lower() in _NEVER_TRAILERS:
            raise ValueError(f"Header {name!r} must not be a trailer (RFC 9110 6.5.1)")
    return head
