cdef class Slots:
    cdef public object _loop
    cdef public Py_ssize_t limit
    cdef public Py_ssize_t limit_per_host
    cdef public Py_ssize_t used
    cdef public Py_ssize_t waiting
    cdef public dict used_per_host
    cdef public object _waiters
    cdef public dict _host_waiters

    cpdef bint take_at_once(self, key) except -1
    cpdef free(self, key)
    cpdef _free_pool(self)
    cpdef _free_host(self, key)
