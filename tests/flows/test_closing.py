"""Ends of sessions, connectors and responses: clean, or with a warning that says what was left."""

import asyncio
import contextlib
import gc
import re
import socket
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from tests.servers import Peer, keep_answering, serve

uvloop = pytest.importorskip("uvloop")

LOOPS = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


async def until_settled(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@LOOPS
@pytest.mark.parametrize("state", ["kept", "unread", "closed-by-answer", "under-way"])
def test_loop_may_end_right_after_close(lib, new_loop, state):
    aiohttp = lib.load()
    made = []

    def make(addr_info) -> socket.socket:
        made.append(socket.socket(*addr_info[:3]))
        return made[-1]

    async def handler(peer: Peer) -> None:
        await peer.request()
        if state == "unread":
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nok")
        elif state == "closed-by-answer":
            await peer.answer(b"ok", b"Connection: close")
        elif state == "kept":
            await peer.answer()
        await peer.gone()

    async def main() -> None:
        async with serve(handler) as server:
            session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=make))
            if state == "under-way":
                task = asyncio.ensure_future(session.get(server.url))
                while not server.requests:
                    await asyncio.sleep(0)
                await session.close()
                with pytest.raises(aiohttp.ClientConnectionError):
                    await task
            else:
                response = await session.get(server.url)
                if state != "unread":
                    assert await response.read() == b"ok"
                response.release()
                await session.close()
            assert [sock.fileno() for sock in made] == [-1]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(main())
        gc.collect()
    assert not [str(warning.message) for warning in caught]


async def unheard() -> list:
    found = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: found.append(context["message"]))
    return found


async def test_unclosed_session(lib):
    aiohttp = lib.load()
    found = await unheard()
    async with serve(keep_answering) as server:
        session = aiohttp.ClientSession()
        made_at = f"made at {__file__}:{sys._getframe().f_lineno - 1}"
        async with session.get(server.url) as response:
            await response.read()
        connector = session.connector
        with pytest.warns(ResourceWarning, match=f"Unclosed client session .*{re.escape(made_at)}"):  # noqa: PT031 - dropping it and collecting it are one step
            del session, response
            gc.collect()
        assert found == ["Unclosed client session"]
        await connector.close()


async def test_unclosed_connector(lib):
    aiohttp = lib.load()
    found = await unheard()
    async with serve(keep_answering) as server:
        connector = aiohttp.TCPConnector()
        made_at = f"made at {__file__}:{sys._getframe().f_lineno - 1}"
        async with aiohttp.ClientSession(connector=connector, connector_owner=False) as session:
            async with session.get(server.url) as response:
                await response.read()
        assert not connector.closed
        with pytest.warns(ResourceWarning, match=f"Unclosed connector .*{re.escape(made_at)}"):  # noqa: PT031 - dropping it and collecting it are one step
            del connector, session, response
            gc.collect()
        assert found == ["Unclosed connector"]
        while server.open:
            await asyncio.sleep(0)


async def test_unclosed_session_and_connector_that_go_together(lib):
    """Each tells of itself, whichever the collector finds first."""
    aiohttp = lib.load()
    found = await unheard()
    async with serve(keep_answering) as server:
        connector = aiohttp.TCPConnector()  # the older one is found first
        session = aiohttp.ClientSession(connector=connector)
        connector.held = session
        async with session.get(server.url) as response:
            await response.read()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            del connector, session, response
            gc.collect()
        assert sorted(str(one.message).split(" <")[0] for one in said) == [
            "Unclosed client session",
            "Unclosed connector",
        ]
        assert sorted(found) == ["Unclosed client session", "Unclosed connector"]
        while server.open:
            await asyncio.sleep(0)


@contextlib.contextmanager
def outliving(answer: bytes) -> Iterator[str]:
    """A server for one request, with no loop: its connection stays open when the client's loop has ended."""
    is_over = threading.Event()

    def serve_one(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(answer)
            is_over.wait()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve_one, args=(listener,))
        server.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            is_over.set()
            server.join()


def test_unclosed_session_of_a_loop_that_has_ended(lib):
    """A response that is still coming in keeps its session until then."""
    aiohttp = lib.load()
    found = []

    async def forget(url: str) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: found.append(context["message"]))
        response = await aiohttp.ClientSession().get(url)
        await response.content.readany()

    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
    with outliving(begun) as url, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        asyncio.run(forget(url))
        assert not found
        gc.collect()
    assert "Unclosed client session" in [str(one.message).split(" <")[0] for one in said]
    assert found == ["Unclosed client session"]


