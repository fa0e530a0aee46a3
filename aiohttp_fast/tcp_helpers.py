"""Socket options; their room is ``_stream.tcp``."""

from ._stream.tcp import tcp_keepalive, tcp_nodelay

__all__ = (
    "tcp_keepalive",
    "tcp_nodelay",
)
