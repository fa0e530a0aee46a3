"""Response heads, to bytes."""

GROUP = "head"


def bench_head(measure, row, contender):
    measure(row, contender)
