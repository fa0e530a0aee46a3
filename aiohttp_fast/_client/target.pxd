cdef dict _targets
cdef dict _urls


cdef class Target:
    cdef public object auth
    cdef public object connection_key
    cdef public object host
    cdef public object host_header
    cdef public bint is_ssl
    cdef public object origin_form
    cdef public object original_url
    cdef public object port
    cdef public object source
    cdef public object url


cpdef Target target_of(url)
cpdef parse_url(text)
