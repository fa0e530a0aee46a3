"""How a request goes onto a connection: in one write, or piece by piece in a task."""

import asyncio
from collections.abc import Mapping

from multidict import CIMultiDict

from .._base import hdrs
from .._base.log import client_logger
from .._stream.futures import cancel_once
from .._stream.payload_kinds import BytesPayload, JsonBytesPayload, JsonPayload, StringPayload
from .._stream.writer import StreamWriter
from .._wire.http.head import serialize_head
from .._wire.http.message import HttpVersion11
from .connector.connection import Connection
from .exceptions import ClientConnectionError, ClientOSError, ClientPayloadError, TotalTimeoutError
from .info import authority
from .protocol import ResponseHandler
from .request_parts import RequestParts, from_factory
from .response import ClientResponse
from .response_core import ResponseCore

__all__ = ("RequestCore",)

_INLINE_BODY = 1 << 16  # bytes; a body up to this size leaves in one write with its head
_PATIENCE = 1.0  # seconds to wait for 100 Continue, which many servers never say (RFC 9110 10.1.1)

_IN_MEMORY = frozenset({BytesPayload, StringPayload, JsonPayload, JsonBytesPayload})
_CONNECTION = hdrs.CONNECTION
_PLAIN_INIT = ClientResponse.__init__  # somebody may put another in its place


