"""The head writer over csrc/head.c: no tuple, str or bytes is made but the result."""

from multidict import CIMultiDict, CIMultiDictProxy

from .head_rules import check_fields, check_line, check_pairs, check_request_line
from .message import HttpVersion11

__all__ = ("serialize_head", "serialize_request_head")

cdef extern from "head.h":
    ctypedef enum head_verdict:
        HEAD_FAILED
        HEAD_OK
        HEAD_REFUSED
    ctypedef struct head_writer:
        pass
    void head_init(head_writer *w)
    void head_free(head_writer *w)
    head_verdict head_put_line(head_writer *w, object line) except HEAD_FAILED
    head_verdict head_put_request_line(head_writer *w, object method, object target, object version) except HEAD_FAILED
    head_verdict head_put_field(head_writer *w, object name, object value) except HEAD_FAILED
    head_verdict head_put_multidict(head_writer *w, object headers) except HEAD_FAILED
    object head_finish(head_writer *w)
    bint head_can_walk(object headers)

# The exact types that csrc/head.c can walk by itself; a subclass may have an items() of its own.
cdef object WALKED = CIMultiDict if head_can_walk(CIMultiDict()) else None
cdef object WALKED_PROXY = CIMultiDictProxy if head_can_walk(CIMultiDictProxy(CIMultiDict())) else None


cdef list collect_unless_walked(object headers):
    """Return None for what csrc/head.c walks by itself, else the items."""
    cdef object kind = type(headers)
    return None if kind is WALKED or kind is WALKED_PROXY else collect(headers)


cdef list collect(object headers):
    """Return the items as tuples of two."""
    items = getattr(headers, "items", None)
    cdef list pairs = list(headers if items is None else items())
    for pair in pairs:
        if type(pair) is not tuple or len(<tuple>pair) != 2:
            check_pairs(pairs)
            return [tuple(pair) for pair in pairs]
    return pairs


cdef head_verdict put_pairs(head_writer *w, list pairs) except HEAD_FAILED:
    cdef head_verdict verdict = HEAD_OK
    for pair in pairs:
        verdict = head_put_field(w, (<tuple>pair)[0], (<tuple>pair)[1])
        if verdict != HEAD_OK:
            break
    return verdict


cdef head_verdict put_fields(head_writer *w, object headers, list pairs) except HEAD_FAILED:
    return head_put_multidict(w, headers) if pairs is None else put_pairs(w, pairs)


def serialize_head(start_line, headers):
    """Return start line, fields and the empty line."""
    cdef head_writer w
    cdef list pairs = collect_unless_walked(headers)
    head_init(&w)
    try:
        if head_put_line(&w, start_line) == HEAD_OK and put_fields(&w, headers, pairs) == HEAD_OK:
            return head_finish(&w)
    finally:
        head_free(&w)
    check_line(start_line)
    check_fields(collect(headers) if pairs is None else pairs)
    raise ValueError("The head was refused")  # only if the rules and csrc/head.c disagree


def serialize_request_head(method, target, headers, version=HttpVersion11):
    """Return request line, fields and the empty line."""
    cdef head_writer w
    cdef list pairs = collect_unless_walked(headers)
    head_init(&w)
    try:
        if (
            head_put_request_line(&w, method, target, version) == HEAD_OK
            and put_fields(&w, headers, pairs) == HEAD_OK
        ):
            return head_finish(&w)
    finally:
        head_free(&w)
    check_request_line(method, target, version)
    check_fields(collect(headers) if pairs is None else pairs)
    raise ValueError("The head was refused")
