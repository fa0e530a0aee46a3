"""Heads and trailers that arrive in pieces: kept, and watched for the first offending byte.

Used by the pure parser only. The rules themselves are in ``refusals``; what lives here
decides when to ask them, so that no byte of a well-formed head is looked at twice
however small the pieces are. For that a *gist* is kept: the start line and the fields
that frame the message. Completed fields that mean nothing for the framing cannot make
a later line wrong, so the rules are asked about the gist and the current line only.
"""

import re
from collections.abc import Callable
from enum import IntEnum

from .limits import Limits

__all__ = ("Partial", "Phase")

_CR, _LF, _SP, _HTAB, _COLON = b"\r\n \t:"

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]*")
_TARGET = re.compile(rb"[\x21-\x7e]*")
_STRICT_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_LENIENT_VALUE = re.compile(rb"[^\0\r\n]*")
# Every name that a rule knows, in whatever kind of message.
_FRAMING = frozenset((b"content-length", b"transfer-encoding", b"host"))

Judge = Callable[[bytes], int | None]


class Phase(IntEnum):
    """What the next byte belongs to."""

    METHOD = 0
    TARGET = 1
    STATUS = 2  # version, status code and the blank behind it
    REASON = 3
    START_END = 4  # what is left of a start line
    LINE = 5  # first byte of a line behind the start line
    NAME = 6
    VALUE = 7
    WATCHED = 8  # value of a framing field, or a continuation line


class Partial:
    """An incomplete head or trailer section.

    *judge* is the ``check_*`` function of ``refusals`` that knows its rules, with all but
    the data bound; *first* is where it begins; *fields* counts the fields before it.
    """

    __slots__ = (
        "_begin",
        "_counted",
        "_fields",
        "_gist",
        "_judge",
        "_lenient",
        "_limits",
        "_phase",
        "_seen",
        "_value",
        "data",
    )

    def __init__(self, judge: Judge, first: Phase, limits: Limits, lenient: bool, fields: int = 0) -> None:
        self.data = bytearray()
        self._judge = judge
        self._phase = first
        self._limits = limits
        self._lenient = lenient
        self._value = _LENIENT_VALUE if lenient else _STRICT_VALUE
        self._fields = fields
        self._gist = b""
        self._seen = 0  # bytes that need not be looked at again
        self._begin = -1 if first is Phase.LINE else 0  # of the current part of the start line, or of the current field
        self._counted = 0  # the same, moved on by the line ends inside a folded field

    def feed(self, new: bytes) -> int | None:
        """Take more bytes; return the length of the section once it is complete.

        Raises the refusal of the first offending byte as soon as that byte is there.
        """
        self.data += new
        size = len(self.data)
        while self._seen < size:
            phase = self._phase
            if phase is Phase.LINE:
                if self.data[self._seen] in b"\r\n":  # the empty line, or an offence
                    return self._judge(bytes(self.data))
                self._begin_line()
            elif phase is Phase.NAME:
                self._name()
            elif phase is Phase.VALUE:
                if not self._run_value():
                    break
            elif phase is Phase.WATCHED:
                self._watch()
            elif not self._start_line():
                break
        return None

    def _start_line(self) -> bool:
        """Go on in the start line; False: more bytes are needed."""
        data, phase, seen = self.data, self._phase, self._seen
        if phase is Phase.STATUS:
            self._judge(bytes(data[:13]))
            self._seen = min(len(data), 12)
            if len(data) < 13:
                return False
            self._begin = 13
            self._phase = Phase.REASON if data[12] == _SP else Phase.START_END
            if data[12] == _SP:
                self._seen = 13
        elif phase is Phase.START_END:
            stop = data.find(b"\n", seen) + 1
            self._judge(bytes(data[: stop or len(data)]))
            self._seen = stop or len(data)
            if stop:
                self._gist = bytes(data[:stop])
                self._begin = -1
                self._phase = Phase.LINE
        else:
            pattern = _TOKEN if phase is Phase.METHOD else _TARGET if phase is Phase.TARGET else self._value
            self._seen = stop = pattern.match(data, seen).end()  # type: ignore[union-attr]
            if stop - self._begin > self._limits.max_line_size:
                self._judge(bytes(data[:stop]))
            if stop == len(data):
                return False
            if phase is Phase.METHOD:
                self._judge(bytes(data[: stop + 1]))
                self._seen = self._begin = stop + 1
                self._phase = Phase.TARGET
            else:
                self._phase = Phase.START_END
        return True

    def _begin_line(self) -> None:
        """The first byte of a line that is not empty: a continuation or a field."""
        seen = self._seen
        if self.data[seen] in b" \t" and self._begin >= 0:
            if self._lenient and not self._frames(self._begin + 18):
                self._phase = Phase.VALUE
                self._counted += 2 if self.data[seen - 2] == _CR else 1
            else:
                self._phase = Phase.WATCHED
            return
        if self._begin >= 0 and self._frames(self._begin + 18):
            self._gist += self.data[self._begin : seen]
        self._begin = self._counted = seen
        self._fields += 1
        if self._fields > self._limits.max_headers:
            self._judge(bytes(self.data))
        self._phase = Phase.NAME

    def _name(self) -> None:
        data = self.data
        stop = _TOKEN.match(data, self._seen).end()  # type: ignore[union-attr]
        self._seen = stop
        if stop - self._begin > self._limits.max_field_size:
            self._ask(stop)
        if stop == len(data):
            return
        if data[stop] != _COLON or stop == self._begin:
            self._ask(stop + 1)
        self._phase = Phase.WATCHED if self._frames(stop + 1) else Phase.VALUE

    def _frames(self, stop: int) -> bool:
        """Tell whether the current field is one that frames the message; its colon stands before *stop*."""
        return bytes(self.data[self._begin : stop]).partition(b":")[0].lower() in _FRAMING

    def _run_value(self) -> bool:
        """Go on in a value that means nothing here; False: more bytes are needed."""
        data = self.data
        stop = self._value.match(data, self._seen).end()  # type: ignore[union-attr]
        self._seen = stop
        if stop - self._counted > self._limits.max_field_size:
            self._ask(stop)
        if stop == len(data):
            return False
        end = stop + 1
        if data[stop] == _CR:
            if end == len(data):
                return False
            end += 1
        if data[end - 1] != _LF or (end == stop + 1 and not self._lenient):
            self._ask(end)
        self._seen = end
        self._phase = Phase.LINE
        return True

    def _watch(self) -> None:
        """Have the rules look at every byte of the field, up to the end of the line."""
        data = self.data
        stop = data.find(b"\n", self._seen) + 1
        self._ask(stop or len(data))
        self._seen = stop or len(data)
        if stop:
            self._phase = Phase.LINE

    def _ask(self, stop: int) -> None:
        """Raise the refusal that the current field earns with its bytes up to *stop*."""
        self._judge(self._gist + self.data[self._begin : stop])
