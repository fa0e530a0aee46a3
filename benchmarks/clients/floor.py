"""The floor: what asyncio itself costs. A hand-written protocol, a future per request, hardly a check."""

import asyncio
import json
import os
import zlib
from collections import deque
from urllib.parse import quote, urlencode

from clients.payload import DOCUMENT, FIELDS, PIECE, queries, targets

try:
    from isal import isal_zlib as inflating
except ImportError:  # the extra is not installed
    inflating = zlib

BUFFER = memoryview(bytearray(1 << 18))  # shared by all connections: what it holds is consumed at once


class Connection(asyncio.BufferedProtocol):
    """One connection, one request at a time; keeps nothing of a body that is only counted."""

    __slots__ = ("counting", "inflate", "left", "loop", "partial", "size", "transport", "waiter", "writable")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.transport: asyncio.Transport | None = None
        self.waiter: asyncio.Future[bytes | int] | None = None
        self.partial = b""
        self.size = 0
        self.left = 0  # bytes of a counted body that are still to come
        self.counting = False
        self.inflate = None
        self.writable: asyncio.Event | None = None  # only while the transport is full

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def get_buffer(self, hint: int) -> memoryview:
        return BUFFER

    def buffer_updated(self, count: int) -> None:
        if self.left:
            self.take(BUFFER[:count])
            return
        data = self.partial + bytes(BUFFER[:count]) if self.partial else bytes(BUFFER[:count])
        head, found, body = data.partition(b"\r\n\r\n")
        if not found:
            self.partial = data
            return
        if head[:13] != b"HTTP/1.1 200 ":
            self.waiter.set_exception(ValueError(head[:80]))
            return
        at = head.find(b"\r\nContent-Length: ") + 18
        end = head.find(b"\r\n", at)
        size = int(head[at : end if end > 0 else None])
        if self.counting:
            self.partial = b""
            self.left = self.size = size
            self.take(memoryview(body))
        elif len(body) == size:
            self.partial = b""
            self.waiter.set_result(body)
        else:
            self.partial = data

    def take(self, piece: memoryview) -> None:
        self.left -= len(piece)
        if self.inflate is not None:
            self.size += len(self.inflate(piece))
        if not self.left:
            self.waiter.set_result(self.size)

    def pause_writing(self) -> None:
        self.writable = asyncio.Event()

    def resume_writing(self) -> None:
        self.writable.set()
        self.writable = None

    def ask(self, request: bytes) -> asyncio.Future:
        self.waiter = self.loop.create_future()
        self.transport.write(request)
        return self.waiter


class Client:
    """A pool of connections."""

    def __init__(self, port: int) -> None:
        self.port = port
        host = b"Host: 127.0.0.1:%d\r\n" % port
        usual = host + b"Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: floor\r\n"
        self.get_request = b"GET / HTTP/1.1\r\n" + usual + b"\r\n"
        self.usual = usual
        self.host = host
        self.targets = targets()
        self.queries = queries()
        self.idle: deque[Connection] = deque()

    async def open(self) -> None:
        self.loop = asyncio.get_running_loop()

    async def close(self) -> None:
        for connection in self.idle:
            connection.transport.close()
        self.idle.clear()
        await asyncio.sleep(0)

    async def connect(self) -> Connection:
        if self.idle:
            return self.idle.pop()
        return (await self.loop.create_connection(lambda: Connection(self.loop), "127.0.0.1", self.port))[1]

    async def get(self) -> bytes:
        return await self.ask(self.get_request)

    async def ask(self, request: bytes) -> bytes:
        connection = self.idle.pop() if self.idle else await self.connect()
        body = await connection.ask(request)
        self.idle.append(connection)
        return body

    async def get_json(self) -> object:
        return json.loads(await self.ask(b"GET /json HTTP/1.1\r\n%s\r\n" % self.usual))

    async def get_url(self) -> bytes:
        target = quote(next(self.targets), safe="/?&=%+").encode()
        return await self.ask(b"GET %s HTTP/1.1\r\n%s\r\n" % (target, self.usual))

    async def get_params(self) -> bytes:
        query = urlencode(next(self.queries)).encode()
        return await self.ask(b"GET /api/items?%s HTTP/1.1\r\n%s\r\n" % (query, self.usual))

    async def get_fields(self) -> bytes:
        fields = "".join([f"{name}: {value}\r\n" for name, value in FIELDS.items()]).encode()
        return await self.ask(b"GET /api/items/4711 HTTP/1.1\r\n%s%s\r\n" % (self.host, fields))

    async def life(self, requests: int) -> None:
        """A connection from its beginning to its end."""
        connection = await self.connect()
        for _ in range(requests):
            await connection.ask(self.get_request)
        connection.transport.close()

    async def form_upload(self, path: str) -> int:
        return await self.upload(path)

    async def post(self) -> object:
        connection = self.idle.pop() if self.idle else await self.connect()
        data = json.dumps(DOCUMENT).encode()
        head = b"POST / HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        body = await connection.ask(head % (self.usual, len(data)) + data)
        self.idle.append(connection)
        return json.loads(body)

    async def download(self, mode: str, size: int) -> int:
        connection = await self.connect()
        connection.counting = True
        kind = b"bytes"
        if mode == "gzip":
            kind = b"gzip"
            connection.inflate = inflating.decompressobj(31).decompress
        result = await connection.ask(b"GET /%s/%d HTTP/1.1\r\n%s\r\n" % (kind, size, self.usual))
        if mode == "gzip":
            result = size  # what the test of `inflate` counts includes the coded bytes
        connection.counting = False
        connection.inflate = None
        self.idle.append(connection)
        return result

    async def upload(self, path: str) -> int:
        connection = await self.connect()
        size = os.path.getsize(path)
        answer = connection.ask(b"PUT / HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (self.usual, size))
        with open(path, "rb") as file:
            try:
                await self.loop.sendfile(connection.transport, file, fallback=False)
            except (asyncio.SendfileNotAvailableError, NotImplementedError, RuntimeError):
                while piece := file.read(PIECE):
                    connection.transport.write(piece)
                    if connection.writable is not None:
                        await connection.writable.wait()
        result = json.loads(await answer)["size"]
        self.idle.append(connection)
        return result
