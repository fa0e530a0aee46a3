"""``ClientSession``: lifetime, defaults and verbs."""

import asyncio
import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, Unpack

from multidict import CIMultiDict, istr
from yarl import URL

from .._base import hdrs
from .._base.checks import check_callable, check_flag, check_has, check_number, shown_value, whole
from .._base.later import later
from .._base.platform import DEBUG
from .._base.types import LooseCookies, LooseHeaders, Query, StrOrURL, sentinel
from .._base.warn import deprecated, users_place, users_stack
from .._wire.http.message import HttpVersion, HttpVersion11
from .._wire.ws.limits import DEFAULT_MAX_SIZE
from .abc import AbstractCookieJar
from .auth import AUTH_IS_DEPRECATED, BasicAuth, check_auth
from .call import merged_headers
from .circumstances import without_credentials
from .connector.base import BaseConnector
from .connector.tcp import TCPConnector
from .connector.tls import SSLSetting, merge_ssl_params
from .context import _RequestContextManager, _WSRequestContextManager
from .cookiejar import CookieJar
from .defaults import SessionDefaults, StatusCheck
from .exchange import perform, start
from .middlewares import ClientMiddlewareType, as_middlewares
from .options import (
    DEFAULT_BUFSIZE,
    DEFAULT_LIMITS,
    BodyOptions,
    ParserLimits,
    RedirectOptions,
    RequestOptions,
    as_fields,
    as_version,
    body_limits_from,
    checked_limits,
    field_names,
    session_timeout,
)
from .proxies import choose
from .request import ClientRequest
from .response import ClientResponse
from .session_facts import SessionFacts
from .target import parse_url

if TYPE_CHECKING:
    from . import tracing, upgrade, websocket
else:
    tracing = later(".tracing", __name__)
    upgrade = later(".upgrade", __name__)
    websocket = later(".websocket", __name__)

__all__ = ("ClientSession",)


_NOTHING: frozenset[istr] = frozenset()


def _utf_8(response: ClientResponse, body: bytes) -> str:
    return "utf-8"


_FUNCTIONS = (json.dumps, None, _utf_8)
_CLASSES = (ClientRequest, ClientResponse, None)
_OWN = (
    "_base_url_origin",
    "_connector",
    "_connector_owner",
    "_cookie_jar",
    "_default_proxy",
    "_default_proxy_auth",
    "_json_serialize_bytes",
    "_made_at",
    "_max_field_size",
    "_max_headers",
    "_max_line_size",
    "_middlewares",
    "_resolve_charset",
    "_response_class",
    "_skip_auto_headers",
    "_source_traceback",
    "_trace_configs",
    "_trust_env",
    "_version",
    "_ws_response_class",
)


