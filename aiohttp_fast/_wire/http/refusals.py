"""What both parsers refuse, and the error it is refused with: the rules, once, as plain functions.

A parser of either speed only has to *notice* that something may be wrong. It then calls the
``check_*`` function here with the bytes of the head, chunk line, chunk end or trailers received
so far; the function raises the refusal of the first offending byte or returns None. So class and
message never depend on speed, on the cut, or on how early the parser noticed. Nothing here may
depend on bytes behind the first offending one: the quotation ends with it.

The rules (byte = octet; positions decide: the earliest offending byte wins, a limit is passed at
the first byte beyond it, and a limit wins over any error at a later byte):

Requests (strict)
    * Empty lines (CRLF, no other form) before the request line are skipped (RFC 9112 2.2). The check
      functions want them removed; a lone CR there waits for its LF (and is no message at EOF).
    * ``method SP target SP HTTP/1.x CRLF``, single blanks. Any token is a method, never case-folded.
    * The target is bytes 0x21-0x7e; it begins with ``/``, or is ``*`` (OPTIONS only), or begins with
      ``scheme://``; for CONNECT, and only there, it is ``host:port``.
    * Version 1.0 or 1.1 only. Lines end in CRLF; bare LF and bare CR are refused.
    * Field names are tokens followed at once by a colon; values are HTAB, 0x20-0x7e, 0x80-0xff.
      obs-fold is refused.
    * Content-Length: once, ASCII digits only, at most 2**63-1, never with Transfer-Encoding.
    * Transfer-Encoding: once, exactly ``chunked`` (any case), HTTP/1.1 only.
    * Host: at most once; bytes of ``uri-host [":" port]`` only; required in HTTP/1.1 (RFC 9112 3.2).
    * CONNECT has no body: Transfer-Encoding and a Content-Length other than 0 are refused.
    * Upgrade: HTTP/1.1 with ``upgrade`` in Connection and an Upgrade field, or CONNECT. A body
      that comes with an upgrade is read first, then the parser stops (RFC 9110 7.8).
Responses (``lenient=True``; with ``lenient=False`` line syntax is as strict as for requests)
    * Any run of CR and LF bytes before the status line is skipped (CRLFs only when not lenient).
    * ``HTTP/1.x SP 3DIGIT [SP reason]``; reason is anything but NUL, CR, LF.
    * Lines end in CRLF or LF; a CR that is not followed by LF is refused.
    * Field names as in requests; values are anything but NUL, CR, LF. obs-fold is accepted (each
      fold, blanks before the line end and after it, reads as one space), but not in
      Content-Length and Transfer-Encoding.
    * Content-Length: as in requests (twice is refused, equal or not).
    * Transfer-Encoding: the lines together are a list without empty elements, of chunked, gzip,
      x-gzip, deflate, compress, x-compress, identity; chunked only once and last. With
      chunked the body is chunked, without it the body ends with the connection (whatever
      ``prepare(read_until_eof=...)`` said: that is for responses with neither field).
    * No body, whatever the fields say: to HEAD, 1xx, 204, 304, and 2xx to CONNECT (RFC 9112 6.3).
Persistence (both): HTTP/1.1 persists unless Connection lists ``close``; HTTP/1.0 only if it lists
    ``keep-alive`` and not ``close``; a body that ends with the connection, and an HTTP/1.0 response with
    Transfer-Encoding (RFC 9112 6.1), never persists.
    Elements are what stands between commas, without blanks around, compared case-insensitively.
Chunked body (both)
    * The chunk-size line and the chunk data end in CRLF, in responses too.
    * The size is 1*HEXDIG, at most 2**63-1; lenient: blanks may follow it.
    * Extensions: ``*( ";" token [ "=" ( token / quoted-string ) ] )`` without blanks; ASCII only.
    * Trailer lines obey the rules of field lines; Content-Length and Transfer-Encoding are refused
      there. Everything wrong here is a TransferEncodingError, limits excepted.
Limits
    * max_line_size: method and target each, or the reason.
    * max_field_size: name and value; everything in the line but the colon, one blank after it and
      the line end; continuation lines count in full, without their line ends. Trailers too.
    * max_headers: fields and trailers together; passed by the first byte of the next line.
    * max_chunk_line_size: all of the line but its CRLF. max_chunk_extensions: from the first
      semicolon or, when lenient, blank to the CRLF, summed up over the message's chunks.
    * max_interim_responses: 1xx in a row (101 is final); passed at the end of the head.
An exception out of the sink leaves the parser dead: later feeds raise it again. feed inside a sink
call is a RuntimeError. Body pieces are one per read or chunk, whichever ends first.
"""

