"""Every error says which request it ended, how far that was, how long it took, and which limit it met."""

import asyncio
import pickle
import socket

import pytest
from yarl import URL

from tests.servers import keep_answering, serve


async def mute(peer):
    await peer.request()
    await peer.gone()


async def half(peer):
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    await peer.gone()


async def hangs_up(peer):
    await peer.request()


async def cut(peer):
    await peer.request()
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")


async def not_found(peer):
    await peer.request()
    await peer.answer(b"no", status=b"404 Not Found")
    await peer.gone()


async def gibberish(peer):
    await peer.request()
    await peer.send(b"ICY 200 OK\r\n\r\n")
    await peer.gone()


async def long_field(peer):
    await peer.request()
    await peer.answer(b"", b"X: " + b"x" * 9000)
    await peer.gone()


async def bad_gzip(peer):
    await peer.request()
    await peer.answer(b"no gzip at all", b"Content-Encoding: gzip")
    await peer.gone()


async def circle(peer):
    while True:
        await peer.request()
        await peer.answer(b"", b"Location: /again", status=b"302 Found")


async def to_a_file(peer):
    await peer.request()
    await peer.answer(b"", b"Location: file:///etc/passwd", status=b"302 Found")
    await peer.gone()


CASES = [
    # handler, options, class, phase, limit_name, limit
    (mute, {"timeout": 0.05}, "TotalTimeoutError", "head", "total", 0.05),
    (half, {"timeout": 0.05}, "TotalTimeoutError", "body", "total", 0.05),
    (mute, {"sock_read": 0.05}, "SocketTimeoutError", "head", "sock_read", 0.05),
    (half, {"sock_read": 0.05}, "SocketTimeoutError", "body", "sock_read", 0.05),
    (hangs_up, {}, "ServerDisconnectedError", "head", None, None),
    (cut, {}, "ClientPayloadError", "body", None, None),
    (not_found, {"raise_for_status": True}, "ClientResponseError", None, None, None),
    (gibberish, {}, "ClientResponseError", "head", None, None),
    (long_field, {}, "ClientResponseError", "head", "max_field_size", 8190),
    (bad_gzip, {}, "ClientPayloadError", "body", None, None),
    (circle, {"max_redirects": 3}, "TooManyRedirects", None, "max_redirects", 3),
    (to_a_file, {}, "NonHttpUrlRedirectClientError", None, None, None),
]


@pytest.mark.parametrize(("handler", "options", "name", "phase", "limit_name", "limit"), CASES)
async def test_errors_tell(lib, handler, options, name, phase, limit_name, limit):
    aiohttp = lib.load()
    kind = getattr(lib.load("_client.exceptions"), name)
    options = dict(options)
    if "sock_read" in options:
        options["timeout"] = aiohttp.ClientTimeout(sock_read=options.pop("sock_read"))
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        url = server.url.with_user("me").with_password("secret") / "x"
        with pytest.raises(kind) as info:
            async with session.get(url, **options) as response:
                await response.read()
    error = info.value
    assert error.method == "GET"
    assert error.phase == phase or (phase is None and error.phase in ("head", "body"))
    assert 0 < error.elapsed < 5
    assert (error.limit_name, error.limit) == (limit_name, limit)
    text = str(error)
    assert f"GET http://127.0.0.1:{server.url.port}/" in text or "url='http://127.0.0.1" in text or "/etc/" in text
    assert "GET" in text
    assert " s" in text
    if limit_name is not None:
        assert f"{limit_name}={limit}" in text
    assert "secret" not in text + repr(error)
    again = pickle.loads(pickle.dumps(error))
    assert (again.method, again.phase, again.elapsed, again.limit) == ("GET", error.phase, error.elapsed, error.limit)


async def test_refused(lib):
    aiohttp = lib.load()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = URL.build(scheme="http", host="127.0.0.1", port=taken.getsockname()[1], path="/x")
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorError) as info:
                await session.post(url)
    assert (info.value.method, info.value.url, info.value.phase) == ("POST", url, "connect")
    assert str(info.value).startswith(f"Cannot connect to host 127.0.0.1:{url.port} ssl:default [")
    assert f"[POST {url}, phase: connect, after " in str(info.value)


async def test_unknown_host(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorDNSError) as info:
            await session.get("http://no.such.host.invalid/")
    assert info.value.phase == "dns"


async def test_waiting_for_a_connection(lib):
    aiohttp = lib.load()
    async with serve(mute) as server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        first = asyncio.create_task(session.get(server.url))
        while not server.requests:
            await asyncio.sleep(0.001)
        with pytest.raises(aiohttp.ConnectionTimeoutError) as info:
            await session.get(server.url, timeout=aiohttp.ClientTimeout(connect=0.05))
        assert (info.value.phase, info.value.limit_name, info.value.limit) == ("pool", "connect", 0.05)
        with pytest.raises(TimeoutError) as late:
            await session.get(server.url, timeout=0.05)
        assert (late.value.phase, late.value.limit_name, late.value.limit) == ("pool", "total", 0.05)
        first.cancel()
        await asyncio.wait([first])


async def test_bad_urls_tell_too(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        for url, kind in (
            ("http://", aiohttp.InvalidUrlClientError),
            ("ftp://u:secret@h/", aiohttp.NonHttpUrlClientError),
        ):
            with pytest.raises(kind) as info:
                await session.get(url)
            assert "secret" not in str(info.value) + repr(info.value)


async def test_errors_without_a_request_read_as_ever(lib):
    aiohttp = lib.load()
    assert str(aiohttp.ServerDisconnectedError()) == "Server disconnected"
    assert str(aiohttp.ClientError("text")) == "text"
    assert aiohttp.ClientError("text").method is None


async def test_status_errors_keep_aiohttps_text_in_front(lib):
    aiohttp = lib.load()
    async with serve(not_found) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            with pytest.raises(aiohttp.ClientResponseError) as info:
                response.raise_for_status()
            assert await response.text() == "no"
    assert str(info.value).startswith(f"404, message='Not Found', url='{server.url}' [GET, after ")


async def test_a_kept_connection_that_dies_is_told(lib):
    """The age of the connection explains many a failure."""
    aiohttp = lib.load()

    async def twice(peer):
        await peer.request()
        await peer.answer()
        await peer.request()

    async with serve(twice) as server, aiohttp.ClientSession(retry_stale=False) as session:
        await (await session.get(server.url)).read()
        with pytest.raises(aiohttp.ServerDisconnectedError, match="kept connection, idle for"):
            await session.get(server.url)


async def test_success_is_not_affected(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == b"ok"
