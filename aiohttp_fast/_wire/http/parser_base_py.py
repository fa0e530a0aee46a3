"""What both directions of the pure parser share: pieces, fields, bodies, ends, errors."""

import re
from collections.abc import Callable, Collection, Sequence
from enum import IntEnum
from typing import Any

from .chunked_py import Chunked, RawHeaders, Stage
from .limits import Limits
from .message import content_coding
from .partial_py import Partial, Phase
from .refusals import head_incomplete, short_body, short_chunked, too_many_empty_lines

__all__ = ("BaseParser", "Facts", "Pairs", "State", "elements", "facts_of", "framing", "keeps_alive")

_WATCHED = frozenset(
    (
        b"connection",
        b"content-encoding",
        b"content-length",
        b"host",
        b"set-cookie",
        b"transfer-encoding",
        b"upgrade",
    )
)

# Possessive: a peer cannot make a match cost more than one pass.
_FIELDS = re.compile(rb"^([!#$%&'*+\-.^_`|~0-9A-Za-z]++):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)\r\n", re.MULTILINE)
_LENIENT_FIELDS = re.compile(rb"^([!#$%&'*+\-.^_`|~0-9A-Za-z]++):[ \t]*+([^\0\r\n]*+)\r\n", re.MULTILINE)
_EMPTY_LINES = re.compile(rb"(?:\r\n)*")
_LINE_ENDS = re.compile(rb"[\r\n]*")

Pairs = tuple[tuple[bytes, bytes], ...]
Facts = dict[bytes, bytes]


class State(IntEnum):
    """What the next byte belongs to."""

    HEAD = 0
    EMPTY_LINE = 1  # a CR before a head: the LF is awaited
    LENGTH = 2  # a body of a known number of bytes
    CHUNKED = 3
    UNTIL_EOF = 4
    PAUSED = 5  # before a head, as HEAD; but this feed ends here
    UPGRADED = 6


def facts_of(pairs: Pairs) -> Facts:
    """Return the fields that the parser itself looks at, values of one name joined."""
    facts: Facts = {}
    for name, value in pairs:
        key = name.lower()
        if key in _WATCHED:
            facts[key] = facts[key] + b", " + value if key in facts and key != b"set-cookie" else value
    return facts


def _stripped(pairs: Sequence[tuple[bytes, bytes]]) -> Pairs:
    return tuple([(name, value.rstrip(b" \t")) for name, value in pairs])


def elements(value: bytes) -> set[bytes]:
    """Return the elements of a comma-separated list, in lower case (RFC 9110 5.6.1)."""
    return {element.strip(b" \t") for element in value.lower().split(b",")}


