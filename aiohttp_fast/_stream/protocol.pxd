cdef class Typed:
    pass


cdef class BaseProtocol(Typed):
    cdef public object _loop
    cdef public object transport
    cdef object _held_parser
    cdef public object _buffer
    cdef public object _view
    cdef public bint _reading_paused
    cdef public bint _writing_paused
    cdef public object _drain_waiter
    cdef object __weakref__
