cimport cython

from .cookie_rules cimport default_path, expiry, is_ip_address, keeps_its_prefix, may_set, path_matches


cdef class Limits:
    cdef readonly Py_ssize_t total
    cdef readonly Py_ssize_t per_domain
    cdef readonly Py_ssize_t sent
    cdef readonly Py_ssize_t sent_size


cdef class Cookie:
    cdef readonly str name
    cdef readonly str value
    cdef readonly str coded
    cdef readonly dict attributes
    cdef readonly str domain
    cdef readonly str path
    cdef readonly bint host_only
    cdef readonly bint secure
    cdef readonly object expires
    cdef readonly long long created
    cdef readonly long long order
    cdef readonly tuple place
    cdef object _morsel
    cdef object _sent

    cpdef whole(self)
    cdef sent(self, bint quote)


cdef class View:
    cdef dict cookies
    cdef dict morsels
    cdef readonly tuple rank
    cdef View merged
    cdef list merged_of


@cython.final
cdef class Path:
    cdef str domain
    cdef str path
    cdef dict cookies
    cdef list views
    cdef list used

    @cython.locals(case=int, view=View, views=list)
    cdef forget_views(self)
    @cython.locals(cookie=Cookie)
    cdef dict chosen(self, int case)
    cdef last_access(self, Cookie cookie)


cdef bint _goes(Cookie cookie, int case) except -1


@cython.final
cdef class Domain:
    cdef dict paths
    cdef Py_ssize_t count

    @cython.locals(found=Path)
    cdef list cookies(self)


cdef class Store:
    cdef dict _domains
    cdef readonly list _heap
    cdef Limits _limits
    cdef object _public_suffix
    cdef bint _quote
    cdef object _secure_origins
    cdef bint _unsafe
    cdef long long _clock
    cdef readonly Py_ssize_t count

    @cython.locals(domain=Domain)
    cpdef list all(self)
    @cython.locals(cookie=Cookie)
    cpdef list morsels(self)
    cpdef list with_true_names(self, list cookies, url)
    cpdef set_all(self, list cookies, url)
    cdef bint _set(self, str name, str value, str coded, dict attributes, url, str host, double now) except -1
    @cython.locals(cookie=Cookie)
    cpdef restore(self, list cookies)
    @cython.locals(domain=Domain, found=Path, old=Cookie)
    cpdef put(self, Cookie cookie)
    cdef _push(self, Cookie cookie, expires)
    @cython.locals(item=Cookie)
    cdef _keep_limits(self, Cookie cookie, Domain domain)
    @cython.locals(cookie=Cookie, domain=Domain, found=Path)
    cdef _make_room(self, list cookies, Py_ssize_t how_many)
    @cython.locals(domain=Domain, found=Path)
    cpdef remove(self, str domain_name, str path, str name)
    cpdef clear(self)
    @cython.locals(domain=Domain)
    cpdef clear_domain(self, str name)
    @cython.locals(domain=Domain, found=Path)
    cdef bint _is_kept(self, Cookie cookie) except -1
    @cython.locals(cookie=Cookie)
    cdef _expire(self)
    @cython.locals(case=int, dot=Py_ssize_t, host=str, path=str, views=list, view=View)
    cpdef dict select(self, url)
    cdef bint _is_secure(self, url) except -1
    @cython.locals(domain=Domain, found=Path, view=View, known=str)
    cdef _collect(self, list views, str domain_name, str path, int case)
    @cython.locals(view=View, first=View, cookie=Cookie, chosen=dict, ordered=dict)
    cdef View _merge(self, list views)
    @cython.locals(cookie=Cookie, size=Py_ssize_t, morsels=dict)
    cdef View _view(self, dict cookies, tuple rank)
    @cython.locals(cookie=Cookie, size=Py_ssize_t, more=Py_ssize_t)
    cdef dict _within_limits(self, dict cookies, dict morsels)
