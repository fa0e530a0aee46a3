/* The floor of the wire rows: llhttp with no callbacks, and the mask as the plainest loop.
 * Each function repeats the work `count` times; built by floor_c.py at -O3, never shipped. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "llhttp.h"

int parse(int type, const char *data, size_t size, long count) {
    llhttp_settings_t settings;
    llhttp_t parser;
    llhttp_settings_init(&settings);
    llhttp_init(&parser, (llhttp_type_t)type, &settings);
    for (long i = 0; i < count; i++) {
        if (llhttp_execute(&parser, data, size) != HPE_OK) return 1;
    }
    return 0;
}

/* Eight bytes at a time, which the compiler turns into the vector instructions of the target's baseline. */
__attribute__((noinline)) static void mask_once(uint8_t *data, size_t size, const uint8_t *key) {
    uint32_t half;
    memcpy(&half, key, 4);
    const uint64_t wide = ((uint64_t)half << 32) | half;
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, data + i, 8);
        word ^= wide;
        memcpy(data + i, &word, 8);
    }
    for (; i < size; i++) data[i] ^= key[i & 3];
}

void mask(uint8_t *data, size_t size, const uint8_t *key, long count) {
    for (long i = 0; i < count; i++) mask_once(data, size, key);
}
