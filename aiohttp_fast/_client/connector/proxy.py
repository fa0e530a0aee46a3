"""Connections through proxies: to the proxy, and by ``CONNECT`` further on (RFC 9110 9.3.6)."""

import asyncio
import ssl as tls
from collections.abc import Sequence
from typing import Any

from ..._base import hdrs
from ..._stream.tcp import abort
from ..._wire.errors import HttpProcessingError
from ..._wire.http.head import serialize_head
from ..circumstances import Phase
from ..exceptions import (
    ClientConnectorError,
    ClientHttpProxyError,
    ClientProxyConnectionError,
    InvalidUrlClientError,
    ServerDisconnectedError,
)
from ..fingerprint import Fingerprint
from ..info import RequestInfo, authority
from ..options import ClientTimeout
from ..protocol import ResponseHandler
from ..proxies import needs_tunnel
from ..request import ClientRequest
from .attempt import ClientErrorMaker, attempt, check_pin
from .base import BaseConnector
from .start_tls import start_tls
from .tls import prepare

__all__ = ("ProxyRequest", "TunnelConnector")

_MEANINGLESS = frozenset({hdrs.ACCEPT, hdrs.ACCEPT_ENCODING})  # a tunnel has no representation to choose


class ProxyRequest(ClientRequest):
    """What a proxy is asked on behalf of ``origin``: its URL, host, port and TLS settings are the proxy's."""

    origin: ClientRequest

    @property
    def authority(self) -> str:
        """Host and port of the origin, as ``CONNECT`` names them (RFC 9112 3.2.3)."""
        return authority(self.origin.host, self.origin.port)

    @property
    def request_info(self) -> RequestInfo:
        """Method and fields as they were sent, with the URL that the tunnel is for; ``real_url`` is the proxy's."""
        info = super().request_info
        return RequestInfo(self.origin.url, self.method, info.headers, self.url)


class TunnelConnector(BaseConnector):
    """A connector that can go through proxies, given a way to connect to hosts."""

    async def _create_direct_connection(
        self,
        req: ClientRequest,
        traces: Sequence[Any],
        timeout: ClientTimeout,
        *,
        client_error: type[Exception] = ClientConnectorError,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        raise NotImplementedError

    def _get_ssl_context(self, req: ClientRequest) -> tls.SSLContext | None:
        raise NotImplementedError

    def _get_fingerprint(self, req: ClientRequest) -> Fingerprint | None:
        raise NotImplementedError

    def _tls_setting(self, req: ClientRequest) -> Any:
        raise NotImplementedError

    async def _create_proxy_connection(
        self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Connect to the proxy of *req*, and through it to the origin where a tunnel is needed.

        Raises ``ClientProxyConnectionError`` for what is wrong with the proxy,
        ``ClientHttpProxyError`` for an answer to ``CONNECT`` other than 200, else what
        connecting to an origin raises.
        """
        if req.port is None:
            raise InvalidUrlClientError(req.url, "has no port")
        proxy_req = self._update_proxy_auth_header_and_build_proxy_req(req)
        if req.is_ssl():
            await prepare(self._tls_setting(req))
        try:
            transport, protocol = await self._create_direct_connection(
                proxy_req, traces, timeout, client_error=ClientProxyConnectionError
            )
        except ClientConnectorError as exc:
            exc.is_of_proxy = True
            raise
        finally:
            req.phase = proxy_req.phase
        if not needs_tunnel(req.url):
            return transport, protocol
        req.phase = Phase.PROXY
        try:
            await _ask_for_tunnel(proxy_req, transport, protocol, timeout)  # type: ignore[arg-type]
            if req.is_ssl():
                return await self._start_tls_connection(transport, req, timeout)
            return transport, self._hand_over(transport)
        except BaseException:
            abort(transport)
            raise

    def _update_proxy_auth_header_and_build_proxy_req(self, req: ClientRequest) -> ClientRequest:
        """Return what asks the proxy of *req*; its ``_ssl`` may be set to verify the proxy in another way.

        Else the proxy is verified as the origin is; a pin, which is the origin's, apart.
        """
        proxy_req = ProxyRequest(
            "GET",  # which has no body, as CONNECT
            req.proxy,  # type: ignore[arg-type]
            headers=req.proxy_headers,
            skip_auto_headers=_MEANINGLESS.union(req.skip_auto_headers),
            loop=req.loop,
            ssl=True if isinstance(req.ssl, Fingerprint) else req.ssl,
        )
        proxy_req.method = hdrs.METH_CONNECT
        proxy_req.origin = req
        proxy_req.started = req.started
        proxy_req.timeout = req.timeout
        proxy_req.headers[hdrs.HOST] = proxy_req.authority
        return proxy_req

    async def _start_tls_connection(
        self,
        underlying_transport: asyncio.Transport,
        req: ClientRequest,
        timeout: ClientTimeout,
        client_error: ClientErrorMaker = ClientConnectorError,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Begin TLS with the origin of *req* in a tunnel; the names verified are the origin's."""
        context: tls.SSLContext = self._get_ssl_context(req)  # type: ignore[assignment]
        protocol = self._factory()
        transport = await start_tls(
            underlying_transport, protocol, context, req, timeout, client_error, self._ssl_shutdown_timeout
        )
        check_pin(self._get_fingerprint(req), transport, req.host, req.port)
        return transport, protocol

    def _hand_over(self, transport: asyncio.Transport) -> ResponseHandler:
        """Let a new protocol have the tunnel, which nothing has been sent through yet."""
        protocol: ResponseHandler = self._factory()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        return protocol


async def _ask_for_tunnel(
    proxy_req: ProxyRequest, transport: asyncio.Transport, protocol: ResponseHandler, timeout: ClientTimeout
) -> None:
    """Send ``CONNECT`` and take the answer; what is in the answer's body is of no interest."""
    head = serialize_head(f"CONNECT {proxy_req.authority} HTTP/1.1", proxy_req.headers)
    waited_for = f"proxy {proxy_req.url}: no answer to CONNECT {proxy_req.authority}"
    proxy_req.origin.phase = Phase.PROXY
    async with attempt(proxy_req, timeout, ClientProxyConnectionError, waited_for):
        protocol.start_exchange(proxy_req)
        transport.write(head)
        try:
            await protocol.head_waiter()
        except HttpProcessingError as exc:
            raise ClientHttpProxyError(
                proxy_req.request_info, (), status=exc.code, message=exc.message, headers=exc.headers
            ) from exc
        except ServerDisconnectedError as exc:
            raise ConnectionResetError("the proxy closed the connection without an answer to CONNECT") from exc
        _check_answer(proxy_req, protocol)


def _check_answer(proxy_req: ProxyRequest, protocol: ResponseHandler) -> None:
    answer = protocol.head
    if answer.status != 200:  # type: ignore[union-attr]
        raise ClientHttpProxyError(
            proxy_req.request_info,
            (),
            status=answer.status,  # type: ignore[union-attr]
            message=answer.reason,  # type: ignore[union-attr]
            headers=answer.headers,  # type: ignore[union-attr]
        )
    if protocol.tail:  # the client speaks first in what comes next: this would be taken for an answer
        raise ConnectionAbortedError(
            f"{len(protocol.tail)} bytes came with the proxy's answer, before anything was sent"
        )
    if not protocol.is_connected():
        raise ConnectionResetError("the proxy closed the connection right after its answer to CONNECT")
