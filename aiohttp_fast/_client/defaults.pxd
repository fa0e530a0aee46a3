from .cookie_store cimport Store


cdef class SessionDefaults:
    cdef public bint _auto_decompress
    cdef public object _base_url
    cdef public object _body_limits
    cdef public object _connector
    cdef public object _default_auth
    cdef public object _default_headers
    cdef public object _jar
    cdef public object _json_serialize
    cdef public object _json_serialize_bytes
    cdef public Store _known_cookies
    cdef public object _limits
    cdef public object _loop
    cdef public object _middlewares
    cdef public object _proxies
    cdef public object _raise_for_status
    cdef public Py_ssize_t _read_bufsize
    cdef public object _request_class
    cdef public dict _request_defaults
    cdef public bint _requote_redirect_url
    cdef public bint _retry_connection
    cdef public object _timeout
    cdef public object _trace_configs
    cdef public bint _trust_env
