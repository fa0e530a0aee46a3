/* Known field names by a perfect hash. Made by tools/known_headers.py; do not edit. */
#ifndef AIOHTTP_FAST_KNOWN_HEADERS_H
#define AIOHTTP_FAST_KNOWN_HEADERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KNOWN_COUNT 145

typedef struct {
    unsigned char size;
    char lower[40]; /* zeros behind the name */
} known_name_t;

static const known_name_t known_names[KNOWN_COUNT] = {
    {6, "accept"},
    {9, "accept-ch"},
    {14, "accept-charset"},
    {15, "accept-encoding"},
    {15, "accept-language"},
    {13, "accept-ranges"},
    {32, "access-control-allow-credentials"},
    {28, "access-control-allow-headers"},
    {28, "access-control-allow-methods"},
    {27, "access-control-allow-origin"},
    {29, "access-control-expose-headers"},
    {22, "access-control-max-age"},
    {30, "access-control-request-headers"},
    {29, "access-control-request-method"},
    {3, "age"},
    {5, "allow"},
    {7, "alt-svc"},
    {8, "alt-used"},
    {19, "authentication-info"},
    {13, "authorization"},
    {7, "baggage"},
    {13, "cache-control"},
    {12, "cache-status"},
    {17, "cdn-cache-control"},
    {8, "cdn-loop"},
    {15, "clear-site-data"},
    {10, "connection"},
    {14, "content-digest"},
    {19, "content-disposition"},
    {16, "content-encoding"},
    {10, "content-id"},
    {16, "content-language"},
    {14, "content-length"},
    {16, "content-location"},
    {11, "content-md5"},
    {13, "content-range"},
    {23, "content-security-policy"},
    {35, "content-security-policy-report-only"},
    {25, "content-transfer-encoding"},
    {12, "content-type"},
    {6, "cookie"},
    {28, "cross-origin-embedder-policy"},
    {26, "cross-origin-opener-policy"},
    {28, "cross-origin-resource-policy"},
    {4, "date"},
    {11, "destination"},
    {6, "digest"},
    {10, "early-data"},
    {4, "etag"},
    {6, "expect"},
    {7, "expires"},
    {9, "forwarded"},
    {4, "from"},
    {4, "host"},
    {8, "if-match"},
    {17, "if-modified-since"},
    {13, "if-none-match"},
    {8, "if-range"},
    {19, "if-unmodified-since"},
    {10, "keep-alive"},
    {13, "last-event-id"},
    {13, "last-modified"},
    {4, "link"},
    {8, "location"},
    {12, "max-forwards"},
    {3, "nel"},
    {6, "origin"},
    {20, "origin-agent-cluster"},
    {18, "permissions-policy"},
    {6, "pragma"},
    {8, "priority"},
    {18, "proxy-authenticate"},
    {25, "proxy-authentication-info"},
    {19, "proxy-authorization"},
    {5, "range"},
    {7, "referer"},
    {15, "referrer-policy"},
    {9, "report-to"},
    {19, "reporting-endpoints"},
    {11, "repr-digest"},
    {11, "retry-after"},
    {9, "sec-ch-ua"},
    {16, "sec-ch-ua-mobile"},
    {18, "sec-ch-ua-platform"},
    {14, "sec-fetch-dest"},
    {14, "sec-fetch-mode"},
    {14, "sec-fetch-site"},
    {14, "sec-fetch-user"},
    {7, "sec-gpc"},
    {11, "sec-purpose"},
    {20, "sec-websocket-accept"},
    {24, "sec-websocket-extensions"},
    {17, "sec-websocket-key"},
    {18, "sec-websocket-key1"},
    {22, "sec-websocket-protocol"},
    {21, "sec-websocket-version"},
    {6, "server"},
    {13, "server-timing"},
    {10, "set-cookie"},
    {25, "strict-transport-security"},
    {2, "te"},
    {19, "timing-allow-origin"},
    {11, "traceparent"},
    {10, "tracestate"},
    {7, "trailer"},
    {17, "transfer-encoding"},
    {7, "upgrade"},
    {25, "upgrade-insecure-requests"},
    {3, "uri"},
    {10, "user-agent"},
    {4, "vary"},
    {3, "via"},
    {19, "want-content-digest"},
    {11, "want-digest"},
    {16, "want-repr-digest"},
    {7, "warning"},
    {16, "www-authenticate"},
    {22, "x-content-type-options"},
    {16, "x-correlation-id"},
    {15, "x-forwarded-for"},
    {16, "x-forwarded-host"},
    {16, "x-forwarded-port"},
    {17, "x-forwarded-proto"},
    {15, "x-frame-options"},
    {12, "x-powered-by"},
    {17, "x-ratelimit-limit"},
    {21, "x-ratelimit-remaining"},
    {17, "x-ratelimit-reset"},
    {9, "x-real-ip"},
    {12, "x-request-id"},
    {16, "x-requested-with"},
    {16, "x-xss-protection"},
    {15, "cf-cache-status"},
    {6, "cf-ray"},
    {3, "dnt"},
    {16, "proxy-connection"},
    {11, "x-amz-cf-id"},
    {12, "x-amz-cf-pop"},
    {15, "x-amzn-trace-id"},
    {7, "x-cache"},
    {12, "x-cache-hits"},
    {22, "x-dns-prefetch-control"},
    {9, "x-runtime"},
    {11, "x-served-by"},
    {7, "x-timer"},
};

