"""Responses: status lines, lenient lines, and which of them have a body (RFC 9112 4 and 6.3)."""
# ruff: noqa: PERF401

from typing import Any

from .case import Case, chunks, response, to_response

CASES: list[Case] = []
END = b"Content-Length: 0\r\n\r\n"
ZERO = (b"Content-Length: 0",)


def good(id: str, rule: str, line: bytes, status: int, reason: str, **more: Any) -> None:
    """A status line that is fine, with its end."""
    CASES.append(to_response(id, rule, line + END, response(status, reason, ZERO, **more)))


def bad(id: str, rule: str, line: bytes, refused: str = "BadStatusLine", says: str = "", **options: Any) -> None:
    """A status line, with its end, that is refused."""
    CASES.append(to_response(id, rule, line + END, refused=refused, says=says, options=options))


STATUS = "RFC 9112 4"
good("status-200", STATUS, b"HTTP/1.1 200 OK\r\n", 200, "OK")
good("status-empty-reason", STATUS, b"HTTP/1.1 200 \r\n", 200, "")
good("status-no-reason", "RFC 9112 4, as aiohttp", b"HTTP/1.1 200\r\n", 200, "")
good("status-words", STATUS, b"HTTP/1.1 404 Not Found\r\n", 404, "Not Found")
good("status-blanks-in-reason", STATUS, b"HTTP/1.1 200  O\tK \r\n", 200, " O\tK ")
good("status-utf8-reason", STATUS, "HTTP/1.1 200 é\r\n".encode(), 200, "é")
good("status-obs-text-reason", STATUS, b"HTTP/1.1 200 \xff\r\n", 200, "\udcff")
for code in (200, 201, 299, 300, 399, 400, 451, 499, 500, 599, 600, 999):
    good(f"status-code-{code}", "RFC 9110 15", b"HTTP/1.1 %d X\r\n" % code, code, "X")
for code in ("000", "001", "099"):
    good(f"status-code-{code}", "RFC 9110 15: as a 5xx", f"HTTP/1.1 {code} X\r\n".encode(), int(code), "X")
good("status-1.0", STATUS, b"HTTP/1.0 200 OK\r\n", 200, "OK", version=(1, 0), keep_alive=False)
for id, code in (
    ("two-digits", b"20"),
    ("four-digits", b"2000"),
    ("one-digit", b"2"),
    ("none", b""),
    ("letters", b"abc"),
    ("hex", b"0xc"),
    ("exponent", b"1e2"),
    ("plus", b"+20"),
    ("minus", b"-20"),
    ("underscore", b"2_0"),
    ("arabic-digits", "\u0662\u0660\u0660".encode()),
    ("fullwidth-digits", "\uff12\uff10\uff10".encode()),
    ("latin1-superscript", b"20\xb2"),
    ("blank-first", b" 200"),
    ("tab-first", b"\t200"),
    ("point", b"2.0"),
    ("nul", b"20\0"),
):
    bad(f"status-code-{id}", "RFC 9112 4 (3DIGIT), CVE-2025-69224", b"HTTP/1.1 " + code + b" OK\r\n")
