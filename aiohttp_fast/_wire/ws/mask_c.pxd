# For the other modules of this folder: no objects, and no checks.
cdef void mask_part(unsigned char *buf, size_t n, const unsigned char *key, size_t phase) noexcept nogil
cdef void mask_copy_of(unsigned char *dst, const unsigned char *src, size_t n, const unsigned char *key) noexcept nogil
