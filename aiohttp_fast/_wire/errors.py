"""What a peer can get wrong on the wire; the rooms above translate these once.

HttpProcessingError
└── BadHttpMessage (400)
    ├── HttpBadRequest
    ├── BadStatusLine
    │   └── BadHttpMethod
    ├── InvalidHeader
    ├── InvalidURLError
    ├── LineTooLong                 a limit on bytes was passed
    ├── TooManyHeaders              the limit on the number of fields was passed
    ├── TooManyInterimResponses     the limit on 1xx answers was passed
    └── PayloadEncodingError        the head was fine, the body is not
        ├── ContentEncodingError
        │   └── DecompressSizeError is its sibling, see below
        ├── DecompressSizeError
        ├── TransferEncodingError
        └── ContentLengthError
"""

from multidict import CIMultiDict

__all__ = (
    "BadHttpMessage",
    "BadHttpMethod",
    "BadStatusLine",
    "ContentEncodingError",
    "ContentLengthError",
    "DecompressSizeError",
    "HttpBadRequest",
    "HttpProcessingError",
    "InvalidHeader",
    "InvalidURLError",
    "LineTooLong",
    "PayloadEncodingError",
    "TooManyHeaders",
    "TooManyInterimResponses",
    "TransferEncodingError",
)

_SHOWN = 100  # offending bytes quoted in a message; the rest is cut


def shown(data: bytes | str) -> str:
    """Return *data* as ``repr``, cut so that a message stays readable."""
    return repr(data) if len(data) <= _SHOWN else f"{data[:_SHOWN]!r}..."


def _offence(data: bytes | str) -> str:
    """Name the last byte of what a parser quotes, which is the first offending one; text is quoted by others."""
    return f" (its last byte, {data[-1:]!r}, is not allowed there)" if data and isinstance(data, bytes) else ""


class HttpProcessingError(Exception):
    """Base of all wire errors; *code* is the status a server answers with."""

    code = 0
    message = ""
    headers: CIMultiDict[str] | None = None

    def __init__(self, *, code: int | None = None, message: str = "", headers: CIMultiDict[str] | None = None) -> None:
        if code is not None:
            self.code = code
        self.headers = headers
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}, message={self.message!r}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class BadHttpMessage(HttpProcessingError):
    """The peer sent something that is not a valid HTTP/1.1 message (RFC 9112)."""

    code = 400
    message = "Bad Request"

    def __init__(self, message: str, *, headers: CIMultiDict[str] | None = None) -> None:
        super().__init__(message=message, headers=headers)
        self.args = (message,)


class HttpBadRequest(BadHttpMessage):
    """The request is malformed as a whole."""


class PayloadEncodingError(BadHttpMessage):
    """The message body cannot be decoded; the head was already delivered."""


class ContentEncodingError(PayloadEncodingError):
    """The body does not match its ``Content-Encoding`` (RFC 9110 8.4)."""


class DecompressSizeError(PayloadEncodingError):
    """The decoded body grew past the limit it was given."""


class TransferEncodingError(PayloadEncodingError):
    """The chunked coding is malformed or ended early (RFC 9112 7.1)."""


class ContentLengthError(PayloadEncodingError):
    """Fewer bytes arrived than ``Content-Length`` promised (RFC 9112 6.3)."""


class LineTooLong(BadHttpMessage):
    """A start line, field, or chunk-size line is longer than its limit in bytes.

    The message names the limit and the parameter that raises it.
    """

    def __init__(
        self,
        line: str | bytes,
        limit: str | int = "Unknown",
        actual_size: str = "Unknown",
        what: str = "",
        parameter: str = "",
    ) -> None:
        hint = f"; the limit is the parameter {parameter}" if parameter else ""
        begin = f": {shown(line)}" if line else ""
        super().__init__(f"Got more than {limit} bytes when reading{what and ' the ' + what}{begin}{hint}")
        self.args = (line, limit, actual_size, what, parameter)
        self.limit = limit
        self.parameter = parameter


class TooManyHeaders(BadHttpMessage):
    """More fields than *limit*, headers and trailers counted together."""

    def __init__(self, message: str, limit: int | None = None) -> None:
        super().__init__(message)
        self.args = (message, limit)
        self.limit = limit


class TooManyInterimResponses(BadHttpMessage):
    """More 1xx answers than the limit came before the final response (RFC 9110 15.2)."""


class InvalidHeader(BadHttpMessage):
    """A header field has a malformed name or value (RFC 9110 5)."""

    def __init__(self, hdr: bytes | str) -> None:
        text = hdr.decode("utf-8", "backslashreplace") if isinstance(hdr, bytes) else hdr
        super().__init__(f"Invalid HTTP header: {shown(text)}{_offence(hdr)}")
        self.hdr = hdr
        self.args = (hdr,)


class BadStatusLine(BadHttpMessage):
    """The start line is malformed (RFC 9112 3 and 4)."""

    def __init__(self, line: str | bytes = "", error: str | None = None) -> None:
        text = line if isinstance(line, str) else repr(line)
        super().__init__(error or f"Bad status line {shown(line)}{_offence(line)}")
        self.line = text
        self.args = (line, error)


class BadHttpMethod(BadStatusLine):
    """The request method is not a token (RFC 9110 9.1)."""

    def __init__(self, line: str | bytes = "", error: str | None = None) -> None:
        super().__init__(line, error or f"Bad HTTP method in request line {shown(line)}{_offence(line)}")


class InvalidURLError(BadHttpMessage):
    """The request target is malformed (RFC 9112 3.2)."""
