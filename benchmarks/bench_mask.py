"""WebSocket masking, in place."""

GROUP = "mask"


def bench_mask(measure, row, contender):
    measure(row, contender)