import re
import sys

from ..errors import (
    BadHttpMessage,
    BadHttpMethod,
    BadStatusLine,
    ContentLengthError,
    InvalidHeader,
    InvalidURLError,
    LineTooLong,
    TooManyHeaders,
    TooManyInterimResponses,
    TransferEncodingError,
    shown,
)
from .limits import Limits

__all__ = (
    "MAX_LENGTH",
    "check_chunk_end",
    "check_chunk_line",
    "check_fields",
    "check_request_head",
    "check_response_head",
    "check_trailers",
    "head_incomplete",
    "malformed",
    "short_body",
    "short_chunked",
    "too_many_interim",
)

MAX_LENGTH = 2**63 - 1  # of a body or a chunk; what fits ssize_t everywhere we count

_CR, _LF, _SP, _HTAB, _COLON, _SEVEN = b"\r\n \t:7"

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]*")
_TARGET = re.compile(rb"[\x21-\x7e]*")
_TARGET_FORM = re.compile(rb"/|[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]")
_AUTHORITY_FORM = re.compile(rb"(?:\[[0-9A-Za-z:.%\-]+\]|[0-9A-Za-z\-._~!$&'()*+,;=%]+):[0-9]+")
_STRICT_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_LENIENT_VALUE = re.compile(rb"[^\0\r\n]*")
_HOST = re.compile(rb"[ \t]*[0-9A-Za-z\-._~!$&'()*+,;=%:\[\]]*[ \t]*")
_DIGITS = re.compile(rb"[0-9]*")
_CHUNKED = re.compile(rb"[ \t]*(?:c(?:h(?:u(?:n(?:k(?:e(?:d[ \t]*)?)?)?)?)?)?)?", re.IGNORECASE)
_HEX = re.compile(rb"[0-9A-Fa-f]*")
_ZEROS = re.compile(rb"0*")
_BLANKS = re.compile(rb"[ \t]*")
# What may stand between the quotes of a chunk extension, RFC 9112 7.1.1 without obs-text.
_QUOTED = re.compile(rb"(?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t\x20-\x7e])*")
_CODINGS = frozenset((b"chunked", b"gzip", b"x-gzip", b"deflate", b"compress", b"x-compress", b"identity"))


# -- refusals that need no search ------------------------------------------------------------


def head_incomplete(data: bytes) -> BadHttpMessage:
    """The connection ended inside a head; *data* is what came of it."""
    return BadHttpMessage(f"Connection closed inside a message head: {shown(data)}")


def short_body(missing: int) -> ContentLengthError:
    """The connection ended *missing* bytes before the end that Content-Length gives."""
    return ContentLengthError(f"Connection closed {missing} bytes before the end of the body (Content-Length)")


def short_chunked() -> TransferEncodingError:
    """The connection ended before the last chunk and the trailers were complete."""
    return TransferEncodingError("Connection closed before the end of the chunked body")


def too_many_interim(limit: int) -> TooManyInterimResponses:
    """More than *limit* 1xx responses came in a row."""
    return TooManyInterimResponses(
        f"Got more than {limit} interim (1xx) responses before the final one; "
        "the limit is the parameter max_interim_responses"
    )


def malformed(reason: str, data: bytes) -> BadHttpMessage:
    """llhttp refused what no rule here names; *reason* is its own text."""
    return BadHttpMessage(f"{reason}: {shown(data)}")


def too_many_empty_lines(limit: int) -> LineTooLong:
    """More than *limit* bytes of empty lines came where a message should begin."""
    return _too_long("empty lines before a start line", b"", limit, "max_line_size")


def _too_long(what: str, line: bytes, limit: int, parameter: str) -> LineTooLong:
    return LineTooLong(line, limit, str(limit + 1), what, parameter)


