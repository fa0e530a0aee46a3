#include "head.h"

#include <stdint.h>
#include <string.h>

#define EVERY(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH_BITS EVERY(0x80)
#define SLACK 4 /* bytes kept free behind every text: its own end, and the empty line */

/* What a byte may be part of. */
enum { IN_TOKEN = 1, IN_TARGET = 2, IN_VALUE = 4 };

/* RFC 9110 5.6.2 (token), 5.5 (field-value: HTAB, SP, VCHAR, obs-text); a target has no blanks. */
#define T (IN_TOKEN | IN_TARGET | IN_VALUE)
#define V (IN_TARGET | IN_VALUE)
#define B IN_VALUE
static const unsigned char KIND[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, B, 0, 0, 0, 0, 0, 0, /* HTAB */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    B, T, V, T, T, T, T, T, V, V, T, T, V, T, T, V, /*   ! " # $ % & ' ( ) * + , - . / */
    T, T, T, T, T, T, T, T, T, T, V, V, V, V, V, V, /* 0-9 : ; < = > ? */
    V, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, /* @ A-O */
    T, T, T, T, T, T, T, T, T, T, T, V, V, V, T, T, /* P-Z [ \ ] ^ _ */
    T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, /* ` a-o */
    T, T, T, T, T, T, T, T, T, T, T, V, T, V, T, 0, /* p-z { | } ~ DEL */
    V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
};
#undef T
#undef V
#undef B

/* Is every byte of kind? The exact test, one byte at a time. */
static int all_of(const char *text, size_t n, int kind) {
    for (size_t i = 0; i < n; i++)
        if (!(KIND[(unsigned char)text[i]] & kind))
            return 0;
    return 1;
}

/* The quick tests take eight ASCII bytes and leave a high bit set where a byte needs the
 * exact test. No byte is above 0x7f, so no sum carries into its neighbour. */
static inline uint64_t doubt_value(uint64_t x) {
    return (~(x + EVERY(0x80 - 0x20)) | (x + EVERY(1))) & HIGH_BITS; /* below SP, or DEL */
}

static inline uint64_t doubt_target(uint64_t x) {
    return (~(x + EVERY(0x80 - 0x21)) | (x + EVERY(1))) & HIGH_BITS; /* up to SP, or DEL */
}

static inline uint64_t doubt_token(uint64_t x) {
    uint64_t lower = x | EVERY(0x20);
    uint64_t letter = (lower + EVERY(0x80 - 'a')) & ~(lower + EVERY(0x80 - 'z' - 1));
    uint64_t other = (x ^ EVERY('-')) + EVERY(0x7f);
    return ~letter & other & HIGH_BITS; /* neither a letter nor '-' */
}

static inline uint64_t doubt(uint64_t x, int kind) {
    return kind == IN_VALUE ? doubt_value(x) : kind == IN_TARGET ? doubt_target(x) : doubt_token(x);
}

/* Copy n ASCII bytes and test them on the way. The last word is taken so that it ends
 * with the text: what overlaps is merely tested twice, and nothing passes either end. */
static inline int copy_ascii(char *dst, const char *src, size_t n, int kind) {
    uint64_t word, doubts = 0;
    if (n >= 8) {
        size_t i = 0;
        for (; i + 8 < n; i += 8) {
            memcpy(&word, src + i, 8);
            memcpy(dst + i, &word, 8);
            doubts |= doubt(word, kind);
        }
        memcpy(&word, src + n - 8, 8);
        memcpy(dst + n - 8, &word, 8);
        doubts |= doubt(word, kind);
    } else if (n >= 4) {
        uint32_t head, tail;
        memcpy(&head, src, 4);
        memcpy(&tail, src + n - 4, 4);
        memcpy(dst, &head, 4);
        memcpy(dst + n - 4, &tail, 4);
        doubts = doubt((uint64_t)head << 32 | tail, kind);
    } else {
        memcpy(dst, src, n);
        return all_of(src, n, kind);
    }
    return !doubts || all_of(src, n, kind);
}

/* Make room for n more bytes and SLACK. */
static int grow(head_writer *w, size_t n) {
    size_t size = w->size * 2;
    if (n > PY_SSIZE_T_MAX / 4 || w->used > PY_SSIZE_T_MAX / 4)
        return PyErr_NoMemory(), 0;
    while (size < w->used + n + SLACK)
        size *= 2;
    char *data = PyMem_Malloc(size);
    if (data == NULL)
        return PyErr_NoMemory(), 0;
    memcpy(data, w->data, w->used);
    head_free(w);
    w->data = data;
    w->size = size;
    return 1;
}

static inline int room(head_writer *w, size_t n) {
    return w->size - w->used >= n + SLACK || grow(w, n);
}

/* Text beyond ASCII leaves as UTF-8; U+DC80..DCFF as the one byte they stand for. */
static head_verdict put_wide(head_writer *w, PyObject *text, int kind) {
    PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogateescape");
    if (bytes == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
            return HEAD_FAILED;
        PyErr_Clear(); /* a lone surrogate that stands for no byte */
        return HEAD_REFUSED;
    }
    size_t n = (size_t)PyBytes_GET_SIZE(bytes);
    head_verdict verdict = HEAD_REFUSED;
    if (all_of(PyBytes_AS_STRING(bytes), n, kind)) {
        verdict = HEAD_FAILED;
        if (room(w, n)) {
            memcpy(w->data + w->used, PyBytes_AS_STRING(bytes), n);
            w->used += n;
            verdict = HEAD_OK;
        }
    }
    Py_DECREF(bytes);
    return verdict;
}

