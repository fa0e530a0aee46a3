"""What client and server connections have in common; its room is ``_stream.protocol``."""

from ._stream.protocol import PAUSE_RESUME_READING_ERRORS, BaseProtocol

__all__ = (
    "PAUSE_RESUME_READING_ERRORS",
    "BaseProtocol",
)
