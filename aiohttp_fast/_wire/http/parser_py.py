"""The pure-Python parser: ``RequestParser`` and ``ResponseParser`` of the contract in ``parser``.

Well-formed heads that lie whole in one piece take a short way: one search for the end,
one regular expression for all fields. Everything else is put before the rules in
``refusals``, which either raise or find it good.
"""

import re
from typing import Any

from .chunked_py import read_fields
from .limits import Limits
from .message import HttpVersion10, HttpVersion11, RequestHead, ResponseHead
from .parser_base_py import BaseParser, Facts, Pairs, State, elements, facts_of, framing, keeps_alive
from .partial_py import Phase
from .refusals import check_request_head, check_response_head, malformed, too_many_interim

__all__ = ("RequestParser", "ResponseParser")

_VERSIONS = {b"0": HttpVersion10, b"1": HttpVersion11}

# Possessive: a peer cannot make a match cost more than one pass.
_REQUEST_LINE = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]++) (/[\x21-\x7e]*+|[A-Za-z][A-Za-z0-9+.\-]*+://[^/?#\0-\x20\x7f-\xff][\x21-\x7e]*+)"
    rb" HTTP/1\.([01])\r\n"
)
_ANY_REQUEST_LINE = re.compile(rb"([^ ]++) ([^ ]++) HTTP/1\.([01])\r\n")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([0-9]{3}) ([^\0\r\n]*+)\r\n")
_STRICT_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([0-9]{3}) ([\t\x20-\x7e\x80-\xff]*+)\r\n")
_ANY_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([0-9]{3}) ?([^\r\n]*+)\r?\n")
_HOST = re.compile(rb"[0-9A-Za-z\-._~!$&'()*+,;=%:\[\]]*")
_SHORT_LENGTH = re.compile(rb"[0-9]{1,18}")


class RequestParser(BaseParser):
    """Parses requests, strictly (RFC 9112); see ``Sink`` in ``parser`` for what it reports."""

    __slots__ = ()

    def __init__(
        self,
        sink: Any,
        *,
        max_line_size: int = 8190,
        max_field_size: int = 8190,
        max_headers: int = 128,
        max_chunk_line_size: int = 8190,
        max_chunk_extensions: int = 16384,
    ) -> None:
        limits = Limits(max_line_size, max_field_size, max_headers, max_chunk_line_size, max_chunk_extensions)
        super().__init__(sink, limits, False)

    def resume(self) -> None:
        """Go on with HTTP: the server declined the upgrade. Raises RuntimeError if there is none."""
        if self._state is not State.UPGRADED:
            raise RuntimeError("there is no upgrade to decline")
        self._state = State.HEAD

    def _judge(self, data: bytes) -> int | None:
        return check_request_head(data, self._limits)

    def _whole(self, data: bytes, start: int, stop: int) -> int:
        line = _REQUEST_LINE.match(data, start, stop)
        pairs = None
        if line is not None and line.end() - start <= self._safe:
            pairs = self._read_fields(data, line.end(), stop)
        if line is None or pairs is None:
            line, pairs = self._read_unusual(data, start, stop)
            facts = facts_of(pairs)
        else:
            facts = facts_of(pairs)
            if not self._is_plain(line[1], line[3], facts):
                check_request_head(data[start:stop], self._limits)
        self._report(line, pairs, facts)
        return stop

    def _read_unusual(self, data: bytes, start: int, stop: int) -> tuple[re.Match[bytes], Pairs]:
        check_request_head(data[start:stop], self._limits)
        line = _ANY_REQUEST_LINE.match(data, start, stop)
        if line is None:
            raise malformed("Unreadable request line", data[start:stop])
        return line, read_fields(data[line.end() : stop - 2])

    def _is_plain(self, method: bytes, minor: bytes, facts: Facts) -> bool:
        """Tell whether the framing cannot be wrong; False means that the rules decide."""
        host = facts.get(b"host")
        if host is None or _HOST.fullmatch(host) is None or method == b"CONNECT":
            return False
        if b"transfer-encoding" in facts:
            coding = facts[b"transfer-encoding"]
            return coding == b"chunked" and minor == b"1" and b"content-length" not in facts
        return b"content-length" not in facts or _SHORT_LENGTH.fullmatch(facts[b"content-length"]) is not None

    def _report(self, line: re.Match[bytes], pairs: Pairs, facts: Facts) -> None:
        method, target, minor = line.groups()
        chunked, length, encoding = framing(facts)
        tokens = elements(facts[b"connection"]) if b"connection" in facts else ()
        upgrade = method == b"CONNECT" or (b"upgrade" in tokens and b"upgrade" in facts and minor == b"1")
        head = RequestHead(
            method.decode("ascii"),
            target.decode("ascii"),
            _VERSIONS[minor],
            pairs,
            keeps_alive(minor, tokens),
            upgrade,
            chunked,
            length,
            encoding,
        )
        if upgrade:
            self._after = State.UPGRADED
        if chunked:
            self._begin_chunked(len(pairs))
        elif length:
            self._state = State.LENGTH
            self._remaining = length
        else:
            self._sink.on_head(head)
            self._end(())
            return
        self._sink.on_head(head)


