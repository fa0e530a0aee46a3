"""Whatever happens to a request: its slot comes back, its connection is clean or closed, its error is clear."""

import asyncio

import pytest

from tests.servers import Peer, keep_answering, serve


def whole(connector) -> bool:
    """True when no slot is taken and nobody is recorded as waiting."""
    return not (
        connector._slots.used
        or connector._acquired
        or connector._slots._waiters
        or any(connector._slots._host_waiters.values())
        or connector._slots.used_per_host
    )


async def works(session, url) -> None:
    async with session.get(url) as response:
        assert await response.read() == b"ok"


async def settled(connector) -> None:
    """Let a cancelled request's last steps run."""
    for _ in range(20):
        if whole(connector):
            return
        await asyncio.sleep(0)
    assert whole(connector)


# Cancellation at every step


async def streamed_answers(peer: Peer) -> None:
    """Answer in pieces: head, then the body in three, chunked."""
    while True:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"1\r\no\r\n", b"1\r\nk\r\n", b"0\r\n\r\n"):
            await asyncio.sleep(0)
            await peer.send(piece)


async def uploading(session, url) -> None:
    async def pieces():
        for _ in range(4):
            await asyncio.sleep(0)
            yield b"x" * 50_000

    async with session.post(url, data=pieces()) as response:
        assert await response.read() == b"ok"


async def iterating(session, url) -> None:
    async with session.get(url) as response:
        assert b"".join([piece async for piece in response.content.iter_any()]) == b"ok"


@pytest.mark.parametrize("limits", [{}, {"limit": 1}, {"limit_per_host": 1}], ids=["free", "limit", "per-host"])
@pytest.mark.parametrize("warm", [False, True], ids=["new", "reused"])
@pytest.mark.parametrize("job", [works, uploading, iterating])
async def test_cancelled_after_every_step(lib, job, warm, limits):
    aiohttp = lib.load()
    async with serve(streamed_answers) as server:
        steps = 0
        while True:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**limits)) as session:
                connector = session.connector
                if warm:
                    await works(session, server.url)
                task = asyncio.ensure_future(job(session, server.url))
                waiter = asyncio.ensure_future(works(session, server.url)) if limits else None
                for _ in range(steps):
                    await asyncio.sleep(0)
                finished = task.done()
                task.cancel()
                if not finished:
                    with pytest.raises(asyncio.CancelledError):
                        await task
                else:
                    await task
                if waiter is not None:
                    await waiter  # the slot was handed on
                await settled(connector)
                await works(session, server.url)
                await settled(connector)
            if finished:
                break
            steps += 1
        assert steps > 5


async def test_cancelled_waiters_hand_their_slot_on(lib):
    aiohttp = lib.load()
    gate = asyncio.Event()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await gate.wait()
            await peer.answer()

    async with serve(handler) as server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        tasks = [asyncio.ensure_future(works(session, server.url)) for _ in range(6)]
        while len(session.connector._slots._waiters) < 5:
            await asyncio.sleep(0)
        for task in tasks[1:4]:
            task.cancel()
        gate.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [type(None)] + [asyncio.CancelledError] * 3 + [type(None)] * 2
        assert whole(session.connector)
    assert server.connections == 1


async def test_waiters_are_served_in_order(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2)) as session:
            done = []

            async def one(n: int) -> None:
                await works(session, server.url / str(n))
                done.append(n)

            await asyncio.gather(*(one(n) for n in range(20)))
            asked = [int(head.split()[1][1:]) for head in server.requests]
    assert asked == sorted(asked)
    assert sorted(done) == list(range(20))
    assert server.connections == 2


# Peers that fail


async def test_connection_refused(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        url = server.url
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError) as info:
            await session.get(url)
        assert str(url.port) in str(info.value)
        assert info.value.host == "127.0.0.1"
        assert whole(session.connector)


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_peer_goes_before_the_head(lib, how, method):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        if how == "reset":
            peer.reset()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await session.request(method, server.url)
        assert whole(session.connector)
        assert not session.connector._conns


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
    ],
)
async def test_body_cut_short(lib, answer):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(answer)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url)
        with pytest.raises(aiohttp.ClientPayloadError, match="not completed"):
            await response.read()
        assert whole(session.connector)
        assert not session.connector._conns


