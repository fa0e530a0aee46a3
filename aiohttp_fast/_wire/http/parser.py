"""The parser's contract, and the choice between its two implementations.

A parser turns bytes into calls on a *sink*. It knows no socket, loop or clock, lives
as long as its connection, and reports the same events and the same error class
however the bytes were cut.

One message is reported as ``on_head``, any number of ``on_body``, ``on_end``. Each 1xx
response is a message of its own (RFC 9110 15.2). An error is raised out of ``feed`` or
``feed_eof`` after the events that came before it; the parser is then dead and raises
the same error again.
"""

from typing import Protocol

from ..._base.speed import COMPILED
from .message import RequestHead, ResponseHead

if COMPILED:
    from .parser_c import RequestParser, ResponseParser
else:
    from .parser_py import RequestParser, ResponseParser

__all__ = ("RequestParser", "ResponseParser", "Sink")


class Sink(Protocol):
    """Who receives what a parser found. A raised exception passes through ``feed``.

    A sink may also have ``on_chunk_end()``, called after each chunk of a chunked body
    (RFC 9112 7.1); a parser whose sink lacks it pays nothing for it.
    """

    def on_head(self, head: RequestHead | ResponseHead) -> None:
        """A complete head; framing facts are already known."""

    def on_body(self, data: bytes) -> None:
        """The next piece of the body, transfer coding removed; never empty."""

    def on_end(self, trailers: tuple[tuple[bytes, bytes], ...]) -> bool | None:
        """The message is complete. Return True to stop ``feed`` right after it."""
