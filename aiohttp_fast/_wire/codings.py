"""Which content codings there are (RFC 9110 8.4.1), and which of them this process can undo; how is in ``coding``."""

from functools import cache
from importlib.util import find_spec

__all__ = ("CODINGS", "accept_encoding", "brotli_name", "first_installed", "is_supported", "zstd_name")

CODINGS = ("gzip", "deflate", "br", "zstd")


def _is_installed(name: str) -> bool:
    # The parent first: looking for a submodule of what is absent raises.
    parent, dot, _ = name.rpartition(".")
    return (not dot or find_spec(parent) is not None) and find_spec(name) is not None


@cache
def first_installed(*names: str) -> str | None:
    """Return the first of these modules that is installed; it is not loaded."""
    return next(filter(_is_installed, names), None)


def brotli_name() -> str | None:
    """Return the module that does br."""
    return first_installed("brotli", "brotlicffi")


def zstd_name() -> str | None:
    """Return the module that does zstd."""
    return first_installed("compression.zstd", "backports.zstd")


def is_supported(coding: str) -> bool:
    """True if a decoder exists for *coding*, a name in lower case; lists of codings have none."""
    if coding == "br":
        return brotli_name() is not None
    if coding == "zstd":
        return zstd_name() is not None
    return coding in CODINGS


@cache
def accept_encoding() -> str:
    """Return the value for an ``Accept-Encoding`` field that names all codings there are decoders for."""
    return ", ".join(filter(is_supported, CODINGS))
