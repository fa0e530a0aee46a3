"""A file sent in a form: what a byte costs."""

GROUP = "form"


def bench_form(measure, row, contender):
    measure(row, contender)
