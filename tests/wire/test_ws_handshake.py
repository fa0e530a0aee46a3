"""The opening handshake, close codes and compression, as words on the wire (RFC 6455 4 and 7.4, RFC 7692 7)."""

import base64
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
DEFLATE = "permessage-deflate"


@pytest.fixture(scope="module")
def h(lib):
    return lib.load("_wire.ws.handshake")


@pytest.fixture(scope="module")
def refused(lib):
    return lib.load("_wire.ws.models").WSHandshakeError


def answer(*more: tuple[str, str], **replaced: str) -> CIMultiDict[str]:
    fields = CIMultiDict({"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT})
    for name, value in replaced.items():
        fields[name.replace("_", "-")] = value
    fields.extend(more)
    return fields


def test_key(h):
    keys = {h.make_key() for _ in range(100)}
    assert len(keys) == 100
    assert {len(base64.b64decode(key)) for key in keys} == {16}
    assert h.accept_of(KEY) == ACCEPT


@pytest.mark.parametrize(
    "fields",
    [
        answer(),
        answer(Upgrade=" WebSocket ", Connection="keep-alive, UPGRADE"),
        answer(("Connection", "close, upgrade"), Connection="x"),
    ],
)
def test_accepted(h, fields):
    assert h.check_answer(101, fields, KEY, (), 0, False) == (None, 0, False, False)


@pytest.mark.parametrize(
    ("status", "fields", "why"),
    [
        (200, answer(), "status"),
        (101, answer(Upgrade="tcp"), "upgrade"),
        (101, answer(Upgrade=""), "upgrade"),
        (101, answer(Connection="close"), "connection"),
        (101, answer(Connection="upgraded"), "connection"),
        (101, answer(Sec_WebSocket_Accept=ACCEPT.lower()), "challenge"),
        (101, answer(Sec_WebSocket_Accept=""), "challenge"),
        (101, answer(Sec_WebSocket_Accept="é"), "challenge"),
        (101, answer(("Sec-WebSocket-Accept", ACCEPT)), "challenge"),
        (101, answer(Sec_WebSocket_Protocol="a"), "Subprotocol 'a', asked for was: none"),
        (101, answer(Sec_WebSocket_Protocol=""), "Subprotocol ''"),
        (101, answer(Sec_WebSocket_Extensions=DEFLATE), "not asked for"),
        (101, answer(Sec_WebSocket_Extensions=""), "not asked for"),
    ],
)
def test_refused(h, refused, status, fields, why):
    with pytest.raises(refused, match=why):
        h.check_answer(status, fields, KEY, (), 0, False)


def test_refused_fields_are_needed(h, refused):
    for name in ("Upgrade", "Connection", "Sec-WebSocket-Accept"):
        fields = answer()
        del fields[name]
        with pytest.raises(refused):
            h.check_answer(101, fields, KEY, (), 0, False)


def test_subprotocol(h, refused):
    asked = ("a", "chat.v2")
    assert h.check_answer(101, answer(Sec_WebSocket_Protocol=" chat.v2 "), KEY, asked, 0, False).protocol == "chat.v2"
    assert h.check_answer(101, answer(), KEY, asked, 0, False).protocol is None
    for wrong in ("b", "a, chat.v2", "A"):
        with pytest.raises(refused, match=r"asked for was: a, chat\.v2"):
            h.check_answer(101, answer(Sec_WebSocket_Protocol=wrong), KEY, asked, 0, False)
    twice = answer(("Sec-WebSocket-Protocol", "a"), ("Sec-WebSocket-Protocol", "a"))
    with pytest.raises(refused, match="Subprotocol"):
        h.check_answer(101, twice, KEY, asked, 0, False)


def test_subprotocols_to_ask_for(h):
    assert h.subprotocols(["a", "b"]) == ("a", "b")
    assert h.subprotocols("chat") == ("chat",)
    assert h.subprotocols(()) == ()
    for wrong in ([""], ["a b"], ["a,b"], ["a\r\nX: y"], ["é"]):
        with pytest.raises(ValueError, match="token"):
            h.subprotocols(wrong)
    with pytest.raises(ValueError, match="differ"):
        h.subprotocols(["a", "a"])


@pytest.mark.parametrize(
    ("agreed", "asked", "result"),
    [
        (DEFLATE, 15, (15, False, False)),
        (DEFLATE.upper(), 15, (15, False, False)),
        (f"{DEFLATE}; client_max_window_bits=10", 15, (10, False, False)),
        (f'{DEFLATE};client_max_window_bits="10"', 15, (10, False, False)),
        (f"{DEFLATE}; client_no_context_takeover", 15, (15, True, False)),
        (f"{DEFLATE}; server_no_context_takeover;client_no_context_takeover", 15, (15, True, True)),
        (f"{DEFLATE}; server_max_window_bits=8", 15, (15, False, False)),
        (f"{DEFLATE}; server_max_window_bits=12", 12, (12, False, False)),
        (f"{DEFLATE}; client_max_window_bits=15", 12, (12, False, False)),
    ],
)
def test_agreed_extensions(h, agreed, asked, result):
    assert h.check_answer(101, answer(Sec_WebSocket_Extensions=agreed), KEY, (), asked, True)[1:] == result


@pytest.mark.parametrize(
    "agreed",
    [
        "",
        "x-foo",
        f"{DEFLATE}, {DEFLATE}",
        f"{DEFLATE}, x-foo",
        f"{DEFLATE}; foo",
        f"{DEFLATE}foo",
        f"{DEFLATE}; client_max_window_bits",
        f"{DEFLATE}; server_max_window_bits",
        *(f"{DEFLATE}; client_max_window_bits={bits}" for bits in ("8", "7", "16", "010", "+10", "1_0", "", "x", "٩")),
        f"{DEFLATE}; server_max_window_bits=13",
        f"{DEFLATE}; server_max_window_bits=7",
        f"{DEFLATE}; client_no_context_takeover=1",
        f"{DEFLATE}; client_no_context_takeover; client_no_context_takeover",
        f"{DEFLATE}; client_max_window_bits=10; client_max_window_bits=11",
        f"{DEFLATE};",
    ],
)
def test_extensions_not_agreed(h, refused, agreed):
    with pytest.raises(refused, match=r"not asked for|not supported|bits"):
        h.check_answer(101, answer(Sec_WebSocket_Extensions=agreed), KEY, (), 12, True)


# The old functions, as aiohttp has them


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), f"{DEFLATE}; client_max_window_bits"),
        ((15, True), DEFLATE),
        ((9,), f"{DEFLATE}; client_max_window_bits; server_max_window_bits=9"),
        ((10, True, True), f"{DEFLATE}; server_max_window_bits=10; server_no_context_takeover"),
        ((15, False, True), f"{DEFLATE}; client_max_window_bits; server_no_context_takeover"),
    ],
)
def test_ext_gen(h, arguments, text):
    assert h.ws_ext_gen(*arguments) == text


