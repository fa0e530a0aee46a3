"""Connections over TCP and TLS: names to addresses, addresses to a connected protocol."""

import asyncio
import socket
import ssl as tls
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from math import inf
from operator import index
from typing import TYPE_CHECKING, Any

from ..._base.checks import check_callable, check_has, check_number, shown_value, whole
from ..._base.later import later
from ..._base.types import sentinel
from ..._base.warn import deprecated
from ..abc import AbstractResolver, ResolveResult
from ..async_resolver import DefaultResolver
from ..circumstances import Phase
from ..exceptions import (
    ClientConnectionError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientSSLError,
    InvalidUrlClientError,
    ServerFingerprintMismatch,
)
from ..fingerprint import Fingerprint
from ..options import ClientTimeout
from ..protocol import ResponseHandler
from ..request import ClientRequest
from .attempt import attempt, discard, server_name, shutdown_time
from .base import BaseConnector
from .dns_cache import DNSCache
from .pool import DEFAULT_LIMIT, DEFAULT_THRESHOLD
from .proxy import ProxyRequest, TunnelConnector
from .tls import SSLSetting, context_for, merge_ssl_params, prepare, setting_for

if TYPE_CHECKING:
    import aiohappyeyeballs
else:
    aiohappyeyeballs = later("aiohappyeyeballs")

__all__ = ("TCPConnector",)

_TTL = 10  # the defaults: what is one of them need not be looked at
_CACHE_SIZE = 1000
_DELAY = 0.25
_HEX = frozenset("0123456789abcdefABCDEF")
_DECIMAL = frozenset("0123456789")


