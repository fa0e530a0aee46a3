"""What a WebSocket client receives, and what it makes of it (RFC 6455 5, RFC 7692): cases as data."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, rsv: int = 0, declared: int | None = None) -> bytes:
    """A server's frame; *declared* is a length that is not the data's."""
    size = len(data) if declared is None else declared
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    if size < 126:
        return struct.pack("!BB", first, size) + data
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + data
    return struct.pack("!BBQ", first, 127, size) + data


def closing(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


def deflated(data: bytes, *, final: bool = False) -> bytes:
    """A message's payload, compressed with nothing before it."""
    made = zlib.compressobj(wbits=-15)
    if final:  # RFC 7692 7.2.3.4
        return made.compress(data) + made.flush(zlib.Z_FINISH) + b"\0"
    return (made.compress(data) + made.flush(zlib.Z_SYNC_FLUSH))[:-4]


@dataclass(frozen=True)
class Case:
    """*messages* are what comes out, then the reader fails with *code*, if there is one; *match* is in its text."""

    name: str
    wire: bytes
    messages: tuple[tuple[Any, ...], ...] = ()
    code: int | None = None
    match: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


PLAIN = {"compress": False}
SMALL = {"max_msg_size": 100}

GOOD = (
    Case("empty text", frame(TEXT), ((TEXT, "", ""),)),
    Case("text", frame(TEXT, "grüße €".encode()), ((TEXT, "grüße €", ""),)),
    Case("binary", frame(BINARY, b"\0\xff"), ((BINARY, b"\0\xff", ""),)),
    Case("125 bytes", frame(BINARY, b"a" * 125), ((BINARY, b"a" * 125, ""),)),
    Case("126 bytes", frame(BINARY, b"a" * 126), ((BINARY, b"a" * 126, ""),)),
    Case("65535 bytes", frame(BINARY, b"a" * 65535), ((BINARY, b"a" * 65535, ""),)),
    Case("65536 bytes", frame(TEXT, b"a" * 65536), ((TEXT, "a" * 65536, ""),)),
    Case("ping and pong", frame(PING, b"p" * 125) + frame(PONG), ((PING, b"p" * 125, ""), (PONG, b"", ""))),
    Case(
        "fragments, with a ping between",
        frame(TEXT, b"a", fin=False) + frame(0, b"", fin=False) + frame(PING, b"x") + frame(0, b"b") + frame(BINARY),
        ((PING, b"x", ""), (TEXT, "ab", ""), (BINARY, b"", "")),
    ),
    Case(
        "a character in three fragments",
        frame(TEXT, b"\xe2", fin=False) + frame(0, b"\x82", fin=False) + frame(0, b"\xac"),
        ((TEXT, "€", ""),),
    ),
    Case("fragments, all empty", frame(BINARY, fin=False) + frame(0), ((BINARY, b"", ""),)),
    Case("text as bytes", frame(TEXT, "€".encode()), ((TEXT, "€".encode(), ""),), options={"decode_text": False}),
    Case("close", closing(1000, b"bye") + b"what follows is not read", ((CLOSE, 1000, "bye"),)),
    Case("close without a code", frame(CLOSE), ((CLOSE, 0, ""),)),
    *(Case(f"close {code}", closing(code), ((CLOSE, code, ""),)) for code in (1001, 1003, 1007, 1014, 3000, 4999)),
    Case("limit, just", frame(BINARY, b"a" * 100), ((BINARY, b"a" * 100, ""),), options=SMALL),
    Case(
        "limit, fragments",
        frame(TEXT, b"a" * 50, fin=False) + frame(PING, b"b" * 125) + frame(0, b"a" * 50),
        ((PING, b"b" * 125, ""), (TEXT, "a" * 100, "")),
        options=SMALL,
    ),
    Case("no limit", frame(BINARY, b"a" * 5_000_000), ((BINARY, b"a" * 5_000_000, ""),), options={"max_msg_size": 0}),
    Case("limit of all there is", frame(TEXT, b"a"), ((TEXT, "a", ""),), options={"max_msg_size": (1 << 63) - 1}),
    Case("compressed", frame(TEXT, deflated(b"abc" * 100), rsv=4), ((TEXT, "abc" * 100, ""),)),
    Case("compressed, final block", frame(TEXT, deflated(b"Hello", final=True), rsv=4), ((TEXT, "Hello", ""),)),
    Case(
        "compressed, then not, then compressed",
        frame(BINARY, deflated(b"a"), rsv=4) + frame(BINARY, b"b") + frame(BINARY, deflated(b"c"), rsv=4),
        ((BINARY, b"a", ""), (BINARY, b"b", ""), (BINARY, b"c", "")),
    ),
    Case(
        "compressed in fragments, with a ping between",
        frame(TEXT, deflated(b"hello")[:3], rsv=4, fin=False) + frame(PING) + frame(0, deflated(b"hello")[3:]),
        ((PING, b"", ""), (TEXT, "hello", "")),
    ),
    Case("compressed, nothing", frame(TEXT, b"\0", rsv=4), ((TEXT, "", ""),)),
    Case("compressed, limit", frame(TEXT, deflated(b"a" * 100), rsv=4), ((TEXT, "a" * 100, ""),), options=SMALL),
    Case(
        "compressed to more than it is, at the limit",
        frame(BINARY, deflated(bytes(range(100))), rsv=4),
        ((BINARY, bytes(range(100)), ""),),
        options=SMALL,
    ),
)

