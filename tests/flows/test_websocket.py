"""WebSockets of the client against real, scripted servers (RFC 6455, RFC 7692)."""

import asyncio
import gc
import struct
import tracemalloc
import warnings
import zlib
from contextlib import asynccontextmanager

import pytest
import trustme

from tests.corpora.frames import BINARY, CLOSE, PING, PONG, TEXT, closing, deflated, frame
from tests.servers import Peer, serve
from tests.ws import accept, accept_of, echo, frames_until_gone, read_frame

uvloop = pytest.importorskip("uvloop")

LOOPS = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
CLOSED = 0x101
CLOSING = 0x100
ERROR = 0x102


def answering(*frames: bytes, seen: list | None = None, hang: bool = False):
    """A server that sends *frames*, then notes what comes; it answers no Close."""

    async def handler(peer: Peer) -> None:
        await accept(peer)
        await peer.send(b"".join(frames))
        if not hang:
            found = await frames_until_gone(peer)
            if seen is not None:
                seen.extend(found)
        else:
            await asyncio.sleep(60)

    return handler


@asynccontextmanager
async def connected(lib, handler, **options):
    """Yield a WebSocket to a server with *handler*; afterwards nothing may be left of it."""
    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        ws = await session.ws_connect(server.url, **options)
        try:
            yield ws
        finally:
            await ws.close()
            assert not session.connector._acquired
            deadline = asyncio.get_running_loop().time() + 1
            while server.open and asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(0.005)  # until the server has seen it all


async def received(ws, count: int) -> list[tuple]:
    return [tuple(await ws.receive()) for _ in range(count)]


# Messages


@pytest.mark.parametrize("compress", [0, 9, 15])
async def test_echo(lib, compress):
    async with connected(lib, echo, compress=compress) as ws:
        await ws.send_str("grüße")
        assert await ws.receive_str() == "grüße"
        await ws.send_bytes(b"\0\xff")
        assert await ws.receive_bytes() == b"\0\xff"
        await ws.send_json({"a": [1]})
        assert await ws.receive_json() == {"a": [1]}
        await ws.send_json_bytes({"a": 1}, dumps=lambda value: b'{"b": 2}')
        assert await ws.receive_json(loads=lambda text: text.upper()) == '{"B": 2}'
        await ws.send_frame(b"raw", TEXT)
        assert (await ws.receive()).json is not None
        assert (ws.closed, ws.close_code, ws.exception(), ws.protocol, ws.compress) == (False, None, None, None, 0)


@LOOPS
@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 4_000_000])
def test_sizes_both_ways(lib, new_loop, size):
    data = bytes(i % 251 for i in range(251)) * (size // 251 + 1)
    data = data[:size]

    async def main() -> None:
        async with connected(lib, echo) as ws:
            for _ in range(3):
                await ws.send_bytes(data)
                assert await ws.receive_bytes() == data

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())


async def test_tls(lib):
    import ssl

    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server_side)
    client_side = ssl.create_default_context()
    authority.configure_trust(client_side)
    aiohttp = lib.load()
    data = bytes(range(256)) * 4000
    async with serve(echo, tls=server_side) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url.with_scheme("wss"), ssl=client_side) as ws:
            for _ in range(3):
                await ws.send_bytes(data)
                assert await ws.receive_bytes() == data
            assert ws.get_extra_info("sslcontext") is client_side
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.ws_connect(server.url)


async def test_messages_in_one_packet_with_the_answer(lib):
    async def handler(peer):
        await accept(peer, tail=frame(TEXT, b"early") + frame(BINARY, b"bird") + closing(1001, b"worm"))
        assert await frames_until_gone(peer) == [(0x88, b"\x03\xe9")]

    async with connected(lib, handler) as ws:
        assert [tuple(m)[1:] async for m in ws] == [("early", ""), (b"bird", "")]
        assert ws.close_code == 1001


async def test_flood_in_one_packet_with_the_answer(lib):
    """More than the connection keeps before somebody takes it."""
    count = 20_000

    async def handler(peer):
        await accept(peer, tail=frame(BINARY, b"x" * 60) * count)
        await peer.gone()

    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            for _ in range(count):
                assert await ws.receive_bytes() == b"x" * 60
            task = asyncio.create_task(ws.close())
            await asyncio.sleep(0)
            server.peers[0].writer.write(closing(1000))
            assert await task


async def test_slow_receiver_holds_the_server_back(lib):
    sent = 0

    async def handler(peer):
        nonlocal sent
        await accept(peer)
        for _ in range(400):
            await peer.send(frame(BINARY, bytes(100_000)))
            sent += 1
        await frames_until_gone(peer)

    async with connected(lib, handler, timeout=lib.load().ClientWSTimeout(ws_close=0.1)) as ws:
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.1)
        assert sent < 350
        for _ in range(400):
            assert len(await ws.receive_bytes()) == 100_000


async def test_many_writers(lib):
    async with connected(lib, echo) as ws:

        async def write(name: int) -> None:
            for i in range(50):
                await ws.send_str(f"{name} {i} " + "x" * 5000)

        writers = [asyncio.create_task(write(name)) for name in range(10)]
        got = [await ws.receive_str() for _ in range(500)]
        await asyncio.gather(*writers)
        for name in range(10):
            own = [text.split()[1] for text in got if text.startswith(f"{name} ")]
            assert own == [str(i) for i in range(50)]