class ClientSession(SessionFacts):
    """Makes requests, and keeps what they share: connections, cookies and defaults.

    Use one session for many requests, and close it, best by ``async with``. Time-outs are
    in seconds, sizes in bytes. Everything given here is a default that a request may
    override; headers and cookies are merged with the request's own.

    Beyond aiohttp's: *max_body_size* and *max_decompressed_size* (bytes) and
    *max_decompression_ratio* bound the bodies of responses, see ``ClientPayloadSizeError``; None and
    0 are no limit, and with a request None says nothing, 0 lifts the session's. The ratio is looked at beyond 1 MiB.
    *retry_stale* is whether an idempotent request is sent once more where a kept connection proves dead.
    *ssl* is what ``ssl=True`` of a request stands for, where the connector has no setting of its own.
    *ws_response_class* is ``ClientWebSocketResponse`` where none is given.
    """

    # Names of attributes that are the session's own; of others, Python's debug mode warns who sets them.
    ATTRS = frozenset((*SessionDefaults.__slots__, *_OWN, "requote_redirect_url"))

    def __init__(
        self,
        base_url: StrOrURL | None = None,
        *,
        connector: BaseConnector | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        cookies: LooseCookies | None = None,
        headers: LooseHeaders | None = None,
        proxy: StrOrURL | None = None,
        proxy_auth: BasicAuth | None = None,
        skip_auto_headers: Iterable[str] | None = None,
        auth: BasicAuth | None = None,
        json_serialize: Callable[[Any], str] = json.dumps,
        json_serialize_bytes: Callable[[Any], bytes] | None = None,
        request_class: type[ClientRequest] = ClientRequest,
        response_class: type[ClientResponse] = ClientResponse,
        ws_response_class: "type[websocket.ClientWebSocketResponse[Any]] | None" = None,
        version: HttpVersion = HttpVersion11,
        cookie_jar: AbstractCookieJar | None = None,
        connector_owner: bool = True,
        raise_for_status: StatusCheck = False,
        read_timeout: Any = sentinel,
        conn_timeout: float | None = None,
        timeout: Any = sentinel,
        auto_decompress: bool = True,
        trust_env: bool = False,
        requote_redirect_url: bool = True,
        trace_configs: "Sequence[tracing.TraceConfig] | None" = None,
        read_bufsize: int = DEFAULT_BUFSIZE,
        max_line_size: int = 8190,
        max_field_size: int = 8190,
        max_headers: int = 128,
        fallback_charset_resolver: Callable[[ClientResponse, bytes], str] = _utf_8,
        middlewares: Sequence[ClientMiddlewareType] = (),
        ssl_shutdown_timeout: Any = sentinel,
        retry_stale: bool = True,
        max_body_size: int | None = None,
        max_decompressed_size: int | None = None,
        max_decompression_ratio: float | None = None,
        ssl: SSLSetting | None = True,
    ) -> None:
        self._base_url = _check_base(base_url)
        self._timeout = session_timeout(timeout, read_timeout, conn_timeout)
        self._proxies = None
        if trust_env or proxy is not None or proxy_auth is not None:
            self._proxies = choose(None, proxy=proxy, proxy_auth=proxy_auth, trust_env=trust_env)
        self._trust_env = bool(trust_env)
        if connector is None:
            connector = TCPConnector(loop=loop, ssl_shutdown_timeout=ssl_shutdown_timeout)
            self._made_at = connector._made_at
        else:
            check_has("connector", connector, "_loop", "a connector such as a TCPConnector")
            self._made_at = users_place()
        self._loop = loop or connector._loop
        if connector._loop is not self._loop:
            raise RuntimeError("Session and connector has to use same event loop")
        self._connector_owner = connector_owner
        if cookie_jar is not None:
            check_has("cookie_jar", cookie_jar, "filter_cookies", "a cookie jar, with the methods of AbstractCookieJar")
        self._cookie_jar = CookieJar() if cookie_jar is None else cookie_jar
        if cookies:
            self._cookie_jar.update_cookies(cookies)
        self._default_headers: CIMultiDict[str] = as_fields("headers", headers) if headers else CIMultiDict()
        self._skip_auto_headers = _NOTHING
        if skip_auto_headers:
            self._skip_auto_headers = frozenset(map(istr, field_names(skip_auto_headers)))
        if auth is not None:
            if auth:
                check_auth(auth)
            deprecated(AUTH_IS_DEPRECATED)
        self._default_auth = auth
        functions = (json_serialize, json_serialize_bytes, fallback_charset_resolver)
        classes = (request_class, response_class, ws_response_class)
        if functions != _FUNCTIONS or classes != _CLASSES:
            _check_callables(functions, classes)
        self._json_serialize = json_serialize
        self._json_serialize_bytes = json_serialize_bytes
        self._request_class = request_class
        self._response_class = response_class
        if ws_response_class is not None:
            self._ws_response_class = ws_response_class
        self._version = as_version(version)
        # Options of every ClientRequest, where they differ from its own defaults.
        self._request_defaults = {"loop": self._loop, "response_class": response_class}
        if version != HttpVersion11:
            self._request_defaults["version"] = self._version
        if self._skip_auto_headers:
            self._request_defaults["skip_auto_headers"] = self._skip_auto_headers
        self._middlewares = as_middlewares(middlewares)
        if ssl is not True:
            self._request_defaults["ssl"] = merge_ssl_params(ssl, None, None, None)
        self._raise_for_status = raise_for_status
        self._auto_decompress = auto_decompress
        self._requote_redirect_url = requote_redirect_url
        self._read_bufsize = read_bufsize if read_bufsize is DEFAULT_BUFSIZE else whole("read_bufsize", read_bufsize)
        limits = ParserLimits(max_line_size, max_field_size, max_headers)
        self._limits = DEFAULT_LIMITS if limits == DEFAULT_LIMITS else checked_limits(limits)
        self._body_limits = (
            None
            if max_body_size is max_decompressed_size is max_decompression_ratio is None
            else body_limits_from(
                {
                    "max_body_size": max_body_size,
                    "max_decompressed_size": max_decompressed_size,
                    "max_decompression_ratio": max_decompression_ratio,
                },
                None,
            )
        )
        self._trace_configs = [] if trace_configs is None else trace_configs
        if trace_configs is not None:
            _freeze(trace_configs)
        self._resolve_charset = fallback_charset_resolver
        if retry_stale is not True:
            check_flag("retry_stale", retry_stale)
        self._retry_connection = retry_stale
        self._connector = connector
        self._source_traceback = users_stack(self._loop)

    if DEBUG:

        def __setattr__(self, name: str, value: Any) -> None:
            if name not in self.ATTRS:
                deprecated(f"Setting custom ClientSession.{name} attribute is discouraged")
            super().__setattr__(name, value)

    def __init_subclass__(cls) -> None:
        deprecated(f"Inheritance class {cls.__name__} from ClientSession is discouraged")

    def __del__(self, _warnings: Any = warnings) -> None:
        connector = getattr(self, "_connector", None)  # which is not there if the arguments were refused
        if connector is None or not self._connector_owner:
            return
        if connector._was_closed() if isinstance(connector, BaseConnector) else connector.closed:
            return
        text = f"Unclosed client session {self!r}, made at {self._made_at}"
        _warnings.warn(text, ResourceWarning, source=self, stacklevel=2)
        context = {"client_session": self, "message": "Unclosed client session", "made_at": str(self._made_at)}
        if self._source_traceback is not None:
            context["source_traceback"] = self._source_traceback
        self._loop.call_exception_handler(context)

    def __enter__(self) -> NoReturn:
        raise TypeError("Use async with instead")

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.close()

    # Lifetime

    @property
    def closed(self) -> bool:
        """True once ``close`` or ``detach`` was called, or when the connector is closed."""
        return self._connector is None or self._connector.closed

    async def close(self) -> None:
        """Close the session, and its connector if it owns it.

        Returns when the connections' transports are really closed: the loop may be
        stopped right after, without a sleep.
        """
        connector, self._connector = self._connector, None
        if connector is not None and self._connector_owner:
            await connector.close()

    def detach(self) -> None:
        """Give up the connector without closing it; the session is closed."""
        self._connector = None

    # Verbs

    def request(self, method: str, url: StrOrURL, **kwargs: Unpack[RequestOptions]) -> _RequestContextManager:
        """Make a request with *method*; await it for the response, or enter it to have that released.

        The options, which every verb takes, and which go before those of the session:

        - the URL: *params*, added to its query
        - the head: *headers*, *skip_auto_headers*, *cookies*, *auth*, *expect100*
        - the body, one of *data* (bytes, text, a file, an iterable, a form, or a callable that makes one of these for
          each attempt), *json* and *text*; *compress* ("deflate", "gzip", "br", "zstd"), *chunked*, *upload_tracker*
        - the way: *proxy*, *proxy_auth*, *proxy_headers*, *ssl* (True, False, an ``SSLContext`` or a ``Fingerprint``),
          *server_hostname*, *timeout* (a ``ClientTimeout``, or seconds in total), *retry_stale*, *middlewares*
        - redirects: *allow_redirects*, *max_redirects*
        - the response: *raise_for_status*, *read_until_eof*, *auto_decompress*; in bytes *read_bufsize*,
          *max_line_size*, *max_field_size*, *max_body_size*, *max_decompressed_size*;
          *max_headers*, *max_decompression_ratio*
        - tracing: *trace_request_ctx*; deprecated: *verify_ssl*, *ssl_context*, *fingerprint*

        Awaiting it raises ``ClientError`` and its kin, ``TimeoutError`` where the total time-out passes,
        ``RuntimeError`` for a closed session, ``ValueError`` or ``TypeError`` for options that do not fit.
        """
        return start(self, _PLAIN_REQUEST, method, url, kwargs)

    def get(
        self, url: StrOrURL, *, allow_redirects: bool = True, **kwargs: Unpack[BodyOptions]
    ) -> _RequestContextManager:
        """Make a GET request (RFC 9110 9.3.1); options as of ``request``."""
        kwargs["allow_redirects"] = allow_redirects  # type: ignore[typeddict-unknown-key]
        return start(self, _PLAIN_REQUEST, "GET", url, kwargs)  # type: ignore[arg-type]

    def options(
        self, url: StrOrURL, *, allow_redirects: bool = True, **kwargs: Unpack[BodyOptions]
    ) -> _RequestContextManager:
        """Make an OPTIONS request (RFC 9110 9.3.7); options as of ``request``."""
        kwargs["allow_redirects"] = allow_redirects  # type: ignore[typeddict-unknown-key]
        return start(self, _PLAIN_REQUEST, "OPTIONS", url, kwargs)  # type: ignore[arg-type]

    def head(
        self, url: StrOrURL, *, allow_redirects: bool = False, **kwargs: Unpack[BodyOptions]
    ) -> _RequestContextManager:
        """Make a HEAD request (RFC 9110 9.3.2); redirects are followed if asked for; options as of ``request``."""
        kwargs["allow_redirects"] = allow_redirects  # type: ignore[typeddict-unknown-key]
        return start(self, _PLAIN_REQUEST, "HEAD", url, kwargs)  # type: ignore[arg-type]

    def post(self, url: StrOrURL, *, data: Any = None, **kwargs: Unpack[RedirectOptions]) -> _RequestContextManager:
        """Make a POST request (RFC 9110 9.3.3); options as of ``request``."""
        kwargs["data"] = data  # type: ignore[typeddict-unknown-key]
        return start(self, _PLAIN_REQUEST, "POST", url, kwargs)  # type: ignore[arg-type]

    def put(self, url: StrOrURL, *, data: Any = None, **kwargs: Unpack[RedirectOptions]) -> _RequestContextManager:
        """Make a PUT request (RFC 9110 9.3.4); options as of ``request``."""
        kwargs["data"] = data  # type: ignore[typeddict-unknown-key]
        return start(self, _PLAIN_REQUEST, "PUT", url, kwargs)  # type: ignore[arg-type]

    def patch(self, url: StrOrURL, *, data: Any = None, **kwargs: Unpack[RedirectOptions]) -> _RequestContextManager:
        """Make a PATCH request (RFC 5789); options as of ``request``."""
        kwargs["data"] = data  # type: ignore[typeddict-unknown-key]
        return start(self, _PLAIN_REQUEST, "PATCH", url, kwargs)  # type: ignore[arg-type]

    def delete(self, url: StrOrURL, **kwargs: Unpack[RequestOptions]) -> _RequestContextManager:
        """Make a DELETE request (RFC 9110 9.3.5); options as of ``request``."""
        return start(self, _PLAIN_REQUEST, "DELETE", url, kwargs)

    def ws_connect(
        self,
        url: StrOrURL,
        *,
        method: str = hdrs.METH_GET,
        protocols: Iterable[str] = (),
        timeout: Any = sentinel,
        receive_timeout: float | None = None,
        autoclose: bool = True,
        autoping: bool = True,
        heartbeat: float | None = None,
        auth: BasicAuth | None = None,
        origin: str | None = None,
        params: Query = None,
        headers: LooseHeaders | None = None,
        proxy: StrOrURL | None = None,
        proxy_auth: BasicAuth | None = None,
        ssl: Any = True,
        verify_ssl: bool | None = None,
        fingerprint: bytes | None = None,
        ssl_context: Any = None,
        server_hostname: str | None = None,
        proxy_headers: LooseHeaders | None = None,
        compress: int = 0,
        max_msg_size: int = DEFAULT_MAX_SIZE,
        decode_text: bool = True,
        compress_mem_level: int | None = None,
        compress_min_size: int = 0,
    ) -> _WSRequestContextManager:
        """Open a WebSocket (RFC 6455) at *url*, of scheme ws, wss, http or https.

        *protocols* are the subprotocols to ask for. *timeout* is a ``ClientWSTimeout``;
        opening has the session's own time-out. With *autoclose* a Close of the server is
        answered, with *autoping* its Pings. *heartbeat* is the seconds without anything
        received after which a Ping is sent; if nothing comes for half as long again,
        the connection is given up. *compress* asks for compression with a window of 9
        to 15 bits. A message of more than *max_msg_size* bytes, 0 for no limit, closes
        the connection with 1009. With *decode_text* false, text stays UTF-8 bytes. The
        other options are those of a request.

        Two are not aiohttp's, and count where compression was agreed on. Messages of fewer
        than *compress_min_size* bytes (text: of UTF-8) are sent as they are, unless a level
        is given with the message (RFC 7692 6.1). *compress_mem_level*, 1 to 9, is zlib's
        memLevel of what compresses; None is its own, 8. Lower ones take less memory and may
        compress less: with zlib 8 takes 268 kB and 1 takes 138 kB, with *compress* 12 it is
        154 and 24 kB; with isal and zlib-ng 100 kB and more at any level. What inflates
        takes 40 kB (isal 88 kB). Both are made for the first message that needs them, and
        kept for the next one; but a side that agreed on "no context takeover" keeps nothing
        between messages. To ask for that, leave *compress* out, and give the offer, which
        is sent as it is, as the field Sec-WebSocket-Extensions of *headers*.

        Raises ``WSServerHandshakeError`` if the server does not accept, ``ValueError``
        and ``TypeError`` for options that do not fit, and what requests raise.
        """
        return _WSRequestContextManager(
            self._ws_connect(
                url,
                method=method,
                protocols=protocols,
                timeout=timeout,
                receive_timeout=receive_timeout,
                autoclose=autoclose,
                autoping=autoping,
                heartbeat=heartbeat,
                auth=auth,
                origin=origin,
                params=params,
                headers=headers,
                proxy=proxy,
                proxy_auth=proxy_auth,
                ssl=ssl,
                verify_ssl=verify_ssl,
                fingerprint=fingerprint,
                ssl_context=ssl_context,
                server_hostname=server_hostname,
                proxy_headers=proxy_headers,
                compress=compress,
                max_msg_size=max_msg_size,
                decode_text=decode_text,
                compress_mem_level=compress_mem_level,
                compress_min_size=compress_min_size,
            )
        )

    async def _ws_connect(
        self,
        url: StrOrURL,
        *,
        method: str = hdrs.METH_GET,
        protocols: Iterable[str] = (),
        timeout: Any = sentinel,
        receive_timeout: float | None = None,
        autoclose: bool = True,
        autoping: bool = True,
        heartbeat: float | None = None,
        origin: str | None = None,
        headers: LooseHeaders | None = None,
        compress: int = 0,
        max_msg_size: int = DEFAULT_MAX_SIZE,
        decode_text: bool = True,
        compress_mem_level: int | None = None,
        compress_min_size: int = 0,
        ssl: Any = True,
        **options: Any,
    ) -> "websocket.ClientWebSocketResponse[Any]":
        limits = upgrade.close_timeout(timeout, receive_timeout)
        if heartbeat is not None:
            check_number("heartbeat", heartbeat, "None or a number of seconds")
        handshake = upgrade.Handshake(
            headers,
            protocols=protocols,
            origin=origin,
            compress=compress,
            max_msg_size=max_msg_size,
            decode_text=decode_text,
            compress_mem_level=compress_mem_level,
            compress_min_size=compress_min_size,
        )
        options = {name: value for name, value in options.items() if value is not None}
        if ssl is not True:
            options["ssl"] = ssl
        response = await self.request(method, url, headers=handshake.headers, read_until_eof=False, **options)
        try:
            return handshake.open(
                response,
                self._ws_response_class,
                limits,
                autoclose=autoclose,
                autoping=autoping,
                heartbeat=heartbeat,
                loop=self._loop,
            )
        except BaseException:
            response.close()
            raise

    def _build_url(self, str_or_url: StrOrURL) -> URL:
        """Return the URL that *str_or_url* means, joined to ``base_url``; other people's test doubles call it."""
        url = parse_url(str_or_url)
        return url if self._base_url is None else self._base_url.join(url)

    def _prepare_headers(self, headers: LooseHeaders | None) -> "CIMultiDict[str]":
        """Return the session's fields and *headers*, which replace those of the same name; see ``_build_url``."""
        return merged_headers(self._default_headers, headers)

    async def _request(self, method: str, str_or_url: StrOrURL, **options: Unpack[RequestOptions]) -> ClientResponse:
        """Make a request; every verb ends here.

        Raises ``ClientError`` and its kin, ``TimeoutError`` where the total time-out
        passes, ``RuntimeError`` for a closed session, and ``ValueError`` or
        ``TypeError`` for options that do not fit.
        """
        return await perform(self, method, str_or_url, options)


