"""From options to a request on the wire: head and payload, and the response they lead to."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import iscoroutine
from types import MappingProxyType
from typing import Any, Literal

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .._base import hdrs
from .._base.class_value import ClassValue
from .._base.log import client_logger
from .._base.signature import InitSignature
from .._base.types import LooseCookies, LooseHeaders
from .._base.version import __version__
from .._base.warn import warn_user
from .._stream.formdata import FormData
from .._stream.payload import PAYLOAD_REGISTRY, Payload
from .._stream.payload import LookupError as NoPayload
from .._stream.payload_kinds import BytesPayload, JsonBytesPayload, JsonPayload, StringPayload
from .._stream.writer import StreamWriter
from .._wire.coding import accept_encoding
from .._wire.http.head import serialize_head
from .._wire.http.message import HttpVersion, HttpVersion11
from .auth import BasicAuth
from .circumstances import Phase
from .connector.connection import Connection
from .cookie_input import cookie_field
from .exceptions import ClientConnectionError, ClientOSError, ClientPayloadError
from .info import ConnectionKey, RequestInfo
from .netrc import netrc_auth_now
from .options import NO_TIMEOUT, ClientTimeout
from .protocol import ResponseHandler
from .proxies import fields_for_proxy, needs_tunnel, split_proxy, through
from .response import ClientResponse, ResponseCore
from .target import target_of
from .upload import UploadTracker

__all__ = ("ClientRequest",)

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2
_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"))
_INLINE_BODY = 1 << 16  # bytes; a body up to this size leaves in one write with its head
_PATIENCE = 1.0  # seconds to wait for 100 Continue, which many servers never say (RFC 9110 10.1.1)
_CONTINUE = "100-continue"

_IN_MEMORY = frozenset({BytesPayload, StringPayload, JsonPayload, JsonBytesPayload})
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_HOST, _CONNECTION, _USER_AGENT = hdrs.HOST, hdrs.CONNECTION, hdrs.USER_AGENT
_ACCEPT_ANY = "*/*"
_ACCEPT_ENCODING = accept_encoding()
_OUR_NAME = f"Python/{sys.version_info[0]}.{sys.version_info[1]} aiohttp_fast/{__version__}"
_PLAIN_INIT = ClientResponse.__init__  # somebody may put another in its place
_NOTHING: frozenset[str] = frozenset()
_UNKNOWN_TYPE = "application/octet-stream"
_BODILESS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS, hdrs.METH_TRACE})
_WITH_BODY = frozenset({hdrs.METH_PATCH, hdrs.METH_POST, hdrs.METH_PUT})
_DEFAULT_HEADERS: Mapping[str, str] = MappingProxyType(
    {hdrs.ACCEPT: _ACCEPT_ANY, hdrs.ACCEPT_ENCODING: _ACCEPT_ENCODING}
)
_AUTO_HEADERS = CIMultiDict((*_DEFAULT_HEADERS.items(), (_USER_AGENT, _OUR_NAME)))


def _check_method(method: str) -> str:
    """Return *method* in upper case; RFC 9110 9.1 allows tokens only."""
    method = method.upper()
    if not _TOKEN.fullmatch(method):
        raise ValueError(f"Method must be a token (RFC 9110 9.1), not {method[:100]!r}")
    return method


def _from_factory(factory: Callable[[], Any]) -> Payload:
    """Return the body that a callable given as ``data`` makes for one attempt."""
    made = factory()
    if isinstance(made, FormData):
        return made()
    try:
        return PAYLOAD_REGISTRY.get(made, disposition=None)
    except NoPayload:
        if iscoroutine(made):
            made.close()
        if made is None or callable(made) or iscoroutine(made):
            raise TypeError(f"a body factory must return a request body, not {type(made).__name__}") from None
        return FormData(made)()


class RequestCore:
    """The part of a request that every exchange runs through; typed when compiled."""

    __slots__ = (
        "_body",
        "_body_factory",
        "_body_is_final",
        "_continue",
        "_expects",
        "_sent_at_once",
        "_session",
        "_skip_auto_headers",
        "_ssl",
        "_stream_writer",
        "_target",
        "_timer",
        "_traces",
        "_upload_tracker",
        "_writer",
        "auth",
        "chunked",
        "compress",
        "deadline",
        "headers",
        "length",
        "loop",
        "method",
        "original_url",
        "phase",
        "response_class",
        "server_hostname",
        "started",
        "timeout",
        "url",
        "version",
    )

    auth: BasicAuth | None
    chunked: bool | None
    compress: str | None
    deadline: float | None  # loop time by which the whole exchange must end
    headers: CIMultiDict[str]
    length: int | None  # Content-Length; None where there is none, or the caller's is still to be checked
    loop: asyncio.AbstractEventLoop
    method: str
    original_url: URL
    response_class: type[ClientResponse]
    phase: Phase  # of the way to a connection
    server_hostname: str | None
    started: float  # loop time at which the exchange began; 0 outside of one
    timeout: ClientTimeout
    url: URL
    version: HttpVersion

    def __init__(
        self,
        method: str,
        url: URL,
        *,
        params: Any = None,
        headers: LooseHeaders | None = None,
        skip_auto_headers: Iterable[str] | None = None,
        data: Any = None,
        cookies: LooseCookies | None = None,
        auth: BasicAuth | None = None,
        version: HttpVersion = HttpVersion11,
        compress: str | bool | None = None,
        chunked: bool | None = None,
        expect100: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        response_class: type[ClientResponse] | None = None,
        proxy: URL | None = None,
        proxy_auth: BasicAuth | None = None,
        timer: Any = None,
        session: Any = None,
        ssl: Any = True,
        proxy_headers: LooseHeaders | None = None,
        traces: Sequence[Any] | None = None,
        trust_env: bool = False,
        server_hostname: str | None = None,
    ) -> None:
        if params:
            url = url.extend_query(params)
        self.method = method if method in _METHODS else _check_method(method)
        self._target = target = target_of(url)
        self.url = target.url
        self.original_url = target.original_url
        self.loop = asyncio.get_running_loop() if loop is None else loop
        self.response_class = ClientResponse if response_class is None else response_class
        self.version = version
        self.auth = None
        self.chunked = chunked
        self.compress = None
        self.deadline = None
        self.length = None
        self.phase = Phase.POOL
        self.server_hostname = server_hostname
        self.started = 0.0
        self.timeout = NO_TIMEOUT
        self._body: Payload | None = None
        self._body_factory: Callable[[], Any] | None = None
        self._body_is_final = False
        self._continue: asyncio.Future[bool] | None = None  # whether the server wants the body
        self._expects = False  # the server is asked whether it wants the body
        self._sent_at_once = 0  # bytes of head and body that left together
        self._session = session
        self._skip_auto_headers: frozenset[str] | CIMultiDict[None] = _NOTHING
        self._ssl = ssl
        self._stream_writer: StreamWriter | None = None
        self._timer = timer
        self._traces = traces or ()
        self._upload_tracker: UploadTracker | None = None
        self._writer: asyncio.Task[None] | None = None
        self.headers = CIMultiDict()
        self.update_headers(headers)
        self.update_auto_headers(skip_auto_headers)
        if cookies:
            self.update_cookies(cookies)
        if auth is not None or trust_env or target.auth is not None:
            self.update_auth(auth, trust_env)
        if proxy is not None:
            self.update_proxy(proxy, proxy_auth, proxy_headers)  # type: ignore[attr-defined]
        if data is not None or compress or self.method not in _BODILESS:
            if compress:
                self.compress = "deflate" if compress is True else compress
                self.update_content_encoding(data)
            self.update_body_from_data(data)
            self.update_transfer_encoding()
        elif chunked is not None or headers is not None:
            self.update_transfer_encoding()
        if expect100 or (headers is not None and hdrs.EXPECT in self.headers):
            self.update_expect_continue(expect100)

    @property
    def connection_key(self) -> ConnectionKey:
        """What a connection must match to carry this request."""
        if self.url is not self._target.url:
            self._retarget()
        if self._ssl is True and self.server_hostname is None:
            return self._target.connection_key
        return self._target.connection_key._replace(ssl=self._ssl, server_hostname=self.server_hostname)

    # Building the head

    def update_headers(self, headers: LooseHeaders | None) -> None:
        """Set Host and the caller's fields, which may replace it."""
        own = self.headers
        own[_HOST] = self._target.host_header
        if headers:
            for name, value in headers.items() if isinstance(headers, Mapping) else headers:
                if name.lower() == "host":
                    own[name] = value
                else:
                    own.add(name, value)

    def update_auto_headers(self, skip_auto_headers: Iterable[str] | None) -> None:
        """Add the fields that the caller neither gave nor excluded."""
        headers = self.headers
        if skip_auto_headers:
            self._skip_auto_headers = CIMultiDict((name, None) for name in sorted(skip_auto_headers))
        skipped = self._skip_auto_headers
        if not skipped and len(headers) == 1 and self.DEFAULT_HEADERS is _DEFAULT_HEADERS:  # type: ignore[attr-defined]
            headers.extend(_AUTO_HEADERS)  # only Host is there: nothing to look for
            return
        for name, value in (*self.DEFAULT_HEADERS.items(), (_USER_AGENT, _OUR_NAME)):  # type: ignore[attr-defined]
            if name not in headers and (not skipped or name not in skipped):
                headers.add(name, value)

    def update_cookies(self, cookies: LooseCookies) -> None:
        """Set Cookie from *cookies* and a Cookie field already given (RFC 6265 5.4)."""
        if cookies:
            given = self.headers.popall(hdrs.COOKIE, [])
            self.headers[hdrs.COOKIE] = cookie_field(given, cookies)

    def update_auth(self, auth: BasicAuth | None, trust_env: bool = False) -> None:
        """Set Authorization from *auth*, or from the URL's credentials, or with *trust_env* from the ``.netrc`` file.

        That file is read here and now where it is new; a session has it read in a thread.
        """
        auth = auth or self._target.auth
        if auth is None and trust_env and hdrs.AUTHORIZATION not in self.headers:
            auth = netrc_auth_now(self.url)
        if auth is None:
            return
        if not isinstance(auth, BasicAuth):
            raise TypeError("BasicAuth() tuple is required instead")
        if hdrs.AUTHORIZATION in self.headers:
            raise ValueError("Cannot combine AUTHORIZATION header with AUTH argument or credentials encoded in URL")
        self.auth = auth
        self.headers[hdrs.AUTHORIZATION] = auth.encode()

    # Building the body

    def update_content_encoding(self, data: Any) -> None:
        """Set Content-Encoding for ``compress``; a body so coded has no known length."""
        if not data:
            self.compress = None
            return
        if hdrs.CONTENT_ENCODING in self.headers:
            raise ValueError("compress can not be set if Content-Encoding header is set")
        self.headers[hdrs.CONTENT_ENCODING] = self.compress  # type: ignore[assignment]
        self.chunked = True

    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:
        """Make the payload, and the fields that describe it."""
        if body is None:
            if not self.chunked and hdrs.CONTENT_LENGTH not in self.headers and self.method not in _BODILESS:
                self.headers[hdrs.CONTENT_LENGTH] = "0"
            if self.method in _WITH_BODY:
                self._set_content_type(_UNKNOWN_TYPE)
            return
        if isinstance(body, FormData):
            body = body()
        if type(body) in _IN_MEMORY or isinstance(body, Payload):  # an ABC is slow to answer
            payload = body
        else:
            payload = self._make_payload(body)
        if type(payload) not in _IN_MEMORY and payload.consumed:
            raise ClientPayloadError(
                f"Cannot send a request to {self.url}: its body ({type(payload).__name__}) was sent already"
                " and can not be sent again"
            )
        self._body = payload
        headers = self.headers
        if not self.chunked and hdrs.CONTENT_LENGTH not in headers and hdrs.TRANSFER_ENCODING not in headers:
            size = payload.size
            if size is None:
                self.chunked = True
            else:
                headers.add(hdrs.CONTENT_LENGTH, str(size))
                self.length = size
        if type(payload) is JsonPayload and payload._headers is None:
            self._set_content_type(payload._plain_type)  # type: ignore[arg-type]
            return
        described = payload.headers
        if described is not None:
            for name, value in described.items():
                if name.lower() in _FRAMING:
                    raise ValueError(f"a payload can not decide the framing of a request: it has the header {name!r}")
                if name not in headers and name not in self._skip_auto_headers:
                    headers[name] = value

    def _make_payload(self, body: Any) -> Payload:
        try:
            return PAYLOAD_REGISTRY.get(body, disposition=None)
        except NoPayload:
            if not callable(body):
                return FormData(body)()
        self._body_factory = body
        return _from_factory(body)

    def _set_content_type(self, content_type: str) -> None:
        if hdrs.CONTENT_TYPE not in self.headers and hdrs.CONTENT_TYPE not in self._skip_auto_headers:
            self.headers.add(hdrs.CONTENT_TYPE, content_type)

    def update_transfer_encoding(self) -> None:
        """Decide the framing (RFC 9112 6): never both length and chunked, never two lengths."""
        if self.length is not None:
            return  # the length is ours, and the caller said nothing of framing
        headers = self.headers
        codings = headers.getall(hdrs.TRANSFER_ENCODING, ())
        if len(codings) > 1:
            raise ValueError("more than one Transfer-Encoding header (RFC 9112 6.1)")
        coding = codings[0] if codings else None
        if (coding is not None or self.chunked) and self.version < HttpVersion11:
            raise ValueError("a body of unknown length can not be sent with HTTP/1.0 (RFC 9112 6.1)")
        lengths = headers.getall(hdrs.CONTENT_LENGTH, ())
        if coding is not None:
            if self.chunked:
                raise ValueError("chunked can not be set if Transfer-Encoding header is set")
            if coding.strip().lower() != "chunked":
                raise ValueError(f"Transfer-Encoding must be 'chunked', not {coding[:100]!r}")
            if lengths:
                raise ValueError("Content-Length and Transfer-Encoding can not be sent together (RFC 9112 6.2)")
            self.chunked = True
        elif self.chunked:
            if lengths:
                raise ValueError("chunked can not be set if Content-Length header is set")
            headers[hdrs.TRANSFER_ENCODING] = "chunked"
        elif lengths:
            self._check_length(lengths)

    def _check_length(self, lengths: list[str]) -> None:
        if len(lengths) > 1:
            raise ValueError("more than one Content-Length header (RFC 9110 8.6)")
        text = lengths[0]
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"Content-Length must be a number of bytes, not {text[:100]!r}")
        size = 0 if self._body is None else self._body.size
        if size is not None and size != int(text):
            raise ValueError(f"Content-Length is {text[:100]}, but the body has {size} bytes")
        self.length = int(text)

    def update_expect_continue(self, expect: bool = False) -> None:
        """Let the server say whether it wants the body, before it is sent (RFC 9110 10.1.1).

        Set Expect if *expect* is true, or go by the caller's own field. Without a body,
        or before HTTP/1.1, there is nothing to be expected: *expect* then means nothing,
        and a field of the caller's is sent, but not waited for.
        """
        possible = (self._body is not None or self.chunked) and self.length != 0 and self.version >= HttpVersion11
        if expect:
            if possible:
                self.headers[hdrs.EXPECT] = _CONTINUE
            else:
                self.headers.popall(hdrs.EXPECT, None)
        self._expects = bool(possible) and self.headers.get(hdrs.EXPECT, "").strip().lower() == _CONTINUE

    def forget_expectation(self) -> bool:
        """Prepare to be sent without Expect, which a server did not understand; False where the body is used up."""
        if not self._expects or not self.can_be_sent_again():
            return False
        self.headers.popall(hdrs.EXPECT, None)
        self._expects = False
        self._continue = self._stream_writer = None
        return True

    # Sending

    def can_be_sent_again(self) -> bool:
        """True unless the body has been used up by an attempt to send it and cannot be made anew."""
        return self._body is None or self._body_factory is not None or not self._body.consumed

    async def renew_body(self) -> None:
        """Ask the body's factory, if it has one, for the body of the next attempt."""
        if self._body_factory is None or self._body is None:
            return
        await self._body.close()
        size = self._body.size
        self._body = body = _from_factory(self._body_factory)
        if body.size != size:
            raise ClientPayloadError(
                f"Cannot send the request again to {self.url}: its body factory gave {body.size} bytes after {size}"
            )

    def _start_line(self, conn: Connection) -> str:
        """Return the request line (RFC 9112 3); add Connection where the version needs it."""
        version = self.version
        if conn.force_close or version is not HttpVersion11:
            self._say_connection(conn.force_close)
        target = self._target
        form = target.origin_form if self.method != "CONNECT" else f"{target.host}:{target.port}"
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
        if self.chunked or self._traces or self._expects or self._upload_tracker is not None:
            return False
        if body is None:
            data = serialize_head(start_line, self.headers)
        elif type(body) in _IN_MEMORY and body.size <= _INLINE_BODY:  # type: ignore[operator]
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
            response._traces = self._traces
            response._stream_writer = self._stream_writer
            response._output_size = self._sent_at_once
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
            protocol.fail_writing(failure, exc)
        except Exception as exc:
            failure = ClientConnectionError(f"Failed to send bytes into the underlying connection {conn.key}: {exc!r}")
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

        One that was not begun is left to its owner, who may want to try again.
        """
        body = self._body
        if body is None or body.autoclose or self._writer is None:
            return
        if self._writer.done():
            await self._close_body_late()
        else:
            self._body_is_final = True

    def is_being_sent(self) -> bool:
        """Return True while the body is being written."""
        return self._writer is not None and not self._writer.done()

    def terminate(self) -> None:
        """Stop writing the body."""
        if self._writer is not None and not self._writer.done():
            self._writer.cancel()
        self._writer = None

    async def close(self) -> None:
        """Wait until the body is written."""
        if self._writer is not None:
            await asyncio.wait((self._writer,))
            self._writer = None

    async def update_body(self, body: Any) -> None:
        """Replace the body, and close the old one: anything that ``data=`` takes, None for no body.

        The framing is decided anew. Content-Type stays, as the new body is mostly the old
        one changed; set it where that is not so. That of a multipart body is always its own.
        """
        old = self._body
        self._set_body(body)
        if old is not None and old is not self._body:
            await old.close()

    def _set_body(self, body: Any) -> None:
        headers = self.headers
        was_chunked = self.chunked and hdrs.TRANSFER_ENCODING in headers and self._body is not None
        for name in (hdrs.CONTENT_LENGTH, hdrs.TRANSFER_ENCODING):
            headers.popall(name, None)
        if self._body is None:
            self._drop_content_type(_UNKNOWN_TYPE)
        self._body = self._body_factory = None
        self.length = None
        self.chunked = True if self.compress or (was_chunked and body is not None) else None
        if isinstance(body, (FormData, Mapping)):
            body = body() if isinstance(body, FormData) else FormData(body)()
        if isinstance(body, Payload) and body.content_type.startswith("multipart/"):
            headers.popall(hdrs.CONTENT_TYPE, None)
        self.update_body_from_data(body)
        self.update_transfer_encoding()
        if self._expects:
            self.update_expect_continue(True)

    def _drop_content_type(self, value: str) -> None:
        """Drop a Content-Type that stands for there being no body."""
        if self.headers.get(hdrs.CONTENT_TYPE) == value:
            del self.headers[hdrs.CONTENT_TYPE]

    def _retarget(self) -> None:
        """Follow a ``url`` that was set: where to connect and what to ask for, and whom (RFC 9110 7.2).

        A Host field and credentials that are not the old URL's own stay as they are.
        """
        old = self._target
        self._target = target = target_of(self.url)
        self.original_url = target.original_url
        self.url = target.url
        if self.headers.get(_HOST) == old.host_header:
            self.headers[_HOST] = target.host_header
        if target.auth is not None and hdrs.AUTHORIZATION not in self.headers:
            self.update_auth(None)
        if old.connection_key.proxy is not None:
            self._stay_with_proxy()  # type: ignore[attr-defined]


async def _is_wanted(answer: "asyncio.Future[bool]") -> bool:
    """Wait until the server has said whether it wants the body; one that says nothing gets it in the end."""
    await asyncio.wait((answer,), timeout=_PATIENCE)
    if not answer.done():
        answer.set_result(True)
    return not answer.cancelled() and answer.result()


class ClientRequest(RequestCore):
    """One request, ready to be sent over a connection.

    Made by the session from its options; subclass it and pass ``request_class`` to
    change what is sent. It can stand in for a ``RequestInfo``, which is built from it
    when somebody asks.
    """

    GET_METHODS = _BODILESS
    POST_METHODS = _WITH_BODY
    ALL_METHODS = GET_METHODS.union(POST_METHODS).union({hdrs.METH_DELETE})
    DEFAULT_HEADERS = _DEFAULT_HEADERS
    __signature__ = InitSignature()
    auth = ClassValue(RequestCore.auth, None)  # type: ignore[misc]
    response: ClientResponse | None = None
    proxy: URL | None = None  # without credentials
    proxy_auth: BasicAuth | None = None
    proxy_headers: CIMultiDict[str] | None = None  # all that a tunnel is asked for with, credentials included

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.method} {self.url}>"

    # Facts

    @property
    def host(self) -> str:
        """The host to connect to, without brackets."""
        return self.connection_key.host

    @property
    def port(self) -> int | None:
        """The port to connect to."""
        return self.connection_key.port

    @property
    def real_url(self) -> URL:
        """The URL as it was asked for, fragment included."""
        return self.original_url

    @property
    def ssl(self) -> Any:
        """How TLS is verified: True, False, a ``Fingerprint`` or an ``SSLContext``."""
        return self._ssl

    @property
    def session(self) -> Any:
        """The session that made the request."""
        return self._session

    @property
    def body(self) -> Payload | Literal[b""]:
        """The payload, ``b""`` where there is none. To set it does not close the old one: ``update_body`` does."""
        return b"" if self._body is None else self._body

    @body.setter
    def body(self, body: Any) -> None:
        old = self._body
        self._set_body(body)
        if old is not None and old is not self._body and not old.autoclose:
            warn_user(ResourceWarning("the old body of the request was not closed: use await request.update_body()"))

    @property
    def skip_auto_headers(self) -> "frozenset[str] | CIMultiDict[None]":
        """Names of the fields that are not generated."""
        return self._skip_auto_headers

    @property
    def request_info(self) -> RequestInfo:
        """URL, method and fields as they were sent."""
        if self.url is not self._target.url:
            self._retarget()
        return RequestInfo(self.url, self.method, CIMultiDictProxy(self.headers), self.original_url)

    # What is left to subclasses and middlewares to change

    def update_host(self, url: URL) -> None:
        """Take the credentials in *url*, if there are any; raise ``InvalidURL`` where it has no host.

        Where the request goes is what ``url`` says, which may be set.
        """
        auth = target_of(url).auth
        if auth is not None:
            self.auth = auth

    def update_version(self, version: "HttpVersion | str") -> None:
        """Set the HTTP version: one of the constants, or text such as ``"1.0"``; ``ValueError`` for what is none."""
        if isinstance(version, str):
            major, dot, minor = version.partition(".")
            if not (dot and major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()):
                raise ValueError(f"Can not parse http version number: {version[:100]}")
            version = HttpVersion(int(major), int(minor))
        self.version = HttpVersion11 if version == HttpVersion11 else version

    def is_ssl(self) -> bool:
        """True when the request goes over TLS."""
        return self.connection_key.is_ssl

    # The proxy

    def update_proxy(self, proxy: URL | None, proxy_auth: BasicAuth | None, proxy_headers: LooseHeaders | None) -> None:
        """Send the request through *proxy*; *proxy_auth* goes before the credentials in its URL.

        What is meant for the proxy goes with ``CONNECT`` where there is a tunnel, and
        never into it; else it becomes part of the request, whose own fields go before
        *proxy_headers*. Raises ``ValueError`` for what is no proxy, and no ``BasicAuth``.
        """
        if proxy is None:
            return
        if proxy_auth is not None and not isinstance(proxy_auth, BasicAuth):
            raise ValueError("proxy_auth must be None or BasicAuth() tuple")
        self.proxy, in_url = split_proxy(proxy)
        self.proxy_auth = auth = proxy_auth or in_url
        fields = fields_for_proxy(proxy_headers)
        own = self.headers.popall(hdrs.PROXY_AUTHORIZATION, ())
        if hdrs.PROXY_AUTHORIZATION not in fields:
            fields.extend([(hdrs.PROXY_AUTHORIZATION, value) for value in own])
        self._target = target = through(self._target, self.proxy, auth, fields)
        self.url, self.original_url = target.url, target.original_url
        if auth is not None:
            fields[hdrs.PROXY_AUTHORIZATION] = auth.encode()
        self.proxy_headers = fields
        if not needs_tunnel(self.url):
            self.headers.extend([(name, value) for name, value in fields.items() if name not in self.headers])

    def _stay_with_proxy(self) -> None:
        """Go to another URL through the same proxy; what was meant for it must not reach an origin by the tunnel."""
        fields: CIMultiDict[str] = CIMultiDict(self.proxy_headers or ())
        for name, value in fields.items():
            if self.headers.get(name) == value:
                del self.headers[name]
        if self.proxy_auth is not None:
            fields.popall(hdrs.PROXY_AUTHORIZATION, None)
        self.update_proxy(self.proxy, self.proxy_auth, fields)
