"""Request lines: method, target, version, line end (RFC 9112 2 and 3)."""

from .case import Case, request, to_request

CASES: list[Case] = []


def good(id: str, rule: str, line: bytes, method: str, target: str, **more: object) -> None:
    """The request line is fine."""
    data = line + b"\r\nHost: a\r\n\r\n"
    CASES.append(to_request(id, rule, data, request(method, target, **more)))  # type: ignore[arg-type]


def bad(id: str, rule: str, line: bytes, refused: str, says: str = "") -> None:
    """The request line, with its end if it has one, is refused."""
    data = line + b"Host: a\r\n\r\n"
    CASES.append(to_request(id, rule, data, refused=refused, says=says))


METHOD = "RFC 9110 9.1"
for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
    good(f"method-{name}", METHOD, name.encode() + b" / HTTP/1.1", name, "/")
for name in ("PROPFIND", "QUERY", "M-SEARCH", "FOO", "X", "PRI", "SOURCE", "1", "GETS", "GE", "PURGE", "BREW"):
    good(f"method-extension-{name}", METHOD, name.encode() + b" / HTTP/1.1", name, "/")
for name in ("get", "Get", "pOST", "head", "options"):
    good(f"method-case-kept-{name}", "RFC 9110 9.1, SECURITY 4.7", name.encode() + b" / HTTP/1.1", name, "/")
good("method-all-token-characters", "RFC 9110 5.6.2", b"!#$%&'*+-.^_`|~09azAZ / HTTP/1.1", "!#$%&'*+-.^_`|~09azAZ", "/")
for char in b'"(),/:;<=>?@[\\]{}':
    bad(f"method-delimiter-{chr(char)}", METHOD, b"G%cT / HTTP/1.1\r\n" % char, "BadHttpMethod")
for byte in (0x00, 0x01, 0x08, 0x09, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x80, 0xA0, 0xC3, 0xFF):
    bad(f"method-byte-{byte:02x}", METHOD, b"G%cT / HTTP/1.1\r\n" % byte, "BadHttpMethod")