@pytest.mark.parametrize("bits", [0, 8, 16, -15])
def test_ext_gen_of_wrong_bits(h, bits):
    with pytest.raises(ValueError, match=f"between 9 and 15, not {bits}"):
        h.ws_ext_gen(bits)


@pytest.mark.parametrize(
    ("text", "client", "server"),
    [
        (None, (0, False), (0, False)),
        ("", (0, False), (0, False)),
        ("x-foo", (0, False), (0, False)),
        (DEFLATE, (15, False), (15, False)),
        (f"x-foo, {DEFLATE}", (15, False), (15, False)),
        (f"{DEFLATE}; client_max_window_bits=9", (9, False), (15, False)),
        (f"{DEFLATE}; server_max_window_bits=10", (15, False), (10, False)),
        (f"{DEFLATE}; server_no_context_takeover", (15, False), (15, True)),
        (f"{DEFLATE}; client_no_context_takeover", (15, True), (15, False)),
        (f"{DEFLATE}; server_max_window_bits=8", (15, False), (0, False)),
        (f"{DEFLATE}; foo", None, (0, False)),
        (f"{DEFLATE}; foo, {DEFLATE}; server_max_window_bits=11", None, (11, False)),
        (f"{DEFLATE}; client_max_window_bits=16", None, (0, False)),
        (f"{DEFLATE}; client_max_window_bits", None, (15, False)),
        (f"{DEFLATE}; server_no_context_takeover=1", None, (0, False)),
        (f"{DEFLATE}; client_max_window_bits=9; client_max_window_bits=10", None, (0, False)),
    ],
)
def test_ext_parse(h, refused, text, client, server):
    assert h.ws_ext_parse(text, True) == server
    if client is None:
        with pytest.raises(refused, match="not supported"):
            h.ws_ext_parse(text)
    else:
        assert h.ws_ext_parse(text) == client


def test_ext_parse_of_anything(h, refused):
    words = st.sampled_from([DEFLATE, ";", ",", "=", " ", '"', "client_max_window_bits", "10", "x"])

    @given(st.lists(words, max_size=12).map("".join) | st.text(max_size=30))
    def check(text):
        bits, fresh = h.ws_ext_parse(text, True)
        assert bits in (0, *range(9, 16))
        try:
            bits, fresh = h.ws_ext_parse(text)
        except refused:
            return
        assert bits in (0, *range(9, 16))
        assert isinstance(fresh, bool)

    check()


# Close codes


@pytest.fixture(scope="module")
def closing(lib):
    return lib.load("_wire.ws.closing")


