"""Instructions per message of the compiled parser, counted by callgrind; prints name and figure.

``python benchmarks/counts_parser.py`` needs valgrind. With ``--aiohttp`` aiohttp's own compiled
parser is counted too. "lazy" looks at the framing facts only, "raw" at raw_headers, "both" at
raw_headers and headers. Each figure is the difference of a long and a short run, so the start of
the interpreter drops out.
"""

import asyncio
import importlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable

SHORT, LONG = 200, 2200

RESPONSE = (
    b"HTTP/1.1 200 OK\r\n"
    b"Date: Tue, 01 Jan 2030 00:00:00 GMT\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"Content-Length: 13\r\n"
    b"Connection: keep-alive\r\n"
    b"Server: nginx/1.25.3\r\n"
    b"Cache-Control: max-age=0, private, must-revalidate\r\n"
    b'ETag: W/"0123456789abcdef0123456789abcdef"\r\n'
    b"Vary: Accept-Encoding, Origin\r\n"
    b"X-Request-Id: 4d3f1b2a-1c2d-4e5f-8a9b-0c1d2e3f4a5b\r\n"
    b"Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"X-Frame-Options: DENY\r\n"
    b"Referrer-Policy: strict-origin-when-cross-origin\r\n"
    b"Set-Cookie: session=abcdef0123456789; Path=/; HttpOnly; Secure\r\n"
    b"X-Runtime: 0.012345\r\n"
    b"Via: 1.1 varnish\r\n"
    b"Age: 0\r\n"
    b"Accept-Ranges: bytes\r\n"
    b"\r\n"
    b'{"hello": 42}'
)
REQUEST = (
    b"GET /api/v1/items/12345?page=2&sort=desc HTTP/1.1\r\n"
    b"Host: www.example.com\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Safari/537.36\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Language: en-US,en;q=0.5\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\n"
    b"Connection: keep-alive\r\n"
    b"Referer: https://www.example.com/\r\n"
    b"Cookie: session=abcdef0123456789; theme=dark; lang=en\r\n"
    b"Upgrade-Insecure-Requests: 1\r\n"
    b"Sec-Fetch-Dest: document\r\n"
    b"Sec-Fetch-Mode: navigate\r\n"
    b"Sec-Fetch-Site: same-origin\r\n"
    b"Cache-Control: max-age=0\r\n"
    b"DNT: 1\r\n"
    b"X-Forwarded-For: 203.0.113.7\r\n"
    b"X-Request-Id: 4d3f1b2a-1c2d-4e5f\r\n"
    b"\r\n"
)
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nServer: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n"
) + b"10\r\n0123456789abcdef\r\n" * 16
CHUNKED += b"0\r\n\r\n"
PAYLOADS = {"response": RESPONSE, "request": REQUEST, "chunked": CHUNKED}


class Lazy:
    """A sink that looks at nothing."""

    def on_head(self, head: object) -> None: ...

    def on_body(self, data: bytes) -> None: ...

    def on_end(self, trailers: object) -> None: ...


class Raw(Lazy):
    """A sink that looks at raw_headers."""

    def on_head(self, head: object) -> None:
        _ = head.raw_headers


class Both(Lazy):
    """A sink that looks at raw_headers and headers."""

    def on_head(self, head: object) -> None:
        _ = head.raw_headers, head.headers


SINKS = {"lazy": Lazy, "raw": Raw, "both": Both}


def ours(kind: str, sink: str) -> Callable[[], object]:
    """One message through this package's parser."""
    module = importlib.import_module("aiohttp_fast._wire.http.parser_c")
    parser = (module.RequestParser if kind == "request" else module.ResponseParser)(SINKS[sink]())
    data = PAYLOADS[kind]
    return lambda: parser.feed(data)


def theirs(kind: str) -> Callable[[], object]:
    """One message through aiohttp's compiled parser, looking at raw_headers and headers."""
    # Imported here: the other figures are counted without the weight of aiohttp.
    module = importlib.import_module("aiohttp.http_parser")
    protocol = importlib.import_module("aiohttp.base_protocol").BaseProtocol
    loop = asyncio.new_event_loop()
    limits = {"max_line_size": 8190, "max_field_size": 8190}
    if kind == "request":
        parser = module.HttpRequestParser(protocol(loop), loop, 2**16, **limits)
    else:
        parser = module.HttpResponseParser(
            protocol(loop), loop, 2**16, response_with_body=True, read_until_eof=True, **limits
        )
    data = PAYLOADS[kind]

    def one() -> None:
        message = parser.feed_data(data)[0][0][0]
        _ = message.raw_headers, message.headers

    return one


def work(name: str) -> Callable[[], object]:
    """The function that the figure *name* counts."""
    library, kind, sink = name.split("-")
    return ours(kind, sink) if library == "ours" else theirs(kind)


def count(name: str, times: int) -> int:
    """Instructions of a whole process that does *name* so often."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"]
        command += [sys.executable, __file__, "--child", name, str(times)]
        run = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "0"}
        )
    return int(re.findall(r"Collected : (\d+)", run.stderr)[0])


def main(arguments: list[str]) -> None:
    """Print the figures, or be the counted child."""
    if arguments[:1] == ["--child"]:
        function = work(arguments[1])
        for _ in range(int(arguments[2])):
            function()
        return
    names = [f"ours-{kind}-{sink}" for kind in ("response", "request") for sink in SINKS] + ["ours-chunked-lazy"]
    if "--aiohttp" in arguments:
        names += ["aiohttp-response-both", "aiohttp-request-both", "aiohttp-chunked-both"]
    for name in names:
        print(f"parser {name:24} {(count(name, LONG) - count(name, SHORT)) // (LONG - SHORT):8}", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    main(sys.argv[1:])
