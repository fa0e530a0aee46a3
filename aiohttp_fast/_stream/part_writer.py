"""MultipartPayloadWriter: puts content coding and transfer encoding on one part on its way to the body's writer."""

import asyncio
import zlib
from typing import Any

from .._wire.coding import Encoder, make_encoder
from .._wire.codings import is_supported
from .._wire.transfer import PLAIN, TransferEncoder, make_transfer_encoder

__all__ = ("MultipartPayloadWriter", "check_coding", "check_transfer_encoding", "encoded")

_INLINE = 1 << 16  # larger pieces are compressed off the loop


def check_coding(stated: str | None) -> str | None:
    """Return the coding that a part's Content-Encoding asks for, ``""`` or None for none; RuntimeError if unknown."""
    coding = "" if stated is None else stated.strip().lower()
    if coding == "identity":
        return None
    if coding and not is_supported(coding):
        raise RuntimeError(f"unknown content encoding: {coding}")
    return coding


def check_transfer_encoding(stated: str | None) -> str:
    """Return what a part's Content-Transfer-Encoding asks to do, ``""`` for nothing; RuntimeError if unknown."""
    encoding = "" if stated is None else stated.strip().lower()
    if encoding in PLAIN:
        return ""
    if encoding not in ("", "base64", "quoted-printable"):
        raise RuntimeError(f"unknown content transfer encoding: {encoding}")
    return encoding


def _make_encoder(coding: str, strategy: int | None = None) -> Encoder:
    if coding == "deflate":
        # Without the zlib wrapper of RFC 9110 8.4.1.2: the readers of parts that there are, aiohttp's,
        # take nothing else; ours takes both.
        return zlib.compressobj(
            wbits=-zlib.MAX_WBITS, strategy=zlib.Z_DEFAULT_STRATEGY if strategy is None else strategy
        )
    if coding == "gzip" and strategy is not None:
        return zlib.compressobj(wbits=16 + zlib.MAX_WBITS, strategy=strategy)
    if not is_supported(coding):
        raise RuntimeError(f"unknown content encoding: {coding}")
    return make_encoder(coding)


def encoded(data: bytes, coding: str | None, transfer: str) -> bytes:
    """Return *data*, a whole body, as it is sent with a content coding and a transfer encoding, or without."""
    if coding:
        encoder = _make_encoder(coding)
        data = encoder.compress(data) + encoder.flush()
    if transfer:
        wrapper = make_transfer_encoder(transfer)
        data = wrapper.encode(data) + wrapper.flush()
    return data


class MultipartPayloadWriter:
    """Stands where a part's payload expects a writer; ``write_eof`` ends the part, not the body."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._transfer: TransferEncoder | None = None
        self._encoder: Encoder | None = None

    def enable_encoding(self, encoding: str) -> None:
        """Encode what is written: base64 or quoted-printable; anything else leaves it as it is."""
        if encoding in ("base64", "quoted-printable"):
            self._transfer = make_transfer_encoder(encoding)

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """Compress what is written, before it is encoded; *strategy* is zlib's. RuntimeError for an unknown coding."""
        self._encoder = _make_encoder(encoding, strategy)

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Send the next piece; an empty one does nothing."""
        if not chunk:
            return
        data = bytes(chunk)
        if self._encoder is not None:
            if len(data) <= _INLINE:
                data = self._encoder.compress(data)
            else:
                data = await asyncio.get_running_loop().run_in_executor(None, self._encoder.compress, data)
        await self._pass_on(data)

    async def write_eof(self) -> None:
        """Send what is held back."""
        if self._encoder is not None:
            await self._pass_on(self._encoder.flush())
        if self._transfer is not None and (rest := self._transfer.flush()):
            await self._writer.write(rest)

    async def _pass_on(self, data: bytes) -> None:
        if self._transfer is not None:
            data = self._transfer.encode(data)
        if data:
            await self._writer.write(data)
