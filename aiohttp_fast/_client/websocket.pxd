cimport cython

from .._stream.ws_queue cimport WebSocketQueue
from .._stream.ws_writer cimport WebSocketWriter
from .._wire.ws.frame_c cimport field_of


cdef class WebSocketCore:
    cdef public WebSocketQueue _reader
    cdef public WebSocketWriter _writer
    cdef public object _protocol
    cdef public object _response
    cdef public object _timeout
    cdef public bint _autoclose
    cdef public bint _autoping
    cdef public object _loop
    cdef public int _compress
    cdef public bint _notakeover
    cdef public object _state
    cdef public bint _waiting
    cdef public object _close_code
    cdef public object _close_reason
    cdef public object _exception
    cdef public object _ending
    cdef public object _guard

    cpdef _begin(
        self, reader, writer, protocol, response, timeout, autoclose, autoping, loop, heartbeat, compress,
        client_notakeover
    )
