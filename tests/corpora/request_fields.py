"""Field lines of requests (RFC 9112 5), Host (3.2), Connection (9.3), Upgrade (RFC 9110 7.8)."""

from .case import Case, request, to_request

CASES: list[Case] = []


def good(id: str, rule: str, lines: bytes, *headers: bytes, **more: object) -> None:
    """Lines that stand behind ``Host: a`` and are fine; *headers* are the fields they make."""
    data = b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n"
    CASES.append(to_request(id, rule, data, request(headers=(b"Host: a", *headers), **more)))  # type: ignore[arg-type]


def bad(id: str, rule: str, lines: bytes, refused: str = "InvalidHeader", says: str = "") -> None:
    """Lines that stand behind ``Host: a`` and are refused."""
    data = b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n"
    CASES.append(to_request(id, rule, data, refused=refused, says=says))


NAME = "RFC 9110 5.1, RFC 9112 5"
good("field-simple", NAME, b"A: b\r\n", b"A: b")
good("field-name-case-kept", NAME, b"x-CuStOm: b\r\n", b"x-CuStOm: b")
good("field-name-all-token-characters", NAME, b"!#$%&'*+-.^_`|~09azAZ: b\r\n", b"!#$%&'*+-.^_`|~09azAZ: b")
good("field-name-underscore", NAME, b"a_b: c\r\n", b"a_b: c")
good("field-name-digits", NAME, b"1: c\r\n", b"1: c")
good("field-many", NAME, b"A: 1\r\nB: 2\r\nA: 3\r\n", b"A: 1", b"B: 2", b"A: 3")
for char in b'"(),/;<=>?@[\\]{}':
    bad(f"field-name-delimiter-{chr(char)}", NAME, b"A%cB: c\r\n" % char)
for byte in (0x00, 0x01, 0x08, 0x0B, 0x0C, 0x1F, 0x7F, 0x80, 0xA0, 0xC3, 0xFF):
    bad(f"field-name-byte-{byte:02x}", NAME, b"A%cB: c\r\n" % byte)
    bad(f"field-name-first-byte-{byte:02x}", NAME, b"%cB: c\r\n" % byte)
bad("field-name-kelvin-sign", "CVE-2025-69224", "\u212aeep: c\r\n".encode())
bad("field-name-empty", NAME, b": c\r\n")
bad("field-name-blank-inside", NAME, b"A B: c\r\n")
bad("field-no-colon", NAME, b"A\r\n")
bad("field-no-colon-but-words", NAME, b"just some words\r\n")
bad("field-request-line-twice", NAME, b"GET / HTTP/1.1\r\n")
COLON = "RFC 9112 5.1, CVE-2021-22959"
bad("field-blank-before-colon", COLON, b"A : b\r\n")
bad("field-tab-before-colon", COLON, b"A\t: b\r\n")
bad("field-blank-before-colon-length", COLON, b"Content-Length : 5\r\n")
bad("field-blank-before-colon-coding", COLON, b"Transfer-Encoding : chunked\r\n")
bad("field-shown", "issue 2: offending bytes as repr", b"A\x01: b\r\n", says=r"\x01")

VALUE = "RFC 9112 5.1, RFC 9110 5.5"
good("value-empty", VALUE, b"A:\r\n", b"A: ")
good("value-blank", VALUE, b"A: \r\n", b"A: ")
good("value-blanks", VALUE, b"A: \t \t\r\n", b"A: ")
good("value-no-blank", VALUE, b"A:b\r\n", b"A: b")
good("value-blanks-before", VALUE, b"A: \t  b\r\n", b"A: b")
good("value-blanks-behind", VALUE, b"A: b \t \r\n", b"A: b")
good("value-blanks-inside", VALUE, b"A: b \t c\r\n", b"A: b \t c")
good("value-colon", VALUE, b"A: b: c\r\n", b"A: b: c")
good("value-colon-first", VALUE, b"A:: b\r\n", b"A: : b")
good("value-obs-text", VALUE, b"A: \x80\xa0\xff\r\n", b"A: \x80\xa0\xff")
good("value-utf8", VALUE, "A: é\u212a\r\n".encode(), "A: é\u212a".encode())
good("value-obs-text-edges", VALUE, b"A: \xa0b\x85\r\n", b"A: \xa0b\x85")
good("value-quotes", VALUE, b'A: "b\\"c"\r\n', b'A: "b\\"c"')
good("value-all-visible", VALUE, b"A: " + bytes(range(0x21, 0x7F)) + b"\r\n", b"A: " + bytes(range(0x21, 0x7F)))
for byte in (*range(0x09), *range(0x0B, 0x0D), *range(0x0E, 0x20), 0x7F):
    bad(f"value-control-{byte:02x}", "RFC 9110 5.5, CVE-2026-34520", b"A: b%cc\r\n" % byte)
