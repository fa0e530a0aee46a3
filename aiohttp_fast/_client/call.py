"""One call of a verb of the session: what was asked for, and the session's defaults where it says nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .._base.checks import check_flag, check_text, shown_value, whole
from .._base.later import later
from .._base.types import LooseHeaders
from .._base.warn import deprecated
from .._stream.payload_kinds import JsonBytesPayload, JsonPayload, StringPayload
from .._stream.timer import deadline_after
from .._wire.codings import is_supported
from .auth import AUTH_IS_DEPRECATED, check_auth
from .circumstances import Phase
from .connector.base import BaseConnector
from .connector.connection import Connection
from .connector.tls import merge_ssl_params
from .defaults import SessionDefaults, StatusCheck
from .middlewares import ClientMiddlewareType, as_middlewares
from .options import (
    BODY_LIMITS,
    DEFAULT_BUFSIZE,
    LIMITS,
    NO_LIMIT,
    PROXY_OPTIONS,
    REQUEST_OPTIONS,
    TLS_OPTIONS,
    BodyLimits,
    ClientTimeout,
    ParserLimits,
    RequestOptions,
    as_fields,
    as_timeout,
    body_limits_from,
    field_names,
    limits_from,
)
from .proxies import ProxyChoice, choose
from .request import ClientRequest
from .response import ClientResponse
from .target import parse_url, with_params

if TYPE_CHECKING:
    from .._base import cookies as grammar
    from . import cookie_input, tracing, upload
else:
    cookie_input = later(".cookie_input", __name__)
    tracing = later(".tracing", __name__)
    upload = later(".upload", __name__)

__all__ = ("Call", "merged_headers")

DEFAULT_MAX_REDIRECTS = 10
_COMPRESSIONS = "'deflate', 'gzip', 'br' or 'zstd' (the last two where a package for them is installed)"


class Call:
    """The options of one request of the user's, and what its turns find out; typed when compiled.

    ``Turn`` has what makes one turn of it, ``Exchange`` what makes the whole.
    """

    __slots__ = (
        "allow_redirects",
        "auto_decompress",
        "body_limits",
        "conn",
        "connector",
        "cookies",
        "deadline",
        "for_request",
        "given_body",
        "history",
        "limits",
        "max_redirects",
        "method",
        "middlewares",
        "noted",
        "options",
        "proxies",
        "raise_for_status",
        "reached",
        "read_bufsize",
        "read_until_eof",
        "req",
        "resp",
        "retried",
        "retry_stale",
        "session",
        "stale",
        "started",
        "timeout",
        "traces",
        "tracker",
        "tuned",
        "url",
        "was_used",
    )

    allow_redirects: bool
    auto_decompress: bool
    body_limits: BodyLimits | None
    conn: Connection | None  # while a turn is being made
    connector: BaseConnector
    cookies: "list[grammar.SetCookie] | None"
    deadline: float | None
    for_request: "dict[str, Any]"  # options that ClientRequest takes, where they differ from its defaults
    given_body: Any  # the caller's body, or its factory, where a middleware put another in its place
    history: "list[ClientResponse] | None"
    limits: ParserLimits
    max_redirects: int
    method: str
    middlewares: "tuple[ClientMiddlewareType, ...] | None"
    noted: ClientResponse | None  # its cookies are in the jar already
    options: RequestOptions | None  # of the call, until they are taken
    proxies: ProxyChoice | None
    raise_for_status: StatusCheck
    reached: Phase | None  # how far it was as it was cut off from outside
    read_bufsize: int
    read_until_eof: bool
    req: ClientRequest  # of the turn under way
    resp: ClientResponse | None
    retried: bool  # the turn under way is made for the second time
    retry_stale: bool  # a kept connection that proves dead is replaced
    session: SessionDefaults
    stale: Exception | None  # what a kept connection failed with in an attempt
    started: float  # loop time
    timeout: ClientTimeout
    traces: "Sequence[tracing.Trace]"
    tracker: "upload.UploadTracker | None"
    tuned: bool  # the response differs from its class's defaults
    url: URL
    was_used: bool  # the connection had carried another request before

    def _take_options(self) -> None:
        """Look at what was asked for, beside what the session says; raises whatever is wrong with it."""
        session = self.session
        options: Any = self.options
        self.options = None
        connector = self.connector = session._connector  # type: ignore[attr-defined]
        if connector is None or not connector._is_open():
            raise RuntimeError("Session is closed")
        url = parse_url(self.url)
        self.url = url if session._base_url is None else session._base_url.join(url)
        self.for_request = session._request_defaults.copy()
        self.for_request["session"] = session
        self.cookies = None
        self.req = None  # type: ignore[assignment]  # until the first turn
        self.resp = None
        self.conn = None
        self.history = None
        self.given_body = self.noted = self.stale = self.reached = None
        self.retried = False
        self.middlewares = session._middlewares
        self.allow_redirects = True
        self.max_redirects = DEFAULT_MAX_REDIRECTS
        self.raise_for_status = session._raise_for_status
        self.read_until_eof = True
        self.retry_stale = session._retry_connection
        self.limits = session._limits
        self.proxies = session._proxies
        self.timeout = session._timeout
        self.body_limits = session._body_limits
        self.traces = ()
        self.tracker = None
        self.tuned = False
        self._apply(options)
        if session._default_auth is not None:
            self._take_default_auth()
        self._start_clock()

    def _start_clock(self) -> None:
        timeout = self.timeout
        self.started = self.session._loop.time()
        self.deadline = deadline_after(self.started, timeout.total, timeout.ceil_threshold)

    def _take_default_auth(self) -> None:
        """Use the session's credentials: for its base_url's origin, where it has one, and none of the request's own."""
        base = self.session._base_url
        own = "auth" in self.for_request or self.url.raw_user is not None or self.url.raw_password is not None
        if not own and (base is None or base.origin() == self.url.origin()):
            self.for_request["auth"] = self.session._default_auth

    def _apply(self, options: dict[str, Any]) -> None:
        """Take the options of the call; those left over are the request's own."""
        session = self.session
        self.allow_redirects = options.pop("allow_redirects", True)
        headers = options.pop("headers", None)
        if headers or session._default_headers:
            self.for_request["headers"] = merged_headers(session._default_headers, headers)
        if not (session._auto_decompress and session._read_bufsize == DEFAULT_BUFSIZE and self.body_limits is None):
            self._tune(None, None)
        if session._trace_configs:
            self._start_traces(options)
        if options:
            self._apply_given(options)

    def _apply_given(self, options: dict[str, Any]) -> None:
        session = self.session
        auto_decompress = read_bufsize = None
        tls_is_set = False
        for name, value in options.items():
            if name in REQUEST_OPTIONS:
                if name == "skip_auto_headers":
                    value = {*field_names(value or ()), *self.for_request.get(name, ())}
                elif name == "auth" and value is not None:
                    self._check_auth(value)
                if value is not None:
                    self.for_request[name] = value
            elif name == "json":
                self._set_json(value, options)
            elif name == "text":
                self._set_text(value, options)
            elif name in TLS_OPTIONS:
                if not tls_is_set:  # the first of them sees to all
                    self._set_tls(options)
                    tls_is_set = True
            elif name in PROXY_OPTIONS:
                if value is not None:
                    self.proxies = choose(self.proxies, **{name: value})
            elif name == "timeout":
                self.timeout = as_timeout(value, session._timeout)
            elif name == "raise_for_status":
                if value is not None:
                    self.raise_for_status = value
            elif name == "middlewares":
                if value is not None:
                    self.middlewares = as_middlewares(value)
            elif name == "cookies":
                self.cookies = cookie_input.own_cookies(value) if value else None
            elif name == "max_redirects":
                self.max_redirects = whole(name, value or 0, NO_LIMIT, endless=0)
            elif name == "read_until_eof":
                self.read_until_eof = value
            elif name == "retry_stale":
                if value is not None:
                    check_flag(name, value)
                    self.retry_stale = value
            elif name == "compress":
                self._set_compress(value)
            elif name == "server_hostname":
                if value is not None:
                    self.for_request[name] = _host_name(value)
            elif name == "auto_decompress":
                auto_decompress = value
            elif name == "read_bufsize":
                read_bufsize = None if value is None else whole(name, value)
            elif name == "upload_tracker":
                self._set_tracker(value)
            elif name == "trace_request_ctx":
                continue  # nobody traces
            elif name in LIMITS:
                self.limits = limits_from(options, session._limits)
            elif name in BODY_LIMITS:
                self.body_limits = body_limits_from(options, session._body_limits)
                self._tune(auto_decompress, read_bufsize)
            else:
                raise TypeError(f"ClientSession._request() got an unexpected keyword argument {name!r}")
        if auto_decompress is not None or read_bufsize is not None:
            self._tune(auto_decompress, read_bufsize)

    def _check_auth(self, auth: Any) -> None:
        deprecated(AUTH_IS_DEPRECATED)
        check_auth(auth)
        if self.url.raw_user is not None or self.url.raw_password is not None:
            raise ValueError("Cannot combine AUTH argument with credentials encoded in URL")

    def _set_json(self, value: Any, options: dict[str, Any]) -> None:
        if value is None:
            return
        if options.get("data") is not None:
            raise ValueError("data and json parameters can not be used at the same time")
        if self.session._json_serialize_bytes is None:
            self.for_request["data"] = JsonPayload(value, dumps=self.session._json_serialize)
        else:
            self.for_request["data"] = JsonBytesPayload(value, dumps=self.session._json_serialize_bytes)

    def _set_text(self, value: Any, options: dict[str, Any]) -> None:
        if value is None:
            return
        check_text("text", value)
        if options.get("data") is not None or options.get("json") is not None:
            raise ValueError("text can not be used together with data or json")
        self.for_request["data"] = StringPayload(value)

    def _set_compress(self, value: Any) -> None:
        if not value:
            return
        if not isinstance(value, (str, bytes)):
            value = True  # what is true, as in aiohttp
        elif isinstance(value, bytes) or not is_supported(value):
            raise ValueError(f"compress must be True or {_COMPRESSIONS}, not {shown_value(value)}")
        self.for_request["compress"] = value

    def _set_tracker(self, tracker: Any) -> None:
        if tracker is not None and not isinstance(tracker, upload.UploadTracker):
            raise TypeError(f"upload_tracker must be an UploadTracker, not {type(tracker).__name__!r}")
        self.tracker = tracker

    def _start_traces(self, options: dict[str, Any]) -> None:
        """Make a trace of each config, and what they share: fields that may be changed, and the whole URL."""
        request_ctx = options.pop("trace_request_ctx", None)
        self.traces = self.for_request["traces"] = [
            tracing.Trace(self.session, config, config.trace_config_ctx(trace_request_ctx=request_ctx))
            for config in self.session._trace_configs
        ]
        self.for_request.setdefault("headers", CIMultiDict())
        params = options.pop("params", None)
        if params:
            self.url = with_params(self.url, params)

    def _set_tls(self, options: dict[str, Any]) -> None:
        get = options.get
        setting = merge_ssl_params(get("ssl", True), get("verify_ssl"), get("ssl_context"), get("fingerprint"))
        if setting is not True:  # which stands for the session's default
            self.for_request["ssl"] = setting

    def _tune(self, auto_decompress: bool | None, read_bufsize: int | None) -> None:
        session = self.session
        self.auto_decompress = session._auto_decompress if auto_decompress is None else auto_decompress
        self.read_bufsize = session._read_bufsize if read_bufsize is None else read_bufsize
        self.tuned = not (self.auto_decompress and self.read_bufsize == DEFAULT_BUFSIZE and self.body_limits is None)


def _host_name(given: Any) -> str:
    name = given.decode("ascii", "replace") if isinstance(given, bytes) else given
    check_text("server_hostname", name)
    if not name or not name.isprintable() or " " in name or "\ufffd" in name:
        raise ValueError(f"server_hostname must be a host name, not {shown_value(given)}")
    return name


def merged_headers(defaults: CIMultiDict[str], headers: LooseHeaders | None) -> CIMultiDict[str]:
    """Return the session's fields and the request's, which replace those of the same name."""
    merged = CIMultiDict(defaults)
    if headers:
        given = headers if isinstance(headers, (CIMultiDict, CIMultiDictProxy)) else as_fields("headers", headers)
        for name in set(given.keys()):
            merged.popall(name, None)
        merged.extend(given)
    return merged
