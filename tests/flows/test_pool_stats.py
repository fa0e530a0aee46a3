"""What ``connector.stats()`` says, the age limit of connections, and the switch of the stale retry."""

import asyncio

import pytest

from tests.servers import keep_answering, serve, until


def told(stats, *names):
    return tuple(getattr(stats, name) for name in names)


async def test_counts_follow_a_connection(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        stats = session.connector.stats
        assert told(stats(), "idle", "acquired", "waiting", "opened", "reused", "waits") == (0, 0, 0, 0, 0, 0)
        async with session.get(server.url) as response:
            await response.read()
        assert told(stats(), "idle", "acquired", "opened", "reused") == (1, 0, 1, 0)
        async with session.get(server.url):
            pass
        assert told(stats(), "idle", "opened", "reused") == (1, 1, 1)
        assert stats().closed == {}
    assert told(stats(), "idle", "acquired") == (0, 0)
    assert stats().closed == {"connector": 1}


@pytest.mark.parametrize("limits", [{"limit": 1}, {"limit_per_host": 1}])
async def test_who_waits_is_counted(lib, limits):
    aiohttp = lib.load()
    may_answer = asyncio.Event()

    async def slow(peer):
        while True:
            await peer.request()
            await may_answer.wait()
            await peer.answer()

    connector = aiohttp.TCPConnector(**limits)
    async with serve(slow) as server, aiohttp.ClientSession(connector=connector) as session:
        tasks = [asyncio.create_task(session.get(server.url)) for _ in range(3)]
        await until(lambda: told(connector.stats(), "waiting", "opened") == (2, 1))
        assert told(connector.stats(), "acquired", "waits") == (1, 0)
        may_answer.set()
        for task in tasks:
            (await task).release()
        stats = connector.stats()
        assert told(stats, "waiting", "waits", "acquired", "opened", "reused") == (0, 2, 0, 1, 2)
        assert 0 < stats.wait_max <= stats.wait_total


async def test_cancelled_waiter_is_not_counted_as_waiting(lib):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(limit=1)

    asked = asyncio.Event()

    async def mute(peer):
        await peer.request()
        asked.set()
        await peer.gone()

    async with serve(mute) as server, aiohttp.ClientSession(connector=connector) as session:
        tasks = [asyncio.create_task(session.get(server.url)) for _ in range(2)]
        await until(lambda: connector.stats().waiting == 1)
        await asked.wait()  # else the connection might not be there yet
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await until(lambda: connector.stats().closed == {"request": 1})
        assert told(connector.stats(), "waiting", "acquired", "idle") == (0, 0, 0)


async def closing_says_close(peer):
    await peer.request()
    await peer.answer(b"ok", b"Connection: close")
    await peer.gone()


async def closes_after_answer(peer):
    await peer.request()
    await peer.answer()


async def talks_unasked(peer):
    await peer.request()
    await peer.answer()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await peer.gone()


async def half_a_body(peer):
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1")
    await peer.gone()


@pytest.mark.parametrize(
    ("handler", "options", "reason"),
    [
        (keep_answering, {"keepalive_timeout": 0.05}, "idle"),
        (keep_answering, {"max_connection_age": 0.000001}, "age"),
        (keep_answering, {"force_close": True}, "forced"),
        (closing_says_close, {}, "response"),
        (closes_after_answer, {}, "peer"),
        (talks_unasked, {}, "unasked"),
        (half_a_body, {}, "request"),
    ],
)
async def test_reasons_of_closing(lib, handler, options, reason):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(**options)
    async with serve(handler) as server, aiohttp.ClientSession(connector=connector) as session:
        async with session.get(server.url):
            pass
        await until(lambda: connector.stats().closed)
        assert connector.stats().closed == {reason: 1}
        assert told(connector.stats(), "idle", "acquired", "opened") == (0, 0, 1)


async def test_old_connections_get_no_further_request(lib):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(max_connection_age=0.2)
    async with serve(keep_answering) as server, aiohttp.ClientSession(connector=connector) as session:
        for _ in range(2):
            async with session.get(server.url):
                pass
        assert server.connections == 1
        await asyncio.sleep(0.21)  # the age itself is what is tested
        async with session.get(server.url):
            pass
        assert server.connections == 2
        assert connector.stats().closed == {"age": 1}


@pytest.mark.parametrize("limit", [None, 0])
async def test_no_age_limit(lib, limit):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(max_connection_age=limit)
    async with serve(keep_answering) as server, aiohttp.ClientSession(connector=connector) as session:
        for _ in range(2):
            async with session.get(server.url):
                pass
        assert server.connections == 1


async def dies_on_second(peer):
    """Answer once; close, without an answer, when the second request has come."""
    await peer.request()
    await peer.answer()
    if peer.server.connections == 1:
        await peer.request()
    else:
        await keep_answering(peer)


async def test_stale_retry_is_counted(lib):
    aiohttp = lib.load()
    async with serve(dies_on_second) as server, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                assert await response.read() == b"ok"
        assert session.connector.stats().stale_retries == 1
        assert server.connections == 2


@pytest.mark.parametrize("where", ["session", "request"])
async def test_stale_retry_can_be_switched_off(lib, where):
    aiohttp = lib.load()
    of_session, of_request = ({"retry_stale": False}, {}) if where == "session" else ({}, {"retry_stale": False})
    async with serve(dies_on_second) as server, aiohttp.ClientSession(**of_session) as session:
        async with session.get(server.url, **of_request):
            pass
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.get(server.url, **of_request)
        assert session.connector.stats().stale_retries == 0
        assert server.connections == 1


async def test_request_may_switch_the_retry_on(lib):
    aiohttp = lib.load()
    async with serve(dies_on_second) as server, aiohttp.ClientSession(retry_stale=False) as session:
        for _ in range(2):
            async with session.get(server.url, retry_stale=True) as response:
                assert await response.read() == b"ok"
