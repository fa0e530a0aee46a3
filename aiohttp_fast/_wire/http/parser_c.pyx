"""The compiled parser: llhttp for fields and chunked framing, csrc/scan.h around it, parsed.pxi for its results.

What is refused, and with what error, stands in ``refusals``; this file only notices that a
rule may be broken and asks there, so that it cannot disagree with the pure parser. All
sink calls happen outside of llhttp, after the state has been brought up to date.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from libc.stdint cimport INT64_MAX, int64_t, uint32_t, uintptr_t
from libc.stdlib cimport free
from libc.string cimport memchr, memcmp, memcpy

from typing import TYPE_CHECKING

from .llhttp cimport llhttp_get_error_reason, llhttp_t

from ..._base.later import later
from .limits import Limits
from .message import HttpVersion10, HttpVersion11

if TYPE_CHECKING:
    from . import refusals
else:
    refusals = later(".refusals", __name__)

__all__ = ("RequestParser", "ResponseParser")

include "parsed.pxi"


cdef extern from "scan.h" nogil:
    enum:
        EVENT_HEAD
        EVENT_BODY
        EVENT_CHUNK_LINE
        EVENT_CHUNK_END
        EVENT_MESSAGE
    enum:
        SCAN_NO_MEMORY

    ctypedef struct scan_t:
        llhttp_t http
        uint32_t begin
        uintptr_t origin
        mark_t *marks
        uint32_t count
        uint32_t limit
        int event
        const char *body
        size_t body_size

    ctypedef struct start_t:
        uint32_t method_end
        uint32_t target
        uint32_t target_end
        uint32_t reason
        uint32_t reason_end
        int status
        int minor
        int suspect

    int scan_prepare()
    void scan_begin(scan_t *scan, int lenient, size_t start_line)
    int scan_run(scan_t *scan, const char *at, const char *end, const char **stop)
    void scan_chunked(scan_t *scan)
    void scan_trailers(scan_t *scan, int lenient)
    void scan_facts(scan_t *scan, const char *block, size_t size, size_t limit, int lenient, facts_t *facts)
    size_t start_request(const char *p, size_t size, size_t limit, start_t *start)
    size_t start_response(const char *p, size_t size, size_t limit, int lenient, start_t *start)
    size_t hex_digits(const char *p, size_t size)


cdef enum State:
    START       # between messages, or inside a start line
    FIELDS
    LENGTH      # body by Content-Length
    UNTIL_EOF
    CHUNK_LINE
    CHUNK_DATA
    CHUNK_END
    TRAILERS
    UPGRADED
    DEAD


if scan_prepare():
    raise ImportError("llhttp does not understand its own start line")

cdef object _version10 = HttpVersion10
cdef object _version11 = HttpVersion11
cdef tuple _no_fields = ()


cdef class _Parser:
    """What both directions share; see the contract in ``parser``."""

    cdef scan_t scan
    cdef start_t start
    cdef State state
    cdef bint busy          # feed runs: a sink must not call it again
    cdef bint lenient
    cdef bint pending_cr    # a CR of an empty line before a strict start line waits for its LF
    cdef bint upgrading     # the message ends HTTP on this connection
    cdef char *kept         # bytes of an unfinished head, line or trailers from earlier reads
    cdef size_t kept_size
    cdef size_t kept_room
    cdef const char *segment  # where, in this read, the unfinished part goes on
    cdef int64_t remaining  # of the body, or of the chunk
    cdef size_t max_line_size
    cdef size_t max_field_size
    cdef size_t max_chunk_line_size
    cdef Py_ssize_t max_chunk_extensions
    cdef uint32_t max_headers
    cdef uint32_t head_fields
    cdef uint32_t watched   # number of the field that `alarms` counts for
    cdef uint32_t alarms
    cdef size_t alarm       # the size of a field that raises the next alarm
    cdef size_t skipped     # bytes of empty lines before the message
    cdef Py_ssize_t extensions  # bytes of chunk extensions in this message so far
    cdef object sink
    cdef object limits
    cdef object on_chunk_end
    cdef object error

    def __dealloc__(self):
        PyMem_Free(self.kept)
        free(self.scan.marks)

    cdef int _set_up(self, sink, limits) except -1:
        if min(limits) < 0:
            raise ValueError(f"limits must not be negative: {limits}")
        self.sink = sink
        self.limits = limits
        self.max_line_size = limits.max_line_size
        self.max_field_size = limits.max_field_size
        self.max_headers = limits.max_headers
        self.max_chunk_line_size = limits.max_chunk_line_size
        self.max_chunk_extensions = limits.max_chunk_extensions
        self.on_chunk_end = getattr(sink, "on_chunk_end", None)
        self.state = START
        return 0

    @property
    def upgraded(self):
        """True from the end of a message that ended HTTP on this connection."""
        return self.state == UPGRADED

    @property
    def body_remaining(self):
        """Bytes still expected of a body with Content-Length, otherwise 0."""
        return self.remaining if self.state == LENGTH else 0

    def feed(self, data, Py_ssize_t size=-1):
        """Parse *data*, or its first *size* bytes; return how many were consumed.

        That is fewer than given only after an upgrade, or when ``on_end`` returned True.
        Raises ``BadHttpMessage`` for what the peer got wrong, then again at each call.
        """
        cdef Py_buffer view
        if PyBytes_CheckExact(data):
            return self._guarded(data, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data), size)
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            return self._guarded(None, <const char *>view.buf, view.len, size)
        finally:
            PyBuffer_Release(&view)

    def feed_eof(self):
        """The connection ended: complete a body that only that ends, or raise what is missing."""
        cdef State state = self.state
        if self.busy:
            raise RuntimeError("feed_eof called from inside a sink")
        if state == DEAD:
            raise self.error
        self.busy = True
        try:
            if state == UNTIL_EOF:
                self._end_message(_no_fields)
            elif state == LENGTH:
                raise refusals.short_body(self.remaining)
            elif state == START or state == FIELDS:
                if self.kept_size:
                    self._check_head(self._bytes(NULL, NULL))
                    raise refusals.head_incomplete(self._bytes(NULL, NULL))
            elif state != UPGRADED:
                self._check_chunked(self._bytes(NULL, NULL))
                raise refusals.short_chunked()
        except BaseException as error:
            self._die(error)
            raise
        finally:
            self.busy = False

    def skip_body(self, Py_ssize_t size):
        """Advance as if *size* bytes of a Content-Length body had been fed; at its end call ``on_end``."""
        if self.busy:
            raise RuntimeError("skip_body called from inside a sink")
        if self.state != LENGTH or size < 0 or size > self.remaining:
            raise ValueError(f"cannot skip {size} bytes of {self.body_remaining}")
        self.remaining -= size
        if self.remaining:
            return
        self.busy = True
        try:
            self._end_message(_no_fields)
        except BaseException as error:
            self._die(error)
            raise
        finally:
            self.busy = False

    cdef Py_ssize_t _guarded(self, bytes whole, const char *data, Py_ssize_t length, Py_ssize_t size) except -1:
        """Run ``_consume`` so that whatever it raises leaves a parser that repeats it."""
        if self.busy:
            raise RuntimeError("feed called from inside a sink")
        if self.state == DEAD:
            raise self.error
        if size < 0:
            size = length
        elif size > length:
            raise ValueError(f"size {size} is beyond the {length} bytes given")
        elif size < length:
            whole = None
        self.busy = True
        try:
            return self._consume(whole, data, data + size)
        except BaseException as error:
            self._die(error)
            raise
        finally:
            self.busy = False

    cdef int _die(self, error) except -1:
        self.state = DEAD
        self.error = error
        self._forget()
        return 0

    cdef Py_ssize_t _consume(self, bytes whole, const char *data, const char *end) except -1:
        cdef const char *at = data
        cdef bint stop = False
        self._resume_segment(at)
        while at < end and not stop:
            if self.state == START:
                at = self._take_start(at, end)
            elif self.state == FIELDS:
                at = self._take_fields(at, end, &stop)
            elif self.state == LENGTH or self.state == UNTIL_EOF:
                at = self._take_plain(whole, at, end, &stop)
            elif self.state == UPGRADED:
                break
            else:
                at = self._take_chunked(at, end, &stop)
        return at - data

    cdef inline void _resume_segment(self, const char *at) noexcept:
        self.segment = at
        self.scan.origin = <uintptr_t>at - self.kept_size

    # -- bytes of what is unfinished ------------------------------------------------------

    cdef int _keep(self, const char *at, const char *end) except -1:
        """Append to what later reads will complete."""
        cdef size_t size = end - at
        cdef size_t room = self.kept_size + size
        cdef char *kept
        if room > self.kept_room:
            room += room // 2 + 128  # in proportion: a head may come byte by byte
            kept = <char *>PyMem_Realloc(self.kept, room)
            if kept == NULL:
                raise MemoryError
            self.kept = kept
            self.kept_room = room
        memcpy(self.kept + self.kept_size, at, size)
        self.kept_size += size
        return 0

    cdef void _forget(self) noexcept:
        self.kept_size = 0
        if self.kept_room > 2048:  # idle connections keep little
            PyMem_Free(self.kept)
            self.kept = NULL
            self.kept_room = 0

    cdef bytes _bytes(self, const char *at, const char *end):
        """What was kept, and [at, end) behind it."""
        cdef bytes kept = PyBytes_FromStringAndSize(self.kept, self.kept_size) if self.kept_size else b""
        return kept + PyBytes_FromStringAndSize(at, end - at) if at != end else kept

    # -- heads ----------------------------------------------------------------------------

    cdef size_t _read_start(self, const char *line, size_t size) except? 0:
        raise NotImplementedError

    cdef int _check_head(self, bytes data) except -1:
        raise NotImplementedError

    cdef int _finish_head(self, const char *stop) except -1:
        raise NotImplementedError

    cdef const char *_take_start(self, const char *at, const char *end) except NULL:
        cdef const char *line_end
        cdef size_t size
        if self.kept_size == 0:
            line_end = at
            at = self._skip_empty_lines(at, end)
            self.skipped += at - line_end
            if self.skipped > self.max_line_size:
                raise refusals.too_many_empty_lines(self.max_line_size)
            if at == end:
                return end
            self.skipped = 0
            self._resume_segment(at)
            size = self._read_start(at, end - at)
            if size == 0:
                self._keep(at, end)
                return end
            at += size
            if at == end:  # otherwise the fields, kept or copied, take the line with them
                self._keep(self.segment, end)
        else:
            line_end = <const char *>memchr(at, c"\n", end - at)
            line_end = end if line_end == NULL else line_end + 1
            self._keep(at, line_end)
            size = self._read_start(self.kept, self.kept_size)
            at = line_end
            if size == 0:
                return at
            self._resume_segment(at)
        scan_begin(&self.scan, self.lenient, size)
        self.watched = 0
        self.scan.limit = self.max_headers
        self.state = FIELDS
        return at

    cdef const char *_skip_empty_lines(self, const char *at, const char *end) except NULL:
        cdef const char *begin = at
        if self.lenient:
            while at < end and (at[0] == c"\r" or at[0] == c"\n"):
                at += 1
            return at
        while at < end:
            if self.pending_cr:
                if at[0] != c"\n":
                    self.skipped += at - begin
                    if self.skipped > self.max_line_size:
                        raise refusals.too_many_empty_lines(self.max_line_size)
                    self._check_head(b"\r" + PyBytes_FromStringAndSize(at, 1))
                self.pending_cr = False
            elif at[0] == c"\r":
                self.pending_cr = True
            else:
                break
            at += 1
        return at

    cdef const char *_take_fields(self, const char *at, const char *end, bint *stop) except NULL:
        cdef const char *reached
        cdef int error = scan_run(&self.scan, at, end, &reached)
        if error:
            self._refused(error, reached, end)
        if self.scan.event == EVENT_HEAD:
            stop[0] = self._finish_head(reached)
            return reached
        self._keep(self.segment, end)
        if self._is_long():
            self._check_head(self._bytes(NULL, NULL))
        if self.kept_size >= <uint32_t>FOLDED:
            raise MemoryError("message head of 2 GiB")  # offsets have 31 bits
        return end

    cdef int _refused(self, int error, const char *reached, const char *end) except -1:
        """llhttp stopped in a head: say why."""
        cdef bytes data
        if error == SCAN_NO_MEMORY:
            raise MemoryError
        data = self._bytes(self.segment, min(reached + 1, end))
        self._check_head(data)
        raise refusals.malformed(self._reason(), data[data.rfind(b"\n", 0, len(data) - 1) + 1:])

    cdef str _reason(self):
        cdef const char *reason = llhttp_get_error_reason(&self.scan.http)
        return "Malformed message" if reason == NULL else reason.decode("ascii")

    cdef mark_t *_copy_head(self, const char *stop, size_t *size) except NULL:
        """One block: room for the marks, then all bytes of the head."""
        cdef size_t marks = self.scan.count * sizeof(mark_t)
        cdef size_t here = stop - self.segment
        cdef char *memory
        size[0] = self.kept_size + here
        if size[0] >= <uint32_t>FOLDED:
            raise MemoryError("message head of 2 GiB")
        memory = <char *>PyMem_Malloc(marks + size[0])
        if memory == NULL:
            raise MemoryError
        if self.kept_size:
            memcpy(memory + marks, self.kept, self.kept_size)
        memcpy(memory + marks + self.kept_size, self.segment, here)
        return <mark_t *>memory

    # -- bodies ---------------------------------------------------------------------------

    cdef int _begin_body(self, State state, int64_t remaining) except -1:
        """Called after the head was understood, before the sink hears of it."""
        self.head_fields = self.scan.count
        self.extensions = 0
        self.remaining = remaining
        self.state = state
        self._forget()
        if state == CHUNK_LINE:
            scan_chunked(&self.scan)
        return 0

    cdef int _message_over(self) except -1:
        """Hook: forget what held for one message only."""
        return 0

    cdef int _end_message(self, tuple trailers) except -1:
        """Report the end; 1 if the sink wants ``feed`` to stop."""
        self.state = UPGRADED if self.upgrading else START
        self.upgrading = False
        self._forget()
        self._message_over()
        return 1 if self.sink.on_end(trailers) else 0

    cdef const char *_take_plain(self, bytes whole, const char *at, const char *end, bint *stop) except NULL:
        cdef Py_ssize_t size = end - at
        if self.state == LENGTH:
            size = min(size, self.remaining)
            self.remaining -= size
        if whole is not None and size == PyBytes_GET_SIZE(whole):
            self.sink.on_body(whole)
        else:
            self.sink.on_body(PyBytes_FromStringAndSize(at, size))
        if self.state == LENGTH and self.remaining == 0:
            stop[0] = self._end_message(_no_fields)
        return at + size

    cdef const char *_take_chunked(self, const char *at, const char *end, bint *stop) except NULL:
        cdef const char *reached
        cdef int error = scan_run(&self.scan, at, end, &reached)
        if error:
            if error == SCAN_NO_MEMORY:
                raise MemoryError
            data = self._bytes(self.segment, min(reached + 1, end))
            self._check_chunked(data)
            raise refusals.malformed(self._reason(), data)
        if self.scan.event == EVENT_BODY:
            self.remaining -= self.scan.body_size
            if self.remaining == 0:
                self.state = CHUNK_END
                self._resume_segment(reached)
            self.sink.on_body(PyBytes_FromStringAndSize(self.scan.body, self.scan.body_size))
        elif self.scan.event == EVENT_CHUNK_LINE:
            self._chunk_line(reached)
        elif self.scan.event == EVENT_CHUNK_END:
            self.state = CHUNK_LINE
            self._forget()
            self._resume_segment(reached)
            if self.on_chunk_end is not None:
                self.on_chunk_end()
        elif self.scan.event == EVENT_MESSAGE:
            stop[0] = self._end_message(self._trailers(reached))
        elif self.state != CHUNK_DATA:
            self._keep(self.segment, end)
            self._look_at_part()
        return reached

    cdef int _check_chunked(self, bytes data) except -1:
        """Raise what is wrong with the unfinished part of chunked framing."""
        if self.state == CHUNK_LINE:
            refusals.check_chunk_line(data, self.limits, self.lenient, self.extensions)
        elif self.state == CHUNK_END:
            refusals.check_chunk_end(data)
        elif self.state == TRAILERS:
            refusals.check_trailers(data, self.limits, self.lenient, self.head_fields)
        return 0

    cdef int _look_at_part(self) except -1:
        """A line goes on in the next read: watch its size."""
        cdef Py_ssize_t room
        if self.state == CHUNK_LINE:
            room = self.max_chunk_extensions - self.extensions
            if self.kept_size > self.max_chunk_line_size or (
                <Py_ssize_t>self.kept_size > room
                and <Py_ssize_t>(self.kept_size - hex_digits(self.kept, self.kept_size)) > room
            ):
                self._check_chunked(self._bytes(NULL, NULL))
        elif self.state == TRAILERS and self._is_long():
            self._check_chunked(self._bytes(NULL, NULL))
        return 0

    cdef bint _is_long(self) noexcept:
        """Whether the field that is coming in may have passed its limit.

        What does not count (colon, line ends of folds) makes some of these alarms false; after a
        few the next comes only when the field has grown in proportion, so that they stay cheap.
        """
        cdef size_t size
        if self.scan.count == 0:
            return self.kept_size - self.scan.begin > 2
        size = self.kept_size - self.scan.marks[self.scan.count - 1].name
        if self.watched != self.scan.count:
            self.watched = self.scan.count
            self.alarms = 0
            self.alarm = self.max_field_size
        if size <= self.alarm:
            return False
        self.alarms += 1
        self.alarm = size if self.alarms < 6 else size + size // 4
        return True

    cdef int _chunk_line(self, const char *reached) except -1:
        cdef const char *line = self.segment
        cdef size_t size = reached - line
        cdef size_t digits
        if self.kept_size:
            self._keep(line, reached)
            line = self.kept
            size = self.kept_size
        digits = hex_digits(line, size)
        if digits + 2 != size or digits > self.max_chunk_line_size or self.scan.http.content_length > INT64_MAX:
            self._check_chunked(PyBytes_FromStringAndSize(line, size))
            self.extensions += size - 2 - digits
        self._forget()
        self._resume_segment(reached)
        if self.scan.http.content_length == 0:
            scan_trailers(&self.scan, self.lenient)
            self.watched = 0
            self.scan.limit = self.max_headers - self.head_fields
            self.state = TRAILERS
        else:
            self.remaining = self.scan.http.content_length
            self.state = CHUNK_DATA
        return 0

    cdef tuple _trailers(self, const char *reached):
        cdef facts_t facts
        cdef bytes data
        if self.scan.count == 0 and self.kept_size == 0 and self.segment[0] == c"\r":
            return _no_fields
        data = self._bytes(self.segment, reached)
        scan_facts(&self.scan, PyBytes_AS_STRING(data), len(data), self.max_field_size, self.lenient, &facts)
        framing = facts.length >= 0 or facts.chunked or facts.other_coding
        if facts.suspect or framing or (self.lenient and b"\0" in data):
            self._check_chunked(data)
        return pairs(PyBytes_AS_STRING(data), self.scan.marks, self.scan.count)


cdef class RequestParser(_Parser):
    """Requests, strictly (RFC 9112; the rules stand in ``refusals``). *sink* is a ``Sink``."""

    def __init__(
        self,
        sink,
        *,
        max_line_size=8190,
        max_field_size=8190,
        max_headers=128,
        max_chunk_line_size=8190,
        max_chunk_extensions=16384,
    ):
        self._set_up(
            sink, Limits(max_line_size, max_field_size, max_headers, max_chunk_line_size, max_chunk_extensions)
        )

    def resume(self):
        """Go on with HTTP: the server declined the upgrade."""
        if self.state != UPGRADED:
            raise RuntimeError("there is no upgrade to decline")
        self.state = START

    cdef size_t _read_start(self, const char *line, size_t size) except? 0:
        cdef size_t length = start_request(line, size, self.max_line_size, &self.start)
        if self.start.suspect:
            self._check_head(PyBytes_FromStringAndSize(line, length or size))
        return length

    cdef int _check_head(self, bytes data) except -1:
        refusals.check_request_head(data, self.limits)
        return 0

    cdef int _finish_head(self, const char *stop) except -1:
        cdef ParsedRequest head = ParsedRequest.__new__(ParsedRequest)
        cdef size_t size
        cdef facts_t facts
        cdef bint connect, body
        head.marks = self._copy_head(stop, &size)
        head.count = self.scan.count
        head.block = <const char *>(head.marks + head.count)
        scan_facts(&self.scan, head.block, size, self.max_field_size, self.lenient, &facts)
        if head.count:  # without fields there may be no marks yet, and memcpy takes no NULL
            memcpy(head.marks, self.scan.marks, head.count * sizeof(mark_t))
        connect = self.start.method_end == 7 and memcmp(head.block, b"CONNECT", 7) == 0
        if (
            facts.suspect
            or (self.start.minor and facts.hosts == 0)
            or (facts.chunked and self.start.minor == 0)
            or (connect and (facts.chunked or facts.length > 0))
        ):
            self._check_head(PyBytes_FromStringAndSize(head.block, size))
        head.method_end = self.start.method_end
        head.target_start = self.start.target
        head.target_end = self.start.target_end
        head.version = _version11 if self.start.minor else _version10
        head.keep_alive = not facts.close and (self.start.minor or facts.keep_alive)
        head.chunked = facts.chunked
        head.content_length = facts.length if facts.length >= 0 else None
        if facts.encodings:
            head.content_encoding = encoding(head.block, head.marks, head.count, &facts)
        head.upgrade = connect or (self.start.minor and facts.upgrade_listed and facts.upgrade_field)
        self.upgrading = head.upgrade
        body = facts.chunked or facts.length > 0
        if facts.chunked:
            self._begin_body(CHUNK_LINE, 0)
            self._resume_segment(stop)
        else:
            self._begin_body(LENGTH, max(facts.length, 0))
        self.sink.on_head(head)
        return 0 if body else self._end_message(_no_fields)


cdef class ResponseParser(_Parser):
    """Responses, leniently unless told otherwise (the rules stand in ``refusals``). *sink* is a ``Sink``."""

    cdef Py_ssize_t max_interim_responses
    cdef Py_ssize_t interim
    cdef bint is_interim
    cdef bint to_head
    cdef bint to_connect
    cdef bint read_until_eof

    def __init__(
        self,
        sink,
        *,
        max_line_size=8190,
        max_field_size=8190,
        max_headers=128,
        max_chunk_line_size=8190,
        max_chunk_extensions=16384,
        max_interim_responses=100,
        lenient=True,
    ):
        self._set_up(
            sink, Limits(max_line_size, max_field_size, max_headers, max_chunk_line_size, max_chunk_extensions)
        )
        self.max_interim_responses = max_interim_responses
        self.lenient = lenient
        self.read_until_eof = True

    def prepare(self, method, read_until_eof=True):
        """Say what the next response answers; holds until its end, interim responses included.

        Without *read_until_eof* a response that gives no length has an empty body.
        """
        self.to_head = method == "HEAD"
        self.to_connect = method == "CONNECT"
        self.read_until_eof = read_until_eof

    cdef size_t _read_start(self, const char *line, size_t size) except? 0:
        cdef size_t length = start_response(line, size, self.max_line_size, self.lenient, &self.start)
        if self.start.suspect:
            self._check_head(PyBytes_FromStringAndSize(line, length or size))
        return length

    cdef int _check_head(self, bytes data) except -1:
        refusals.check_response_head(data, self.limits, self.lenient)
        return 0

    cdef int _finish_head(self, const char *stop) except -1:
        cdef ParsedResponse head = ParsedResponse.__new__(ParsedResponse)
        cdef size_t size
        cdef facts_t facts
        cdef int status = self.start.status
        cdef State body
        head.marks = self._copy_head(stop, &size)
        head.count = self.scan.count
        head.block = <const char *>(head.marks + head.count)
        scan_facts(&self.scan, head.block, size, self.max_field_size, self.lenient, &facts)
        if head.count:  # without fields there may be no marks yet, and memcpy takes no NULL
            memcpy(head.marks, self.scan.marks, head.count * sizeof(mark_t))
        if facts.suspect or (self.lenient and memchr(head.block, 0, size) != NULL):
            self._check_head(PyBytes_FromStringAndSize(head.block, size))
        self.is_interim = 100 <= status < 200 and status != 101
        if self.is_interim:
            self.interim += 1
            if self.interim > self.max_interim_responses:
                raise refusals.too_many_interim(self.max_interim_responses)
        head.status = status
        head.reason_start = self.start.reason
        head.reason_end = self.start.reason_end
        head.version = _version11 if self.start.minor else _version10
        head.has_set_cookie = facts.set_cookie
        head.chunked = facts.chunked
        head.content_length = facts.length if facts.length >= 0 else None
        if facts.encodings:
            head.content_encoding = encoding(head.block, head.marks, head.count, &facts)
        head.upgrade = status == 101 or (self.to_connect and 200 <= status < 300)
        self.upgrading = head.upgrade
        body = self._body_kind(status, &facts)
        head.keep_alive = body != UNTIL_EOF and not facts.close and (
            self.start.minor or (facts.keep_alive and not facts.chunked and not facts.other_coding)
        )
        self._begin_body(body, facts.length)
        if body == CHUNK_LINE:
            self._resume_segment(stop)
        self.sink.on_head(head)
        return self._end_message(_no_fields) if body == START else 0

    cdef State _body_kind(self, int status, const facts_t *facts) noexcept:
        """RFC 9112 6.3; START: there is none."""
        if self.to_head or self.upgrading or status < 200 and status >= 100 or status == 204 or status == 304:
            return START
        if facts.chunked:
            return CHUNK_LINE
        if facts.other_coding:
            return UNTIL_EOF
        if facts.length >= 0:
            return LENGTH if facts.length else START
        return UNTIL_EOF if self.read_until_eof else START

    cdef int _message_over(self) except -1:
        if not self.is_interim:
            self.interim = 0
            self.to_head = self.to_connect = False
            self.read_until_eof = True
        return 0
