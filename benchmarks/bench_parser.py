"""Request and response heads, from bytes."""

GROUP = "parser"


def bench_parser(measure, row, contender):
    measure(row, contender)
