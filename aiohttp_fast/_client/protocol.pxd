cimport cython

from .._stream.reader cimport StreamReader as Reader
from .._wire.http.message cimport ResponseHead
from .life cimport ConnectionLife


cdef class ResponseHandler(ConnectionLife):
    cdef public ResponseHead head
    cdef public object trailers
    cdef public object _parser
    cdef public object _limits
    cdef public list _pieces
    cdef public Reader _direct
    cdef public bint _interim
    cdef public bint _lent
    cdef public object _handover
    cdef public object _continue
    cdef public object params

    @cython.locals(direct=Reader)
    cpdef get_buffer(self, sizehint)
    cpdef _received(self, data, Py_ssize_t size)
    cpdef _unasked(self, data, Py_ssize_t size)
    cpdef end_exchange(self)
    cpdef start_exchange(self, request, deadline=*, bint read_until_eof=*, limits=*, timeout=*)
    cpdef head_waiter(self)
    cpdef take_pieces(self)
    cpdef on_head(self, ResponseHead head)
    cpdef on_end(self, trailers)
