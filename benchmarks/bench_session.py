"""Sessions from their beginning to their end."""

GROUP = "session"


def bench_session(measure, row, contender):
    measure(row, contender)
