"""WebSocketWriter, WebSocketQueue and WebSocketGuard over real connections."""

import asyncio
import random
import struct
import zlib

import pytest

from tests.corpora.frames import BINARY, PING, PONG, TEXT
from tests.stream.test_writer import connected, sent


def parsed(wire: bytes, is_masked: bool) -> list[tuple[int, bytes, bytes]]:
    """Split what a peer got: first byte, key and payload of each frame."""
    found = []
    at = 0
    while at < len(wire):
        first, second = wire[at : at + 2]
        assert bool(second & 0x80) == is_masked
        size, at = second & 0x7F, at + 2
        if size == 126:
            size, at = struct.unpack_from("!H", wire, at)[0], at + 2
        elif size == 127:
            size, at = struct.unpack_from("!Q", wire, at)[0], at + 8
        key = wire[at : at + 4] if is_masked else b""
        at += len(key)
        data = wire[at : at + size]
        assert len(data) == size
        at += size
        if is_masked:
            pad = (key * (size // 4 + 1))[:size]
            data = (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")
        found.append((first, key, data))
    return found


def writer_of(lib, protocol, **options):
    return lib.load("_stream.ws_writer").WebSocketWriter(protocol, protocol.transport, **options)


@pytest.mark.parametrize("is_masked", [True, False])
async def test_frames(lib, is_masked):
    big = random.Random(1).randbytes(70_000)
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, use_mask=is_masked)
        await writer.send_frame("grüße", TEXT)
        await writer.send_frame(b"", BINARY)
        await writer.send_frame(big, BINARY)
        await writer.send_frame(bytearray(big), BINARY)
        await writer.send_frame(memoryview(big)[:300], BINARY)
        await writer.send_frame(b"p" * 125, PING)
        await writer.close(4000, "bye")
        frames = parsed(await sent(peer, protocol), is_masked)
    assert [(first, data) for first, _, data in frames] == [
        (0x81, "grüße".encode()),
        (0x82, b""),
        (0x82, big),
        (0x82, big),
        (0x82, big[:300]),
        (0x89, b"p" * 125),
        (0x88, b"\x0f\xa0bye"),
    ]


async def test_keys_are_drawn_anew(lib):
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, use_mask=True)
        for _ in range(300):
            await writer.send_frame(b"abc", BINARY)
        keys = [key for _, key, _ in parsed(await sent(peer, protocol), True)]
    assert len(set(keys)) > 295
    assert {len(key) for key in keys} == {4}


async def test_keys_from_a_generator_of_the_tests(lib):
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, use_mask=True, random=random.Random(5))
        await writer.send_frame(b"abc", BINARY)
        await writer.send_frame(b"abc", BINARY)
        keys = [key for _, key, _ in parsed(await sent(peer, protocol), True)]
    source = random.Random(5)
    assert keys == [source.getrandbits(32).to_bytes(4, "big") for _ in range(2)]


@pytest.mark.parametrize("opcode", [PING, PONG])
async def test_control_frames_are_small(lib, opcode):
    async with connected(lib) as (_, protocol):
        writer = writer_of(lib, protocol)
        for message in (b"a" * 126, "ü" * 63):
            with pytest.raises(ValueError, match="at most 125 bytes"):
                await writer.send_frame(message, opcode)


async def test_close_is_the_last(lib):
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol)
        with pytest.raises(ValueError, match="1006 is no close code"):
            await writer.close(1006)
        await writer.close()
        for sending in (writer.send_frame(b"a", BINARY), writer.send_frame(b"", PING), writer.close()):
            with pytest.raises(ConnectionResetError, match="Cannot write to closing transport"):
                await sending
        assert parsed(await sent(peer, protocol), False) == [(0x88, b"", b"\x03\xe8")]


async def test_transport_that_is_closing(lib):
    async with connected(lib) as (_, protocol):
        writer = writer_of(lib, protocol)
        protocol.transport.close()
        with pytest.raises(ConnectionResetError, match="Cannot write"):
            await writer.send_frame(b"a", BINARY)


async def test_slow_peer_holds_senders_back(lib):
    piece = bytes(1 << 16)
    async with connected(lib) as (peer, protocol):
        peer.go.clear()
        writer = writer_of(lib, protocol, limit=1 << 17)
        done = 0

        async def send() -> None:
            nonlocal done
            for _ in range(400):
                await writer.send_frame(piece, BINARY)
                done += 1

        senders = [asyncio.create_task(send()) for _ in range(3)]
        before = -1
        while before != done or not protocol.writing_paused:
            before = done
            await asyncio.sleep(0.05)
        assert protocol.transport.get_write_buffer_size() < 1 << 20
        assert done < 1200
        peer.go.set()
        await asyncio.gather(*senders)
        assert len(parsed(await sent(peer, protocol), False)) == 1200


async def test_waiting_sender_hears_of_the_end(lib):
    async with connected(lib) as (peer, protocol):
        peer.go.clear()
        writer = writer_of(lib, protocol, limit=0)

        async def send() -> None:
            while True:
                await writer.send_frame(bytes(1 << 16), BINARY)

        sender = asyncio.create_task(send())
        while not protocol.writing_paused:
            await asyncio.sleep(0.01)
        peer.writer.transport.abort()
        with pytest.raises(ConnectionResetError):
            await sender


