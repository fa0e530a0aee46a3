"""atheris entry point: the response direction of both parsers."""

import sys

import atheris
from target import check


def one(data: bytes) -> None:
    """One input; an exception is a finding."""
    check(data, "response")


if __name__ == "__main__":
    atheris.Setup(sys.argv, atheris.instrument_func(one))
    atheris.Fuzz()
