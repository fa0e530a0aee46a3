"""A small httpbin: what the examples of the seeds ask of public servers, over ``tests.servers``."""

import asyncio
import base64
import gzip
import json
import zlib
from collections.abc import Awaitable, Callable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

import brotli
from multidict import CIMultiDict, MultiDict
from yarl import URL

from tests.servers import Peer

GIF = b"GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00"


class Request:
    """One request, taken apart."""

    def __init__(self, peer: Peer, head: bytes, body: bytes) -> None:
        line, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        self.peer = peer
        self.method, self.target, self.version = line.split(" ")
        self.headers = CIMultiDict(field.split(": ", 1) for field in fields)
        self.body = body
        path, _, self.query = self.target.partition("?")
        self.name, *self.parts = path.removeprefix("/").split("/")

    def args(self) -> dict[str, Any]:
        """Return the query as httpbin shows it: a list where a name comes more than once."""
        return as_json(MultiDict(parse_qsl(self.query, keep_blank_values=True)))

    def cookies(self) -> dict[str, str]:
        """Return the cookies that came along."""
        pairs = (pair.split("=", 1) for pair in self.headers.get("Cookie", "").split("; ") if pair)
        return dict(pairs)  # type: ignore[arg-type]

    def echo(self) -> dict[str, Any]:
        """Return what httpbin says about a request with a body."""
        shown: dict[str, Any] = {
            "method": self.method,
            "args": self.args(),
            "headers": dict(self.headers),
            "url": f"http://{self.headers['Host']}{self.target}",
            "target": self.target,
            "data": "", "form": {}, "files": {}, "json": None,
        }  # fmt: skip
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            shown["form"] = as_json(MultiDict(parse_qsl(self.body.decode(), keep_blank_values=True)))
        elif kind.startswith("multipart/"):
            shown["form"], shown["files"] = parts_of(kind, self.body)
        else:
            shown["data"] = self.body.decode("utf-8", "backslashreplace")
            if "json" in kind:
                shown["json"] = json.loads(self.body)
        return shown


def as_json(pairs: MultiDict[str]) -> dict[str, Any]:
    return {name: found[0] if len(found := pairs.getall(name)) == 1 else found for name in pairs}


