cdef class Tally:
    cdef public Py_ssize_t idle
    cdef public Py_ssize_t opened
    cdef public Py_ssize_t reused
    cdef public Py_ssize_t stale_retries
    cdef public Py_ssize_t waits
    cdef public double wait_total
    cdef public double wait_max
    cdef public dict closed
