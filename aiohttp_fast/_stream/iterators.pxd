cimport cython

from .intake cimport Intake


@cython.final
cdef class EachPiece:
    cdef Intake _reader


@cython.final
cdef class EachSlice:
    cdef Intake _reader
    cdef Py_ssize_t _n


@cython.final
cdef class EachLine:
    cdef Intake _reader
    cdef object _read_until


@cython.final
cdef class ChunkTupleAsyncStreamIterator:
    cdef object _stream
