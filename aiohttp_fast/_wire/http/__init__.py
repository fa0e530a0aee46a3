"""HTTP/1.1 message syntax (RFC 9112): parsing, serialising and framing."""