async def test_one_reader(lib):
    async with connected(lib, answering(), timeout=lib.load().ClientWSTimeout(ws_close=0.01)) as ws:
        reading = asyncio.create_task(ws.receive())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match=r"Concurrent call to receive\(\) is not allowed"):
            await ws.receive()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


async def test_cancelled_receive_loses_nothing(lib):
    """Cancelled after the message came, and before it was taken."""
    release = asyncio.Event()

    async def handler(peer):
        await accept(peer)
        for i in range(50):
            await release.wait()
            release.clear()
            await peer.send(frame(TEXT, b"%d" % i))
        await frames_until_gone(peer)

    got = []
    async with connected(lib, handler, timeout=lib.load().ClientWSTimeout(ws_close=0.01)) as ws:
        for i in range(50):
            reading = asyncio.create_task(ws.receive_str())
            await asyncio.sleep(0)
            release.set()
            for _ in range(i % 7):
                await asyncio.sleep(0)
            reading.cancel()
            try:
                got.append(await reading)
            except asyncio.CancelledError:
                pass
        while len(got) < 50:
            release.set()
            got.append(await asyncio.wait_for(ws.receive_str(), 5))
    assert got == [str(i) for i in range(50)]


async def test_wrong_types(lib):
    aiohttp = lib.load()
    script = (frame(TEXT, b"text"), frame(BINARY, b"bin"), frame(BINARY, b"{}"), frame(TEXT, b"{"), closing(1000))
    async with connected(lib, answering(*script)) as ws:
        for sending, match in (
            (ws.send_str(b"x"), "must be str"),
            (ws.send_bytes("x"), "must be byte-ish"),
            (ws.send_json(1, dumps=lambda value: b"1"), "must be str"),
            (ws.send_json_bytes(1, dumps=lambda value: "1"), "must return bytes"),
            (ws.ping(5), "str or bytes"),
            (ws.pong(None), "str or bytes"),
        ):
            with pytest.raises(TypeError, match=match):
                await sending
        with pytest.raises(ValueError, match="125"):
            await ws.ping("x" * 126)
        for receiving, match in (
            (ws.receive_bytes, "1:'text' is not WSMsgType.BINARY"),
            (ws.receive_str, "2:b'bin' is not WSMsgType.TEXT"),
            (ws.receive_json, "2:b'{}' is not WSMsgType.TEXT"),
        ):
            with pytest.raises(aiohttp.WSMessageTypeError, match=match):
                await receiving()
        with pytest.raises(ValueError, match="property name"):
            await ws.receive_json()
        with pytest.raises(TypeError, match=r"8:1000 is not WSMsgType\.TEXT"):
            await ws.receive_str()
        with pytest.raises(TypeError, match=r"257:None is not WSMsgType\.BINARY"):
            await ws.receive_bytes()


async def test_text_as_bytes(lib):
    async with connected(lib, answering(frame(TEXT, "€".encode()), closing(1000)), decode_text=False) as ws:
        message = await ws.receive()
        assert tuple(message) == (TEXT, "€".encode(), "")
        assert message.type is lib.load().WSMsgType.text


# Ping and Pong


async def test_pings_are_answered_without_a_receiver(lib):
    async def handler(peer):
        await accept(peer)
        await peer.send(frame(PING, b"are you there"))
        assert await read_frame(peer) == (0x8A, b"are you there")
        await peer.send(frame(TEXT, b"good"))
        assert await read_frame(peer) == (0x88, b"\x03\xe8")
        await peer.send(closing(1000))

    async with connected(lib, handler) as ws:
        while not len(ws._reader):
            await asyncio.sleep(0.01)
        assert await ws.receive_str() == "good"


async def test_pings_by_hand(lib):
    seen = []
    async with connected(
        lib, answering(frame(PING, b"a"), frame(PONG, b"b"), closing(1000), seen=seen), autoping=False
    ) as ws:
        assert await received(ws, 3) == [(PING, b"a", ""), (PONG, b"b", ""), (CLOSE, 1000, "")]
    assert seen == [(0x88, b"\x03\xe8")]


async def test_ping_and_pong_are_sent(lib):
    async with connected(lib, echo, autoping=False) as ws:
        await ws.ping("grüße")
        assert await received(ws, 1) == [(PONG, "grüße".encode(), "")]
        await ws.pong(b"x")
        assert await received(ws, 1) == [(PONG, b"x", "")]


# The end


@LOOPS
@pytest.mark.parametrize(
    ("body", "data", "extra", "code"),
    [
        (b"\x03\xe8bye", 1000, "bye", 1000),
        (b"\x0f\xa0gr\xc3\xbc\xc3\x9fe", 4000, "grüße", 4000),
        (b"", 0, "", 1005),
    ],
)
def test_server_closes(lib, new_loop, body, data, extra, code):
    seen = []

    async def main() -> None:
        async with connected(lib, answering(frame(TEXT, b"a"), frame(CLOSE, body), seen=seen)) as ws:
            assert await received(ws, 4) == [(TEXT, "a", ""), (CLOSE, data, extra), *[(CLOSED, None, None)] * 2]
            assert (ws.closed, ws.close_code, ws.exception()) == (True, code, None)
            assert ws.close_reason == extra
            assert await ws.close() is False
            assert ws.get_extra_info("peername", "gone") == "gone"
            for sending in (ws.send_str("x"), ws.send_bytes(b"x"), ws.ping(), ws.pong(), ws.send_json(1)):
                with pytest.raises(lib.load().ClientConnectionResetError, match="Cannot write to closing transport"):
                    await sending

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
    assert seen == [(0x88, body[:2])]


