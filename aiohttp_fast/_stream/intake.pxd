cimport cython

from .._wire.landing_c cimport Landing as Room
from .pieces cimport Pieces


cdef class Intake(Pieces):
    cdef object __weakref__
    cdef bint _eof
    cdef object _eof_callbacks
    cdef Py_ssize_t _eof_reads
    cdef object _eof_waiters
    cdef readonly object _exception
    cdef readonly Py_ssize_t _high_water
    cdef readonly object _loop
    cdef readonly Py_ssize_t _low_water
    cdef bint _paused
    cdef bint _bulk
    cdef readonly object _protocol
    cdef object _splits
    cdef Py_ssize_t _rest
    cdef Room _sum
    cdef Room _landing
    cdef readonly object _timer
    cdef readonly object _waiter
    cdef Py_ssize_t _wanted
    cdef public object on_drain
    cdef public object total_bytes
    cdef public object total_compressed_bytes

    @cython.locals(length=Py_ssize_t)
    cpdef bint feed_data(self, object data, object size=*) except -1
    cdef _arrived(self, Py_ssize_t length)
    cpdef expect(self, Py_ssize_t rest)
    @cython.locals(rest=Py_ssize_t, size=Py_ssize_t, total=Room, landing=Room)
    cpdef room(self)
    @cython.locals(landing=Room)
    cpdef landed(self, Py_ssize_t n)
    cdef _release(self)
    cdef _wake(self)
    cdef _new_waiter(self)
    cdef _check(self, name)
    cdef _pause(self)
    cdef _taken(self)
    cdef _relieve(self)
    cdef _drain(self)
