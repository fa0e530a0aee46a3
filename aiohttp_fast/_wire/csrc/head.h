/* Head writer: start line and fields into one bytes object (RFC 9110 5, RFC 9112 2).
 *
 * A head_writer is a growing buffer that starts on the caller's stack. Every head_put_*
 * copies and checks in one go and answers with a head_verdict; nothing here runs Python
 * code of the user, so no pointer can go stale between check and copy.
 */
#ifndef AIOHTTP_FAST_HEAD_H
#define AIOHTTP_FAST_HEAD_H

#include <Python.h>

#define HEAD_STACK 2048 /* most heads fit, and it costs nothing to set up */

typedef enum {
    HEAD_FAILED = -1,  /* a Python exception is set (no memory) */
    HEAD_OK = 0,
    HEAD_REFUSED = 1,  /* wrong type or forbidden character: the caller says which */
} head_verdict;

typedef struct {
    char *data;
    size_t used, size;
    char stack[HEAD_STACK];
} head_writer;

static inline void head_init(head_writer *w) {
    w->data = w->stack;
    w->used = 0;
    w->size = HEAD_STACK;
}

static inline void head_free(head_writer *w) {
    if (w->data != w->stack)
        PyMem_Free(w->data);
}

/* "<line>\r\n"; the line may hold what a field value may hold. */
head_verdict head_put_line(head_writer *w, PyObject *line);
/* "<method> <target> HTTP/<major>.<minor>\r\n" */
head_verdict head_put_request_line(head_writer *w, PyObject *method, PyObject *target, PyObject *version);
/* "<name>: <value>\r\n" */
head_verdict head_put_field(head_writer *w, PyObject *name, PyObject *value);
/* All items of a multidict of a type that head_can_walk() agreed to. */
head_verdict head_put_multidict(head_writer *w, PyObject *headers);
/* The empty line, and the result as a new bytes object. */
PyObject *head_finish(head_writer *w);

/* Can multidict's C API walk this object without making tuples? Asked once per type, at
 * import; no where the installed release has no such API. Never raises. */
int head_can_walk(PyObject *headers);

#endif