class TCPConnector(TunnelConnector):
    """Makes connections over TCP, with TLS for ``https`` and ``wss``.

    *ssl*: True verifies with the system's certificates, False not at all, a
    ``Fingerprint`` pins one certificate, a context is used as it is; requests may say
    otherwise. *ttl_dns_cache* is in seconds, None for ever, and never longer than a resolver
    says in the ``ttl`` of an address. *happy_eyeballs_delay* (RFC 8305), in seconds, is what an
    address is given before the next is tried beside it; None tries them one after the other.
    *ssl_shutdown_timeout* is how many seconds the closing handshake of TLS may take; 0 is none.
    """

    allowed_protocol_schema_set = BaseConnector.allowed_protocol_schema_set | frozenset({"tcp"})

    def __init__(
        self,
        *,
        verify_ssl: bool = True,
        fingerprint: bytes | None = None,
        use_dns_cache: bool = True,
        ttl_dns_cache: float | None = _TTL,
        dns_cache_max_size: int = _CACHE_SIZE,
        family: socket.AddressFamily = socket.AddressFamily.AF_UNSPEC,
        ssl_context: tls.SSLContext | None = None,
        ssl: SSLSetting | None = True,
        local_addr: tuple[str, int] | None = None,
        resolver: AbstractResolver | None = None,
        keepalive_timeout: Any = sentinel,
        force_close: bool = False,
        limit: int | None = DEFAULT_LIMIT,
        limit_per_host: int | None = 0,
        enable_cleanup_closed: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        timeout_ceil_threshold: float = DEFAULT_THRESHOLD,
        happy_eyeballs_delay: float | None = _DELAY,
        interleave: int | None = None,
        socket_factory: "aiohappyeyeballs.SocketFactoryType | None" = None,
        ssl_shutdown_timeout: Any = sentinel,
        max_connection_age: float | None = None,
    ) -> None:
        super().__init__(
            keepalive_timeout=keepalive_timeout,
            force_close=force_close,
            limit=limit,
            limit_per_host=limit_per_host,
            enable_cleanup_closed=enable_cleanup_closed,
            loop=loop,
            timeout_ceil_threshold=timeout_ceil_threshold,
            max_connection_age=max_connection_age,
        )
        self._ssl = merge_ssl_params(ssl, verify_ssl, ssl_context, fingerprint)
        if ssl_shutdown_timeout is not sentinel:
            deprecated("The ssl_shutdown_timeout parameter is deprecated and will be removed in aiohttp 4.0")
            if ssl_shutdown_timeout is not None:
                check_number("ssl_shutdown_timeout", ssl_shutdown_timeout, "None or a number of seconds")
            self._ssl_shutdown_timeout = ssl_shutdown_timeout
        if resolver is not None:
            check_has("resolver", resolver, "resolve", "a resolver, with the methods of AbstractResolver")
        if ttl_dns_cache is not None and ttl_dns_cache is not _TTL:
            check_number("ttl_dns_cache", ttl_dns_cache, "None or a number of seconds", -inf)
            ttl_dns_cache = max(ttl_dns_cache, 0)
        if happy_eyeballs_delay is not None and happy_eyeballs_delay is not _DELAY:
            check_number("happy_eyeballs_delay", happy_eyeballs_delay, "None or a number of seconds", -inf)
            happy_eyeballs_delay = max(happy_eyeballs_delay, 0)
        if socket_factory is not None:
            check_callable("socket_factory", socket_factory)
        if local_addr is not None:
            _check_address(local_addr)
        self._resolver_owner = resolver is None
        self._resolver: AbstractResolver = DefaultResolver(loop=self._loop) if resolver is None else resolver
        self._use_dns_cache = use_dns_cache
        if dns_cache_max_size is not _CACHE_SIZE:
            dns_cache_max_size = whole("dns_cache_max_size", dns_cache_max_size, endless=sys.maxsize)
        self._cached_hosts = DNSCache(ttl_dns_cache, dns_cache_max_size)
        self._lookups: dict[tuple[str, int], asyncio.Task[list[ResolveResult]]] = {}
        self._family = family
        if family is not socket.AF_UNSPEC:
            whole("family", family, "a constant of socket such as AF_INET")
        self._local_addr_infos = None if local_addr is None else aiohappyeyeballs.addr_to_addr_infos(local_addr)
        self._happy_eyeballs_delay = happy_eyeballs_delay
        self._interleave = None if interleave is None else whole("interleave", interleave)
        self._socket_factory = socket_factory

    @property
    def family(self) -> socket.AddressFamily:
        """The family that addresses are looked up for; ``AF_UNSPEC`` is any."""
        return self._family

    @property
    def use_dns_cache(self) -> bool:
        """True when addresses are remembered, and looked up once for all who want them."""
        return self._use_dns_cache

    @property
    def cached_hosts(self) -> "Mapping[tuple[str, int], tuple[ResolveResult, ...]]":
        """The addresses that are remembered, by host and port; read-only, as they are now."""
        return self._cached_hosts.view()

    def clear_dns_cache(self, host: str | None = None, port: int | None = None) -> None:
        """Forget the addresses of *host* and *port*, or all; ``ValueError`` for one without the other."""
        if host is not None and port is not None:
            self._cached_hosts.remove((host, port))
        elif host is not None or port is not None:
            raise ValueError("either both host and port or none of them are allowed")
        else:
            self._cached_hosts.clear()

    # Closing

    async def close(self, *, abort_ssl: bool = False) -> None:
        """Close all connections and end all look-ups; returns when they have ended.

        A TLS connection is given ``ssl_shutdown_timeout`` seconds for its closing
        handshake, none with *abort_ssl*. A resolver that was passed in stays open.
        """
        lookups = list(self._lookups.values())
        try:
            await super().close(abort_ssl=abort_ssl)
            if lookups:
                await asyncio.wait(lookups)
        finally:
            if self._resolver_owner:
                await self._resolver.close()

    def _shut(self) -> "dict[asyncio.Future[None], ResponseHandler]":
        if not self._loop.is_closed():
            for lookup in self._lookups.values():
                lookup.cancel()
        return super()._shut()

    # Names to addresses

    async def _resolve_host(self, host: str, port: int, traces: Sequence[Any] | None = None) -> list[ResolveResult]:
        """Return the addresses of *host*; an address is its own.

        Raises ``OSError`` where there are none, ``InvalidUrlClientError`` for numbers that
        systems read as an IPv4 address in one way or another.
        """
        if _is_address(host):
            return [ResolveResult(hostname=host, host=host, port=port, family=self._family, proto=0, flags=0)]
        if not self._use_dns_cache:
            return await self._look_up(host, port, traces)
        key = (host, port)
        addrs = self._cached_hosts.next_addrs(key)
        if addrs is None:
            return await self._look_up_once(key, traces)
        if traces:
            for trace in traces:
                await trace.send_dns_cache_hit(host)
        return addrs

    async def _look_up_once(self, key: tuple[str, int], traces: Sequence[Any] | None) -> list[ResolveResult]:
        """Look up *key*, or wait for whoever does; nobody's cancellation, or handler, harms another.

        Who waits for another's look-up is told of a hit, once it has found something.
        """
        host = key[0]
        traces = traces or ()
        lookup = self._lookups.get(key)
        is_mine = lookup is None
        if is_mine:
            for trace in traces:
                await trace.send_dns_cache_miss(host)
            for trace in traces:
                await trace.send_dns_resolvehost_start(host)
            lookup = self._lookups.get(key) if traces else None  # somebody else may have begun meanwhile
        if lookup is None:
            if self.closed:
                raise ClientConnectionError("Connector is closed.")
            lookup = self._lookups[key] = self._loop.create_task(self._look_up(*key, None))
            lookup.add_done_callback(partial(self._looked_up, key))
        await asyncio.wait((lookup,))
        if lookup.cancelled():
            raise ClientConnectionError("Connector is closed.")
        addrs = self._cached_hosts.next_addrs(key) or lookup.result().copy()
        for trace in traces:
            await (trace.send_dns_resolvehost_end if is_mine else trace.send_dns_cache_hit)(host)
        return addrs

    def _looked_up(self, key: tuple[str, int], lookup: asyncio.Task[list[ResolveResult]]) -> None:
        """Keep what was found; runs before those who wait are woken, and when nobody waits any more."""
        del self._lookups[key]
        if not lookup.cancelled() and lookup.exception() is None:
            self._cached_hosts.add(key, lookup.result())

    async def _look_up(self, host: str, port: int, traces: Sequence[Any] | None) -> list[ResolveResult]:
        for trace in traces or ():
            await trace.send_dns_resolvehost_start(host)
        addrs = list(await self._resolver.resolve(host, port, family=self._family))
        if not addrs:
            raise OSError(None, f"The resolver gave no address for {host}")
        for addr in addrs:
            if addr.get("ttl") is not None:
                check_number(f"the ttl that the resolver gave for {host}", addr["ttl"], least=-inf)
        for trace in traces or ():
            await trace.send_dns_resolvehost_end(host)
        return addrs

    def _convert_hosts_to_addr_infos(self, hosts: Sequence[ResolveResult]) -> "list[aiohappyeyeballs.AddrInfoType]":
        """Return *hosts* in the form of ``getaddrinfo``, without those of another family."""
        infos: list[aiohappyeyeballs.AddrInfoType] = []
        for found in hosts:
            host, port = found["host"], found["port"]
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            if self._family and self._family != family:
                continue
            address = _scoped(host, port) if family is socket.AF_INET6 else (host, port)
            infos.append((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address))
        return infos

    # Addresses to a connection

    async def _create_connection(
        self, req: ClientRequest, traces: Sequence[Any], timeout: ClientTimeout
    ) -> ResponseHandler:
        create = self._create_direct_connection if req.proxy is None else self._create_proxy_connection
        return (await create(req, traces, timeout))[1]

    async def _create_direct_connection(
        self,
        req: ClientRequest,
        traces: Sequence[Any],
        timeout: ClientTimeout,
        *,
        client_error: type[Exception] = ClientConnectorError,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Try the addresses until one gives a connection.

        Raises what the last one gave; before that, what a peer said that was reached but is not to be trusted.
        """
        if req.is_ssl():
            await prepare(self._tls_setting(req))
        context = self._get_ssl_context(req)
        fingerprint = self._get_fingerprint(req)
        addr_infos = await self._find(req, traces)
        failure: BaseException | None = None
        phase = req.phase
        while True:
            left = len(addr_infos)
            try:
                transport, protocol = await self._wrap_create_connection(
                    self._factory,
                    timeout=timeout,
                    addr_infos=addr_infos,
                    req=req,
                    client_error=client_error,
                    ssl=context,
                    server_hostname=None if context is None else server_name(req),
                )
                if fingerprint is not None:
                    _check_pin(fingerprint, transport, addr_infos)
                return transport, protocol
            except (ClientConnectorError, ServerFingerprintMismatch, TimeoutError) as exc:
                if len(addr_infos) == left:
                    aiohappyeyeballs.pop_addr_infos_interleave(addr_infos, self._interleave)
                if not isinstance(failure, (ClientSSLError, ServerFingerprintMismatch, TimeoutError)):
                    failure, phase = exc, req.phase
                if not addr_infos:
                    req.phase = phase
                    try:
                        raise failure
                    finally:
                        failure = None  # it holds this frame

    async def _find(self, req: ClientRequest, traces: Sequence[Any]) -> "list[aiohappyeyeballs.AddrInfoType]":
        host, port = req.host, req.port
        if port is None:  # of a scheme without a default one
            raise InvalidUrlClientError(req.url, "has no port")
        req.phase = Phase.DNS
        try:
            hosts = await self._resolve_host(host, port, traces=traces)
        except OSError as exc:
            if exc.errno is None and isinstance(exc, TimeoutError):
                raise
            raise ClientConnectorDNSError(req.connection_key, exc) from exc
        addr_infos = self._convert_hosts_to_addr_infos(hosts)
        if not addr_infos:
            missing = OSError(None, f"{host} has no address of the family {self._family!s}")
            raise ClientConnectorDNSError(req.connection_key, missing)
        return addr_infos

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: "list[aiohappyeyeballs.AddrInfoType]",
        req: ClientRequest,
        timeout: ClientTimeout,
        client_error: type[Exception] = ClientConnectorError,
        **kwargs: Any,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Connect to one of *addr_infos*, TLS included; drop those that were tried in vain from the list.

        *args* and *kwargs* are for ``loop.create_connection``. Raises *client_error* and
        its kin, ``ConnectionTimeoutError`` after ``timeout.sock_connect`` seconds.
        """
        if kwargs.get("ssl") is not None and self._ssl_shutdown_timeout is not None:
            kwargs.setdefault("ssl_shutdown_timeout", shutdown_time(self._ssl_shutdown_timeout))
        req.phase = Phase.CONNECT
        async with attempt(req, timeout, client_error, f"proxy {req.url}" if isinstance(req, ProxyRequest) else ""):
            sock = await self._connect_socket(addr_infos)
            peer = _peer(sock) if len(addr_infos) > 1 else None
            if kwargs.get("ssl") is not None:
                req.phase = Phase.TLS
            try:
                return await self._loop.create_connection(*args, **kwargs, sock=sock)
            except BaseException as exc:
                discard(sock, exc)
                _strike(addr_infos, peer)
                raise

    async def _connect_socket(self, addr_infos: "list[aiohappyeyeballs.AddrInfoType]") -> socket.socket:
        try:
            return await aiohappyeyeballs.start_connection(
                addr_infos,
                local_addr_infos=self._local_addr_infos,
                happy_eyeballs_delay=self._happy_eyeballs_delay,
                interleave=self._interleave,
                loop=self._loop,
                socket_factory=self._socket_factory,
            )
        except OSError:
            addr_infos.clear()  # it gives up only after the last of them
            raise

    # Overridable choices

    def _get_ssl_context(self, req: ClientRequest) -> tls.SSLContext | None:
        """Return the context for *req*, None where it goes without TLS."""
        return context_for(self._tls_setting(req)) if req.is_ssl() else None

    def _get_fingerprint(self, req: ClientRequest) -> Fingerprint | None:
        """Return the certificate that is expected of the peer, the request's before the connector's."""
        for setting in (req.ssl, self._default_tls(req)):
            if isinstance(setting, Fingerprint):
                return setting
        return None

    def _tls_setting(self, req: ClientRequest) -> SSLSetting:
        return setting_for(req.ssl, self._default_tls(req))

    def _default_tls(self, req: ClientRequest) -> SSLSetting:
        """Return the connector's own setting; a pin is that of origins, and proxies are verified as usual instead."""
        return True if isinstance(self._ssl, Fingerprint) and isinstance(req, ProxyRequest) else self._ssl


def _check_address(local_addr: Any) -> None:
    if isinstance(local_addr, (tuple, list)) and 2 <= len(local_addr) <= 4 and isinstance(local_addr[0], str):
        with suppress(TypeError):
            if 0 <= index(local_addr[1]) < 1 << 16:
                return
    text = "local_addr must be a host and a port from 0, for any, to 65535, as in ('127.0.0.1', 0), not "
    raise (TypeError if isinstance(local_addr, (str, int, float)) else ValueError)(text + shown_value(local_addr))


def _is_address(host: str) -> bool:
    """Tell addresses from names; raise for numbers that only look like an IPv4 address.

    ``127.1``, ``0x7f.0.0.1`` or ``2130706433`` mean 127.0.0.1 to some and a name to
    others. That difference gets forbidden addresses past checks, so they are refused.
    """
    if ":" in host:
        return True
    if not host or (host[-1] not in _HEX and host[-1] != "."):
        return False
    labels = host.split(".")
    if not all(map(_is_number, labels[:-1] if not labels[-1] else labels)):
        return False
    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        raise InvalidUrlClientError(host, "is not a canonical IPv4 address") from None
    return True


def _is_number(label: str) -> bool:
    """True for what ``inet_aton`` takes as a number: decimal, octal or hexadecimal."""
    if label[:2] in ("0x", "0X"):
        return _HEX.issuperset(label[2:])
    return bool(label) and _DECIMAL.issuperset(label)


def _scoped(host: str, port: int) -> tuple[str, int, int, int]:
    """Return the socket address of an IPv6 *host*, its scope (RFC 4007 11) as a number.

    The loop would look up an address that names its scope.
    """
    address, _, scope = host.partition("%")
    if not scope:
        return host, port, 0, 0
    if scope.isdecimal():
        return address, port, 0, int(scope)
    try:
        return address, port, 0, socket.if_nametoindex(scope)
    except OSError:
        return host, port, 0, 0  # connecting tells what is wrong with it


def _peer(sock: socket.socket) -> Any:
    with suppress(OSError):  # reset already
        return sock.getpeername()
    return None


def _strike(addr_infos: "list[aiohappyeyeballs.AddrInfoType]", peer: Any) -> None:
    """Take the address of a peer that was no good from the list."""
    if peer is not None:
        with suppress(ValueError):  # spelt in another way
            aiohappyeyeballs.remove_addr_infos(addr_infos, peer)


def _check_pin(
    fingerprint: Fingerprint, transport: asyncio.Transport, addr_infos: "list[aiohappyeyeballs.AddrInfoType]"
) -> None:
    """Let no transport through whose certificate is not the pinned one."""
    try:
        fingerprint.check(transport)
    except ServerFingerprintMismatch:
        peer = transport.get_extra_info("peername")
        transport.abort()
        _strike(addr_infos, peer)
        raise