async def test_iteration_ends_with_the_connection(lib):
    async with connected(lib, answering(frame(TEXT, b"a"), frame(BINARY, b"b"), closing(1000))) as ws:
        assert [message.data async for message in ws] == ["a", b"b"]
    async with connected(lib, answering(frame(TEXT, b"a"), frame(3))) as ws:
        assert [message.type async for message in ws] == [TEXT, ERROR]


async def test_closing_by_hand(lib):
    seen = []
    async with connected(lib, answering(closing(1001, b"bye"), seen=seen), autoclose=False) as ws:
        assert await received(ws, 1) == [(CLOSE, 1001, "bye")]
        assert (ws.closed, ws.close_code, ws.close_reason) == (False, 1001, "bye")
        assert await ws.close(code=4001, message=b"ours") is True
        assert (ws.closed, ws.close_code, ws.close_reason) == (True, 1001, "bye")
    assert seen == [(0x88, b"\x0f\xa1ours")]


async def test_closing_by_hand_forgotten(lib):
    async with connected(lib, answering(closing(1001)), autoclose=False) as ws:
        assert await received(ws, 2) == [(CLOSE, 1001, ""), (CLOSED, None, None)]
        assert ws.closed


@LOOPS
def test_client_closes(lib, new_loop):
    seen = []

    async def handler(peer):
        await accept(peer)
        await peer.send(frame(TEXT, b"not read") * 3)
        seen.append(await read_frame(peer))
        await peer.send(frame(TEXT, b"too late") + closing(4002, b"yes"))

    async def main() -> None:
        async with connected(lib, handler) as ws:
            assert await ws.close(code=4001, message="grüße") is True
            assert (ws.closed, ws.close_code, ws.exception()) == (True, 4002, None)
            assert ws.close_reason == "yes"
            assert await ws.close() is False
            assert await received(ws, 1) == [(CLOSED, None, None)]

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
    assert seen == [(0x88, b"\x0f\xa1gr\xc3\xbc\xc3\x9fe")]


async def _cut_off(peer: Peer) -> None:
    await accept(peer)


async def _silent_at_the_end(peer: Peer) -> None:
    await accept(peer)
    await read_frame(peer)


@pytest.mark.parametrize(
    ("handler", "code"),
    [(_cut_off, 1006), (answering(frame(3)), 1002), (answering(closing(1000)), 1000), (_silent_at_the_end, 1006)],
    ids=["cut off", "bad frame", "no text", "no answer"],
)
@pytest.mark.parametrize("is_receiving", [True, False])
async def test_no_reason(lib, handler, code, is_receiving):
    """Empty where no Close of the server has one."""
    async with connected(lib, handler) as ws:
        if is_receiving and handler is not _silent_at_the_end:
            await ws.receive()
        await ws.close(message="our own reason is not the server's")
        assert (ws.close_code, ws.close_reason) == (code, "")


async def test_reason_is_seen_when_the_close_is(lib):
    """As for the code: what came before it must have been taken."""
    async with connected(lib, answering(frame(TEXT, b"a"), closing(4000, b"go away"))) as ws:
        while len(ws._reader) < 2:
            await asyncio.sleep(0.005)
        assert (ws.close_code, ws.close_reason) == (None, None)
        await ws.receive()
        assert (ws.close_code, ws.close_reason) == (None, None)
        await ws.receive()
        assert (ws.close_code, ws.close_reason) == (4000, "go away")


@pytest.mark.parametrize(("code", "message"), [(1006, b""), (1005, b""), (5000, b""), (0, b"x"), (1000, b"x" * 124)])
async def test_close_that_must_not_be_sent(lib, code, message):
    async with connected(lib, echo) as ws:
        with pytest.raises(ValueError, match=r"no close code|at most 123"):
            await ws.close(code=code, message=message)
        await ws.send_str("still open")
        assert await ws.receive_str() == "still open"


async def test_close_is_not_answered(lib):
    aiohttp = lib.load()
    async with connected(lib, answering(), timeout=aiohttp.ClientWSTimeout(ws_close=0.1)) as ws:
        assert await ws.close() is True
        assert (ws.closed, ws.close_code) == (True, 1006)
        assert isinstance(ws.exception(), TimeoutError)
        assert "within 0.1 seconds: http://127.0.0.1:" in str(ws.exception())


async def test_close_without_limit(lib):
    aiohttp = lib.load()
    for limit in (None, 0):
        async with connected(lib, echo, timeout=aiohttp.ClientWSTimeout(ws_close=limit)) as ws:
            assert await ws.close()
            assert ws.close_code == 1000


async def test_connection_ends_instead_of_an_answer(lib):
    async def handler(peer):
        await accept(peer)
        await read_frame(peer)

    async with connected(lib, handler) as ws:
        assert await ws.close()
        assert ws.close_code == 1006
        assert "without a Close frame" in str(ws.exception())


async def test_bad_frame_instead_of_an_answer(lib):
    async def handler(peer):
        await accept(peer)
        await read_frame(peer)
        await peer.send(frame(3))
        await peer.gone()

    async with connected(lib, handler) as ws:
        assert await ws.close()
        assert ws.close_code == 1002


