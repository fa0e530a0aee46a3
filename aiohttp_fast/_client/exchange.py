"""One request of the user's: its options, its turns, and the redirects in between."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from .._base import hdrs
from .._base.cookies import SetCookie
from .._base.types import LooseHeaders, StrOrURL
from .._base.warn import deprecated
from .._stream.payload import Payload
from .._stream.payload_kinds import JsonBytesPayload, JsonPayload, StringPayload
from .._stream.timer import deadline_after
from .auth import AUTH_IS_DEPRECATED, BasicAuth
from .circumstances import Circumstances
from .connector.base import BaseConnector
from .connector.connection import Connection
from .connector.tls import merge_ssl_params
from .cookie_input import cookies_for_request, own_cookies
from .defaults import SessionDefaults, StatusCheck
from .exceptions import (
    ClientError,
    ClientOSError,
    ClientPayloadError,
    InvalidUrlClientError,
    NonHttpUrlClientError,
    ServerDisconnectedError,
    TooManyRedirects,
    TotalTimeoutError,
)
from .middlewares import ClientMiddlewareType, Passage, as_middlewares
from .netrc import netrc_auth
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
from .redirects import BODY_FIELDS, ORIGIN_FIELDS, REDIRECTS, next_url, turns_to_get
from .request import ClientRequest
from .response import ClientResponse
from .target import parse_url, target_of
from .tracing import Trace
from .upload import UploadTracker

__all__ = ("Exchange",)

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110 9.2.2
DEFAULT_MAX_REDIRECTS = 10


class Exchange:
    """What one call of ``ClientSession._request`` carries from turn to turn.

    ``run`` makes the turns; ``_perform`` makes one, from connection to response head;
    ``_follow`` prepares the next where the response is a redirect. Where there are
    middlewares, ``_pass_middlewares`` makes a turn, and each call of their handler an
    ``_attempt``.
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
    cookies: list[SetCookie] | None
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
    traces: Sequence[Trace]
    tracker: UploadTracker | None
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

    # Options

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
            self.for_request["headers"] = _merged(session._default_headers, headers)
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
                self.cookies = own_cookies(value) if value else None
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
        if tracker is not None and not isinstance(tracker, UploadTracker):
            raise TypeError(f"upload_tracker must be an UploadTracker, not {type(tracker).__name__!r}")
        self.tracker = tracker

    def _start_traces(self, options: dict[str, Any]) -> None:
        """Make a trace of each config, and what they share: fields that may be changed, and the whole URL."""
        request_ctx = options.pop("trace_request_ctx", None)
        self.traces = self.for_request["traces"] = [
            Trace(self.session, config, config.trace_config_ctx(trace_request_ctx=request_ctx))
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

    # The whole, as others see it

    def answer(self) -> Awaitable[ClientResponse]:
        """Return what to await for the response: ``run``, told to those who asked to hear of it."""
        return self._run_watched() if self.traces or self.tracker is not None else self.run()

    async def _run_watched(self) -> ClientResponse:
        tracker = self.tracker
        if tracker is None:
            return await self._run_traced()
        tracker._bind()
        answered = False
        try:
            response = await (self._run_traced() if self.traces else self.run())
            answered = True
        finally:
            tracker._end_request(answered)
        return response

    async def _run_traced(self) -> ClientResponse:
        """Make the turns between the first and the last signal; the handlers of these two have all the time they want.

        Users hold requests back in the first, to limit their rate.
        """
        headers = self.for_request["headers"]
        for trace in self.traces:
            await trace.send_request_start(self.method, self.url, headers)
        self._start_clock()
        try:
            response = await self._run_bounded()
            try:
                for trace in self.traces:
                    await trace.send_request_end(self.method, self.url, headers, response)
            except BaseException:
                response.close()
                raise
        except GeneratorExit:  # the loop has ended: nothing can be awaited any more
            raise
        except BaseException as exc:
            await self._tell_of_failure(headers, exc)
            raise
        return response

    async def _tell_of_failure(self, headers: "CIMultiDict[str]", exc: BaseException) -> None:
        try:
            for trace in self.traces:
                await trace.send_request_exception(self.method, self.url, headers, exc)
        except BaseException as another:
            if another.__context__ is None:  # a compiled coroutine does not see to it
                another.__context__ = exc
            raise

    async def _run_bounded(self) -> ClientResponse:
        """``run``, but not beyond the deadline, whatever handlers do on the way."""
        limit = asyncio.timeout_at(self.deadline)
        try:
            async with limit:
                return await self.run()
        except TimeoutError as exc:
            if not limit.expired() or isinstance(exc, Circumstances):
                raise
            late = TotalTimeoutError().limited_by("total", self.timeout.total)
            self._tell(late)
            raise late from exc

    # Turns

    async def run(self) -> ClientResponse:
        """Make turns until the response is not a redirect to be followed; check its status."""
        session = self.session
        try:
            while True:
                url = self.url
                if url.scheme not in self.connector.allowed_protocol_schema_set:
                    raise (NonHttpUrlClientError if url.scheme else InvalidUrlClientError)(_anonymous(url))
                if self.cookies is not None or not session._jar_is_known or session._cookie_jar:
                    self._find_cookies()
                elif self.history is not None:
                    self.for_request.pop("cookies", None)  # an answer on the way may have removed them all
                if session._trust_env:
                    await self._find_netrc_auth()
                if self.proxies is not None:
                    self.for_request.update(self.proxies.options_for(url, self.connector._uses_proxies))
                self.req = session._request_class(self.method, url, **self.for_request)
                self.req.deadline = self.deadline
                self.req.started = self.started
                self.req.timeout = self.timeout
                self.req._upload_tracker = self.tracker
                if self.middlewares is None:
                    await self._perform()
                elif not await self._pass_middlewares():
                    continue
                if self.traces:
                    await self._tell_of_redirect()
                if not self._is_redirected():
                    break
                if self.req._writer is not None:
                    await self.req.close()  # two must not read one file
                if self.req._body is not None and self.for_request.get("data") is not self.req._body:
                    await self.req.let_body_go()
            resp: ClientResponse = self.resp  # type: ignore[assignment]
            if self.history is not None:
                resp._history = tuple(self.history)
            if self.req._body is not None:
                await self.req.let_body_go()
            if self.given_body is not None and isinstance(self.given_body, Payload):  # an ABC is slow to answer
                await self.given_body.close()
            if self.raise_for_status:
                await self._check_status(resp)
        except BaseException as exc:
            self._tell(exc)
            self._abandon()
            if self.req is not None and self.req._body is not None:
                await self.req.give_body_up()
            raise
        return resp

    async def _perform(self) -> None:
        """Send the request over a connection and receive the head of its response.

        A kept connection that proves dead is replaced once, where the request may
        safely be sent again (RFC 9110 9.2.2).
        """
        may_retry = self.middlewares is None  # which may have signed it, and sign the next anew
        while True:
            self.resp = None
            self.conn = None
            self.was_used = False
            if self.tracker is not None:
                self.tracker._begin_attempt()
            try:
                self.conn = await self.connector.connect(self.req, self.traces, self.timeout)
                self.was_used = self._begin()
                self.resp = await self.req.send(self.conn)
                self.resp._started = self.started
                if self.tuned:
                    self.resp._auto_decompress = self.auto_decompress
                    self.resp._read_bufsize = self.read_bufsize
                    self.resp._body_limits = self.body_limits
                await self.resp.start(self.conn)
                self.conn = None
                if not (self.req._expects and self.resp.status == 417 and self.req.forget_expectation()):
                    return
                self._abandon()  # once more, without asking (RFC 9110 10.1.1)
                await self.req.close()
                await self.req.renew_body()
            except (ClientOSError, ServerDisconnectedError) as exc:
                self._tell(exc)
                self._abandon()
                if not (may_retry and self.was_used and self._may_send_again()):
                    raise
                may_retry = False
                self.connector._tally.stale_retries += 1
                await self.req.close()  # two must not read one file
                await self.req.renew_body()
            except OSError as exc:
                if self.conn is None and not isinstance(exc, TimeoutError):
                    raise ClientOSError(*exc.args) from exc
                raise

    def _tell(self, exc: BaseException) -> None:
        """Note on *exc*, while the connection is still there, how far the request was."""
        if isinstance(exc, Circumstances):
            phase = None
            if self.conn is not None and self.conn._protocol is not None:
                phase = self.conn._protocol.phase()
            elif self.req is not None and self.resp is None:
                phase = self.req.phase
            url = _anonymous(self.url) if self.req is None else self.req.url
            exc.tell(self.method, url, phase, self.session._loop.time() - self.started)

    async def _pass_middlewares(self) -> bool:
        """Make one turn through the middlewares; False if it has to be made again, from the start.

        That is so, once, where a kept connection proved dead and the middlewares let it
        be seen.
        """
        own = self.req
        body = own._body
        given = body if own._body_factory is None else own._body_factory
        self.resp = self.conn = None
        passage = Passage(self._attempt, self.deadline, self.timeout.total)
        try:
            resp = await passage.go(own, self.middlewares)  # type: ignore[arg-type]
        except (ClientOSError, ServerDisconnectedError) as exc:
            if exc is not self.stale or self.retried or not (self._may_send_again() and _is_left(given, own)):
                raise
            self.retried = True
            self._abandon()
            self.connector._tally.stale_retries += 1
            await self.req.close()  # two must not read one file
            if isinstance(given, Payload):
                self.for_request["data"] = given
            return False
        finally:
            self.stale = None  # it holds this frame
        self.resp = resp
        self.retried = False
        self.given_body = given if body is not self.req._body and _is_left(given, own) else None
        return True

    async def _attempt(self, req: ClientRequest) -> ClientResponse:
        """Send *req* and return its response. Attempts may overlap, so each is an exchange of its own."""
        attempt: Exchange = Exchange.__new__(Exchange)
        for name in Exchange.__slots__:
            setattr(attempt, name, getattr(self, name, None))
        self.req = attempt.req = req
        req.deadline = self.deadline
        req.started = self.started
        req.timeout = self.timeout
        req._upload_tracker = self.tracker
        attempt.resp = attempt.conn = None
        try:
            if self.deadline is not None and self.session._loop.time() >= self.deadline:
                raise TotalTimeoutError().limited_by("total", self.timeout.total)
            await attempt._perform()
        except BaseException as exc:
            attempt._tell(exc)
            attempt._abandon()
            if attempt.was_used and isinstance(exc, (ClientOSError, ServerDisconnectedError)):
                self.stale = exc
            raise
        self.resp = attempt.resp
        self._note_cookies()
        return attempt.resp  # type: ignore[return-value]

    def _begin(self) -> bool:
        """Prepare the connection for the response; True if it has carried another before."""
        protocol = self.conn._protocol  # type: ignore[union-attr]
        protocol.start_exchange(self.req, self.deadline, self.read_until_eof, self.limits, self.timeout)  # type: ignore[union-attr]
        return protocol.exchanges > 0  # type: ignore[union-attr]

    def _may_send_again(self) -> bool:
        return self.retry_stale and self.req.method in IDEMPOTENT_METHODS and self.req.can_be_sent_again()

    def _abandon(self) -> None:
        """Close what a failed turn leaves behind."""
        if self.resp is not None:
            self.resp.close()
        elif self.req is not None and self.req._writer is not None:
            self.req._writer.cancel()
        if self.conn is not None:
            self.conn.close()

    def _is_redirected(self) -> bool:
        """Note the response's cookies; True if there is another turn to make."""
        resp: ClientResponse = self.resp  # type: ignore[assignment]
        head = self.resp._head  # type: ignore[union-attr]
        if head is not None and head.has_set_cookie and self.resp is not self.noted:
            self._note_cookies()
        return resp.status in REDIRECTS and self.allow_redirects and self._follow(self.req, resp)

    def _note_cookies(self) -> None:
        resp: ClientResponse = self.resp  # type: ignore[assignment]
        self.noted = self.resp
        head = self.resp._head  # type: ignore[union-attr]
        if head is not None and head.has_set_cookie:
            fields = resp.headers.getall(hdrs.SET_COOKIE, ())
            self.session._cookie_jar.update_cookies_from_headers(fields, resp.url)

    async def _tell_of_redirect(self) -> None:
        if self.resp.status in REDIRECTS and self.allow_redirects:  # type: ignore[union-attr]
            for trace in self.traces:
                await trace.send_request_redirect(
                    self.method,
                    self.url.with_user(None),
                    self.for_request["headers"],
                    self.resp,  # type: ignore[arg-type]
                )

    def _find_cookies(self) -> None:
        """Give the request the jar's cookies for this URL, and the caller's."""
        jar = self.session._cookie_jar
        found = jar.filter_cookies(self.url)
        own = self.cookies
        self.for_request["cookies"] = found if own is None else cookies_for_request(jar, found, own, self.url)

    async def _find_netrc_auth(self) -> None:
        """Use the credentials that ``.netrc`` has for this URL's host, where the caller gave none.

        What a redirect turned from TLS to plain text gets none.
        """
        given = "auth" in self.for_request or hdrs.AUTHORIZATION in self.for_request.get("headers", ())
        if given or target_of(self.url).auth is not None:
            return
        if (
            self.history is not None
            and not target_of(self.url).is_ssl
            and any(target_of(hop.real_url).is_ssl for hop in self.history)
        ):
            return
        try:
            async with asyncio.timeout_at(self.deadline):
                auth = await netrc_auth(self.url)
        except TimeoutError as exc:
            late = TotalTimeoutError("Total timeout passed while reading the .netrc file")
            raise late.limited_by("total", self.timeout.total) from exc
        if auth is not None:
            self.for_request["auth"] = auth

    async def _check_status(self, resp: ClientResponse) -> None:
        if callable(self.raise_for_status):
            await self.raise_for_status(resp)
        else:
            resp.raise_for_status()

    # Redirects

    def _follow(self, req: ClientRequest, resp: ClientResponse) -> bool:
        """Prepare the turn that the redirect *resp* asks for; False if it says not where to.

        What is not meant for another origin, or describes a body that is not sent
        again, is dropped. Raises ``TooManyRedirects``, and ``ClientPayloadError`` if a
        body that must be sent again cannot be.
        """
        try:
            url = next_url(resp, self.session._requote_redirect_url, self.connector.allowed_protocol_schema_set)
            if url is None:
                return False
            self._count_hop(resp)
            self._take_body_along(req, resp.status, url)
        except ClientError:
            resp.close()
            raise
        self.for_request.pop("params", None)
        if self.url.origin() != url.origin():
            self.for_request.pop("auth", None)
            self.cookies = None
            self._drop(ORIGIN_FIELDS)
        elif hdrs.AUTHORIZATION in self.for_request.get("headers", ()):
            url = url.with_user(None)  # the caller's own credentials are the ones that count
        elif url.raw_user is not None or url.raw_password is not None:
            self.for_request.pop("auth", None)  # the server gives others
        elif req.auth is not None:
            self.for_request["auth"] = req.auth  # it may have come from the URL
        self.url = url
        resp.release()
        return True

    def _count_hop(self, resp: ClientResponse) -> None:
        if self.history is None:
            self.history = []
        self.history.append(resp)
        if self.max_redirects and len(self.history) >= self.max_redirects:
            endless = TooManyRedirects(
                self.history[0].request_info, tuple(self.history), status=resp.status, message="", headers=resp.headers
            )
            raise endless.limited_by("max_redirects", self.max_redirects)

    def _take_body_along(self, req: ClientRequest, status: int, url: URL) -> None:
        if turns_to_get(status, self.method):
            self.method = "GET"
            self._drop(BODY_FIELDS)
            for name in ("data", "compress", "chunked"):
                self.for_request.pop(name, None)
            return
        body = req._body if self.given_body is None else self.given_body
        # What a factory makes is made anew: it is still among the options.
        if body is not None and req._body_factory is None and isinstance(body, Payload):
            if body.consumed:
                raise ClientPayloadError(
                    f"Cannot follow redirect to {url.with_user(None)}: the request body"
                    f" ({type(body).__name__}) was consumed and can not be sent again;"
                    " pass bytes, a seekable file, or a callable that makes the body anew"
                )
            self.for_request["data"] = body

    def _drop(self, names: "tuple[str, ...]") -> None:
        self.for_request.pop("cookies", None)
        headers = self.for_request.get("headers")
        if headers is not None:
            for name in names:
                headers.popall(name, None)


def _is_left(given: Any, req: ClientRequest) -> bool:
    """Return True if *given*, a body or its factory, with which *req* was made, can still be sent.

    ``update_body`` closes a file.
    """
    return not isinstance(given, Payload) or (not given.consumed and (given.autoclose or given is req._body))


def _anonymous(url: URL) -> URL:
    return url if url.raw_user is None and url.raw_password is None else url.with_user(None)


def _merged(defaults: CIMultiDict[str], headers: LooseHeaders | None) -> CIMultiDict[str]:
    """Return the session's fields and the request's, which replace those of the same name."""
    merged = CIMultiDict(defaults)
    if headers:
        given = headers if isinstance(headers, (CIMultiDict, CIMultiDictProxy)) else CIMultiDict(headers)
        for name in set(given.keys()):
            merged.popall(name, None)
        merged.extend(given)
    return merged
