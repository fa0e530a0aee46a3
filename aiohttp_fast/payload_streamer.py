"""The decorator ``streamer``; its room is ``_stream.streamer``."""

from ._stream.streamer import StreamPayload, StreamWrapperPayload, streamer

__all__ = (
    "StreamPayload",
    "StreamWrapperPayload",
    "streamer",
)