bad("status-no-blank-before-reason", STATUS, b"HTTP/1.1 200OK\r\n")
bad("status-tab-before-reason", STATUS, b"HTTP/1.1 200\tOK\r\n")
bad("status-tab-before-code", STATUS, b"HTTP/1.1\t200 OK\r\n")
bad("status-nul-in-reason", "CVE-2026-34520", b"HTTP/1.1 200 O\0K\r\n")
bad("status-cr-in-reason", "RFC 9112 2.2, CVE-2026-34519", b"HTTP/1.1 200 O\rK\r\n")
bad("status-cr-cr-lf", "RFC 9112 2.2", b"HTTP/1.1 200 OK\r\r\n")
bad("status-bare-cr-behind-code", "llhttp #865", b"HTTP/1.1 200\rOK\r\n")
bad("status-smuggled-field", "llhttp #865", b"HTTP/1.1 200 OK\rContent-Length: 5\r\n")
bad("status-blank-before", STATUS, b" HTTP/1.1 200 OK\r\n")
bad("status-request", STATUS, b"GET / HTTP/1.1\r\n")
bad("status-garbage", STATUS, b"garbage\r\n")
bad("status-tls-alert", STATUS, b"\x15\x03\x01\0\x02\x02\x46\r\n")
bad("status-nul", STATUS, b"\0HTTP/1.1 200 OK\r\n")
bad("status-only-version", STATUS, b"HTTP/1.1\r\n")
bad("status-shown", "issue 2: offending bytes as repr", b"HTTP/1.1 2x0 OK\r\n", says="2x")
for text in [
    "HTTP/0.9",
    "HTTP/2.0",
    "HTTP/2",
    "HTTP/3.0",
    "HTTP/1.2",
    "HTTP/9.9",
    "HTTP/11",
    "HTTP/1",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/1.10",
    "HTTP/01.1",
    "HTTP/1,1",
    "HTTP/-1.1",
    "HTTP/1.x",
    "HTTP/",
    "HTTP",
    "http/1.1",
    "Http/1.1",
    "HTTPS/1.1",
    "XHTTP/1.1",
    "RTSP/1.0",
    "ICE/1.0",
    "ICY",
    "SIP/2.0",
    "HTTP\\1.1",
    "HTTP//1.1",
]:
    bad(f"status-version-{text}", "RFC 9112 2.3", f"{text} 200 OK\r\n".encode())
bad("status-version-unicode-digit", "CVE-2025-69224", "HTTP/\u0661.1 200 OK\r\n".encode())
bad("status-control-in-reason-strict", STATUS, b"HTTP/1.1 200 O\x01K\r\n", lenient=False)
bad("status-no-reason-strict", STATUS, b"HTTP/1.1 200\r\n", lenient=False)
good("status-control-in-reason-lenient", "as aiohttp", b"HTTP/1.1 200 O\x01K\r\n", 200, "O\x01K")
EMPTY = "RFC 9112 2.2"
for id, lines in (("crlf", b"\r\n"), ("many", b"\r\n" * 20), ("lf", b"\n"), ("mixed", b"\n\r\n\n"), ("cr", b"\r")):
    good(f"empty-lines-before-{id}", EMPTY, lines + b"HTTP/1.1 200 OK\r\n", 200, "OK")
for id, lines in (("lf", b"\n"), ("cr", b"\r"), ("crlf-lf", b"\r\n\n"), ("blank", b" \r\n")):
    bad(f"empty-lines-before-{id}-strict", EMPTY, lines + b"HTTP/1.1 200 OK\r\n", lenient=False)

# -- field lines -----------------------------------------------------------------------------

FIELD = "RFC 9112 5, leniently as aiohttp"


def lines(id: str, rule: str, data: bytes, *headers: bytes, refused: str = "", strict: str = "", **more: Any) -> None:
    """Field lines of a response; *strict* is what ``lenient=False`` refuses them with, if it does."""
    whole = b"HTTP/1.1 200 OK\r\n" + data + END
    if refused:
        CASES.append(to_response(id, rule, whole, refused=refused))
    else:
        CASES.append(to_response(id, rule, whole, response(headers=(*headers, *ZERO), **more)))
    if strict:
        CASES.append(to_response(f"{id}-strict", rule, whole, refused=strict, options={"lenient": False}))
    elif not refused:
        expected = response(headers=(*headers, *ZERO), **more)
        CASES.append(to_response(f"{id}-strict", rule, whole, expected, options={"lenient": False}))


