from .call cimport Call


cdef class Turn(Call):
    cpdef _note_cookies(self)
    cpdef _abandon(self)