def _run(pattern: re.Pattern[bytes], data: bytes, start: int, stop: int = sys.maxsize) -> int:
    """Return where the run of bytes that *pattern* describes ends; it matches the empty string too."""
    match = pattern.match(data, start, stop)
    return match.end() if match else start


# -- heads -----------------------------------------------------------------------------------


def check_request_head(data: bytes, limits: Limits) -> int | None:
    """Raise the first refusal in *data*, which begins with the request line.

    Returns the length of the head, or None when it is not complete yet.
    """
    method_end = _token_end(data, 0, limits, "request method")
    if method_end == len(data):
        return None
    if method_end == 0 or data[method_end] != _SP:
        raise BadHttpMethod(data[: method_end + 1])
    start = method_end + 1
    stop = _run(_TARGET, data, start)
    limit = limits.max_line_size
    if stop - start > limit:
        raise _too_long("request target", data[start : start + limit + 1], limit, "max_line_size")
    if stop == len(data):
        return None
    method = data[:method_end]
    _check_target(method, data[start:stop], data[stop], data[: stop + 1])
    version = _check_version(data, stop + 1)
    if version is None:
        return None
    pos = stop + 9
    end = _line_end(data, pos, False)
    if end is None:
        return None
    if end < 0:
        raise BadStatusLine(data[: min(len(data), pos + 1 + (data[pos] == _CR))])
    return _check_fields(data, end, limits, _Request(version, method == b"CONNECT"), False)


def check_response_head(data: bytes, limits: Limits, lenient: bool = True) -> int | None:
    """Raise the first refusal in *data*, which begins with the status line.

    Returns the length of the head, or None when it is not complete yet.
    """
    if _check_version(data, 0) is None:
        return None
    for pos, pattern in enumerate((b" ", b"0123456789", b"0123456789", b"0123456789"), 8):
        if pos == len(data):
            return None
        if data[pos] not in pattern:
            raise BadStatusLine(data[: pos + 1])
    if len(data) == 12:
        return None
    pos = 12
    if data[12] == _SP:
        pos = _run(_LENIENT_VALUE if lenient else _STRICT_VALUE, data, 13)
        if pos - 13 > limits.max_line_size:
            raise _too_long("reason", data[13 : 14 + limits.max_line_size], limits.max_line_size, "max_line_size")
    elif not lenient:
        raise BadStatusLine(data[:13])
    if pos == len(data):
        return None
    end = _line_end(data, pos, lenient)
    if end is None:
        return None
    if end < 0:
        raise BadStatusLine(data[: pos + 1 + (data[pos] == _CR)])
    return _check_fields(data, end, limits, _Response(), lenient)


def check_trailers(data: bytes, limits: Limits, lenient: bool, fields: int) -> int | None:
    """Raise the first refusal in *data*, the bytes behind the last chunk's size line.

    *fields* is the number of fields of the head. Returns the length of the trailers with the
    empty line that ends them, or None when they are not complete yet.
    """
    try:
        return _check_fields(data, 0, limits, _Trailers(fields), lenient)
    except (LineTooLong, TooManyHeaders):
        raise
    except BadHttpMessage as refusal:
        raise TransferEncodingError(f"Bad trailer: {refusal.message}") from None


def check_fields(data: bytes, limits: Limits, lenient: bool) -> int | None:
    """Raise the first refusal in *data*, fields that frame nothing, as those of a part have it.

    Returns their length with the empty line that ends them, or None when they are not complete yet.
    """
    return _check_fields(data, 0, limits, _NoFraming(), lenient)


def _token_end(data: bytes, start: int, limits: Limits, what: str) -> int:
    stop = _run(_TOKEN, data, start)
    if stop - start > limits.max_line_size:
        raise _too_long(what, data[start : start + limits.max_line_size + 1], limits.max_line_size, "max_line_size")
    return stop


def _check_target(method: bytes, target: bytes, after: int, line: bytes) -> None:
    """RFC 9112 3.2: the form of the target goes by the method; *line* is what to quote."""
    if after in b"\r\n":
        raise BadStatusLine(line, f"No HTTP version in request line {shown(line)}")
    if after != _SP or not target:
        raise InvalidURLError(f"Invalid character in the request target: {shown(line)}")
    if method == b"CONNECT":
        if not _AUTHORITY_FORM.fullmatch(target):
            raise InvalidURLError(f"The target of CONNECT must be host:port: {shown(target)}")
    elif not (_TARGET_FORM.match(target) or (target == b"*" and method == b"OPTIONS")):
        raise InvalidURLError(f"The request target must be a path or an absolute URL: {shown(target)}")