lines("field-plain", FIELD, b"A: b\r\nC:d\r\n", b"A: b", b"C: d")
lines("field-blanks", FIELD, b"A: \t b \t\r\n", b"A: b")
lines("field-empty", FIELD, b"A:\r\nB: \r\n", b"A: ", b"B: ")
lines("field-obs-text", FIELD, b"A: \xff\x80\r\n", b"A: \xff\x80")
lines("field-host-twice", FIELD, b"Host: a\r\nHost: b\r\n", b"Host: a", b"Host: b")
lines(
    "field-set-cookie-twice", FIELD, b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n", b"Set-Cookie: a=b", b"Set-Cookie: c=d"
)
lines("field-control", FIELD, b"A: b\x01\x0b\x7fc\r\n", b"A: b\x01\x0b\x7fc", strict="InvalidHeader")
lines("field-bare-lf", FIELD, b"A: b\nC: d\n", b"A: b", b"C: d", strict="InvalidHeader")
lines("field-fold", FIELD, b"A: b\r\n c\r\n", b"A: b c", strict="InvalidHeader")
lines("field-fold-tab", FIELD, b"A: b\r\n\tc\r\n", b"A: b c", strict="InvalidHeader")
lines("field-fold-empty-first", FIELD, b"A:\r\n c\r\n", b"A: c", strict="InvalidHeader")
lines("field-fold-empty-second", FIELD, b"A: b\r\n \r\n", b"A: b", strict="InvalidHeader")
lines("field-fold-twice", FIELD, b"A: b\r\n c\r\n d\r\n", b"A: b c d", strict="InvalidHeader")
lines("field-fold-blanks", FIELD, b"A: b  \r\n \t c\r\n", b"A: b c", strict="InvalidHeader")
lines("field-fold-lf", FIELD, b"A: b\n c\n", b"A: b c", strict="InvalidHeader")
lines("field-fold-colon", FIELD, b"A: b\r\n Content-Length: 5\r\n", b"A: b Content-Length: 5", strict="InvalidHeader")
lines("field-nul", "CVE-2026-34520", b"A: b\0c\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-nul-only", "CVE-2026-34520", b"A: \0\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-bare-cr", EMPTY, b"A: b\rc\r\n", refused="InvalidHeader", strict="InvalidHeader")
for id, data in (
    ("bare-cr-behind-colon", b"A:\rB: c\r\n"),
    ("bare-cr-behind-colon-and-blank", b"A: \rB: c\r\n"),
    ("bare-cr-behind-colon-smuggled", b"A:\rContent-Length: 5\r\n"),
    ("blanks-only-first-line", b" \r\nA: b\r\n"),
    ("blanks-only-first-line-lf", b" \nA: b\r\n"),
    ("tab-only-first-line-lf", b"\t\nA: b\r\n"),
):
    lines(f"field-{id}", "RFC 9112 2.2", data, refused="InvalidHeader", strict="InvalidHeader")
for id, data in (
    ("length", b"Content-Length:\r5\r\n\r\nhello"),
    ("coding", b"Transfer-Encoding:\rchunked\r\n\r\n0\r\n\r\n"),
):
    for lenient in (True, False):
        CASES.append(
            to_response(
                f"field-bare-cr-behind-colon-{id}-{'lenient' if lenient else 'strict'}",
                "RFC 9112 2.2",
                b"HTTP/1.1 200 OK\r\n" + data,
                refused="InvalidHeader BadHttpMessage",
                options={"lenient": lenient},
            )
        )
lines("field-cr-cr-lf", EMPTY, b"A: b\r\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-bare-cr-smuggled", EMPTY, b"A: b\rContent-Length: 5\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-head-end-cr-x", "SECURITY 2", b"A: b\r\n\rX", refused="InvalidHeader", strict="InvalidHeader")
lines("field-blank-before-colon", FIELD, b"A : b\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-blank-in-name", FIELD, b"A B: b\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-no-colon", FIELD, b"A\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-no-name", FIELD, b": b\r\n", refused="InvalidHeader", strict="InvalidHeader")
lines("field-blank-first-line", "RFC 9112 2.2", b" A: b\r\n", refused="InvalidHeader", strict="InvalidHeader")
for byte in (0x00, 0x01, 0x0B, 0x28, 0x40, 0x7F, 0x80, 0xC3, 0xFF):
    lines(f"field-name-byte-{byte:02x}", FIELD, b"A%cB: c\r\n" % byte, refused="InvalidHeader", strict="InvalidHeader")
