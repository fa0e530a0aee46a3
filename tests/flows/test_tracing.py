"""Tracing over real sockets: who is told what, and what becomes of a request whose handlers fail."""

import asyncio
import os

import pytest
from multidict import CIMultiDict
from yarl import URL

from tests.flows.test_faults import settled, works
from tests.flows.trace_scenarios import HALF, OK, SCENARIOS, SIGNALS, Recorder, redirect, resolver, scripted
from tests.servers import Peer, keep_answering, serve


@pytest.mark.parametrize("name", SCENARIOS)
async def test_signals(lib, name):
    run, expected, _ = SCENARIOS[name]
    trace = Recorder(lib.load())
    await asyncio.wait_for(run(trace), 10)
    assert trace.log == expected


async def test_what_signals_are_told(lib):
    trace = Recorder(lib.load())
    async with serve(scripted(redirect("/b"), OK)) as server, trace.session(headers={"X-Session": "1"}) as session:
        url = (server.url / "a").with_fragment("part").with_user("me") % {"x": "1"}
        async with session.post(url, data=b"x", params={"x": "2"}, trace_request_ctx="mine") as response:
            await response.read()
            assert trace.params["request_end"][0].response is response
            assert [p.response for p in trace.params["request_redirect"]] == list(response.history)
    assert {context.trace_request_ctx for context in trace.contexts} == {"mine"}
    (start,) = trace.params["request_start"]
    assert start.url == url.extend_query(x="2")  # what is sent
    assert isinstance(start.headers, CIMultiDict)
    assert start.headers == {"X-Session": "1"}
    for name in ("request_end", "request_redirect"):
        assert trace.params[name][0].headers is start.headers
    heads = trace.params["request_headers_sent"]
    assert [str(head.url) for head in heads] == [f"{server.url}a?x=1&x=2", f"{server.url}b"]
    assert "Host" in heads[0].headers
    assert heads[0].headers["X-Session"] == "1"
    assert trace.params["request_redirect"][0].url.user is None
    assert trace.params["response_chunk_received"][0].url == server.url / "b"


async def test_base_url_is_joined(lib):
    trace = Recorder(lib.load())
    async with serve(keep_answering) as server, trace.session(base_url=server.url / "api/") as session:
        async with session.get("item"):
            pass
    assert trace.params["request_start"][0].url == server.url / "api/item"


async def test_handlers_may_add_fields(lib):
    """Context is propagated so: traceparent and the like."""
    aiohttp = lib.load()
    config = aiohttp.TraceConfig()

    @config.on_request_start
    async def start(session, context, params):
        params.headers["Traceparent"] = "00-1"

    @config.on_request_headers_sent
    async def head(session, context, params):
        params.headers["X-Late"] = "1"

    async with (
        serve(scripted(redirect("/b"), OK)) as server,
        aiohttp.ClientSession(trace_configs=[config], headers={"X-Session": "1"}) as session,
    ):
        async with session.get(server.url):
            pass
        assert session.headers == {"X-Session": "1"}
    for request in server.requests:
        assert b"\r\nTraceparent: 00-1\r\n" in request
        assert b"\r\nX-Late: 1\r\n" in request


async def test_own_context_and_ctx_without_configs(lib):
    aiohttp = lib.load()
    seen = []
    config = aiohttp.TraceConfig(trace_config_ctx_factory=lambda trace_request_ctx: [trace_request_ctx])

    @config.on_request_end
    async def end(session, context, params):
        seen.append(context)

    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(trace_configs=(config,)) as session:
            await works(session, server.url)
            async with session.get(server.url, trace_request_ctx=7):
                pass
        async with aiohttp.ClientSession() as session, session.get(server.url, trace_request_ctx=7):
            pass
    assert seen == [[None], [7]]


# Handlers that fail


