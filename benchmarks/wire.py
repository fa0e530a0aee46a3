"""The wire rows: parse, serialise, mask, multipart. No socket; one class per contender."""

import asyncio
import ctypes
import importlib
from itertools import repeat
from typing import Any

import floor_c
from multidict import CIMultiDict
from parts import multipart

FIELDS = (
    ("Date", "Sat, 01 Aug 2026 12:00:00 GMT"),
    ("Server", "nginx/1.26.2"),
    ("Content-Type", "application/json; charset=utf-8"),
    ("Connection", "keep-alive"),
    ("Vary", "Accept-Encoding, Origin"),
    ("Cache-Control", "private, max-age=0, must-revalidate"),
    ("ETag", 'W/"5d8c72a5edda8d6a5d8c72a5edda8d6a"'),
    ("Last-Modified", "Fri, 31 Jul 2026 08:30:00 GMT"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("X-Request-ID", "7f2c1a90-53f5-4b0c-9b0e-0b8f8f1a2c3d"),
    ("X-RateLimit-Limit", "5000"),
    ("X-RateLimit-Remaining", "4987"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Access-Control-Allow-Origin", "*"),
    ("Content-Length", "0"),
)
REQUEST_FIELDS = (
    ("Host", "www.example.com:8080"),
    ("Connection", "keep-alive"),
    ("Cache-Control", "max-age=0"),
    ("Upgrade-Insecure-Requests", "1"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-User", "?1"),
    ("Sec-Fetch-Dest", "document"),
    ("Referer", "http://www.example.com:8080/articles/"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Accept-Language", "en-GB,en;q=0.9,fr;q=0.8"),
    ("Cookie", "session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes"),
    ("If-None-Match", 'W/"5d8c72a5edda8d6a5d8c72a5edda8d6a"'),
    ("X-Request-ID", "7f2c1a90-53f5-4b0c-9b0e-0b8f8f1a2c3d"),
)
LINES = {"response": "HTTP/1.1 200 OK", "request": "GET /articles/2026/a-title?page=2&sort=date HTTP/1.1"}
MESSAGES = {
    kind: "".join([line, "\r\n", *(f"{k}: {v}\r\n" for k, v in fields), "\r\n"]).encode()
    for (kind, line), fields in zip(LINES.items(), (FIELDS, REQUEST_FIELDS), strict=True)
}
KEY = b"\x12\x34\x56\x78"


class Sink:
    """Notes the last head."""

    head: Any = None

    def on_head(self, head: Any) -> None:
        self.head = head

    def on_body(self, data: bytes) -> None:
        raise ValueError("the messages have no body")

    def on_end(self, trailers: object) -> None:
        pass


class Fast:
    """aiohttp_fast, whichever core the environment chose."""

    module = "aiohttp_fast"

    def parse(self, count: int, kind: str, look: bool) -> None:
        module = importlib.import_module("aiohttp_fast._wire.http.parser")
        sink, message = Sink(), MESSAGES[kind]
        parser = module.RequestParser(sink) if kind == "request" else module.ResponseParser(sink)
        feed = parser.feed
        for _ in repeat(None, count):
            feed(message)
            if look:
                sink.head.headers["Date" if kind == "response" else "Host"]
        if len(sink.head.headers) != len(FIELDS if kind == "response" else REQUEST_FIELDS):
            raise ValueError("not all fields were found")

    def serialize(self, count: int) -> None:
        serialize = importlib.import_module("aiohttp_fast._wire.http.head").serialize_head
        line, fields = LINES["response"], CIMultiDict(FIELDS[:15])
        for _ in repeat(None, count):
            serialize(line, fields)

    def mask(self, count: int, size: int) -> None:
        mask = importlib.import_module("aiohttp_fast._wire.ws.mask").mask
        data = bytearray(size)
        for _ in repeat(None, count):
            mask(KEY, data)


class Aiohttp:
    """aiohttp, with its extensions or without."""

    module = "aiohttp"

    def parse(self, count: int, kind: str, look: bool) -> None:
        module = importlib.import_module("aiohttp.http_parser")
        protocol = importlib.import_module("aiohttp.base_protocol").BaseProtocol
        loop, message = asyncio.get_running_loop(), MESSAGES[kind]
        factory = module.HttpRequestParser if kind == "request" else module.HttpResponseParser
        feed = factory(protocol(loop), loop, 65536, read_until_eof=kind == "response").feed_data
        for _ in repeat(None, count):
            messages = feed(message)[0]
            if look:
                messages[0][0].headers["Date" if kind == "response" else "Host"]
        if len(messages[0][0].headers) != len(FIELDS if kind == "response" else REQUEST_FIELDS):
            raise ValueError("not all fields were found")

    def serialize(self, count: int) -> None:
        serialize = importlib.import_module("aiohttp.http_writer")._serialize_headers
        line, fields = LINES["response"], CIMultiDict(FIELDS[:15])
        for _ in repeat(None, count):
            serialize(line, fields)

    def mask(self, count: int, size: int) -> None:
        mask = importlib.import_module("aiohttp._websocket.helpers").websocket_mask
        data = bytearray(size)
        for _ in repeat(None, count):
            mask(KEY, data)


class Httptools:
    """httptools: llhttp with a Python callback per header."""

    def parse(self, count: int, kind: str, look: bool) -> None:
        module = importlib.import_module("httptools")

        class Collector:
            """Collects the fields, as every user of it does."""

            def on_message_begin(self) -> None:
                self.headers: list[tuple[bytes, bytes]] = []

            def on_header(self, name: bytes, value: bytes) -> None:
                self.headers.append((name, value))

            def on_headers_complete(self) -> None:
                pass

        collector, message = Collector(), MESSAGES[kind]
        factory = module.HttpRequestParser if kind == "request" else module.HttpResponseParser
        feed = factory(collector).feed_data
        for _ in repeat(None, count):
            feed(message)


class Floor:
    """C alone, or what stands nearest to it."""

    def parse(self, count: int, kind: str, look: bool) -> None:
        message = MESSAGES[kind]
        if floor_c.load().parse(1 if kind == "request" else 2, message, len(message), count):
            raise ValueError("llhttp refused the message")

    def serialize(self, count: int) -> None:
        join = b"".join
        line = LINES["response"].encode()
        fields = [(name.encode(), value.encode()) for name, value in FIELDS[:15]]
        pieces = [line, b"\r\n", *(part for k, v in fields for part in (k, b": ", v, b"\r\n")), b"\r\n"]
        for _ in repeat(None, count):
            join(pieces)

    def mask(self, count: int, size: int) -> None:
        data = bytearray(size)
        array = (ctypes.c_char * size).from_buffer(data)
        floor_c.load().mask(ctypes.addressof(array), size, KEY, count)


def make(setup: dict) -> Any:
    """Return the contender that the worker was started for."""
    name = setup["name"]
    for prefix, kind in (("aiohttp_fast", Fast), ("aiohttp", Aiohttp), ("httptools", Httptools), ("floor", Floor)):
        if name.startswith(prefix):
            return kind()
    raise ValueError(f"{name} has no wire work")


async def parse(client: Any, count: int, kind: str = "response", look: bool = False, **_: object) -> None:
    """Parse a message of 16 or 17 fields; with *look*, read one of them too."""
    client.parse(count, kind, look)


async def serialize(client: Any, count: int, **_: object) -> None:
    """Make bytes of a status line and 15 fields."""
    client.serialize(count)


async def mask(client: Any, count: int, size: int = 1024, **_: object) -> None:
    """Mask *size* bytes in place."""
    client.mask(count, size)


WORK = {function.__name__: function for function in (parse, serialize, mask, multipart)}
