"""Message framing in both directions: Content-Length, Transfer-Encoding, chunks, trailers (RFC 9112 6 and 7)."""

from .case import Case, chunks, request, response, to_request, to_response

CASES: list[Case] = []

# -- Content-Length --------------------------------------------------------------------------

LENGTH = "RFC 9110 8.6, RFC 9112 6.3"


def length_good(id: str, lines: bytes, body: bytes, *headers: bytes) -> None:
    """Field lines with a good Content-Length, in both directions."""
    CASES.append(
        to_request(
            f"length-{id}",
            LENGTH,
            b"POST / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n" + body,
            request("POST", headers=(b"Host: a", *headers), body=body),
        )
    )
    CASES.append(
        to_response(
            f"length-{id}",
            LENGTH,
            b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n" + body,
            response(headers=headers, body=body),
        )
    )


def framing_bad(id: str, rule: str, lines: bytes, body: bytes = b"", refused: str = "BadHttpMessage") -> None:
    """Field lines that are refused in both directions, before anything is reported."""
    CASES.append(to_request(id, rule, b"POST / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n" + body, refused=refused))
    CASES.append(to_response(id, rule, b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n" + body, refused=refused))


length_good("5", b"Content-Length: 5\r\n", b"hello", b"Content-Length: 5")
length_good("0", b"Content-Length: 0\r\n", b"", b"Content-Length: 0")
length_good("00", b"Content-Length: 00\r\n", b"", b"Content-Length: 00")
length_good("1", b"Content-Length: 1\r\n", b"\0", b"Content-Length: 1")
length_good("leading-zeros", b"Content-Length: 0005\r\n", b"hello", b"Content-Length: 0005")
length_good(
    "many-leading-zeros", b"Content-Length: " + b"0" * 40 + b"5\r\n", b"hello", b"Content-Length: " + b"0" * 40 + b"5"
)
length_good("lower-case", b"content-length: 5\r\n", b"hello", b"content-length: 5")
length_good("upper-case", b"CONTENT-LENGTH: 5\r\n", b"hello", b"CONTENT-LENGTH: 5")
length_good("no-blank", b"Content-Length:5\r\n", b"hello", b"Content-Length: 5")
length_good("blanks", b"Content-Length: \t5 \t\r\n", b"hello", b"Content-Length: 5")
length_good("tab", b"Content-Length:\t5\t\r\n", b"hello", b"Content-Length: 5")
length_good("body-like-head", b"Content-Length: 18\r\n", b"GET / HTTP/1.1\r\n\r\n", b"Content-Length: 18")
length_good("body-crlf", b"Content-Length: 4\r\n", b"\r\n\r\n", b"Content-Length: 4")
length_good("body-all-bytes", b"Content-Length: 256\r\n", bytes(range(256)), b"Content-Length: 256")

SIGNS = "RFC 9110 8.6 (1*DIGIT), CVE-2023-47627, CVE-2021-32714"
for id, value in (
    ("plus", b"+5"),
    ("minus", b"-5"),
    ("minus-zero", b"-0"),
    ("hex", b"0x5"),
    ("hex-digit", b"a"),
    ("octal", b"0o5"),
    ("underscore", b"5_0"),
    ("blank-inside", b"5 0"),
    ("tab-inside", b"5\t0"),
    ("point", b"5.0"),
    ("exponent", b"5e0"),
    ("comma", b"5,"),
    ("comma-first", b",5"),
    ("list-equal", b"5, 5"),
    ("list-equal-no-blank", b"5,5"),
    ("list-different", b"5, 6"),
    ("semicolon", b"5;"),
    ("quoted", b'"5"'),
    ("word", b"five"),
    ("infinity", b"inf"),
    ("nan", b"NaN"),
    ("arabic-digit", "\u0665".encode()),
    ("fullwidth-digit", "\uff15".encode()),
    ("superscript-digit", "\u00b2".encode()),
    ("latin1-superscript", b"\xb2"),
    ("no-break-space", b"\xa05"),
    ("next-line", b"5\x85"),
    ("parenthesis", b"(5)"),
):
    framing_bad(f"length-{id}", SIGNS, b"Content-Length: " + value + b"\r\n", b"hello")
framing_bad("length-empty", SIGNS, b"Content-Length:\r\n", b"hello")
framing_bad("length-blank", SIGNS, b"Content-Length: \t \r\n", b"hello")
OVERFLOW = "RFC 9112 6.3, SECURITY 1 (integer overflow), 4.6"
for id, value in (
    ("2-63", b"9223372036854775808"),
    ("2-64", b"18446744073709551616"),
    ("2-64-and-5", b"18446744073709551621"),
    ("2-32-times-2-32", b"1" + b"0" * 30),
    ("5000-digits", b"9" * 5000),
    ("zeros-and-2-63", b"000009223372036854775808"),
):
    framing_bad(f"length-overflow-{id}", OVERFLOW, b"Content-Length: " + value + b"\r\n", b"hello")
for direction, data, expected in (
    (to_request, b"POST / HTTP/1.1\r\nHost: a\r\n", request),
    (to_response, b"HTTP/1.1 200 OK\r\n", response),
):
    most = b"Content-Length: 9223372036854775807"
    message = (
        expected("POST", "/", (b"Host: a", most), b"hello", complete=False)  # type: ignore[operator]
        if direction is to_request
        else response(200, "OK", (most,), b"hello", complete=False)
    )
    CASES.append(direction("length-2-63-minus-1", OVERFLOW, data + most + b"\r\n\r\nhello", message))
    CASES.append(
        direction(
            "length-2-63-minus-1-eof",
            OVERFLOW,
            data + most + b"\r\n\r\nhello",
            message,
            eof=True,
            refused="ContentLengthError",
        )
    )
TWICE = "RFC 9112 6.3, SECURITY 4.12"
framing_bad("length-twice-equal", TWICE, b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello")
framing_bad("length-twice-different", TWICE, b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello")
framing_bad("length-twice-zero", TWICE, b"Content-Length: 0\r\nContent-Length: 5\r\n", b"hello")
framing_bad("length-twice-apart", TWICE, b"content-length: 5\r\nA: b\r\nCONTENT-LENGTH: 5\r\n", b"hello")
framing_bad("length-twice-first-bad", TWICE, b"Content-Length: x\r\nContent-Length: 5\r\n", b"hello")
framing_bad("length-twice-second-bad", TWICE, b"Content-Length: 5\r\nContent-Length: x\r\n", b"hello")
framing_bad("length-blank-before-colon", "RFC 9112 5.1", b"Content-Length : 5\r\n", b"hello", "InvalidHeader")
framing_bad("length-nul-behind", "RFC 9110 5.5", b"Content-Length: 5\0\r\n", b"hello", "BadHttpMessage InvalidHeader")
framing_bad("length-vt-behind", "SECURITY 2", b"Content-Length: 5\x0b\r\n", b"hello", "BadHttpMessage InvalidHeader")
CASES.append(
    to_request(
        "length-like-names",
        "RFC 9110 5.1",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\nContent-Lengt: 5\r\nContent-Length2: 5\r\n\r\n",
        request(headers=(b"Host: a", b"Content_Length: 5", b"Content-Lengt: 5", b"Content-Length2: 5")),
    )
)

# -- Transfer-Encoding -----------------------------------------------------------------------

CODING = "RFC 9112 6.1, 7"
BODY = chunks(b"hi")


def coding_good(id: str, lines: bytes, *headers: bytes) -> None:
    """Field lines after which the body is chunked, in both directions."""
    CASES.append(
        to_request(
            f"coding-{id}",
            CODING,
            b"POST / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n" + BODY,
            request("POST", headers=(b"Host: a", *headers), body=b"hi", chunked=True),
        )
    )
    CASES.append(
        to_response(
            f"coding-{id}",
            CODING,
            b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n" + BODY,
            response(headers=headers, body=b"hi", chunked=True),
        )
    )


coding_good("chunked", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: chunked")
coding_good("case", b"TRANSFER-ENCODING: ChUnKeD\r\n", b"TRANSFER-ENCODING: ChUnKeD")
coding_good("no-blank", b"transfer-encoding:chunked\r\n", b"transfer-encoding: chunked")
coding_good("blanks", b"Transfer-Encoding: \t chunked \t\r\n", b"Transfer-Encoding: chunked")
coding_good(
    "among-others", b"A: b\r\nTransfer-Encoding: chunked\r\nC: d\r\n", b"A: b", b"Transfer-Encoding: chunked", b"C: d"
)
CODING_BAD = "RFC 9112 6.1, 6.3, CVE-2024-1135, CVE-2022-32213"
for id, value in (
    ("empty", b""),
    ("xchunked", b"xchunked"),
    ("chunkedx", b"chunkedx"),
    ("chunke", b"chunke"),
    ("chunked-twice", b"chunked, chunked"),
    ("chunked-identity", b"chunked, identity"),
    ("chunked-gzip", b"chunked, gzip"),
    ("chunked-comma", b"chunked,"),
    ("chunked-semicolon", b"chunked;"),
    ("chunked-parameter", b"chunked;q=1"),
    ("chunked-blank-word", b"chunked x"),
    ("quoted", b'"chunked"'),
    ("single-quoted", b"'chunked'"),
    ("comma-first", b",chunked"),
    ("parenthesis", b"(chunked)"),
    ("kelvin-sign", "chun\u212aed".encode()),
    ("no-break-space", b"\xa0chunked"),
    ("next-line-behind", b"chunked\x85"),
    ("fullwidth", "\uff43hunked".encode()),
    ("unknown", b"foo"),
    ("unknown-chunked", b"foo, chunked"),
    ("cow", b"cow"),
    ("only-comma", b","),
    ("trailers", b"trailers"),
    ("chunked-newline-escaped", b"chunked\\n"),
):
    framing_bad(f"coding-{id}", CODING_BAD, b"Transfer-Encoding: " + value + b"\r\n", BODY)
for id, value in (("vt", b"\x0bchunked"), ("ff", b"\x0cchunked"), ("vt-behind", b"chunked\x0b"), ("nul", b"chunked\0")):
    framing_bad(
        f"coding-{id}",
        "CVE-2019-16785, RFC 9110 5.5",
        b"Transfer-Encoding: " + value + b"\r\n",
        BODY,
        "BadHttpMessage InvalidHeader",
    )
framing_bad("coding-twice-chunked", CODING_BAD, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", BODY)
framing_bad(
    "coding-twice-identity-last", CODING_BAD, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", BODY
)
framing_bad("coding-twice-unknown-last", CODING_BAD, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", BODY)
framing_bad(
    "coding-twice-other-case", CODING_BAD, b"Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n", BODY
)
framing_bad("coding-blank-before-colon", "RFC 9112 5.1", b"Transfer-Encoding : chunked\r\n", BODY, "InvalidHeader")
framing_bad("coding-tab-before-colon", "RFC 9112 5.1", b"Transfer-Encoding\t: chunked\r\n", BODY, "InvalidHeader")
framing_bad("coding-nul-in-name", "RFC 9110 5.1", b"Transfer\0-Encoding: chunked\r\n", BODY, "InvalidHeader")
BOTH = "RFC 9112 6.1, CVE-2023-47641"
for id, lines in (
    ("length-coding", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
    ("coding-length", b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
    ("length-zero-coding", b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
    ("length-identity", b"Content-Length: 5\r\nTransfer-Encoding: identity\r\n"),
    ("length-empty-coding", b"Content-Length: 5\r\nTransfer-Encoding:\r\n"),
    ("apart", b"Content-Length: 5\r\nA: b\r\nTransfer-Encoding: chunked\r\n"),
    ("case", b"content-LENGTH: 5\r\ntransfer-ENCODING: CHUNKED\r\n"),
    ("three", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
    ("bad-coding", b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n"),
):
    framing_bad(f"both-{id}", BOTH, lines, BODY)
for id, value in (
    ("gzip", b"gzip"),
    ("identity", b"identity"),
    ("gzip-chunked", b"gzip, chunked"),
    ("deflate", b"deflate"),
):
    CASES.append(
        to_request(
            f"coding-request-{id}",
            "RFC 9112 6.1, 6.3: a request must end in chunked; what cannot be decoded is refused",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + value + b"\r\n\r\n" + BODY,
            refused="BadHttpMessage",
        )
    )
for id, lines in (("chunked", b"Transfer-Encoding: chunked\r\n"), ("bad", b"Transfer-Encoding: x\r\n")):
    CASES.append(
        to_request(
            f"coding-1.0-{id}",
            "RFC 9112 6.1",
            b"POST / HTTP/1.0\r\nHost: a\r\n" + lines + b"\r\n" + BODY,
            refused="BadHttpMessage",
        )
    )

# -- chunks ----------------------------------------------------------------------------------

REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = "RFC 9112 7.1"
EXTENSION = "RFC 9112 7.1.1"
TRAILER = "RFC 9112 7.1.2"


def chunked_good(id: str, rule: str, data: bytes, body: bytes, *trailers: bytes, only: str = "both") -> None:
    """A chunked body that is fine."""
    coding = b"Transfer-Encoding: chunked"
    if only != "response":
        expected = request("POST", headers=(b"Host: a", coding), body=body, trailers=trailers, chunked=True)
        CASES.append(to_request(f"chunk-{id}", rule, REQUEST + data, expected))
    if only != "request":
        answer = response(headers=(coding,), body=body, trailers=trailers, chunked=True)
        CASES.append(to_response(f"chunk-{id}", rule, RESPONSE + data, answer))


def chunked_bad(
    id: str, rule: str, data: bytes, body: bytes = b"", refused: str = "TransferEncodingError", only: str = "both"
) -> None:
    """A chunked body that is refused, after *body* was reported."""
    coding = b"Transfer-Encoding: chunked"
    if only != "response":
        expected = request("POST", headers=(b"Host: a", coding), body=body, chunked=True, complete=False)
        CASES.append(to_request(f"chunk-{id}", rule, REQUEST + data, expected, refused=refused))
    if only != "request":
        answer = response(headers=(coding,), body=body, chunked=True, complete=False)
        CASES.append(to_response(f"chunk-{id}", rule, RESPONSE + data, answer, refused=refused))


chunked_good("empty", CHUNK, b"0\r\n\r\n", b"")
chunked_good("one", CHUNK, b"5\r\nhello\r\n0\r\n\r\n", b"hello")
chunked_good("many", CHUNK, chunks(b"a", b"bc", b"def", b"\r\n", b"0\r\n\r\n"), b"abcdef\r\n0\r\n\r\n")
chunked_good("hex-lower", CHUNK, b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789")
chunked_good("hex-upper", CHUNK, b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789")
chunked_good("hex-two", CHUNK, b"1F\r\n" + b"x" * 31 + b"\r\n0\r\n\r\n", b"x" * 31)
chunked_good("leading-zeros", CHUNK, b"0005\r\nhello\r\n0\r\n\r\n", b"hello")
chunked_good("many-leading-zeros", CHUNK, b"0" * 40 + b"5\r\nhello\r\n0\r\n\r\n", b"hello")
chunked_good("last-many-zeros", CHUNK, b"5\r\nhello\r\n0000\r\n\r\n", b"hello")
chunked_good("data-like-chunks", CHUNK, b"9\r\n0\r\n\r\nGET \r\n0\r\n\r\n", b"0\r\n\r\nGET ")
SIZE = "RFC 9112 7.1 (1*HEXDIG), CVE-2021-32715, CVE-2023-38697"
for id, size in (
    ("plus", b"+5"),
    ("minus", b"-5"),
    ("0x", b"0x5"),
    ("0X", b"0X5"),
    ("underscore", b"5_0"),
    ("g", b"g"),
    ("blank-first", b" 5"),
    ("tab-first", b"\t5"),
    ("empty", b""),
    ("arabic-digit", "\u0665".encode()),
    ("fullwidth-a", "\uff21".encode()),
    ("nul", b"5\0"),
    ("vt", b"5\x0b"),
    ("no-break-space", b"5\xa0"),
    ("comma", b"5,"),
    ("point", b"5.0"),
    ("quote", b'"5"'),
    ("h", b"5h"),
    ("blank-and-digit", b"5 0"),
    ("only-extension", b";a=b"),
):
    chunked_bad(f"size-{id}", SIZE, size + b"\r\nhello\r\n0\r\n\r\n")
chunked_bad("size-blank-behind-strict", SIZE, b"5 \r\nhello\r\n0\r\n\r\n", only="request")
chunked_bad("size-tab-behind-strict", SIZE, b"5\t\r\nhello\r\n0\r\n\r\n", only="request")
chunked_good("size-blank-behind-lenient", "as aiohttp", b"5 \r\nhello\r\n0 \r\n\r\n", b"hello", only="response")
chunked_good("size-tabs-behind-lenient", "as aiohttp", b"5\t \t\r\nhello\r\n0\r\n\r\n", b"hello", only="response")
OVERFLOWS = "RFC 9112 7.1, CVE-2021-32714"
chunked_bad("size-2-63", OVERFLOWS, b"8000000000000000\r\nhello")
chunked_bad("size-2-64", OVERFLOWS, b"10000000000000000\r\nhello")
chunked_bad("size-2-64-and-5", OVERFLOWS, b"10000000000000005\r\nhello\r\n0\r\n\r\n")
chunked_bad("size-all-f", OVERFLOWS, b"ffffffffffffffff\r\nhello")
chunked_bad("size-zeros-and-2-63", OVERFLOWS, b"00008000000000000000\r\nhello")
chunked_bad("size-500-digits", OVERFLOWS, b"f" * 500 + b"\r\nhello")
for direction, head in ((to_request, REQUEST), (to_response, RESPONSE)):
    coding = b"Transfer-Encoding: chunked"
    message = (
        request("POST", headers=(b"Host: a", coding), body=b"hello", chunked=True, complete=False)
        if direction is to_request
        else response(headers=(coding,), body=b"hello", chunked=True, complete=False)
    )
    CASES.append(direction("chunk-size-2-63-minus-1", OVERFLOWS, head + b"7fffffffffffffff\r\nhello", message))
    CASES.append(direction("chunk-size-15-digits", OVERFLOWS, head + b"fffffffffffffff\r\nhello", message))
ENDS = "RFC 9112 7.1, CVE-2025-22871, CVE-2025-43859"
chunked_bad("size-line-bare-lf", ENDS, b"5\nhello\r\n0\r\n\r\n")
chunked_bad("size-line-bare-cr", ENDS, b"5\rhello\r\n0\r\n\r\n")
chunked_bad("size-line-cr-cr-lf", ENDS, b"5\r\r\nhello\r\n0\r\n\r\n")
chunked_bad("last-line-bare-lf", ENDS, b"5\r\nhello\r\n0\n\r\n", b"hello")
chunked_bad("data-end-bare-lf", ENDS, b"5\r\nhello\n0\r\n\r\n", b"hello")
chunked_bad("data-end-bare-cr", ENDS, b"5\r\nhello\r0\r\n\r\n", b"hello")
chunked_bad("data-end-any-two-bytes", ENDS, b"5\r\nhelloXX0\r\n\r\n", b"hello")
chunked_bad("data-end-x-lf", ENDS, b"5\r\nhelloX\n0\r\n\r\n", b"hello")
chunked_bad("data-end-cr-x", ENDS, b"5\r\nhello\rX0\r\n\r\n", b"hello")
chunked_bad("data-end-missing", ENDS, b"5\r\nhello0\r\n\r\n", b"hello")
chunked_bad("data-end-cr-cr-lf", ENDS, b"5\r\nhello\r\r\n0\r\n\r\n", b"hello")
chunked_bad("data-end-blank", ENDS, b"5\r\nhello \r\n0\r\n\r\n", b"hello")
chunked_bad("data-end-twice", ENDS, b"5\r\nhello\r\n\r\n0\r\n\r\n", b"hello")
chunked_bad("data-too-long", ENDS, b"4\r\nhello\r\n0\r\n\r\n", b"hell")
chunked_bad("data-too-short", ENDS, b"6\r\nhello\r\n0\r\n\r\n", b"hello\r")
chunked_bad("second-bad", "SECURITY 4.1", b"5\r\nhello\r\nzz\r\n", b"hello")
chunked_bad("last-end-lf-cr", ENDS, b"0\r\n\n\r", only="request")
chunked_bad("last-end-bare-cr", ENDS, b"0\r\n\rX")
chunked_bad("last-end-bare-lf", ENDS, b"0\r\n\n", only="request")
chunked_bad("last-end-smuggled", ENDS, b"0\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n")

good_extensions = (
    ("name", b";a"),
    ("value", b";a=b"),
    ("quoted", b';a="b"'),
    ("quoted-empty", b';a=""'),
    ("quoted-delimiters", b';a="b;c,d e\t=("'),
    ("quoted-pair", b';a="b\\"c\\\\d\\e"'),
    ("two", b";a=b;c=d"),
    ("name-then-value", b";a;b=c;d"),
    ("quoted-then-name", b';a="b";c'),
    ("all-token-characters", b";!#$%&'*+-.^_`|~09azAZ=!#$%&'*+-.^_`|~09azAZ"),
    ("looks-like-a-size", b";5=5"),
    ("many", b";a=b" * 50),
)
for id, extension in good_extensions:
    chunked_good(f"extension-{id}", EXTENSION, b"5" + extension + b"\r\nhello\r\n0\r\n\r\n", b"hello")
chunked_good("extension-last-chunk", EXTENSION, b"5\r\nhello\r\n0;a=b\r\n\r\n", b"hello")
for id, extension in (
    ("empty", b";"),
    ("empty-name", b";;a"),
    ("empty-name-value", b";=b"),
    ("empty-value", b";a="),
    ("empty-value-then-name", b";a=;b"),
    ("blank-first", b"; a=b"),
    ("blank-behind-name", b";a =b"),
    ("blank-before-value", b";a= b"),
    ("blank-behind-value", b";a=b "),
    ("tab", b";\ta"),
    ("bare-lf", b";a\nb"),
    ("bare-lf-in-value", b";a=b\nc"),
    ("bare-cr", b";a\rb"),
    ("bare-lf-in-quotes", b';a="\n"'),
    ("bare-cr-in-quotes", b';a="\rb"'),
    ("crlf-in-quotes", b';a="b\r\n"'),
    ("open-quote", b';a="b'),
    ("open-quote-escaped", b';a="b\\"'),
    ("behind-quote", b';a="b"c'),
    ("two-quotes", b';a="b""c"'),
    ("quote-in-name", b';"a"=b'),
    ("quote-in-value", b';a=b"c"'),
    ("nul", b";a\0"),
    ("nul-in-quotes", b';a="\0"'),
    ("del-in-quotes", b';a="\x7f"'),
    ("obs-text", b";a=\xe9"),
    ("obs-text-name", b";\xe9"),
    ("obs-text-in-quotes", b';a="\xe9"'),
    ("two-equals", b";a==b"),
    ("comma", b";a,b"),
    ("colon", b";a:b"),
    ("control", b";a\x01"),
    ("lf-only-end", b";a\n"),
):
    chunked_bad(f"extension-{id}", EXTENSION + ", CVE-2024-52304", b"5" + extension + b"\r\nhello\r\n0\r\n\r\n")
chunked_bad("extension-blank-before-strict", EXTENSION, b"5 ;a=b\r\nhello\r\n0\r\n\r\n", only="request")
chunked_good("extension-blank-before-lenient", EXTENSION, b"5 ;a=b\r\nhello\r\n0\r\n\r\n", b"hello", only="response")

chunked_good("trailer-one", TRAILER, chunks(b"x", trailers=b"A: b\r\n"), b"x", b"A: b")
chunked_good("trailer-two", TRAILER, chunks(b"x", trailers=b"A: b\r\nC:\td \r\n"), b"x", b"A: b", b"C: d")
chunked_good("trailer-empty-value", TRAILER, chunks(trailers=b"A:\r\n"), b"", b"A: ")
chunked_good("trailer-obs-text", TRAILER, chunks(trailers=b"A: \xff\r\n"), b"", b"A: \xff")
chunked_good(
    "trailer-not-framing", TRAILER, chunks(trailers=b"Digest: x\r\nHost: b\r\n"), b"", b"Digest: x", b"Host: b"
)
chunked_good(
    "trailer-connection-ignored", TRAILER, chunks(trailers=b"Connection: close\r\n"), b"", b"Connection: close"
)
for id, lines in (
    ("length", b"Content-Length: 5\r\n"),
    ("coding", b"Transfer-Encoding: chunked\r\n"),
    ("length-case", b"A: b\r\ncONTENT-lENGTH: 5\r\n"),
    ("blank-before-colon", b"A : b\r\n"),
    ("no-colon", b"A\r\n"),
    ("empty-name", b": b\r\n"),
    ("blank-first", b" A: b\r\n"),
    ("nul-in-value", b"A: b\0\r\n"),
    ("bare-cr", b"A: b\rc\r\n"),
    ("cr-cr-lf", b"A: b\r\r\n"),
    ("obs-text-name", b"\xe9: b\r\n"),
    ("request-line", b"GET / HTTP/1.1\r\n"),
):
    chunked_bad(f"trailer-{id}", TRAILER + ", CVE-2025-53643", chunks(b"x", trailers=lines), b"x")
for id, lines in (("obs-fold", b"A: b\r\n c\r\n"), ("bare-lf", b"A: b\nC: d\r\n"), ("control", b"A: \x01\r\n")):
    chunked_bad(f"trailer-{id}-strict", TRAILER, chunks(b"x", trailers=lines), b"x", only="request")
chunked_good(
    "trailer-bare-lf-lenient", "RFC 9112 2.2", b"1\r\nx\r\n0\r\nA: b\nC: d\n\n", b"x", b"A: b", b"C: d", only="response"
)
chunked_good(
    "trailer-fold-lenient", "RFC 9112 5.2", chunks(b"x", trailers=b"A: b\r\n c\r\n"), b"x", b"A: b c", only="response"
)
chunked_good("last-end-bare-lf-lenient", "RFC 9112 2.2", b"1\r\nx\r\n0\r\n\n", b"x", only="response")
