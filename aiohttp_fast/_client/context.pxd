cdef class RequestContext:
    cdef public object _coro
    cdef public object _resp
