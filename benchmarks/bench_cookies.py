"""Cookie jars: what goes with a request, and what comes with a response."""

GROUP = "cookies"


def bench_cookies(measure, row, contender):
    measure(row, contender)