BAD = (
    *(Case(f"reserved bit {rsv}", frame(TEXT, b"a", rsv=rsv), code=1002, match="reserved") for rsv in (1, 2, 3, 6, 7)),
    Case("compressed, not agreed", frame(TEXT, deflated(b"a"), rsv=4), code=1002, match="reserved", options=PLAIN),
    *(Case(f"compressed control {op}", frame(op, rsv=4), code=1002, match="reserved") for op in (CLOSE, PING, PONG)),
    Case(
        "compressed continuation",
        frame(TEXT, b"a", rsv=4, fin=False) + frame(0, b"a", rsv=4),
        code=1002,
        match="reserved",
    ),
    *(Case(f"opcode {op}", frame(op, b"a"), code=1002, match=f"opcode {op}$") for op in (3, 4, 5, 6, 7, 11, 13, 15)),
    Case("masked", b"\x81\x81\0\0\0\0a", code=1002, match="with a mask"),
    Case("masked ping", b"\x89\x80\0\0\0\0", code=1002, match="with a mask"),
    *(Case(f"long control {op}", frame(op, b"a" * 126), code=1002, match="125") for op in (CLOSE, PING, PONG)),
    *(Case(f"control in parts {op}", frame(op, fin=False), code=1002, match="fragments") for op in (CLOSE, PING, PONG)),
    Case("continuation of nothing", frame(0, b"a"), code=1002, match="without a message"),
    Case("continuation of what has ended", frame(TEXT, b"a") + frame(0), ((TEXT, "a", ""),), 1002, "without a message"),
    Case("message within a message", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), code=1002, match="before"),
    Case("binary within text", frame(TEXT, b"a", fin=False) + frame(BINARY, fin=False), code=1002, match="before"),
    Case("length 125 in 16 bits", b"\x82\x7e\x00\x7d" + b"a" * 125, code=1002, match="shortest"),
    Case("length 0 in 64 bits", b"\x82\x7f" + bytes(8), code=1002, match="shortest"),
    Case("length 65535 in 64 bits", b"\x82\x7f" + struct.pack("!Q", 65535), code=1002, match="shortest"),
    Case("length of 64 bits", b"\x82\x7f\x80" + bytes(7), code=1002, match="shortest"),
    Case("text that is not UTF-8", frame(TEXT, b"a\xff"), code=1007, match="UTF-8"),
    Case("a surrogate", frame(TEXT, b"\xed\xa0\x80"), code=1007, match="UTF-8"),
    Case("an overlong form", frame(TEXT, b"\xc0\xaf"), code=1007, match="UTF-8"),
    Case("half a character", frame(TEXT, b"\xe2\x82"), code=1007, match="UTF-8"),
    Case(
        "half a character in fragments", frame(TEXT, b"\xe2", fin=False) + frame(0, b"\x82"), code=1007, match="UTF-8"
    ),
    Case("a bad fragment, seen at once", frame(TEXT, b"a\xff", fin=False), code=1007, match="UTF-8"),
    Case("not UTF-8, not decoded", frame(TEXT, b"\xff"), code=1007, match="UTF-8", options={"decode_text": False}),
    Case("close with half a code", frame(CLOSE, b"\x03"), code=1002, match="half"),
    *(
        Case(f"close {code}", closing(code), code=1002, match=f"code {code}$")
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    ),
    Case("close whose reason is not UTF-8", closing(1000, b"\xff"), code=1007, match="UTF-8"),
    Case("too large", frame(BINARY, b"a" * 101), code=1009, match="101 bytes.*=100$", options=SMALL),
    Case("too large, only declared", frame(BINARY, declared=101), code=1009, match="101 bytes", options=SMALL),
    Case("huge, only declared", frame(BINARY, declared=(1 << 63) - 1), code=1009, match="4194304"),
    Case(
        "huge continuation, only declared",
        frame(TEXT, b"a" * 60, fin=False) + frame(0, declared=(1 << 63) - 1),
        code=1009,
        match="limit",
    ),
    Case("too large in fragments", frame(TEXT, b"a" * 60, fin=False) + frame(0, b"a" * 41), code=1009, options=SMALL),
    Case("bomb", frame(TEXT, deflated(b"a" * 100_000), rsv=4), code=1009, match="more than 100 bytes", options=SMALL),
    Case("bomb, one too many", frame(TEXT, deflated(b"a" * 101), rsv=4), code=1009, options=SMALL),
    Case("compressed, too much", frame(BINARY, declared=200, rsv=4), code=1009, match="200 bytes", options=SMALL),
    Case("not deflate", frame(TEXT, b"\xff\xff\xff", rsv=4), code=1007, match="deflate"),
    Case("two final blocks", frame(TEXT, b"\x03\0\x03\0", rsv=4), code=1007, match="final"),
    Case("a window that there is not", frame(TEXT, b"\x02\x13\x00\x00", rsv=4), code=1007, match="deflate"),
    Case("compressed, not UTF-8", frame(TEXT, deflated(b"\xff"), rsv=4), code=1007, match="UTF-8"),
)

CASES = GOOD + BAD
