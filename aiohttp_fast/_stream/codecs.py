"""Compressors and decompressors as aiohttp's API has them, over the codings of the wire; large pieces off the loop."""

import asyncio
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from .._base.types import Buffer
from .._wire.coding import (
    MAX_MEMBERS,
    Decoder,
    ZlibDecoder,
    make_decoder,
    make_zlib_encoder,
    zlib_backend,
)
from .._wire.codings import is_supported
from .._wire.errors import ContentEncodingError

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
    "ConcatDecompressionHandler",
    "DecompressionBaseHandler",
    "TooManyMembersError",
    "ZLibBackend",
    "ZLibBackendWrapper",
    "ZLibCompressor",
    "ZLibDecompressor",
    "ZSTDDecompressor",
    "encoding_to_mode",
)

HAS_BROTLI = is_supported("br")
HAS_ZSTD = is_supported("zstd")

MAX_SYNC_CHUNK_SIZE = 4096  # bytes; larger pieces are worked on in an executor
MAX_DECOMPRESS_MEMBERS = MAX_MEMBERS
MEMBER_WINDOW_MIN = 64  # bytes; these two are aiohttp's, the decoder here begins with 1024 and has no upper end
MEMBER_WINDOW_MAX = 65536
ZLIB_MAX_LENGTH_UNLIMITED = 0
ZSTD_MAX_LENGTH_UNLIMITED = -1


class TooManyMembersError(ValueError):
    """More members (of gzip) or frames (of zstd) than any honest sender makes."""


class ZLibBackendWrapper:
    """A module of zlib's interface under fixed names; *_zlib_backend* None is the one in use at the time."""

    def __init__(self, _zlib_backend: Any) -> None:
        self._given = _zlib_backend

    @property
    def _zlib_backend(self) -> Any:
        return zlib_backend() if self._given is None else self._given

    @property
    def name(self) -> str:
        """The module's name."""
        return getattr(self._zlib_backend, "__name__", "undefined")

    @property
    def MAX_WBITS(self) -> int:  # noqa: N802
        """The window size of zlib's format, as a power of two."""
        return self._zlib_backend.MAX_WBITS  # type: ignore[no-any-return]

    @property
    def Z_FULL_FLUSH(self) -> int:  # noqa: N802
        """Flush mode: decoding can start here."""
        return self._zlib_backend.Z_FULL_FLUSH  # type: ignore[no-any-return]

    @property
    def Z_SYNC_FLUSH(self) -> int:  # noqa: N802
        """Flush mode: all that was given can be decoded."""
        return self._zlib_backend.Z_SYNC_FLUSH  # type: ignore[no-any-return]

    @property
    def Z_BEST_SPEED(self) -> int:  # noqa: N802
        """The quickest level."""
        return self._zlib_backend.Z_BEST_SPEED  # type: ignore[no-any-return]

    @property
    def Z_FINISH(self) -> int:  # noqa: N802
        """Flush mode: the end."""
        return self._zlib_backend.Z_FINISH  # type: ignore[no-any-return]

    def compressobj(self, *args: Any, **kwargs: Any) -> Any:
        """Return a compressor; arguments as of ``zlib.compressobj``."""
        return self._zlib_backend.compressobj(*args, **kwargs)

    def decompressobj(self, *args: Any, **kwargs: Any) -> Any:
        """Return a decompressor; arguments as of ``zlib.decompressobj``."""
        return self._zlib_backend.decompressobj(*args, **kwargs)

    def compress(self, data: Buffer, *args: Any, **kwargs: Any) -> bytes:
        """Return *data* compressed as a whole."""
        return self._zlib_backend.compress(data, *args, **kwargs)  # type: ignore[no-any-return]

    def decompress(self, data: Buffer, *args: Any, **kwargs: Any) -> bytes:
        """Return *data* decompressed as a whole."""
        return self._zlib_backend.decompress(data, *args, **kwargs)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


ZLibBackend = ZLibBackendWrapper(None)


def encoding_to_mode(encoding: str | None = None, suppress_deflate_header: bool = False) -> int:
    """Return the ``wbits`` of zlib for gzip, for bare deflate, or for deflate in zlib's format."""
    if encoding == "gzip":
        return 16 + zlib.MAX_WBITS
    return -zlib.MAX_WBITS if suppress_deflate_header else zlib.MAX_WBITS


async def _off_the_loop(executor: Executor | None, step: Callable[..., bytes], *args: Any) -> bytes:
    """Run *step* in *executor*; it has ended when this returns or raises, a cancellation included."""
    running = asyncio.get_running_loop().run_in_executor(executor, step, *args)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait((running,))
        raise


