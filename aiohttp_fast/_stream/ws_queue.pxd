from .._wire.ws.frame_c cimport field_of
from .._wire.ws.reader cimport MessageTaker

cdef Py_ssize_t _OVERHEAD

cdef Py_ssize_t _weight(message) except -1


cdef class WebSocketQueue(MessageTaker):
    cdef object _protocol
    cdef Py_ssize_t _low_water
    cdef Py_ssize_t _high_water
    cdef object _loop
    cdef object _items
    cdef Py_ssize_t _size
    cdef bint _paused
    cdef bint _eof
    cdef object _exception
    cdef object _waiter
    cdef public object guard
    cdef public object reader

    cpdef bint take_message(self, message) except -1
    cdef _wake(self, result)
    cpdef take(self)
    cpdef waiter(self)
    cdef _relieve(self)
