/* Fields of a head as offsets into its bytes, and how to look at them later; no llhttp here. */
#ifndef AIOHTTP_FAST_FIELDS_H
#define AIOHTTP_FAST_FIELDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "known_headers.h"

/* One field: [name, name_end) and [value, value_end). */
typedef struct {
    uint32_t name, name_end, value, value_end;
} mark_t;

#define FOLDED 0x80000000u /* in value_end: the value has continuation lines */

/* What the fields of a head say about framing. */
typedef struct {
    int64_t length; /* -1: no Content-Length */
    int chunked, other_coding;
    int close, keep_alive, upgrade_listed, upgrade_field;
    int hosts, set_cookie, encodings;
    int suspect;
    uint32_t encoding; /* index of the first Content-Encoding */
} facts_t;

static inline int is_blank(char c) { return c == ' ' || c == '\t'; }

/* In a fold the line ends count as blanks too. */
static inline int is_fold(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

/* Index of the first field of that name (lower case), or -1. */
static inline int find_field(const char *block, const mark_t *marks, uint32_t count, const char *lower, size_t size) {
    for (uint32_t i = 0; i < count; i++) {
        if (marks[i].name_end - marks[i].name == size) {
            const char *name = block + marks[i].name;
            size_t j = 0;
            while (j < size) {
                unsigned char c = (unsigned char)name[j];
                c = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
                if (c != (unsigned char)lower[j]) {
                    break;
                }
                j++;
            }
            if (j == size) {
                return (int)i;
            }
        }
    }
    return -1;
}

/* A value without its folds: each, with the blanks around it, becomes one space. Returns the length. */
static inline size_t unfold(const char *from, size_t size, char *to) {
    size_t length = 0, floor = 0, i = 0;
    while (i < size) {
        if (from[i] != '\r' && from[i] != '\n') {
            to[length++] = from[i++];
            continue;
        }
        while (length > floor && is_blank(to[length - 1])) {
            length--;
        }
        i += from[i] == '\r' && i + 1 < size && from[i + 1] == '\n' ? 2 : 1;
        while (i < size && is_blank(from[i])) {
            i++;
        }
        to[length++] = ' ';
        floor = length;
    }
    return length;
}

static inline int is_ascii(const char *p, size_t size) {
    const char *end = p + size;
    uint64_t word, high = 0;
    if (size >= 8) {
        for (const char *last = p + size - 8; p < last; p += 8) {
            memcpy(&word, p, 8);
            high |= word;
        }
        memcpy(&word, end - 8, 8); /* overlaps what was looked at already */
        high |= word;
    } else {
        for (; size; size--, p++) {
            high |= (unsigned char)*p;
        }
    }
    return (high & UINT64_C(0x8080808080808080)) == 0;
}

/* For the table of recent field lines. Without the GIL there is none: nothing would guard it. */
#ifdef Py_GIL_DISABLED
#define LINE_SLOTS 0
#else
#define LINE_SLOTS 256
#endif

static inline uint32_t line_hash(const char *p, size_t size) {
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t word = 0, hash = size * factor;
    size_t i;
    if (size < 8) {
        memcpy(&word, p, size);
        hash = (hash ^ word) * factor;
    } else {
        for (i = 0; i + 8 < size; i += 8) {
            memcpy(&word, p + i, 8);
            hash = (hash ^ word) * factor;
        }
        memcpy(&word, p + size - 8, 8);
        hash = (hash ^ word) * factor;
    }
    return (uint32_t)(hash >> 56);
}

#endif
