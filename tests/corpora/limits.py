"""Limits at n-1, n and n+1 (issue 2); each error names limit, value and parameter."""

from typing import Any

from .case import Case, request, response, to_request, to_response

CASES: list[Case] = []
LIMIT = "issue 2: limits"
DRIP = "CVE-2026-54277: counted over the reads"


def at(id: str, limit: int, parameter: str, build: Any, rule: str = DRIP, refused: str = "LineTooLong") -> None:
    """*build* makes data and messages of a size; at the limit and below they pass, above they do not."""
    for size in (limit - 1, limit, limit + 1):
        over = size > limit
        direction, data, good, partly = build(size)
        CASES.append(
            direction(
                f"limit-{id}-{limit}-{'over' if over else 'at' if size == limit else 'below'}",
                rule,
                data,
                *(partly if over else good),
                refused=refused if over else "",
                says=parameter if over else "",
                options={parameter: limit},
            )
        )


def method(size: int) -> Any:
    name = "M" * size
    return to_request, name.encode() + b" / HTTP/1.1\r\nHost: a\r\n\r\n", [request(name)], []


def target(size: int) -> Any:
    path = "/" + "a" * (size - 1)
    return to_request, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode(), [request(target=path)], []


def reason(size: int) -> Any:
    text = "r" * size
    good = response(200, text, (b"Content-Length: 0",))
    return to_response, f"HTTP/1.1 200 {text}\r\nContent-Length: 0\r\n\r\n".encode(), [good], []


def request_field(size: int) -> Any:
    field = b"X: " + b"v" * (size - 1)  # name and value are counted
    return (
        to_request,
        b"GET / HTTP/1.1\r\nHost: a\r\n" + field + b"\r\n\r\n",
        [request(headers=(b"Host: a", field))],
        [],
    )


def response_field(size: int) -> Any:
    field = b"Xyz: " + b"v" * (size - 3)
    data = b"HTTP/1.1 200 OK\r\n" + field + b"\r\nContent-Length: 0\r\n\r\n"
    return to_response, data, [response(headers=(field, b"Content-Length: 0"))], []


def field_name(size: int) -> Any:
    name = b"n" * size
    return (
        to_request,
        b"GET / HTTP/1.1\r\nHost: a\r\n" + name + b":\r\n\r\n",
        [request(headers=(b"Host: a", name + b": "))],
        [],
    )


def blanks(size: int) -> Any:
    # One blank behind the colon is not counted, all others are.
    line = b"X: " + b" " * (size - 2) + b"v"
    return (
        to_request,
        b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n",
        [request(headers=(b"Host: a", b"X: v"))],
        [],
    )


def trailing_blanks(size: int) -> Any:
    line = b"X: v" + b" " * (size - 2)
    return (
        to_request,
        b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n",
        [request(headers=(b"Host: a", b"X: v"))],
        [],
    )


def folded(size: int) -> Any:
    # A continuation line counts in full, without line ends.
    half = (size - 2) // 2
    rest = size - 2 - half
    data = b"HTTP/1.1 200 OK\r\nX: " + b"a" * half + b"\r\n " + b"b" * rest + b"\r\nContent-Length: 0\r\n\r\n"
    field = b"X: " + b"a" * half + b" " + b"b" * rest
    return to_response, data, [response(headers=(field, b"Content-Length: 0"))], []


CODING = b"Transfer-Encoding: chunked"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\n" + CODING + b"\r\n\r\n"


def chunked(body: bytes = b"", trailers: tuple[bytes, ...] = (), complete: bool = True) -> Any:
    headers = (b"Host: a", CODING)
    return request("POST", headers=headers, body=body, trailers=trailers, chunked=True, complete=complete)


def trailer(size: int) -> Any:
    field = b"X: " + b"v" * (size - 1)
    data = CHUNKED + b"1\r\nx\r\n0\r\n" + field + b"\r\n\r\n"
    return to_request, data, [chunked(b"x", (field,))], [chunked(b"x", complete=False)]


def headers(size: int) -> Any:
    more = [b"X%d: v" % i for i in range(size - 1)]
    data = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(line + b"\r\n" for line in more) + b"\r\n"
    return to_request, data, [request(headers=(b"Host: a", *more))], []


def response_headers(size: int) -> Any:
    lines = [b"Content-Length: 0", *(b"X: %d" % i for i in range(size - 1))]
    data = b"HTTP/1.1 200 OK\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
    return to_response, data, [response(headers=tuple(lines))], []


def headers_and_trailers(size: int) -> Any:
    more = [b"X%d: v" % i for i in range(size - 2)]
    data = CHUNKED + b"1\r\nx\r\n0\r\n" + b"".join(line + b"\r\n" for line in more) + b"\r\n"
    return to_request, data, [chunked(b"x", tuple(more))], [chunked(b"x", complete=False)]


