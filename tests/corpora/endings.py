"""Where messages end: pipelining, what follows a refused message, and the end of the connection at every stage."""
# ruff: noqa: PERF401

from .case import Case, chunks, request, response, to_request, to_response

CASES: list[Case] = []

PIPE = "RFC 9112 9.3.2, SECURITY 4.9: a valid message is delivered before a malformed one is refused"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
POST_IS = request("POST", "/p", (b"Host: a", b"Content-Length: 2"), b"hi")
CHUNKED = b"PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(
    b"ab", b"c", trailers=b"T: u\r\n"
)
CHUNKED_IS = request(
    "PUT", "/c", (b"Host: a", b"Transfer-Encoding: chunked"), b"abc", trailers=(b"T: u",), chunked=True
)
for id, data, messages in (
    ("two", GET * 2, [request()] * 2),
    ("ten", GET * 10, [request()] * 10),
    ("bodies", POST + GET + CHUNKED + POST, [POST_IS, request(), CHUNKED_IS, POST_IS]),
    ("chunked-twice", CHUNKED * 2, [CHUNKED_IS] * 2),
    ("empty-lines-between", GET + b"\r\n" + POST + b"\r\n\r\n" + GET, [request(), POST_IS, request()]),
    ("empty-line-behind", POST + b"\r\n", [POST_IS]),
):
    CASES.append(to_request(f"pipelined-{id}", PIPE, data, *messages))
