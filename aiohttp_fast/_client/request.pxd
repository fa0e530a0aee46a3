cimport cython

from .connector.connection cimport Connection
from .protocol cimport ResponseHandler
from .response cimport ResponseCore
from .target cimport Target, target_of


cdef class RequestCore:
    cdef public object auth
    cdef public object chunked
    cdef public object compress
    cdef public object deadline
    cdef public object headers
    cdef public object length
    cdef public object loop
    cdef public object method
    cdef public object original_url
    cdef public object response_class
    cdef public object phase
    cdef public object server_hostname
    cdef public double started
    cdef public object timeout
    cdef public object url
    cdef public object version
    cdef public object _body
    cdef public object _body_factory
    cdef public bint _body_is_final
    cdef public object _session
    cdef public object _skip_auto_headers
    cdef public object _ssl
    cdef public Target _target
    cdef public object _timer
    cdef public object _writer

    cpdef _start_line(self, Connection conn)
    cpdef bint _send_at_once(self, Connection conn, start_line) except -1
    @cython.locals(response=ResponseCore)
    cpdef _expect_response(self)
