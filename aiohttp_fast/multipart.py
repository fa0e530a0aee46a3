"""Multipart bodies; their rooms are ``_stream.multipart_reader``, ``_stream.multipart_writer``, and those of parts."""

from typing import Self

from ._base.disposition import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    content_disposition_filename,
    parse_content_disposition,
)
from ._base.types import Buffer
from ._stream.multipart_reader import BodyPartReaderPayload, MultipartReader, MultipartResponseWrapper
from ._stream.multipart_writer import MultipartWriter
from ._stream.part_reader import BodyPartReader
from ._stream.part_writer import MultipartPayloadWriter

__all__ = (
    "BadContentDispositionHeader",
    "BadContentDispositionParam",
    "BodyPartReader",
    "BodyPartReaderPayload",
    "Buffer",
    "MultipartPayloadWriter",
    "MultipartReader",
    "MultipartResponseWrapper",
    "MultipartWriter",
    "Self",
    "content_disposition_filename",
    "parse_content_disposition",
)
