"""Tracing: who is told what, while a request makes its way.

A plain request runs through these signals, each awaited before the request goes on::

    request_start
      connection_queued_start, connection_queued_end      where a limit is reached
      connection_reuseconn                                or, where none is kept:
      connection_create_start
        dns_cache_hit                                     or:
        dns_cache_miss, dns_resolvehost_start, dns_resolvehost_end
      connection_create_end
      request_headers_sent
      request_chunk_sent                                  for each piece of the body
      request_redirect                                    and again from the connection on
    request_end                                           or request_exception
    response_chunk_received                               with read(), text(), json()

A handler that raises ends the request with its error, which ``request_exception`` is then
told of. ``request_chunk_sent`` runs in the task that writes the body: its error is the
cause of the ``ClientConnectionError`` that the request fails with. The request's total
time limit begins after ``request_start`` and bounds the handlers up to ``request_end``.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from multidict import CIMultiDict
from yarl import URL

from .._base.checks import check_callable
from .._base.later import later
from .response import ClientResponse

if TYPE_CHECKING:
    import aiosignal

    from . import trace_params as told
else:
    aiosignal = later("aiosignal")
    told = later(".trace_params", __name__)

__all__ = ("Trace", "TraceConfig")

_Params = TypeVar("_Params")
_Handlers: TypeAlias = (
    "aiosignal.Signal[Any, SimpleNamespace, _Params]"  # of the session, the context, and what happened
)


class TraceConfig:
    """A set of handlers, for each signal a list; give it to a session in ``trace_configs``.

    Append coroutine functions that take the session, a context and the signal's
    parameters. The context is made by *trace_config_ctx_factory* once for each request,
    from the request's ``trace_request_ctx``, and handed to all of its signals. The lists
    are frozen once a session has the config.
    """

    def __init__(self, trace_config_ctx_factory: Callable[..., Any] = SimpleNamespace) -> None:
        check_callable("trace_config_ctx_factory", trace_config_ctx_factory)
        self._on_request_start: _Handlers[told.TraceRequestStartParams] = aiosignal.Signal(self)
        self._on_request_chunk_sent: _Handlers[told.TraceRequestChunkSentParams] = aiosignal.Signal(self)
        self._on_response_chunk_received: _Handlers[told.TraceResponseChunkReceivedParams] = aiosignal.Signal(self)
        self._on_request_end: _Handlers[told.TraceRequestEndParams] = aiosignal.Signal(self)
        self._on_request_exception: _Handlers[told.TraceRequestExceptionParams] = aiosignal.Signal(self)
        self._on_request_redirect: _Handlers[told.TraceRequestRedirectParams] = aiosignal.Signal(self)
        self._on_connection_queued_start: _Handlers[told.TraceConnectionQueuedStartParams] = aiosignal.Signal(self)
        self._on_connection_queued_end: _Handlers[told.TraceConnectionQueuedEndParams] = aiosignal.Signal(self)
        self._on_connection_create_start: _Handlers[told.TraceConnectionCreateStartParams] = aiosignal.Signal(self)
        self._on_connection_create_end: _Handlers[told.TraceConnectionCreateEndParams] = aiosignal.Signal(self)
        self._on_connection_reuseconn: _Handlers[told.TraceConnectionReuseconnParams] = aiosignal.Signal(self)
        self._on_dns_resolvehost_start: _Handlers[told.TraceDnsResolveHostStartParams] = aiosignal.Signal(self)
        self._on_dns_resolvehost_end: _Handlers[told.TraceDnsResolveHostEndParams] = aiosignal.Signal(self)
        self._on_dns_cache_hit: _Handlers[told.TraceDnsCacheHitParams] = aiosignal.Signal(self)
        self._on_dns_cache_miss: _Handlers[told.TraceDnsCacheMissParams] = aiosignal.Signal(self)
        self._on_request_headers_sent: _Handlers[told.TraceRequestHeadersSentParams] = aiosignal.Signal(self)
        self._trace_config_ctx_factory = trace_config_ctx_factory

    def trace_config_ctx(self, trace_request_ctx: Any = None) -> Any:
        """Return a new context for one request."""
        return self._trace_config_ctx_factory(trace_request_ctx=trace_request_ctx)

    def freeze(self) -> None:
        """Let no more handlers in; a session does this."""
        self._on_request_start.freeze()
        self._on_request_chunk_sent.freeze()
        self._on_response_chunk_received.freeze()
        self._on_request_end.freeze()
        self._on_request_exception.freeze()
        self._on_request_redirect.freeze()
        self._on_connection_queued_start.freeze()
        self._on_connection_queued_end.freeze()
        self._on_connection_create_start.freeze()
        self._on_connection_create_end.freeze()
        self._on_connection_reuseconn.freeze()
        self._on_dns_resolvehost_start.freeze()
        self._on_dns_resolvehost_end.freeze()
        self._on_dns_cache_hit.freeze()
        self._on_dns_cache_miss.freeze()
        self._on_request_headers_sent.freeze()

    @property
    def on_request_start(self) -> "_Handlers[told.TraceRequestStartParams]":
        """When a request begins, before anything was done for it."""
        return self._on_request_start

    @property
    def on_request_chunk_sent(self) -> "_Handlers[told.TraceRequestChunkSentParams]":
        """Before each piece of a request's body is written."""
        return self._on_request_chunk_sent

    @property
    def on_response_chunk_received(self) -> "_Handlers[told.TraceResponseChunkReceivedParams]":
        """When a response's body was read as a whole."""
        return self._on_response_chunk_received

    @property
    def on_request_end(self) -> "_Handlers[told.TraceRequestEndParams]":
        """When the caller is about to get the response."""
        return self._on_request_end

    @property
    def on_request_exception(self) -> "_Handlers[told.TraceRequestExceptionParams]":
        """When a request has failed, or was cancelled."""
        return self._on_request_exception

    @property
    def on_request_redirect(self) -> "_Handlers[told.TraceRequestRedirectParams]":
        """When a redirect is about to be followed."""
        return self._on_request_redirect

    @property
    def on_connection_queued_start(self) -> "_Handlers[told.TraceConnectionQueuedStartParams]":
        """When a request has to wait for a connection."""
        return self._on_connection_queued_start

    @property
    def on_connection_queued_end(self) -> "_Handlers[told.TraceConnectionQueuedEndParams]":
        """When that wait is over."""
        return self._on_connection_queued_end

    @property
    def on_connection_create_start(self) -> "_Handlers[told.TraceConnectionCreateStartParams]":
        """Before a connection is made."""
        return self._on_connection_create_start

    @property
    def on_connection_create_end(self) -> "_Handlers[told.TraceConnectionCreateEndParams]":
        """When a connection was made."""
        return self._on_connection_create_end

    @property
    def on_connection_reuseconn(self) -> "_Handlers[told.TraceConnectionReuseconnParams]":
        """When a kept connection is used."""
        return self._on_connection_reuseconn

    @property
    def on_dns_resolvehost_start(self) -> "_Handlers[told.TraceDnsResolveHostStartParams]":
        """Before the resolver is asked."""
        return self._on_dns_resolvehost_start

    @property
    def on_dns_resolvehost_end(self) -> "_Handlers[told.TraceDnsResolveHostEndParams]":
        """When the resolver has answered."""
        return self._on_dns_resolvehost_end

    @property
    def on_dns_cache_hit(self) -> "_Handlers[told.TraceDnsCacheHitParams]":
        """When addresses did not have to be looked up for this request."""
        return self._on_dns_cache_hit

    @property
    def on_dns_cache_miss(self) -> "_Handlers[told.TraceDnsCacheMissParams]":
        """When addresses have to be looked up."""
        return self._on_dns_cache_miss

    @property
    def on_request_headers_sent(self) -> "_Handlers[told.TraceRequestHeadersSentParams]":
        """Before the head of a request is written."""
        return self._on_request_headers_sent


