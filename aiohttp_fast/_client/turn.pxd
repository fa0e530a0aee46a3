from .call cimport Call


cdef class Turn(Call):
    cpdef _note_cookies(self)
    cpdef bint _begin(self) except -1
    cpdef _abandon(self)
