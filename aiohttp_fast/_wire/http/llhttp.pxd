"""The part of llhttp that the parser touches itself; csrc/scan.h does the rest."""

from libc.stdint cimport uint16_t, uint64_t


cdef extern from "llhttp.h" nogil:
    enum:
        HPE_OK
        HPE_PAUSED
        HPE_USER

    ctypedef struct llhttp_t:
        uint64_t content_length
        uint16_t flags

    const char *llhttp_get_error_reason(const llhttp_t *parser)
