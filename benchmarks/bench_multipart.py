"""Multipart bodies, from bytes to parts."""

GROUP = "multipart"


def bench_multipart(measure, row, contender):
    measure(row, contender)