/* Index + 1 into known_names, 0 for none. */
static const unsigned char known_slots[1024] = {
    0, 0, 0, 29, 0, 0, 0, 0, 0, 0, 0, 137, 0, 0, 60, 34, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 35, 62, 46, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0,
    0, 70, 0, 0, 0, 0, 0, 0, 0, 53, 0, 0, 0, 0, 84, 0, 0, 0, 133, 0, 50, 0, 0, 0, 0, 0, 61, 0, 0, 81, 51, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 47, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 135, 0, 0, 0, 0, 0, 0, 0, 44, 82, 0, 0, 0, 0, 23, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 79, 0, 0, 86, 66, 0, 0, 0, 72, 0, 0, 0, 63, 0, 0, 0, 0, 134, 0, 83, 42, 0, 0, 0, 0, 0, 0, 0, 43,
    0, 0, 0, 0, 0, 75, 0, 0, 0, 0, 0, 0, 112, 0, 0, 0, 0, 0, 0, 0, 0, 0, 87, 0, 0, 0, 37, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 38, 0, 0, 0, 101, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 67, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 119, 0, 0, 0, 0, 140, 107, 0, 0, 124, 0, 0,
    0, 0, 0, 0, 130, 0, 0, 0, 0, 0, 90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 74, 0, 0, 0, 104, 0, 0, 0, 0, 0,
    0, 0, 117, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 95, 136, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 68, 0, 0, 0, 0, 0, 0, 0, 143, 0, 0, 73, 0, 0, 76, 139, 0, 0, 94, 116, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 109, 0, 88, 0, 0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 102, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 78, 0, 0, 0, 0, 0, 0, 105, 0, 0, 0, 0, 127, 0, 80, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 85, 0, 0, 0, 0, 0, 131, 129, 0, 0, 0, 97, 0, 0,
    0, 0, 0, 0, 0, 110, 0, 0, 0, 0, 69, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 91, 138, 0, 0, 0, 0, 0, 0, 108,
    123, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 92, 0, 142, 0, 145, 132, 0, 0, 103, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 71, 0, 0, 0, 77, 0, 0, 0, 0, 48, 0, 0, 0, 114, 0, 0, 0, 0, 0, 0, 0, 93, 0, 0, 0,
    0, 113, 0, 0, 141, 0, 0, 0, 0, 0, 0, 0, 0, 0, 122, 0, 0, 121, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 126, 0, 0, 0, 0, 0, 0, 120, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 33, 0, 0, 0, 115,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    118, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 111, 0, 0, 0, 0, 0, 0, 0, 125, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 144, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 15, 0, 0, 0, 0, 0, 8, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 21, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0,
    0, 4, 0, 0, 28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 52, 12, 0, 0, 41, 0, 31, 0, 0, 0, 49, 0, 0, 32, 0,
    0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0,
    0, 19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 58, 0, 0, 0, 0, 0, 0, 0, 0, 0, 45, 0, 0, 0, 22, 0, 0,
    0, 39, 0, 0, 0, 0, 0, 59, 0, 0, 0, 24, 0, 20, 0, 0, 0, 0, 0, 0, 56, 0, 55, 98, 10, 0, 0, 0, 27, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 57, 0, 0, 0, 106, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
};

/* Compare without regard to ASCII case; `lower` is in lower case. A token's byte differs by 0x20
   alone from another's in letters, `^` and `~` (in no known name), or `@[\]` (in no token). */
static inline int same_name(const char *name, const char *lower, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (((unsigned char)name[i] | 0x20) != (unsigned char)lower[i]) {
            return 0;
        }
    }
    return 1;
}

/* The same, eight bytes at a time: field names of fifteen bytes are common. */
static inline int same_known(const char *name, const char *lower, size_t size) {
    const uint64_t fold = UINT64_C(0x2020202020202020);
    uint64_t a, b;
    size_t i;
    if (size < 8) {
        return same_name(name, lower, size);
    }
    for (i = 0; i + 8 < size; i += 8) {
        memcpy(&a, name + i, 8);
        memcpy(&b, lower + i, 8);
        if ((a | fold) != b) {
            return 0;
        }
    }
    memcpy(&a, name + size - 8, 8); /* overlaps what was compared already */
    memcpy(&b, lower + size - 8, 8);
    return (a | fold) == b;
}

/* Index of a known name, or -1. `name` is a token of at least one byte. */
static inline int find_known(const char *name, size_t size) {
    size_t hash = size + (size_t)((unsigned char)name[0] | 0x20) * 24u
        + (size_t)((unsigned char)name[size / 2] | 0x20) * 5u
        + (size_t)((unsigned char)name[size - 1] | 0x20) * 17u
        + (size_t)((unsigned char)name[size > 1 ? size - 2 : 0] | 0x20) * 3u;
    int index = known_slots[hash % 1024u] - 1;
    if (index < 0 || known_names[index].size != size) {
        return -1;
    }
    return same_known(name, known_names[index].lower, size) ? index : -1;
}

#endif
