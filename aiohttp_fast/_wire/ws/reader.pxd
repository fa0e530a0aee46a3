cimport cython

from ..landing_c cimport Landing as Room
from .frame_c cimport cut, make_tuple, text, unmask

cdef int _FIN, _RSV1, _RESERVED, _OPCODE, _CONTROL, _WHOLE_TEXT, _WHOLE_BINARY, _MASKED, _LENGTH
cdef Py_ssize_t _DIRECT, _TRUSTED, _MUCH, _HUGE


cdef class MessageTaker:
    cpdef bint take_message(self, message) except -1


cdef class WebSocketReader:
    cdef object _queue
    cdef MessageTaker _taker
    cdef Py_ssize_t _limit
    cdef object _inflater
    cdef bint _decode_text
    cdef bint _masked
    cdef object _peer
    cdef object _state
    cdef object _end_reason
    cdef bytearray _kept
    cdef int _opcode
    cdef bint _coded
    cdef bytearray _parts
    cdef Py_ssize_t _size
    cdef Py_ssize_t _valid
    cdef int _first
    cdef bytes _key
    cdef Room _landing
    cdef Py_ssize_t _need

    @cython.locals(start=Py_ssize_t)
    cpdef feed(self, bytearray data, Py_ssize_t size)
    @cython.locals(rest=Py_ssize_t, landing=Room)
    cpdef room(self)
    @cython.locals(landing=Room)
    cpdef landed(self, Py_ssize_t size)
    cpdef end(self, reason)
    @cython.locals(taken=Py_ssize_t)
    cdef _run(self, bytearray data, Py_ssize_t start, Py_ssize_t stop)
    @cython.locals(first=int, second=int, length=Py_ssize_t, at=Py_ssize_t, end=Py_ssize_t, key=bytes)
    cdef Py_ssize_t _step(self, bytearray data, Py_ssize_t start, Py_ssize_t stop) except -1
    @cython.locals(opcode=int)
    cdef _check_head(self, int first, Py_ssize_t length)
    cdef Py_ssize_t _long_length(self, bytearray data, Py_ssize_t start, Py_ssize_t stop) except -1
    @cython.locals(size=Py_ssize_t)
    cdef _check_size(self, int first, Py_ssize_t length)
    cdef _begin_landing(self, int first, Py_ssize_t length, bytes key)
    @cython.locals(landing=Room)
    cdef _fill(self, bytearray data, Py_ssize_t start, Py_ssize_t stop)
    cdef _end_frame(self)
    cdef _give(self, message, Py_ssize_t size)
    cdef _give_text(self, bytearray data, Py_ssize_t start, Py_ssize_t stop)
    @cython.locals(opcode=int, is_last=bint)
    cdef _take(self, int first, bytes payload)
    @cython.locals(opcode=int, is_coded=bint)
    cdef _end_message(self, bytes payload)
    cdef _take_control(self, int opcode, bytes payload)
