"""The compiled landing: a bytes object that is written to while nobody else can see it."""

from cpython.buffer cimport Py_buffer, PyBuffer_FillInfo
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from libc.string cimport memcpy

__all__ = ("CHEAP", "Landing")

CHEAP = True

cdef extern from *:
    """
    #if defined(__linux__)
    #include <stdint.h>
    #include <sys/mman.h>
    /* One fault for 2 MiB instead of 512; without it, faults cost more than receiving does. Only advice: what is
       not touched takes no memory, and a kernel that cannot follow it does as it would have done. */
    static void advise(char *start, Py_ssize_t size) {
    #ifdef MADV_HUGEPAGE
        uintptr_t from = ((uintptr_t)start + 4095) & ~(uintptr_t)4095;
        uintptr_t to = ((uintptr_t)start + (uintptr_t)size) & ~(uintptr_t)4095;
        if (to > from)
            (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
    #endif
    }
    #else
    static void advise(char *start, Py_ssize_t size) { (void)start; (void)size; }
    #endif
    static void shorten(PyObject *bytes, Py_ssize_t size) {
        Py_SET_SIZE((PyVarObject *)bytes, size);
        PyBytes_AS_STRING(bytes)[size] = 0;
    }
    """
    void advise(char *start, Py_ssize_t size) noexcept
    void shorten(PyObject *data, Py_ssize_t size) noexcept

cdef extern from "Python.h":
    int _PyBytes_Resize(PyObject **data, Py_ssize_t size) except -1
    PyObject *new_bytes "PyBytes_FromStringAndSize" (const char *data, Py_ssize_t size) except NULL
    void Py_XDECREF(PyObject *thing) noexcept
    Py_ssize_t Py_REFCNT(PyObject *thing) noexcept

cdef enum:
    HUGE = 1 << 22  # bytes from which large pages pay


cdef class Landing:
    """Room for *size* bytes, to be filled from the front and taken once."""

    def __init__(self, Py_ssize_t size):
        if size < 0:
            raise ValueError("negative size")
        if self.lent:
            raise BufferError("a view is lent")
        Py_XDECREF(self.data)
        self.data = NULL
        self.size = self.filled = 0
        self.data = new_bytes(NULL, size)
        self.size = size
        if size >= HUGE:
            advise(PyBytes_AS_STRING(<object>self.data), size)

    def __dealloc__(self):
        Py_XDECREF(self.data)
        Py_XDECREF(self.kept)

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        if self.data == NULL:
            raise BufferError("the landing was taken")
        PyBuffer_FillInfo(
            buffer, self, PyBytes_AS_STRING(<object>self.data) + self.filled,
            min(self.limit, self.size - self.filled), 0, flags,
        )  # fmt: skip
        self.lent += 1

    def __releasebuffer__(self, Py_buffer *buffer):
        self.lent -= 1

    cpdef view(self, Py_ssize_t limit):
        """Lend at most *limit* bytes of the free room, writable; the landing must not grow meanwhile."""
        self.limit = max(limit, 0)
        return memoryview(self)

    cpdef land(self, Py_ssize_t n):
        """Count *n* more bytes as there; ValueError for more than there is room."""
        if n < 0 or n > self.size - self.filled:
            raise ValueError(f"{n} bytes do not fit into {self.size - self.filled}")
        self.filled += n

    cpdef write(self, bytes data):
        """Copy *data* behind what is there; the landing grows as needed, by doubling."""
        if data is None:
            raise TypeError("bytes are required, not None")
        cdef Py_ssize_t length = PyBytes_GET_SIZE(data)
        if length > self.size - self.filled:
            self.grow(max(self.filled + length, 2 * self.size))
        if length:
            memcpy(PyBytes_AS_STRING(<object>self.data) + self.filled, PyBytes_AS_STRING(data), length)
            self.filled += length

    cpdef fill(self, bytearray data, Py_ssize_t start, Py_ssize_t stop):
        """Copy a part of *data* behind what is there; the landing grows as needed, by doubling."""
        cdef Py_ssize_t length = stop - start
        if data is None:
            raise TypeError("a bytearray is required, not None")
        if not 0 <= start <= stop <= PyByteArray_GET_SIZE(data):
            raise IndexError(f"{start} to {stop} is not within {PyByteArray_GET_SIZE(data)} bytes")
        if length > self.size - self.filled:
            self.grow(max(self.filled + length, 2 * self.size))
        if length:
            memcpy(PyBytes_AS_STRING(<object>self.data) + self.filled, PyByteArray_AS_STRING(data) + start, length)
            self.filled += length

    cpdef grow(self, Py_ssize_t size):
        """Make room for *size* bytes in all; BufferError while a view is lent."""
        if size <= self.size:
            return
        if self.lent:
            raise BufferError("a view is lent")
        if self.data == NULL:
            self.data = new_bytes(NULL, size)
        else:
            self._resize(size)
        self.size = size
        if size >= HUGE:
            advise(PyBytes_AS_STRING(<object>self.data), size)

    cdef int _resize(self, Py_ssize_t size) except -1:
        cdef PyObject *data = self.data
        self.data = NULL  # the call takes the reference, also where it fails
        cdef Py_ssize_t filled = self.filled
        self.size = self.filled = 0
        _PyBytes_Resize(&data, size)
        self.data = data
        self.size = size
        self.filled = filled
        return 0

    cpdef bytes take(self):
        """Return what is there; the landing is empty then and has no room."""
        cdef bytes result
        cdef Py_ssize_t filled = self.filled
        if filled == self.size and self.data != NULL:
            result = <bytes>self.data
        elif not filled:
            result = b""
        elif filled > self.size - self.size // 4 and self.size < HUGE:
            shorten(self.data, filled)  # in place, as a view may be lent
            result = <bytes>self.data
        elif self.lent:
            result = PyBytes_FromStringAndSize(PyBytes_AS_STRING(<object>self.data), filled)
        else:
            self._resize(filled)
            result = <bytes>self.data
        self.size = self.filled = 0
        if self.lent:  # the memory lives as long as its view
            Py_XDECREF(self.kept)
            self.kept = self.data
        else:
            Py_XDECREF(self.data)
        self.data = NULL
        return result
