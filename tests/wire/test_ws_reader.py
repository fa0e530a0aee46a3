"""Frames to messages: every rule of RFC 6455 5 and RFC 7692 6, at every cut, and the same at both speeds."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpora.frames import BINARY, CASES, CLOSE, PING, TEXT, Case, closing, deflated, frame


class Sink:
    """Takes messages; full after each *room* of them."""

    def __init__(self, room: int = 0) -> None:
        self.messages = []
        self.sizes = []
        self.room = room
        self.exception = None
        self.ends = 0

    def feed_data(self, data, size):
        self.messages.append(data)
        self.sizes.append(size)

    def feed_eof(self):
        self.ends += 1

    def set_exception(self, exc):
        assert self.exception is None
        self.exception = exc


@pytest.fixture(scope="module")
def make(lib):
    module = lib.load("_wire.ws.reader")

    class Taker(module.MessageTaker, Sink):
        def take_message(self, message):
            self.messages.append(message)
            return len(self.messages) % self.room == 0

    def make(room=0, **options):
        sink = Taker(room) if room else Sink()
        return module.WebSocketReader(sink, **options), sink

    return make


def plain(messages) -> tuple:
    return tuple(tuple(message) for message in messages)


def check(case: Case, sink: Sink) -> None:
    assert plain(sink.messages) == case.messages
    if case.code is None:
        assert sink.exception is None
    else:
        assert type(sink.exception).__name__ == "WebSocketError"
        assert sink.exception.code == case.code
        with pytest.raises(type(sink.exception), match=case.match):
            raise sink.exception


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_at_once(make, case):
    reader, sink = make(**case.options)
    reader.feed_data(case.wire)
    check(case, sink)


@pytest.mark.parametrize("case", [case for case in CASES if len(case.wire) < 1000], ids=lambda case: case.name)
def test_case_byte_by_byte(make, case):
    reader, sink = make(**case.options)
    for i in range(len(case.wire)):
        reader.feed_data(case.wire[i : i + 1])
    check(case, sink)


@pytest.mark.parametrize("case", [case for case in CASES if len(case.wire) < 200], ids=lambda case: case.name)
def test_case_in_two(make, case):
    for cut in range(1, len(case.wire)):
        reader, sink = make(**case.options)
        reader.feed_data(case.wire[:cut])
        reader.feed_data(case.wire[cut:])
        check(case, sink)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_with_a_slow_receiver(make, case):
    reader, sink = make(room=1, **case.options)
    reader.feed_data(case.wire)
    reader.end(None)
    for _ in case.messages:
        reader.resume()
    check(case, sink)


def received(reader, wire: bytes, size: int) -> None:
    """Feed as a buffered protocol does: into the reader's own memory, where it offers some."""
    at = 0
    while at < len(wire):
        room = reader.room()
        if room is None:
            part = wire[at : at + size]
            reader.feed(bytearray(part) + b"old bytes", len(part))
        else:
            part = wire[at : at + min(size, len(room))]
            room[: len(part)] = part
            del room
            reader.landed(len(part))
        at += len(part)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("size", [1000, 40_000, 1 << 18])
def test_case_received_in_place(make, case, size):
    reader, sink = make(**case.options)
    received(reader, case.wire, size)
    check(case, sink)


def test_message_types(make, lib):
    models = lib.load("_wire.ws.models")
    reader, sink = make()
    reader.feed_data(frame(TEXT, b"{}") + frame(BINARY, b"[1]") + closing(1000))
    assert [type(message) for message in sink.messages] == [models.WSMessage] * 3
    assert [message.type for message in sink.messages] == [models.WSMsgType.TEXT, models.WSMsgType.BINARY, CLOSE]
    assert (sink.messages[0].json(), sink.messages[1].json()) == ({}, [1])
    assert sink.sizes == [2, 3, 2]
    reader, sink = make(decode_text=False)
    reader.feed_data(frame(TEXT, b"{}"))
    assert type(sink.messages[0]) is models.WSMessageTextBytes
    assert sink.messages[0].json() == {}


def masked(wire: bytes, key: bytes) -> bytes:
    """What a client would send of a server's frame."""
    length = wire[1]
    head = 2 if length < 126 else 4 if length == 126 else 10
    payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(wire[head:]))
    return wire[:1] + bytes((length | 0x80,)) + wire[2:head] + key + payload


