"""One turn of a request: from a connection to the head of a response, through the middlewares where there are some."""

import asyncio
from typing import Any

from yarl import URL

from .._base import hdrs
from .._stream.futures import cancel_once
from .._stream.payload import Payload
from .call import Call
from .circumstances import Circumstances, Phase
from .exceptions import ClientOSError, NonHttpUrlClientError, ServerDisconnectedError, TotalTimeoutError
from .middlewares import Passage
from .request import ClientRequest
from .request_parts import METHODS, check_method
from .response import ClientResponse

__all__ = ("Turn", "anonymous")

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110 9.2.2


class Turn(Call):
    """A call that can make one turn.

    ``_perform`` makes it. Where there are middlewares, ``_pass_middlewares`` does, and each
    call of their handler is an ``_attempt``.
    """

    __slots__ = ()

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
                if type(self.req.method) is not str or self.req.method not in METHODS:
                    self.req.method = check_method(self.req.method)  # a middleware may have set it, or its class
                self.was_used = self.conn._protocol.exchanges > 0  # type: ignore[union-attr]
                self.conn._protocol.start_exchange(  # type: ignore[union-attr]
                    self.req, self.deadline, self.read_until_eof, self.limits, self.timeout
                )
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

    def _may_send_again(self) -> bool:
        return self.retry_stale and self.req.method in IDEMPOTENT_METHODS and self.req.can_be_sent_again()

    def _tell(self, exc: BaseException) -> None:
        """Note on *exc*, while the connection is still there, how far the request was."""
        if isinstance(exc, Circumstances):
            phase = self.reached if self.reached is not None else self._phase()
            elapsed = self.session._loop.time() - self.started
            if self.req is None:
                exc.tell(self.method, anonymous(self.url), phase, elapsed)
            else:
                exc.tell(self.req.method, self.req.url, phase, elapsed)
                exc.proxy = self.req.proxy

    def _phase(self) -> Phase | None:
        """Return how far the turn is; None where it is not under way."""
        if self.conn is not None and self.conn._protocol is not None:
            return self.conn._protocol.phase()
        return self.req.phase if self.req is not None and self.resp is None else None

    def _abandon(self) -> None:
        """Close what a failed turn leaves behind."""
        if self.resp is not None:
            self.resp.close()
        elif self.req is not None:
            cancel_once(self.req._writer)
        if self.conn is not None:
            self.conn.close()

    def _note_cookies(self) -> None:
        resp: ClientResponse = self.resp  # type: ignore[assignment]
        self.noted = self.resp
        head = self.resp._head  # type: ignore[union-attr]
        if head is not None and head.has_set_cookie:
            fields = resp.headers.getall(hdrs.SET_COOKIE, ())
            self.session._jar.update_cookies_from_headers(fields, resp.url)

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
            elif own._body is not None:
                await own._body.close()  # its factory makes another
            return False
        finally:
            self.stale = None  # it holds this frame
        self.resp = resp
        self.retried = False
        self.given_body = given if body is not self.req._body and _is_left(given, own) else None
        return True

    async def _attempt(self, req: ClientRequest) -> ClientResponse:
        """Send *req* and return its response. Attempts may overlap, so each is an exchange of its own."""
        attempt: Turn = Turn.__new__(Turn)
        for name in Call.__slots__:
            setattr(attempt, name, getattr(self, name, None))
        self.req = attempt.req = req
        req.deadline = self.deadline
        req.started = self.started
        req.timeout = self.timeout
        req._upload_tracker = self.tracker
        attempt.resp = attempt.conn = None
        attempt.reached = self.reached = None  # an attempt before this one may have been cut off by a middleware
        try:
            if req.url.scheme not in self.connector.allowed_protocol_schema_set:  # a middleware may have set it
                raise NonHttpUrlClientError(anonymous(req.url))
            if self.deadline is not None and self.session._loop.time() >= self.deadline:
                raise TotalTimeoutError().limited_by("total", self.timeout.total)
            await attempt._perform()
        except BaseException as exc:
            if isinstance(exc, asyncio.CancelledError):
                self.reached = attempt._phase()
            attempt._tell(exc)
            attempt._abandon()
            if attempt.was_used and isinstance(exc, (ClientOSError, ServerDisconnectedError)):
                self.stale = exc
            raise
        self.resp = attempt.resp
        self._note_cookies()
        return attempt.resp  # type: ignore[return-value]


def _is_left(given: Any, req: ClientRequest) -> bool:
    """Return True if *given*, a body or its factory, with which *req* was made, can still be sent.

    ``update_body`` closes a file.
    """
    return not isinstance(given, Payload) or (not given.consumed and (given.autoclose or given is req._body))


def anonymous(url: URL) -> URL:
    """Return *url* without credentials."""
    return url if url.raw_user is None and url.raw_password is None else url.with_user(None)
