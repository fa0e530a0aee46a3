"""HTTP's messages; their rooms are ``_wire.http`` and ``_stream``."""

from ._base.version import SERVER_SOFTWARE
from ._stream.field_parser import HeadersParser
from ._stream.message_parser import HttpParser, HttpRequestParser, HttpResponseParser
from ._stream.raw_message import RawRequestMessage, RawResponseMessage
from ._stream.writer import StreamWriter
from ._wire.errors import HttpProcessingError
from ._wire.http.message import HttpVersion, HttpVersion10, HttpVersion11
from ._wire.http.status import RESPONSES

__all__ = (
    "RESPONSES",
    "SERVER_SOFTWARE",
    "HeadersParser",
    "HttpParser",
    "HttpProcessingError",
    "HttpRequestParser",
    "HttpResponseParser",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "RawRequestMessage",
    "RawResponseMessage",
    "StreamWriter",
)
