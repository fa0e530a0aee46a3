"""A client connection as a queue of raw responses."""

import asyncio
import gzip

import pytest

from tests.conftest import Lib
from tests.servers import serve


@pytest.fixture
def connect(lib: Lib):
    made = []

    async def connect(server):
        handler = lib.load("client_proto").ResponseHandler(asyncio.get_running_loop())
        await asyncio.get_running_loop().create_connection(lambda: handler, server.url.host, server.url.port)
        made.append(handler)
        return handler

    yield connect
    for handler in made:
        handler.abort()


def ask(handler):
    handler.transport.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


async def test_responses_one_after_the_other(lib: Lib, connect):
    async def answer(peer):
        for body in (b"one", b"two", b""):
            await peer.head()
            await peer.answer(body)

    async with serve(answer) as server:
        handler = await connect(server)
        for body in (b"one", b"two", b""):
            handler.set_response_params()
            ask(handler)
            message, payload = await handler.read()
            assert (message.code, message.reason) == (200, "OK")
            assert message.headers["Content-Length"] == str(len(body))
            assert await payload.read() == body
            assert not handler.should_close


async def test_it_is_a_queue_that_the_connection_fills(lib: Lib, connect):
    async def answer(peer):
        await peer.head()
        await peer.answer(b"x")
        await peer.head()
        await peer.answer(b"x")
        await peer.gone()

    async with serve(answer) as server:
        handler = await connect(server)
        assert isinstance(handler, lib.load().DataQueue)
        assert handler
        assert len(handler) == 0
        with pytest.raises(RuntimeError, match="set_response_params"):
            await handler.read()
        handler.set_response_params()
        ask(handler)
        await handler.head_waiter()
        assert len(handler) == 1
        await handler.read()
        assert len(handler) == 0
        assert not handler.is_eof()
        handler.set_response_params()
        ask(handler)
        async for message, _ in handler:
            assert message.code == 200
            break
        for feed in (lambda: handler.feed_data((None, None)), handler.feed_eof):
            with pytest.raises(RuntimeError, match="cannot be fed"):
                feed()
        handler.close()
        await handler.closed
        assert handler.is_eof()
        assert handler.at_eof()


async def test_a_body_that_comes_late_and_coded(connect):
    packed = gzip.compress(b"hello")

    async def answer(peer):
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed))
        await peer.head()
        await peer.send(packed)
        await peer.gone()

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params(read_bufsize=2)
        ask(handler)
        _, payload = await handler.read()
        ask(handler)
        assert await payload.read() == b"hello"
        assert not handler.should_close


async def test_coded_as_it_came(connect):
    async def answer(peer):
        await peer.head()
        await peer.answer(b"abc", b"Content-Encoding: gzip")

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params(auto_decompress=False)
        ask(handler)
        assert await (await handler.read())[1].read() == b"abc"


async def test_no_body_is_expected(connect):
    async def answer(peer):
        for _ in range(2):
            await peer.head()
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")

    async with serve(answer) as server:
        handler = await connect(server)
        for _ in range(2):
            handler.set_response_params(skip_payload=True)
            ask(handler)
            _, payload = await handler.read()
            assert await payload.read() == b""


async def test_until_the_end(connect):
    async def answer(peer):
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nabc")

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params(read_until_eof=True)
        ask(handler)
        message, payload = await handler.read()
        assert message.should_close
        assert await payload.read() == b"abc"


async def test_an_upgrade_is_left_to_others(connect):
    async def answer(peer):
        await peer.head()
        await peer.send(b"HTTP/1.1 101 S\r\nUpgrade: tcp\r\nConnection: upgrade\r\n\r\nTAIL")
        await peer.gone()

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params()
        ask(handler)
        message, payload = await handler.read()
        assert (message.code, message.upgrade, handler.upgraded) == (101, True, True)
        assert payload.at_eof()


@pytest.mark.parametrize(
    ("raw", "error"), [(b"", "ServerDisconnectedError"), (b"garbage\r\n\r\n", "HttpProcessingError")]
)
async def test_failures(lib: Lib, connect, raw, error):
    async def answer(peer):
        await peer.head()
        await peer.send(raw)

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params()
        ask(handler)
        expected = getattr(lib.load(), error, None) or getattr(lib.load("http_exceptions"), error)
        with pytest.raises(expected):
            await handler.read()
        assert handler.should_close


async def test_limits(lib: Lib, connect):
    async def answer(peer):
        await peer.head()
        await peer.answer(b"x", b"A: " + b"b" * 100)

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params(max_field_size=50)
        ask(handler)
        with pytest.raises(lib.load("http_exceptions").LineTooLong):
            await handler.read()


async def test_a_body_cut_short(lib: Lib, connect):
    async def answer(peer):
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params()
        ask(handler)
        _, payload = await handler.read()
        with pytest.raises(lib.load().ClientPayloadError):
            await payload.read()


@pytest.mark.parametrize("late", [False, True])
async def test_the_time_of_each_read(lib: Lib, connect, late):
    async def answer(peer):
        await peer.head()
        await peer.gone()

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params(read_timeout=None if late else 0.02)
        ask(handler)
        if late:
            assert handler.read_timeout is None
            handler.read_timeout = 0.02
        else:
            handler.start_timeout()
        assert handler.read_timeout == 0.02
        with pytest.raises(lib.load().SocketTimeoutError):
            await handler.read()


async def test_an_error_of_somebody_elses(connect):
    async def answer(peer):
        await peer.head()
        await peer.gone()

    async with serve(answer) as server:
        handler = await connect(server)
        handler.set_response_params()
        ask(handler)
        cause = KeyError()
        asyncio.get_running_loop().call_soon(handler.set_exception, ValueError("mine"), cause)
        with pytest.raises(ValueError, match="mine") as raised:
            await handler.read()
        assert raised.value.__cause__ is cause
        assert handler.should_close
