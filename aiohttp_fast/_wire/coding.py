"""Content codings (RFC 9110 8.4.1): gzip, deflate, br and zstd, step by step and with bounded output.

Libraries are imported when first needed. Of the implementations of deflate the
quickest one that is installed is taken; measured on JSON and on noise, isal inflates
2.7 to 3.5 times as fast as zlib, zlib-ng 1.9 times, and isal leads at deflating too.
"""

import zlib
from importlib import import_module
from typing import Any, Protocol

from .codings import brotli_name, first_installed, is_supported, zstd_name
from .errors import ContentEncodingError, DecompressSizeError

__all__ = (
    "MAX_MEMBERS",
    "Decoder",
    "Encoder",
    "ZlibDecoder",
    "decode_whole",
    "make_decoder",
    "make_encoder",
    "make_zlib_encoder",
    "set_zlib_backend",
    "zlib_backend",
)

MAX_MEMBERS = 1024  # of a body: gzip members, zstd frames; beyond it each must bring _MEMBER_BYTES
_MEMBER_BYTES = 1024  # compressed bytes per member, on average, that keep a file of many blocks welcome
_FIRST_WINDOW = 1024  # bytes a second member is first tried with, see _MemberDecoder
_ZSTD_WINDOW_LOG = 23  # 8 MB, the limit for content codings (RFC 9659 3)

_zlib: Any = None


class Decoder(Protocol):
    """Takes compressed pieces, gives at most so many bytes at a time.

    ``needs_input`` is False while ``decompress(b"")`` may give more. ``eof`` is True
    when what was fed so far is complete, nothing at all included.
    """

    needs_input: bool

    @property
    def eof(self) -> bool:
        """True where the body may end."""

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        """Return up to *max_length* decoded bytes, 0 for no limit; keep the rest for later calls.

        Raises ``ContentEncodingError`` for data that is not of the coding.
        """

    def flush(self) -> None:
        """Check that the body is complete; ``ContentEncodingError`` if it was cut short."""


class Encoder(Protocol):
    """Compresses pieces; ``flush`` ends the body and gives its last bytes."""

    def compress(self, data: bytes) -> bytes:
        """Return what is ready, maybe nothing."""

    def flush(self) -> bytes:
        """End the body."""


def zlib_backend() -> Any:
    """Return the module that does gzip and deflate; it has the interface of ``zlib``."""
    global _zlib
    if _zlib is None:
        _zlib = import_module(first_installed("isal.isal_zlib", "zlib_ng.zlib_ng") or "zlib")
    return _zlib


def set_zlib_backend(new_zlib_backend: Any) -> None:
    """Use this module, of ``zlib``'s interface, from now on; None for the quickest one installed."""
    global _zlib
    _zlib = new_zlib_backend


class _MemberDecoder:
    """A body of one or more members, each decoded by an object of its own.

    What follows a member comes back from such an object as a copy. To decode many
    tiny members in linear time, all but the first are tried with a small piece of the
    input, doubled until they end.
    """

    __slots__ = ("_error", "_fed", "_members", "_name", "_object", "_rest", "needs_input")

    def __init__(self, name: str, error: type[Exception]) -> None:
        self._name = name
        self._error = error
        self._object: Any = None
        self._rest = b""
        self._fed = 0
        self._members = 0
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """True where the body may end."""
        return self._object is None and not self._rest

    def flush(self) -> None:
        """Check that the body is complete."""
        if not self.eof:
            raise ContentEncodingError(f"Can not decode content-encoding: {self._name} (the data is cut short)")

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        """Return up to *max_length* decoded bytes."""
        self._fed += len(data)
        if self._rest:
            data = self._rest + data
            self._rest = b""
        decoder = self._object
        if decoder is None:
            return self._decode_members(data, b"", max_length)
        out, rest = self._step(decoder, data, max_length)
        if decoder.eof:
            self._object = None
            if max_length and len(out) >= max_length:
                return self._pause(out, rest)
            return self._decode_members(rest, out, max_length)
        self._rest = rest
        self.needs_input = not rest and not (max_length and len(out) >= max_length)
        return out

    def _decode_members(self, data: bytes, out: bytes, max_length: int) -> bytes:
        """Decode *data*, which begins with a member; *out* is what this call has so far."""
        pieces = [out] if out else []
        size = len(out)
        window = _FIRST_WINDOW if self._members else len(data)
        position = 0
        while position < len(data):
            decoder = self._object
            if decoder is None:
                decoder = self._open_next(data, position)
                if decoder is None:
                    break
            piece = data if window >= len(data) and not position else data[position : position + window]
            out, rest = self._step(decoder, piece, max_length and max_length - size)
            position += len(piece) - len(rest)
            pieces.append(out)
            size += len(out)
            window *= 2
            if decoder.eof:
                self._object = None
                window = _FIRST_WINDOW
            if max_length and size >= max_length:
                return self._pause(b"".join(pieces), data[position:])
        self._rest = data[position:]
        self.needs_input = True
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _pause(self, out: bytes, rest: bytes) -> bytes:
        """Return *out*, which is all that was asked for."""
        self._rest = rest
        self.needs_input = self._object is None and not rest
        return out

    def _step(self, decoder: Any, data: bytes, limit: int) -> tuple[bytes, bytes]:
        """Return what *decoder* makes of *data*, and the input that it did not take."""
        try:
            return self._run(decoder, data, limit)
        except self._error as exc:
            raise ContentEncodingError(f"Can not decode content-encoding: {self._name} ({exc})") from exc

    def _open_next(self, data: bytes, position: int) -> Any:
        self._members += 1
        if self._members > MAX_MEMBERS + self._fed // _MEMBER_BYTES:
            raise ContentEncodingError(
                f"Can not decode content-encoding: {self._name} (more than {MAX_MEMBERS} tiny members)"
            )
        self._object = decoder = self._open(data, position)
        return decoder

    def _open(self, data: bytes, position: int) -> Any:
        """Return a decoder for the member at *position*; None if more must be seen."""
        raise NotImplementedError

    def _run(self, decoder: Any, data: bytes, limit: int) -> tuple[bytes, bytes]:
        raise NotImplementedError


