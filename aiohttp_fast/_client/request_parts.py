"""What a request is made of: method, target, fields and payload, from the options of its call."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import iscoroutine
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict
from yarl import URL

from .._base import hdrs
from .._base.checks import check_text
from .._base.later import later
from .._base.types import LooseCookies, LooseHeaders
from .._base.version import __version__
from .._stream.payload import PAYLOAD_REGISTRY, Payload
from .._stream.payload import LookupError as NoPayload
from .._stream.payload_kinds import BytesPayload, JsonBytesPayload, JsonPayload, StringPayload
from .._stream.writer import StreamWriter
from .._wire.codings import accept_encoding
from .._wire.http.message import HttpVersion, HttpVersion11
from .auth import BasicAuth, check_auth
from .circumstances import Phase
from .exceptions import ClientPayloadError
from .info import ConnectionKey
from .options import NO_TIMEOUT, ClientTimeout
from .response import ClientResponse
from .target import target_of, with_params

if TYPE_CHECKING:
    from .._stream import formdata
    from . import cookie_input, netrc, upload
else:
    cookie_input = later(".cookie_input", __name__)
    formdata = later(".._stream.formdata", __name__)
    netrc = later(".netrc", __name__)

__all__ = ("BODILESS", "DEFAULT_HEADERS", "METHODS", "WITH_BODY", "RequestParts", "check_method", "from_factory")

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2
METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"))
_CONTINUE = "100-continue"
_POOL = Phase.POOL  # to look it up in its enum each time takes a while before Python 3.12

_IN_MEMORY = frozenset({BytesPayload, StringPayload, JsonPayload, JsonBytesPayload})
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_HOST = hdrs.HOST
_USER_AGENT = hdrs.USER_AGENT
_ACCEPT_ANY = "*/*"
_ACCEPT_ENCODING = accept_encoding()
_OUR_NAME = f"Python/{sys.version_info[0]}.{sys.version_info[1]} aiohttp_fast/{__version__}"
_NOTHING: frozenset[str] = frozenset()
_UNKNOWN_TYPE = "application/octet-stream"
BODILESS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS, hdrs.METH_TRACE})
WITH_BODY = frozenset({hdrs.METH_PATCH, hdrs.METH_POST, hdrs.METH_PUT})
DEFAULT_HEADERS: Mapping[str, str] = MappingProxyType(
    {hdrs.ACCEPT: _ACCEPT_ANY, hdrs.ACCEPT_ENCODING: _ACCEPT_ENCODING}
)
_AUTO_HEADERS = CIMultiDict((*DEFAULT_HEADERS.items(), (_USER_AGENT, _OUR_NAME)))


def check_method(method: str) -> str:
    """Return *method* in upper case; RFC 9110 9.1 allows tokens only."""
    check_text("method", method)
    method = method.upper()
    if not _TOKEN.fullmatch(method):
        raise ValueError(f"Method must be a token such as GET (RFC 9110 9.1), not {method[:100]!r}")
    return method


class RequestParts:
    """The parts of a request, each built by a method that a subclass may replace; typed when compiled."""

    __slots__ = (
        "_body",
        "_body_factory",
        "_body_failed",
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
            url = with_params(url, params)
        self.method = method if type(method) is str and method in METHODS else check_method(method)
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
        self.phase = _POOL
        self.server_hostname = server_hostname
        self.started = 0.0
        self.timeout = NO_TIMEOUT
        self._body: Payload | None = None
        self._body_factory: Callable[[], Any] | None = None
        self._body_failed = False
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
        self._upload_tracker: upload.UploadTracker | None = None
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
        if data is not None or compress or self.method not in BODILESS:
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
        if not skipped and len(headers) == 1 and self.DEFAULT_HEADERS is DEFAULT_HEADERS:  # type: ignore[attr-defined]
            headers.extend(_AUTO_HEADERS)  # only Host is there: nothing to look for
            return
        for name, value in (*self.DEFAULT_HEADERS.items(), (_USER_AGENT, _OUR_NAME)):  # type: ignore[attr-defined]
            if name not in headers and (not skipped or name not in skipped):
                headers.add(name, value)

    def update_cookies(self, cookies: LooseCookies) -> None:
        """Set Cookie from *cookies* and a Cookie field already given (RFC 6265 5.4)."""
        if cookies:
            given = self.headers.popall(hdrs.COOKIE, [])
            self.headers[hdrs.COOKIE] = cookie_input.cookie_field(given, cookies)

    def update_auth(self, auth: BasicAuth | None, trust_env: bool = False) -> None:
        """Set Authorization from *auth*, or from the URL's credentials, or with *trust_env* from the ``.netrc`` file.

        That file is read here and now where it is new; a session has it read in a thread.
        """
        auth = auth or self._target.auth
        if auth is None and trust_env and hdrs.AUTHORIZATION not in self.headers:
            auth = netrc.netrc_auth_now(self.url)
        if auth is None:
            return
        check_auth(auth)
        if hdrs.AUTHORIZATION in self.headers:
            raise ValueError("Cannot combine AUTHORIZATION header with AUTH argument or credentials encoded in URL")
        self.auth = auth
        self.headers[hdrs.AUTHORIZATION] = auth.encode()

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
            if not self.chunked and hdrs.CONTENT_LENGTH not in self.headers and self.method not in BODILESS:
                self.headers[hdrs.CONTENT_LENGTH] = "0"
            if self.method in WITH_BODY:
                self._set_content_type(_UNKNOWN_TYPE)
            return
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
        if type(body) is not bytes and isinstance(body, formdata.FormData):
            return body()
        try:
            return PAYLOAD_REGISTRY.get(body, disposition=None)
        except NoPayload:
            if not callable(body):
                return formdata.FormData(body)()
        self._body_factory = body
        return from_factory(body)

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
        if isinstance(body, (formdata.FormData, Mapping)):
            body = body() if isinstance(body, formdata.FormData) else formdata.FormData(body)()
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


def from_factory(factory: Callable[[], Any]) -> Payload:
    """Return the body that a callable given as ``data`` makes for one attempt."""
    made = factory()
    if isinstance(made, formdata.FormData):
        return made()
    try:
        return PAYLOAD_REGISTRY.get(made, disposition=None)
    except NoPayload:
        if iscoroutine(made):
            made.close()
        if made is None or callable(made) or iscoroutine(made):
            raise TypeError(f"a body factory must return a request body, not {type(made).__name__}") from None
        return formdata.FormData(made)()
