from ..protocol cimport ResponseHandler


cdef class Connection:
    cdef public object _connector
    cdef public object _key
    cdef public ResponseHandler _protocol
    cdef public object _loop
    cdef public list _callbacks
    cdef object __weakref__

    cpdef _give_back(self, bint should_close)