for id, tail, refused in (
    ("garbage", b"\0\0\0\0", "BadHttpMethod"),
    ("bad-method", b"G(T / HTTP/1.1\r\n\r\n", "BadHttpMethod"),
    ("bad-version", b"GET / HTTP/2.0\r\n\r\n", "BadStatusLine"),
    ("no-host", b"GET / HTTP/1.1\r\n\r\n", "BadHttpMessage"),
    (
        "both",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "BadHttpMessage",
    ),
    ("fold", b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", "InvalidHeader"),
    ("lf", b"GET / HTTP/1.1\nHost: a\n\n", "BadStatusLine"),
    ("response", b"HTTP/1.1 200 OK\r\n\r\n", "BadHttpMethod"),
):
    CASES.append(to_request(f"malformed-behind-get-{id}", PIPE, GET + tail, request(), refused=refused))
    CASES.append(to_request(f"malformed-behind-post-{id}", PIPE, POST + tail, POST_IS, refused=refused))
    CASES.append(to_request(f"malformed-behind-chunked-{id}", PIPE, CHUNKED + tail, CHUNKED_IS, refused=refused))
SMUGGLE = "issue 2: nothing behind a refused message is read"
for id, data, messages, refused in (
    (
        "both",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\n" + GET,
        [],
        "BadHttpMessage",
    ),
    (
        "two-lengths",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 27\r\n\r\n" + GET,
        [],
        "BadHttpMessage",
    ),
    (
        "chunk-end",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n" + GET,
        [request("POST", headers=(b"Host: a", b"Transfer-Encoding: chunked"), body=b"x", chunked=True, complete=False)],
        "TransferEncodingError",
    ),
    (
        "extension-lf",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx\r\nx\r\n0\r\n\r\n" + GET,
        [request("POST", headers=(b"Host: a", b"Transfer-Encoding: chunked"), chunked=True, complete=False)],
        "TransferEncodingError",
    ),
    (
        "get-with-length",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n" + GET,
        [],
        "BadHttpMessage",
    ),
    ("length-blank-colon", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 27\r\n\r\n" + GET, [], "InvalidHeader"),
    ("nul-in-name", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length\0: 27\r\n\r\n" + GET, [], "InvalidHeader"),
):
    CASES.append(to_request(f"smuggled-{id}", SMUGGLE, data, *messages, refused=refused))
CASES.append(
    to_request(
        "get-with-body",
        "RFC 9110 9.3.1, RFC 9112 6.3: framing does not depend on the method",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 27\r\n\r\n" + GET + GET,
        request(headers=(b"Host: a", b"Content-Length: 27"), body=GET),
        request(),
    )
)
for name in ("HEAD", "DELETE", "OPTIONS", "TRACE"):
    CASES.append(
        to_request(
            f"{name}-with-body",
            "RFC 9112 6.3",
            f"{name} / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".encode() + GET,
            request(name, headers=(b"Host: a", b"Content-Length: 2"), body=b"hi"),
            request(),
        )
    )
CASES.append(
    to_request(
        "post-without-length",
        "RFC 9112 6.3 (7)",
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\n" + GET,
        request("POST"),
        request(),
    )
)
CASES.append(
    to_request(
        "behind-close",
        "RFC 9112 9.6: the server does not answer it, the parser reports it",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET,
        request(headers=(b"Host: a", b"Connection: close"), keep_alive=False),
        request(),
    )
)
for count in (26, 27, 28):
    behind = GET[:count]
    CASES.append(
        to_request(
            f"behind-body-{count}", "RFC 9112 6.3", POST + behind, POST_IS, *([request()] if count >= len(GET) else [])
        )
    )

EOF = "RFC 9112 8"
CASES.append(to_request("eof-nothing", EOF, b"", eof=True))
CASES.append(to_response("eof-nothing", EOF, b"", eof=True))
CASES.append(to_request("eof-between", EOF, GET, request(), eof=True))
CASES.append(to_request("eof-behind-body", EOF, POST, POST_IS, eof=True))
CASES.append(to_request("eof-behind-chunked", EOF, CHUNKED, CHUNKED_IS, eof=True))
for size in (1, 3, 4, 5, 6, 13, 14, 15, 16, 20, 21, 23, 24, 25):
    CASES.append(to_request(f"eof-in-head-{size:02}", EOF, GET[:size], eof=True, refused="BadHttpMessage"))
CASES.append(to_request("eof-in-second-head", EOF, GET + GET[:9], request(), eof=True, refused="BadHttpMessage"))
for size in range(1, 3):
    CASES.append(
        to_request(
            f"eof-in-body-{size}",
            EOF,
            POST[:-size],
            request("POST", "/p", (b"Host: a", b"Content-Length: 2"), b"hi"[:-size], complete=False),
            eof=True,
            refused="ContentLengthError",
            says=str(size),
        )
    )
start = len(CHUNKED) - len(chunks(b"ab", b"c", trailers=b"T: u\r\n"))
for size in range(start, len(CHUNKED)):
    got = {0: b"", 1: b"", 2: b"", 3: b"", 4: b"a"}.get(size - start, b"ab" if size - start < 11 else b"abc")
    CASES.append(
        to_request(
            f"eof-in-chunked-{size - start:02}",
            EOF,
            CHUNKED[:size],
            request("PUT", "/c", (b"Host: a", b"Transfer-Encoding: chunked"), got, chunked=True, complete=False),
            eof=True,
            refused="TransferEncodingError",
        )
    )
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
for size in (1, 4, 8, 9, 12, 13, 15, 16, 17, 20, 33, 34, 35, 36, 37):
    CASES.append(to_response(f"eof-in-head-{size:02}", EOF, ANSWER[:size], eof=True, refused="BadHttpMessage"))
for size in range(38, 43):
    CASES.append(
        to_response(
            f"eof-in-body-{size - 38}",
            EOF,
            ANSWER[:size],
            response(headers=(b"Content-Length: 5",), body=b"hello"[: size - 38], complete=False),
            eof=True,
            refused="ContentLengthError",
        )
    )
CASES.append(
    to_response("eof-complete", EOF, ANSWER, response(headers=(b"Content-Length: 5",), body=b"hello"), eof=True)
)
TE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
for id, data, got in (
    ("nothing", b"", b""),
    ("size", b"5", b""),
    ("size-line", b"5\r\n", b""),
    ("data", b"5\r\nhel", b"hel"),
    ("data-end", b"5\r\nhello", b"hello"),
    ("data-end-cr", b"5\r\nhello\r", b"hello"),
    ("chunk", b"5\r\nhello\r\n", b"hello"),
    ("last", b"5\r\nhello\r\n0\r\n", b"hello"),
    ("last-cr", b"5\r\nhello\r\n0\r\n\r", b"hello"),
    ("trailer", b"5\r\nhello\r\n0\r\nA: b\r\n", b"hello"),
    ("in-extension", b'5;a="b', b""),
):
    CASES.append(
        to_response(
            f"eof-in-chunked-{id}",
            EOF,
            TE + data,
            response(headers=(b"Transfer-Encoding: chunked",), body=got, chunked=True, complete=False),
            eof=True,
            refused="TransferEncodingError",
        )
    )
CASES.append(
    to_response(
        "eof-behind-head-response",
        EOF,
        ANSWER[:38],
        response(headers=(b"Content-Length: 5",)),
        prepare=("HEAD",),
        eof=True,
    )
)
CASES.append(
    to_response(
        "eof-behind-upgrade", EOF, b"HTTP/1.1 101 S\r\n\r\nx", response(101, "S", upgrade=True), rest=b"x", eof=True
    )
)
CASES.append(
    to_request(
        "eof-behind-connect",
        EOF,
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nx",
        request("CONNECT", "a:1", upgrade=True),
        rest=b"x",
        eof=True,
    )
)
CASES.append(to_request("eof-behind-error", EOF, b"GET /\0", eof=True, refused="InvalidURLError"))
