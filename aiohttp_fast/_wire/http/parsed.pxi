# Heads as the compiled parser makes them: offsets into one copy of the bytes, objects when looked at.
#
# Included by parser_c.pyx, which fills the C attributes; `marks` is one block of memory that begins
# with the marks and goes on with the bytes of the head at `block`.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.list cimport PyList_New, PyList_SET_ITEM
from cpython.mem cimport PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_New, PyTuple_SET_ITEM
from cpython.unicode cimport PyUnicode_1BYTE_DATA, PyUnicode_DecodeASCII, PyUnicode_DecodeUTF8, PyUnicode_New
from libc.stdint cimport uint32_t
from libc.string cimport memcmp, memcpy
from .message cimport RequestHead, ResponseHead

from multidict import CIMultiDict, CIMultiDictProxy, istr

from .message import COMMON_NAMES, KNOWN_NAMES, content_coding


cdef extern from "fields.h" nogil:
    enum:
        FOLDED
        KNOWN_COUNT
    int LINE_SLOTS

    ctypedef struct mark_t:
        uint32_t name
        uint32_t name_end
        uint32_t value
        uint32_t value_end

    ctypedef struct facts_t:
        int64_t length
        int chunked
        int other_coding
        int close
        int keep_alive
        int upgrade_listed
        int upgrade_field
        int hosts
        int set_cookie
        int encodings
        int suspect
        uint32_t encoding

    int find_field(const char *block, const mark_t *marks, uint32_t count, const char *lower, size_t size)
    int find_known(const char *name, size_t size)
    size_t unfold(const char *source, size_t size, char *to)
    bint is_ascii(const char *p, size_t size)
    uint32_t line_hash(const char *p, size_t size)


# Name objects by the index that find_known gives; never emptied, so borrowed pointers do.
cdef tuple _names = (*KNOWN_NAMES, *COMMON_NAMES)
cdef Py_ssize_t _respelled = len(KNOWN_NAMES)  # below it, the istr stands for any spelling
cdef list _istrs = [istr(name) for name in _names]
cdef dict _as_sent = {"Etag": "ETag", "X-Request-ID": "X-Request-Id"}  # where most peers spell it in another way
cdef list _usual = [_as_sent.get(name, name).encode("ascii") for name in _names]
cdef list _lower = [name.lower().encode("ascii") for name in _names]
if len(_istrs) != KNOWN_COUNT:
    raise ImportError("csrc/known_headers.h is stale: run tools/known_headers.py and build again")

cdef dict _methods = {
    name.encode("ascii"): name
    for name in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE")
}


cdef inline bint _is_usual(const char *name, Py_ssize_t size, int known) noexcept:
    return memcmp(PyBytes_AS_STRING(<bytes>_usual[known]), name, size) == 0


cdef inline bytes _name(const char *name, Py_ssize_t size, int known):
    """The name as received; one shared object where peers spell it as usual."""
    cdef bytes shared
    if known >= 0:
        shared = <bytes>_usual[known]
        if memcmp(PyBytes_AS_STRING(shared), name, size) == 0:
            return shared
        shared = <bytes>_lower[known]
        if memcmp(PyBytes_AS_STRING(shared), name, size) == 0:
            return shared
    return PyBytes_FromStringAndSize(name, size)


cdef bytes _unfolded(const char *value, Py_ssize_t size):
    cdef bytes result = PyBytes_FromStringAndSize(NULL, size)
    cdef size_t length = unfold(value, size, PyBytes_AS_STRING(result))
    return result[:length]


cdef inline bytes _value(const char *block, const mark_t *mark):
    if mark.value_end & <uint32_t>FOLDED:
        return _unfolded(block + mark.value, (mark.value_end & ~<uint32_t>FOLDED) - mark.value)
    return PyBytes_FromStringAndSize(block + mark.value, mark.value_end - mark.value)


cdef inline object _text(const char *value, Py_ssize_t size):
    """UTF-8 with surrogateescape; nearly all values are ASCII and need only be copied."""
    cdef object text
    if size > 1 and is_ascii(value, size):  # shorter ones are shared by the interpreter
        text = PyUnicode_New(size, 127)
        memcpy(PyUnicode_1BYTE_DATA(text), value, size)
        return text
    return PyUnicode_DecodeUTF8(value, size, "surrogateescape")


