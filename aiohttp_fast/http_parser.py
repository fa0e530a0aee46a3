"""Parsers; their rooms are ``_stream.message_parser`` and what it stands on."""

from ._stream.field_parser import SINGLETON_HEADERS, HeadersParser
from ._stream.message_parser import (
    ASCIISET,
    DIGITS,
    HEXDIGITS,
    TOKENRE,
    VERSRE,
    HttpParser,
    HttpRequestParser,
    HttpRequestParserPy,
    HttpResponseParser,
    HttpResponseParserPy,
)
from ._stream.message_parser import HttpRequestParser as HttpRequestParserC
from ._stream.message_parser import HttpResponseParser as HttpResponseParserC
from ._stream.payload_parser import ChunkState, DeflateBuffer, HttpPayloadParser, ParseState, PayloadState
from ._stream.raw_message import RawRequestMessage, RawResponseMessage
from ._stream.raw_message import RawRequestMessage as RawRequestMessageC
from ._stream.raw_message import RawRequestMessage as RawRequestMessagePy
from ._stream.raw_message import RawResponseMessage as RawResponseMessageC
from ._stream.raw_message import RawResponseMessage as RawResponseMessagePy

__all__ = (
    "ASCIISET",
    "DIGITS",
    "HEXDIGITS",
    "SINGLETON_HEADERS",
    "TOKENRE",
    "VERSRE",
    "ChunkState",
    "DeflateBuffer",
    "HeadersParser",
    "HttpParser",
    "HttpPayloadParser",
    "HttpRequestParser",
    "HttpRequestParserC",
    "HttpRequestParserPy",
    "HttpResponseParser",
    "HttpResponseParserC",
    "HttpResponseParserPy",
    "ParseState",
    "PayloadState",
    "RawRequestMessage",
    "RawRequestMessageC",
    "RawRequestMessagePy",
    "RawResponseMessage",
    "RawResponseMessageC",
    "RawResponseMessagePy",
)
