/* What the compiled parser knows between two calls of llhttp, and the leaves it is built of.

   llhttp checks field lines and chunked framing and calls back here; the callbacks only note
   offsets and ask llhttp to pause, so no Python code ever runs inside llhttp. The start line is read
   here, since llhttp knows a fixed list of methods only. Nothing here decides what is refused:
   `suspect` makes the parser ask the rules in http/refusals.py.

   Offsets count from the first byte of the head (or of the trailers), whatever reads it came in. */
#ifndef AIOHTTP_FAST_SCAN_H
#define AIOHTTP_FAST_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "llhttp.h"

enum { EVENT_NONE, EVENT_HEAD, EVENT_BODY, EVENT_CHUNK_LINE, EVENT_CHUNK_END, EVENT_MESSAGE };
enum { LAST_NONE, LAST_NAME, LAST_VALUE };

typedef struct {
    llhttp_t http; /* first, so that llhttp's pointer is ours */
    uint32_t begin;   /* offset of the first field line */
    uintptr_t origin; /* address of offset 0, were all reads one block */
    mark_t *marks;
    uint32_t count, capacity, limit; /* fields seen, room for, allowed */
    int last, event;
    const char *body;
    size_t body_size;
} scan_t;

/* What a start line says; offsets from its first byte. */
typedef struct {
    uint32_t method_end, target, target_end; /* request */
    uint32_t reason, reason_end;             /* response */
    int status, minor, suspect;
} start_t;

#define SCAN_NO_MEMORY 99 /* not one of llhttp's own errors */

/* -- callbacks ------------------------------------------------------------------------------- */

static int scan_on_name(llhttp_t *http, const char *at, size_t size) {
    scan_t *scan = (scan_t *)http;
    uint32_t offset = (uint32_t)((uintptr_t)at - scan->origin);
    if (scan->last != LAST_NAME) {
        if (scan->count >= scan->limit) {
            return HPE_USER; /* beyond the limit on fields; the rules name it */
        }
        if (scan->count == scan->capacity) {
            uint32_t capacity = scan->capacity ? scan->capacity * 2 : 24;
            mark_t *marks = realloc(scan->marks, capacity * sizeof(mark_t));
            if (marks == NULL) {
                return SCAN_NO_MEMORY;
            }
            scan->marks = marks;
            scan->capacity = capacity;
        }
        mark_t *mark = &scan->marks[scan->count++];
        mark->name = offset;
        mark->value = mark->value_end = 0;
        scan->last = LAST_NAME;
    }
    scan->marks[scan->count - 1].name_end = offset + (uint32_t)size;
    return 0;
}

static int scan_on_value(llhttp_t *http, const char *at, size_t size) {
    scan_t *scan = (scan_t *)http;
    uint32_t offset = (uint32_t)((uintptr_t)at - scan->origin);
    mark_t *mark = &scan->marks[scan->count - 1];
    if (scan->last == LAST_NAME) {
        mark->value = offset;
        mark->value_end = offset + (uint32_t)size;
        scan->last = LAST_VALUE;
    } else if ((mark->value_end & ~FOLDED) == offset) { /* the same line, in the next read */
        mark->value_end += (uint32_t)size;
    } else {
        mark->value_end = (offset + (uint32_t)size) | FOLDED;
    }
    return 0;
}

static int scan_pause(llhttp_t *http, int event) {
    ((scan_t *)http)->event = event;
    return HPE_PAUSED;
}

static int scan_on_head(llhttp_t *http) { return scan_pause(http, EVENT_HEAD); }

static int scan_on_message(llhttp_t *http) { return scan_pause(http, EVENT_MESSAGE); }

static int scan_on_chunk_line(llhttp_t *http) { return scan_pause(http, EVENT_CHUNK_LINE); }

static int scan_on_chunk_end(llhttp_t *http) {
    /* llhttp reports the end of the trailers as a chunk's end too. */
    return http->flags & F_TRAILING ? 0 : scan_pause(http, EVENT_CHUNK_END);
}

static int scan_on_body(llhttp_t *http, const char *at, size_t size) {
    scan_t *scan = (scan_t *)http;
    scan->body = at;
    scan->body_size = size;
    return scan_pause(http, EVENT_BODY);
}