async def test_close_while_another_receives(lib):
    async with connected(lib, echo) as ws:
        receiving = asyncio.create_task(ws.receive())
        await asyncio.sleep(0.01)
        assert await ws.close(code=3000) is True
        assert tuple(await receiving) == (CLOSING, None, None)
        assert await received(ws, 1) == [(CLOSED, None, None)]
        assert ws.close_code == 3000


async def test_receive_while_another_closes(lib):
    async with connected(lib, echo) as ws:
        closing_task = asyncio.create_task(ws.close())
        other = asyncio.create_task(ws.close())
        await asyncio.sleep(0)
        assert await received(ws, 1) == [(CLOSED, None, None)]
        assert (await closing_task, await other) == (True, False)


async def test_close_is_cancelled(lib):
    async with connected(lib, answering()) as ws:
        task = asyncio.create_task(ws.close())
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (ws.closed, ws.close_code, ws.close_reason) == (True, 1006, "")


async def test_answer_to_a_close_is_cancelled(lib):
    """Code and reason go together: 1006 has none of the server's."""
    async with connected(lib, answering(closing(4000, b"bye")), autoclose=False) as ws:
        await ws.receive()
        assert (ws.close_code, ws.close_reason) == (4000, "bye")
        task = asyncio.create_task(ws.close())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (ws.closed, ws.close_code, ws.close_reason) == (True, 1006, "")


async def test_end_without_a_close(lib):
    async def handler(peer):
        await accept(peer)
        await peer.send(frame(TEXT, b"a") + b"\x81")

    async with connected(lib, handler) as ws:
        assert await received(ws, 3) == [(TEXT, "a", ""), (CLOSED, None, None), (CLOSED, None, None)]
        assert ws.close_code == 1006
        assert isinstance(ws.exception(), lib.load().ClientConnectionResetError)
        assert "without a Close frame: http://127.0.0.1:" in str(ws.exception())


async def test_reset(lib):
    async def handler(peer):
        await accept(peer)
        await read_frame(peer)
        peer.reset()

    async with connected(lib, handler) as ws:
        await ws.send_str("a")
        assert await received(ws, 1) == [(CLOSED, None, None)]
        assert ws.close_code == 1006
        assert isinstance(ws.exception(), lib.load().ClientConnectionResetError)
        assert isinstance(ws.exception().__cause__, ConnectionResetError)


async def test_closed_is_seen_without_a_receiver(lib):
    async def handler(peer):
        await accept(peer)
        await peer.send(frame(TEXT, b"a"))

    async with connected(lib, handler) as ws:
        while not ws._reader.is_eof():
            await asyncio.sleep(0.01)
        assert (ws.closed, ws.close_code, ws.close_reason) == (False, None, None)
        assert await ws.receive_str() == "a"
        assert (ws.closed, ws.close_code, ws.close_reason) == (True, 1006, "")


async def test_what_was_sent_before_a_reset_is_received(lib):
    """A server that closes for a reason, while we go on sending: the reason must not be lost."""

    async def handler(peer):
        await accept(peer)
        await peer.send(closing(1008, b"policy"))
        await asyncio.sleep(0.05)

    async with connected(lib, handler) as ws:
        for _ in range(50):
            try:
                await ws.send_bytes(bytes(100_000))
            except ConnectionError:
                break
            await asyncio.sleep(0.01)
        assert await received(ws, 1) == [(CLOSE, 1008, "policy")]


# A server that breaks the rules


@LOOPS
@pytest.mark.parametrize(
    ("wire", "code", "why"),
    [
        (b"\x81\x81\0\0\0\0a", 1002, "with a mask"),
        (frame(TEXT, b"a", rsv=4), 1002, "reserved"),
        (frame(3), 1002, "opcode 3"),
        (frame(PING, b"a" * 126), 1002, "125"),
        (frame(PING, fin=False), 1002, "fragments"),
        (frame(TEXT, b"\xff"), 1007, "UTF-8"),
        (closing(1006), 1002, "1006"),
        (frame(BINARY, declared=101), 1009, "max_msg_size=100"),
    ],
)
def test_server_that_breaks_a_rule_is_told(lib, new_loop, wire, code, why):
    seen = []

    async def main() -> None:
        aiohttp = lib.load()
        async with connected(lib, answering(frame(TEXT, b"good"), wire, seen=seen), max_msg_size=100) as ws:
            while not seen:  # before anybody receives
                await asyncio.sleep(0.01)
            assert await ws.receive_str() == "good"
            message = await ws.receive()
            assert message.type is aiohttp.WSMsgType.ERROR
            assert isinstance(message.data, aiohttp.WebSocketError)
            assert why in str(message.data)
            assert "http://127.0.0.1:" in str(message.data)
            assert (ws.closed, ws.close_code, ws.exception()) == (True, code, message.data)
            assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSED

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())
    assert seen == [(0x88, struct.pack("!H", code))]


async def test_no_limit_on_messages(lib):
    data = bytes(5_000_000)
    async with connected(lib, answering(frame(BINARY, data), closing(1000)), max_msg_size=0) as ws:
        assert await ws.receive_bytes() == data
    async with connected(lib, answering(frame(BINARY, data))) as ws:
        assert (await ws.receive()).data.code == 1009


