cimport cython


cpdef bint is_ip_address(str host) except -1
cpdef bint may_set(str host, str domain) except -1
cpdef expiry(dict attributes, double now)
cpdef bint keeps_its_prefix(str name, dict attributes, bint is_secure) except -1


@cython.locals(end=Py_ssize_t)
cpdef str default_path(str path)


@cython.locals(size=Py_ssize_t)
cpdef bint path_matches(str known, str path) except -1
