cdef class ClassValue:
    cdef object _below
    cdef object _value