@pytest.mark.parametrize("size", [0, 5, 126, 70_000])
@pytest.mark.parametrize("step", [1, 3, 1 << 16, 1 << 20])
def test_as_a_server(make, size, step):
    if step < 3 and size > 1000:
        pytest.skip("slow, and seen at other lengths")
    data = bytes(i % 251 for i in range(size))
    reader, sink = make(masked=True)
    received(reader, masked(frame(BINARY, data), b"\x01\xfe\x80\x7f") + masked(frame(TEXT, b"hi"), b"abcd"), step)
    assert plain(sink.messages) == ((BINARY, data, ""), (TEXT, "hi", ""))


def test_server_refuses_what_is_not_masked(make):
    reader, sink = make(masked=True)
    assert reader.feed_data(frame(TEXT, b"hi")) == (True, b"")
    assert sink.exception.code == 1002
    assert "without a mask" in str(sink.exception)


def test_peer_is_named(make):
    reader, sink = make(peer="ws://host/path")
    reader.feed_data(frame(3))
    assert str(sink.exception) == "Frame with the unknown opcode 3: ws://host/path"


def test_nothing_after_an_error(make):
    reader, sink = make()
    assert not reader.is_over
    reader.feed_data(frame(3) + frame(TEXT, b"a"))
    reader.feed_data(frame(TEXT, b"a"))
    assert reader.is_over
    assert sink.messages == []


def test_nothing_after_close(make):
    reader, sink = make()
    reader.feed_data(closing(1000))
    assert reader.feed_data(frame(TEXT, b"a") + frame(3)) == (True, b"")
    assert len(sink.messages) == 1
    assert sink.exception is None


def test_ends(make):
    reader, sink = make()
    reader.feed_data(frame(TEXT, b"abc")[:3])
    reader.feed_eof()
    assert (sink.messages, sink.exception, sink.ends) == ([], None, 1)
    reader.feed_data(b"bc")
    assert sink.messages == []


def test_end_behind_what_is_held(make):
    reader, sink = make(room=1)
    reader.feed_data(frame(TEXT, b"a") + frame(TEXT, b"b"))
    reader.feed_data(frame(TEXT, b"c"))
    assert reader.is_held
    lost = ConnectionResetError("gone")
    reader.end(lost)
    assert (len(sink.messages), sink.exception) == (1, None)
    reader.resume()
    assert (len(sink.messages), sink.exception) == (2, None)
    reader.resume()
    assert reader.is_held
    reader.resume()
    assert len(sink.messages) == 3
    assert sink.exception is lost
    reader.resume()
    assert not reader.is_held


def test_bombs_wait_for_room(make):
    """Many small frames, each much when inflated, are not inflated before there is room."""
    reader, sink = make(room=1)
    reader.feed_data(frame(BINARY, deflated(bytes(1 << 20)), rsv=4) * 50)
    assert len(sink.messages) == 1


def test_context_of_earlier_messages(make):
    made = zlib.compressobj(wbits=-15)
    wire = b""
    for _ in range(3):
        wire += frame(TEXT, (made.compress(b"the same again") + made.flush(zlib.Z_SYNC_FLUSH))[:-4], rsv=4)
    reader, sink = make()
    reader.feed_data(wire)
    assert [message.data for message in sink.messages] == ["the same again"] * 3
    reader, sink = make(takeover=False)
    reader.feed_data(wire)
    assert len(sink.messages) == 1
    assert sink.exception.code == 1007


def test_limit_must_be_one(make):
    with pytest.raises(ValueError, match="max_msg_size"):
        make(max_msg_size=-1)


def test_endless_fragments_take_no_more_than_the_limit(make):
    reader, sink = make(max_msg_size=1000)
    reader.feed_data(frame(BINARY, b"a", fin=False))
    for _ in range(998):
        reader.feed_data(frame(0, b"a", fin=False) + frame(0, fin=False))
    assert sink.exception is None
    reader.feed_data(frame(0, b"ab", fin=False))
    assert sink.exception.code == 1009


def test_declared_length_takes_no_memory_yet(make):
    """Without a limit too: what is not there yet is not believed."""
    reader, sink = make(max_msg_size=0)
    reader.feed_data(frame(BINARY, declared=1 << 50))
    for _ in range(3):
        reader.feed_data(bytes(1 << 16))
    assert sink.exception is None
    assert len(reader.room()) <= 1 << 26


