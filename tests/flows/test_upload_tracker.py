"""UploadTracker: how far a request's body has got, asked for and told."""

import asyncio
import io
import os

import pytest

from tests.flows.test_faults import settled, works
from tests.flows.trace_scenarios import OK, redirect, scripted
from tests.servers import Peer, keep_answering, serve

MIB = 1 << 20


async def pieces():
    yield b"one"
    yield b""
    yield b"three"


def facts(tracker) -> tuple[int, int]:
    return tracker.attempts, tracker.bytes_written


async def end_of(tracker) -> BaseException | None:
    """Return the error that ended the upload, None if it was sent."""
    try:
        await asyncio.wait_for(asyncio.shield(tracker.upload_complete), 5)
    except Exception as exc:
        return exc
    return None


# What is counted


@pytest.mark.parametrize(
    ("options", "size", "total"),
    [
        ({}, 0, None),
        ({"data": b""}, 0, None),
        ({"data": b"hello"}, 5, 5),
        ({"data": "hé"}, 3, 3),
        ({"json": [1]}, 3, 3),
        ({"data": {"a": "b"}}, 3, 3),
        ({"data": b"hello", "chunked": True}, 5, 5),
        ({"data": b"x" * 600_000}, 600_000, 600_000),
        ({"data": lambda: io.BytesIO(b"x" * 600_000)}, 600_000, 600_000),
        ({"data": pieces}, 8, None),
        ({"data": pieces, "headers": {"Content-Length": "8"}}, 8, 8),
        ({"data": b"x" * 5000, "compress": "gzip"}, 5000, 5000),
        ({"data": pieces, "compress": "deflate"}, 8, None),
        ({"data": b"hello", "expect100": True}, 5, 5),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
async def test_bodies(lib, options, size, total):
    told = []
    given = {name: value() if callable(value) else value for name, value in options.items()}

    async def handler(peer: Peer) -> None:
        if "expect100" in options:
            await peer.head()
            await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            await peer.reader.readexactly(size)
            await peer.answer()
        await keep_answering(peer)

    async with serve(handler) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker(lambda *numbers: told.append(numbers))
        assert (facts(tracker), tracker.upload_complete.done()) == ((0, 0), False)
        async with session.post(server.url, upload_tracker=tracker, **given) as response:
            assert await response.read() == b"ok"
        assert await end_of(tracker) is None
        assert tracker.upload_complete.result() is None
        assert facts(tracker) == (1, size)
        await works(session, server.url)
        assert facts(tracker) == (1, size)
    assert [numbers[1] for numbers in told] == [total] * len(told)
    counts = [numbers[0] for numbers in told]
    assert counts == sorted(counts)
    assert counts[-1:] == ([size] if size else [])
    assert all(rate >= 0 for _, _, rate in told)


@pytest.mark.skipif(not hasattr(os, "sendfile"), reason="the system has no sendfile")
async def test_files_are_still_sent_by_the_system(lib, tmp_path, monkeypatch):
    calls = []
    original = os.sendfile

    def sendfile(*args):
        calls.append(original(*args))
        return calls[-1]

    monkeypatch.setattr(os, "sendfile", sendfile)
    data = os.urandom(10 * MIB)
    (tmp_path / "file").write_bytes(data)
    counts = []
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker(lambda *numbers: counts.append(numbers[:2]))
        with (tmp_path / "file").open("rb") as file:
            async with session.put(server.url, data=file, upload_tracker=tracker):
                pass
        assert await end_of(tracker) is None
        assert facts(tracker) == (1, len(data))
    assert server.bodies == [data]
    assert calls
    assert len(counts) > 5
    assert counts[-1] == (len(data), len(data))


async def test_bytes_that_nobody_takes_are_not_counted(lib):
    """What waits in the transport's buffer has not been sent."""
    go = asyncio.Event()
    size = 20 * MIB

    async def handler(peer: Peer) -> None:
        await peer.head()
        await go.wait()
        await peer.reader.readexactly(size)
        await peer.answer()
        await peer.gone()

    taken = []
    async with serve(handler) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker(lambda done, total, rate: taken.append(done))
        task = asyncio.create_task(session.put(server.url, data=io.BytesIO(bytes(size)), upload_tracker=tracker))
        before = -1
        while not taken or tracker.bytes_written != before:
            before = tracker.bytes_written
            await asyncio.sleep(0.05)
        assert 0 < before < taken[-1] < size
        assert not tracker.upload_complete.done()
        go.set()
        async with await task:
            assert await end_of(tracker) is None
            assert facts(tracker) == (1, size)
    assert taken[-1] == size


async def test_closing_answer_counts_everything(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"ok", b"Connection: close")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker()
        async with session.put(server.url, data=io.BytesIO(bytes(5 * MIB)), upload_tracker=tracker):
            assert await end_of(tracker) is None
            assert facts(tracker) == (1, 5 * MIB)


async def test_it_is_complete_with_the_answer(lib):
    """Before, the body may have to be sent again."""
    go = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        go.set()
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker()
        task = asyncio.create_task(session.post(server.url, data=b"hello", upload_tracker=tracker))
        await go.wait()
        assert facts(tracker) == (1, 5)
        assert not tracker.upload_complete.done()
        await server.peers[0].answer()
        (await task).release()
        assert tracker.upload_complete.done()


async def test_body_that_goes_on_after_the_head_of_the_answer(lib):
    go = asyncio.Event()

    async def body():
        yield b"one"
        await go.wait()
        yield b"two"

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(OK[:-1])
        await peer.reader.readuntil(b"0\r\n\r\n")
        await peer.send(OK[-1:])
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker()
        async with session.post(server.url, data=body(), upload_tracker=tracker) as response:
            assert facts(tracker) == (1, 3)
            assert not tracker.upload_complete.done()
            go.set()
            assert await response.read() == b"ok"
            assert await end_of(tracker) is None
            assert facts(tracker) == (1, 6)


# Callbacks


async def test_callback_holds_the_upload_back(lib):
    """What it returns is awaited before the next piece is sent."""
    events = []

    async def body():
        for number in range(3):
            events.append(f"piece {number}")
            yield b"x" * 10

    async def callback(done, total, rate):
        events.append(f"told {done} {total}")
        await asyncio.sleep(0.01)
        events.append("told")
        assert rate > 0 or done == 10

    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker(callback)
        async with session.post(server.url, data=body(), upload_tracker=tracker):
            pass
    assert events == [
        *("piece 0", "told 10 None", "told"),
        *("piece 1", "told 20 None", "told"),
        *("piece 2", "told 30 None", "told"),
    ]


async def test_rate(lib):
    rates = []

    async def body():
        yield b"x"
        await asyncio.sleep(0.1)
        yield b"x" * 999

    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker(lambda done, total, rate: rates.append(rate))
        async with session.post(server.url, data=body(), upload_tracker=tracker):
            pass
    assert 100 < rates[-1] <= 10_000  # 1000 bytes in 0.1 s, or a little more


@pytest.mark.parametrize("kind", ["sync", "async", "file"])
async def test_error_of_a_callback_ends_the_request(lib, kind, tmp_path):
    aiohttp = lib.load()
    error = ValueError("callback")

    def sync(*numbers):
        raise error

    async def later(*numbers):
        raise error

    (tmp_path / "file").write_bytes(bytes(5 * MIB))
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        tracker = aiohttp.UploadTracker(later if kind == "async" else sync)
        with (tmp_path / "file").open("rb") as file:
            with pytest.raises(aiohttp.ClientConnectionError) as info:
                await session.put(server.url, data=file if kind == "file" else b"hello", upload_tracker=tracker)
        assert info.value.__cause__ is error
        assert await end_of(tracker) is info.value
        await settled(session.connector)
        assert not session.connector._conns


async def test_cancelled_while_a_callback_waits(lib):
    aiohttp = lib.load()
    reached = asyncio.Event()

    async def callback(*numbers):
        reached.set()
        await asyncio.Event().wait()

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        tracker = aiohttp.UploadTracker(callback)
        task = asyncio.create_task(session.put(server.url, data=b"hello", upload_tracker=tracker))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(await end_of(tracker), aiohttp.UploadAbortedError)
        await settled(session.connector)


# Attempts


async def test_redirects_count_as_attempts(lib):
    aiohttp = lib.load()
    async with serve(scripted(redirect("/b", 307), OK, redirect("/b", 303), OK)) as server:
        async with aiohttp.ClientSession() as session:
            tracker = aiohttp.UploadTracker()
            async with session.post(server.url, data=b"hello", upload_tracker=tracker):
                pass
            assert await end_of(tracker) is None
            assert facts(tracker) == (2, 5)
            tracker = aiohttp.UploadTracker()
            async with session.post(server.url, data=b"hello", upload_tracker=tracker):
                pass
            assert await end_of(tracker) is None
            assert facts(tracker) == (2, 0)  # the last one had no body
    assert server.bodies == [b"hello", b"hello", b"hello", b""]


async def test_stale_connection_counts_as_an_attempt(lib):
    async def handler(peer: Peer) -> None:
        head, _ = await peer.request()
        await peer.answer()
        if head.startswith(b"GET"):
            await peer.request()  # and close
        else:
            await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        await works(session, server.url)
        tracker = lib.load().UploadTracker()
        async with session.put(server.url, data=b"hello", upload_tracker=tracker):
            pass
        assert await end_of(tracker) is None
        assert facts(tracker) == (2, 5)


async def test_one_request_each(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker()
        async with session.post(server.url, data=b"hello", upload_tracker=tracker):
            pass
        with pytest.raises(RuntimeError, match="already bound"):
            await session.post(server.url, data=b"hello", upload_tracker=tracker)
        assert facts(tracker) == (1, 5)
        async with session.get(server.url, upload_tracker=None):
            pass


async def test_wrong_options(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TypeError, match="upload_tracker must be an UploadTracker, not 'int'"):
            await session.get("http://some.test/", upload_tracker=3)
        tracker = aiohttp.UploadTracker()
        with pytest.raises(TypeError, match="unknown"):
            await session.get("http://some.test/", upload_tracker=tracker, unknown=1)
        with pytest.raises(aiohttp.NonHttpUrlClientError):  # still unbound: it can be used
            await session.get("ftp://some.test/", upload_tracker=tracker)
        assert isinstance(await end_of(tracker), aiohttp.UploadAbortedError)
        assert facts(tracker) == (0, 0)


def test_it_needs_a_loop(lib):
    with pytest.raises(RuntimeError, match="no running event loop"):
        lib.load().UploadTracker()


# Bodies that do not arrive


async def test_refused(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        pass
    async with aiohttp.ClientSession() as session:
        tracker = aiohttp.UploadTracker()
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.post(server.url, data=b"hello", upload_tracker=tracker)
        assert isinstance(await end_of(tracker), aiohttp.UploadAbortedError)
        assert facts(tracker) == (1, 0)


async def test_body_that_raises(lib):
    aiohttp = lib.load()

    async def body():
        yield b"abc"
        raise ValueError("body")

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        tracker = aiohttp.UploadTracker()
        with pytest.raises(aiohttp.ClientConnectionError) as info:
            await session.post(server.url, data=body(), upload_tracker=tracker)
        assert await end_of(tracker) is info.value


async def test_answer_that_wants_no_more(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.answer(b"no", status=b"413 Content Too Large")
        await peer.gone()

    for options in ({"data": io.BytesIO(bytes(20 * MIB))}, {"data": b"hello", "expect100": True}):
        async with serve(handler) as server, aiohttp.ClientSession() as session:
            tracker = aiohttp.UploadTracker()
            async with session.post(server.url, upload_tracker=tracker, **options) as response:
                assert response.status == 413
            error = await end_of(tracker)
            assert isinstance(error, aiohttp.UploadAbortedError)
            assert f"only {tracker.bytes_written} bytes" in str(error)
            assert tracker.bytes_written < 20 * MIB
            assert tracker.attempts == 1


async def test_sent_in_full_but_not_answered(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        tracker = aiohttp.UploadTracker()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.post(server.url, data=b"hello", upload_tracker=tracker)
        assert await end_of(tracker) is None
        assert facts(tracker) == (1, 5)


async def test_user_who_cancels_the_future(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        tracker = lib.load().UploadTracker()
        tracker.upload_complete.cancel()
        async with session.post(server.url, data=b"hello", upload_tracker=tracker) as response:
            assert await response.read() == b"ok"
        assert tracker.upload_complete.cancelled()


async def test_cancelled_after_every_loop_step(lib):
    """The future is settled in the end, whatever happened."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for steps in range(60):
            tracker = aiohttp.UploadTracker()
            task = asyncio.create_task(session.post(server.url, data=pieces(), upload_tracker=tracker))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait((task,))
            if steps == 0:
                assert facts(tracker) == (0, 0)  # it never began
                continue
            error = await end_of(tracker)
            assert error is None or isinstance(error, aiohttp.UploadAbortedError)
            if not task.cancelled():
                task.result().release()
            await settled(session.connector)


async def test_with_traces(lib):
    aiohttp = lib.load()
    config = aiohttp.TraceConfig()
    chunks = []

    @config.on_request_chunk_sent
    async def chunk(session, context, params):
        chunks.append(params.chunk)

    async with serve(keep_answering) as server, aiohttp.ClientSession(trace_configs=[config]) as session:
        tracker = aiohttp.UploadTracker()
        async with session.post(server.url, data=b"hello", upload_tracker=tracker):
            pass
        assert await end_of(tracker) is None
        assert facts(tracker) == (1, 5)
    assert chunks == [b"hello"]
