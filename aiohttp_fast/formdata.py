"""Forms; their room is ``_stream.formdata``."""

from ._stream.formdata import FormData

__all__ = ("FormData",)
