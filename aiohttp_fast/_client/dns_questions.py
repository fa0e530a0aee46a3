"""Who is asked what, in which order and for how long, until a host name has addresses."""

import asyncio
import random
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from yarl import URL

from .._base.expiring import Expiring
from . import dns_messages
from .dns_https import HTTPSession, HTTPSServer
from .dns_names import LONGEST_NAME
from .dns_servers import Server
from .dns_sockets import SocketServer
from .resolv_conf import Settings

__all__ = ("Found", "Inquiry", "Times")

_ATTEMPT = 2.0  # seconds for one attempt, where nobody says another time
# Seconds for which one family waits for the other. RFC 8305 3 has 0.05, for clients that can add what comes late;
# ours cannot, and of a slow server the two answers may be further apart.
_DELAY = 0.25
_ENDLESS = 1e9  # seconds; not all loops can count further

Clock = Callable[[], float]
_Asked = SocketServer | HTTPSServer


class Times(NamedTuple):
    """Seconds for one attempt, None as the system says, and for a whole look-up."""

    attempt: float | None
    lifetime: float


class Found(NamedTuple):
    """An address, its family, and until when by the clock it may be kept."""

    family: int
    address: str
    until: float


class _Known(NamedTuple):
    """An answer, and until when by the clock it may be kept."""

    answer: dns_messages.Answer
    until: float


class Inquiry:
    """Asks the servers, and in the way, that *settings* say, URLs by *http*; keeps as many answers as *size*."""

    def __init__(
        self,
        settings: Settings,
        times: Times,
        size: int,
        clock: Clock,
        http: HTTPSession,
    ) -> None:
        self._settings = settings
        self._servers = [_asked(server, http) for server in settings.servers]
        self._attempt = times.attempt or settings.timeout or _ATTEMPT
        self._lifetime = times.lifetime
        self._known: Expiring[tuple[str, int], _Known] = Expiring(size, clock)
        self._clock = clock

    async def find(self, host: str, families: Sequence[int]) -> list[Found]:
        """Return the addresses of *host*, a name in ASCII, of all *families*; these are asked for at once.

        Raises ``socket.gaierror``: ``EAI_NONAME`` where there is none, ``EAI_AGAIN`` where no server says so.
        """
        failures: dict[str, str] = {}
        why = "no server answers"
        try:
            async with _limit(self._lifetime):
                found = await self._search(host, families, failures)
        except TimeoutError:
            found, why = None, f"no answer within {self._lifetime:g} seconds"
        if found is None:
            told = "; ".join(f"{server}: {failure}" for server, failure in failures.items())
            raise socket.gaierror(socket.EAI_AGAIN, f"Cannot resolve {host}: {why}: {told}")
        return found

    async def _search(self, host: str, families: Sequence[int], failures: dict[str, str]) -> list[Found] | None:
        """Return the addresses of the first candidate that has some; None where it is not known whether one has."""
        is_name = False
        for name in self._candidates(host):
            known = await self._ask_families(name, families, failures)
            found = [
                Found(family, address, one.until)
                for family, one in zip(families, known, strict=True)
                if one is not None
                for address in one.answer.addresses
            ]
            if found:
                return found
            if None in known:
                return None
            is_name = is_name or any(one.answer.is_name for one in known if one is not None)
        what = "the name has no such address" if is_name else "there is no such name"
        says = ", ".join(map(str, self._servers))
        raise socket.gaierror(socket.EAI_NONAME, f"Cannot resolve {host}: {what}, says {says}")

    def _candidates(self, host: str) -> Iterator[str]:
        """Give the names that *host* may stand for; those that are too long are none."""
        name = host.removesuffix(".")
        is_first = name != host or name.count(".") >= self._settings.ndots
        if is_first:
            yield name
        if name == host:
            longer = (f"{name}.{domain}" for domain in self._settings.search)
            yield from (one for one in longer if len(one) <= LONGEST_NAME)
        if not is_first:
            yield name

    async def _ask_families(self, name: str, families: Sequence[int], failures: dict[str, str]) -> list[_Known | None]:
        """Ask for all *families* at once; None for what has no answer, or none in time for one that has addresses."""
        asking = [asyncio.create_task(self._ask(name, family, failures)) for family in families]
        try:
            done, late = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            if late:
                known = [one.result() for one in done]
                has_some = any(one is not None and one.answer.addresses for one in known)
                await asyncio.wait(late, timeout=_DELAY if has_some else None)
        finally:
            for one in asking:
                one.cancel()
            await asyncio.wait(asking)
        return [None if one.cancelled() else one.result() for one in asking]

    async def _ask(self, name: str, family: int, failures: dict[str, str]) -> _Known | None:
        """Return what is known of *name*, or what the servers say; None where they say nothing."""
        key = (name.lower(), family)
        known = self._known.get(key)
        if known is None:
            answer = await self._ask_servers(name, family, failures)
            if answer is None:
                return None
            known = _Known(answer, self._clock() + answer.ttl)
            self._known.put(key, known, answer.ttl)
        return known

    async def _ask_servers(self, name: str, family: int, failures: dict[str, str]) -> dns_messages.Answer | None:
        """Ask one after the other, and again those that were silent, for as long as the caller lets it."""
        servers = random.sample(self._servers, len(self._servers)) if self._settings.rotate else self._servers
        while servers:
            silent: list[_Asked] = []
            for server in servers:
                failures[str(server)] = "timed out"
                question = dns_messages.question(name, family, self._settings.edns0)
                try:
                    async with _limit(self._attempt):
                        return dns_messages.read(await server.ask(question), family)
                except TimeoutError:
                    silent.append(server)
                except OSError as exc:
                    failures[str(server)] = exc.strerror or str(exc)
            servers = silent
        return None


def _limit(seconds: float) -> asyncio.Timeout:
    return asyncio.timeout(seconds if seconds < _ENDLESS else None)


def _asked(server: Server | URL, http: HTTPSession) -> _Asked:
    return HTTPSServer(server, http) if isinstance(server, URL) else SocketServer(server)