class _ZlibDecoder(_MemberDecoder):
    """gzip (RFC 1952), and deflate with or without the zlib wrapper (RFC 1950, RFC 1951)."""

    __slots__ = ("_backend", "_is_gzip")

    def __init__(self, name: str) -> None:
        self._backend = zlib_backend()
        self._is_gzip = name == "gzip"
        super().__init__(name, self._backend.error)

    def _open(self, data: bytes, position: int) -> Any:
        if self._is_gzip:
            return self._backend.decompressobj(wbits=16 + zlib.MAX_WBITS)
        head = data[position : position + 2]
        if len(head) < 2:
            self._members -= 1  # the same member will be tried again
            return None
        # RFC 9110 8.4.1.2 means the zlib wrapper; senders that leave it out are many.
        wrapped = head[0] & 0x0F == zlib.DEFLATED and int.from_bytes(head, "big") % 31 == 0
        return self._backend.decompressobj(wbits=zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)

    def _run(self, decoder: Any, data: bytes, limit: int) -> tuple[bytes, bytes]:
        out = decoder.decompress(data, limit)
        return out, decoder.unused_data if decoder.eof else decoder.unconsumed_tail


class ZlibDecoder(_MemberDecoder):
    """Any number of members in the one format that *wbits* names (the scale of ``zlib.decompressobj``)."""

    __slots__ = ("_backend", "_wbits")

    def __init__(self, wbits: int) -> None:
        self._backend = zlib_backend()
        self._wbits = wbits
        super().__init__({16: "gzip"}.get(wbits & 48, "deflate"), self._backend.error)

    def _open(self, data: bytes, position: int) -> Any:
        return self._backend.decompressobj(wbits=self._wbits)

    def _run(self, decoder: Any, data: bytes, limit: int) -> tuple[bytes, bytes]:
        out = decoder.decompress(data, limit)
        return out, decoder.unused_data if decoder.eof else decoder.unconsumed_tail


