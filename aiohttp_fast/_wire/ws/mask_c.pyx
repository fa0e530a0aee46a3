"""The masker over csrc/mask.c."""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, Py_buffer, PyBuffer_Release
from cpython.exc cimport PyErr_Clear, PyErr_ExceptionMatches

from .mask_rules import refuse_buffer, refuse_key, refuse_lengths

__all__ = ("mask", "mask_into")

cdef extern from *:
    """
    #ifdef Py_GIL_DISABLED /* another thread may resize it meanwhile: only a buffer holds it still */
    #define HELD_BY_GIL(buf) 0
    #else
    #define HELD_BY_GIL(buf) PyByteArray_CheckExact(buf)
    #endif
    """
    bint HELD_BY_GIL(object buf) noexcept

cdef extern from "Python.h":
    int get_buffer "PyObject_GetBuffer" (object buf, Py_buffer *view, int flags) noexcept
    unsigned long long PyLong_AsUnsignedLongLongMask(object number) except? 0xffffffffffffffff

cdef extern from "mask.h" nogil:
    void mask_in_place(unsigned char *buf, size_t n, const unsigned char *key, size_t phase)
    void mask_copy(unsigned char *dst, const unsigned char *src, size_t n, const unsigned char *key, size_t phase)

# Bytes from which other threads may run meanwhile: some 10 microseconds of work. Below, taking
# the GIL back may cost more than the work itself.
cdef enum:
    LONG = 262144


cdef const unsigned char *key_of(object key) except NULL:
    if not PyBytes_CheckExact(key) or PyBytes_GET_SIZE(key) != 4:
        refuse_key(key)
    return <const unsigned char *>PyBytes_AS_STRING(key)


cdef int take(object buf, Py_buffer *view, int flags) except -1:
    if get_buffer(buf, view, flags) == 0:
        return 0
    if not PyErr_ExceptionMatches((BufferError, TypeError, ValueError)):
        return -1
    PyErr_Clear()
    refuse_buffer(buf, flags != PyBUF_SIMPLE)


def mask(key, buf, offset=0):
    """XOR *buf* in place with *key*, of which byte ``offset % 4`` comes first."""
    cdef const unsigned char *raw_key = key_of(key)
    cdef size_t phase = PyLong_AsUnsignedLongLongMask(offset) & 3
    cdef Py_buffer view
    if HELD_BY_GIL(buf) and PyByteArray_GET_SIZE(buf) < LONG:
        mask_in_place(<unsigned char *>PyByteArray_AS_STRING(buf), PyByteArray_GET_SIZE(buf), raw_key, phase)
        return
    take(buf, &view, PyBUF_WRITABLE)
    if view.len < LONG:
        mask_in_place(<unsigned char *>view.buf, view.len, raw_key, phase)
    else:
        with nogil:
            mask_in_place(<unsigned char *>view.buf, view.len, raw_key, phase)
    PyBuffer_Release(&view)


def mask_into(dst, src, key, phase=0):
    """Write *src*, masked, to *dst* of the same length; the two may overlap."""
    cdef const unsigned char *raw_key = key_of(key)
    cdef size_t start = PyLong_AsUnsignedLongLongMask(phase) & 3
    cdef Py_buffer out, data
    take(dst, &out, PyBUF_WRITABLE)
    try:
        take(src, &data, PyBUF_SIMPLE)
        try:
            if out.len != data.len:
                refuse_lengths(out.len, data.len)
            if out.len < LONG:
                mask_copy(<unsigned char *>out.buf, <unsigned char *>data.buf, out.len, raw_key, start)
            else:
                with nogil:
                    mask_copy(<unsigned char *>out.buf, <unsigned char *>data.buf, out.len, raw_key, start)
        finally:
            PyBuffer_Release(&data)
    finally:
        PyBuffer_Release(&out)


cdef void mask_part(unsigned char *buf, size_t n, const unsigned char *key, size_t phase) noexcept nogil:
    mask_in_place(buf, n, key, phase)


cdef void mask_copy_of(unsigned char *dst, const unsigned char *src, size_t n, const unsigned char *key) noexcept nogil:
    mask_copy(dst, src, n, key, 0)