@pytest.mark.parametrize("later", [False, True], ids=["at-once", "later"])
@pytest.mark.parametrize("bad", [b"zz\r\n", b"-1\r\n", b"2\r\nabc\r\n", b"2;" + b"x" * 20_000 + b"\r\n"])
async def test_malformed_chunk(lib, bad, later):
    """SECURITY.md 4.1 and 4.2: an error, not a hang, also when it comes in a later read."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        if later:
            await peer.send(head)
            await peer.reader.readexactly(1)
        else:
            await peer.send(head + bad)
        if later:
            await peer.send(bad)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await asyncio.wait_for(session.get(server.url), 5)
        if later:
            response.connection.transport.write(b"!")
        with pytest.raises(aiohttp.ClientPayloadError):
            await asyncio.wait_for(response.read(), 5)
        assert whole(session.connector)
        assert not session.connector._conns


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
    ],
    ids=["status", "not-http", "two-lengths", "long-field", "many-fields", "endless-1xx"],
)
async def test_malformed_head(lib, answer):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(answer)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientResponseError) as info:
            await asyncio.wait_for(session.get(server.url), 5)
        assert info.value.status == 400
        assert str(server.url) in str(info.value)
        assert whole(session.connector)
        assert not session.connector._conns


@pytest.mark.parametrize("when", ["with-answer", "after-answer"])
async def test_bytes_nobody_asked_for(lib, when):
    """SECURITY.md 4.3: a connection that got unasked bytes is never handed out."""
    aiohttp = lib.load()
    poison = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    sent = asyncio.Event()
    go = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        if when == "with-answer":
            await peer.send(answer + poison)
        else:
            await peer.send(answer)
            await go.wait()
            await peer.send(poison)
        sent.set()
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        await works(session, server.url)
        go.set()
        await sent.wait()
        while server.open:
            await asyncio.sleep(0)  # the client closes what was poisoned
        sent.clear()
        await works(session, server.url)
    assert server.connections == 2


async def test_interim_answers_are_skipped(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
        await peer.answer()
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        await works(session, server.url)


async def test_stale_connection_is_replaced_once(lib):
    """The peer closes a kept connection just as the next request goes out."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.head()  # of the second request; then close without an answer

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        await works(session, server.url)
        await works(session, server.url)  # safe to repeat
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.post(server.url)  # not safe
        assert whole(session.connector)


# Time-outs, at every stage


@pytest.mark.parametrize("total", [0.05, 5.5], ids=["exact", "tick"])
async def test_total_timeout_while_waiting_for_the_head(lib, total):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(TimeoutError, match="Total timeout") as info:
            await session.get(server.url, timeout=aiohttp.ClientTimeout(total=total))
        assert "GET" in str(info.value)
        assert whole(session.connector)
        assert not session.connector._conns


