from .._stream.protocol cimport BaseProtocol


cdef class ConnectionLife(BaseProtocol):
    cdef public object state
    cdef public object request
    cdef public object deadline
    cdef public object close_reason
    cdef public double idle_since
    cdef public double opened_at
    cdef public Py_ssize_t exchanges
    cdef public bint is_kept
    cdef public bint _keep_alive
    cdef public object _waiter
    cdef public object _stream
    cdef public object _exception
    cdef public object _timers
    cdef public object _closed
    cdef public object lender

    cpdef start_timeout(self)
    cpdef bint reusable(self) except -1
    cpdef bint is_complete(self) except -1
    cpdef bint is_under_way(self) except -1