def parts_of(kind: str, body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take a multipart body apart by means that are not under test."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    form, files = {}, {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if (filename := part.get_filename()) is None:
            form[name] = content.decode()
        else:
            files[name] = {"filename": filename, "type": part.get_content_type(), "content": content.decode("latin-1")}
    return form, files


async def reply_json(request: Request, value: Any, *fields: bytes, status: bytes = b"200 OK") -> None:
    await request.peer.answer(json.dumps(value).encode(), b"Content-Type: application/json", *fields, status=status)


# One function for each name of the first part of a path


async def echo(request: Request) -> None:
    await reply_json(request, request.echo())


async def events(request: Request) -> None:
    """The public time-line of the first examples."""
    await reply_json(request, [{"created_at": "2015-06-12T14:06:22Z", "public": True}], b"Server: GitHub.com")


async def cookies(request: Request) -> None:
    """``/cookies`` shows them, ``/cookies/set?a=b`` and ``/cookies/set/a/b`` set them and redirect there."""
    if request.parts[:1] != ["set"]:
        return await reply_json(request, {"cookies": request.cookies()})
    pairs = [request.parts[1:]] if request.parts[1:] else parse_qsl(request.query)
    setting = [f"Set-Cookie: {name}={value}; Path=/".encode() for name, value in pairs]
    return await request.peer.answer(b"", *setting, b"Location: /cookies", status=b"302 Found")


async def redirect(request: Request) -> None:
    """``/redirect/n?delay=seconds``: n redirects, each after that time, then ``/get``."""
    left = int(request.parts[0])
    await asyncio.sleep(float(dict(parse_qsl(request.query)).get("delay", 0)))
    where = b"/redirect/%d?" % (left - 1) + request.query.encode() if left > 1 else b"/get"
    await request.peer.answer(b"", b"Location: " + where, status=b"302 Found")


async def redirect_to(request: Request) -> None:
    """``/redirect-to?url=...&status_code=...``."""
    asked = dict(parse_qsl(request.query))
    status = asked.get("status_code", "302").encode()
    await request.peer.answer(b"", b"Location: " + asked["url"].encode(), status=status + b" There")


async def basic_auth(request: Request) -> None:
    """``/basic-auth/user/password``."""
    expected = "Basic " + base64.b64encode(":".join(request.parts).encode()).decode()
    if request.headers.get("Authorization") == expected:
        return await reply_json(request, {"authenticated": True, "user": request.parts[0]})
    return await request.peer.answer(b"", b'WWW-Authenticate: Basic realm="x"', status=b"401 Unauthorized")


def coded(name: bytes, encode: Callable[[bytes], bytes]) -> Callable[[Request], Awaitable[None]]:
    async def answer(request: Request) -> None:
        body = encode(json.dumps({"coded": name.decode(), "headers": dict(request.headers)}).encode())
        await request.peer.answer(body, b"Content-Type: application/json", b"Content-Encoding: " + name)

    return answer


async def stream_bytes(request: Request) -> None:
    """``/stream-bytes/n``: n bytes, chunked."""
    left = int(request.parts[0])
    await request.peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    at = 0
    while left:
        piece = bytes((at + i) & 255 for i in range(min(left, 1000)))
        await request.peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        at += len(piece)
        left -= len(piece)
    await request.peer.send(b"0\r\n\r\n")


async def delay(request: Request) -> None:
    """``/delay/seconds``: the head after that time; the client may leave before."""
    with_client = asyncio.ensure_future(request.peer.gone())
    await asyncio.wait([with_client], timeout=float(request.parts[0]))
    if with_client.done():
        raise ConnectionError
    with_client.cancel()
    await asyncio.wait([with_client])
    await echo(request)


async def status(request: Request) -> None:
    """``/status/n``."""
    await request.peer.answer(b"as asked", status=request.parts[0].encode() + b" As Asked")


async def text(request: Request) -> None:
    """``/text/charset?said=x``: Russian in that charset, which is stated as *said* or not at all."""
    said = dict(parse_qsl(request.query)).get("said")
    kind = b"Content-Type: text/plain" + (f"; charset={said}".encode() if said else b"")
    await request.peer.answer("Привет, Мир!".encode(request.parts[0]), kind)


async def typed(request: Request) -> None:
    """``/typed/type/subtype``: JSON, said to be of that type."""
    await request.peer.answer(b'{"a": 1}', b"Content-Type: " + "/".join(request.parts).encode())


async def response_headers(request: Request) -> None:
    """``/response-headers?Name=value``."""
    fields = [f"{name}: {value}".encode() for name, value in parse_qsl(request.query)]
    await request.peer.answer(b"{}", *fields)


async def image(request: Request) -> None:
    await request.peer.answer(GIF, b"Content-Type: image/gif")


ROUTES: dict[str, Callable[[Request], Awaitable[None]]] = {
    **dict.fromkeys(("", "get", "post", "put", "patch", "delete", "anything"), echo),
    "headers": echo,
    "events": events,
    "cookies": cookies,
    "redirect": redirect,
    "redirect-to": redirect_to,
    "basic-auth": basic_auth,
    "gzip": coded(b"gzip", gzip.compress),
    "deflate": coded(b"deflate", zlib.compress),
    "brotli": coded(b"br", brotli.compress),
    "stream-bytes": stream_bytes,
    "delay": delay,
    "status": status,
    "text": text,
    "typed": typed,
    "response-headers": response_headers,
    "image": image,
}


async def httpbin(peer: Peer) -> None:
    """A handler for ``serve``."""
    while True:
        request = Request(peer, *await peer.request())
        if request.method == "HEAD":
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Method: HEAD\r\n\r\n")
        elif request.method == "OPTIONS":
            await peer.answer(b"", b"Allow: GET, HEAD, OPTIONS")
        else:
            await ROUTES.get(request.name, echo)(request)


def url_of(server: Any, path: str) -> URL:
    """Return *path* of *server* as an example would have it."""
    return server.url.join(URL(path, encoded=True))  # type: ignore[no-any-return]
