"""Content transfer encodings of body parts: base64 and quoted-printable, whole and step by step (RFC 2045 6)."""

import binascii
from typing import Protocol

__all__ = (
    "PLAIN",
    "TransferDecoder",
    "TransferEncoder",
    "make_transfer_decoder",
    "make_transfer_encoder",
    "significant",
)

PLAIN = frozenset(("binary", "8bit", "7bit"))  # names for bytes as they are

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_JUNK = bytes(set(range(256)) - set(_ALPHABET))
_LINE = 76  # characters of an encoded line (RFC 2045 6.7)


class TransferDecoder(Protocol):
    """Takes encoded pieces, gives decoded ones."""

    def decode(self, data: bytes) -> bytes:
        """Return what is complete by now; ValueError for data that is not of the encoding."""

    def flush(self) -> bytes:
        """Return the rest; ValueError where the data is cut short."""


class TransferEncoder(Protocol):
    """Takes pieces, gives encoded ones."""

    def encode(self, data: bytes) -> bytes:
        """Return what is complete by now."""

    def flush(self) -> bytes:
        """Return the rest."""


def significant(data: bytes) -> int:
    """Count the characters of *data* that mean something in base64."""
    return len(data.translate(None, _JUNK))


class _Base64Decoder:
    """What is not of the alphabet, line ends above all, is skipped; padding is the end (RFC 2045 6.8)."""

    __slots__ = ("_ended", "_rest")

    def __init__(self) -> None:
        self._rest = b""
        self._ended = False

    def decode(self, data: bytes) -> bytes:
        if self._ended:
            return b""
        data = self._rest + data.translate(None, _JUNK)
        end = len(data) & ~3
        self._ended = b"=" in data[:end]
        self._rest = b"" if self._ended else data[end:]
        return binascii.a2b_base64(data[:end])

    def flush(self) -> bytes:
        rest, self._rest = self._rest, b""
        return binascii.a2b_base64(rest)


class _QuotedPrintableDecoder:
    """An escape that is cut waits for its rest."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, data: bytes) -> bytes:
        data = self._rest + data
        escape = data.rfind(b"=", max(0, len(data) - 2))
        end = len(data) if escape < 0 else escape
        self._rest = data[end:]
        return binascii.a2b_qp(data[:end])

    def flush(self) -> bytes:
        rest, self._rest = self._rest, b""
        return binascii.a2b_qp(rest)


class _Base64Encoder:
    """One long line, as long as the data."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def encode(self, data: bytes) -> bytes:
        data = self._rest + data if self._rest else data
        end = len(data) - len(data) % 3
        self._rest = data[end:]
        return binascii.b2a_base64(data[:end], newline=False)

    def flush(self) -> bytes:
        rest, self._rest = self._rest, b""
        return binascii.b2a_base64(rest, newline=False)


class _QuotedPrintableEncoder:
    """Lines stay lines; every other byte that is not plain text is escaped, so that all bytes come back."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open = b""  # a line that has not ended

    def encode(self, data: bytes) -> bytes:
        data = self._open + data
        end = data.rfind(b"\n") + 1
        self._open = data[end:]
        lines = [_encoded_line(line) for line in data[:end].split(b"\n")[:-1]]
        if len(self._open) > _LINE:
            lines.append(binascii.b2a_qp(self._open, istext=False) + b"=\r\n")
            self._open = b""
        return b"".join(lines)

    def flush(self) -> bytes:
        rest, self._open = self._open, b""
        return binascii.b2a_qp(rest, istext=False)


def _encoded_line(line: bytes) -> bytes:
    """Return *line*, which was followed by LF, encoded and with its line end."""
    if line.endswith(b"\r"):
        return binascii.b2a_qp(line[:-1], istext=False) + b"\r\n"
    return binascii.b2a_qp(line, istext=False) + b"\n"


def make_transfer_decoder(encoding: str) -> TransferDecoder:
    """Return a decoder for *encoding*, ``base64`` or ``quoted-printable``; RuntimeError for any other."""
    if encoding == "base64":
        return _Base64Decoder()
    if encoding == "quoted-printable":
        return _QuotedPrintableDecoder()
    raise RuntimeError(f"unknown content transfer encoding: {encoding}")


def make_transfer_encoder(encoding: str) -> TransferEncoder:
    """Return an encoder for *encoding*, ``base64`` or ``quoted-printable``; RuntimeError for any other."""
    if encoding == "base64":
        return _Base64Encoder()
    if encoding == "quoted-printable":
        return _QuotedPrintableEncoder()
    raise RuntimeError(f"unknown content transfer encoding: {encoding}")
