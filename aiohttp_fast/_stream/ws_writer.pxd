cimport cython

from .._wire.ws.frame_c cimport make_frame
from .protocol cimport BaseProtocol

cdef int _FIN, _RSV1, _CONTROL
cdef Py_ssize_t _APART, _INLINE


cdef class WebSocketWriter:
    cdef public BaseProtocol protocol
    cdef public object transport
    cdef public bint use_mask
    cdef public object get_random_bits
    cdef public int compress
    cdef public bint notakeover
    cdef Py_ssize_t _limit
    cdef object _mem_level
    cdef Py_ssize_t _min_size
    cdef Py_ssize_t _in_turn
    cdef bytes _keys
    cdef Py_ssize_t _keys_at
    cdef Py_ssize_t _written
    cdef bint _is_closing
    cdef object _deflater
    cdef object _lock

    cpdef put(self, message, int opcode, compress=*)
    @cython.locals(at=Py_ssize_t)
    cdef _key(self)
    @cython.locals(frame=bytes)
    cdef _write(self, int first, message)
    @cython.locals(data=bytes, size=Py_ssize_t, is_plain=bint)
    cdef _put_compressed(self, message, int opcode, level)
