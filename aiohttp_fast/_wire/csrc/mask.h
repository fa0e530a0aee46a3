/* WebSocket masking (RFC 6455 5.3): byte i of the payload is XORed with key[(phase + i) % 4]. */
#ifndef AIOHTTP_FAST_MASK_H
#define AIOHTTP_FAST_MASK_H

#include <stddef.h>

/* In place; any length, any alignment. */
void mask_in_place(unsigned char *buf, size_t n, const unsigned char key[4], size_t phase);

/* dst becomes the masked src; the two may be the same, overlap, and lie at any address. */
void mask_copy(unsigned char *dst, const unsigned char *src, size_t n, const unsigned char key[4], size_t phase);

#endif
