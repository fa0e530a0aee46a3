cimport cython

from ..protocol cimport ResponseHandler
from .slots cimport Slots
from .tally cimport Tally


cdef class Pool:
    cdef public object _loop
    cdef public object _state
    cdef public double _keepalive_timeout
    cdef public object _made_at
    cdef public object _source_traceback
    cdef public double _max_age
    cdef public bint _force_close
    cdef public bint _keeps_any
    cdef public double _fresh
    cdef public object _ssl_shutdown_timeout
    cdef public dict _idle
    cdef public bint _cleans_up
    cdef public dict _acquired
    cdef public dict _opening
    cdef public object _ref
    cdef public Slots _slots
    cdef public Tally _tally
    cdef public dict _leaving
    cdef public object _tick_handle
    cdef public object _factory
    cdef public object _cookies
    cdef public bint _is_exact

    cpdef bint _is_open(self)
    @cython.locals(protocol=ResponseHandler, idle=list, now=double)
    cpdef _pop_idle(self, key)
    cpdef _release(self, key, ResponseHandler protocol, bint should_close=*)
    cpdef _dismiss(self, ResponseHandler protocol, reason)
    cpdef _no_longer_kept(self, ResponseHandler protocol)
    cpdef _why_not_kept(self, ResponseHandler protocol, bint should_close)
    cpdef _keep(self, key, ResponseHandler protocol)
    cpdef _lost(self, ResponseHandler protocol)
