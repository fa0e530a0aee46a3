"""A gzip body, decoded while it comes."""

GROUP = "gzip"


def bench_gzip(measure, row, contender):
    measure(row, contender)
