from .intake cimport Intake
from .iterators cimport ChunkTupleAsyncStreamIterator, EachLine, EachPiece, EachSlice


cdef class StreamReader(Intake):
    cdef bint _at_end(self) except -1


cdef class EmptyStreamReader(StreamReader):
    pass


cdef StreamReader _completed(StreamReader reader, bytes data)