for byte in (0x00, 0x0B, 0x0C, 0x7F):
    bad(f"value-control-last-{byte:02x}", "RFC 9110 5.5", b"A: b%c\r\n" % byte)
    bad(f"value-control-first-{byte:02x}", "RFC 9110 5.5", b"A:%cb\r\n" % byte)
LINE = "RFC 9112 2.2"
bad("value-bare-cr", LINE, b"A: b\rc\r\n")
bad("value-bare-cr-first", LINE, b"A:\rc\r\n")
bad("value-bare-cr-last", LINE, b"A: b\r\r\n")
bad("value-bare-cr-smuggled-field", "CVE-2023-30589", b"A: b\rContent-Length: 5\r\n")
bad("value-bare-lf", LINE, b"A: b\nB: c\r\n")
bad("value-bare-lf-only-line-end", LINE, b"A: b\n")
bad("value-lf-cr", LINE, b"A: b\n\r\n")
bad("name-bare-lf", LINE, b"A\n: b\r\n")
bad("name-bare-cr", LINE, b"A\r: b\r\n")
bad("head-end-bare-lf", LINE, b"A: b\r\n\nx")
bad("head-end-cr-x", "SECURITY 2: \\r\\n\\rX ends headers", b"A: b\r\n\rX")
bad("head-end-cr-cr", "SECURITY 2", b"A: b\r\n\r\r\n")
FOLD = "RFC 9112 5.2"
bad("obs-fold-blank", FOLD, b"A: b\r\n c\r\n")
bad("obs-fold-tab", FOLD, b"A: b\r\n\tc\r\n")
bad("obs-fold-empty-value", FOLD, b"A:\r\n c\r\n")
bad("obs-fold-only-blanks", FOLD, b"A: b\r\n \r\n")
bad("obs-fold-host", FOLD, b"B: c\r\n Host: b\r\n")
bad("obs-fold-length", FOLD, b"Content-Length:\r\n 5\r\n", "BadHttpMessage")  # empty before it is folded
bad("obs-fold-length-behind", FOLD, b"Content-Length: 5\r\n 5\r\n")
bad("obs-fold-coding", "CVE-2022-32215", b"Transfer-Encoding:\r\n chunked\r\n", "BadHttpMessage")
bad("obs-fold-coding-behind", "CVE-2022-32215", b"Transfer-Encoding: chunked\r\n , x\r\n")
for id, blanks in (("blank", b" "), ("tab", b"\t")):
    data = b"GET / HTTP/1.1\r\n" + blanks + b"Host: a\r\n\r\n"
    CASES.append(to_request(f"{id}-before-first-field", "RFC 9112 2.2", data, refused="InvalidHeader"))

HOST = "RFC 9112 3.2"


def host(id: str, lines: bytes, *headers: bytes, refused: str = "", rule: str = HOST, minor: int = 1) -> None:
    """All field lines of a request, in which Host is what matters."""
    data = b"GET / HTTP/1.%d\r\n" % minor + lines + b"\r\n"
    expected = request(headers=headers, version=(1, minor), keep_alive=minor == 1)
    CASES.append(to_request(id, rule, data, *(() if refused else (expected,)), refused=refused))


