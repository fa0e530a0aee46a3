cimport cython

from .context cimport RequestContext
from .defaults cimport SessionDefaults
from .target cimport target_of
from .turn cimport Turn


cdef class Exchange(Turn):
    cpdef _find_cookies(self)
    cpdef bint _is_redirected(self) except -1


@cython.locals(exchange=Exchange)
cpdef perform(SessionDefaults session, method, url, dict options)


@cython.locals(context=RequestContext)
cpdef start(session, plain, method, url, dict options)
