from .target cimport Target, target_of


cdef class RequestParts:
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
    cdef public bint _body_failed
    cdef public bint _body_is_final
    cdef public object _continue
    cdef public bint _expects
    cdef public Py_ssize_t _sent_at_once
    cdef public object _session
    cdef public object _skip_auto_headers
    cdef public object _ssl
    cdef public object _stream_writer
    cdef public Target _target
    cdef public object _timer
    cdef public object _traces
    cdef public object _upload_tracker
    cdef public object _writer