/* Put a str, then `end`, of which the first `ends` bytes count. */
static inline head_verdict put(head_writer *w, PyObject *text, int kind, const char end[2], size_t ends) {
    if (!PyUnicode_Check(text))
        return HEAD_REFUSED;
#if PY_VERSION_HEX < 0x030c0000
    if (PyUnicode_READY(text) < 0)
        return HEAD_FAILED;
#endif
    size_t n = (size_t)PyUnicode_GET_LENGTH(text);
    if (n == 0 && kind != IN_VALUE)
        return HEAD_REFUSED;
    if (PyUnicode_IS_ASCII(text)) {
        if (!room(w, n))
            return HEAD_FAILED;
        if (!copy_ascii(w->data + w->used, (const char *)PyUnicode_DATA(text), n, kind))
            return HEAD_REFUSED;
        w->used += n;
    } else {
        head_verdict verdict = put_wide(w, text, kind);
        if (verdict != HEAD_OK)
            return verdict;
    }
    memcpy(w->data + w->used, end, 2); /* within SLACK */
    w->used += ends;
    return HEAD_OK;
}

head_verdict head_put_line(head_writer *w, PyObject *line) {
    return put(w, line, IN_VALUE, "\r\n", 2);
}

head_verdict head_put_field(head_writer *w, PyObject *name, PyObject *value) {
    head_verdict verdict = put(w, name, IN_TOKEN, ": ", 2);
    return verdict == HEAD_OK ? put(w, value, IN_VALUE, "\r\n", 2) : verdict;
}

/* One digit of an HTTP version (RFC 9112 2.3), or -1. */
static int one_digit(PyObject *number) {
    if (!PyLong_Check(number))
        return -1;
    int overflow;
    long value = PyLong_AsLongAndOverflow(number, &overflow);
    return overflow || value < 0 || value > 9 ? -1 : (int)value;
}

head_verdict head_put_request_line(head_writer *w, PyObject *method, PyObject *target, PyObject *version) {
    char end[] = "HTTP/1.1\r\n";
    head_verdict verdict = put(w, method, IN_TOKEN, "  ", 1);
    if (verdict == HEAD_OK)
        verdict = put(w, target, IN_TARGET, "  ", 1);
    if (verdict != HEAD_OK)
        return verdict;
    if (!PyTuple_Check(version) || PyTuple_GET_SIZE(version) != 2)
        return HEAD_REFUSED;
    int major = one_digit(PyTuple_GET_ITEM(version, 0)), minor = one_digit(PyTuple_GET_ITEM(version, 1));
    if (major < 0 || minor < 0)
        return HEAD_REFUSED;
    if (!room(w, sizeof end))
        return HEAD_FAILED;
    end[5] = (char)('0' + major);
    end[7] = (char)('0' + minor);
    memcpy(w->data + w->used, end, sizeof end - 1);
    w->used += sizeof end - 1;
    return HEAD_OK;
}

PyObject *head_finish(head_writer *w) {
    memcpy(w->data + w->used, "\r\n", 2); /* the other half of SLACK */
    return PyBytes_FromStringAndSize(w->data, (Py_ssize_t)w->used + 2);
}

/* multidict's C API, as its documentation promises it: members never move, new ones are
 * appended. Declared here, for a build that does not need multidict and a package that
 * also runs with releases that lack the capsule. */
typedef int (*item_visitor)(void *data, PyObject *identity, Py_hash_t hash, PyObject *key, PyObject *value);

typedef struct {
    int api_version;
    void *state;
    void (*before[20])(void);
    Py_ssize_t (*MultiDict_ForEach)(void *state, PyObject *self, PyObject *key, item_visitor visit, void *data);
} multidict_api;

static const multidict_api *multidict;

static int go_on(void *data, PyObject *identity, Py_hash_t hash, PyObject *key, PyObject *value) {
    (void)data, (void)identity, (void)hash, (void)key, (void)value;
    return 1;
}

int head_can_walk(PyObject *headers) {
    const multidict_api *api = PyCapsule_Import("multidict._multidict.CAPI", 0);
    if (api == NULL || api->api_version < 1 || api->MultiDict_ForEach(api->state, headers, NULL, go_on, NULL) < 0) {
        PyErr_Clear();
        return 0;
    }
    multidict = api;
    return 1;
}

typedef struct {
    head_writer *writer;
    head_verdict verdict;
} visit;

/* Positive goes on, 0 stops, negative is an exception. */
static int put_item(void *data, PyObject *identity, Py_hash_t hash, PyObject *key, PyObject *value) {
    visit *v = data;
    (void)identity, (void)hash;
    v->verdict = head_put_field(v->writer, key, value);
    return v->verdict == HEAD_OK ? 1 : v->verdict == HEAD_REFUSED ? 0 : -1;
}

head_verdict head_put_multidict(head_writer *w, PyObject *headers) {
    visit v = {w, HEAD_OK};
    return multidict->MultiDict_ForEach(multidict->state, headers, NULL, put_item, &v) < 0 ? HEAD_FAILED : v.verdict;
}
