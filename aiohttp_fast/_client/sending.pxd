cimport cython

from .connector.connection cimport Connection
from .protocol cimport ResponseHandler
from .request_parts cimport RequestParts
from .response_core cimport ResponseCore


cdef class RequestCore(RequestParts):
    cpdef _start_line(self, Connection conn)
    cpdef bint _send_at_once(self, Connection conn, start_line) except -1
    @cython.locals(response=ResponseCore)
    cpdef _expect_response(self)
