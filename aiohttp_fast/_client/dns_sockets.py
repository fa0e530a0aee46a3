"""Name servers that are asked by UDP, and by TCP where an answer is cut short (RFC 1035 4.2, RFC 7766 5).

On sockets of our own, without transports: they are closed whenever a question is given up, on any loop.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.message

from .dns_messages import parse
from .dns_servers import Server

__all__ = ("SocketServer",)

_LARGEST = 65535  # bytes of a DNS message
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class SocketServer:
    """The name server at an IP address."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __str__(self) -> str:
        return str(self._server)

    async def ask(self, question: dns.message.QueryMessage) -> dns.message.Message:
        """Return the answer; ``OSError`` for what goes wrong."""
        try:
            return await self._by_udp(question)
        except dns.message.Truncated:
            return await self._by_tcp(question)

    async def _by_udp(self, question: dns.message.QueryMessage) -> dns.message.Message:
        """Wait for what answers *question*; passes by all else, for anybody can send it."""
        loop = asyncio.get_running_loop()
        with self._socket(socket.SOCK_DGRAM) as (sock, address):
            sock.connect(address)  # so that answers of others, and other ports, are none
            await loop.sock_sendall(sock, question.to_wire())
            while True:
                wire = await loop.sock_recv(sock, _LARGEST)
                try:
                    return parse(wire, question, is_datagram=True)
                except OSError:
                    await asyncio.sleep(0)  # a flood of such does not stop the loop

    async def _by_tcp(self, question: dns.message.QueryMessage) -> dns.message.Message:
        loop = asyncio.get_running_loop()
        with self._socket(socket.SOCK_STREAM) as (sock, address):
            await loop.sock_connect(sock, address)
            await loop.sock_sendall(sock, question.to_wire(prepend_length=True))
            size = int.from_bytes(await _read(sock, 2), "big")
            return parse(await _read(sock, size), question)

    @contextmanager
    def _socket(self, kind: socket.SocketKind) -> Iterator[tuple[socket.socket, Any]]:
        """Give an open socket, and the server's address in the form that sockets want."""
        family, _, _, _, address = socket.getaddrinfo(*self._server, type=kind, flags=_NUMERIC)[0]
        with socket.socket(family, kind) as sock:
            sock.setblocking(False)
            yield sock, address


async def _read(sock: socket.socket, size: int) -> bytes:
    """Read *size* bytes; ``OSError`` where there are less."""
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < size:
        more = await loop.sock_recv(sock, size - len(data))
        if not more:
            raise OSError(None, "the connection was closed early")
        data += more
    return bytes(data)
