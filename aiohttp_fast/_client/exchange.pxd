from .target cimport target_of
from .turn cimport Turn


cdef class Exchange(Turn):
    cpdef _find_cookies(self)
    cpdef bint _is_redirected(self) except -1
