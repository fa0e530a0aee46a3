from .connector.connection cimport Connection
from .defaults cimport SessionDefaults
from .sending cimport RequestCore
from .response_core cimport ResponseCore
from .target cimport parse_url
from .._stream.timer cimport deadline_after


cdef class Call:
    cdef public SessionDefaults session
    cdef public object connector
    cdef public Connection conn
    cdef public RequestCore req
    cdef public ResponseCore resp
    cdef public object method
    cdef public object url
    cdef public dict for_request
    cdef public object body_limits
    cdef public object cookies
    cdef public object deadline
    cdef public list history
    cdef public object given_body
    cdef public object limits
    cdef public object middlewares
    cdef public object noted
    cdef public dict options
    cdef public object stale
    cdef public object max_redirects
    cdef public object proxies
    cdef public object raise_for_status
    cdef public object reached
    cdef public object read_bufsize
    cdef public double started
    cdef public object timeout
    cdef public object traces
    cdef public object tracker
    cdef public bint allow_redirects
    cdef public bint auto_decompress
    cdef public bint read_until_eof
    cdef public bint retried
    cdef public bint retry_stale
    cdef public bint tuned
    cdef public bint was_used

    cpdef _take_options(self)
    cpdef _take_default_auth(self)
    cpdef _start_clock(self)
    cpdef _apply(self, dict options)
    cpdef _apply_given(self, dict options)
    cpdef _tune(self, auto_decompress, read_bufsize)
