cdef class TimeLimits:
    cdef object _connection
    cdef object _timeout
    cdef object _loop
    cdef object _read_timeout
    cdef double _read_at
    cdef object _read_handle
    cdef object _deadline_handle
    cdef object _head_handle
    cdef object _write_handle
    cdef tuple _progress
    cdef double _moved_at

    cpdef received(self)