host("host-missing", b"", refused="BadHttpMessage")
host("host-missing-among-others", b"A: b\r\nHostess: c\r\n", refused="BadHttpMessage")
host("host-missing-1.0", b"", minor=0)
host("host-1.0", b"Host: a\r\n", b"Host: a", minor=0)
host("host-empty", b"Host:\r\n", b"Host: ")
host("host-port", b"Host: a.example:8080\r\n", b"Host: a.example:8080")
host("host-ipv4", b"Host: 127.0.0.1\r\n", b"Host: 127.0.0.1")
host("host-ipv6", b"Host: [::1]:80\r\n", b"Host: [::1]:80")
host("host-lower-case-name", b"host: a\r\n", b"host: a")
host("host-blanks-around", b"Host: \t a \t\r\n", b"Host: a")
host("host-last", b"A: b\r\nHost: a\r\n", b"A: b", b"Host: a")
host("host-reg-name", b"Host: a-b._~!$&'()*+;=%41\r\n", b"Host: a-b._~!$&'()*+;=%41")
TWICE = "RFC 9112 3.2, CVE-2026-34525"
host("host-twice", b"Host: a\r\nHost: b\r\n", refused="BadHttpMessage", rule=TWICE)
host("host-twice-equal", b"Host: a\r\nHost: a\r\n", refused="BadHttpMessage", rule=TWICE)
host("host-twice-other-case", b"Host: a\r\nHOST: a\r\n", refused="BadHttpMessage", rule=TWICE)
host("host-twice-apart", b"Host: a\r\nA: b\r\nhOST: c\r\n", refused="BadHttpMessage", rule=TWICE)
host("host-twice-1.0", b"Host: a\r\nHost: a\r\n", refused="BadHttpMessage", rule=TWICE, minor=0)
host("host-twice-empty", b"Host:\r\nHost:\r\n", refused="BadHttpMessage", rule=TWICE)
for id, value in (
    ("blank-inside", b"a b"),
    ("slash", b"a/b"),
    ("at", b"u@a"),
    ("question", b"a?b"),
    ("hash", b"a#b"),
    ("obs-text", b"\xe9"),
    ("quote", b'"a"'),
    ("backslash", b"a\\b"),
    ("less", b"<a>"),
    ("kelvin-sign", "\u212a".encode()),
):
    host(
        f"host-invalid-{id}", b"Host: " + value + b"\r\n", refused="BadHttpMessage", rule="RFC 9112 3.2, RFC 3986 3.2.2"
    )

KEEP = "RFC 9112 9.3"
for id, lines, headers, alive in (
    ("close", b"Connection: close\r\n", (b"Connection: close",), False),
    ("close-case", b"CONNECTION: CLOSE\r\n", (b"CONNECTION: CLOSE",), False),
    ("close-tab-behind", b"Connection: close\t\r\n", (b"Connection: close",), False),
    ("close-in-list", b"Connection: a, close ,b\r\n", (b"Connection: a, close ,b",), False),
    ("close-tab-in-list", b"Connection: a,\tclose\r\n", (b"Connection: a,\tclose",), False),
    ("close-second-line", b"Connection: a\r\nConnection: close\r\n", (b"Connection: a", b"Connection: close"), False),
    ("close-empty-elements", b"Connection: ,,close,\r\n", (b"Connection: ,,close,",), False),
    ("close-wins", b"Connection: keep-alive, close\r\n", (b"Connection: keep-alive, close",), False),
    ("keep-alive", b"Connection: keep-alive\r\n", (b"Connection: keep-alive",), True),
    ("other-word", b"Connection: closed\r\n", (b"Connection: closed",), True),
    ("other-word-2", b"Connection: xclose\r\n", (b"Connection: xclose",), True),
    ("two-words", b"Connection: close x\r\n", (b"Connection: close x",), True),
    ("empty", b"Connection:\r\n", (b"Connection: ",), True),
    ("kelvin-sign", "Connection: close\u212a\r\n".encode(), ("Connection: close\u212a".encode(),), True),
):
    good(f"connection-{id}", KEEP, lines, *headers, keep_alive=alive)
for id, lines, headers, alive in (
    ("none", b"", (), False),
    ("keep-alive", b"Connection: keep-alive\r\n", (b"Connection: keep-alive",), True),
    ("keep-alive-case", b"Connection: Keep-Alive\r\n", (b"Connection: Keep-Alive",), True),
    ("keep-alive-in-list", b"Connection: a, keep-alive\r\n", (b"Connection: a, keep-alive",), True),
    ("keep-alive-and-close", b"Connection: keep-alive, close\r\n", (b"Connection: keep-alive, close",), False),
    ("close", b"Connection: close\r\n", (b"Connection: close",), False),
    ("other", b"Connection: x\r\n", (b"Connection: x",), False),
    ("kelvin-sign", "Connection: \u212aeep-alive\r\n".encode(), ("Connection: \u212aeep-alive".encode(),), False),
):
    data = b"GET / HTTP/1.0\r\n" + lines + b"\r\n"
    expected = request(headers=headers, version=(1, 0), keep_alive=alive)
    CASES.append(to_request(f"connection-1.0-{id}", KEEP, data, expected))