_PLAIN_REQUEST = ClientSession._request


def _check_base(base_url: StrOrURL | None) -> URL | None:
    if base_url is None:
        return None
    if not isinstance(base_url, (str, URL)):
        raise TypeError(f"base_url must be a str or a yarl.URL, not {type(base_url).__name__}")
    url = URL(base_url)
    if not url.absolute:
        raise ValueError(f"base_url must be an absolute URL, not {without_credentials(url)[:100]!r}")
    if not url.path.endswith("/"):
        raise ValueError(f"base_url must have a path that ends with '/', not {url.path[:100]!r}")
    return url


def _check_callables(functions: "tuple[Any, ...]", classes: "tuple[Any, ...]") -> None:
    """Raise for what cannot be called; None is left to who would call it, but for the class of every request."""
    for name, function in zip(
        ("json_serialize", "json_serialize_bytes", "fallback_charset_resolver"), functions, strict=True
    ):
        if function is not None:
            check_callable(name, function)
    for name, made in zip(("request_class", "response_class", "ws_response_class"), classes, strict=True):
        if made is not None or name == "request_class":
            check_callable(name, made, "a class")


def _freeze(configs: Any) -> None:
    if not isinstance(configs, Iterable) or isinstance(configs, (str, bytes)):
        raise TypeError(f"trace_configs must be a list of TraceConfig, not {shown_value(configs)}")
    for config in configs:
        check_has("each of trace_configs", config, "freeze", "a TraceConfig")
    for config in configs:
        config.freeze()