def chunk_line(size: int) -> Any:
    data = CHUNKED + b"1;" + b"e" * (size - 2) + b"\r\nx\r\n0\r\n\r\n"
    return to_request, data, [chunked(b"x")], [chunked(complete=False)]


def chunk_zeros(size: int) -> Any:
    data = CHUNKED + b"0" * (size - 1) + b"1\r\nx\r\n0\r\n\r\n"
    return to_request, data, [chunked(b"x")], [chunked(complete=False)]


def last_chunk_line(size: int) -> Any:
    data = CHUNKED + b"1\r\nx\r\n" + b"0" * size + b"\r\n\r\n"
    return to_request, data, [chunked(b"x")], [chunked(b"x", complete=False)]


def extension_sum(size: int) -> Any:
    # The semicolon counts. Two chunks share the sum, the last one passes it.
    first = size // 2
    data = CHUNKED + b"1;" + b"e" * (first - 1) + b"\r\nx\r\n1;" + b"e" * (size - first - 1) + b"\r\ny\r\n0\r\n\r\n"
    return to_request, data, [chunked(b"xy")], [chunked(b"x", complete=False)]


def extension_flood(size: int) -> Any:
    # Each extension is two bytes; the size must be even to be met exactly, so one is longer.
    data = CHUNKED + b"1;" + b"e" * (size % 2 + 1) + b"\r\nx\r\n" + b"1;e\r\nx\r\n" * (size // 2 - 1) + b"0\r\n\r\n"
    count = size // 2
    over = [chunked(b"x" * (count - 1), complete=False)]
    return to_request, data, [chunked(b"x" * count)], over


for n in (20, 300):
    at("method", n, "max_line_size", method)
    at("target", n, "max_line_size", target)
    at("reason", n, "max_line_size", reason)
    at("field", n, "max_field_size", request_field)
    at("response-field", n, "max_field_size", response_field)
    at("field-name", n, "max_field_size", field_name)
    at("field-blanks", n, "max_field_size", blanks)
    at("field-blanks-behind", n, "max_field_size", trailing_blanks)
    at("field-folded", n, "max_field_size", folded)
    at("chunk-line", n, "max_chunk_line_size", chunk_line, "CVE-2024-22019, SECURITY 4.2")
    at("chunk-zeros", n, "max_chunk_line_size", chunk_zeros, "CVE-2024-22019, SECURITY 4.2")
    at("last-chunk-line", n, "max_chunk_line_size", last_chunk_line, "CVE-2024-22019, SECURITY 4.2")
    at("extensions", n, "max_chunk_extensions", extension_sum, "CVE-2023-39326, SECURITY 4.2")
for n in (40, 300):
    at("trailer", n, "max_field_size", trailer, "CVE-2026-22815")
at("extension-flood", 30, "max_chunk_extensions", extension_flood, "CVE-2023-39326, SECURITY 4.2")
for n in (3, 8, 128):
    at("headers", n, "max_headers", headers, "CVE-2026-22815", "TooManyHeaders")
    at("response-headers", n, "max_headers", response_headers, "CVE-2026-22815", "TooManyHeaders")
    at("headers-and-trailers", n, "max_headers", headers_and_trailers, "CVE-2026-22815", "TooManyHeaders")
for builder, parameter, n in (
    (target, "max_line_size", 8190),
    (reason, "max_line_size", 8190),
    (request_field, "max_field_size", 8190),
    (response_field, "max_field_size", 8190),
    (chunk_line, "max_chunk_line_size", 8190),
):
    at(f"default-{builder.__name__}", n, parameter, builder)


def first(id: str, data: bytes, refused: str, says: str, *messages: Any, **options: int) -> None:
    """Two things are wrong: what comes first in the bytes is reported."""
    CASES.append(
        to_request(
            f"first-{id}",
            "issue 2: a limit passed first is the one reported",
            data,
            *messages,
            refused=refused,
            says=says,
            options=options,
        )
    )


first(
    "target-limit-then-version", b"GET /aaaaaaaaaa HTTP/9.9\r\n\r\n", "LineTooLong", "max_line_size", max_line_size=10
)
first("target-byte-then-limit", b"GET /\0aaaaaaaaaa HTTP/1.1\r\n\r\n", "InvalidURLError", "", max_line_size=10)
first("method-byte-then-limit", b"G(TTTTTTTTTTT / HTTP/1.1\r\n\r\n", "BadHttpMethod", "", max_line_size=10)
first(
    "field-limit-then-byte",
    b"GET / HTTP/1.1\r\nA: bbbbbbbbbbbb\0\r\n\r\n",
    "LineTooLong",
    "max_field_size",
    max_field_size=10,
)
first("field-byte-then-limit", b"GET / HTTP/1.1\r\nA: \0bbbbbbbbbbbb\r\n\r\n", "InvalidHeader", "", max_field_size=10)
first("field-limit-on-bad-byte", b"GET / HTTP/1.1\r\nA: bbbbbbbbb\0\r\n\r\n", "InvalidHeader", "", max_field_size=10)
first("count-then-byte", b"GET / HTTP/1.1\r\nA: b\r\nB: \0\r\n\r\n", "TooManyHeaders", "max_headers", max_headers=1)
first("byte-then-count", b"GET / HTTP/1.1\r\nA: \0\r\nB: c\r\n\r\n", "InvalidHeader", "", max_headers=1)
first(
    "count-then-host-missing", b"GET / HTTP/1.1\r\nA: b\r\nB: c\r\n\r\n", "TooManyHeaders", "max_headers", max_headers=1
)
first(
    "host-twice-then-limit",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\nBbbbbbbb: bbbbb\r\n\r\n",
    "BadHttpMessage",
    "Host",
    max_field_size=10,
)
first("no-fields-allowed", b"GET / HTTP/1.0\r\nA: b\r\n\r\n", "TooManyHeaders", "max_headers", max_headers=0)
first(
    "chunk-byte-then-limit",
    CHUNKED + b"1;a\0aaaaaaaaaaaaa\r\n",
    "TransferEncodingError",
    "",
    chunked(complete=False),
    max_chunk_line_size=10,
)
first(
    "chunk-limit-then-byte",
    CHUNKED + b"1;aaaaaaaaaaaaa\0\r\n",
    "LineTooLong",
    "max_chunk_line_size",
    chunked(complete=False),
    max_chunk_line_size=10,
)
first(
    "extension-limit-then-line",
    CHUNKED + b"1;aaaaaaaaaaaaaaaaaaaa\r\n",
    "LineTooLong",
    "max_chunk_extensions",
    chunked(complete=False),
    max_chunk_line_size=15,
    max_chunk_extensions=10,
)
first(
    "line-limit-then-extension",
    CHUNKED + b"1;aaaaaaaaaaaaaaaaaaaa\r\n",
    "LineTooLong",
    "max_chunk_line_size",
    chunked(complete=False),
    max_chunk_line_size=10,
    max_chunk_extensions=15,
)
for id, data in (
    ("target", b"GET /" + b"a" * 20000),
    ("method", b"G" * 20000),
    ("name", b"GET / HTTP/1.1\r\n" + b"a" * 20000),
    ("value", b"GET / HTTP/1.1\r\nA: " + b"a" * 20000),
    ("blanks", b"GET / HTTP/1.1\r\nA: " + b" " * 20000),
    ("host", b"GET / HTTP/1.1\r\nHost: " + b"a" * 20000),
    ("length", b"GET / HTTP/1.1\r\nContent-Length: " + b"0" * 20000),
):
    CASES.append(to_request(f"endless-{id}", DRIP, data, refused="LineTooLong", says="8190"))
for id, data in (("size", b"0" * 20000), ("extension", b"1;" + b"a" * 20000), ("extensions", b"1" + b";a=b" * 5000)):
    CASES.append(
        to_request(
            f"endless-chunk-{id}",
            "SECURITY 4.2",
            CHUNKED + data,
            chunked(complete=False),
            refused="LineTooLong",
            says="8190",
        )
    )
CASES.append(
    to_request(
        "extension-flood-over-many-chunks",
        "CVE-2023-39326, SECURITY THREAT_MODEL (chunk-extension flood)",
        CHUNKED + (b"1;" + b"e" * 4000 + b"\r\nx\r\n") * 5 + b"0\r\n\r\n",
        chunked(b"xxxx", complete=False),
        refused="LineTooLong",
        says="max_chunk_extensions",
    )
)
CASES.append(
    to_request(
        "endless-fields",
        "CVE-2026-22815",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 1000,
        refused="TooManyHeaders",
        says="128",
    )
)
CASES.append(
    to_request(
        "endless-trailers",
        "CVE-2026-22815",
        CHUNKED + b"0\r\n" + b"A: b\r\n" * 1000,
        chunked(complete=False),
        refused="TooManyHeaders",
        says="128",
    )
)
CASES.append(
    to_request(
        "very-many-tiny-chunks",
        "CVE-2025-69229",
        CHUNKED + b"1\r\nx\r\n" * 300 + b"0\r\n\r\n",
        chunked(b"x" * 300),
    )
)
CASES.append(
    to_response("endless-reason", DRIP, b"HTTP/1.1 200 " + b"r" * 20000, refused="LineTooLong", says="max_line_size")
)
CASES.append(
    to_response(
        "endless-fold",
        DRIP,
        b"HTTP/1.1 200 OK\r\nA: b\r\n" + b" c\r\n" * 8000,
        refused="LineTooLong",
        says="max_field_size",
    )
)
