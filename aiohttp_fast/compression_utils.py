"""Compressors and decompressors; their room is ``_stream.codecs``."""

from ._base.types import Buffer
from ._stream.codecs import (
    HAS_BROTLI,
    HAS_ZSTD,
    MAX_DECOMPRESS_MEMBERS,
    MAX_SYNC_CHUNK_SIZE,
    MEMBER_WINDOW_MAX,
    MEMBER_WINDOW_MIN,
    ZLIB_MAX_LENGTH_UNLIMITED,
    ZSTD_MAX_LENGTH_UNLIMITED,
    BrotliDecompressor,
    ConcatDecompressionHandler,
    DecompressionBaseHandler,
    TooManyMembersError,
    ZLibBackend,
    ZLibBackendWrapper,
    ZLibCompressor,
    ZLibDecompressor,
    ZSTDDecompressor,
    encoding_to_mode,
)
from ._wire.coding import set_zlib_backend

__all__ = (
    "HAS_BROTLI",
    "HAS_ZSTD",
    "MAX_DECOMPRESS_MEMBERS",
    "MAX_SYNC_CHUNK_SIZE",
    "MEMBER_WINDOW_MAX",
    "MEMBER_WINDOW_MIN",
    "ZLIB_MAX_LENGTH_UNLIMITED",
    "ZSTD_MAX_LENGTH_UNLIMITED",
    "BrotliDecompressor",
    "Buffer",
    "ConcatDecompressionHandler",
    "DecompressionBaseHandler",
    "TooManyMembersError",
    "ZLibBackend",
    "ZLibBackendWrapper",
    "ZLibCompressor",
    "ZLibDecompressor",
    "ZSTDDecompressor",
    "encoding_to_mode",
    "set_zlib_backend",
)