UPGRADE = "RFC 9110 7.8"


def upgrade(id: str, lines: bytes, *headers: bytes, rest: bytes = b"", on: bool = True, minor: int = 1) -> None:
    """A request that does or does not ask to switch protocols."""
    data = b"GET / HTTP/1.%d\r\nHost: a\r\n" % minor + lines + b"\r\n" + rest
    expected = request(headers=(b"Host: a", *headers), upgrade=on, version=(1, minor), keep_alive=minor == 1)
    CASES.append(to_request(f"upgrade-{id}", UPGRADE, data, expected, rest=rest))


WS = (b"Connection: Upgrade", b"Upgrade: websocket")
upgrade("plain", b"Connection: Upgrade\r\nUpgrade: websocket\r\n", *WS)
upgrade("leftover", b"Connection: Upgrade\r\nUpgrade: websocket\r\n", *WS, rest=b"\x81\x85abcd\0\0\0\0\0")
upgrade("leftover-like-http", b"Connection: Upgrade\r\nUpgrade: websocket\r\n", *WS, rest=b"GET / HTTP/1.1\r\n\r\n")
upgrade("leftover-garbage", b"Connection: Upgrade\r\nUpgrade: websocket\r\n", *WS, rest=b"\0\xff\r\n\r\n\n")
upgrade("other-order", b"Upgrade: h2c\r\nConnection: upgrade\r\n", b"Upgrade: h2c", b"Connection: upgrade", rest=b"x")
upgrade(
    "in-list",
    b"Connection: keep-alive, UPGRADE\r\nUpgrade: websocket\r\n",
    b"Connection: keep-alive, UPGRADE",
    b"Upgrade: websocket",
    rest=b"x",
)
upgrade("without-connection", b"Upgrade: websocket\r\n", b"Upgrade: websocket", on=False)
upgrade("without-upgrade", b"Connection: upgrade\r\n", b"Connection: upgrade", on=False)
upgrade("other-token", b"Connection: upgraded\r\nUpgrade: x\r\n", b"Connection: upgraded", b"Upgrade: x", on=False)
upgrade("in-1.0-ignored", b"Connection: Upgrade\r\nUpgrade: websocket\r\n", *WS, on=False, minor=0)
CASES += [
    to_request(
        "upgrade-with-body-then-leftover",
        "RFC 9110 7.8: the body is read first",
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nhirest",
        request(
            "POST",
            headers=(b"Host: a", b"Connection: upgrade", b"Upgrade: x", b"Content-Length: 2"),
            body=b"hi",
            upgrade=True,
        ),
        rest=b"rest",
    ),
    to_request(
        "upgrade-with-chunked-body-then-leftover",
        "RFC 9110 7.8: the body is read first",
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\nhi\r\n0\r\n\r\nrest",
        request(
            "POST",
            headers=(b"Host: a", b"Connection: upgrade", b"Upgrade: x", b"Transfer-Encoding: chunked"),
            body=b"hi",
            upgrade=True,
            chunked=True,
        ),
        rest=b"rest",
    ),
    *(
        to_request(
            f"connect-{id}",
            "RFC 9110 9.3.6",
            b"CONNECT " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n" + rest,
            request("CONNECT", target.decode(), upgrade=True),
            rest=rest,
        )
        for id, target, rest in (
            ("name", b"example.com:443", b""),
            ("leftover", b"example.com:443", b"\x16\x03\x01"),
            ("leftover-like-http", b"example.com:443", b"GET / HTTP/1.1\r\n\r\n"),
            ("ipv4", b"127.0.0.1:1", b"x"),
            ("ipv6", b"[::1]:443", b"x"),
        )
    ),
    to_request(
        "connect-content-length",
        "RFC 9110 9.3.6",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
        refused="BadHttpMessage",
    ),
    to_request(
        "connect-chunked",
        "RFC 9110 9.3.6",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        refused="BadHttpMessage",
    ),
    to_request(
        "connect-content-length-zero",
        "RFC 9110 9.3.6",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nx",
        request("CONNECT", "a:1", (b"Host: a", b"Content-Length: 0"), upgrade=True),
        rest=b"x",
    ),
]
