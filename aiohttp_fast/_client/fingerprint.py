"""Pinning of the peer's certificate by its SHA-256 digest."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from .._base.checks import shown_value
from .._base.later import later
from .exceptions import ServerFingerprintMismatch

if TYPE_CHECKING:
    import hashlib
else:
    hashlib = later("hashlib")

__all__ = ("Fingerprint",)


def _md5(data: bytes) -> Any:
    return hashlib.md5(data, usedforsecurity=False)


def _sha1(data: bytes) -> Any:
    return hashlib.sha1(data, usedforsecurity=False)


def _sha256(data: bytes) -> Any:
    return hashlib.sha256(data)


class Fingerprint:
    """The SHA-256 digest that the peer's certificate (DER) must have; given as ``ssl=``.

    Equal digests are equal objects, so their requests share connections.
    """

    HASHFUNC_BY_DIGESTLEN: ClassVar[dict[int, Callable[..., Any]]] = {16: _md5, 20: _sha1, 32: _sha256}

    def __init__(self, fingerprint: bytes | None = None, *, digest: bytes | None = None) -> None:
        """Take the 32 bytes, by either name; ``ValueError`` for any other length, those of MD5 and SHA-1 included."""
        if fingerprint is None:
            fingerprint = digest
        elif digest is not None:
            raise TypeError("the digest is given twice: as fingerprint and as digest")
        if fingerprint is None:
            raise TypeError("Fingerprint() takes a digest")
        if not isinstance(fingerprint, (bytes, bytearray, memoryview)):
            raise TypeError(f"a fingerprint must be the 32 bytes of a sha256 digest, not {shown_value(fingerprint)}")
        fingerprint = bytes(fingerprint)
        hash_function = self.HASHFUNC_BY_DIGESTLEN.get(len(fingerprint))
        if hash_function is None:
            raise ValueError(f"fingerprint has invalid length {len(fingerprint)}: a sha256 digest has 32 bytes")
        if hash_function is not _sha256:
            raise ValueError("md5 and sha1 are insecure and not supported. Use sha256.")
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> bytes:
        """The digest."""
        return self._fingerprint

    def check(self, transport: asyncio.BaseTransport) -> None:
        """Raise ``ServerFingerprintMismatch`` unless the peer's certificate is the pinned one.

        A transport without TLS passes.
        """
        tls = transport.get_extra_info("ssl_object")
        if tls is None:
            return
        got = _sha256(tls.getpeercert(binary_form=True) or b"").digest()
        if got != self._fingerprint:
            peer = transport.get_extra_info("peername")
            host, port = peer[:2] if isinstance(peer, tuple) else (str(peer), 0)
            raise ServerFingerprintMismatch(self._fingerprint, got, host, port)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fingerprint) and other._fingerprint == self._fingerprint

    def __hash__(self) -> int:
        return hash(self._fingerprint)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} sha256={self._fingerprint.hex()}>"