static const llhttp_settings_t scan_settings = {
    .on_header_field = scan_on_name,
    .on_header_value = scan_on_value,
    .on_headers_complete = scan_on_head,
    .on_body = scan_on_body,
    .on_message_complete = scan_on_message,
    .on_chunk_header = scan_on_chunk_line,
    .on_chunk_complete = scan_on_chunk_end,
};

/* -- starting --------------------------------------------------------------------------------- */

/* llhttp as it is behind a start line: `scan_begin` copies one of these instead of parsing one. */
static llhttp_t scan_templates[2];

/* What frames a body is for the rules to judge; llhttp would see less of it. */
#define RULED (LENIENT_CHUNKED_LENGTH | LENIENT_TRANSFER_ENCODING)
#define LENIENT_LINES (LENIENT_HEADERS | LENIENT_OPTIONAL_CR_BEFORE_LF)

static int scan_prepare(void) {
    static const char request[] = "GET / HTTP/1.1\r\n", response[] = "HTTP/1.1 200 OK\r\n";
    llhttp_init(&scan_templates[0], HTTP_REQUEST, &scan_settings);
    llhttp_init(&scan_templates[1], HTTP_RESPONSE, &scan_settings);
    scan_templates[0].lenient_flags = RULED;
    scan_templates[1].lenient_flags = RULED | LENIENT_LINES | LENIENT_SPACES_AFTER_CHUNK_SIZE;
    return llhttp_execute(&scan_templates[0], request, sizeof(request) - 1) != HPE_OK ||
           llhttp_execute(&scan_templates[1], response, sizeof(response) - 1) != HPE_OK;
}

static inline void scan_begin(scan_t *scan, int lenient, size_t begin) {
    scan->begin = (uint32_t)begin;
    scan->http = scan_templates[lenient];
    scan->count = 0;
    scan->last = LAST_NONE;
}

/* Run llhttp over [at, end). Returns its error; `*stop` is where it stopped, `scan->event` why. */
static inline int scan_run(scan_t *scan, const char *at, const char *end, const char **stop) {
    scan->event = EVENT_NONE;
    scan->http.error = 0;
    int error = llhttp_execute(&scan->http, at, (size_t)(end - at));
    if (error == HPE_OK) {
        *stop = end;
        return 0;
    }
    *stop = llhttp_get_error_pos(&scan->http);
    return error == HPE_PAUSED && scan->event != EVENT_NONE ? 0 : error;
}

/* From the head into a chunked body, whatever llhttp itself thought of the fields: the rules decided. */
static inline void scan_chunked(scan_t *scan) {
    scan->http.flags = F_CHUNKED | F_TRANSFER_ENCODING;
    scan->http.upgrade = 0;
    scan->http.method = HTTP_GET;
    scan->http.status_code = 200;
    scan->http.content_length = 0;
    /* Chunk lines and chunk data end in CRLF even where field lines need not. */
    scan->http.lenient_flags &= (uint16_t)~LENIENT_OPTIONAL_CR_BEFORE_LF;
}

static inline void scan_trailers(scan_t *scan, int lenient) {
    scan->http.lenient_flags = scan_templates[lenient].lenient_flags;
    scan->begin = 0;
    scan->count = 0;
    scan->last = LAST_NONE;
}

/* -- start lines ------------------------------------------------------------------------------ */

