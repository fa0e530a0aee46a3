#include "mask.h"

#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#endif
#define WIDE 128 /* bytes from which wider vectors outweigh asking for them */
#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif
#if defined(_MSC_VER)
#define restrict __restrict
#endif

/* The key, turned to its phase, twice: in memory order, so endianness plays no part. */
INLINE uint64_t pattern_of(const unsigned char key[4], size_t phase) {
    unsigned char turned[4];
    uint32_t half;
    if (phase & 3) {
        for (size_t i = 0; i < 4; i++)
            turned[i] = key[(phase + i) & 3];
        key = turned;
    }
    memcpy(&half, key, 4);
    return (uint64_t)half << 32 | half;
}

INLINE void xor8(unsigned char *dst, const unsigned char *src, uint64_t pattern) {
    uint64_t word;
    memcpy(&word, src, 8);
    word ^= pattern;
    memcpy(dst, &word, 8);
}

/* The last seven bytes at most. */
INLINE void xor_tail(unsigned char *dst, const unsigned char *src, size_t n, uint64_t pattern) {
    unsigned char bytes[8];
    memcpy(bytes, &pattern, 8);
    if (n & 4) {
        uint32_t word, half;
        memcpy(&word, src, 4);
        memcpy(&half, bytes, 4);
        word ^= half;
        memcpy(dst, &word, 4);
        dst += 4, src += 4;
    }
    for (size_t i = 0; i < (n & 3); i++)
        dst[i] = src[i] ^ bytes[i];
}

/* Written as 8-byte strides; what a compiler makes of them is the widest vector it may
 * use. In place and copy are apart, because one pointer, or two that never meet, is what
 * it must know to do so. */
INLINE void in_place(unsigned char *buf, size_t n, uint64_t pattern) {
    size_t i, words = n & ~(size_t)7;
    for (i = 0; i < words; i += 8)
        xor8(buf + i, buf + i, pattern);
    xor_tail(buf + words, buf + words, n & 7, pattern);
}

INLINE void copy(unsigned char *restrict dst, const unsigned char *restrict src, size_t n, uint64_t pattern) {
    size_t i, words = n & ~(size_t)7;
    for (i = 0; i < words; i += 8)
        xor8(dst + i, src + i, pattern);
    xor_tail(dst + words, src + words, n & 7, pattern);
}

static void in_place_plain(unsigned char *buf, size_t n, uint64_t pattern) {
    in_place(buf, n, pattern);
}

static void copy_plain(unsigned char *restrict dst, const unsigned char *restrict src, size_t n, uint64_t pattern) {
    copy(dst, src, n, pattern);
}

#ifdef AVX2
AVX2 static void in_place_avx2(unsigned char *buf, size_t n, uint64_t pattern) {
    in_place(buf, n, pattern);
}

AVX2 static void copy_avx2(unsigned char *restrict dst, const unsigned char *restrict src, size_t n, uint64_t pattern) {
    copy(dst, src, n, pattern);
}

static int wide(size_t n) {
    return n >= WIDE && __builtin_cpu_supports("avx2");
}
#else
#define in_place_avx2 in_place_plain
#define copy_avx2 copy_plain
#define wide(n) 0
#endif

void mask_in_place(unsigned char *buf, size_t n, const unsigned char key[4], size_t phase) {
    uint64_t pattern = pattern_of(key, phase);
    (wide(n) ? in_place_avx2 : in_place_plain)(buf, n, pattern);
}

void mask_copy(unsigned char *dst, const unsigned char *src, size_t n, const unsigned char key[4], size_t phase) {
    uint64_t pattern = pattern_of(key, phase);
    uintptr_t to = (uintptr_t)dst, from = (uintptr_t)src;
    if (to - from < n || from - to < n) { /* they share bytes: no stride may be read after it was written */
        if (dst != src)
            memmove(dst, src, n);
        (wide(n) ? in_place_avx2 : in_place_plain)(dst, n, pattern);
    } else {
        (wide(n) ? copy_avx2 : copy_plain)(dst, src, n, pattern);
    }
}