class ResponseParser(BaseParser):
    """Parses responses, leniently unless told otherwise; call ``prepare`` before each final one."""

    __slots__ = ("_interim", "_max_interim", "_method", "_until_eof")

    _first_phase = Phase.STATUS

    def __init__(
        self,
        sink: Any,
        *,
        max_line_size: int = 8190,
        max_field_size: int = 8190,
        max_headers: int = 128,
        max_chunk_line_size: int = 8190,
        max_chunk_extensions: int = 16384,
        max_interim_responses: int = 100,
        lenient: bool = True,
    ) -> None:
        limits = Limits(max_line_size, max_field_size, max_headers, max_chunk_line_size, max_chunk_extensions)
        super().__init__(sink, limits, lenient)
        self._max_interim = max_interim_responses
        self._interim = 0
        self._method = "GET"
        self._until_eof = True

    def prepare(self, method: str, read_until_eof: bool = True) -> None:
        """Say what the next final response answers.

        To HEAD none has a body; 2xx to CONNECT is an upgrade. Without *read_until_eof*
        a response that gives no length has an empty body.
        """
        self._method = method
        self._until_eof = read_until_eof
        self._interim = 0

    def _judge(self, data: bytes) -> int | None:
        return check_response_head(data, self._limits, self._lenient)

    def _whole(self, data: bytes, start: int, stop: int) -> int:
        line = (_STATUS_LINE if self._lenient else _STRICT_STATUS_LINE).match(data, start, stop)
        pairs = None
        if line is not None and line.end() - start <= self._safe:
            pairs = self._read_fields(data, line.end(), stop)
        if line is None or pairs is None:
            length = self._judge(data[start:stop])
            stop = start + (length or 0)  # the head is complete, so there is a length
            line = _ANY_STATUS_LINE.match(data, start, stop)
            if line is None:
                raise malformed("Unreadable status line", data[start:stop])
            pairs = read_fields(data[line.end() : stop])
            facts = facts_of(pairs)
        else:
            facts = facts_of(pairs)
            if not self._is_plain(facts):
                self._judge(data[start:stop])
        self._report(line, pairs, facts)
        return stop

    def _is_plain(self, facts: Facts) -> bool:
        """Tell whether the framing cannot be wrong; False means that the rules decide."""
        if b"transfer-encoding" in facts:
            return facts[b"transfer-encoding"] == b"chunked" and b"content-length" not in facts
        return b"content-length" not in facts or _SHORT_LENGTH.fullmatch(facts[b"content-length"]) is not None

    def _report(self, line: re.Match[bytes], pairs: Pairs, facts: Facts) -> None:
        minor, code, reason = line.groups()
        status = int(code)
        chunked, length, encoding = framing(facts)
        tokens = elements(facts[b"connection"]) if b"connection" in facts else ()
        head = ResponseHead(
            status,
            reason.decode("utf-8", "surrogateescape"),
            _VERSIONS[minor],
            pairs,
            keeps_alive(minor, tokens),
            False,
            chunked,
            length,
            encoding,
            b"set-cookie" in facts,
        )
        if status < 200 and status >= 100 and status != 101:
            self._report_interim(head)
            return
        method, self._method = self._method, "GET"
        until_eof, self._until_eof = self._until_eof, True
        self._interim = 0
        if status == 101 or (method == "CONNECT" and 200 <= status < 300):
            head.upgrade = True
            self._after = State.UPGRADED
        elif method == "HEAD" or status == 204 or status == 304:
            pass
        elif chunked:
            self._begin_chunked(len(pairs))
        elif length:
            self._state = State.LENGTH
            self._remaining = length
        elif length is None and (until_eof or b"transfer-encoding" in facts):
            self._state = State.UNTIL_EOF
            head.keep_alive = False
        if minor == b"0" and b"transfer-encoding" in facts:
            head.keep_alive = False  # RFC 9112 6.1: the framing of such a message is not to be trusted
        bodiless = self._state is State.HEAD
        self._sink.on_head(head)
        if bodiless:
            self._end(())

    def _report_interim(self, head: ResponseHead) -> None:
        """A 1xx is a message of its own and leaves what was prepared (RFC 9110 15.2)."""
        self._interim += 1
        if self._interim > self._max_interim:
            raise too_many_interim(self._max_interim)
        self._sink.on_head(head)
        self._end(())
