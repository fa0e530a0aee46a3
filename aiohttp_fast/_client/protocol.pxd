cimport cython

from .._stream.protocol cimport BaseProtocol
from .._stream.reader cimport StreamReader as Reader
from .._wire.http.message cimport ResponseHead


cdef class ResponseHandler(BaseProtocol):
    cdef public object state
    cdef public object request
    cdef public ResponseHead head
    cdef public object trailers
    cdef public object deadline
    cdef public object close_reason
    cdef public double idle_since
    cdef public bint is_kept
    cdef public double opened_at
    cdef public Py_ssize_t exchanges
    cdef public object tail
    cdef public bint _keep_alive
    cdef public bint _interim
    cdef public object _parser
    cdef public object _limits
    cdef public object _waiter
    cdef public list _pieces
    cdef public object _stream
    cdef public Reader _direct
    cdef public bint _lent
    cdef public object _frames
    cdef public object _upgrade
    cdef public object _heard
    cdef public object _exception
    cdef public object _read_timeout
    cdef public double _read_at
    cdef public object _read_handle
    cdef public object _deadline_handle
    cdef public object _closed
    cdef public object _continue
    cdef public object params
    cdef public object lender

    @cython.locals(direct=Reader)
    cpdef get_buffer(self, sizehint)
    cpdef _received(self, data, Py_ssize_t size)
    cpdef _unasked(self, data, Py_ssize_t size)
    cpdef end_exchange(self)
    cpdef start_exchange(self, request, deadline=*, bint read_until_eof=*, limits=*, timeout=*)
    cpdef start_timeout(self)
    cpdef head_waiter(self)
    cpdef bint reusable(self) except -1
    cpdef bint is_complete(self) except -1
    cpdef take_pieces(self)
    cpdef on_head(self, ResponseHead head)
    cpdef on_end(self, trailers)
