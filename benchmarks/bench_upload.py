"""A file sent: what a byte costs."""

GROUP = "upload"


def bench_upload(measure, row, contender):
    measure(row, contender)