async def test_server_that_floods_after_its_error(lib):
    async def handler(peer):
        await accept(peer)
        await peer.send(frame(3))
        while True:
            await peer.send(bytes(1 << 16))

    async with connected(lib, handler) as ws:
        assert (await ws.receive()).type == ERROR


# Compression


async def test_compression(lib):
    """Windows and contexts as agreed; our own frames are read with one window, as a server would."""
    inflate = zlib.decompressobj(wbits=-12)
    deflate = zlib.compressobj(wbits=-12)

    async def handler(peer):
        head = await accept(
            peer, b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12; server_max_window_bits=12"
        )
        assert b"permessage-deflate; client_max_window_bits; server_max_window_bits=12\r\n" in head
        sizes = []
        while True:
            first, data = await read_frame(peer)
            if first == 0x88:
                return await peer.send(closing(1000))
            assert first == 0xC1
            sizes.append(len(data))
            data = inflate.decompress(data + b"\0\0\xff\xff")
            data = (deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
            await peer.send(frame(TEXT, data, rsv=4))
            assert len(sizes) == 1 or sizes[-1] < sizes[0]

    async with connected(lib, handler, compress=12) as ws:
        assert (ws.compress, ws.client_notakeover) == (12, False)
        for _ in range(3):
            await ws.send_str("not much new under the sun")
            assert await ws.receive_str() == "not much new under the sun"


async def test_compression_without_context(lib):
    async def handler(peer):
        await accept(
            peer,
            b"Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        )
        bodies = []
        for _ in range(2):
            first, data = await read_frame(peer)
            assert first == 0xC1
            bodies.append(data)
            assert zlib.decompressobj(wbits=-15).decompress(data + b"\0\0\xff\xff") == b"again and again"
            await peer.send(frame(TEXT, deflated(b"again and again"), rsv=4))
        assert bodies[0] == bodies[1]
        await read_frame(peer)
        await peer.send(closing(1000))

    async with connected(lib, handler, compress=15) as ws:
        assert ws.client_notakeover
        for _ in range(2):
            await ws.send_str("again and again")
            assert await ws.receive_str() == "again and again"


async def test_compression_of_one_message(lib):
    seen = []

    async def handler(peer):
        await accept(peer, b"Sec-WebSocket-Extensions: permessage-deflate")
        seen.extend([(await read_frame(peer))[0] for _ in range(4)])
        await peer.send(closing(1000))

    async with connected(lib, handler, compress=15) as ws:
        await ws.send_str("a")
        await ws.send_str("a", compress=0)
        await ws.send_bytes(b"a", 9)
        await ws.send_json([], compress=1)
        with pytest.raises(ValueError, match="from 0 to 9"):
            await ws.send_str("a", compress=77)
        assert (await ws.receive()).type == CLOSE
    assert seen == [0xC1, 0x81, 0xC2, 0xC1]


async def test_compressed_bomb(lib):
    async def handler(peer):
        await accept(peer, b"Sec-WebSocket-Extensions: permessage-deflate")
        await peer.send(frame(BINARY, deflated(bytes(50_000_000)), rsv=4))
        assert await frames_until_gone(peer) == [(0x88, b"\x03\xf1")]

    async with connected(lib, handler, compress=15) as ws:
        message = await ws.receive()
        assert message.data.code == 1009
        assert "more than 4194304 bytes" in str(message.data)


async def test_many_compressed_messages_wait_for_the_receiver(lib):
    """Many small frames that inflate to much: only as many are inflated as there is room for."""

    async def handler(peer):
        await accept(peer, b"Sec-WebSocket-Extensions: permessage-deflate")
        await peer.send(frame(BINARY, deflated(bytes(1_000_000)), rsv=4) * 100)
        await frames_until_gone(peer)

    async with connected(lib, handler, compress=15, timeout=lib.load().ClientWSTimeout(ws_close=0.1)) as ws:
        while not len(ws._reader):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert len(ws._reader) < 3
        for _ in range(100):
            assert len(await ws.receive_bytes()) == 1_000_000
            assert len(ws._reader) < 3


async def test_many_tiny_fragments_cost_no_more_than_their_bytes(lib):
    """SECURITY.md, 13352: a message of 100,000 fragments is kept as one, not as so many objects."""
    count = 100_000

    async def handler(peer):
        await accept(peer)
        await peer.send(frame(BINARY, fin=False))
        for _ in range(0, count, 1000):
            await peer.send(frame(0, b"ab", fin=False) * 500 + frame(0, fin=False) * 500)
        await peer.send(frame(0, b"c"))
        await frames_until_gone(peer)

    async with connected(lib, handler, timeout=lib.load().ClientWSTimeout(ws_close=0.1)) as ws:
        tracemalloc.start(1)
        try:
            assert await asyncio.wait_for(ws.receive_bytes(), 30) == b"ab" * (count // 2) + b"c"
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 10 * count  # objects of their own would take 50 bytes and more each


# Limits on time


async def test_receive_in_time(lib):
    aiohttp = lib.load()
    limits = aiohttp.ClientWSTimeout(ws_receive=0.05, ws_close=5)
    async with connected(lib, echo, timeout=limits) as ws:
        for options in ({}, {"timeout": 0.01}):
            with pytest.raises(TimeoutError, match=r"No message received within 0.0\d seconds: http://127"):
                await ws.receive(**options)
            with pytest.raises(TimeoutError, match="No message"):
                await ws.receive_str(**options)
        assert not ws.closed
        await ws.send_str("a")
        assert await ws.receive_str(timeout=5) == "a"


async def test_old_spellings_of_time_limits(lib):
    aiohttp = lib.load()
    async with serve(echo) as server, aiohttp.ClientSession() as session:
        with pytest.warns(DeprecationWarning, match="'timeout' of type 'float'"):
            ws = await session.ws_connect(server.url, timeout=3.0)
        assert ws._timeout == aiohttp.ClientWSTimeout(ws_close=3.0)
        await ws.close()
        with pytest.warns(DeprecationWarning, match="'receive_timeout'") as caught:
            ws = await session.ws_connect(server.url, receive_timeout=0.01)
        assert caught[0].filename == __file__
        assert ws._timeout == aiohttp.ClientWSTimeout(ws_receive=0.01, ws_close=10.0)
        with pytest.raises(TimeoutError):
            await ws.receive()
        await ws.close()
        with pytest.raises(TypeError, match="ClientWSTimeout or a number"):
            await session.ws_connect(server.url, timeout=aiohttp.ClientTimeout(total=3))


async def test_time_limits_of_the_request_end_with_the_handshake(lib):
    aiohttp = lib.load()
    limits = aiohttp.ClientTimeout(total=0.1, sock_read=0.1)
    async with serve(echo) as server, aiohttp.ClientSession(timeout=limits) as session:
        async with session.ws_connect(server.url) as ws:
            await asyncio.sleep(0.25)
            await ws.send_str("a")
            assert await ws.receive_str() == "a"


async def test_handshake_that_stalls(lib):
    async def handler(peer):
        await peer.head()
        await peer.gone()

    aiohttp = lib.load()
    async with serve(handler) as server:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.1)) as session:
            with pytest.raises(TimeoutError, match="Total timeout"):
                await session.ws_connect(server.url)
            assert not session.connector._acquired


# Heartbeat


async def test_heartbeat_with_a_live_server(lib):
    seen = []

    async def handler(peer):
        await accept(peer)
        while True:
            first, _ = await read_frame(peer)
            seen.append(first)
            if first == 0x88:
                return await peer.send(closing(1000))
            await peer.send(frame(PONG))

    async with connected(lib, handler, heartbeat=0.1) as ws:
        await asyncio.sleep(0.55)
        assert not ws.closed
    assert 2 <= seen.count(0x89) <= 6
    assert seen[-1] == 0x88


@pytest.mark.parametrize("is_receiving", [True, False])
async def test_heartbeat_with_a_dead_server(lib, is_receiving):
    aiohttp = lib.load()
    seen = []
    async with connected(lib, answering(seen=seen), heartbeat=0.1) as ws:
        if not is_receiving:
            while not ws.closed:
                await asyncio.sleep(0.01)
            assert ws.close_code == 1006
            assert isinstance(ws.exception(), aiohttp.ServerTimeoutError)
        message = await ws.receive()
        assert message.type is aiohttp.WSMsgType.ERROR
        assert isinstance(message.data, aiohttp.ServerTimeoutError)
        assert "No PONG received after 0.05 seconds: http://127.0.0.1:" in str(message.data)
        assert (ws.closed, ws.close_code, ws.exception()) == (True, 1006, message.data)
        with pytest.raises(aiohttp.ClientConnectionResetError):
            await ws.send_str("x")
    assert seen == [(0x89, b"")]


@LOOPS
def test_dead_server_without_a_receiver(lib, new_loop):
    """Who only sends is told as well, and the slot of the pool is free before anybody closes."""

    async def main() -> None:
        aiohttp = lib.load()
        async with serve(answering()) as server, aiohttp.ClientSession() as session:
            ws = await session.ws_connect(server.url, heartbeat=0.04)
            with pytest.raises(aiohttp.ClientConnectionResetError):
                while True:
                    await ws.send_str("anybody there?")
                    await asyncio.sleep(0.01)
            assert (ws.closed, ws.close_code, ws.close_reason) == (True, 1006, "")
            assert isinstance(ws.exception(), aiohttp.ServerTimeoutError)
            assert str(server.url) in str(ws.exception())
            while session.connector._acquired:
                await asyncio.sleep(0.005)
            assert not session.connector._conns
            assert [message.type async for message in ws] == [ERROR]
            assert isinstance(ws.exception(), aiohttp.ServerTimeoutError)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())


