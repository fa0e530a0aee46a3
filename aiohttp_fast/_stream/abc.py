"""What a payload may ask of whoever sends a message body."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from multidict import CIMultiDict

__all__ = ("AbstractStreamWriter",)


class AbstractStreamWriter(ABC):
    """Sends the head and the body of one message.

    ``length`` is how many bytes of the body are still to come, None where that is not
    known; ``output_size`` counts what was given to the transport, head included.
    """

    buffer_size: int = 0
    output_size: int = 0
    length: int | None = 0
    on_body_write: Callable[[int], Awaitable[None]] | None = None

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection's transport, None where there is none (any more)."""
        return None

    @abstractmethod
    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Send the next piece of the body."""

    @abstractmethod
    async def write_eof(self, chunk: bytes = b"") -> None:
        """Send the last piece of the body, and what ends it."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait until the connection takes more."""

    @abstractmethod
    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        """Compress the body from here on."""

    @abstractmethod
    def enable_chunking(self) -> None:
        """Send the body in chunks (RFC 9112 7.1)."""

    @abstractmethod
    async def write_headers(self, status_line: str, headers: "CIMultiDict[str]") -> None:
        """Take the head; it may be held back until the body begins."""

    def send_headers(self) -> None:  # noqa: B027
        """Send a head that was held back."""
