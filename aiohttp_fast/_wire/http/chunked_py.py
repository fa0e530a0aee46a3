"""The chunked transfer coding, taken off in pure Python (RFC 9112 7.1)."""

import re
from collections.abc import Callable
from enum import IntEnum
from functools import partial

from .limits import Limits
from .partial_py import Partial, Phase
from .refusals import check_chunk_end, check_chunk_line, check_trailers

__all__ = ("Chunked", "read_fields")

RawHeaders = tuple[tuple[bytes, bytes], ...]

_PLAIN_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})\r\n")
_SIZE_DIGITS = re.compile(rb"[0-9A-Fa-f]{1,15}(?=;)")
_SIZE = re.compile(rb"[0-9A-Fa-f]*")
# Extensions that cannot become wrong any more, because another one follows.
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_TOKENS = re.compile(_TOKEN + b"+")
_QUOTED = rb'"[\t \x21\x23-\x5b\x5d-\x7e]*+(?:\\[\t\x20-\x7e][\t \x21\x23-\x5b\x5d-\x7e]*+)*'
_SETTLED = re.compile(rb"(?:;%b++(?:=(?:%b++|%b\"))?(?=;))*" % (_TOKEN, _TOKEN, _QUOTED))
# What a last extension may look like while its line is not complete.
_UNSETTLED = re.compile(rb";(?:%b++(?:=(?:%b(?:\\|\")?|%b*+))?)?" % (_TOKEN, _QUOTED, _TOKEN))
_FIELD = re.compile(rb"([^:\r\n]++):([^\r\n]*+(?:\r?\n[ \t][^\r\n]*+)*)\r?\n(?![ \t])")


def read_fields(data: bytes) -> RawHeaders:
    """Return the fields in *data*, which the rules have passed; folds read as one space."""
    return tuple([(name, _unfolded(value)) for name, value in _FIELD.findall(data)])


def _unfolded(value: bytes) -> bytes:
    if b"\n" in value:
        value = b" ".join([line.strip(b" \t\r") for line in value.split(b"\n")])
    return value.strip(b" \t")


class Stage(IntEnum):
    """What the next byte of a chunked body belongs to."""

    SIZE = 0
    DATA = 1
    DATA_END = 2
    TRAILERS = 3
    DONE = 4


class Chunked:
    """One chunked body; *fields* counts the fields of the head it belongs to."""

    __slots__ = (
        "_extensions",
        "_fields",
        "_held",
        "_lenient",
        "_limits",
        "_on_body",
        "_on_chunk_end",
        "_partial",
        "_remaining",
        "_settled",
        "stage",
        "trailers",
    )

    def __init__(
        self,
        on_body: Callable[[bytes], None],
        on_chunk_end: Callable[[], None] | None,
        limits: Limits,
        lenient: bool,
        fields: int,
    ) -> None:
        self._on_body = on_body
        self._on_chunk_end = on_chunk_end
        self._limits = limits
        self._lenient = lenient
        self._fields = fields
        self._held = bytearray()  # of a chunk-size line, or of what follows chunk data
        self._settled = 0  # index in the held line behind what need not be looked at again
        self._extensions = 0
        self._remaining = 0
        self._partial: Partial | None = None
        self.stage = Stage.SIZE
        self.trailers: RawHeaders = ()

    def feed(self, data: bytes, pos: int, end: int) -> int:
        """Take ``data[pos:end]``; return the index behind what belongs to the body.

        The body is complete when ``stage`` is DONE, and ``trailers`` is then set.
        """
        while pos < end:
            stage = self.stage
            if stage is Stage.DATA:
                pos = self._data(data, pos, end)
            elif stage is Stage.SIZE:
                pos = self._size(data, pos, end)
            elif stage is Stage.DATA_END:
                pos = self._data_end(data, pos, end)
            elif stage is Stage.TRAILERS:
                pos = self._trailers(data, pos, end)
            else:
                break
        return pos

    def _data(self, data: bytes, pos: int, end: int) -> int:
        stop = pos + self._remaining
        if stop > end:
            self._remaining = stop - end
            stop = end
        else:
            self._remaining = 0
            self.stage = Stage.DATA_END
        self._on_body(data if stop - pos == len(data) else data[pos:stop])
        return stop

    def _data_end(self, data: bytes, pos: int, end: int) -> int:
        if data[pos : pos + 2] == b"\r\n" and end - pos > 1 and not self._held:
            pos += 2
        else:
            self._held.append(data[pos])
            pos += 1
            if check_chunk_end(bytes(self._held)) is None:
                return pos
            self._held.clear()
        self.stage = Stage.SIZE
        if self._on_chunk_end is not None:
            self._on_chunk_end()
        return pos

    def _size(self, data: bytes, pos: int, end: int) -> int:
        held = self._held
        plain = None if held else _PLAIN_LINE.match(data, pos, end)
        if plain is not None and plain.end() - pos - 2 <= self._limits.max_chunk_line_size:
            self._begin_chunk(int(plain[1], 16))
            return plain.end()
        stop = data.find(b"\n", pos, end) + 1
        before = len(held)
        held += data[pos : stop or end]
        if not stop and self._is_harmless(before):
            return end
        line = bytes(held)
        if check_chunk_line(line, self._limits, self._lenient, self._extensions) is None:
            return stop or end
        digits = _SIZE.match(line)[0]  # type: ignore[index]
        self._extensions += len(line) - 2 - len(digits)
        held.clear()
        self._settled = 0
        self._begin_chunk(int(digits, 16))
        return stop

    def _is_harmless(self, before: int) -> bool:
        """Tell whether the rules need not be asked about the incomplete line that is held.

        Without this a line of many extensions in small pieces would cost its square.
        *before* is how much of it was held, and good, already.
        """
        held = self._held
        if len(held) > min(self._limits.max_chunk_line_size, self._limits.max_chunk_extensions - self._extensions):
            return False
        if not self._settled:
            size = _SIZE_DIGITS.match(held)
            self._settled = size.end() if size is not None else 0
        if not self._settled:
            return False
        if before and _TOKENS.fullmatch(held, before - 1) is not None:
            return True  # a token goes on, and nothing ends where a token character stands
        self._settled = _SETTLED.match(held, self._settled).end()  # type: ignore[union-attr]
        return _UNSETTLED.fullmatch(held, self._settled) is not None

    def _begin_chunk(self, size: int) -> None:
        self._remaining = size
        self.stage = Stage.DATA if size else Stage.TRAILERS

    def _trailers(self, data: bytes, pos: int, end: int) -> int:
        if self._partial is None:
            if data[pos : pos + 2] == b"\r\n" and end - pos >= 2:
                self.stage = Stage.DONE
                return pos + 2
            judge = partial(check_trailers, limits=self._limits, lenient=self._lenient, fields=self._fields)
            self._partial = Partial(judge, Phase.LINE, self._limits, self._lenient, self._fields)
        length = self._partial.feed(data[pos:end])
        if length is None:
            return end
        section = bytes(self._partial.data)
        self.trailers = read_fields(section[:length])
        self.stage = Stage.DONE
        return end - (len(section) - length)
