"""Real name servers on the loop-back, over UDP, TCP and HTTPS, that answer as a test scripts them."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from tests.servers import Peer, Server, serve

Answer = Callable[[dns.message.Message, str], Any]  # of a query over "udp", "tcp" or "https"; None is silence

SOA = "SOA ns.test. root.test. 1 2 3 4"  # and the least time for which something is known not to be there


def zone(records: dict[str, list[str]], negative: str = f"60 {SOA} 30") -> Answer:
    """Answer from *records*, such as ``{"a.test": ["60 A 127.0.0.1"]}``; *negative* is the SOA of what is not there."""

    def answer(query: dns.message.Message, transport: str) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        name, wanted = query.question[0].name, query.question[0].rdtype
        for _ in range(20):
            known = records.get(name.to_text(omit_final_dot=True).lower())
            if known is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            found = [line.split(maxsplit=2) for line in known]
            if add(response, name, found, dns.rdatatype.to_text(wanted)):
                return response
            if not add(response, name, found, "CNAME"):
                break
            name = response.answer[-1][0].target
        if negative:
            ttl, kind, text = negative.split(maxsplit=2)
            response.authority.append(dns.rrset.from_text("test.", int(ttl), "IN", kind, text))
        return response

    return answer


def add(response: dns.message.Message, name: Any, found: list[list[str]], wanted: str) -> bool:
    texts = [(int(ttl), text) for ttl, kind, text in found if kind == wanted]
    if texts:
        response.answer.append(dns.rrset.from_text(name, texts[0][0], "IN", wanted, *(text for _, text in texts)))
    return bool(texts)


class NameServer:
    """``asked`` has name, type and transport of each question; ``address`` is what a resolver is told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.address = ""
        self.asked: list[tuple[str, str, str]] = []
        self.came = asyncio.Event()

    def reply(self, wire: bytes, transport: str) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        self.asked.append((name, dns.rdatatype.to_text(question.rdtype), transport))
        self.came.set()
        response = self.answer(query, transport)
        return response.to_wire() if isinstance(response, dns.message.Message) else response

    def names(self) -> list[str]:
        """Return the names that were asked for, in their order."""
        return [name for name, _, _ in self.asked]


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self.server = server

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        reply = self.server.reply(data, "udp")
        if reply is not None:
            self.transport.sendto(reply, addr)


@asynccontextmanager
async def name_server(answer: Answer) -> AsyncIterator[NameServer]:
    """Serve by UDP and TCP on one port."""
    server = NameServer(answer)

    async def talk(peer: Peer) -> None:
        while True:
            (size,) = struct.unpack("!H", await peer.reader.readexactly(2))
            reply = server.reply(await peer.reader.readexactly(size), "tcp")
            if reply is None:
                await peer.gone()
            else:
                await peer.send(struct.pack("!H", len(reply)) + reply)

    loop = asyncio.get_running_loop()
    for _ in range(20):  # a port that is free for TCP may be taken for UDP
        async with serve(talk) as tcp:
            try:
                there = ("127.0.0.1", tcp.url.port)
                transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(server), there)
            except OSError:
                continue
            server.address = f"127.0.0.1:{tcp.url.port}"
            try:
                yield server
            finally:
                transport.close()
            return
    raise OSError("no port is free for both TCP and UDP")


@asynccontextmanager
async def https_server(
    answer: Answer, tls: ssl.SSLContext, fields: tuple[bytes, ...] = ()
) -> AsyncIterator[tuple[NameServer, Server]]:
    """Serve by POST (RFC 8484); give the name server, whose address is a URL, and the web server that it is."""
    server = NameServer(answer)

    async def talk(peer: Peer) -> None:
        while True:
            _, body = await peer.request()
            reply = server.reply(body, "https")
            if reply is None:
                await peer.gone()
            else:
                await peer.answer(reply, b"Content-Type: application/dns-message", *fields)

    async with serve(talk, tls) as web:
        server.address = str(web.url / "dns-query")
        yield server, web


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asking(lib: Any, answer: Answer, **options: Any) -> AsyncIterator[tuple[Any, NameServer]]:
    """Give a resolver, and the name server that it asks by UDP and TCP."""
    async with name_server(answer) as server:
        resolver = lib.load().DNSResolver([server.address], **{"hosts_file": None, **options})
        try:
            yield resolver, server
        finally:
            await resolver.close()


def hosts_of(found: list[Any]) -> list[str]:
    """Return the hosts; dnspython, as a server, shuffles those of a family."""
    return sorted((address["host"] for address in found), key=lambda host: (":" not in host, host))
