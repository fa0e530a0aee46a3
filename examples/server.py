"""A small HTTP/1.1 server for the demo and the tests: asyncio and the standard library, nothing else.

    python examples/server.py [--port 8080] [--tls cert.pem key.pem]

It prints the port it listens on and ends when standard input does.

GET  /                     a line of text
GET  /json                 a small JSON document
GET  /bytes/N              N bytes with Content-Length; ?chunked sends them chunked, ?close until the end
GET  /headers              the request's header as JSON
POST /upload               takes any body; answers how many bytes there were and their SHA-256
GET  /redirect/N           N redirects, then /json
GET  /cookies              the cookies as JSON; /cookies/set?name=value sets them and redirects there
GET  /gzip /deflate /br /zstd   a JSON document in that coding (501 where the library is missing)
GET  /slow/SECONDS         answers late
GET  /status/CODE          that status
"""

import argparse
import asyncio
import contextlib
import gzip
import hashlib
import http
import importlib
import json
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_HEAD = 1 << 16
PIECE = bytes(range(256)) * 256
CODED = json.dumps({"message": "compressed on its way", "numbers": list(range(500))}).encode()


class RefusedError(Exception):
    """A request that is answered with an error, after which the connection is closed."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Request:
    """A request's head; the body is read from ``body()``."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    unread: bool = True  # there may be a body that nobody has read

    def first(self, name: str) -> str | None:
        """Return the first value of a field."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the pieces of the body; at most once."""
        self.unread = False
        if (self.first("expect") or "").lower() == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if (self.first("transfer-encoding") or "").lower() == "chunked":
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                yield await self.reader.readexactly(size)
                await self.reader.readexactly(2)
            while (await self.reader.readline()).strip():
                pass
            return
        left = int(self.first("content-length") or 0)
        while left:
            piece = await self.reader.read(min(left, 1 << 18))
            if not piece:
                raise asyncio.IncompleteReadError(b"", left)
            left -= len(piece)
            yield piece


@dataclass
class Response:
    """An answer: *body* whole, or *pieces* of *size* bytes (None: chunked or until the end)."""

    body: bytes = b""
    status: int = 200
    kind: str = "text/plain; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: int | None = None
    framing: str = "length"  # of pieces: length, chunked or close


def as_json(value: object, **more: object) -> Response:
    """Answer with a JSON document."""
    return Response(json.dumps(value).encode(), kind="application/json", **more)


def number(text: str, most: int) -> int:
    """Return what *text* says, at most *most*."""
    if not (text.isascii() and text.isdigit()) or len(text) > 15 or int(text) > most:
        raise RefusedError(400, f"not a number up to {most}")
    return int(text)


async def hello(request: Request, rest: str) -> Response:
    """Answer / with a line."""
    return Response(b"Hello from examples/server.py\n")


async def document(request: Request, rest: str) -> Response:
    """Answer with a small document."""
    return as_json({"id": 4711, "name": "A small document", "tags": ["http", "json"], "ok": True})


async def octets(request: Request, rest: str) -> Response:
    """Answer with as many bytes as asked for."""
    names = {name for name, _ in request.query}
    framing = "chunked" if "chunked" in names else "close" if "close" in names else "length"
    return Response(kind="application/octet-stream", pieces=number(rest, 1 << 40), framing=framing)


async def headers(request: Request, rest: str) -> Response:
    """Answer with the header that came."""
    return as_json([[name, value] for name, value in request.headers])


async def upload(request: Request, rest: str) -> Response:
    """Take a body, say what it was."""
    digest, size = hashlib.sha256(), 0
    async for piece in request.body():
        digest.update(piece)
        size += len(piece)
    return as_json({"bytes": size, "sha256": digest.hexdigest(), "type": request.first("content-type")})


async def redirect(request: Request, rest: str) -> Response:
    """Send on, a number of times."""
    left = number(rest, 1000)
    return Response(status=302, headers=[("Location", f"/redirect/{left - 1}" if left > 1 else "/json")])


async def cookies(request: Request, rest: str) -> Response:
    """Show cookies, or set them."""
    if rest == "set":
        fields = [("Set-Cookie", f"{name}={value}; Path=/") for name, value in request.query]
        if any(ord(char) < 32 for _, text in fields for char in text):
            raise RefusedError(400, "no control characters in cookies")
        return Response(status=302, headers=[*fields, ("Location", "/cookies")])
    pairs = [
        part.strip().partition("=")[::2]
        for key, v in request.headers
        if key.lower() == "cookie"
        for part in v.split(";")
    ]
    return as_json(dict(pairs))


def _encoder(coding: str) -> Callable[[bytes], bytes] | None:
    """Return what makes a body of this coding; None where the library is missing."""
    if coding == "gzip":
        return gzip.compress
    if coding == "deflate":
        return zlib.compress
    names = ("brotli", "brotlicffi") if coding == "br" else ("compression.zstd", "backports.zstd")
    for name in names:
        with contextlib.suppress(ImportError):
            return importlib.import_module(name).compress
    return None