FOLD = "RFC 9112 5.2, never in what frames the body"
for id, field in (
    ("length", b"Content-Length: 5\r\n 0\r\n\r\n"),
    ("coding", b"Transfer-Encoding: gzip\r\n ,chunked\r\n\r\n"),
):
    CASES.append(to_response(f"fold-{id}", FOLD, b"HTTP/1.1 200 OK\r\n" + field, refused="InvalidHeader"))
for id, data in (
    ("all-lf", b"HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\nhi"),
    ("end-lf", b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\nhi"),
    ("end-crlf", b"HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\r\nhi"),
    ("status-lf", b"HTTP/1.1 200 OK\nA: b\r\nContent-Length: 2\r\n\r\nhi"),
):
    CASES.append(to_response(f"lf-{id}", FIELD, data, response(headers=(b"A: b", b"Content-Length: 2"), body=b"hi")))
CASES.append(
    to_response(
        "lf-head-end-then-crlf-crlf-in-body",
        FIELD,
        b"HTTP/1.1 200 OK\nContent-Length: 6\n\nA\r\n\r\nB",
        response(headers=(b"Content-Length: 6",), body=b"A\r\n\r\nB"),
    )
)
for id, field, alive in (
    ("close", b"Connection: close", False),
    ("close-tab", b"Connection: a,\tclose", False),
    ("keep-alive", b"Connection: keep-alive", True),
    ("other", b"Connection: closed", True),
    ("quoted", b'Connection: "close"', True),
    ("proxy-connection-is-no-standard", b"Proxy-Connection: close", True),
):
    lines(f"connection-{id}", "RFC 9112 9.3", field + b"\r\n", field, keep_alive=alive)

# -- bodies ----------------------------------------------------------------------------------

BODY = "RFC 9112 6.3"
OK = b"HTTP/1.1 200 OK\r\n"
NEXT = OK + b"Content-Length: 2\r\n\r\nhi"
NEXT_IS = response(headers=(b"Content-Length: 2",), body=b"hi")


def then_next(id: str, rule: str, head: bytes, status: int, reason: str, *headers: bytes, **how: Any) -> None:
    """A response without a body: the next one follows its head at once."""
    chunked = how.pop("chunked", False)
    first = response(status, reason, headers, chunked=chunked)
    CASES.append(to_response(id, rule, head + NEXT, first, NEXT_IS, **how))


for code in (204, 304):
    line = b"HTTP/1.1 %d N\r\n" % code
    then_next(f"no-body-{code}", BODY, line + b"\r\n", code, "N")
    then_next(f"no-body-{code}-length", BODY, line + b"Content-Length: 5\r\n\r\n", code, "N", b"Content-Length: 5")
    coding = b"Transfer-Encoding: chunked"
    then_next(f"no-body-{code}-chunked", BODY, line + coding + b"\r\n\r\n", code, "N", coding, chunked=True)
head = {"prepare": ("HEAD",)}
then_next("no-body-head", BODY, OK + b"\r\n", 200, "OK", **head)
then_next("no-body-head-length", BODY, OK + b"Content-Length: 5\r\n\r\n", 200, "OK", b"Content-Length: 5", **head)
then_next(
    "no-body-head-404", BODY, b"HTTP/1.1 404 N\r\nContent-Length: 5\r\n\r\n", 404, "N", b"Content-Length: 5", **head
)
coding = b"Transfer-Encoding: chunked"
then_next("no-body-head-chunked", BODY, OK + coding + b"\r\n\r\n", 200, "OK", coding, chunked=True, **head)
CASES.append(
    to_response(
        "head-is-for-one-response",
        BODY,
        OK + b"Content-Length: 5\r\n\r\n" + NEXT + NEXT,
        response(headers=(b"Content-Length: 5",)),
        NEXT_IS,
        NEXT_IS,
        prepare=("HEAD",),
    )
)
CASES.append(
    to_response(
        "head-interim-first",
        "RFC 9110 15.2",
        b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\n" + NEXT,
        response(103, "Early", (b"Link: x",)),
        response(headers=(b"Content-Length: 5",)),
        NEXT_IS,
        prepare=("HEAD",),
    )
)
then_next("no-length-not-until-eof", BODY, OK + b"\r\n", 200, "OK", prepare=("GET", False))
then_next("no-length-205", BODY, b"HTTP/1.1 205 R\r\nContent-Length: 0\r\n\r\n", 205, "R", b"Content-Length: 0")
CASES.append(
    to_response(
        "length-205-is-no-exception",
        BODY,
        b"HTTP/1.1 205 R\r\nContent-Length: 2\r\n\r\nhi" + NEXT,
        response(205, "R", (b"Content-Length: 2",), b"hi"),
        NEXT_IS,
    )
)
EOF = "RFC 9112 6.3 (8)"


def until_eof(id: str, data: bytes, message: Any, **how: Any) -> None:
    """A body that ends with the connection."""
    CASES.append(to_response(f"until-eof-{id}", EOF, data, message, eof=True, **how))


until_eof("body", OK + b"\r\nhello", response(body=b"hello", keep_alive=False))
until_eof("empty", OK + b"\r\n", response(keep_alive=False))
until_eof("like-a-response", OK + b"\r\n" + NEXT, response(body=NEXT, keep_alive=False))
until_eof("crlf", OK + b"\r\n\r\n\r\n", response(body=b"\r\n\r\n", keep_alive=False))
until_eof(
    "1.0",
    b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nhello",
    response(200, "OK", (b"A: b",), b"hello", version=(1, 0), keep_alive=False),
)
until_eof(
    "keep-alive-is-void",
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello",
    response(200, "OK", (b"Connection: keep-alive",), b"hello", version=(1, 0), keep_alive=False),
)
until_eof("status-099", b"HTTP/1.1 099 X\r\n\r\nhello", response(99, "X", (), b"hello", keep_alive=False))
for value in (b"gzip", b"identity", b"deflate", b"gzip, identity", b"x-gzip", b"compress"):
    coding = b"Transfer-Encoding: " + value
    message = response(headers=(coding,), body=b"hello", keep_alive=False)
    until_eof(f"coding-{value.decode()}", OK + coding + b"\r\n\r\nhello", message)
CASES.append(
    to_response(
        "until-eof-coding-although-not-until-eof",
        "RFC 9112 6.3 (4): never as the next response",
        OK + b"Transfer-Encoding: gzip\r\n\r\n" + NEXT,
        response(headers=(b"Transfer-Encoding: gzip",), body=NEXT, keep_alive=False),
        prepare=("GET", False),
        eof=True,
    )
)
for value in (b"gzip, chunked", b"GZIP ,\tChunked", b"identity, chunked", b"deflate,chunked", b"compress, chunked"):
    coding = b"Transfer-Encoding: " + value
    message = response(headers=(coding,), body=b"hi", chunked=True)
    CASES.append(
        to_response(
            f"chunked-last-{value.decode()}", BODY, OK + coding + b"\r\n\r\n" + chunks(b"hi") + NEXT, message, NEXT_IS
        )
    )
two = (b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked")
CASES.append(
    to_response(
        "chunked-last-two-lines",
        BODY,
        OK + b"\r\n".join(two) + b"\r\n\r\n" + chunks(b"hi") + NEXT,
        response(headers=two, body=b"hi", chunked=True),
        NEXT_IS,
    )
)
for minor, more, label in ((0, b"", "1.0"), (0, b"Connection: keep-alive\r\n", "1.0-keep-alive")):
    coding = b"Transfer-Encoding: chunked"
    named = (coding, b"Connection: keep-alive") if more else (coding,)
    CASES.append(
        to_response(
            f"chunked-in-{label}",
            "RFC 9112 6.1: close behind it",
            b"HTTP/1.%d 200 OK\r\n" % minor + coding + b"\r\n" + more + b"\r\n" + chunks(b"hi"),
            response(headers=named, body=b"hi", chunked=True, version=(1, 0), keep_alive=False),
        )
    )

# -- interim responses and upgrades ----------------------------------------------------------

INTERIM = "RFC 9110 15.2"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CONTINUE_IS = response(100, "Continue")
for count in (1, 2, 10, 100):
    CASES.append(to_response(f"interim-{count}", INTERIM, CONTINUE * count + NEXT, *[CONTINUE_IS] * count, NEXT_IS))
CASES.append(
    to_response(
        "interim-101-of-100",
        "issue 2: limit on 1xx, SECURITY 2 (1xx flood)",
        CONTINUE * 101 + NEXT,
        *[CONTINUE_IS] * 100,
        refused="TooManyInterimResponses",
        says="max_interim_responses",
    )
)
for allowed in (0, 1, 3):
    for count in (allowed, allowed + 1):
        over = count > allowed
        CASES.append(
            to_response(
                f"interim-{count}-of-{allowed}",
                "issue 2: limit on 1xx",
                CONTINUE * count + NEXT,
                *[CONTINUE_IS] * allowed,
                *([] if over else [NEXT_IS]),
                refused="TooManyInterimResponses" if over else "",
                says=str(allowed) if over else "",
                options={"max_interim_responses": allowed},
            )
        )
CASES.append(
    to_response(
        "interim-counted-per-response",
        "issue 2: 1xx answers per response",
        (CONTINUE * 2 + NEXT) * 2,
        *[CONTINUE_IS, CONTINUE_IS, NEXT_IS] * 2,
        options={"max_interim_responses": 2},
    )
)
for code in (100, 102, 103, 104, 199):
    CASES.append(
        to_response(
            f"interim-code-{code}",
            INTERIM,
            b"HTTP/1.1 %d X\r\nA: b\r\n\r\n" % code + NEXT,
            response(code, "X", (b"A: b",)),
            NEXT_IS,
        )
    )
CASES.append(
    to_response(
        "interim-length-has-no-body",
        BODY,
        b"HTTP/1.1 100 C\r\nContent-Length: 5\r\n\r\n" + NEXT,
        response(100, "C", (b"Content-Length: 5",)),
        NEXT_IS,
    )
)
CASES.append(
    to_response(
        "interim-chunked-has-no-body",
        BODY,
        b"HTTP/1.1 103 C\r\nTransfer-Encoding: chunked\r\n\r\n" + NEXT,
        response(103, "C", (b"Transfer-Encoding: chunked",), chunked=True),
        NEXT_IS,
    )
)
CASES.append(
    to_response("interim-bad-framing", BODY, b"HTTP/1.1 100 C\r\nContent-Length: x\r\n\r\n", refused="BadHttpMessage")
)
CASES.append(to_response("interim-only-then-eof", INTERIM, CONTINUE, CONTINUE_IS, eof=True))
UPGRADE = "RFC 9110 15.2.2, 9.3.6"
WS = (b"Connection: Upgrade", b"Upgrade: websocket")
for id, rest in (("none", b""), ("frame", b"\x81\x02hi"), ("like-http", NEXT), ("crlf", b"\r\n"), ("nul", b"\0")):
    CASES.append(
        to_response(
            f"upgrade-101-leftover-{id}",
            UPGRADE,
            b"HTTP/1.1 101 Switching\r\n" + b"\r\n".join(WS) + b"\r\n\r\n" + rest,
            response(101, "Switching", WS, upgrade=True),
            rest=rest,
        )
    )
    CASES.append(
        to_response(
            f"connect-200-leftover-{id}",
            UPGRADE,
            b"HTTP/1.1 200 Connected\r\n\r\n" + rest,
            response(200, "Connected", upgrade=True),
            rest=rest,
            prepare=("CONNECT",),
        )
    )
CASES += [
    to_response(
        "upgrade-101-bare",
        UPGRADE,
        b"HTTP/1.1 101 S\r\nContent-Length: 5\r\n\r\nhello",
        response(101, "S", (b"Content-Length: 5",), upgrade=True),
        rest=b"hello",
    ),
    to_response(
        "upgrade-101-behind-100",
        UPGRADE,
        CONTINUE + b"HTTP/1.1 101 S\r\n\r\nx",
        CONTINUE_IS,
        response(101, "S", upgrade=True),
        rest=b"x",
    ),
    to_response(
        "upgrade-101-does-not-count",
        UPGRADE,
        b"HTTP/1.1 101 S\r\n\r\n",
        response(101, "S", upgrade=True),
        options={"max_interim_responses": 0},
    ),
    to_response(
        "upgrade-fields-without-101",
        UPGRADE,
        OK + b"\r\n".join(WS) + b"\r\nContent-Length: 2\r\n\r\nhi" + NEXT,
        response(headers=(*WS, b"Content-Length: 2"), body=b"hi"),
        NEXT_IS,
    ),
    to_response(
        "upgrade-426",
        UPGRADE,
        b"HTTP/1.1 426 U\r\n" + b"\r\n".join(WS) + b"\r\nContent-Length: 2\r\n\r\nhi" + NEXT,
        response(426, "U", (*WS, b"Content-Length: 2"), b"hi"),
        NEXT_IS,
    ),
    to_response(
        "connect-299-length-ignored",
        UPGRADE,
        b"HTTP/1.1 299 C\r\nContent-Length: 5\r\n\r\nhello",
        response(299, "C", (b"Content-Length: 5",), upgrade=True),
        rest=b"hello",
        prepare=("CONNECT",),
    ),
    to_response(
        "connect-200-chunked-ignored",
        UPGRADE,
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        response(headers=(b"Transfer-Encoding: chunked",), upgrade=True, chunked=True),
        rest=b"0\r\n\r\n",
        prepare=("CONNECT",),
    ),
    to_response(
        "connect-407-has-a-body",
        UPGRADE,
        b"HTTP/1.1 407 Auth\r\nContent-Length: 2\r\n\r\nhi" + NEXT,
        response(407, "Auth", (b"Content-Length: 2",), b"hi"),
        NEXT_IS,
        prepare=("CONNECT",),
    ),
    to_response(
        "connect-100-then-200",
        UPGRADE,
        CONTINUE + OK + b"\r\nx",
        CONTINUE_IS,
        response(upgrade=True),
        rest=b"x",
        prepare=("CONNECT",),
    ),
    to_response(
        "poisoned-second-response",
        "SECURITY 4.3: reported, so that the client can see it",
        NEXT + NEXT,
        NEXT_IS,
        NEXT_IS,
    ),
    to_response("garbage-behind-response", "SECURITY 4.3", NEXT + b"garbage", NEXT_IS, refused="BadStatusLine"),
    to_response("bytes-behind-length", BODY, OK + b"Content-Length: 2\r\n\r\nhi!", NEXT_IS, refused="BadStatusLine"),
    to_response(
        "bytes-behind-close",
        "RFC 9112 9.6: what stands behind a closing response is not its body",
        OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi" + NEXT,
        response(headers=(b"Connection: close", b"Content-Length: 2"), body=b"hi", keep_alive=False),
        NEXT_IS,
    ),
]