async def test_close_after_a_dead_heartbeat(lib):
    async with connected(lib, answering(), heartbeat=0.02) as ws:
        while not ws.closed:
            await asyncio.sleep(0.01)
        assert await ws.close()
        assert ws.close_code == 1006
        assert "No PONG" in str(ws.exception())


async def test_whatever_comes_is_a_heartbeat(lib):
    """Even a part of a message."""
    seen = []

    async def handler(peer):
        await accept(peer)
        listening = asyncio.create_task(frames_until_gone(peer))
        await peer.send(frame(BINARY, declared=8))
        for _ in range(8):
            await asyncio.sleep(0.04)
            await peer.send(b"x")
        await peer.send(closing(1000))
        seen.extend(await listening)

    async with connected(lib, handler, heartbeat=0.2) as ws:
        assert await ws.receive_bytes() == b"x" * 8
        assert (await ws.receive()).type == CLOSE
    assert [first for first, _ in seen] == [0x88]


async def test_heartbeat_of_a_slow_receiver(lib):
    """Messages that wait for us are no sign of a dead server."""
    async with connected(
        lib,
        answering(frame(BINARY, bytes(1_000_000)) * 30, hang=True),
        heartbeat=0.1,
        timeout=lib.load().ClientWSTimeout(ws_close=0.05),
    ) as ws:
        await asyncio.sleep(0.5)
        assert not ws.closed
        for _ in range(25):
            assert len(await ws.receive_bytes()) == 1_000_000