static const unsigned char token_bytes[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1,
    ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1,
    ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1,
    ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1,
    ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1,
    ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1, ['Z'] = 1,
    ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1,
    ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
    ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

/* Both: the length of the line with its end, or 0 when it is not complete; `suspect` is set where the
   line may break a rule, complete or not (`start` is then of use only if the rules let it pass). */

static size_t start_request(const char *p, size_t size, size_t limit, start_t *start) {
    size_t i = 0, target;
    start->suspect = 0;
    while (i < size && token_bytes[(unsigned char)p[i]]) {
        i++;
    }
    start->method_end = (uint32_t)i;
    if (i > limit || (i < size && (i == 0 || p[i] != ' '))) {
        start->suspect = 1;
        return 0;
    }
    if (i == size) {
        return 0;
    }
    target = ++i;
    while (i < size && (unsigned char)(p[i] - 0x21) <= 0x7e - 0x21) {
        i++;
    }
    start->target = (uint32_t)target;
    start->target_end = (uint32_t)i;
    if (i - target > limit || (i < size && (i == target || p[i] != ' '))) {
        start->suspect = 1;
        return 0;
    }
    if (i == size) {
        return 0;
    }
    if (p[target] != '/' || start->method_end == 7) { /* CONNECT and OPTIONS have forms of their own */
        start->suspect = 1;
    }
    i++;
    size_t rest = size - i;
    if (rest > 10) {
        rest = 10;
    }
    if (memcmp(p + i, "HTTP/1.1\r\n", rest) == 0) {
        start->minor = 1;
    } else if (memcmp(p + i, "HTTP/1.0\r\n", rest) == 0) {
        start->minor = 0;
    } else {
        start->suspect = 1;
        return 0;
    }
    return rest == 10 ? i + 10 : 0;
}

static size_t start_response(const char *p, size_t size, size_t limit, int lenient, start_t *start) {
    size_t i;
    start->suspect = 0;
    start->reason = start->reason_end = 12;
    if (memcmp(p, "HTTP/1.1", size < 8 ? size : 8) == 0) {
        start->minor = 1;
    } else if (memcmp(p, "HTTP/1.0", size < 8 ? size : 8) == 0) {
        start->minor = 0;
    } else {
        start->suspect = 1;
        return 0;
    }
    start->status = 0;
    for (i = 8; i < 12; i++) {
        if (i >= size) {
            return 0;
        }
        if (i == 8 ? p[i] != ' ' : (p[i] < '0' || p[i] > '9')) {
            start->suspect = 1;
            return 0;
        }
        if (i > 8) {
            start->status = start->status * 10 + (p[i] - '0');
        }
    }
    if (i == size) {
        return 0;
    }
    if (p[12] == ' ') {
        i = start->reason = 13;
        while (i < size) {
            unsigned char c = (unsigned char)p[i];
            if (c < 0x20 || c == 0x7f) {
                if (c == '\r' || c == '\n' || c == 0 || (!lenient && c != '\t')) {
                    break;
                }
            }
            i++;
        }
        start->reason_end = (uint32_t)i;
        if (i - 13 > limit) {
            start->suspect = 1;
            return 0;
        }
    } else if (!lenient) {
        start->suspect = 1;
        return 0;
    }
    if (i == size || (p[i] == '\r' && i + 1 == size)) {
        return 0;
    }
    if (p[i] == '\r' && p[i + 1] == '\n') {
        return i + 2;
    }
    if (p[i] == '\n' && lenient) {
        return i + 1;
    }
    start->suspect = 1;
    return 0;
}

/* -- fields ----------------------------------------------------------------------------------- */

static int same_word(const char *word, size_t size, const char *lower, size_t lower_size) {
    return size == lower_size && same_name(word, lower, size);
}

static void connection_words(const char *p, const char *end, facts_t *facts) {
    while (p < end) {
        const char *comma = memchr(p, ',', (size_t)(end - p)), *stop = comma ? comma : end;
        while (p < stop && is_fold(*p)) {
            p++;
        }
        const char *last = stop;
        while (last > p && is_fold(last[-1])) {
            last--;
        }
        size_t size = (size_t)(last - p);
        facts->close |= same_word(p, size, "close", 5);
        facts->keep_alive |= same_word(p, size, "keep-alive", 10);
        facts->upgrade_listed |= same_word(p, size, "upgrade", 7);
        p = stop + 1;
    }
}

/* Digits only; -1 for anything else and for numbers beyond 2**63-1. */
static int64_t decimal(const char *p, const char *end) {
    int64_t value = 0;
    if (p == end) {
        return -1;
    }
    for (; p < end; p++) {
        int digit = *p - '0';
        if (digit < 0 || digit > 9 || value > (INT64_MAX - digit) / 10) {
            return -1;
        }
        value = value * 10 + digit;
    }
    return value;
}

static int host_is_odd(const char *p, const char *end) {
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c && strchr("-._~!$&'()*+,;=%:[]", c)))) {
            return 1;
        }
    }
    return 0;
}