def coded(coding: str) -> Callable:
    """Return what answers in *coding*."""

    async def answer(request: Request, rest: str) -> Response:
        encode = _encoder(coding)
        if encode is None:
            return Response(f"no library for {coding}\n".encode(), 501)
        return Response(encode(CODED), kind="application/json", headers=[("Content-Encoding", coding)])

    return answer


async def slow(request: Request, rest: str) -> Response:
    """Answer late."""
    seconds = float(rest or 1)
    if not 0 <= seconds <= 60:
        raise RefusedError(400, "up to 60 seconds")
    await asyncio.sleep(seconds)
    return Response(b"at last\n")


async def status(request: Request, rest: str) -> Response:
    """Answer with a status."""
    code = number(rest, 599)
    if code < 200:
        raise RefusedError(400, "a final status, please")
    return Response(f"{code}\n".encode() if code not in (204, 304) else b"", code)


ROUTES: dict[str, Callable] = {
    "": hello, "json": document, "bytes": octets, "headers": headers, "upload": upload, "redirect": redirect,
    "cookies": cookies, "slow": slow, "status": status, **{n: coded(n) for n in ("gzip", "deflate", "br", "zstd")},
}  # fmt: skip


async def read_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """Return the next request, None when there is none."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise RefusedError(400, "incomplete head") from None
        return None
    except asyncio.LimitOverrunError:
        raise RefusedError(431, "head too long") from None
    line, *fields = head[:-4].decode("utf-8", "surrogateescape").split("\r\n")
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise RefusedError(400, "no request line")
    pairs = []
    for text in fields:
        name, colon, value = text.partition(":")
        if not colon or not name or name != name.strip():
            raise RefusedError(400, "no header field")
        pairs.append((name, value.strip()))
    target = urlsplit(parts[1])
    query = parse_qsl(target.query, keep_blank_values=True)
    return Request(parts[0], unquote(target.path), query, pairs, reader, writer)


async def send(response: Response, request: Request, keep: bool) -> None:
    """Write an answer."""
    writer = request.writer
    phrase = http.HTTPStatus(response.status).phrase if response.status in set(http.HTTPStatus) else "Status"
    lines = [f"HTTP/1.1 {response.status} {phrase}", "Server: example", f"Content-Type: {response.kind}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    if response.pieces is not None and response.framing == "chunked":
        lines.append("Transfer-Encoding: chunked")
    elif response.framing == "length" and response.status not in (204, 304):
        lines.append(f"Content-Length: {len(response.body) if response.pieces is None else response.pieces}")
    lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
    body = b"" if request.method == "HEAD" else response.body
    writer.write("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body)
    if response.pieces is not None and request.method != "HEAD":
        await send_pieces(response, writer)
    await writer.drain()


async def send_pieces(response: Response, writer: asyncio.StreamWriter) -> None:
    """Write a body of many bytes, no faster than they are taken."""
    left = response.pieces or 0
    while left:
        piece = PIECE[:left]
        left -= len(piece)
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if response.framing == "chunked" else piece)
        await writer.drain()
    if response.framing == "chunked":
        writer.write(b"0\r\n\r\n")


async def serve_one(request: Request) -> bool:
    """Answer a request; return whether the connection may be used again."""
    kind, _, rest = request.path.removeprefix("/").partition("/")
    if kind not in ROUTES:
        raise RefusedError(404, "nothing here")
    response = await ROUTES[kind](request, rest)
    if request.unread:
        async for _piece in request.body():
            pass
    keep = (request.first("connection") or "").lower() != "close" and response.framing != "close"
    await send(response, request, keep)
    return keep


async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve a connection until it ends."""
    request = None
    try:
        while (request := await read_head(reader, writer)) and await serve_one(request):
            pass
    except (RefusedError, ValueError) as error:
        code = error.status if isinstance(error, RefusedError) else 400
        empty = Request("GET", "/", [], [], reader, writer)
        with contextlib.suppress(OSError):
            await send(Response(f"{error}\n".encode(), code), request or empty, False)
    except (OSError, asyncio.IncompleteReadError):
        pass  # the client went away
    except asyncio.CancelledError:
        pass  # the server ends; nobody waits for this task, and asyncio's streams would log a traceback
    finally:
        writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()


def more_files() -> int:
    """Allow as many open files as the system lets us have; return their number, 512 where it does not tell."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        resource = importlib.import_module("resource")
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        wanted = 65536 if hard == resource.RLIM_INFINITY else hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return int(wanted)
    return 512


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    args = parser.parse_args()
    more_files()
    ports = []
    async with contextlib.AsyncExitStack() as stack:
        plain = await asyncio.start_server(connection, "127.0.0.1", args.port, backlog=8192, limit=MAX_HEAD)
        ports.append((await stack.enter_async_context(plain)).sockets[0].getsockname()[1])
        if args.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*args.tls)
            secure = await asyncio.start_server(connection, "127.0.0.1", 0, ssl=context, limit=MAX_HEAD)
            ports.append((await stack.enter_async_context(secure)).sockets[0].getsockname()[1])
        print(*ports, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    with contextlib.suppress(ImportError, KeyboardInterrupt):
        asyncio.run(main())
