"""What the third review found: odd answers, ends that come at the wrong time, methods and URLs that middlewares set."""

import asyncio
import contextlib
import enum
import gzip
import io
import itertools
from fractions import Fraction

import pytest
from yarl import URL

from tests.flows.test_pool_stats import until
from tests.servers import keep_answering, serve

HEAD = b"HTTP/1.1 200 OK\r\n"


async def test_a_status_below_100_is_the_answer(lib):
    """RFC 9110 15: it is no interim one, so what follows was not asked for, and is bounded as any body."""
    aiohttp = lib.load()

    async def odd(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 099 X\r\nContent-Length: 5\r\n\r\nevil-" + HEAD + b"Content-Length: 2\r\n\r\nok")
        await peer.gone()

    async with serve(odd) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            assert response.status == 99
            assert await response.read() == b"evil-"
        assert session.connector.stats().idle == 0
        with pytest.raises(aiohttp.ClientPayloadSizeError):
            async with session.get(server.url, max_body_size=4) as response:
                await response.read()


def endless_name() -> "itertools.chain[bytes]":
    """A gzip header whose file name (RFC 1952 2.3.1) does not end."""
    return itertools.chain([b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"], itertools.repeat(b"a" * 60_000))


def empty_blocks() -> "itertools.chain[bytes]":
    """Blocks of deflate (RFC 1951 3.2.4) without a byte in them."""
    return itertools.chain([gzip.compress(b"")[:10]], itertools.repeat(b"\0\0\0\xff\xff" * 12_000))


@pytest.mark.parametrize("coded", [endless_name, empty_blocks])
async def test_a_coded_body_that_becomes_nothing_is_bounded_too(lib, coded):
    aiohttp = lib.load()
    sent = 0

    async def endless(peer):
        nonlocal sent
        await peer.request()
        await peer.send(HEAD + b"Content-Encoding: gzip\r\n\r\n")
        for piece in coded():
            await peer.send(piece)
            sent += len(piece)

    timeout = aiohttp.ClientTimeout(total=30)
    async with serve(endless) as server, aiohttp.ClientSession(max_body_size=1000, timeout=timeout) as session:
        with pytest.raises(aiohttp.ClientPayloadSizeError) as caught:
            async with session.get(server.url) as response:
                await response.read()
        assert caught.value.limit_name == "max_body_size"
        await until(lambda: not server.open)
        assert sent < 50_000_000
        assert session.connector.stats().acquired == 0


async def test_who_waits_for_a_slot_is_refused_as_the_connector_closes(lib):
    """It had been handed the slot in the same turn of the loop."""
    aiohttp = lib.load()

    async def never(peer):
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 2\r\n\r\n")
        await peer.gone()

    connector = aiohttp.TCPConnector(limit=1)
    async with serve(never) as server:
        session = aiohttp.ClientSession(connector=connector)
        first = await session.get(server.url)
        second = asyncio.create_task(session.get(server.url).__aenter__())
        await until(lambda: connector.stats().waiting == 1)
        first.close()
        await session.close()
        with pytest.raises(aiohttp.ClientConnectionError, match="Connector is closed"):
            await second
        assert server.connections == 1
        assert connector._slots.used == 0


async def test_sock_read_counts_while_the_body_is_still_written(lib):
    """The peer has begun to answer, and then does nothing any more."""
    aiohttp = lib.load()

    async def stuck(peer):
        await peer.head()
        peer.writer.transport.pause_reading()
        await peer.send(HEAD + b"Content-Length: 20\r\n\r\nabc")
        await asyncio.Event().wait()

    async def endless():
        while True:
            yield b"x" * 65536

    timeout = aiohttp.ClientTimeout(total=30, sock_read=0.2)
    async with serve(stuck) as server, aiohttp.ClientSession(timeout=timeout) as session:
        with pytest.raises(aiohttp.SocketTimeoutError):
            async with session.post(server.url, data=endless()) as response:
                await response.read()
        assert session.connector.stats().acquired == 0


async def test_a_redirect_waits_for_the_old_body_no_longer_than_it_may(lib):
    aiohttp = lib.load()
    ended = asyncio.Event()

    async def stubborn():
        yield b"x"
        try:
            await asyncio.Event().wait()
        finally:
            await ended.wait()

    async def redirect(peer):
        await peer.head()
        await peer.send(b"HTTP/1.1 307 T\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")
        await peer.gone()

    timeout = aiohttp.ClientTimeout(total=0.3)
    async with serve(redirect) as server, aiohttp.ClientSession(timeout=timeout) as session:
        with pytest.raises(aiohttp.TotalTimeoutError) as caught:
            await session.put(server.url, data=lambda: stubborn())
        assert caught.value.limit == 0.3
        ended.set()
        await until(lambda: not server.open)


async def test_a_method_that_a_middleware_sets_is_a_token(lib):
    aiohttp = lib.load()

    async def other(request, handler):
        request.method = "GET /admin HTTP/1.1 x"
        return await handler(request)

    async with serve(keep_answering) as server, aiohttp.ClientSession(middlewares=(other,)) as session:
        with pytest.raises(ValueError, match="token"):
            await session.get(server.url)
        assert not server.requests
        assert session.connector.stats().acquired == 0


async def test_a_url_that_a_middleware_sets_is_shown_without_its_password(lib):
    aiohttp = lib.load()

    async def other(request, handler):
        request.url = URL("ftp://user:secret@host/")
        return await handler(request)

    async with aiohttp.ClientSession(middlewares=(other,)) as session:
        with pytest.raises(aiohttp.NonHttpUrlClientError) as caught:
            await session.get("http://127.0.0.1/")
    assert "secret" not in f"{caught.value} {caught.value!r}"


class Method(str, enum.Enum):  # noqa: UP042 - not a StrEnum, whose text is its value
    GET = "GET"
    MKCOL = "MKCOL"


async def test_a_method_may_be_a_kind_of_str(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for method in Method:
            async with session.request(method, server.url) as response:
                assert response.method == method.value
    assert [request.split()[0] for request in server.requests] == [b"GET", b"MKCOL"]


async def test_a_wrapper_that_shows_what_it_wraps_is_called(lib):
    """Monitors wrap ``_request`` so; only the session's very own method is gone past."""
    aiohttp = lib.load()
    calls = []

    class Wrapper:
        def __init__(self, wrapped):
            self._wrapped = wrapped
            self.__func__ = wrapped.__func__
            self.__self__ = wrapped.__self__

        async def __call__(self, *args, **kwargs):
            calls.append(args[0])
            return await self._wrapped(*args, **kwargs)

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session, aiohttp.ClientSession() as other:
        session._request = Wrapper(session._request)
        async with session.get(server.url):
            pass
        assert calls == ["GET"]
        session._request = other._request
        async with session.get(server.url):
            pass
        assert (session.connector.stats().opened, other.connector.stats().opened) == (1, 1)


async def test_a_trace_that_comes_late_is_told_of_the_whole_request(lib):
    aiohttp = lib.load()
    told = []

    async def tell(session, context, params) -> None:
        told.append(type(params).__name__)

    config = aiohttp.TraceConfig()
    config.on_request_start.append(tell)
    config.on_request_end.append(tell)
    config.freeze()
    configs = []
    async with serve(keep_answering) as server, aiohttp.ClientSession(trace_configs=configs) as session:
        request = session.get(server.url)
        configs.append(config)
        async with request:
            pass
    assert told == ["TraceRequestStartParams", "TraceRequestEndParams"]


async def test_no_secret_is_quoted_for_its_type(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TypeError) as url:
            await session.get(b"http://u:hunter2@h/")
        with pytest.raises(TypeError) as text:
            await session.post("http://h/", text=b"hunter2")
    with pytest.raises(TypeError) as base:
        aiohttp.ClientSession(b"http://u:hunter2@h/")
    with pytest.raises(ValueError) as relative:
        aiohttp.ClientSession("u:hunter2@h/")
    for caught in (url, text, base, relative):
        assert "hunter2" not in str(caught.value)


async def test_fractions_are_numbers_of_seconds(lib):
    aiohttp = lib.load()

    async def silent(peer):
        await peer.request()
        await peer.gone()

    timeout = aiohttp.ClientTimeout(total=20, sock_read=Fraction(1, 10))
    async with serve(silent) as server, aiohttp.ClientSession(timeout=timeout) as session:
        with pytest.raises(aiohttp.SocketTimeoutError, match=r"0\.1 s"):
            await session.get(server.url)


async def test_no_cookie_is_forgotten_where_a_jar_is_filled_by_hand(lib):
    aiohttp = lib.load()
    full = aiohttp.CookieJar(unsafe=True)
    full.update_cookies({"a": "b"})
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        session.cookie_jar.__dict__.update(full.__dict__)
        async with session.get(server.url):
            pass
    assert b"Cookie: a=b" in server.requests[0]


async def pass_on(request, handler):
    return await handler(request)


@pytest.mark.parametrize("middlewares", [(), (pass_on,)], ids=["plain", "middleware"])
async def test_a_traced_total_timeout_knows_its_phase(lib, middlewares):
    aiohttp = lib.load()

    async def answer_once(peer):
        await peer.request()
        await peer.answer()
        await peer.request()
        await peer.gone()

    options = {"trace_configs": [aiohttp.TraceConfig()], "middlewares": middlewares}
    async with serve(answer_once) as server, aiohttp.ClientSession(**options) as session:
        async with session.get(server.url):
            pass
        with pytest.raises(aiohttp.TotalTimeoutError) as caught:
            await session.get(server.url, timeout=0.2)
    assert caught.value.phase == "head"


async def test_a_forgotten_answer_that_waits_for_its_reader_goes_quietly(lib):
    """The collector may have taken the socket before the response."""
    aiohttp = lib.load()

    async def large(peer):
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 5000000\r\n\r\n" + b"x" * 5_000_000)
        await peer.gone()

    async with serve(large) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url)
        await until(lambda: response.connection.protocol._reading_paused)
        response.connection.transport._sock.close()
        response.close()
        assert session.connector.stats().acquired == 0


async def test_a_lower_case_method_is_the_method(lib):
    """Of the caller at a redirect (RFC 9110 15.4.2), and of a middleware for what the answer's framing is."""
    aiohttp = lib.load()

    async def moved(peer):
        head, _ = await peer.request()
        await peer.send(b"HTTP/1.1 301 M\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")
        head, _ = await peer.request()
        await peer.answer(head.split()[0])
        await peer.request()
        await peer.send(HEAD + b"Content-Length: 9\r\n\r\n")
        await peer.gone()

    async def ask_for_head(request, handler):
        request.method = "head"
        return await handler(request)

    async with serve(moved) as server, aiohttp.ClientSession() as session:
        async with session.request("post", server.url, data=b"x") as response:
            assert await response.read() == b"GET"
        async with session.get(server.url, middlewares=(ask_for_head,)) as response:
            assert (response.method, await response.read()) == ("HEAD", b"")


@pytest.mark.parametrize("limit", ["first_byte", "sock_write"])
async def test_fractions_are_limits_of_stages(lib, limit):
    aiohttp = lib.load()

    async def stuck(peer):
        peer.writer.transport.pause_reading()
        await asyncio.Event().wait()

    timeout = aiohttp.ClientTimeout(total=20, **{limit: Fraction(1, 10)})
    body = io.BytesIO(b"x" * (20_000_000 if limit == "sock_write" else 1))
    async with serve(stuck) as server, aiohttp.ClientSession(timeout=timeout) as session:
        with pytest.raises(aiohttp.SocketTimeoutError) as caught:
            await session.post(server.url, data=body)
        assert caught.value.limit_name == limit


async def test_an_attempt_that_a_middleware_cut_off_says_nothing_of_the_next(lib):
    """The first was cut off as it waited for its answer; the second cannot even connect."""
    aiohttp = lib.load()

    async def twice(request, handler):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                return await handler(request)
        request.url = URL("http://127.0.0.1:1/")
        return await handler(request)

    async def silent(peer):
        await peer.request()
        await peer.gone()

    async with serve(silent) as server, aiohttp.ClientSession(middlewares=(twice,)) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(server.url)
        assert caught.value.phase == "connect"