class _ZstdDecoder(_MemberDecoder):
    """zstd frames (RFC 8878)."""

    __slots__ = ("_zstd",)

    def __init__(self, name: str) -> None:
        self._zstd = import_module(zstd_name() or "backports.zstd")
        super().__init__(name, self._zstd.ZstdError)

    def _open(self, data: bytes, position: int) -> Any:
        limit = {self._zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        return self._zstd.ZstdDecompressor(options=limit)

    def _run(self, decoder: Any, data: bytes, limit: int) -> tuple[bytes, bytes]:
        out = decoder.decompress(data, limit or -1)
        return out, decoder.unused_data if decoder.eof else b""


class _BrotliDecoder:
    """br (RFC 7932)."""

    __slots__ = ("_error", "_fed", "_has_more", "_object", "_rest", "_surplus", "needs_input")

    def __init__(self) -> None:
        brotli = import_module(brotli_name() or "brotli")
        self._error = brotli.error
        self._object = brotli.Decompressor()
        self._fed = False
        self._has_more = False  # output, for all we know
        self._rest = b""  # input that the library is not ready for
        self._surplus = b""  # output beyond what was asked for: the library's limit is a rough one
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """True where the body may end."""
        return not self._fed or (self._object.is_finished() and not self._surplus)

    def flush(self) -> None:
        """Check that the body is complete."""
        if not self.eof:
            raise ContentEncodingError("Can not decode content-encoding: br (the data is cut short)")

    def decompress(self, data: bytes, max_length: int = 0) -> bytes:
        """Return up to *max_length* decoded bytes."""
        if data:
            self._fed = True
        out = self._surplus
        if out:
            self._surplus = b""
            self._rest += data
        else:
            out = self._process(self._rest + data if self._rest else data, max_length)
        if max_length and len(out) > max_length:
            self._surplus = out[max_length:]
            out = out[:max_length]
        self.needs_input = not (self._has_more or self._rest or self._surplus)
        return out

    def _process(self, data: bytes, max_length: int) -> bytes:
        decoder = self._object
        self._rest = b""
        try:
            if not max_length:
                # Under a limit before, it takes no input until its output is out.
                left: bytes = b"" if decoder.can_accept_more_data() else decoder.process(b"")
                left += decoder.process(data)
                self._has_more = False
                return left
            if data and not decoder.can_accept_more_data():
                self._rest = data
                data = b""
            out: bytes = decoder.process(data, output_buffer_limit=max_length)
            self._has_more = len(out) >= max_length
            return out
        except self._error as exc:
            raise ContentEncodingError(f"Can not decode content-encoding: br ({exc})") from exc


def make_decoder(coding: str) -> Decoder:
    """Return a decoder for *coding*, one of those that ``is_supported`` knows; ``ValueError`` for others."""
    if not is_supported(coding):
        raise ValueError(f"no decoder for content-encoding {coding!r}")
    if coding == "br":
        return _BrotliDecoder()
    return _ZstdDecoder(coding) if coding == "zstd" else _ZlibDecoder(coding)


def decode_whole(coding: str, data: bytes, max_size: int = 0) -> bytes:
    """Return the decoded form of a complete body.

    Raises ``ContentEncodingError`` if it is corrupt or cut short, and
    ``DecompressSizeError`` if it is longer than *max_size* bytes, 0 for no limit.
    """
    decoder = make_decoder(coding)
    out = decoder.decompress(data, max_size and max_size + 1)
    if max_size and len(out) > max_size:
        raise DecompressSizeError(f"The decompressed body is larger than the limit of {max_size} bytes")
    while not decoder.needs_input:
        out += decoder.decompress(b"", max_size + 1 - len(out))
        if len(out) > max_size:
            raise DecompressSizeError(f"The decompressed body is larger than the limit of {max_size} bytes")
    decoder.flush()
    return out


class _BrotliEncoder:
    __slots__ = ("_object",)

    def __init__(self, level: int) -> None:
        self._object = import_module(brotli_name() or "brotli").Compressor(quality=level)

    def compress(self, data: bytes) -> bytes:
        """Return what is ready, maybe nothing."""
        return self._object.process(data)  # type: ignore[no-any-return]

    def flush(self) -> bytes:
        """End the body."""
        return self._object.finish()  # type: ignore[no-any-return]


_BROTLI_LEVEL = 5  # of 11; above it each step costs much and saves little
_ISAL_LEVELS = (0, 1, 1, 1, 2, 2, 2, 3, 3, 3)  # for zlib's 0 to 9


def make_encoder(coding: str, level: int | None = None) -> Encoder:
    """Return an encoder for *coding*: gzip, deflate (with the zlib wrapper), br or zstd.

    *level* is in the coding's own scale, None for a good middle. ``ValueError`` for an
    unknown coding.
    """
    if not is_supported(coding):
        raise ValueError(f"no encoder for content-encoding {coding!r}")
    if coding == "br":
        return _BrotliEncoder(_BROTLI_LEVEL if level is None else level)
    if coding == "zstd":
        zstd = import_module(zstd_name() or "backports.zstd")
        return zstd.ZstdCompressor(level=level)  # type: ignore[no-any-return]
    return make_zlib_encoder(zlib.MAX_WBITS + (16 if coding == "gzip" else 0), level)  # type: ignore[no-any-return]


def make_zlib_encoder(wbits: int, level: int | None = None, strategy: int | None = None) -> Any:
    """Return a compressor in the format that *wbits* names; *level* and *strategy* as zlib has them, None for its own.

    Its ``flush`` takes a mode of zlib's.
    """
    backend = zlib_backend()
    if backend.__name__ == "isal.isal_zlib":
        level = _ISAL_LEVELS[6 if level is None or level < 0 else level]
    options = {} if strategy is None else {"strategy": strategy}
    return backend.compressobj(level=-1 if level is None else level, wbits=wbits, **options)
