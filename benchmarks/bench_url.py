"""URLs, queries and fields that differ from request to request."""

GROUP = "url"


def bench_url(measure, row, contender):
    measure(row, contender)