class RequestCore(RequestParts):
    """The part of a request that every exchange runs through: its way to the wire, and its response."""

    __slots__ = ()

    def can_be_sent_again(self) -> bool:
        """True unless the body has been used up by an attempt to send it and cannot be made anew."""
        if self._body_failed:
            return False
        return self._body is None or self._body_factory is not None or not self._body.consumed

    def forget_expectation(self) -> bool:
        """Prepare to be sent without Expect, which a server did not understand; False where the body is used up."""
        if not self._expects or not self.can_be_sent_again():
            return False
        self.headers.popall(hdrs.EXPECT, None)
        self._expects = False
        self._continue = self._stream_writer = None
        return True

    async def renew_body(self) -> None:
        """Ask the body's factory, if it has one, for the body of the next attempt."""
        if self._body_factory is None or self._body is None:
            return
        old, size = self._body, self._body.size
        described: Mapping[str, str] = old.headers or {}
        await old.close()
        self._body = body = from_factory(self._body_factory)
        if body.size != size:
            raise ClientPayloadError(
                f"Cannot send the request again to {self.url}: its body factory gave {body.size} bytes after {size}"
            )
        for name, value in (body.headers or {}).items():  # the boundary of a form is another one each time
            if name in described and self.headers.get(name) == described[name]:
                self.headers[name] = value

    def _start_line(self, conn: Connection) -> str:
        """Return the request line (RFC 9112 3); add Connection where the version needs it."""
        version = self.version
        if conn.force_close or version is not HttpVersion11:
            self._say_connection(conn.force_close)
        target = self._target
        form = target.origin_form if self.method != "CONNECT" else authority(target.host, target.port)
        if version is HttpVersion11:
            return f"{self.method} {form} HTTP/1.1"
        return f"{self.method} {form} HTTP/{version[0]}.{version[1]}"

    def _say_connection(self, force_close: bool) -> None:
        """Add Connection where the version's default is not what is meant (RFC 9112 9.3)."""
        if _CONNECTION not in self.headers:
            if self.version < HttpVersion11:
                if not force_close:
                    self.headers[_CONNECTION] = "keep-alive"
            elif force_close:
                self.headers[_CONNECTION] = "close"

    async def send(self, conn: Connection) -> ClientResponse:
        """Write the request to *conn* and return its response, not yet started.

        A small body leaves in one write with the head; a larger one, or one that somebody
        watches, is written by a task while the response may already be coming in. Raises
        ``ValueError`` for a head that cannot be sent, with nothing written.
        """
        start_line = self._start_line(conn)
        if not self._send_at_once(conn, start_line):
            await self._send_streamed(conn, start_line)
        return self._expect_response()

    def _send_at_once(self, conn: Connection, start_line: str) -> bool:
        """Write head and body together, if the body is small and here; False if it has to be streamed."""
        protocol = conn._protocol
        transport = None if protocol is None else protocol.transport
        if transport is None:
            raise ClientConnectionError("Connection closed")
        body = self._body
        if self.chunked or self._traces or self._upload_tracker is not None:
            return False
        if body is None:
            data = serialize_head(start_line, self.headers)
        elif not self._expects and type(body) in _IN_MEMORY and body.size <= _INLINE_BODY:  # type: ignore[operator]
            data = serialize_head(start_line, self.headers) + body._value
        else:
            return False
        transport.write(data)
        self._sent_at_once = len(data)
        protocol.start_timeout()  # type: ignore[union-attr]
        return True

    def _expect_response(self) -> ClientResponse:
        """Make the response, which is not kept here: it knows its request, and a cycle is left to the collector."""
        made = self.response_class
        if made is ClientResponse and made.__init__ is _PLAIN_INIT:
            response = made.__new__(made)
            response._begin(self.method, self.original_url, self._writer, self._timer, self, self.loop, self._session)
            response._output_size = self._sent_at_once
            if self._stream_writer is not None:
                response._stream_writer = self._stream_writer
                response._traces = self._traces
            return response
        own = made(
            self.method,
            self.original_url,
            writer=self._writer,
            continue100=self._continue,
            timer=self._timer,
            request_info=self,
            traces=self._traces,
            loop=self.loop,
            session=self._session,
            stream_writer=self._stream_writer,
        )
        if isinstance(own, ResponseCore):
            own._output_size = self._sent_at_once
        return own

    async def _send_streamed(self, conn: Connection, start_line: str) -> None:
        protocol: ResponseHandler = conn.protocol  # type: ignore[assignment]
        writer = self._stream_writer = self._make_writer(protocol)
        await writer.write_headers(start_line, self.headers)
        if self._traces:
            protocol.ensure_unanswered()  # who was told of the head took their time
        tracker = self._upload_tracker
        if tracker is not None:
            size = self.length if self.length is not None or self._body is None else self._body.size
            tracker._follow(writer, size or 0 if self._body is None else size)
        if self._body is None and not self.chunked:
            writer.send_headers()
            protocol.start_timeout()
            if tracker is not None:
                tracker._end_body(True)
            return
        if self._expects:
            self._continue = self.loop.create_future()
            protocol.expect_continue(self._continue)
            writer.send_headers()
        self._writer = self.loop.create_task(self.write_bytes(writer, conn, self.length))
        if tracker is not None:  # a task that is cancelled early on never runs
            self._writer.add_done_callback(lambda _: tracker._end_body(False))

    def _make_writer(self, protocol: ResponseHandler) -> StreamWriter:
        traces = self._traces
        writer = StreamWriter(
            protocol,
            self.loop,
            self._on_chunk_sent if any(getattr(trace, "wants_chunks", True) for trace in traces) else None,
            self._on_headers_sent if traces else None,
        )
        writer.length = self.length
        if self.compress:
            writer.enable_compression(self.compress)
        if self.chunked:
            writer.enable_chunking()
        return writer

    async def _on_headers_sent(self, headers: "CIMultiDict[str]") -> None:
        for trace in self._traces:
            await trace.send_request_headers(self.method, self.url, headers)

    async def _on_chunk_sent(self, chunk: bytes | bytearray | memoryview) -> None:
        for trace in self._traces:
            await trace.send_request_chunk_sent(self.method, self.url, chunk)

    async def write_bytes(self, writer: StreamWriter, conn: Connection, content_length: int | None = None) -> None:
        """Write the body; a failure ends the exchange with it, as nobody awaits this task.

        Nothing is written where the server was asked for its word and does not want the body.
        """
        protocol: ResponseHandler = conn.protocol  # type: ignore[assignment]
        sent = False
        failure: Exception | None = None
        try:
            wanted = True
            if self._continue is not None:
                wanted = await _is_wanted(self._continue)
            if wanted:
                if self._body is not None:
                    await self._body.write_with_length(writer, content_length)
                await writer.write_eof()
                sent = True
        except asyncio.CancelledError:
            protocol.abort()
            raise
        except OSError as exc:
            failure = ClientOSError(exc.errno, f"Can not write request body for {self.url}")
            self._body_failed = not isinstance(exc, ConnectionError)  # what a file says is no news of the connection
            protocol.fail_writing(failure, exc)
        except Exception as exc:
            peer = authority(conn.key.host, conn.key.port)
            failure = ClientConnectionError(f"Failed to send bytes into the underlying connection to {peer}: {exc!r}")
            protocol.fail(failure, exc)
        else:
            protocol.start_timeout()
        finally:
            if self._upload_tracker is not None:
                self._upload_tracker._end_body(sent, failure)
            if self._body_is_final:
                await self._close_body_late()

    async def _close_body_late(self) -> None:
        """Close the body where there is something else to tell the caller: an error goes to the log."""
        try:
            await self._body.close()  # type: ignore[union-attr]
        except Exception as exc:
            client_logger.warning("The request body for %s could not be closed: %r", self.url, exc)

    async def let_body_go(self) -> None:
        """Close the body, which nobody will ask for again, once it is written."""
        body = self._body
        if body is None or body.autoclose:
            return
        if self._writer is None or self._writer.done():
            await body.close()
        else:
            self._body_is_final = True

    async def give_body_up(self) -> None:
        """Close the body of a request that failed, once nobody writes it any more.

        One that was not begun is left to its owner, who may want to try again; what a factory made has none.
        """
        body = self._body
        if body is None or body.autoclose or (self._writer is None and self._body_factory is None):
            return
        if self._writer is None or self._writer.done():
            await self._close_body_late()
        else:
            self._body_is_final = True

    def is_being_sent(self) -> bool:
        """Return True while the body is being written."""
        return self._writer is not None and not self._writer.done()

    def terminate(self) -> None:
        """Stop writing the body."""
        cancel_once(self._writer)
        self._writer = None

    async def close(self) -> None:
        """Wait until the body is written; ``TotalTimeoutError`` where that lasts beyond the deadline."""
        if self._writer is None:
            return
        try:
            async with asyncio.timeout_at(self.deadline):
                await asyncio.wait((self._writer,))
        except TimeoutError as exc:
            cancel_once(self._writer)
            late = TotalTimeoutError("Total timeout passed while the request body was being ended")
            raise late.limited_by("total", self.timeout.total) from exc
        self._writer = None


async def _is_wanted(answer: "asyncio.Future[bool]") -> bool:
    """Wait until the server has said whether it wants the body; one that says nothing gets it in the end."""
    await asyncio.wait((answer,), timeout=_PATIENCE)
    if not answer.done():
        answer.set_result(True)
    return not answer.cancelled() and answer.result()
