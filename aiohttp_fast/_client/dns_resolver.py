"""From host names to addresses by asking name servers: as long as their answers are true, and over HTTPS if wanted."""

import asyncio
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from yarl import URL

from .._base.checks import check_callable, check_number, shown_value, whole
from .._base.later import later
from .._base.types import StrOrURL
from .._base.watched import Watched
from .abc import AbstractResolver, ResolveResult
from .connector.tls import SSLSetting, merge_ssl_params
from .dns_servers import as_servers
from .hosts_file import HOSTS_FILE, HostsFile, address_family
from .resolver import NUMERIC

if TYPE_CHECKING:
    from . import dns_https, dns_questions
else:
    dns_https = later(".dns_https", __name__)
    dns_questions = later(".dns_questions", __name__)

__all__ = ("DNSResolver",)

_Address = tuple[int, str, float | None]  # family, number, and until when it may be kept, where that was told
_Path = str | os.PathLike[str]

_FAMILIES = {
    socket.AF_UNSPEC: (socket.AF_INET6, socket.AF_INET),  # in the order of RFC 6724 10.3
    socket.AF_INET: (socket.AF_INET,),
    socket.AF_INET6: (socket.AF_INET6,),
}
_LOOP_BACK: dict[int, str] = {socket.AF_INET6: "::1", socket.AF_INET: "127.0.0.1"}
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}", re.ASCII | re.IGNORECASE)
_LONGEST_NAME = 253
_NOT_IN_DNS = (".invalid", ".onion")  # names that no server may see (RFC 6761 6.4, RFC 7686 2)