class ZLibCompressor:
    """Compresses to gzip, to zlib's format (*encoding* None or ``deflate``), or to what *wbits* says."""

    def __init__(
        self,
        encoding: str | None = None,
        suppress_deflate_header: bool = False,
        level: int | None = None,
        wbits: int | None = None,
        strategy: int | None = None,
        executor: Executor | None = None,
        max_sync_chunk_size: int | None = MAX_SYNC_CHUNK_SIZE,
    ) -> None:
        if wbits is None:
            wbits = encoding_to_mode(encoding, suppress_deflate_header)
        self._compressor = make_zlib_encoder(wbits, level, strategy)
        self._executor = executor
        self._max_sync_chunk_size = max_sync_chunk_size
        self._lock = asyncio.Lock()  # pieces stay in order

    def compress_sync(self, data: Buffer) -> bytes:
        """Return what is ready, maybe nothing."""
        return self._compressor.compress(data)  # type: ignore[no-any-return]

    async def compress(self, data: Buffer) -> bytes:
        """Return what is ready, maybe nothing; more than *max_sync_chunk_size* bytes are worked on in the executor."""
        async with self._lock:
            if self._max_sync_chunk_size is not None and len(data) > self._max_sync_chunk_size:
                return await _off_the_loop(self._executor, self._compressor.compress, data)
            return self.compress_sync(data)

    def flush(self, mode: int | None = None) -> bytes:
        """Return what is held back; *mode* is zlib's, None ends the data."""
        return self._compressor.flush(ZLibBackend.Z_FINISH if mode is None else mode)  # type: ignore[no-any-return]


class DecompressionBaseHandler(ABC):
    """Base of the decompressors."""

    def __init__(self, executor: Executor | None = None, max_sync_chunk_size: int | None = MAX_SYNC_CHUNK_SIZE) -> None:
        self._executor = executor
        self._max_sync_chunk_size = max_sync_chunk_size

    @abstractmethod
    def decompress_sync(self, data: bytes, max_length: int = ZLIB_MAX_LENGTH_UNLIMITED) -> bytes:
        """Return up to *max_length* decoded bytes, 0 and less for no limit; the rest is kept for later calls.

        Raises the library's own error for data that is not of the coding.
        """

    async def decompress(self, data: bytes, max_length: int = ZLIB_MAX_LENGTH_UNLIMITED) -> bytes:
        """Do as ``decompress_sync``; more than *max_sync_chunk_size* bytes are worked on in the executor."""
        if self._max_sync_chunk_size is not None and len(data) > self._max_sync_chunk_size:
            return await _off_the_loop(self._executor, self.decompress_sync, data, max_length)
        return self.decompress_sync(data, max_length)

    @property
    @abstractmethod
    def data_available(self) -> bool:
        """True while ``decompress_sync(b"")`` may give more."""


class _Decoding(DecompressionBaseHandler):
    """A decompressor over a decoder of the wire's."""

    _decoder: Decoder
    _is_fed = False

    def decompress_sync(self, data: bytes, max_length: int = ZLIB_MAX_LENGTH_UNLIMITED) -> bytes:
        """Return up to *max_length* decoded bytes, see ``DecompressionBaseHandler``."""
        self._is_fed = self._is_fed or bool(data)
        try:
            return self._decoder.decompress(bytes(data), max(0, max_length))
        except ContentEncodingError as exc:
            if exc.__cause__ is None:
                raise TooManyMembersError(exc.message) from None
            raise exc.__cause__ from None

    @property
    def data_available(self) -> bool:
        """True while ``decompress_sync(b"")`` may give more."""
        return not self._decoder.needs_input

    def flush(self) -> bytes:
        """Return all that is left of what was fed."""
        pieces = []
        while self.data_available:
            pieces.append(self.decompress_sync(b""))
        return b"".join(pieces)


class ConcatDecompressionHandler(_Decoding):
    """Decodes members that follow one another; ``TooManyMembersError`` for more than is sane."""


class ZLibDecompressor(ConcatDecompressionHandler):
    """Decodes gzip, zlib's format (*encoding* None or ``deflate``), or bare deflate."""

    def __init__(
        self,
        encoding: str | None = None,
        suppress_deflate_header: bool = False,
        executor: Executor | None = None,
        max_sync_chunk_size: int | None = MAX_SYNC_CHUNK_SIZE,
    ) -> None:
        super().__init__(executor, max_sync_chunk_size)
        self._decoder = ZlibDecoder(encoding_to_mode(encoding, suppress_deflate_header))

    def flush(self, length: int = 0) -> bytes:
        """Return up to *length* bytes that are left of what was fed, 0 for all."""
        return self.decompress_sync(b"", length) if length > 0 and self.data_available else super().flush()

    @property
    def eof(self) -> bool:
        """True where the data may end, after at least one member."""
        return self._is_fed and self._decoder.eof


class BrotliDecompressor(_Decoding):
    """Decodes br (RFC 7932); RuntimeError where no library is installed."""

    def __init__(self, executor: Executor | None = None, max_sync_chunk_size: int | None = MAX_SYNC_CHUNK_SIZE) -> None:
        super().__init__(executor, max_sync_chunk_size)
        if not HAS_BROTLI:
            raise RuntimeError("The brotli decompression is not available. Please install `Brotli` module")
        self._decoder = make_decoder("br")


class ZSTDDecompressor(ConcatDecompressionHandler):
    """Decodes zstd (RFC 8878); RuntimeError where no library is installed."""

    def __init__(self, executor: Executor | None = None, max_sync_chunk_size: int | None = MAX_SYNC_CHUNK_SIZE) -> None:
        super().__init__(executor, max_sync_chunk_size)
        if not HAS_ZSTD:
            raise RuntimeError("The zstd decompression is not available. Please install `backports.zstd` module")
        self._decoder = make_decoder("zstd")
