from .connector.connection cimport Connection
from .protocol cimport ResponseHandler
from .._wire.http.message cimport ResponseHead


cdef class ResponseCore:
    cdef public object method
    cdef public object version
    cdef public object status
    cdef public object reason
    cdef public object _real_url
    cdef public object _writer
    cdef public object _request_info
    cdef public object _loop
    cdef public Py_ssize_t _output_size
    cdef public object _session
    cdef public double _started
    cdef public object _stream_writer
    cdef public object _timer
    cdef public object _traces
    cdef public object _upload_complete
    cdef public ResponseHead _head
    cdef public object _headers
    cdef public object _raw_headers
    cdef public object _body
    cdef public object _body_limits
    cdef public Py_ssize_t _coded_size
    cdef public object _content
    cdef public object _continue
    cdef public object _pieces
    cdef public object _cookies
    cdef public object _history
    cdef public Connection _connection
    cdef public bint _released
    cdef public bint _in_context
    cdef public bint _auto_decompress
    cdef public Py_ssize_t _read_bufsize

    cpdef _begin(self, method, url, writer, timer, request_info, loop, session)
    cpdef _take_head(self)
    cpdef _end(self, connection)
    cpdef _give_up(self, bint should_close)
    cpdef _whole(self, list pieces)
