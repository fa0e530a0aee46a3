"""One call of a verb of the session: what was asked for, and the session's defaults where it says nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .._base.later import later
from .._base.types import LooseHeaders, StrOrURL
from .._base.warn import deprecated
from .._stream.payload_kinds import JsonBytesPayload, JsonPayload, StringPayload
from .._stream.timer import deadline_after
from .auth import AUTH_IS_DEPRECATED, BasicAuth
from .connector.base import BaseConnector
from .connector.connection import Connection
from .connector.tls import merge_ssl_params
from .defaults import SessionDefaults, StatusCheck
from .middlewares import ClientMiddlewareType, as_middlewares
from .options import (
    BODY_LIMITS,
    DEFAULT_BUFSIZE,
    LIMITS,
    PROXY_OPTIONS,
    REQUEST_OPTIONS,
    TLS_OPTIONS,
    BodyLimits,
    ClientTimeout,
    ParserLimits,
    RequestOptions,
    as_timeout,
    body_limits_from,
    limits_from,
)
from .proxies import ProxyChoice, choose
from .request import ClientRequest
from .response import ClientResponse
from .target import parse_url

if TYPE_CHECKING:
    from .._base import cookies as grammar
    from . import cookie_input, tracing, upload
else:
    cookie_input = later(".cookie_input", __name__)
    tracing = later(".tracing", __name__)
    upload = later(".upload", __name__)

__all__ = ("Call", "merged_headers")

DEFAULT_MAX_REDIRECTS = 10


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
        "proxies",
        "raise_for_status",
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
    proxies: ProxyChoice | None
    raise_for_status: StatusCheck
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

    def __init__(
        self,
        session: SessionDefaults,
        connector: BaseConnector,
        method: str,
        str_or_url: StrOrURL,
        options: RequestOptions,
    ) -> None:
        url = parse_url(str_or_url)
        self.session = session  # read from the typed field from here on
        self.connector = connector
        self.method = method
        self.url = url if self.session._base_url is None else self.session._base_url.join(url)
        self.for_request = self.session._request_defaults.copy()
        self.for_request["session"] = session
        self.cookies = None
        self.req = None  # type: ignore[assignment]  # until the first turn
        self.resp = None
        self.conn = None
        self.history = None
        self.given_body = self.noted = self.stale = None
        self.retried = False
        self.middlewares = self.session._middlewares
        self.allow_redirects = True
        self.max_redirects = DEFAULT_MAX_REDIRECTS
        self.raise_for_status = self.session._raise_for_status
        self.read_until_eof = True
        self.retry_stale = self.session._retry_connection
        self.limits = self.session._limits
        self.proxies = self.session._proxies
        self.timeout = self.session._timeout
        self.body_limits = self.session._body_limits
        self.traces = ()
        self.tracker = None
        self.tuned = False
        self._apply(options)  # type: ignore[arg-type]
        if self.session._default_auth is not None:
            self._take_default_auth()
        self._start_clock()

    def _start_clock(self) -> None:
        timeout = self.timeout
        total = timeout.total
        self.started = self.session._loop.time()
        self.deadline = None if total is None else deadline_after(self.started, total, timeout.ceil_threshold)

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
                    value = {*(value or ()), *self.for_request.get(name, ())}
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
                self.max_redirects = value
            elif name == "read_until_eof":
                self.read_until_eof = value
            elif name == "retry_stale":
                if value is not None:
                    self.retry_stale = value
            elif name == "auto_decompress":
                auto_decompress = value
            elif name == "read_bufsize":
                read_bufsize = value
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
        if not isinstance(auth, BasicAuth):
            raise TypeError("BasicAuth() tuple is required instead")
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
        if not isinstance(value, str):
            raise TypeError(f"text must be str, not {type(value).__name__}")
        if options.get("data") is not None or options.get("json") is not None:
            raise ValueError("text can not be used together with data or json")
        self.for_request["data"] = StringPayload(value)

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
            self.url = self.url.extend_query(params)

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


def merged_headers(defaults: CIMultiDict[str], headers: LooseHeaders | None) -> CIMultiDict[str]:
    """Return the session's fields and the request's, which replace those of the same name."""
    merged = CIMultiDict(defaults)
    if headers:
        given = headers if isinstance(headers, (CIMultiDict, CIMultiDictProxy)) else CIMultiDict(headers)
        for name in set(given.keys()):
            merged.popall(name, None)
        merged.extend(given)
    return merged
