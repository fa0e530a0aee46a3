cdef class MessageHead:
    cdef public object version
    cdef public bint keep_alive
    cdef public bint upgrade
    cdef public bint chunked
    cdef public object content_length
    cdef public object content_encoding
    cdef object _headers
    cdef object _raw_headers


cdef class RequestHead(MessageHead):
    cdef object _method
    cdef object _target


cdef class ResponseHead(MessageHead):
    cdef public int status
    cdef public bint has_set_cookie
    cdef object _reason
