"""Real servers for the tests: asyncio ones that answer as a test scripts them."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from yarl import URL

Handler = Callable[["Peer"], Awaitable[None]]


class Peer:
    """One connection as the server sees it: requests read in full, answers as bytes."""

    def __init__(self, server: "Server", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer

    async def head(self) -> bytes:
        """Return the next request's head; raise ``IncompleteReadError`` when the client has gone."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.server.requests.append(head)
        return head

    async def request(self) -> tuple[bytes, bytes]:
        """Return head and body of the next request."""
        head = await self.head()
        lowered = head.lower()
        body = b""
        if b"content-length:" in lowered:
            size = int(lowered.partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await self.reader.readexactly(size)
        elif b"transfer-encoding: chunked" in lowered:
            while size := int((await self.reader.readuntil(b"\n")).partition(b";")[0], 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        self.server.bodies.append(body)
        return head, body

    async def send(self, data: bytes) -> None:
        """Write *data* and wait until it is taken."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: bytes = b"ok", *fields: bytes, status: bytes = b"200 OK") -> None:
        """Send a complete response."""
        head = b"\r\n".join((b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields))
        await self.send(head + b"\r\n\r\n" + body)

    async def gone(self) -> None:
        """Wait until the client has closed its side."""
        while await self.reader.read(1 << 16):
            pass

    def reset(self) -> None:
        """Close with a reset instead of an orderly end."""
        sock = self.writer.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        abort(self.writer)


def abort(writer: asyncio.StreamWriter) -> None:
    """End a connection at once; over TLS, CPython 3.11.2 cannot do that after two calls of ``close``."""
    with suppress(AttributeError):
        writer.transport.abort()


class Server:
    """Counts what came; ``url`` is where it listens."""

    def __init__(self) -> None:
        self.url = URL()
        self.connections = 0
        self.open = 0
        self.requests: list[bytes] = []
        self.bodies: list[bytes] = []
        self.peers: list[Peer] = []
        self.errors: list[BaseException] = []
        self.tasks: set[asyncio.Task[None]] = set()


@asynccontextmanager
async def serve(handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Server]:
    """Serve each connection by ``await handler(peer)``; its failures fail the test at the end."""
    server = Server()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        server.open += 1
        task = asyncio.current_task()
        server.tasks.add(task)
        server.peers.append(Peer(server, reader, writer))
        try:
            await handler(server.peers[-1])
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        except BaseException as exc:
            server.errors.append(exc)
        finally:
            server.open -= 1
            server.tasks.discard(task)
            writer.close()
            try:
                await writer.wait_closed()
            except (OSError, ssl.SSLError):
                pass

    listening = await asyncio.start_server(connected, host, 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server.url = URL.build(scheme="https" if tls else "http", host="localhost" if tls else host, port=port, path="/")
    try:
        yield server
    finally:
        listening.close()
        for task in list(server.tasks):
            task.cancel()
        if server.tasks:
            await asyncio.wait(list(server.tasks))
        await listening.wait_closed()
    if server.errors:
        raise server.errors[0]


async def keep_answering(peer: Peer) -> None:
    """A handler that answers every request of a connection with 200 and ``ok``."""
    while True:
        await peer.request()
        await peer.answer()


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go on until *condition* holds; fail if it never does."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)
