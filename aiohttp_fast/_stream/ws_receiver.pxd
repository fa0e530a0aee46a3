from .._wire.ws.reader cimport WebSocketReader
from .protocol cimport Typed


cdef class FrameReceiver(Typed):
    cdef object _owner
    cdef WebSocketReader _reader
    cdef object _heard
    cdef object _view
    cdef bytearray _buffer
    cdef bint _is_lent