bad("method-kelvin-sign", "CVE-2025-69224", "LOC\u212a / HTTP/1.1\r\n".encode(), "BadHttpMethod")
bad("method-unicode-digit", "CVE-2025-69224", "G\u0661T / HTTP/1.1\r\n".encode(), "BadHttpMethod")
bad("method-empty", METHOD, b" / HTTP/1.1\r\n", "BadHttpMethod")
bad("method-leading-blank", "RFC 9112 3", b" GET / HTTP/1.1\r\n", "BadHttpMethod")
bad("method-leading-tab", "RFC 9112 3", b"\tGET / HTTP/1.1\r\n", "BadHttpMethod")
bad("method-only-and-crlf", "RFC 9112 3", b"GET\r\n", "BadHttpMethod")
bad("method-tab-behind", "RFC 9112 3", b"GET\t/ HTTP/1.1\r\n", "BadHttpMethod")
bad("method-tls-hello", "RFC 9112 3", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", "BadHttpMethod")
bad("method-http-response", "RFC 9112 3", b"HTTP/1.1 200 OK\r\n", "BadHttpMethod")
bad("method-shown", "issue 2: offending bytes as repr", b"G\x00T / HTTP/1.1\r\n", "BadHttpMethod", r"x00'")

TARGET = "RFC 9112 3.2.1"
for id, target in (
    ("root", "/"),
    ("path", "/a/b.html"),
    ("query", "/a?b=c&d"),
    ("empty-query", "/?"),
    ("percent", "/%C3%A9%00"),
    ("bad-percent-is-not-framing", "/%zz"),
    ("two-slashes", "//evil.example/.."),
    ("dots", "/../../etc/passwd"),
    ("all-unreserved", "/-._~!$&'()*+,;=:@"),
    ("delimiters-some-clients-send", '/"<>[]\\^`{|}'),
    ("semicolon", "/a;b=c"),
    ("colon", "/a:b"),
    ("http-in-path", "/HTTP/1.1"),
):
    good(f"target-origin-{id}", TARGET, f"GET {target} HTTP/1.1".encode(), "GET", target)
for id, target in (
    ("plain", "http://example.com/"),
    ("no-path", "http://example.com"),
    ("port-query", "http://example.com:8080/a?b"),
    ("https", "https://example.com/"),
    ("upper-scheme", "HTTP://example.com/"),
    ("ipv6", "http://[::1]:80/"),
    ("other-scheme", "coap+tcp://x/y"),
    ("userinfo", "http://u:p@h/"),
):
    good(f"target-absolute-{id}", "RFC 9112 3.2.2", f"GET {target} HTTP/1.1".encode(), "GET", target)
good("target-asterisk-options", "RFC 9112 3.2.4", b"OPTIONS * HTTP/1.1", "OPTIONS", "*")
for id, target in (
    ("asterisk-get", b"*"),
    ("two-asterisks", b"**"),
    ("relative", b"index.html"),
    ("query-only", b"?a=b"),
    ("fragment-only", b"#a"),
    ("no-scheme", b"example.com/a"),
    ("scheme-only", b"http:"),
    ("scheme-no-authority", b"http://"),
    ("scheme-one-slash", b"http:/a"),
    ("empty-host", b"http:///a"),
    ("scheme-starts-with-digit", b"1http://a/"),
    ("authority-get", b"example.com:80"),
    ("backslash", b"\\a"),
    ("dot", b"./a"),
    ("percent", b"%2f"),
):
    bad(f"target-{id}", "RFC 9112 3.2", b"GET " + target + b" HTTP/1.1\r\n", "InvalidURLError")
bad("target-options-relative", "RFC 9112 3.2", b"OPTIONS a HTTP/1.1\r\n", "InvalidURLError")
bad("target-asterisk-path", "RFC 9112 3.2", b"OPTIONS */a HTTP/1.1\r\n", "InvalidURLError")
for byte in (0x00, 0x01, 0x08, 0x09, 0x0B, 0x0C, 0x1F, 0x7F, 0x80, 0xA0, 0xC3, 0xE9, 0xFF):
    bad(f"target-byte-{byte:02x}", "RFC 9112 3.2, RFC 3986 2", b"GET /a%cb HTTP/1.1\r\n" % byte, "InvalidURLError")
bad("target-utf8", "RFC 3986 2", "GET /é HTTP/1.1\r\n".encode(), "InvalidURLError")
bad("target-empty", "RFC 9112 3", b"GET  HTTP/1.1\r\n", "InvalidURLError")
bad("target-two-blanks-before", "RFC 9112 3", b"GET  / HTTP/1.1\r\n", "InvalidURLError")
bad("target-nul-shown", "issue 2: offending bytes as repr", b"GET /\0 HTTP/1.1\r\n", "InvalidURLError", r"\x00'")

CONNECT = "RFC 9112 3.2.3"
for id, target in (
    ("path", b"/"),
    ("no-port", b"example.com"),
    ("empty-port", b"example.com:"),
    ("no-host", b":80"),
    ("letters-in-port", b"example.com:8o"),
    ("absolute", b"http://example.com/"),
    ("userinfo", b"u@h:80"),
    ("asterisk", b"*"),
    ("path-behind", b"example.com:80/"),
):
    bad(f"connect-target-{id}", CONNECT, b"CONNECT " + target + b" HTTP/1.1\r\n", "InvalidURLError")

VERSION = "RFC 9112 2.3"
good("version-is-1.1", VERSION, b"GET / HTTP/1.1", "GET", "/")
good("version-is-1.0", VERSION, b"GET / HTTP/1.0", "GET", "/", version=(1, 0), keep_alive=False)
for text in [
    "HTTP/0.9",
    "HTTP/2.0",
    "HTTP/3.0",
    "HTTP/1.2",
    "HTTP/1.9",
    "HTTP/9.9",
    "HTTP/0.0",
    "HTTP/11",
    "HTTP/1",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/1.10",
    "HTTP/1.1.1",
    "HTTP/01.1",
    "HTTP/1.01",
    "HTTP/-1.1",
    "HTTP/+1.1",
    "HTTP/1,1",
    "HTTP/1_1",
    "HTTP/1.x",
    "HTTP/x.1",
    "HTTP/",
    "HTTP",
    "HTTP1.1",
    "HTTP//1.1",
    "HTTP\\1.1",
    "http/1.1",
    "Http/1.1",
    "HTTPS/1.1",
    "XHTTP/1.1",
    "RTSP/1.0",
    "ICE/1.0",
    "SIP/2.0",
    "1.1",
    "HTTP/1.1HTTP/1.1",
    "HTTP/12.1",
    "HTTP/1.1a",
]:
    bad(f"version-{text}", VERSION, f"GET / {text}\r\n".encode(), "BadStatusLine")
bad("version-unicode-digit", "CVE-2025-69224", "GET / HTTP/\u0661.1\r\n".encode(), "BadStatusLine")
bad("version-unicode-digit-minor", "CVE-2025-69224", "GET / HTTP/1.\u0661\r\n".encode(), "BadStatusLine")
bad("version-missing", "RFC 9112 3 (HTTP/0.9)", b"GET /\r\n", "BadStatusLine")
bad("version-blank-only", "RFC 9112 3", b"GET / \r\n", "BadStatusLine")
bad("version-two-blanks-before", "RFC 9112 3", b"GET /  HTTP/1.1\r\n", "BadStatusLine")
bad("version-tab-before", "RFC 9112 3", b"GET / \tHTTP/1.1\r\n", "BadStatusLine")
bad("version-blank-behind", "RFC 9112 3", b"GET / HTTP/1.1 \r\n", "BadStatusLine")
bad("version-tab-behind", "RFC 9112 3", b"GET / HTTP/1.1\t\r\n", "BadStatusLine")
bad("version-nul-behind", "RFC 9112 3", b"GET / HTTP/1.1\0\r\n", "BadStatusLine")
bad("version-word-behind", "RFC 9112 3", b"GET / HTTP/1.1 x\r\n", "BadStatusLine")
bad("target-with-blank", "RFC 9112 3", b"GET /a b HTTP/1.1\r\n", "BadStatusLine")
bad("line-end-bare-lf", "RFC 9112 2.2", b"GET / HTTP/1.1\n", "BadStatusLine")
bad("line-end-bare-cr", "RFC 9112 2.2", b"GET / HTTP/1.1\r", "BadStatusLine")
bad("line-end-cr-cr-lf", "RFC 9112 2.2", b"GET / HTTP/1.1\r\r\n", "BadStatusLine")
bad("line-end-lf-cr", "RFC 9112 2.2", b"GET / HTTP/1.1\n\r", "BadStatusLine")
bad("line-end-cr-x-lf", "RFC 9112 2.2", b"GET / HTTP/1.1\rx\n", "BadStatusLine")
bad("line-end-in-target-lf", "RFC 9112 3", b"GET /\nHost: a\n\n", "BadStatusLine")
bad("line-end-in-target-cr", "RFC 9112 3", b"GET /\r HTTP/1.1\r\n", "BadStatusLine")
bad("http2-preface", "RFC 9113 3.4, RFC 9112 2.3", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "InvalidURLError")

EMPTY = "RFC 9112 2.2"
for count in (1, 2, 5, 50):
    data = b"\r\n" * count + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    CASES.append(to_request(f"empty-lines-before-{count}", EMPTY, data, request()))
bad("empty-line-bare-lf", EMPTY, b"\nGET / HTTP/1.1\r\n", "BadHttpMethod")
bad("empty-line-bare-cr", EMPTY, b"\rGET / HTTP/1.1\r\n", "BadHttpMethod")
bad("empty-line-cr-cr-lf", EMPTY, b"\r\r\nGET / HTTP/1.1\r\n", "BadHttpMethod")
bad("empty-line-lf-behind-crlf", EMPTY, b"\r\n\nGET / HTTP/1.1\r\n", "BadHttpMethod")
bad("blank-line-before", EMPTY, b" \r\nGET / HTTP/1.1\r\n", "BadHttpMethod")
CASES.append(to_request("only-empty-lines", EMPTY, b"\r\n\r\n\r\n", eof=True))
CASES.append(to_request("only-half-an-empty-line", EMPTY, b"\r\n\r", eof=True))
