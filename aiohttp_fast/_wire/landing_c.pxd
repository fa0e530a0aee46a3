from cpython.object cimport PyObject


cdef class Landing:
    cdef PyObject *data
    cdef PyObject *kept
    cdef Py_ssize_t lent
    cdef Py_ssize_t limit
    cdef readonly Py_ssize_t filled
    cdef readonly Py_ssize_t size

    cpdef view(self, Py_ssize_t limit)
    cpdef land(self, Py_ssize_t n)
    cpdef write(self, bytes data)
    cpdef fill(self, bytearray data, Py_ssize_t start, Py_ssize_t stop)
    cpdef grow(self, Py_ssize_t size)
    cpdef bytes take(self)

    cdef int _resize(self, Py_ssize_t size) except -1