class BaseParser:
    """What both directions share: pieces, bodies, ends, errors."""

    __slots__ = (
        "_after",
        "_busy",
        "_chunked",
        "_error",
        "_lenient",
        "_limits",
        "_on_chunk_end",
        "_partial",
        "_remaining",
        "_safe",
        "_sink",
        "_skipped",
        "_state",
    )

    _first_phase = Phase.METHOD

    def __init__(self, sink: Any, limits: Limits, lenient: bool) -> None:
        self._sink = sink
        self._limits = limits
        self._lenient = lenient
        self._on_chunk_end: Callable[[], None] | None = getattr(sink, "on_chunk_end", None)
        self._safe = min(limits.max_line_size, limits.max_field_size)  # no line up to here passes a limit
        self._state = State.HEAD
        self._after = State.HEAD  # what follows the end of the message
        self._partial: Partial | None = None
        self._chunked: Chunked | None = None
        self._remaining = 0
        self._skipped = 0  # bytes of empty lines before the message
        self._error: BaseException | None = None
        self._busy = False  # feed runs: a sink must not call it again

    @property
    def upgraded(self) -> bool:
        """True from the end of a message that switches protocols until ``resume``."""
        return self._state is State.UPGRADED

    @property
    def body_remaining(self) -> int:
        """Bytes still expected of a body with Content-Length, else 0."""
        return self._remaining

    def skip_body(self, size: int) -> None:
        """Count *size* bytes of the body as received elsewhere; the last of them ends the message.

        Raises ValueError unless ``0 <= size <= body_remaining``.
        """
        self._enter("skip_body")
        if not 0 <= size <= self._remaining:
            self._busy = False
            raise ValueError(f"cannot skip {size} bytes of {self._remaining}")
        try:
            self._remaining -= size
            if size and not self._remaining:
                self._end(())
        except BaseException as error:
            self._error = error
            raise
        finally:
            self._busy = False

    def _enter(self, name: str) -> None:
        if self._busy:
            raise RuntimeError(f"{name} called from inside a sink")
        self._busy = True

    def feed(self, data: bytes | bytearray | memoryview, size: int = -1) -> int:
        """Parse *data*, or its first *size* bytes; return how many were consumed.

        Fewer than given are consumed only when the sink's ``on_end`` returned True and
        after an upgrade. Raises the error that ended the parser, now or earlier.
        """
        if self._error is not None:
            raise self._error
        self._enter("feed")
        try:
            if type(data) is bytes:
                return self._feed(data, 0, len(data) if size < 0 else min(size, len(data)))
            with memoryview(data) as view, view.cast("B") as octets:
                return self._feed_view(octets if size < 0 else octets[:size])
        except BaseException as error:
            self._error = error
            raise
        finally:
            self._busy = False

    def feed_eof(self) -> None:
        """The peer sends no more. Ends a body without length; raises if a message is incomplete."""
        if self._error is not None:
            raise self._error
        self._enter("feed_eof")
        try:
            self._feed_eof()
        except BaseException as error:
            self._error = error
            raise
        finally:
            self._busy = False

    def _feed_eof(self) -> None:
        state = self._state
        if state is State.UNTIL_EOF:
            self._end(())
        elif state is State.LENGTH:
            raise short_body(self._remaining)
        elif state is State.CHUNKED:
            raise short_chunked()
        elif self._partial is not None:
            raise head_incomplete(bytes(self._partial.data))

    def _feed_view(self, view: memoryview) -> int:
        """Take body bytes straight out of *view*, so that they are copied once."""
        size = len(view)
        state = self._state
        first = size if state is State.UNTIL_EOF else min(size, self._remaining) if state is State.LENGTH else 0
        if first:
            self._feed(bytes(view[:first]), 0, first)
            if first == size or self._is_paused():
                return first
        return first + self._feed(bytes(view[first:]), 0, size - first)

    def _is_paused(self) -> bool:
        return self._state is State.PAUSED

    def _feed(self, data: bytes, pos: int, end: int) -> int:
        if self._state is State.PAUSED:
            self._state = State.HEAD
        while pos < end:
            state = self._state
            if state is State.HEAD:
                pos = self._head(data, pos, end)
            elif state is State.LENGTH:
                pos = self._length(data, pos, end)
            elif state is State.CHUNKED:
                pos = self._chunks(data, pos, end)
            elif state is State.UNTIL_EOF:
                self._sink.on_body(data if end - pos == len(data) else data[pos:end])
                return end
            elif state is State.EMPTY_LINE:
                if data[pos] != 10:
                    self._judge(b"\r" + data[pos : pos + 1])
                self._state = State.HEAD
                pos += 1
                self._count_skipped(1)
            else:
                break
        return pos

    def _length(self, data: bytes, pos: int, end: int) -> int:
        stop = min(end, pos + self._remaining)
        self._remaining -= stop - pos
        self._sink.on_body(data if stop - pos == len(data) else data[pos:stop])
        if not self._remaining:
            self._end(())
        return stop

    def _chunks(self, data: bytes, pos: int, end: int) -> int:
        chunked = self._chunked
        if chunked is None:
            raise RuntimeError("no chunked body")
        pos = chunked.feed(data, pos, end)
        if chunked.stage is Stage.DONE:
            self._end(chunked.trailers)
        return pos

    def _head(self, data: bytes, pos: int, end: int) -> int:
        """Parse or keep what there is of a head; return the index behind it."""
        section = self._partial
        if section is None:
            if data[pos] in b"\r\n":
                pos = self._skip_empty_lines(data, pos, end)
                if pos == end:
                    return end
            self._skipped = 0
            stop = data.find(b"\r\n\r\n", pos, end)
            if stop >= 0:
                return self._whole(data, pos, stop + 4)
            self._partial = section = Partial(self._judge, self._first_phase, self._limits, self._lenient)
        length = section.feed(data[pos:end])
        if length is None:
            return end
        self._partial = None
        self._whole(bytes(section.data[:length]), 0, length)
        return end - (len(section.data) - length)

    def _skip_empty_lines(self, data: bytes, pos: int, end: int) -> int:
        """RFC 9112 2.2: empty lines before a start line are skipped."""
        pattern = _LINE_ENDS if self._lenient else _EMPTY_LINES
        stop: int = pattern.match(data, pos, end).end()  # type: ignore[union-attr]
        if stop + 1 == end and data[stop] == 13:
            self._state = State.EMPTY_LINE
            stop = end
        self._count_skipped(stop - pos)
        return stop

    def _count_skipped(self, size: int) -> None:
        self._skipped += size
        if self._skipped > self._limits.max_line_size:
            raise too_many_empty_lines(self._limits.max_line_size)

    def _read_fields(self, data: bytes, start: int, stop: int) -> Pairs | None:
        """Return the fields if they are plain ones and within the limits, else None.

        ``data[start:stop]`` ends with the empty line; the byte before *start* is an LF.
        """
        if data[stop - 2 : stop] != b"\r\n":
            return None
        stop -= 2
        pairs = (_LENIENT_FIELDS if self._lenient else _FIELDS).findall(data, start, stop)
        # Each match is a whole line with the line end it needs, so equal numbers mean that there is nothing else.
        if len(pairs) != data.count(b"\n", start, stop) or len(pairs) > self._limits.max_headers:
            return None
        if stop - start > self._safe and max(map(len, data[start:stop].split(b"\r\n"))) > self._safe:
            return None
        if data.find(b" \r\n", start, stop) >= 0 or data.find(b"\t\r\n", start, stop) >= 0:
            return _stripped(pairs)
        return tuple(pairs)

    def _judge(self, data: bytes) -> int | None:
        """Raise the first refusal; return the length of the head if *data* holds all of it."""
        raise NotImplementedError

    def _whole(self, data: bytes, start: int, stop: int) -> int:
        """Report the head in ``data[start:stop]``; return the index behind it."""
        raise NotImplementedError

    def _begin_chunked(self, fields: int) -> None:
        self._state = State.CHUNKED
        self._chunked = Chunked(self._sink.on_body, self._on_chunk_end, self._limits, self._lenient, fields)

    def _end(self, trailers: RawHeaders) -> None:
        """Report the end of the message; all is ready for the next one before the sink hears of it."""
        self._chunked = None
        self._state = self._after
        self._after = State.HEAD
        if self._sink.on_end(trailers) and self._state is State.HEAD:
            self._state = State.PAUSED


def framing(facts: Facts) -> tuple[bool, int | None, str | None]:
    """Return what heads say of their body: chunked, Content-Length, Content-Encoding."""
    length = facts.get(b"content-length")
    coding = facts.get(b"transfer-encoding")
    encoding = facts.get(b"content-encoding")
    return (
        coding is not None and coding.lower().endswith(b"chunked"),  # the rules let it stand last only
        None if length is None else int(length),
        None if encoding is None else content_coding(encoding),
    )


def keeps_alive(minor: bytes, tokens: Collection[bytes]) -> bool:
    """Tell whether the connection persists (RFC 9112 9.3); *tokens* is what Connection lists."""
    return b"close" not in tokens and (minor == b"1" or b"keep-alive" in tokens)