@pytest.mark.parametrize("asks", [False, True])
def test_a_session_of_a_loop_that_has_ended(lib, asks):
    """It cannot ask, and says so once; nothing else is printed but what was left open."""
    aiohttp = lib.load()
    found = []

    async def begin(url: str) -> object:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: found.append(context["message"]))
        session = aiohttp.ClientSession()
        async with session.get(url) as response:
            await response.read()
        return session

    async def go_on(session: object, url: str) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: found.append(context["message"]))
        with pytest.raises(RuntimeError):
            await session.get(url)

    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with outliving(whole) as url, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        session = asyncio.run(begin(url))
        if asks:
            asyncio.run(go_on(session, url))
        del session
        gc.collect()
    assert sorted(found) == ["Unclosed client session", "Unclosed connector"][: 1 if asks else 2]


async def test_unused_session_and_connector_say_nothing_when_closed(lib):
    aiohttp = lib.load()
    session = aiohttp.ClientSession()
    await session.close()
    await session.close()  # again is fine
    connector = aiohttp.TCPConnector()
    del connector, session
    gc.collect()


async def test_forgotten_response(lib):
    """Nobody has it any more, but bytes come in for it still: it ends with its session, and quietly."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nab")
        await peer.gone()

    async with serve(handler) as server:
        async with aiohttp.ClientSession() as session:
            await session.get(server.url)
            gc.collect()
        gc.collect()
        while server.open:
            await asyncio.sleep(0)


async def test_content_outlives_its_response(lib):
    """Who keeps only ``content`` reads it to its end."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
        await go.wait()
        await peer.send(b"cd")
        await peer.gone()

    go = asyncio.Event()
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        content = (await session.get(server.url)).content
        gc.collect()
        go.set()
        assert await content.read() == b"abcd"
        assert session.connector._slots.used == 0


async def test_forgotten_connection(lib):
    aiohttp = lib.load()
    found = await unheard()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        request = aiohttp.ClientRequest("GET", server.url, loop=asyncio.get_running_loop())
        connection = await session.connector.connect(request, [], aiohttp.ClientTimeout())
        assert connection.transport is not None
        with pytest.warns(ResourceWarning, match="Unclosed connection"):  # noqa: PT031 - dropping it and collecting it are one step
            del connection
            gc.collect()
        assert found == ["Unclosed connection"]
        assert session.connector._slots.used == 0