static void field_facts(const char *block, const mark_t *mark, uint32_t index, facts_t *facts) {
    const char *name = block + mark->name, *value = block + mark->value, *end = block + (mark->value_end & ~FOLDED);
    size_t size = mark->name_end - mark->name;
    switch (size) {
    case 4:
        if (same_name(name, "host", 4)) {
            facts->hosts++;
            facts->suspect |= facts->hosts > 1 || host_is_odd(value, end);
        }
        break;
    case 7:
        facts->upgrade_field |= same_name(name, "upgrade", 7);
        break;
    case 10:
        if (same_name(name, "connection", 10)) {
            connection_words(value, end, facts);
        } else {
            facts->set_cookie |= same_name(name, "set-cookie", 10);
        }
        break;
    case 14:
        if (same_name(name, "content-length", 14)) {
            int64_t length = decimal(value, end);
            facts->suspect |= length < 0 || facts->length >= 0 || facts->chunked || facts->other_coding ||
                              memchr(block + mark->name_end, '\n', (size_t)(end - block) - mark->name_end) != NULL;
            facts->length = length;
        }
        break;
    case 16:
        if (same_name(name, "content-encoding", 16) && facts->encodings++ == 0) {
            facts->encoding = index;
        }
        break;
    case 17:
        if (same_name(name, "transfer-encoding", 17)) {
            size_t length = (size_t)(end - value);
            int exact = same_word(value, length, "chunked", 7);
            facts->suspect |= facts->chunked || facts->other_coding || facts->length >= 0 || !exact ||
                              memchr(block + mark->name_end, '\n', (size_t)(end - block) - mark->name_end) != NULL;
            facts->other_coding |= !exact;
            /* Of a list that the rules let pass only the last element can be chunked. */
            facts->chunked = exact || (length > 7 && same_name(end - 7, "chunked", 7) &&
                                       (end[-8] == ',' || is_blank(end[-8])));
        }
        break;
    default:
        break;
    }
}

static int has_cr(const char *p, const char *end) { return memchr(p, '\r', (size_t)(end - p)) != NULL; }

/* Spaces are the only bytes that llhttp lets stand in a name, when lenient and where it half knows the name. */
static inline int has_space(const char *p, const char *end) { return memchr(p, ' ', (size_t)(end - p)) != NULL; }

/* The last line's end and the empty line. */
static int is_end(const char *p, size_t size) {
    return size == 4 ? memcmp(p, "\r\n\r\n", 4) == 0 : size == 2 && memcmp(p, "\n\n", 2) == 0;
}

/* Trim all values, gather what they say, and look at the limit on their size. `size` is the block's. */
static void scan_facts(scan_t *scan, const char *block, size_t size, size_t limit, int lenient,
                       facts_t *facts) {
    memset(facts, 0, sizeof(*facts));
    facts->length = -1;
    /* When lenient, llhttp skips blanks before the first name and lets them stand in names it half knows. */
    facts->suspect = scan->count ? scan->marks[0].name != scan->begin : block[scan->begin] != '\r';
    for (uint32_t i = 0; i < scan->count; i++) {
        mark_t *mark = &scan->marks[i];
        uint32_t folded = mark->value_end & FOLDED, start = mark->value, end = mark->value_end & ~FOLDED;
        if (start == 0) { /* llhttp reports no span for an empty value */
            start = end = mark->name_end;
        }
        while (end > start && is_fold(block[end - 1])) {
            end--;
        }
        while (start < end && is_fold(block[start])) {
            start++;
        }
        uint32_t next = i + 1 < scan->count ? scan->marks[i + 1].name : (uint32_t)size;
        uint32_t spent = mark->value_end ? (mark->value_end & ~FOLDED) : mark->name_end + 1;
        facts->suspect |= next - mark->name > limit || (lenient && has_space(block + mark->name, block + mark->name_end));
        /* Where llhttp is lenient it lets bare CRs pass between folds, before a value and for a line end. */
        facts->suspect |= folded != 0 || (start - mark->name_end > 2 && has_cr(block + mark->name_end, block + start)) ||
                          (i + 1 < scan->count ? next - spent > 2 || block[next - 1] != '\n'
                                               : !is_end(block + spent, next - spent));
        mark->value = start;
        mark->value_end = end | folded;
        field_facts(block, mark, i, facts);
    }
}

/* How many hexadecimal digits a chunk-size line begins with. */
static inline size_t hex_digits(const char *p, size_t size) {
    size_t i = 0;
    while (i < size && ((p[i] >= '0' && p[i] <= '9') || (((unsigned char)p[i] | 0x20) >= 'a' &&
                                                         ((unsigned char)p[i] | 0x20) <= 'f'))) {
        i++;
    }
    return i;
}

#endif