def test_close_body(closing):
    assert closing.close_body(1000) == b"\x03\xe8"
    assert closing.close_body(4999, "grüße") == b"\x13\x87gr\xc3\xbc\xc3\x9fe"
    assert closing.close_body(3000, b"r" * 123) == b"\x0b\xb8" + b"r" * 123
    assert closing.close_body(0) == b""


@pytest.mark.parametrize("code", [-1, 1, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1 << 17])
def test_codes_that_must_not_be_sent(closing, code):
    with pytest.raises(ValueError, match=f"^{code} is no close code"):
        closing.close_body(code)


def test_reason_that_is_too_long_or_without_code(closing):
    with pytest.raises(ValueError, match="at most 123 bytes, not 124"):
        closing.close_body(1000, "ü" * 62)
    with pytest.raises(ValueError, match=r"^0 is no close code"):
        closing.close_body(0, b"why")


# Compression


@pytest.fixture(scope="module")
def d(lib):
    return lib.load("_wire.ws.deflate")


@pytest.fixture(params=["zlib", "isal.isal_zlib", "zlib_ng.zlib_ng"])
def backend(request, lib):
    module = pytest.importorskip(request.param)
    coding = lib.load("_wire.coding")
    coding.set_zlib_backend(module)
    yield
    coding.set_zlib_backend(None)


def bodies() -> list[bytes]:
    source = random.Random(3)
    return [b"hello " * 30, b"", b"hello " * 30, source.randbytes(70_000), b"x", b"ab" * 50_000, b""]


@pytest.mark.parametrize("bits", [9, 12, 15])
@pytest.mark.parametrize("takeover", [True, False])
def test_any_peer_reads_what_is_compressed(backend, d, bits, takeover):
    deflater = d.Deflater(bits, takeover)
    peer = zlib.decompressobj(wbits=-bits)
    for body in bodies():
        if not takeover:
            peer = zlib.decompressobj(wbits=-bits)
        assert peer.decompress(deflater.compress(body) + b"\0\0\xff\xff") == body


def test_earlier_messages_help_only_with_takeover(backend, d):
    body = random.Random(1).randbytes(500)
    deflater = d.Deflater(15, True)
    assert len(deflater.compress(body)) > 490
    assert len(deflater.compress(body)) < 50
    deflater = d.Deflater(15, False)
    assert len(deflater.compress(body)) == len(deflater.compress(body)) > 490


@pytest.mark.parametrize("level", [None, 1, 6, 9, 15])
def test_messages_compressed_alone(backend, d, level):
    deflater = d.Deflater(15, True)
    peer = zlib.decompressobj(wbits=-15)
    for i, body in enumerate(bodies() * 2):
        if i % 2:
            coded = deflater.compress_alone(body, level)
            deflater.forget()
        else:
            coded = deflater.compress(body)
        assert peer.decompress(coded + b"\0\0\xff\xff") == body


@pytest.mark.parametrize("takeover", [True, False])
def test_inflate(backend, d, takeover):
    made = zlib.compressobj(wbits=-15)
    inflater = d.Inflater(takeover)
    for body in bodies():
        if not takeover:
            made = zlib.compressobj(wbits=-15)
        coded = (made.compress(body) + made.flush(zlib.Z_SYNC_FLUSH))[:-4]
        assert inflater.inflate(coded, len(body) if body else 1) == body
        if not body:
            continue
    assert inflater.inflate(b"\0") == b""


def test_inflate_refuses(backend, d, lib):
    error = lib.load("_wire.ws.models").WebSocketError
    made = zlib.compressobj(wbits=-15)
    bomb = (made.compress(bytes(1 << 24)) + made.flush(zlib.Z_SYNC_FLUSH))[:-4]
    with pytest.raises(error, match="more than 1000 bytes") as caught:
        d.Inflater().inflate(bomb, 1000)
    assert caught.value.code == 1009
    assert len(d.Inflater().inflate(bomb)) == 1 << 24
    for wrong in (b"\xff\xff\xff\xff", b"\x03\x00\x03\x00", b"\x02\x13\x00\x00"):
        with pytest.raises(error, match="not deflate") as caught:
            d.Inflater().inflate(wrong, 1000)
        assert caught.value.code == 1007


def test_final_block_before_the_limit_and_behind(backend, d, lib):
    error = lib.load("_wire.ws.models").WebSocketError
    made = zlib.compressobj(wbits=-15)
    coded = made.compress(b"a" * 100) + made.flush() + b"\0"
    inflater = d.Inflater()
    assert inflater.inflate(coded, 100) == b"a" * 100
    assert inflater.inflate(coded, 100) == b"a" * 100  # its window has ended with it
    with pytest.raises(error, match="more than 99"):
        inflater.inflate(coded, 99)
