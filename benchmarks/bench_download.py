"""Large bodies, read in three ways: what a byte costs."""

GROUP = "download"


def bench_download(measure, row, contender):
    measure(row, contender)