# Compression


def inflated(frames: list[tuple[int, bytes, bytes]], bits: int = 15) -> list[bytes]:
    """What a peer with one window makes of the frames."""
    inflate = zlib.decompressobj(wbits=-bits)
    return [inflate.decompress(data + b"\0\0\xff\xff") if first & 0x40 else data for first, _, data in frames]


@pytest.mark.parametrize("notakeover", [True, False])
async def test_compressed(lib, notakeover):
    body = random.Random(1).randbytes(400)
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, use_mask=True, compress=12, notakeover=notakeover)
        await writer.send_frame(body, BINARY)
        await writer.send_frame(body, BINARY)
        await writer.send_frame("text", TEXT)
        await writer.send_frame("", TEXT)
        await writer.send_frame(b"ping", PING)
        frames = parsed(await sent(peer, protocol), True)
    assert [first for first, _, _ in frames] == [0xC2, 0xC2, 0xC1, 0xC1, 0x89]
    assert (len(frames[1][2]) < 100) is not notakeover
    assert inflated(frames, 12) == [body, body, b"text", b"", b"ping"]


async def test_compression_of_one_message(lib):
    """A level for one message must not break those after it."""
    bodies = [b"one two three " * 20, b"one two three " * 20, b"one two three four " * 20]
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, compress=15)
        expected = []
        for level in (None, 0, 9, None, 1, 15, None):
            for body in bodies:
                await writer.send_frame(body, BINARY, level)
                expected.append(body)
        for level in (-1, 16):
            with pytest.raises(ValueError, match=f"from 0 to 9, not {level}"):
                await writer.send_frame(b"a", BINARY, level)
        frames = parsed(await sent(peer, protocol), False)
    assert inflated(frames) == expected
    assert [first for first, _, _ in frames[3:6]] == [0x82] * 3


async def test_nothing_is_compressed_unless_agreed(lib):
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol)
        await writer.send_frame(b"a" * 1000, BINARY, 9)
        with pytest.raises(ValueError, match="from 0 to 9"):
            await writer.send_frame(b"a", BINARY, 20)
        assert parsed(await sent(peer, protocol), False) == [(0x82, b"", b"a" * 1000)]


async def test_large_messages_are_compressed_elsewhere_and_in_order(lib):
    large = [random.Random(i).randbytes(200) * 2000 for i in range(3)]
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, compress=15)
        bodies = [b"small", large[0], b"small", large[1], b"small", large[2], b"small"]
        tasks = [asyncio.create_task(writer.send_frame(body, BINARY)) for body in bodies]
        await asyncio.gather(*tasks)
        await writer.send_frame(b"small", BINARY)
        assert inflated(parsed(await sent(peer, protocol), False)) == [*bodies, b"small"]


async def test_sender_cancelled_while_compressing(lib):
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, compress=15)
        await writer.send_frame(b"abc" * 30, BINARY)
        task = asyncio.create_task(writer.send_frame(bytes(4_000_000), BINARY))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await writer.send_frame(b"abc" * 30, BINARY)
        assert inflated(parsed(await sent(peer, protocol), False)) == [b"abc" * 30] * 2


async def test_closed_while_compressing(lib):
    async with connected(lib) as (peer, protocol):
        writer = writer_of(lib, protocol, compress=15)
        task = asyncio.create_task(writer.send_frame(bytes(4_000_000), BINARY))
        await asyncio.sleep(0)
        await writer.close()
        with pytest.raises(ConnectionResetError):
            await task
        assert len(parsed(await sent(peer, protocol), False)) == 1


# The queue


class Flow:
    """Counts what a queue asks of its connection."""

    def __init__(self):
        self.paused = False

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False


@pytest.fixture
async def queue(lib):
    return lib.load("_stream.ws_queue").WebSocketQueue(Flow(), 1000, loop=asyncio.get_running_loop())


def message(lib, data: bytes = b"x"):
    models = lib.load("_wire.ws.models")
    return models.WSMessage(models.WSMsgType.BINARY, data, "")


async def test_queue_in_order_and_to_its_end(lib, queue):
    assert queue.take() is None
    first, second = message(lib, b"1"), message(lib, b"2")
    reading = asyncio.create_task(queue.read())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="already waiting"):
        await queue.read()
    assert queue.feed_data(first, 1) is False
    queue.feed_data(second, 1)
    assert len(queue) == 2
    assert await reading is first
    queue.feed_eof()
    assert (queue.is_eof(), queue.at_eof()) == (True, False)
    assert await queue.read() is second
    assert queue.at_eof()
    with pytest.raises(lib.load("_stream.iterators").EofStream):
        await queue.read()


async def test_queue_that_fails(lib, queue):
    reading = asyncio.create_task(queue.read())
    await asyncio.sleep(0)
    cause = OSError("cause")
    queue.set_exception(ValueError("first"), cause)
    queue.set_exception(ValueError("second"))
    queue.feed_eof()
    with pytest.raises(ValueError, match="first") as caught:
        await reading
    assert caught.value.__cause__ is cause
    assert queue.exception() is caught.value