class Trace:
    """One config at work for one request; ``send_*`` calls the handlers of a signal, one after the other."""

    __slots__ = ("_session", "_trace_config", "_trace_config_ctx")

    def __init__(self, session: Any, trace_config: TraceConfig, trace_config_ctx: Any) -> None:
        self._session = session
        self._trace_config = trace_config
        self._trace_config_ctx = trace_config_ctx

    @property
    def wants_chunks(self) -> bool:
        """True if somebody looks at the pieces of the request's body, which a file then has to be read for."""
        return bool(self._trace_config.on_request_chunk_sent)

    async def send_request_start(self, method: str, url: URL, headers: "CIMultiDict[str]") -> None:
        """When a request begins, before anything was done for it."""
        signal = self._trace_config.on_request_start
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceRequestStartParams(method, url, headers))

    async def send_request_chunk_sent(self, method: str, url: URL, chunk: bytes) -> None:
        """Before each piece of a request's body is written."""
        signal = self._trace_config.on_request_chunk_sent
        if signal:
            await signal.send(
                self._session, self._trace_config_ctx, told.TraceRequestChunkSentParams(method, url, chunk)
            )

    async def send_response_chunk_received(self, method: str, url: URL, chunk: bytes) -> None:
        """When a response's body was read as a whole."""
        signal = self._trace_config.on_response_chunk_received
        if signal:
            await signal.send(
                self._session, self._trace_config_ctx, told.TraceResponseChunkReceivedParams(method, url, chunk)
            )

    async def send_request_end(
        self, method: str, url: URL, headers: "CIMultiDict[str]", response: ClientResponse
    ) -> None:
        """When the caller is about to get the response."""
        signal = self._trace_config.on_request_end
        if signal:
            await signal.send(
                self._session, self._trace_config_ctx, told.TraceRequestEndParams(method, url, headers, response)
            )

    async def send_request_exception(
        self, method: str, url: URL, headers: "CIMultiDict[str]", exception: BaseException
    ) -> None:
        """When a request has failed, or was cancelled."""
        signal = self._trace_config.on_request_exception
        if signal:
            await signal.send(
                self._session, self._trace_config_ctx, told.TraceRequestExceptionParams(method, url, headers, exception)
            )

    async def send_request_redirect(
        self, method: str, url: URL, headers: "CIMultiDict[str]", response: ClientResponse
    ) -> None:
        """When a redirect is about to be followed."""
        signal = self._trace_config.on_request_redirect
        if signal:
            await signal.send(
                self._session, self._trace_config_ctx, told.TraceRequestRedirectParams(method, url, headers, response)
            )

    async def send_connection_queued_start(self) -> None:
        """When a request has to wait for a connection."""
        signal = self._trace_config.on_connection_queued_start
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceConnectionQueuedStartParams())

    async def send_connection_queued_end(self) -> None:
        """When that wait is over."""
        signal = self._trace_config.on_connection_queued_end
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceConnectionQueuedEndParams())

    async def send_connection_create_start(self) -> None:
        """Before a connection is made."""
        signal = self._trace_config.on_connection_create_start
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceConnectionCreateStartParams())

    async def send_connection_create_end(self) -> None:
        """When a connection was made."""
        signal = self._trace_config.on_connection_create_end
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceConnectionCreateEndParams())

    async def send_connection_reuseconn(self) -> None:
        """When a kept connection is used."""
        signal = self._trace_config.on_connection_reuseconn
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceConnectionReuseconnParams())

    async def send_dns_resolvehost_start(self, host: str) -> None:
        """Before the resolver is asked."""
        signal = self._trace_config.on_dns_resolvehost_start
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceDnsResolveHostStartParams(host))

    async def send_dns_resolvehost_end(self, host: str) -> None:
        """When the resolver has answered."""
        signal = self._trace_config.on_dns_resolvehost_end
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceDnsResolveHostEndParams(host))

    async def send_dns_cache_hit(self, host: str) -> None:
        """When addresses did not have to be looked up for this request."""
        signal = self._trace_config.on_dns_cache_hit
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceDnsCacheHitParams(host))

    async def send_dns_cache_miss(self, host: str) -> None:
        """When addresses have to be looked up."""
        signal = self._trace_config.on_dns_cache_miss
        if signal:
            await signal.send(self._session, self._trace_config_ctx, told.TraceDnsCacheMissParams(host))

    async def send_request_headers(self, method: str, url: URL, headers: "CIMultiDict[str]") -> None:
        """Before the head of a request is written."""
        signal = self._trace_config.on_request_headers_sent
        if signal:
            await signal.send(
                self._session, self._trace_config_ctx, told.TraceRequestHeadersSentParams(method, url, headers)
            )
