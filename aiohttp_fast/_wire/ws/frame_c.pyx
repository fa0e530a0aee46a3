"""Frames as bytes, written once: head, key and masked payload go straight into the object that is sent."""

from cpython.buffer cimport PyBUF_SIMPLE, Py_buffer, PyBuffer_Release
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.exc cimport PyErr_Clear
from cpython.tuple cimport PyTuple_Check, PyTuple_GET_ITEM, PyTuple_GET_SIZE
from cpython.unicode cimport PyUnicode_AsUTF8String, PyUnicode_DecodeUTF8
from libc.string cimport memcpy

from .mask_c cimport mask_copy_of, mask_part
from .mask_rules import refuse_key

__all__ = ("cut", "field_of", "frame_head", "make_frame", "make_tuple", "text", "unmask")

cdef extern from "Python.h":
    int get_buffer "PyObject_GetBuffer" (object buf, Py_buffer *view, int flags) noexcept
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    void *PyUnicode_DATA(object text)

cdef extern from *:
    """
    /* What calling the class does in the end, without a tuple of arguments and one of items before. */
    static PyObject *tuple_of_three(PyObject *cls, PyObject *a, PyObject *b, PyObject *c) {
        PyObject *made;
        if (!PyType_FastSubclass((PyTypeObject *)cls, Py_TPFLAGS_TUPLE_SUBCLASS))
            return PyErr_Format(PyExc_TypeError, "%s is no class of tuples", ((PyTypeObject *)cls)->tp_name);
        made = ((PyTypeObject *)cls)->tp_alloc((PyTypeObject *)cls, 3);
        if (made != NULL) {
            PyTuple_SET_ITEM(made, 0, Py_NewRef(a));
            PyTuple_SET_ITEM(made, 1, Py_NewRef(b));
            PyTuple_SET_ITEM(made, 2, Py_NewRef(c));
        }
        return made;
    }
    """
    object tuple_of_three(object cls, object a, object b, object c)

cdef enum:
    MASKED = 0x80
    MAX_HEAD = 14
    LONG = 262144  # bytes from which other threads may run meanwhile


cdef const unsigned char *key_of(object key) except? NULL:
    if key is None:
        return NULL
    if not PyBytes_CheckExact(key) or PyBytes_GET_SIZE(key) != 4:
        refuse_key(key)
    return <const unsigned char *>PyBytes_AS_STRING(key)


cdef Py_ssize_t write_head(unsigned char *out, unsigned char first, size_t length, const unsigned char *key) noexcept:
    cdef unsigned char second = 0 if key == NULL else MASKED
    cdef Py_ssize_t at = 2
    cdef int shift
    out[0] = first
    if length < 126:
        out[1] = second | <unsigned char>length
    elif length < 65536:
        out[1] = second | 126
        out[2] = <unsigned char>(length >> 8)
        out[3] = <unsigned char>length
        at = 4
    else:
        out[1] = second | 127
        for shift in range(8):
            out[2 + shift] = <unsigned char>(<unsigned long long>length >> (56 - 8 * shift))
        at = 10
    if key != NULL:
        memcpy(out + at, key, 4)
        at += 4
    return at


cpdef bytes frame_head(unsigned char first, Py_ssize_t length, key=None):
    """Return the head of a frame, the key included."""
    cdef unsigned char head[MAX_HEAD]
    cdef Py_ssize_t size
    if length < 0:
        raise ValueError("negative length")
    size = write_head(head, first, length, key_of(key))
    return PyBytes_FromStringAndSize(<char *>head, size)


cdef bytes framed(unsigned char first, const unsigned char *payload, size_t length, object key):
    cdef unsigned char head[MAX_HEAD]
    cdef const unsigned char *raw_key = key_of(key)
    cdef Py_ssize_t size = write_head(head, first, length, raw_key)
    cdef bytes frame = PyBytes_FromStringAndSize(NULL, size + <Py_ssize_t>length)
    cdef unsigned char *out = <unsigned char *>PyBytes_AS_STRING(frame)
    memcpy(out, head, size)
    if raw_key == NULL:
        memcpy(out + size, payload, length)
    elif length < LONG:
        mask_copy_of(out + size, payload, length, raw_key)
    else:
        with nogil:
            mask_copy_of(out + size, payload, length, raw_key)
    return frame


cpdef bytes make_frame(unsigned char first, payload, key=None):
    """Return a whole frame, masked with *key* if there is one."""
    cdef Py_buffer view
    cdef bytes frame
    if isinstance(payload, str):
        if PyUnicode_IS_COMPACT_ASCII(payload):
            return framed(first, <const unsigned char *>PyUnicode_DATA(payload), PyUnicode_GET_LENGTH(payload), key)
        payload = PyUnicode_AsUTF8String(payload)
    if not PyBytes_CheckExact(payload):
        if get_buffer(payload, &view, PyBUF_SIMPLE) == 0:
            try:
                frame = framed(first, <const unsigned char *>view.buf, view.len, key)
            finally:
                PyBuffer_Release(&view)
            return frame
        PyErr_Clear()
        payload = bytes(memoryview(payload))  # in pieces, or no buffer at all
    return framed(first, <const unsigned char *>PyBytes_AS_STRING(payload), PyBytes_GET_SIZE(payload), key)


cdef int check(bytearray data, Py_ssize_t start, Py_ssize_t stop) except -1:
    if data is None:
        raise TypeError("a bytearray is required, not None")
    if not 0 <= start <= stop <= PyByteArray_GET_SIZE(data):
        raise IndexError(f"{start} to {stop} is not within {PyByteArray_GET_SIZE(data)} bytes")
    return 0


cpdef bytes cut(bytearray data, Py_ssize_t start, Py_ssize_t stop):
    """Return the bytes from *start* to *stop*."""
    check(data, start, stop)
    return PyBytes_FromStringAndSize(PyByteArray_AS_STRING(data) + start, stop - start)


cpdef str text(bytearray data, Py_ssize_t start, Py_ssize_t stop):
    """Return the bytes from *start* to *stop* as text."""
    check(data, start, stop)
    return PyUnicode_DecodeUTF8(PyByteArray_AS_STRING(data) + start, stop - start, NULL)


cpdef unmask(bytearray data, Py_ssize_t start, Py_ssize_t stop, bytes key, Py_ssize_t phase=0):
    """Unmask the bytes from *start* to *stop* in place; byte ``phase % 4`` of *key* comes first."""
    cdef const unsigned char *raw_key = key_of(key)
    if raw_key == NULL:
        refuse_key(key)
    check(data, start, stop)
    mask_part(<unsigned char *>PyByteArray_AS_STRING(data) + start, stop - start, raw_key, phase & 3)


cpdef make_tuple(type cls, kind, data, extra):
    """Return an instance of *cls*, a class of named tuples with three fields."""
    if cls is None:
        raise TypeError("a class is required, not None")
    return tuple_of_three(cls, kind, data, extra)


cpdef field_of(message, Py_ssize_t index):
    """Return a field of *message*, a tuple of whatever class; *index* counts from the front."""
    if not PyTuple_Check(message):
        raise TypeError(f"a message is a tuple, not {type(message).__name__}")
    if not 0 <= index < PyTuple_GET_SIZE(message):
        raise IndexError("tuple index out of range")
    return <object>PyTuple_GET_ITEM(message, index)