class DNSResolver(AbstractResolver):
    """Asks name servers from the event loop, and keeps each answer as long as its time to live says.

    Connectors are told that time, so theirs never keeps an address for longer. With None as *nameservers* the system's
    are asked, as ``resolv.conf`` says (search list and options too), which is read again when it has changed. Each of
    *nameservers* is an IP address (``"192.0.2.1"``, ``"192.0.2.1:5353"``, ``"[2001:db8::1]:53"``), asked by UDP, and
    by TCP where an answer was cut short; or an ``https`` URL, asked by POST (RFC 8484) on connections that are kept.
    The host of a URL is looked up by the system, and *ssl* is the TLS setting for it, as that of ``TCPConnector``.
    Servers are asked in their order, and again while there is time.

    *timeout* is for one attempt, None for what the system says (else 2), *lifetime* for all of a look-up, in seconds;
    after that no other attempt begins. *search* are domains that names may be relative to; None means the
    system's with the system's servers, none with others. *cache_size* is the number of answers that are kept, 0 for
    none; those that say that there is nothing are kept too (RFC 2308). *hosts_file* and *resolv_conf* are the system's
    files; None as *hosts_file* is for none. *clock* tells the seconds by which answers grow old.

    The hosts file goes before name servers; ``localhost`` and all below it are the loop-back (RFC 6761 6.3); names
    below ``invalid`` and ``onion`` are not asked for.

    Needs dnspython: ``RuntimeError`` where it is not installed. Wrong values are a ``TypeError`` or ``ValueError``.
    """

    def __init__(
        self,
        nameservers: Iterable[StrOrURL] | None = None,
        *,
        search: Iterable[str] | None = None,
        timeout: float | None = None,
        lifetime: float = 5.0,
        cache_size: int = 1000,
        ssl: SSLSetting | None = True,
        hosts_file: _Path | None = HOSTS_FILE,
        resolv_conf: _Path = "/etc/resolv.conf",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        servers = None if nameservers is None else as_servers(nameservers)
        domains = None if search is None else _as_domains(search)
        if timeout is not None:
            _check_time("timeout", timeout, "None or a number of seconds above 0")
        _check_time("lifetime", lifetime, "a number of seconds above 0")
        cache_size = whole("cache_size", cache_size, endless=sys.maxsize)
        ssl = merge_ssl_params(ssl, None, None, None)
        if hosts_file is not None:
            _check_path("hosts_file", hosts_file)
        _check_path("resolv_conf", resolv_conf)
        check_callable("clock", clock)
        try:
            self._http = http = dns_https.HTTPSession(ssl)
        except ImportError as exc:
            raise RuntimeError("DNSResolver requires the dnspython library: pip install 'dnspython>=2.9'") from exc
        times = dns_questions.Times(timeout, lifetime)

        def inquiry(path: _Path) -> "dns_questions.Inquiry":
            return dns_questions.Inquiry(servers, domains, path, times, (cache_size, clock), http)

        # Answers of the system's servers are forgotten with them: another network knows other names.
        if servers is None:
            self._inquiry = Watched(resolv_conf, inquiry).content
        else:
            given = inquiry(resolv_conf)
            self._inquiry = lambda: given
        self._hosts = None if hosts_file is None else HostsFile(hosts_file)
        self._clock = clock
        self._look_ups: set[asyncio.Task[list[dns_questions.Found]]] = set()
        self._is_closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*; of both families, asked for at once, for ``AF_UNSPEC``.

        Those from a name server have a ``ttl``. Raises ``OSError``, whose text names host and
        server: a ``socket.gaierror`` with ``EAI_NONAME`` where there is no address, with
        ``EAI_AGAIN`` where no server gave a proper answer in time.
        """
        if self._is_closed:
            raise OSError(None, "The resolver is closed")
        families = _FAMILIES.get(family)
        if families is None:
            raise socket.gaierror(socket.EAI_FAMILY, f"Cannot resolve {host!r}: {family!r} is no family of addresses")
        found = self._without_asking(host, families)
        if isinstance(found, str):
            found = await self._ask(found, families)
        return [self._result(host, port, address) for address in found]

    async def close(self) -> None:
        """End the look-ups under way, with ``OSError`` for who waits for them; returns when all is closed."""
        self._is_closed = True
        for look_up in self._look_ups:
            look_up.cancel()
        try:
            if self._look_ups:
                await asyncio.wait(self._look_ups)
        finally:
            await self._http.close()

    def _without_asking(self, host: str, families: tuple[int, ...]) -> list[_Address] | str:
        """Return what is known of *host* without a name server, else the name to ask one for."""
        number = address_family(host)
        if number is not None:
            if number not in families:
                raise _absent(host, "is an address of another family")
            return [(number, host, None)]
        asked = _as_name(host)
        name = asked.lower().removesuffix(".")
        if f".{name}".endswith(".localhost"):
            return [(family, _LOOP_BACK[family], None) for family in families]
        listed = self._hosts.addresses(name) if self._hosts is not None else ()
        found: list[_Address] = [(*known, None) for known in listed if known[0] in families]
        if not found and f".{name}".endswith(_NOT_IN_DNS):
            raise _absent(host, "is no name of the DNS")
        return found or asked

    async def _ask(self, name: str, families: tuple[int, ...]) -> list[_Address]:
        """Look up *name* in a task, which ends with the caller or with the resolver."""
        try:
            inquiry = self._inquiry()
        except OSError as exc:
            raise OSError(None, f"Cannot resolve {name}: {exc.strerror}") from exc
        look_up = asyncio.create_task(inquiry.find(name, families))
        self._look_ups.add(look_up)
        look_up.add_done_callback(self._look_ups.discard)
        try:
            await asyncio.wait((look_up,))
        finally:
            look_up.cancel()  # of one that is done, it only says that its error need not be heard of
        if look_up.cancelled():
            raise OSError(None, f"Cannot resolve {name}: the resolver was closed")
        return list(look_up.result())

    def _result(self, host: str, port: int, found: _Address) -> ResolveResult:
        family, address, until = found
        result = ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=NUMERIC)
        if until is not None:
            result["ttl"] = max(0.0, until - self._clock())
        return result


def _absent(host: str, why: str) -> socket.gaierror:
    return socket.gaierror(socket.EAI_NONAME, f"Cannot resolve {host!r}: it {why}")


def _as_name(host: str) -> str:
    """Return *host* as the DNS knows it, an international one as requests do (RFC 5890); raise for what is no name."""
    try:
        name = host if host.isascii() else URL.build(scheme="http", host=host).raw_host or ""
    except ValueError as exc:  # UnicodeError: a label that is empty, too long, or no IDNA
        raise _absent(host, f"is no host name: {exc}") from exc
    plain = name.removesuffix(".")
    if len(plain) > _LONGEST_NAME or not _NAME.fullmatch(plain):
        raise _absent(host, "is no host name")
    return name


def _as_domains(search: Any) -> list[str]:
    if isinstance(search, (str, bytes)) or not isinstance(search, Iterable):
        raise TypeError(f"search must be None or an iterable of str, domains, not {shown_value(search)}")
    domains = list(search)
    for domain in domains:
        if not isinstance(domain, str):
            raise TypeError(f"search: each must be str, a domain, not {shown_value(domain)}")
        if len(domain) > _LONGEST_NAME or not _NAME.fullmatch(domain.removesuffix(".")):
            raise ValueError(f"search: each must be a domain, not {shown_value(domain)}")
    return domains


def _check_time(name: str, value: Any, wanted: str) -> None:
    check_number(name, value, wanted)
    if not value > 0:
        raise ValueError(f"{name} must be {wanted}, not {shown_value(value)}")


def _check_path(name: str, value: Any) -> None:
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, not {shown_value(value)}")
