"""The server's side of a WebSocket for tests: written out by hand, so that it knows nothing of what it tests."""

import asyncio
import base64
import hashlib
import struct

from tests.servers import Peer

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def accept_of(head: bytes) -> bytes:
    key = head.lower().partition(b"sec-websocket-key:")[0]
    key = head[len(key) + len(b"sec-websocket-key:") :].partition(b"\r\n")[0].strip()
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


async def accept(peer: Peer, *fields: bytes, tail: bytes = b"") -> bytes:
    """Take the handshake; *tail* leaves in one packet with the answer. Return the request's head."""
    head = await peer.head()
    answer = (
        b"HTTP/1.1 101 Switching Protocols",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Accept: " + accept_of(head),
        *fields,
    )
    await peer.send(b"\r\n".join(answer) + b"\r\n\r\n" + tail)
    return head


async def read_frame(peer: Peer) -> tuple[int, bytes]:
    """Return first byte and unmasked payload of the client's next frame, which must be masked."""
    first, second = await peer.reader.readexactly(2)
    assert second & 0x80, "a client's frame must be masked"
    size = second & 0x7F
    if size == 126:
        (size,) = struct.unpack("!H", await peer.reader.readexactly(2))
        assert size > 125
    elif size == 127:
        (size,) = struct.unpack("!Q", await peer.reader.readexactly(8))
        assert size > 65535
    key = await peer.reader.readexactly(4)
    data = await peer.reader.readexactly(size)
    pad = (key * (size // 4 + 1))[:size]
    return first, (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


async def frames_until_gone(peer: Peer) -> list[tuple[int, bytes]]:
    """Return all frames up to the end of the connection."""
    found = []
    try:
        while True:
            found.append(await read_frame(peer))
    except (asyncio.IncompleteReadError, ConnectionError):
        return found


async def echo(peer: Peer) -> None:
    """Send every message back, and answer a Close."""
    await accept(peer)
    while True:
        first, data = await read_frame(peer)
        size = len(data)
        if size < 126:
            head = bytes((first, size))
        elif size < 1 << 16:
            head = struct.pack("!BBH", first, 126, size)
        else:
            head = struct.pack("!BBQ", first, 127, size)
        if first == 0x89:
            head = bytes((0x8A, size))
        await peer.send(head + data)
        if first == 0x88:
            return
