"""WebSocket framing (RFC 6455): frames in, frames out, masking."""