# Anything at all

messages = st.lists(
    st.tuples(st.sampled_from([TEXT, BINARY, PING]), st.text(max_size=60), st.integers(1, 4), st.booleans()), max_size=8
)


def wire_of(script) -> tuple[bytes, list]:
    """Return frames for *script*, in fragments, some compressed; and the messages in them."""
    wire, expected = b"", []
    for opcode, text, pieces, is_coded in script:
        data = text.encode()
        expected.append((opcode, data.decode() if opcode == TEXT else data, ""))
        if opcode == PING:
            data = data[:125]
            expected[-1] = (PING, data, "")
            wire += frame(PING, data)
            continue
        rsv = 0
        if is_coded:
            data, rsv = deflated(data), 4
        step = -(-len(data) // pieces) or 1
        parts = [data[i : i + step] for i in range(0, len(data), step)] or [b""]
        for i, part in enumerate(parts):
            wire += frame(0 if i else opcode, part, fin=i == len(parts) - 1, rsv=0 if i else rsv)
    return wire, expected


def test_any_messages_at_any_cut(make):
    @given(messages, st.lists(st.integers(0, 400), max_size=6), st.integers(0, 3))
    def check_one(script, cuts, room):
        wire, expected = wire_of(script)
        reader, sink = make(room=room)
        last = 0
        for cut in (*sorted(cuts), len(wire)):
            reader.feed_data(wire[last:cut])
            last = max(last, cut)
        while reader.is_held:
            reader.resume()
        assert sink.exception is None
        assert list(plain(sink.messages)) == expected

    check_one()


def test_any_bytes_are_taken_alike_at_any_cut(make, lib):
    """Whatever comes: no other exception, and the verdict does not depend on the cuts."""

    def verdict(data: bytes, parts: list[int]):
        reader, sink = make(max_msg_size=300)
        last = 0
        for cut in (*sorted(parts), len(data)):
            reader.feed_data(data[last:cut])
            last = max(last, cut)
        return plain(sink.messages), sink.exception and (sink.exception.code, str(sink.exception))

    heads = st.builds(
        lambda first, second, rest: bytes((first, second)) + rest,
        st.sampled_from([0x81, 0x82, 0x01, 0x80, 0x00, 0xC1, 0x88, 0x89, 0x8A, 0x83]) | st.integers(0, 255),
        st.sampled_from([0, 1, 2, 3, 126, 127]) | st.integers(0, 255),
        st.binary(max_size=12),
    )

    @given(st.lists(heads, max_size=6).map(b"".join), st.lists(st.integers(0, 60), max_size=5))
    @settings(max_examples=400)
    def check_one(data, cuts):
        assert verdict(data, cuts) == verdict(data, [])

    check_one()


def test_both_speeds_agree(lib):
    """On the same bytes, good or bad, in whatever pieces; one comparison is enough."""
    if lib.name != "compiled":
        pytest.skip("compared from the other side")
    from tests.conftest import _load_pure_tree

    pure = _load_pure_tree().load("_wire.ws.reader").WebSocketReader
    fast = lib.load("_wire.ws.reader").WebSocketReader

    @given(
        st.lists(
            st.sampled_from([case.wire for case in CASES if len(case.wire) < 500])
            | st.binary(max_size=20)
            | st.tuples(st.sampled_from([126, 127]), st.integers(0, 70_000)).map(
                lambda pair: (
                    b"\x82"
                    + bytes((pair[0],))
                    + (struct.pack("!H", pair[1] & 0xFFFF) if pair[0] == 126 else struct.pack("!Q", pair[1]))
                )
            ),
            max_size=4,
        ),
        st.sampled_from([1, 2, 7, 1000]),
        st.booleans(),
    )
    @settings(max_examples=300)
    def check_one(pieces, step, compress):
        wire = b"".join(pieces)
        sinks = Sink(), Sink()
        for made, sink in zip((fast, pure), sinks, strict=True):
            reader = made(sink, 400, compress)
            for i in range(0, len(wire), step):
                reader.feed_data(wire[i : i + step])
        assert plain(sinks[0].messages) == plain(sinks[1].messages)
        assert repr(sinks[0].exception) == repr(sinks[1].exception)

    check_one()
