"""The serving side of the benchmarks: a process of its own, so that its CPU time does not count.

Not an HTTP server, only what answers the clients under test: it trusts what it reads, and
sends prepared bytes. It writes its port to standard output and ends when standard input does.

GET /          a small response: 8 fields and a JSON body of about 130 bytes
GET /json      15 fields and a JSON body of 10 kB
GET /...       the small response, whatever is asked for
POST /         the same, after the body was read
GET /bytes/N   N bytes with Content-Length
GET /gzip/N    N bytes of log lines, sent as gzip
PUT /          takes the body and answers with its length
"""

import asyncio
import contextlib
import gzip
import json
import random
import sys
from collections.abc import Callable
from functools import lru_cache

BODY = json.dumps(
    {"id": 4711, "name": "A small, realistic answer", "tags": ["http", "json"], "price": 12.5, "stock": 81, "ok": True}
).encode()
FIELDS = (
    b"Server: bench\r\n"
    b"Date: Sat, 01 Aug 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: %d\r\n"
    b"Cache-Control: private, max-age=60\r\n"
    b'ETag: "5d8c72a5edda8d6a"\r\n'
    b"Vary: Accept-Encoding\r\n"
    b"X-Request-ID: 7f2c1a90-53f5-4b0c-9b0e-0b8f8f1a2c3d\r\n"
    b"\r\n"
)
SMALL = b"HTTP/1.1 200 OK\r\n" + FIELDS % len(BODY) + BODY
ITEMS = [
    {"id": 1000 + n, "name": f"Item number {n}", "tags": ["new", "sale"], "price": n * 1.25, "stock": n % 17}
    for n in range(107)
]
DOCUMENT = json.dumps({"items": ITEMS, "page": 1, "next": None}).encode()
JSON_FIELDS = (
    b"Server: nginx/1.26.2\r\n"
    b"Date: Sat, 01 Aug 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: %d\r\n"
    b"Connection: keep-alive\r\n"
    b"Vary: Accept-Encoding, Origin\r\n"
    b"Cache-Control: private, max-age=0, must-revalidate\r\n"
    b'ETag: W/"5d8c72a5edda8d6a5d8c72a5edda8d6a"\r\n'
    b"Last-Modified: Fri, 31 Jul 2026 08:30:00 GMT\r\n"
    b"Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"X-Frame-Options: DENY\r\n"
    b"X-Request-ID: 7f2c1a90-53f5-4b0c-9b0e-0b8f8f1a2c3d\r\n"
    b"X-RateLimit-Remaining: 4987\r\n"
    b"Access-Control-Allow-Origin: *\r\n"
    b"\r\n"
)
JSON = b"HTTP/1.1 200 OK\r\n" + JSON_FIELDS % len(DOCUMENT) + DOCUMENT
PIECE = memoryview(random.Random(0).randbytes(1 << 18))
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n%sContent-Length: %d\r\n\r\n"


@lru_cache(4)
def zipped(size: int) -> bytes:
    """Return *size* bytes of a log file as gzip, about a fifth of it."""
    rng = random.Random(1)
    words = ["GET", "POST", "/api/items", "/static/app.js", "200", "304", "404", "Mozilla/5.0", "curl/8.5"]
    lines = []
    left = size
    while left > 0:
        line = f"192.0.2.{rng.randrange(256)} {' '.join(rng.choices(words, k=6))} {rng.randrange(100000)}\n".encode()
        lines.append(line)
        left -= len(line)
    return gzip.compress(b"".join(lines)[:size], 6, mtime=0)


class Server(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.head = b""
        self.left = 0  # bytes of the request's body that are still to come
        self.taken = 0
        self.answer: Callable[[], None] = self.small
        self.body: memoryview | None = None
        self.to_send = 0
        self.paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.set_write_buffer_limits(high=1 << 20)

    def data_received(self, data: bytes) -> None:
        if self.left:
            self.take(len(data))
            return
        if self.head:
            data = self.head + data
        if data.startswith(b"GET / ") and data.endswith(b"\r\n\r\n"):
            self.head = b""
            self.transport.write(SMALL)
            return
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self.head = data
            return
        self.head = b""
        self.request(data[:end], len(data) - end - 4)

    def request(self, head: bytes, more: int) -> None:
        method, target, _ = head.split(b" ", 2)
        self.taken = 0
        self.answer = self.count if method == b"PUT" else self.small
        fields = head.lower()
        if method == b"GET":
            self.get(target.decode())
        elif b"transfer-encoding: chunked" in fields:
            raise NotImplementedError("the benchmarks send a Content-Length")
        else:
            self.left = int(fields.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            if b"expect: 100-continue" in fields:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.take(more)

    def take(self, size: int) -> None:
        self.left -= size
        self.taken += size
        if self.left <= 0:
            self.left = 0
            self.answer()

    def small(self) -> None:
        self.transport.write(SMALL)

    def count(self) -> None:
        body = b'{"size": %d}' % self.taken
        self.transport.write(b"HTTP/1.1 200 OK\r\n" + FIELDS % len(body) + body)

    def get(self, target: str) -> None:
        _, kind, *rest = target.split("/")
        if kind == "bytes":
            size = int(rest[0])
            self.transport.write(STREAM % (b"", size))
            self.to_send = size
            self.pump()
        elif kind == "json":
            self.transport.write(JSON)
        elif kind == "gzip":
            data = zipped(int(rest[0]))
            self.transport.write(STREAM % (b"Content-Encoding: gzip\r\n", len(data)))
            self.transport.write(data)
        else:
            self.small()

    def pump(self) -> None:
        while self.to_send and not self.paused:
            piece = PIECE[: self.to_send]
            self.to_send -= len(piece)
            self.transport.write(piece)

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        self.pump()


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, backlog=8192)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    with contextlib.suppress(ImportError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(main())
