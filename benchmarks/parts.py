"""The multipart rows: bodies in pieces of 64 KiB, fed to a StreamReader as fast as it takes them, and read."""

import asyncio
import importlib
from functools import cache
from typing import Any

BOUNDARY = "0123456789abcdef0123456789abcdef"
FIELDS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
PIECE = 1 << 16
LINE = b"0123456789 some text with line ends of both kinds\r\n and nothing that looks like a boundary\n--\r\n"


def part(name: str, kind: str, body: bytes, more: str = "") -> bytes:
    """One part as a browser sends it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + body + b"\r\n"


@cache
def form(fields: int, size: int) -> list[bytes]:
    """Return a form of so many text fields, and a file of *size* bytes if that is not 0, in pieces."""
    parts = [part(f"field{n}", "text/plain; charset=utf-8", b"the value of field %d" % n) for n in range(fields)]
    if size:
        file = (LINE * (size // len(LINE) + 1))[:size]
        parts.append(part("file", "application/octet-stream", file, '; filename="a.bin"'))
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return [body[start : start + PIECE] for start in range(0, len(body), PIECE)]


class Connection:
    """What a StreamReader needs of its connection: it can be held back."""

    transport = "a transport"
    connected = True
    _reading_paused = False

    def __init__(self, lib: Any, pieces: list[bytes]) -> None:
        self.loop = asyncio.get_running_loop()
        self.content = lib.StreamReader(self, 1 << 16, loop=self.loop)
        self.pieces = iter(pieces)
        self.loop.call_soon(self.feed)

    def pause_reading(self, **_: object) -> None:
        self._reading_paused = True

    def resume_reading(self, **_: object) -> None:
        if self._reading_paused:
            self._reading_paused = False
            self.loop.call_soon(self.feed)

    def feed(self) -> None:
        """Feed one piece, and come back for the next."""
        if self._reading_paused:
            return
        piece = next(self.pieces, b"")
        if piece:
            self.content.feed_data(piece)
            self.loop.call_soon(self.feed)
        else:
            self.content.feed_eof()


async def read(lib: Any, pieces: list[bytes], way: str) -> int:
    """Read all parts; return how many bytes they had."""
    size = 0
    async for item in lib.MultipartReader(FIELDS, Connection(lib, pieces).content):
        if way == "text" and item.name != "file":
            size += len(await item.text())
        elif way == "read_chunk":
            while chunk := await item.read_chunk():
                size += len(chunk)
        else:
            size += len(await item.read())
    return size


async def multipart(client: Any, count: int, fields: int = 0, size: int = 0, way: str = "text", **_: object) -> None:
    """Read the same body again and again."""
    lib = importlib.import_module(client.module)
    pieces = form(fields, size)
    expected = None
    for _i in range(count):
        found = await read(lib, pieces, way)
        if expected not in (None, found) or found < size:
            raise ValueError(f"{found} bytes instead of {expected or size}")
        expected = found