class Walk:
    """Requests that together send every signal; each runs in a task of its own."""

    def __init__(self) -> None:
        self.session = None
        self.url = URL()
        self.second_waits = asyncio.Event()
        self.reached = asyncio.Event()
        self.ends: list[BaseException | None] = []

    async def step(self, coro) -> None:
        """Run *coro*; cancel it when ``reached`` is set."""
        task = asyncio.create_task(coro)
        reached = asyncio.create_task(self.reached.wait())
        await asyncio.wait((task, reached), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            self.reached.clear()
            task.cancel()
        reached.cancel()
        await asyncio.wait((task, reached))
        self.ends.append(asyncio.CancelledError() if task.cancelled() else task.exception())

    async def get(self, path: str, method: str = "GET", **options) -> None:
        async with self.session.request(method, self.url / path, **options) as response:
            await response.read()

    async def hold(self) -> None:
        async with self.session.get(self.url / "hold") as response:
            second = asyncio.create_task(self.get("second"))
            try:
                for _ in range(20):
                    await asyncio.sleep(0)
                self.second_waits.set()
                await response.read()
                await second
            finally:
                second.cancel()
                await asyncio.wait((second,))

    async def handler(self, peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            if b" /hold " in head:
                await peer.send(HALF)
                await self.second_waits.wait()
                await peer.send(b"k")
            elif b" /second " in head:
                await peer.answer(b"ok", b"Connection: close")
                return
            elif b" /redirect " in head:
                await peer.send(redirect("/b"))
            elif b" /broken " in head:
                return
            else:
                await peer.answer()

    async def __call__(self, session, url: URL) -> None:
        self.session = session
        self.url = url
        await self.step(self.hold())
        await self.step(self.get("redirect", "POST", data=b"hello"))
        await self.step(self.get("broken", "POST", data=b"hello"))


def once(trace: Recorder, name: str, act) -> list[str]:
    """Let *act* happen when the signal *name* comes for the first time; return what notes that."""
    happened: list[str] = []

    async def first(signal: str) -> None:
        if signal == name and not happened:
            happened.append(signal)
            await act()

    trace.act = first
    return happened


@pytest.mark.parametrize("how", ["raises", "raises-cancelled", "is-cancelled"])
@pytest.mark.parametrize("name", SIGNALS)
async def test_failing_handler(lib, name, how):
    """The request ends with it; no slot and no connection is lost, and the next request works."""
    aiohttp = lib.load()
    trace = Recorder(aiohttp)
    connector = aiohttp.TCPConnector(limit=1, resolver=resolver(trace))
    walk = Walk()
    async with serve(walk.handler) as server, trace.session(connector=connector) as session:

        async def fail() -> None:
            if how == "raises":
                raise ValueError("handler")
            if how == "raises-cancelled":
                raise asyncio.CancelledError
            walk.reached.set()
            await asyncio.Event().wait()

        happened = once(trace, name, fail)
        await asyncio.wait_for(walk(session, server.url.with_host("some.test")), 10)
        assert happened == [name]
        errors = [end for end in walk.ends if end is not None]
        if how == "raises":
            assert any(isinstance(end, ValueError) or isinstance(end.__cause__, ValueError) for end in errors)
        elif how == "is-cancelled":
            assert any(isinstance(end, asyncio.CancelledError) for end in errors)
        trace.act = None
        await settled(connector)
        await works(session, walk.url)
        await settled(connector)
        told = [line for line in trace.log if line.startswith(("request_start", "request_end", "request_exception"))]
    starts = sum(line.startswith("request_start") for line in told)
    missing = {"request_start": 1, "request_end": 0, "request_exception": 0}.get(name, 0)
    failed_after_end = name == "request_end"
    assert len(told) == 2 * starts - missing + failed_after_end


async def test_error_of_a_chunk_handler_is_the_cause(lib):
    aiohttp = lib.load()
    trace = Recorder(aiohttp)
    error = ValueError("handler")

    async def fail() -> None:
        raise error

    once(trace, "request_chunk_sent", fail)
    async with serve(keep_answering) as server, trace.session() as session:
        with pytest.raises(aiohttp.ClientConnectionError, match="Failed to send bytes") as info:
            await session.post(server.url, data=b"hello")
        assert info.value.__cause__ is error
        assert trace.params["request_exception"][0].exception is info.value


async def test_error_of_the_exception_handler_replaces_it(lib):
    trace = Recorder(lib.load())

    async def fail() -> None:
        raise ValueError("handler")

    once(trace, "request_exception", fail)
    async with serve(keep_answering) as server:
        pass
    async with trace.session() as session:
        with pytest.raises(ValueError, match="handler") as info:
            await session.get(server.url)
        assert isinstance(info.value.__context__, lib.load().ClientConnectorError)


async def test_body_is_not_lost_with_its_signal(lib):
    trace = Recorder(lib.load())

    async def fail() -> None:
        raise ValueError("handler")

    once(trace, "response_chunk_received", fail)
    async with serve(keep_answering) as server, trace.session() as session:
        response = await session.get(server.url)
        with pytest.raises(ValueError, match="handler"):
            await response.read()
        assert await response.read() == b"ok"


# Handlers that take their time


@pytest.mark.parametrize(
    "name", ["connection_create_start", "connection_create_end", "dns_cache_miss", "request_headers_sent"]
)
async def test_total_bounds_handlers(lib, name):
    aiohttp = lib.load()
    trace = Recorder(aiohttp)
    once(trace, name, asyncio.Event().wait)
    connector = aiohttp.TCPConnector(resolver=resolver(trace))
    async with serve(keep_answering) as server, trace.session(connector=connector) as session:
        with pytest.raises(asyncio.TimeoutError, match=r"Total timeout passed.*GET http://some\.test"):
            await session.get(server.url.with_host("some.test"), timeout=aiohttp.ClientTimeout(total=0.05))
        assert isinstance(trace.params["request_exception"][0].exception, asyncio.TimeoutError)
        await settled(connector)


@pytest.mark.parametrize("name", ["request_start", "request_end"])
async def test_total_does_not_count_first_and_last_handler(lib, name):
    aiohttp = lib.load()
    trace = Recorder(aiohttp)

    async def wait() -> None:
        await asyncio.sleep(0.2)

    once(trace, name, wait)
    async with serve(keep_answering) as server, trace.session() as session:
        async with session.get(server.url, timeout=aiohttp.ClientTimeout(total=0.15)) as response:
            assert await response.read() == b"ok"


async def test_connect_bounds_its_handlers(lib):
    aiohttp = lib.load()
    for name in ("connection_create_start", "connection_reuseconn"):
        trace = Recorder(aiohttp)
        async with serve(keep_answering) as server, trace.session() as session:
            if name == "connection_reuseconn":
                await works(session, server.url)
            once(trace, name, asyncio.Event().wait)
            with pytest.raises(aiohttp.ConnectionTimeoutError):
                await session.get(server.url, timeout=aiohttp.ClientTimeout(connect=0.05))
            await settled(session.connector)


async def test_connection_that_ends_while_a_handler_hears_of_its_reuse(lib):
    """A POST must not be lost to that: another connection is made."""
    trace = Recorder(lib.load())

    async with serve(keep_answering) as server, trace.session() as session:
        await works(session, server.url)

        async def close() -> None:
            server.peers[0].writer.close()
            while server.open:
                await asyncio.sleep(0)
            while session.connector._acquired:
                await asyncio.sleep(0)

        once(trace, "connection_reuseconn", close)
        async with session.post(server.url, data=b"hello") as response:
            assert await response.read() == b"ok"
        await settled(session.connector)
    assert server.connections == 2
    assert trace.log.count("connection_create_end") == 2


async def test_answer_that_came_before_its_request_is_none(lib):
    """A handler gives the peer time to send what would be taken for the answer."""
    trace = Recorder(lib.load())
    go = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await go.wait()
        await peer.answer(b"poison")
        await keep_answering(peer)

    async with serve(handler) as server, trace.session() as session:
        await works(session, server.url)

        async def wait() -> None:
            go.set()
            await asyncio.sleep(0.05)

        once(trace, "request_headers_sent", wait)
        async with session.get(server.url) as response:
            assert await response.read() == b"ok"
    assert server.connections == 2


@pytest.mark.parametrize("name", ["connection_create_start", "connection_create_end", "connection_reuseconn"])
async def test_session_closed_while_a_handler_runs(lib, name):
    aiohttp = lib.load()
    trace = Recorder(aiohttp)
    async with serve(keep_answering) as server:
        session = trace.session()
        connector = session.connector
        if name == "connection_reuseconn":
            await works(session, server.url)
        once(trace, name, asyncio.Event().wait)
        task = asyncio.create_task(session.get(server.url))
        while trace.log[-1:] != [name]:
            await asyncio.sleep(0)
        await asyncio.wait_for(session.close(), 5)
        with pytest.raises(aiohttp.ClientConnectionError, match="Connector is closed"):
            await asyncio.wait_for(task, 5)
        await settled(connector)


async def test_handler_of_a_shared_look_up_harms_its_own_request_alone(lib):
    aiohttp = lib.load()
    trace = Recorder(aiohttp)
    go = asyncio.Event()
    connector = aiohttp.TCPConnector(resolver=resolver(trace, go=go))

    async def fail() -> None:
        raise ValueError("handler")

    async with (
        serve(keep_answering) as server,
        trace.session(connector=connector) as session,
        aiohttp.ClientSession(connector=connector, connector_owner=False) as plain,
    ):
        url = server.url.with_host("some.test")
        first = asyncio.create_task(session.get(url))
        while "dns_resolvehost_start some.test" not in trace.log:
            await asyncio.sleep(0)
        once(trace, "dns_resolvehost_end", fail)
        second = asyncio.create_task(works(plain, url))
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(ValueError, match="handler"):
            await first
        await second
        await settled(connector)


# By hand


async def test_response_made_by_hand(lib):
    aiohttp = lib.load()
    recorder = Recorder(aiohttp)
    config = recorder.config()
    config.freeze()
    async with aiohttp.ClientSession() as session:
        response = aiohttp.ClientResponse(
            "GET",
            URL("http://some.test/a#part"),
            writer=None,
            continue100=None,
            timer=None,
            request_info=None,
            traces=[lib.load("_client.tracing").Trace(session, config, None)],
            loop=asyncio.get_running_loop(),
            session=session,
        )
        response._head = None
        reader = aiohttp.StreamReader(_Reading(), 2**16, loop=asyncio.get_running_loop())
        reader.feed_data(b"made up")
        reader.feed_eof()
        response.content = reader
        assert await response.read() == b"made up"
    assert recorder.log == ["response_chunk_received GET /a b'made up'"]


class _Reading:
    transport = None

    def pause_reading(self) -> None: ...

    def resume_reading(self, resume_parser: bool = True) -> None: ...


async def test_own_response_class_gets_the_traces(lib):
    aiohttp = lib.load()
    trace = Recorder(aiohttp)

    class Own(aiohttp.ClientResponse):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            assert len(kwargs["traces"]) == 1

    async with serve(keep_answering) as server, trace.session(response_class=Own) as session:
        async with session.get(server.url) as response:
            await response.read()
    assert trace.log[-1] == "response_chunk_received GET / b'ok'"


@pytest.mark.skipif(not hasattr(os, "sendfile"), reason="the system has no sendfile")
@pytest.mark.parametrize("looks_at_chunks", [False, True])
async def test_files_are_read_only_for_those_who_look(lib, tmp_path, monkeypatch, looks_at_chunks):
    aiohttp = lib.load()
    sent = []
    original = os.sendfile

    def sendfile(*args):
        sent.append(original(*args))
        return sent[-1]

    monkeypatch.setattr(os, "sendfile", sendfile)
    config = aiohttp.TraceConfig()
    chunks = []

    @config.on_request_start
    async def start(*args): ...

    if looks_at_chunks:

        @config.on_request_chunk_sent
        async def chunk(session, context, params):
            chunks.append(params.chunk)

    data = os.urandom(3_000_000)
    path = tmp_path / "file"
    path.write_bytes(data)
    async with serve(keep_answering) as server, aiohttp.ClientSession(trace_configs=[config]) as session:
        with path.open("rb") as file:
            async with session.put(server.url, data=file):
                pass
    assert server.bodies == [data]
    assert bool(sent) is not looks_at_chunks
    assert b"".join(chunks) == (data if looks_at_chunks else b"")