cdef struct line_t:
    PyObject *raw   # the field as received, a pair of bytes
    PyObject *text  # the same as headers give it out; made when first asked for

# Peers send most of their fields again and again: the objects of recent lines are given out
# again while the bytes are the same. A line has one possible place, so a crafted one can at worst
# push another out; only known names that carry no secret and repeat are remembered.
cdef line_t[256] _lines
cdef enum:
    LONGEST_LINE = 128
cdef set _passing = {
    "authorization", "cf-ray", "cookie", "etag", "proxy-authorization", "sec-websocket-accept", "sec-websocket-key",
    "server-timing", "set-cookie", "traceparent", "x-amz-cf-id", "x-amzn-trace-id", "x-correlation-id", "x-request-id",
    "x-runtime", "x-timer",
}
cdef unsigned char[256] _repeats
cdef int _index
for _index in range(KNOWN_COUNT):
    _repeats[_index] = _names[_index].lower() not in _passing


cdef inline tuple _raw_field(const char *block, const mark_t *mark, int known):
    return (_name(block + mark.name, mark.name_end - mark.name, known), _value(block, mark))


cdef inline tuple _text_field(const char *block, const mark_t *mark, int known):
    cdef object name
    if known >= 0 and (known < _respelled or _is_usual(block + mark.name, mark.name_end - mark.name, known)):
        name = <object>_istrs[known]
    else:
        name = _text(block + mark.name, mark.name_end - mark.name)
    if mark.value_end & <uint32_t>FOLDED:
        return (name, _value(block, mark).decode("utf-8", "surrogateescape"))
    return (name, _text(block + mark.value, mark.value_end - mark.value))


cdef inline bint _is_line(PyObject *pair, const char *block, const mark_t *mark) noexcept:
    cdef PyObject *name = PyTuple_GET_ITEM(<object>pair, 0)
    cdef PyObject *value = PyTuple_GET_ITEM(<object>pair, 1)
    cdef Py_ssize_t name_size = mark.name_end - mark.name
    cdef Py_ssize_t value_size = mark.value_end - mark.value
    return (
        PyBytes_GET_SIZE(<object>name) == name_size
        and PyBytes_GET_SIZE(<object>value) == value_size
        and memcmp(PyBytes_AS_STRING(<object>value), block + mark.value, value_size) == 0
        and memcmp(PyBytes_AS_STRING(<object>name), block + mark.name, name_size) == 0
    )


cdef tuple _field(const char *block, const mark_t *mark, bint as_text):
    """One field as a pair of bytes or, *as_text*, of str."""
    cdef line_t *line = NULL
    cdef uint32_t size = mark.value_end - mark.name
    cdef int known
    cdef tuple pair
    if LINE_SLOTS and size <= LONGEST_LINE:  # a folded value's size has its top bit set
        line = &_lines[line_hash(block + mark.name, size)]
        if line.raw != NULL and _is_line(line.raw, block, mark):
            if not as_text:
                return <tuple>line.raw
            if line.text != NULL:
                return <tuple>line.text
        else:
            known = find_known(block + mark.name, mark.name_end - mark.name)
            if known < 0 or not _repeats[known]:
                return _text_field(block, mark, known) if as_text else _raw_field(block, mark, known)
            pair = _raw_field(block, mark, known)
            Py_INCREF(pair)
            Py_XDECREF(line.raw)
            Py_XDECREF(line.text)
            line.raw = <PyObject *>pair
            line.text = NULL
            if not as_text:
                return pair
    known = find_known(block + mark.name, mark.name_end - mark.name)
    if not as_text:
        return _raw_field(block, mark, known)
    pair = _text_field(block, mark, known)
    # Making the text may have run a collection, and that somebody's code, which looks fields up too.
    if line != NULL and line.text == NULL and line.raw != NULL and _is_line(line.raw, block, mark):
        Py_INCREF(pair)
        line.text = <PyObject *>pair
    return pair


cdef tuple pairs(const char *block, const mark_t *marks, uint32_t count):
    cdef tuple result = PyTuple_New(count)
    cdef tuple pair
    cdef uint32_t i
    for i in range(count):
        pair = _field(block, &marks[i], False)
        Py_INCREF(pair)
        PyTuple_SET_ITEM(result, i, pair)
    return result