async def test_heartbeat_must_be_one(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="heartbeat"):
            await session.ws_connect("http://127.0.0.1:1/", heartbeat=-1)


# The handshake


async def test_request(lib):
    aiohttp = lib.load()
    heads = []

    async def handler(peer):
        heads.append(await accept(peer, b"Sec-WebSocket-Protocol: chat"))
        await peer.send(closing(1000))
        await frames_until_gone(peer)

    async with serve(handler) as server, aiohttp.ClientSession(headers={"X-Session": "1"}) as session:
        url = (server.url / "path").with_query(a="1").with_scheme("ws")
        ws = await session.ws_connect(
            url,
            protocols=("superchat", "chat"),
            origin="http://example.org",
            params={"b": "2"},
            headers={"X-Own": "3", "Sec-WebSocket-Key": "ignored"},
            auth=aiohttp.BasicAuth("user", "pass"),
            compress=9,
        )
        assert ws.protocol == "chat"
        assert ws._response.headers["Sec-WebSocket-Protocol"] == "chat"
        assert str(ws) == f"<ClientWebSocketResponse({url}&b=2) open>"
        await ws.close()
        ws = await session.ws_connect(url, method="post", protocols="chat")
        await ws.close()
    first, second = heads
    assert first.startswith(b"GET /path?a=1&b=2 HTTP/1.1\r\n")
    for line in (
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Protocol: superchat,chat",
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; server_max_window_bits=9",
        b"Origin: http://example.org",
        b"X-Session: 1",
        b"X-Own: 3",
        b"Authorization: Basic dXNlcjpwYXNz",
    ):
        assert b"\r\n" + line + b"\r\n" in first
    assert b"ignored" not in first
    assert accept_of(first) != accept_of(second)
    assert second.startswith(b"POST /path?a=1 HTTP/1.1\r\n")
    assert b"Sec-WebSocket-Extensions" not in second
    assert b"\r\nSec-WebSocket-Protocol: chat\r\n" in second


@pytest.mark.parametrize(
    ("answer", "status", "match"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "Invalid response status"),
        (b"HTTP/1.1 403 Forbidden\r\nX-Why: because\r\nContent-Length: 0\r\n\r\n", 403, "Invalid response status"),
        (b"HTTP/1.1 200 OK\r\n\r\nendless", 200, "Invalid response status"),
        (b"HTTP/1.1 101 X\r\nUpgrade: tcp\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n\r\n", 101, "upgrade"),
        (
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: x\r\nSec-WebSocket-Accept: @\r\n\r\n",
            101,
            "connection",
        ),
        (b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 101, "challenge"),
        (
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x@\r\n\r\n",
            101,
            "chall",
        ),
        (
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n"
            b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
            101,
            "not asked for",
        ),
        (
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: @\r\n"
            b"Sec-WebSocket-Protocol: chat\r\n\r\n",
            101,
            "Subprotocol 'chat'",
        ),
    ],
)
async def test_handshake_refused(lib, answer, status, match):
    aiohttp = lib.load()

    async def handler(peer):
        head = await peer.head()
        await peer.send(answer.replace(b"@", accept_of(head)))
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError, match=match) as caught:
            await session.ws_connect(server.url)
        assert caught.value.status == status
        assert caught.value.request_info.real_url == server.url
        assert str(server.url) in str(caught.value)
        if status == 403:
            assert caught.value.headers["X-Why"] == "because"
        assert not session.connector._acquired
        if status == 101:
            assert not session.connector._conns


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 101 Switch"])
async def test_server_goes_away_during_the_handshake(lib, sent):
    aiohttp = lib.load()

    async def handler(peer):
        await peer.head()
        await peer.send(sent)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.ws_connect(server.url)
        assert not session.connector._acquired


async def test_server_goes_away_right_after_the_handshake(lib):
    """Even before the WebSocket is made: what came is received, then the end."""
    aiohttp = lib.load()

    async def handler(peer):
        await accept(peer, tail=frame(TEXT, b"a"))

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for _ in range(5):
            async with session.ws_connect(server.url) as ws:
                assert await received(ws, 2) == [(TEXT, "a", ""), (CLOSED, None, None)]


async def test_malformed_answer(lib):
    aiohttp = lib.load()

    async def handler(peer):
        await peer.head()
        await peer.send(b"HTTP/1.1 101 X\r\nUpgrade : websocket\r\n\r\n")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientResponseError):
            await session.ws_connect(server.url)
        assert not session.connector._acquired


