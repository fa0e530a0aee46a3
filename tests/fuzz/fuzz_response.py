"""atheris entry point: the response direction of both parsers, led by the coverage of the pure one."""

import sys

import atheris

with atheris.instrument_imports(include=["aiohttp_fast._wire"]):
    from target import check


def one(data: bytes) -> None:
    """Handle one input; an exception is a finding."""
    check(data, "response")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