async def test_queue_that_is_full(lib, queue):
    flow = queue_flow(queue)
    one = message(lib, b"a" * 500)
    assert [queue.feed_data(one, 500) for _ in range(4)] == [False, False, False, True]
    assert flow.paused
    while flow.paused:
        queue.take()
    assert len(queue) == 1


async def test_many_empty_messages_are_much_too(lib, queue):
    one = message(lib, b"")
    count = 0
    while not queue.feed_data(one, 0):
        count += 1
    assert count < 40


def queue_flow(queue) -> Flow:
    """The connection of *queue*, found by filling a queue: it is no public name."""
    return next(thing for thing in _referred(queue) if isinstance(thing, Flow))


def _referred(queue):
    import gc

    return gc.get_referents(queue)


async def test_queue_goes_on_with_what_its_reader_holds(lib, queue):
    reader = lib.load("_wire.ws.reader").WebSocketReader(queue)
    queue.reader = reader
    flow = queue_flow(queue)
    reader.feed_data((b"\x82\x7e\x03\xe8" + bytes(1000)) * 20)
    reader.end(None)
    assert flow.paused
    assert len(queue) == 2
    for _ in range(20):
        assert len((await queue.read()).data) == 1000
        assert len(queue) <= 2
    with pytest.raises(lib.load("_stream.iterators").EofStream):
        await queue.read()
    assert not flow.paused


async def test_waiting_receiver_is_interrupted(lib, queue):
    assert queue.interrupt(message(lib)) is False
    reading = asyncio.create_task(queue.read())
    await asyncio.sleep(0)
    word = message(lib)
    assert queue.interrupt(word) is True
    assert queue.interrupt(word) is False
    assert await reading is word


# The guard


async def guarded(lib, protocol, **options):
    loop = asyncio.get_running_loop()
    queue = lib.load("_stream.ws_queue").WebSocketQueue(protocol, loop=loop)
    writer = writer_of(lib, protocol)
    queue.guard = lib.load("_stream.ws_guard").WebSocketGuard(protocol, queue, writer, loop, **options)
    return queue


async def test_pings_are_answered_without_a_receiver(lib):
    models = lib.load("_wire.ws.models")
    async with connected(lib) as (peer, protocol):
        queue = await guarded(lib, protocol)
        queue.feed_data(models.WSMessage(models.WSMsgType.PING, b"a", ""), 1)
        queue.feed_data(models.WSMessage(models.WSMsgType.PONG, b"b", ""), 1)
        assert len(queue) == 0
        assert parsed(await sent(peer, protocol), False) == [(0x8A, b"", b"a")]


async def test_answers_do_not_pile_up(lib):
    """A peer that sends Pings and takes nothing gets an answer to the last one (RFC 6455 5.5.3)."""
    models = lib.load("_wire.ws.models")
    async with connected(lib) as (peer, protocol):
        peer.go.clear()
        queue = await guarded(lib, protocol)
        while not protocol.writing_paused:
            protocol.transport.write(b"\x82\x7e\x03\xe8" + bytes(1000))
            await asyncio.sleep(0)
        before = protocol.transport.get_write_buffer_size()
        for i in range(1000):
            queue.feed_data(models.WSMessage(models.WSMsgType.PING, b"%d" % i, ""), 1)
        assert protocol.transport.get_write_buffer_size() <= before
        peer.go.set()
        while not peer.data.endswith(b"999"):
            await asyncio.sleep(0.01)
        frames = parsed(await sent(peer, protocol), False)
    assert [data for first, _, data in frames if first == 0x8A] == [b"999"]


async def test_owed_answer_is_forgotten_with_the_connection(lib):
    models = lib.load("_wire.ws.models")
    async with connected(lib) as (peer, protocol):
        peer.go.clear()
        queue = await guarded(lib, protocol)
        while not protocol.writing_paused:
            protocol.transport.write(bytes(1 << 16))
            await asyncio.sleep(0)
        queue.feed_data(models.WSMessage(models.WSMsgType.PING, b"a", ""), 1)
        queue.feed_eof()
        protocol.transport.abort()


async def test_who_breaks_the_protocol_is_told(lib):
    models = lib.load("_wire.ws.models")
    async with connected(lib) as (peer, protocol):
        queue = await guarded(lib, protocol, heartbeat=100)
        queue.set_exception(models.WebSocketError(1009, "too much"))
        await asyncio.wait_for(peer.done.wait(), 10)
        assert parsed(bytes(peer.data), False) == [(0x88, b"", b"\x03\xf1")]


async def test_receiver_that_is_slow_is_no_dead_peer(lib):
    """While the connection is held back no Pong can come."""
    async with connected(lib) as (_, protocol):
        queue = await guarded(lib, protocol, heartbeat=0.05)
        protocol.pause_reading()
        await asyncio.sleep(0.3)
        assert queue.exception() is None
        protocol.resume_reading()
        with pytest.raises(TimeoutError, match=r"No PONG received after 0.025 seconds"):
            await asyncio.wait_for(queue.read(), 5)