def _check_version(data: bytes, start: int) -> int | None:
    """Return the minor version, or None when the bytes do not suffice."""
    seen = data[start : start + 8]
    if seen in (b"HTTP/1.1", b"HTTP/1.0"):
        return seen[7] - 48
    if b"HTTP/1.1".startswith(seen):
        return None
    good = next(i for i, byte in enumerate(seen) if byte not in (b"HTTP/1.1"[i], b"HTTP/1.0"[i]))
    line = data[: start + good + 1]
    raise BadStatusLine(line, f"Not an HTTP/1.0 or HTTP/1.1 message: it begins with {shown(line)}")


def _line_end(data: bytes, pos: int, lenient: bool) -> int | None:
    """Where the next line begins; None: a byte is missing; -1: not a line end."""
    if pos == len(data):
        return None
    if data[pos] == _CR:
        if pos + 1 == len(data):
            return None
        return pos + 2 if data[pos + 1] == _LF else -1
    return pos + 1 if lenient and data[pos] == _LF else -1


def _check_fields(data: bytes, pos: int, limits: Limits, rules: "_Rules", lenient: bool) -> int | None:
    """Check field lines from *pos* on; return the index behind the empty line."""
    size = len(data)
    while pos < size:
        if data[pos] == _CR or data[pos] == _LF:
            end = _line_end(data, pos, lenient)
            if end is not None:
                if end < 0:
                    raise InvalidHeader(data[pos : pos + 1 + (data[pos] == _CR)])
                rules.end()
            return end
        rules.fields += 1
        if rules.fields > limits.max_headers:
            raise TooManyHeaders(
                f"Got more than {limits.max_headers} header fields; the limit is the parameter max_headers",
                limits.max_headers,
            )
        following = _check_field(data, pos, limits, rules, lenient)
        if following is None:
            return None
        pos = following
    return None


def _check_field(data: bytes, pos: int, limits: Limits, rules: "_Rules", lenient: bool) -> int | None:
    """Check one field with its continuation lines; return the index of the next line."""
    limit = limits.max_field_size
    colon = _run(_TOKEN, data, pos)
    if colon - pos > limit:
        raise _too_long("header field", data[pos : pos + limit + 1], limit, "max_field_size")
    if colon == len(data):
        return None
    if colon == pos or data[colon] != _COLON:
        raise InvalidHeader(data[pos : colon + 1])
    name = data[pos:colon].lower()
    rules.name(name)
    start = colon + 1
    skipped = 2 if data[start : start + 1] in (b" ", b"\t") else 1
    room = limit - (colon - pos)  # how many bytes of value may follow
    value_pattern = _LENIENT_VALUE if lenient else _STRICT_VALUE
    while True:
        stop = _run(value_pattern, data, start)
        content = colon + skipped if start == colon + 1 else start
        excess = stop - content > room
        if excess:
            stop = content + room
        if start == colon + 1:
            bad = rules.value(name, data, start, stop, not excess and stop < len(data) and data[stop] in b"\r\n")
            if bad is not None:
                raise BadHttpMessage(f"{bad[1]}: {shown(data[pos : bad[0] + 1])}")
        if excess:
            raise _too_long("header field", data[pos : stop + 1], limit, "max_field_size")
        if stop == len(data):
            return None
        end = _line_end(data, stop, lenient)
        if end is None:
            return None
        if end < 0:
            raise InvalidHeader(data[pos : stop + 1 + (data[stop] == _CR)])
        if end == len(data):
            return None
        if data[end] != _SP and data[end] != _HTAB:
            return end
        if not lenient or name in (b"content-length", b"transfer-encoding"):
            raise InvalidHeader(data[pos : end + 1])
        room -= max(stop - content, 0)
        start = end


