"""Messages onto a connection; their room is ``_stream.writer``."""

from ._base.platform import IS_PY313_BEFORE_313_2, IS_PY_BEFORE_312_9, SKIP_WRITELINES
from ._base.types import Buffer
from ._stream.writer import MIN_PAYLOAD_FOR_WRITELINES, StreamWriter
from ._wire.http.message import HttpVersion, HttpVersion10, HttpVersion11

__all__ = (
    "IS_PY313_BEFORE_313_2",
    "IS_PY_BEFORE_312_9",
    "MIN_PAYLOAD_FOR_WRITELINES",
    "SKIP_WRITELINES",
    "Buffer",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "StreamWriter",
)