async def test_redirect(lib):
    aiohttp = lib.load()

    async def handler(peer):
        head = await peer.head()
        assert b"Sec-WebSocket-Key" in head
        if head.startswith(b"GET /old "):
            await peer.answer(b"", b"Location: /new", status=b"302 Found")
            return await handler(peer)
        await peer.send(
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: "
            + accept_of(head)
            + b"\r\n\r\n"
            + closing(1000)
        )
        await frames_until_gone(peer)
        return None

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url / "old") as ws:
            assert ws._response.url == server.url / "new"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"compress": 8}, ValueError),
        ({"compress": 16}, ValueError),
        ({"max_msg_size": -1}, ValueError),
        ({"max_msg_size": None}, TypeError),
        ({"protocols": ["a b"]}, ValueError),
        ({"protocols": ["a", "a"]}, ValueError),
        ({"origin": "http://x\r\nX: y"}, ValueError),
        ({"headers": {"X": "a\r\nY: b"}}, ValueError),
        ({"timeout": "5"}, TypeError),
        ({"method": "GET /\r\n"}, ValueError),
    ],
)
async def test_options_that_do_not_fit(lib, options, error):
    aiohttp = lib.load()

    async def handler(peer):
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(error):
            await session.ws_connect(server.url, **options)
        assert server.requests == []
        assert not session.connector._acquired


async def test_slot_of_the_pool_is_held_and_comes_back(lib):
    aiohttp = lib.load()
    async with serve(echo) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
            ws = await session.ws_connect(server.url)
            second = asyncio.create_task(session.ws_connect(server.url).__aenter__())
            await asyncio.sleep(0.02)
            assert not second.done()
            await ws.close()
            ws = await asyncio.wait_for(second, 5)
            await ws.close()
            assert server.connections == 2


@pytest.mark.parametrize("steps", range(12))
async def test_handshake_is_cancelled(lib, steps):
    aiohttp = lib.load()
    async with serve(echo) as server, aiohttp.ClientSession() as session:

        async def connect():
            async with session.ws_connect(server.url):
                await asyncio.sleep(60)

        task = asyncio.create_task(connect())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not session.connector._acquired
        async with session.ws_connect(server.url) as ws:
            await ws.send_str("a")
            assert await ws.receive_str() == "a"


@LOOPS
def test_session_ends_while_a_websocket_is_open(lib, new_loop):
    aiohttp = lib.load()

    async def main() -> None:
        async with serve(answering()) as server:
            async with aiohttp.ClientSession() as session:
                ws = await session.ws_connect(server.url)
                receiving = asyncio.create_task(ws.receive())
                await asyncio.sleep(0.01)
            assert tuple(await receiving) == (CLOSED, None, None)
            assert (ws.closed, ws.close_code) == (True, 1006)
            with pytest.raises(RuntimeError, match="Session is closed"):
                await session.ws_connect(server.url)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(main())


async def test_forgotten_websocket_is_collected_and_its_connection_closed(lib):
    aiohttp = lib.load()
    async with serve(answering(frame(TEXT, b"a"))) as server, aiohttp.ClientSession() as session:
        ws = await session.ws_connect(server.url, heartbeat=30)
        assert await ws.receive_str() == "a"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            del ws
            gc.collect()
        while server.open:
            await asyncio.sleep(0.01)
        assert not session.connector._acquired


async def test_without_a_session(lib):
    aiohttp = lib.load()
    async with serve(echo) as server:
        async with aiohttp.ws_connect(server.url) as ws:
            await ws.send_str("a")
            assert await ws.receive_str() == "a"
        ws = await aiohttp.ws_connect(server.url, protocols=())
        gc.collect()
        await ws.send_str("a")
        assert await ws.receive_str() == "a"
        await ws.close()
        async with aiohttp.TCPConnector() as connector, aiohttp.ws_connect(server.url, connector=connector) as ws:
            assert len(connector._acquired) == 1
        with pytest.raises(ValueError, match="max_msg_size"):
            await aiohttp.ws_connect(server.url, max_msg_size=-1)
        while server.open:
            await asyncio.sleep(0.005)


async def test_class_of_the_users_own(lib):
    """discord.py has one, with another close code."""
    aiohttp = lib.load()

    class Own(aiohttp.ClientWebSocketResponse):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.note = "own"

        async def close(self, *, code: int = 4000, message: bytes = b"") -> bool:
            return await super().close(code=code, message=message)

    async with serve(echo) as server, aiohttp.ClientSession(ws_response_class=Own) as session:
        ws = await session.ws_connect(server.url)
        assert isinstance(ws, Own)
        assert ws.note == "own"
        await ws.send_str("a")
        assert await ws.receive_str() == "a"
        await ws.close()
        assert ws.close_code == 4000


async def test_hijacked_connection(lib):
    """aiodocker takes the connection over, after 101 with another protocol."""
    aiohttp = lib.load()

    class Parser:
        def __init__(self):
            self.got = b""

        def feed_data(self, data):
            self.got += data
            return b"." in data, b"rest"

    async def handler(peer):
        await peer.head()
        await peer.send(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst ")
        assert await peer.reader.readexactly(2) == b"hi"
        await peer.send(b"second.")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.post(server.url, headers={"Connection": "Upgrade", "Upgrade": "tcp"})
        protocol = response.connection.protocol
        parser = Parser()
        queue = aiohttp.DataQueue(asyncio.get_running_loop())
        protocol.set_parser(parser, queue)
        assert parser.got == b"first "
        response.connection.transport.write(b"hi")
        with pytest.raises(aiohttp.EofStream):
            await queue.read()
        assert parser.got == b"first second."
        assert protocol.tail == b"rest"
        response.close()