cdef object _multidict(const char *block, const mark_t *marks, uint32_t count):
    cdef list pairs = PyList_New(count)
    cdef tuple pair
    cdef uint32_t i
    for i in range(count):
        pair = _field(block, &marks[i], True)
        Py_INCREF(pair)
        PyList_SET_ITEM(pairs, i, pair)
    return CIMultiDictProxy(CIMultiDict(pairs))


cdef object encoding(const char *block, const mark_t *marks, uint32_t count, const facts_t *facts):
    """What Content-Encoding asks for; several lines are one list (RFC 9110 5.3)."""
    cdef list values
    cdef uint32_t i
    if facts.encodings == 1:
        return content_coding(_value(block, &marks[facts.encoding]))
    values = []
    for i in range(count):
        if find_field(block, &marks[i], 1, b"content-encoding", 16) == 0:
            values.append(_value(block, &marks[i]))
    return content_coding(b", ".join(values))


cdef class ParsedRequest(RequestHead):
    """A request head over one copy of its bytes: marks first, then the block."""

    cdef mark_t *marks
    cdef const char *block
    cdef uint32_t count
    cdef uint32_t method_end, target_start, target_end

    def __init__(self):
        raise TypeError("heads come from the parser")

    def __dealloc__(self):
        PyMem_Free(self.marks)

    @property
    def raw_headers(self):
        """Name and value of each field as received, in order."""
        if self._raw_headers is None:
            self._raw_headers = pairs(self.block, self.marks, self.count)
        return self._raw_headers

    @property
    def headers(self):
        """The fields as a case-insensitive multidict, read-only."""
        if self._headers is None:
            self._headers = _multidict(self.block, self.marks, self.count)
        return self._headers

    @property
    def method(self):
        """The method as received; methods are case-sensitive (RFC 9110 9.1)."""
        cdef bytes name
        if self._method is None:
            name = PyBytes_FromStringAndSize(self.block, self.method_end)
            self._method = _methods.get(name)
            if self._method is None:
                self._method = name.decode("ascii")
        return self._method

    @property
    def target(self):
        """The request target as received; ASCII."""
        if self._target is None:
            self._target = PyUnicode_DecodeASCII(
                self.block + self.target_start, self.target_end - self.target_start, NULL
            )
        return self._target

    def first(self, bytes name not None):
        """Return the first value of the field *name* (given in lower case), or None."""
        cdef int index = find_field(self.block, self.marks, self.count, PyBytes_AS_STRING(name), len(name))
        return None if index < 0 else _value(self.block, &self.marks[index])


cdef class ParsedResponse(ResponseHead):
    """A response head over one copy of its bytes: marks first, then the block."""

    cdef mark_t *marks
    cdef const char *block
    cdef uint32_t count
    cdef uint32_t reason_start, reason_end

    def __init__(self):
        raise TypeError("heads come from the parser")

    def __dealloc__(self):
        PyMem_Free(self.marks)

    @property
    def raw_headers(self):
        """Name and value of each field as received, in order."""
        if self._raw_headers is None:
            self._raw_headers = pairs(self.block, self.marks, self.count)
        return self._raw_headers

    @property
    def headers(self):
        """The fields as a case-insensitive multidict, read-only."""
        if self._headers is None:
            self._headers = _multidict(self.block, self.marks, self.count)
        return self._headers

    @property
    def reason(self):
        """The reason phrase (UTF-8, ``surrogateescape``), empty when there is none."""
        cdef const char *reason = self.block + self.reason_start
        cdef Py_ssize_t size = self.reason_end - self.reason_start
        if self._reason is None:
            if size == 2 and memcmp(reason, b"OK", 2) == 0:
                self._reason = "OK"
            else:
                self._reason = PyUnicode_DecodeUTF8(reason, size, "surrogateescape")
        return self._reason

    def first(self, bytes name not None):
        """Return the first value of the field *name* (given in lower case), or None."""
        cdef int index = find_field(self.block, self.marks, self.count, PyBytes_AS_STRING(name), len(name))
        return None if index < 0 else _value(self.block, &self.marks[index])