class _Rules:
    """What the fields of a message mean for its framing; base of the three kinds."""

    __slots__ = ("codings", "fields", "length")

    def __init__(self, fields: int = 0) -> None:
        self.fields = fields
        self.length: int | None = None
        self.codings: list[bytes] | None = None

    def name(self, name: bytes) -> None:
        """Called at the colon with the lower-cased *name*."""
        if name == b"content-length":
            if self.codings is not None:
                raise BadHttpMessage("Content-Length together with Transfer-Encoding (RFC 9112 6.1)")
            if self.length is not None:
                raise BadHttpMessage("Content-Length is given twice (RFC 9112 6.3)")
            self.length = 0
        elif name == b"transfer-encoding" and self.length is not None:
            raise BadHttpMessage("Transfer-Encoding together with Content-Length (RFC 9112 6.1)")

    def value(self, name: bytes, data: bytes, start: int, stop: int, ended: bool) -> tuple[int, str] | None:
        """Look at the value ``data[start:stop]``; *ended*: its line end follows.

        Returns the index of the offending byte and what is wrong.
        """
        if name == b"content-length":
            return self._length(data, start, stop, ended)
        if name == b"transfer-encoding":
            return self._coding(data, start, stop, ended)
        return None

    def end(self) -> None:
        """Called at the end of the head."""

    def _length(self, data: bytes, start: int, stop: int, ended: bool) -> tuple[int, str] | None:
        start = _run(_BLANKS, data, start, stop)
        first = _run(_ZEROS, data, start, stop)
        end = _run(_DIGITS, data, first, stop)
        digits = data[first:end]
        if len(digits) > 19 or (len(digits) == 19 and int(digits) > MAX_LENGTH):
            return first + (19 if int(digits[:19]) <= MAX_LENGTH else 18), "Content-Length is too large"
        after = _run(_BLANKS, data, end, stop)
        if after < stop:
            return after, "Content-Length is not a decimal number"
        if ended:
            if start == stop:
                return stop, "Content-Length is empty"
            self.length = int(digits or b"0")
        return None

    def _coding(self, data: bytes, start: int, stop: int, ended: bool) -> tuple[int, str] | None:
        raise NotImplementedError


class _NoFraming(_Rules):
    """Fields that say nothing of a message's framing."""

    __slots__ = ()

    def name(self, name: bytes) -> None: ...

    def value(self, name: bytes, data: bytes, start: int, stop: int, ended: bool) -> tuple[int, str] | None:
        return None


class _Request(_Rules):
    """Request heads: strict codings, and Host."""

    __slots__ = ("connect", "host", "minor")

    def __init__(self, minor: int, connect: bool) -> None:
        super().__init__()
        self.minor = minor
        self.connect = connect
        self.host = False

    def name(self, name: bytes) -> None:
        if name == b"host":
            if self.host:
                raise BadHttpMessage("Host is given twice (RFC 9112 3.2)")
            self.host = True
            return
        super().name(name)
        if name == b"transfer-encoding":
            if self.minor == 0:
                raise BadHttpMessage("Transfer-Encoding in an HTTP/1.0 request (RFC 9112 6.1)")
            if self.codings is not None:
                raise BadHttpMessage("Transfer-Encoding is given twice")
            self.codings = []

    def value(self, name: bytes, data: bytes, start: int, stop: int, ended: bool) -> tuple[int, str] | None:
        if name == b"host":
            end = _run(_HOST, data, start, stop)
            return (end, "Invalid character in Host") if end < stop else None
        return super().value(name, data, start, stop, ended)

    def _coding(self, data: bytes, start: int, stop: int, ended: bool) -> tuple[int, str] | None:
        end = _run(_CHUNKED, data, start, stop)
        if end < stop or (ended and data[start:stop].strip(b" \t").lower() != b"chunked"):
            return end, "Transfer-Encoding of a request must be chunked"
        return None

    def end(self) -> None:
        if self.minor and not self.host:
            raise BadHttpMessage("An HTTP/1.1 request must have a Host field (RFC 9112 3.2)")
        if self.connect and (self.codings is not None or self.length):
            raise BadHttpMessage("CONNECT with a body (RFC 9110 9.3.6)")


