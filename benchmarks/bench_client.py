"""GET and JSON POST of small answers: what a request costs."""

GROUP = "client"


def bench_client(measure, row, contender):
    measure(row, contender)
