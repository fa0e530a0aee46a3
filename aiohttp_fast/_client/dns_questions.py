"""Questions to name servers and what their answers say, in the terms of dnspython, which is needed here."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import dns.asyncbackend
import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from .._base.expiring import Expiring
from .dns_https import HTTPSession, HTTPSServer
from .dns_servers import Server

__all__ = ("Found", "Inquiry", "Times")

_TYPES: dict[int, dns.rdatatype.RdataType] = {socket.AF_INET: dns.rdatatype.A, socket.AF_INET6: dns.rdatatype.AAAA}
_LARGEST_TTL = 2**31 - 1  # what is above counts as 0 (RFC 2181 8)
_LONGEST = 7 * 86400  # seconds for which an address is kept at most (RFC 8767 4)
_LONGEST_NEGATIVE = 3 * 3600  # ... and that there is none (RFC 2308 5)

Clock = Callable[[], float]


class Times(NamedTuple):
    """Seconds for one attempt, None as the system says, and for a whole look-up."""

    attempt: float | None
    lifetime: float


class Found(NamedTuple):
    """An address, its family, and until when by the clock it may be kept."""

    family: int
    address: str
    until: float


class _Answers:
    """Answers as long as they are true, by name and type; dnspython's resolver asks before it sends a question."""

    def __init__(self, size: int, clock: Clock) -> None:
        self._table: Expiring[Any, dns.resolver.Answer] = Expiring(size, clock)
        self._clock = clock

    def get(self, key: Any) -> dns.resolver.Answer | None:
        return self._table.get(key)

    def put(self, key: Any, answer: dns.resolver.Answer) -> None:
        ttl = _time_to_live(answer)
        answer.expiration = self._clock() + ttl
        self._table.put(key, answer, ttl)


def _time_to_live(answer: dns.resolver.Answer) -> int:
    """Return the least of the times along a chain of aliases; without SOA, nothing negative is kept (RFC 2308 5)."""
    ttl = answer.chaining_result.minimum_ttl
    if ttl > _LARGEST_TTL:
        return 0
    if answer.rrset is not None:
        return min(ttl, _LONGEST)
    is_told = any(rrset.rdtype == dns.rdatatype.SOA for rrset in answer.response.authority)
    return min(ttl, _LONGEST_NEGATIVE) if is_told else 0


class Inquiry:
    """Asks the *servers*, or those that the file *resolv_conf* names (on Windows: the system).

    *search* are domains that names may be relative to; None means the system's with the
    system's servers, and none with others. ``OSError`` where no server is known.
    """

    def __init__(
        self,
        servers: Sequence[Server] | None,
        search: Iterable[str] | None,
        resolv_conf: "str | os.PathLike[str]",
        times: Times,
        answers: tuple[int, Clock],
        http: HTTPSession,
    ) -> None:
        try:
            self._resolver = dns.asyncresolver.Resolver(os.fspath(resolv_conf), configure=servers is None)
        except (dns.exception.DNSException, ValueError) as exc:
            raise OSError(None, f"No name server is known, see {os.fspath(resolv_conf)}: {exc}") from exc
        if servers is not None:
            self._resolver.nameservers = [_nameserver(server, http) for server in servers]
        if search is not None:
            self._resolver.search = [_name(f"{domain.removesuffix('.')}.") for domain in search]
        self._is_relative = bool(self._resolver.search) if servers or search is not None else True
        self._resolver.lifetime = times.lifetime
        if times.attempt is not None:
            self._resolver.timeout = times.attempt
        self._resolver.cache = _Answers(*answers)
        self._backend = dns.asyncbackend.get_backend("asyncio")

    async def find(self, host: str, families: Sequence[int]) -> list[Found]:
        """Return the addresses of *host*, a name in ASCII, of all *families*; these are asked for at once.

        Raises ``socket.gaierror``: ``EAI_NONAME`` where there is none, ``EAI_AGAIN`` where no server says so.
        """
        name = _name(host)
        asked = await asyncio.gather(*(self._ask(name, family) for family in families), return_exceptions=True)
        found: list[Found] = []
        failures: list[BaseException] = []
        for family, answer in zip(families, asked, strict=True):
            if isinstance(answer, BaseException):
                failures.append(answer)
            else:
                found += [Found(family, record.address, answer.expiration) for record in answer]
        if not found:
            raise self._failure(host, failures)
        return found

    async def _ask(self, name: dns.name.Name, family: int) -> dns.resolver.Answer:
        search = self._is_relative
        return await self._resolver.resolve(name, _TYPES[family], search=search, backend=self._backend)

    def _failure(self, host: str, failures: list[BaseException]) -> BaseException:
        """Return the error to raise: that no server answers says less than that there is nothing."""
        unclear = [exc for exc in failures if not isinstance(exc, (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer))]
        if not unclear:
            is_absent = any(isinstance(exc, dns.resolver.NXDOMAIN) for exc in failures)
            what = "there is no such name" if is_absent else "the name has no such address"
            servers = ", ".join(map(str, self._resolver.nameservers))
            return socket.gaierror(socket.EAI_NONAME, f"Cannot resolve {host}: {what}, says {servers}")
        (cause, *_) = unclear
        if not isinstance(cause, dns.exception.DNSException):
            return cause
        error = socket.gaierror(socket.EAI_AGAIN, f"Cannot resolve {host}: {cause}")
        error.__cause__ = cause
        return error


def _nameserver(server: Server, http: HTTPSession) -> dns.nameserver.Nameserver:
    if server.url is None:
        return dns.nameserver.Do53Nameserver(server.address, server.port)
    return HTTPSServer(server.url, http)


def _name(host: str) -> dns.name.Name:
    return dns.name.Name([label.encode("ascii") for label in host.split(".")])