async def test_borrowed_connector_stays_open(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.TCPConnector() as connector:
        for _ in range(3):
            async with aiohttp.ClientSession(connector=connector, connector_owner=False) as session:
                async with session.get(server.url) as response:
                    assert await response.read() == b"ok"
            assert session.closed
            assert not connector.closed
    assert connector.closed
    assert server.connections == 1


async def test_detach(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.TCPConnector() as connector:
        session = aiohttp.ClientSession(connector=connector)
        async with session.get(server.url) as response:
            await response.read()
        session.detach()
        assert session.closed
        assert session.connector is None
        with pytest.raises(RuntimeError, match="Session is closed"):
            await session.get(server.url)
        await session.close()
        del session
        gc.collect()
        assert not connector.closed


async def test_closed_while_waiting_for_a_slot(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async with serve(handler) as server:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))
        tasks = [asyncio.ensure_future(session.get(server.url)) for _ in range(4)]
        while not server.requests:
            await asyncio.sleep(0)
        await session.close()
        results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        assert all(isinstance(result, aiohttp.ClientConnectionError) for result in results)
        assert all(str(result) for result in results)


async def test_closed_while_reading_a_body(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nab")
        await peer.gone()

    async with serve(handler) as server:
        session = aiohttp.ClientSession()
        response = await session.get(server.url)
        task = asyncio.ensure_future(response.read())
        await until_settled()
        await session.close()
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(task, 5)


async def test_keepalive_timeout_closes_what_is_idle(lib):
    """The tick closes idle connections by itself, and stops when there are none."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        connector = aiohttp.TCPConnector(keepalive_timeout=0.01)
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.get(server.url) as response:
                await response.read()
            ((protocol,),) = connector._idle.values()
            await asyncio.wait_for(protocol.closed, 5)
            assert not connector._conns
            while connector._tick_handle is not None:
                await asyncio.sleep(0.01)
            async with session.get(server.url) as response:
                await response.read()
    assert server.connections == 2


async def test_expired_but_not_yet_ticked_is_not_lent(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        connector = aiohttp.TCPConnector(keepalive_timeout=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            for _ in range(3):
                async with session.get(server.url) as response:
                    await response.read()
                await asyncio.sleep(0.001)
    assert server.connections == 3


@pytest.mark.parametrize(("keepalive", "threshold", "exact"), [(0.3, 5, True), (0.3, 0.3, True), (0.3, 0.1, False)])
async def test_idle_connections_are_closed_on_time_up_to_the_threshold(lib, keepalive, threshold, exact):
    """Above it, when the next whole second begins."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        connector = aiohttp.TCPConnector(keepalive_timeout=keepalive, timeout_ceil_threshold=threshold)
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.get(server.url) as response:
                await response.read()
            idle_since = asyncio.get_running_loop().time()
            due = connector._tick_handle.when()
            assert due <= idle_since + 1
            assert due % 1 == 0 or (exact and due <= idle_since + keepalive)


def test_loops_in_threads_at_once(lib):
    """Each loop has its own buffers, timers and pool; nothing is shared that should not be."""
    aiohttp = lib.load()
    failures = []

    async def main(n: int) -> None:
        async def handler(peer: Peer) -> None:
            while True:
                _, body = await peer.request()
                await peer.answer(body + b"%d" % n * 1000)

        async with serve(handler) as server, aiohttp.ClientSession() as session:

            async def one(k: int) -> None:
                async with session.post(server.url, data=b"%d:" % k) as response:
                    assert await response.read() == (b"%d:" % k) + b"%d" % n * 1000

            for _ in range(10):
                await asyncio.gather(*map(one, range(10)))

    def run(n: int) -> None:
        new_loop = (asyncio.new_event_loop, uvloop.new_event_loop)[n % 2]
        try:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(main(n))
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


async def test_connector_of_another_loop(lib):
    aiohttp = lib.load()
    other = asyncio.new_event_loop()
    try:
        with pytest.raises(RuntimeError, match="same event loop"):
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(loop=other), loop=asyncio.get_running_loop())
    finally:
        other.close()
    with pytest.raises(TypeError, match="async with"):
        session = aiohttp.ClientSession()
        try:
            with session:
                pass
        finally:
            await session.close()


@pytest.mark.parametrize(
    ("limits", "at_once"), [({"limit": 0}, 150), ({"limit": None}, 150), ({"limit_per_host": 3}, 3), ({}, 100)]
)
async def test_limits(lib, limits, at_once):
    aiohttp = lib.load()
    gate = asyncio.Event()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await gate.wait()
            await peer.answer()

    async with serve(handler) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**limits)) as session:

            async def one() -> None:
                async with session.get(server.url) as response:
                    await response.read()

            tasks = [asyncio.ensure_future(one()) for _ in range(150)]
            while len(server.requests) < at_once:
                await asyncio.sleep(0.001)
            await until_settled()
            assert server.connections == at_once
            gate.set()
            await asyncio.gather(*tasks)
            assert session.connector._slots.used == 0
    assert server.connections == at_once


async def test_limit_per_host_leaves_other_hosts_alone(lib):
    """Many waiting for one host do not hold up another's requests."""
    aiohttp = lib.load()
    gate = asyncio.Event()

    async def slow(peer: Peer) -> None:
        while True:
            await peer.request()
            await gate.wait()
            await peer.answer()

    async with serve(slow) as one, serve(keep_answering) as other:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=4, limit_per_host=2)) as session:
            waiting = [asyncio.ensure_future(session.get(one.url)) for _ in range(10)]
            while len(one.requests) < 2:
                await asyncio.sleep(0)
            for _ in range(5):
                async with session.get(other.url) as response:
                    assert await asyncio.wait_for(response.read(), 5) == b"ok"
            gate.set()
            for response in await asyncio.gather(*waiting):
                assert await response.read() == b"ok"
            assert session.connector._slots.used == 0
            assert not session.connector._slots.used_per_host
    assert one.connections == 2


async def test_warnings_name_the_users_line(lib):
    """Whichever core runs: compiled functions have no frame that a fixed stack level could count."""
    aiohttp = lib.load()

    def warned(act) -> str:
        with pytest.warns(DeprecationWarning, match="deprecated|discouraged|ignored") as caught:
            act()
        return caught[0].filename

    async with aiohttp.ClientSession() as session:
        assert warned(lambda: session.loop) == __file__
        assert warned(lambda: setattr(session, "requote_redirect_url", False)) == __file__
    assert warned(lambda: type("Own", (aiohttp.ClientSession,), {})) == __file__
    assert warned(lambda: aiohttp.TCPConnector(ssl_shutdown_timeout=1)) == __file__


@pytest.mark.parametrize("made", ["ClientSession", "TCPConnector"])
async def test_refused_arguments_leave_nothing_behind(lib, made):
    """Not even a complaint of the half-made object when it goes."""
    aiohttp = lib.load()
    with pytest.raises(TypeError, match="wat"):
        getattr(aiohttp, made)(wat=1)
    gc.collect()
