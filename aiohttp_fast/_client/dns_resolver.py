"""From host names to addresses by asking name servers: as long as their answers are true, and over HTTPS if wanted."""

import os
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from .._base.checks import check_callable, check_number, check_text, shown_value, whole
from .._base.later import later
from .._base.types import StrOrURL
from .._base.warn import users_place
from .._base.watched import Watched
from .abc import AbstractResolver, ResolveResult
from .connector.tls import SSLSetting, merge_ssl_params
from .dns_names import address_family, as_name, is_domain
from .dns_servers import as_servers
from .hosts_file import HOSTS_FILE, HostsFile
from .resolver import NUMERIC
from .shared_tasks import SharedTasks

if TYPE_CHECKING:
    from . import dns_https, dns_questions
    from . import resolv_conf as system
else:
    dns_https = later(".dns_https", __name__)
    dns_questions = later(".dns_questions", __name__)
    system = later(".resolv_conf", __name__)

__all__ = ("DNSResolver",)

_Address = tuple[int, str, float | None]  # family, number, and until when it may be kept, where that was told
_Path = str | os.PathLike[str]

_FAMILIES = {
    socket.AF_UNSPEC: (socket.AF_INET6, socket.AF_INET),  # in the order of RFC 6724 10.3
    socket.AF_INET: (socket.AF_INET,),
    socket.AF_INET6: (socket.AF_INET6,),
}
_LOOP_BACK: dict[int, str] = {socket.AF_INET6: "::1", socket.AF_INET: "127.0.0.1"}
_NOT_IN_DNS = (".invalid", ".onion")  # names that no server may see (RFC 6761 6.4, RFC 7686 2)


