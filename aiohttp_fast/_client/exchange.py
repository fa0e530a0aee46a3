"""One request of the user's from first to last: its turns, and the redirects in between."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict
from yarl import URL

from .._base import hdrs
from .._base.later import later
from .._base.types import StrOrURL
from .._stream.payload import Payload
from .circumstances import Circumstances, without_credentials
from .context import _RequestContextManager
from .defaults import SessionDefaults
from .exceptions import (
    ClientError,
    ClientPayloadError,
    InvalidUrlClientError,
    NonHttpUrlClientError,
    TooManyRedirects,
    TotalTimeoutError,
)
from .options import RequestOptions
from .redirects import BODY_FIELDS, ORIGIN_FIELDS, REDIRECTS, next_url, turns_to_get
from .request import ClientRequest
from .response import ClientResponse
from .target import target_of
from .turn import Turn, anonymous

if TYPE_CHECKING:
    from . import cookie_input, netrc
else:
    cookie_input = later(".cookie_input", __name__)
    netrc = later(".netrc", __name__)

__all__ = ("Exchange", "perform", "start")


class Exchange(Turn):
    """What one call of ``ClientSession._request`` becomes.

    ``run`` is what is awaited for the response. It makes the turns, and ``_follow``
    prepares the next where the response is a redirect.
    """

    __slots__ = ()

    async def run_watched(self) -> ClientResponse:
        """``run``, told to those who asked to hear of it."""
        self._take_options()
        tracker = self.tracker
        if tracker is None:
            return await (self._run_traced() if self.traces else self.run())
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

    async def run(self) -> ClientResponse:
        """Make turns until the response is not a redirect to be followed; check its status."""
        if self.options is not None:
            self._take_options()
            if self.traces:  # they came after the call was made
                return await self._run_traced()
        session = self.session
        try:
            while True:
                url = self.url
                if url.scheme not in self.connector.allowed_protocol_schema_set:
                    shown = anonymous(url) if url.raw_host else without_credentials(url)
                    raise (NonHttpUrlClientError if url.scheme else InvalidUrlClientError)(shown)
                if self.cookies is not None or not session._jar_is_known or session._jar._store.count:  # type: ignore[attr-defined]
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
                if self.tracker is not None:
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
            if self.reached is None and isinstance(exc, asyncio.CancelledError):
                self.reached = self._phase()  # by a limit, mostly, which is told of when the turn is gone
            self._tell(exc)
            self._abandon()
            if self.req is not None and self.req._body is not None:
                await self.req.give_body_up()
            raise
        return resp

    def _is_redirected(self) -> bool:
        """Note the response's cookies; True if there is another turn to make."""
        resp: ClientResponse = self.resp  # type: ignore[assignment]
        head = self.resp._head  # type: ignore[union-attr]
        if head is not None and head.has_set_cookie and self.resp is not self.noted:
            self._note_cookies()
        return resp.status in REDIRECTS and self.allow_redirects and self._follow(self.req, resp)

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
        jar = self.session._jar
        found = jar.filter_cookies(self.url)
        own = self.cookies
        self.for_request["cookies"] = (
            found if own is None else cookie_input.cookies_for_request(jar, found, own, self.url)
        )

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
                auth = await netrc.netrc_auth(self.url)
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
        if not self.url.origin() == resp.url.origin() == url.origin():  # a middleware may have asked another one
            self.for_request.pop("auth", None)
            self.cookies = None
            self._drop(ORIGIN_FIELDS)
        elif hdrs.AUTHORIZATION in self.for_request.get("headers", ()):
            url = url.with_user(None)  # the caller's own credentials are the ones that count
        elif url.raw_user is not None or url.raw_password is not None:
            self.for_request.pop("auth", None)  # the server gives others
        elif target_of(self.url).auth is not None:
            self.for_request["auth"] = target_of(self.url).auth
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
        if turns_to_get(status, self.method.upper()):
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


def perform(
    session: SessionDefaults, method: str, url: StrOrURL, options: RequestOptions
) -> Coroutine[Any, Any, ClientResponse]:
    """Return the coroutine that makes a request; nothing happens, and nothing is raised, before it is awaited."""
    exchange: Exchange = Exchange.__new__(Exchange)
    exchange.session = session
    exchange.method = method
    exchange.url = url  # type: ignore[assignment]  # made a URL as the options are taken
    exchange.options = options
    return exchange.run_watched() if session._trace_configs or "upload_tracker" in options else exchange.run()


def start(session: Any, plain: Any, method: str, url: StrOrURL, options: RequestOptions) -> _RequestContextManager:
    """Return what a verb of *session* returns: a request that has not begun.

    *plain* is ``ClientSession._request``, which makes every request; it is gone past
    where nobody has put another in its place.
    """
    context: _RequestContextManager = _RequestContextManager.__new__(_RequestContextManager)
    # The two places where another can be put; to look at the bound method would cost more, and wrappers imitate it.
    if getattr(type(session), "_request", None) is plain and "_request" not in session.__dict__:
        context._coro = perform(session, method, url, options)
    else:
        context._coro = session._request(method, url, **options)
    return context
