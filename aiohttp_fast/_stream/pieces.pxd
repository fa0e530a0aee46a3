cimport cython


cdef class Pieces:
    cdef Py_ssize_t _found
    cdef Py_ssize_t _offset
    cdef object _pieces
    cdef readonly Py_ssize_t _size
    cdef bytes _sought
    cdef bytearray _tail

    cdef _taken(self)
    cdef _add(self, bytes data)
    cdef _feed_small(self, bytes data)
    cdef _close_tail(self)
    @cython.locals(start=Py_ssize_t, end=Py_ssize_t, piece=bytes, data=bytes)
    cdef bytes _take(self, Py_ssize_t n)
    @cython.locals(end=Py_ssize_t, piece=bytes, part=bytes, parts=list)
    cdef bytes _take_across(self, Py_ssize_t n)
    @cython.locals(n=Py_ssize_t)
    cdef bytes _take_any(self)
    cdef _put_back(self, bytes data)
    cdef bint _is_next(self, bytes delimiter) except -1
    @cython.locals(start=Py_ssize_t, seen=bytes, piece=bytes)
    cdef bytes _peek(self, Py_ssize_t n)
    @cython.locals(
        piece=bytes, seen=bytes, start=Py_ssize_t, size=Py_ssize_t, width=Py_ssize_t, at=Py_ssize_t
    )
    cdef bytes _take_before(self, bytes delimiter, Py_ssize_t n)
    @cython.locals(start=Py_ssize_t, end=Py_ssize_t)
    cdef _find(self, bytes separator, Py_ssize_t limit)
    @cython.locals(start=Py_ssize_t, end=Py_ssize_t, seam=Py_ssize_t, width=Py_ssize_t, piece=bytes, kept=bytes)
    cdef bint _find_into(self, bytearray found, bytes separator) except -1
