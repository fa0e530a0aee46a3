cimport cython

from .context cimport RequestContext
from .cookie_store cimport Store
from .defaults cimport SessionDefaults
from .target cimport target_of
from .turn cimport Turn


cdef class Exchange(Turn):
    @cython.locals(store=Store)
    cdef bint _jar_has_some(self) except -1
    cpdef _find_cookies(self)
    cpdef bint _is_redirected(self) except -1


@cython.locals(exchange=Exchange)
cpdef perform(SessionDefaults session, method, url, dict options)


@cython.locals(context=RequestContext)
cpdef start(session, plain, method, url, dict options)