async def test_timeouts_while_reading_the_body(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for timeout, error in (
            (aiohttp.ClientTimeout(total=0.05), TimeoutError),
            (aiohttp.ClientTimeout(sock_read=0.05), aiohttp.SocketTimeoutError),
        ):
            response = await session.get(server.url, timeout=timeout)
            with pytest.raises(error):
                await response.read()
            assert whole(session.connector)
        with pytest.raises(aiohttp.SocketTimeoutError):
            async with session.get(server.url, timeout=aiohttp.ClientTimeout(sock_read=0.05)) as response:
                async for _ in response.content.iter_any():
                    pass
        assert not session.connector._conns


async def test_read_timeout_counts_each_wait(lib):
    """Many short waits that together exceed ``sock_read`` are fine."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        for n in range(8):
            await asyncio.sleep(0.05)
            await peer.send(b"%d" % n)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=0.2)) as session:
        async with session.get(server.url) as response:
            assert await response.read() == b"01234567"


async def test_timeouts_while_waiting_for_a_connection(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        holder = asyncio.ensure_future(session.get(server.url))
        while not server.requests:
            await asyncio.sleep(0)
        with pytest.raises(aiohttp.ConnectionTimeoutError, match="Connection timeout to host"):
            await session.get(server.url, timeout=aiohttp.ClientTimeout(connect=0.05))
        with pytest.raises(TimeoutError, match="Total timeout"):
            await session.get(server.url, timeout=aiohttp.ClientTimeout(total=0.05))
        holder.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holder
        assert whole(session.connector)


async def test_none_and_zero_mean_no_limit(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.head()
            await asyncio.sleep(0.1)
            await peer.answer()

    async with serve(handler) as server, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.03)) as session:
        for timeout in (None, 0, aiohttp.ClientTimeout(), aiohttp.ClientTimeout(total=0, sock_read=0, connect=0)):
            async with session.get(server.url, timeout=timeout) as response:
                assert await response.read() == b"ok"
        with pytest.raises(TimeoutError):
            await session.get(server.url)
        with pytest.raises(TypeError, match="timeout must be"):
            await session.get(server.url, timeout="x")


# What the caller gets wrong


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"data": b"x", "json": 1}, ValueError, "data and json"),
        ({"headers": {"X": "a\r\nInjected: 1"}}, ValueError, "X"),
        ({"headers": {"X\r\nInjected": "1"}}, ValueError, "X"),
        ({"headers": {"X": 5}}, TypeError, "X"),
        ({"data": b"abc", "headers": {"Content-Length": "5"}}, ValueError, "Content-Length is 5"),
        ({"data": b"abc", "headers": {"Content-Length": "+3"}}, ValueError, "Content-Length must"),
        ({"data": b"abc", "headers": [("Content-Length", "3"), ("content-length", "3")]}, ValueError, "more than one"),
        ({"data": b"abc", "headers": {"Content-Length": "3", "Transfer-Encoding": "chunked"}}, ValueError, "together"),
        ({"data": b"abc", "headers": {"Transfer-Encoding": "xchunked"}}, ValueError, "Transfer-Encoding must"),
        ({"data": b"abc", "chunked": True, "headers": {"Content-Length": "3"}}, ValueError, "chunked can not be set"),
        ({"data": b"abc", "chunked": True, "headers": {"Transfer-Encoding": "chunked"}}, ValueError, "chunked can not"),
        ({"data": b"abc", "compress": True, "headers": {"Content-Encoding": "gzip"}}, ValueError, "compress can not"),
        ({"auth": ("a", "b")}, TypeError, "BasicAuth"),
        ({"data": object()}, TypeError, "."),
    ],
)
async def test_bad_options_reach_nobody(lib, options, error, match):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        await works(session, server.url)
        with pytest.raises(error, match=match):
            await session.post(server.url, **options)
        assert whole(session.connector)
        await works(session, server.url)
    assert len(server.requests) == 2


@pytest.mark.parametrize("method", ["GE T", "GET\r\nX: 1", "GET\0", "", "G\u00cbT", "GET /x HTTP/1.1\r\n\r\n"])
async def test_method_must_be_a_token(lib, method):
    async with lib.load().ClientSession() as session:
        with pytest.raises(ValueError, match="token"):
            await session.request(method, "http://localhost/")


@pytest.mark.parametrize(
    "url", ["", "http://", "foo", "http://x:99999/", "http://[::1", "http:///a", "ftp://x/", "file:///etc/passwd"]
)
async def test_bad_urls(lib, url):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as info:
            await session.get(url)
        assert isinstance(info.value, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError))
        assert whole(session.connector)


async def test_early_answer_to_an_upload(lib):
    """The server answers and closes before the body is sent: the answer is what counts."""
    aiohttp = lib.load()

    async def endless():
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.answer(b"too large", b"Connection: close", status=b"413 Content Too Large")
        await asyncio.sleep(0.05)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.post(server.url, data=endless()) as response:
            assert response.status == 413
            assert await response.read() == b"too large"
        assert whole(session.connector)
        assert not session.connector._conns


async def test_failing_body_source(lib):
    aiohttp = lib.load()

    async def failing():
        yield b"x"
        raise RuntimeError("source broke")

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError, match="source broke"):
            await session.post(server.url, data=failing())
        assert whole(session.connector)
        assert not session.connector._conns


async def test_given_up_while_the_last_bytes_wait_for_a_peer_that_never_reads(lib):
    """What is still to be sent is dropped with the request; it must not keep the connection open."""
    aiohttp = lib.load()
    written = asyncio.Event()

    async def until_the_peer_is_full():
        (protocol,) = session.connector._acquired
        while not protocol.transport.get_write_buffer_size():
            yield b"x" * 8192
        written.set()

    async def deaf(peer: Peer) -> None:
        await peer.head()
        await asyncio.get_running_loop().create_future()

    async with serve(deaf) as server, aiohttp.ClientSession() as session:
        post = asyncio.ensure_future(session.post(server.url, data=until_the_peer_is_full()))
        await written.wait()
        await asyncio.sleep(0)
        (protocol,) = session.connector._acquired
        closed = protocol.closed
        post.cancel()
        with pytest.raises(asyncio.CancelledError):
            await post
        assert whole(session.connector)
        await asyncio.wait_for(closed, 5)


async def test_timer_of_a_response_is_entered_around_its_waits(lib):
    aiohttp = lib.load()
    waits: list[str] = []

    class Timer:
        def __enter__(self) -> None:
            waits.append("in")

        def __exit__(self, *exc: object) -> None:
            waits.append("out")

    class Timed(aiohttp.ClientRequest):
        def __init__(self, *args: object, **options: object) -> None:
            super().__init__(*args, timer=Timer(), **options)

    read_head = asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        await read_head.wait()
        await peer.send(b"k")

    async with serve(slow) as server, aiohttp.ClientSession(request_class=Timed) as session:
        async with session.get(server.url) as response:
            assert waits == ["in", "out"]
            reading = asyncio.ensure_future(response.read())
            await asyncio.sleep(0)
            read_head.set()
            assert await reading == b"ok"
    assert waits == ["in", "out"] * 2