class _Response(_Rules):
    """Response heads: several codings may be listed."""

    __slots__ = ()

    def name(self, name: bytes) -> None:
        super().name(name)
        if name == b"transfer-encoding":
            if self.codings is None:
                self.codings = []
            elif b"chunked" in self.codings:
                raise BadHttpMessage("Transfer-Encoding goes on after chunked (RFC 9112 6.1)")

    def _coding(self, data: bytes, start: int, stop: int, ended: bool) -> tuple[int, str] | None:
        if not ended:
            return None
        codings = self.codings = self.codings or []
        for coding in data[start:stop].lower().split(b","):
            coding = coding.strip(b" \t")
            if coding not in _CODINGS:
                return stop - 1, "Unknown Transfer-Encoding"
            if b"chunked" in codings:
                return stop - 1, "Transfer-Encoding goes on after chunked (RFC 9112 6.1)"
            codings.append(coding)
        return None


class _Trailers(_Rules):
    """Trailer fields: what frames a message must not stand here (RFC 9110 6.5.1)."""

    __slots__ = ()

    def name(self, name: bytes) -> None:
        if name in (b"content-length", b"transfer-encoding"):
            raise BadHttpMessage(f"{shown(name)} is not allowed in trailers (RFC 9110 6.5.1)")


# -- chunks ----------------------------------------------------------------------------------


def check_chunk_line(data: bytes, limits: Limits, lenient: bool, extensions: int) -> int | None:
    """Raise the first refusal in *data*, which begins with a chunk-size line.

    *extensions* counts the extension bytes of the message's earlier chunks. Returns the length
    of the line with its CRLF, or None when it is not complete yet.
    """
    zeros = len(data) - len(data.lstrip(b"0"))
    size_end = _run(_HEX, data, zeros)
    if size_end - zeros > 16 or (size_end - zeros == 16 and data[zeros] > _SEVEN):
        stop = zeros + (16 if data[zeros] <= _SEVEN else 15)
        _check_chunk_limits(data, stop, stop, limits, extensions)
        raise TransferEncodingError(f"Chunk size is too large: {shown(data[: stop + 1])}")
    stop, may_end = _chunk_line_stop(data, size_end, lenient)
    _check_chunk_limits(data, size_end, stop, limits, extensions)
    if stop == len(data):
        return None
    end = _line_end(data, stop, False)
    if may_end and (end is None or end > 0):
        return end
    raise TransferEncodingError(f"Bad chunk-size line: {shown(data[: stop + 1 + (may_end and data[stop] == _CR)])}")


def check_chunk_end(data: bytes) -> int | None:
    """Raise if *data*, what follows the chunk data, does not begin with CRLF; return 2, or None."""
    if b"\r\n".startswith(data[:2]):
        return 2 if len(data) >= 2 else None
    raise TransferEncodingError(f"Chunk data is not followed by CRLF: {shown(data[: 1 + (data[0] == _CR)])}")


def _check_chunk_limits(data: bytes, size_end: int, stop: int, limits: Limits, extensions: int) -> None:
    """Both limits of chunk lines, for the good bytes up to *stop*; the one passed first is raised."""
    line = limits.max_chunk_line_size
    extension = size_end + limits.max_chunk_extensions - extensions
    if stop > line and line <= extension:
        raise LineTooLong(data[: line + 1], line, str(line + 1), "chunk-size line", "max_chunk_line_size")
    if stop > extension:
        limit = limits.max_chunk_extensions
        what = "chunk extensions of one message"
        raise LineTooLong(data[: extension + 1], limit, str(limit + 1), what, "max_chunk_extensions")


def _chunk_line_stop(data: bytes, stop: int, lenient: bool) -> tuple[int, bool]:
    """Skip blanks and extensions from *stop* on.

    Returns the index of the first byte that continues neither, and whether the line may end there.
    """
    if not stop:
        return stop, False
    if lenient:
        stop = _run(_BLANKS, data, stop)
    while data[stop : stop + 1] == b";":
        start = stop + 1
        stop = _run(_TOKEN, data, start)
        if stop == start:
            return stop, False
        if data[stop : stop + 1] != b"=":
            continue
        start = stop + 1
        if data[start : start + 1] == b'"':
            stop = _run(_QUOTED, data, start + 1)
            if data[stop : stop + 1] == b"\\":
                return stop + 1, False  # the second byte of a quoted pair is missing or bad
            if data[stop : stop + 1] != b'"':
                return stop, False
            stop += 1
        else:
            stop = _run(_TOKEN, data, start)
            if stop == start:
                return stop, False
    return stop, True