class DNSResolver(AbstractResolver):
    """Asks name servers from the event loop, and keeps each answer as long as its time to live says.

    Connectors are told that time, so theirs never keeps an address for longer. With None as *nameservers* the system's
    are asked, as ``resolv.conf`` says, which is read again when it has changed: its ``nameserver``, ``search`` and
    ``domain``, and of its ``options`` ``ndots``, ``timeout``, ``rotate`` and ``edns0``. Lines without sense are passed
    by; where no server is named, the one at 127.0.0.1 is asked. Each of *nameservers* is an IP address
    (``"192.0.2.1"``, ``"192.0.2.1:5353"``, ``"[2001:db8::1]:53"``), asked by UDP, and by TCP where an answer was cut
    short; or an ``https`` URL, asked by POST (RFC 8484) over HTTP/1.1, on connections that are kept. The host of a URL
    is looked up by the system, and *ssl* is the TLS setting for it, as that of ``TCPConnector``. Servers are asked in
    their order, and those that are silent again while there is time.

    *timeout* is for one attempt, None for what the system says (else 2), *lifetime* for all of a look-up, in seconds.
    *search* are domains that names may be relative to; None means the system's with the system's servers, none with
    others. *cache_size* is the number of answers that are kept, 0 for none; those that say that there is nothing are
    kept too (RFC 2308). *hosts_file* and *resolv_conf* are the system's files; None as *hosts_file* is for none.
    *clock* tells the seconds by which answers grow old.

    The hosts file goes before name servers; ``localhost`` and all below it are the loop-back (RFC 6761 6.3); names
    below ``invalid`` and ``onion`` are not asked for.

    Who makes a resolver closes it: a connector closes none that it was given. That matters with URLs: their
    connections stay open and belong to one event loop, ``RuntimeError`` in another. A resolver that is forgotten with
    such a connection is a ``ResourceWarning`` that names the line where it was made; without URLs, nothing stays open.

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

        def inquiry(settings: "system.Settings") -> "dns_questions.Inquiry":
            if domains is not None:
                settings = settings._replace(search=domains)
            return dns_questions.Inquiry(settings, times, cache_size, clock, http)

        # Answers of the system's servers are forgotten with them: another network knows other names.
        if servers is None:
            self._inquiry = Watched(resolv_conf, lambda path: inquiry(system.read_settings(path))).content
        else:
            given = inquiry(system.Settings(tuple(servers)))
            self._inquiry = lambda: given
        self._hosts = None if hosts_file is None else HostsFile(hosts_file)
        self._clock = clock
        self._look_ups: SharedTasks[list[dns_questions.Found]] = SharedTasks()
        self._is_closed = False
        self._made_at = users_place()

    def __del__(self, _warnings: Any = warnings) -> None:
        if hasattr(self, "_made_at") and self._http.forget():  # which is not there if the arguments were refused
            text = f"Unclosed resolver {self!r}, made at {self._made_at}"
            _warnings.warn(text, ResourceWarning, source=self, stacklevel=2)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of *host*; of both families, asked for at once, for ``AF_UNSPEC``.

        Those from a name server have a ``ttl``. Raises ``OSError``, whose text names host and
        server: a ``socket.gaierror`` with ``EAI_NONAME`` where there is no address, with
        ``EAI_AGAIN`` where no server gave a proper answer in time. Where one family has addresses, the other is waited
        for a moment only. Equal look-ups at the same time are one.
        """
        if self._is_closed:
            raise OSError(None, "The resolver is closed")
        check_text("host", host)
        families = _FAMILIES.get(family)
        if families is None:
            raise socket.gaierror(socket.EAI_FAMILY, f"Cannot resolve {host!r}: {family!r} is no family of addresses")
        found = self._without_asking(host, families)
        if isinstance(found, str):
            found = await self._ask(found, families)
        return [self._result(host, port, address) for address in found]

    async def close(self) -> None:
        """End the look-ups under way, with ``OSError`` for who waits for them; returns when all is closed.

        What belongs to another event loop ends when that goes on, and is not waited for.
        """
        self._is_closed = True
        try:
            await self._look_ups.close()
        finally:
            await self._http.close()

    def _without_asking(self, host: str, families: tuple[int, ...]) -> list[_Address] | str:
        """Return what is known of *host* without a name server, else the name to ask one for."""
        number = address_family(host)
        if number is not None:
            if number not in families:
                raise _absent(host, "is an address of another family")
            return [(number, host, None)]
        asked = as_name(host)
        name = asked.lower().removesuffix(".")
        if f".{name}".endswith(".localhost"):
            return [(family, _LOOP_BACK[family], None) for family in families]
        listed = self._hosts.addresses(name) if self._hosts is not None else ()
        found: list[_Address] = [(*known, None) for known in listed if known[0] in families]
        if not found and f".{name}".endswith(_NOT_IN_DNS):
            raise _absent(host, "is no name of the DNS")
        return found or asked

    async def _ask(self, name: str, families: tuple[int, ...]) -> list[_Address]:
        """Look up *name* in a task, which ends with the last of its callers or with the resolver."""
        inquiry = self._inquiry()
        key = (inquiry, name.lower(), families)
        found = await self._look_ups.result(key, lambda: inquiry.find(name, families))
        if found is None:
            raise OSError(None, f"Cannot resolve {name}: the resolver was closed")
        return list(found)

    def _result(self, host: str, port: int, found: _Address) -> ResolveResult:
        family, address, until = found
        result = ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=NUMERIC)
        if until is not None:
            result["ttl"] = max(0.0, until - self._clock())
        return result


def _absent(host: str, why: str) -> socket.gaierror:
    return socket.gaierror(socket.EAI_NONAME, f"Cannot resolve {host!r}: it {why}")


def _as_domains(search: Any) -> tuple[str, ...]:
    if isinstance(search, (str, bytes)) or not isinstance(search, Iterable):
        raise TypeError(f"search must be None or an iterable of str, domains, not {shown_value(search)}")
    domains = list(search)
    for domain in domains:
        if not isinstance(domain, str):
            raise TypeError(f"search: each must be str, a domain, not {shown_value(domain)}")
        if not is_domain(domain):
            raise ValueError(f"search: each must be a domain, not {shown_value(domain)}")
    return tuple(domain.removesuffix(".") for domain in domains)


def _check_time(name: str, value: Any, wanted: str) -> None:
    check_number(name, value, wanted)
    if not value > 0:
        raise ValueError(f"{name} must be {wanted}, not {shown_value(value)}")


def _check_path(name: str, value: Any) -> None:
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str):
        raise TypeError(f"{name} must be a path, not {shown_value(value)}")
    if "\0" in path:
        raise ValueError(f"{name} must be a path, which has no NUL, not {shown_value(value)}")
