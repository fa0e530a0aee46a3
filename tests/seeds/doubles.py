"""A WebSocket server and an HTTP proxy, small and by the letter, for the examples of the seeds."""

import asyncio
import base64
import hashlib
import struct
from contextlib import suppress

from tests.servers import Peer

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Socket:
    """The server's end of a WebSocket (RFC 6455), without extensions."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.fields: dict[str, str] = {}

    async def accept(self, protocol: str = "") -> None:
        """Answer the handshake; speak *protocol* where the client asked for one."""
        lines = (await self.peer.head()).decode().split("\r\n")
        self.fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        key = self.fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        answer = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
        answer.append(f"Sec-WebSocket-Accept: {accept}")
        if protocol and "sec-websocket-protocol" in self.fields:
            answer.append(f"Sec-WebSocket-Protocol: {protocol}")
        await self.peer.send(("\r\n".join(answer) + "\r\n\r\n").encode())

    async def send(self, opcode: int, data: bytes) -> None:
        """Send one frame."""
        size = len(data)
        if size < 126:
            head = bytes((0x80 | opcode, size))
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        await self.peer.send(head + data)

    async def receive(self) -> tuple[int, bytes]:
        """Return opcode and data of one frame, which must be masked."""
        first, second = await self.peer.reader.readexactly(2)
        assert second & 0x80, "a client masks"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self.peer.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.peer.reader.readexactly(8))
        key = await self.peer.reader.readexactly(4)
        data = await self.peer.reader.readexactly(size)
        return first & 0x0F, bytes(byte ^ key[at % 4] for at, byte in enumerate(data))

    async def end(self) -> None:
        """Answer what comes until the client closes, then close."""
        while True:
            opcode, data = await self.receive()
            if opcode == CLOSE:
                await self.send(CLOSE, data[:2])
                return
            if opcode == PING:
                await self.send(PONG, data)


async def proxy(peer: Peer) -> None:
    """Forward requests in absolute form, and tunnel for CONNECT; fields are kept in ``peer.server.requests``."""
    head = await peer.head()
    method, goal, _ = head.split(b"\r\n")[0].split(b" ")
    if method == b"CONNECT":
        host, _, port = goal.rpartition(b":")
        reader, writer = await asyncio.open_connection(host.decode().strip("[]"), int(port))
        await peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        authority, _, path = goal.removeprefix(b"http://").partition(b"/")
        host, _, port = authority.partition(b":")
        reader, writer = await asyncio.open_connection(host.decode(), int(port or 80))
        lines = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith(b"proxy-")]
        writer.write(b"\r\n".join([b"%s /%s HTTP/1.1" % (method, path), b"Connection: close", *lines]))
    try:
        await asyncio.gather(_pump(peer.reader, writer), _pump(reader, peer.writer))
    finally:
        writer.close()


async def refusing_proxy(peer: Peer) -> None:
    """Want credentials that nobody has."""
    await peer.head()
    await peer.answer(b"", b'Proxy-Authenticate: Basic realm="x"', status=b"407 Proxy Authentication Required")


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.close()
        await writer.wait_closed()
