"""Scenarios of tracing with the signals expected in each, as data.

The expectations were recorded with aiohttp 3.14.5; where ours differ, the scenario says
why. ``python -m tests.flows.trace_scenarios aiohttp`` compares them with another package.
"""

import asyncio
import importlib
import io
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from tests.servers import Handler, Peer, keep_answering, serve

SIGNALS = (
    "request_start",
    "connection_queued_start",
    "connection_queued_end",
    "connection_reuseconn",
    "connection_create_start",
    "dns_cache_hit",
    "dns_cache_miss",
    "dns_resolvehost_start",
    "dns_resolvehost_end",
    "connection_create_end",
    "request_headers_sent",
    "request_chunk_sent",
    "request_redirect",
    "request_end",
    "request_exception",
    "response_chunk_received",
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def redirect(to: str, status: int = 302) -> bytes:
    return b"HTTP/1.1 %d R\r\nLocation: %s\r\nContent-Length: 3\r\n\r\nabc" % (status, to.encode())


class Recorder:
    """Notes every signal of every request in ``log``; ``act(name)`` may be set to do something in the handlers."""

    def __init__(self, aiohttp: ModuleType) -> None:
        self.aiohttp = aiohttp
        self.log: list[str] = []
        self.contexts: list[Any] = []
        self.params: dict[str, list[Any]] = {}
        self.act: Callable[[str], Awaitable[None]] | None = None

    def config(self, prefix: str = "") -> Any:
        config = self.aiohttp.TraceConfig()
        for name in SIGNALS:
            getattr(config, f"on_{name}").append(self._handler(name, prefix))
        return config

    def _handler(self, name: str, prefix: str) -> Any:
        async def handler(session: Any, context: SimpleNamespace, params: Any) -> None:
            assert isinstance(session, self.aiohttp.ClientSession)
            self.contexts.append(context)
            self.params.setdefault(name, []).append(params)
            self.log.append(prefix + " ".join([name, *shown(params)]))
            await asyncio.sleep(0)
            if self.act is not None:
                await self.act(name)

        return handler

    def session(self, **options: Any) -> Any:
        return self.aiohttp.ClientSession(trace_configs=[self.config()], **options)

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Note which error ends the block."""
        try:
            yield
        except (Exception, asyncio.CancelledError) as exc:
            self.log.append(f"-> {type(exc).__name__}")
        else:
            raise AssertionError("no error")


def shown(params: Any) -> Iterator[str]:
    for name in ("method", "host"):
        if hasattr(params, name):
            yield getattr(params, name)
    if hasattr(params, "url"):
        yield params.url.raw_path_qs
    if hasattr(params, "chunk"):
        data = bytes(params.chunk)
        yield repr(data) if len(data) < 20 else str(len(data))
    if hasattr(params, "response"):
        yield str(params.response.status)
    if hasattr(params, "exception"):
        yield type(params.exception).__name__


def scripted(*answers: bytes) -> Handler:
    async def handler(peer: Peer) -> None:
        for answer in answers:
            await peer.request()
            await peer.send(answer)
        await peer.gone()

    return handler


class Scenario(NamedTuple):
    run: Callable[[Recorder], Awaitable[None]]
    expected: list[str]
    differs: str  # why aiohttp's signals are others, if they are


SCENARIOS: dict[str, Scenario] = {}


def scenario(expected: str, differs: str = "") -> Callable[..., Any]:
    def register(run: Callable[[Recorder], Awaitable[None]]) -> Callable[[Recorder], Awaitable[None]]:
        lines = [line.strip() for line in expected.strip().splitlines()]
        SCENARIOS[run.__name__] = Scenario(run, [line for line in lines if line], differs)
        return run

    return register


def one_request(
    name: str, expected: str, answer: bytes, differs: str = "", method: str = "GET", **options: Any
) -> None:
    """Register a scenario of one request whose body is read; ``{}`` stands for the signals up to the head."""

    async def run(trace: Recorder) -> None:
        given = {name: value() if callable(value) else value for name, value in options.items()}
        async with serve(scripted(answer)) as server, trace.session() as session:
            async with session.request(method, server.url, **given) as response:
                await response.read()

    run.__name__ = name
    begin = f"""
        request_start {method} /
        connection_create_start
        connection_create_end
        request_headers_sent {method} /"""
    scenario(expected.replace("{}", begin), differs)(run)


async def pieces() -> AsyncIterator[bytes]:
    yield b"one"
    yield b""
    yield b"three"


def file_of(size: int) -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - its reader closes it
    file.write(b"z" * size)
    file.seek(0)
    return file


# Responses

one_request("get", "{}\nrequest_end GET / 200\nresponse_chunk_received GET / b'ok'", OK)
one_request("chunked_answer", "{}\nrequest_end GET / 200\nresponse_chunk_received GET / b'abcdefg'", CHUNKED)
one_request(
    "no_content", "{}\nrequest_end GET / 204\nresponse_chunk_received GET / b''", b"HTTP/1.1 204 No Content\r\n\r\n"
)
one_request("head", "{}\nrequest_end HEAD / 200\nresponse_chunk_received HEAD / b''", OK[:-2], method="HEAD")
one_request(
    "unfollowed_redirect",
    "{}\nrequest_end GET / 302\nresponse_chunk_received GET / b'abc'",
    redirect("/b"),
    allow_redirects=False,
)


@scenario(
    """
    request_start GET /a?q=1
    connection_create_start
    connection_create_end
    request_headers_sent GET /a?q=1
    request_end GET /a?q=1 200
    inside
    response_chunk_received GET /a?q=1 b'{}'
    read
    """
)
async def body_is_told_of_once(trace: Recorder) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    async with serve(scripted(answer)) as server, trace.session() as session:
        async with session.get(server.url / "a", params={"q": "1"}) as response:
            trace.log.append("inside")
            assert await response.json() == {}
            trace.log.append("read")
            assert await response.text() == "{}"
            assert await response.read() == b"{}"


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    """
)
async def unread(trace: Recorder) -> None:
    async with serve(scripted(OK)) as server, trace.session() as session:
        async with session.get(server.url):
            pass


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    b'abc'
    b'defg'
    response_chunk_received GET / b''
    """
)
async def streamed_answer(trace: Recorder) -> None:
    async with serve(scripted(CHUNKED)) as server, trace.session() as session:
        async with session.get(server.url) as response:
            async for chunk, _ in response.content.iter_chunks():
                if chunk:
                    trace.log.append(repr(chunk))
            await response.read()


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    -> ClientPayloadError
    """
)
async def broken_body(trace: Recorder) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HALF)

    async with serve(handler) as server, trace.session() as session:
        async with session.get(server.url) as response:
            with trace.failing():
                await response.read()


# Request bodies

END = "\nrequest_end POST / 200\nresponse_chunk_received POST / b'ok'"
HELLO = "{}\nrequest_chunk_sent POST / b'hello'" + END
PIECES = "{}\nrequest_chunk_sent POST / b'one'\nrequest_chunk_sent POST / b''\nrequest_chunk_sent POST / b'three'" + END
one_request("post_nothing", "{}" + END, OK, method="POST")
one_request("post_empty", "{}\nrequest_chunk_sent POST / b''" + END, OK, method="POST", data=b"")
one_request("post_bytes", HELLO, OK, method="POST", data=b"hello")
one_request("post_bytearray", HELLO, OK, method="POST", data=lambda: bytearray(b"hello"))
one_request("post_text", HELLO, OK, method="POST", data="hello")
one_request("post_chunked", HELLO, OK, method="POST", data=b"hello", chunked=True)
one_request("post_json", "{}\nrequest_chunk_sent POST / b'[1]'" + END, OK, method="POST", json=[1])
one_request("post_form", "{}\nrequest_chunk_sent POST / b'a=b'" + END, OK, method="POST", data={"a": "b"})
one_request("post_pieces", PIECES, OK, method="POST", data=pieces)
one_request("post_pieces_of_known_length", PIECES, OK, method="POST", data=pieces, headers={"Content-Length": "8"})
one_request("post_pieces_compressed", PIECES, OK, method="POST", data=pieces, compress="gzip")
one_request(
    "post_compressed", "{}\nrequest_chunk_sent POST / 500" + END, OK, method="POST", data=b"hello" * 100, compress=True
)
one_request(
    "post_bytesio",
    "{}\nrequest_chunk_sent POST / 262144\nrequest_chunk_sent POST / 37856" + END,
    OK,
    method="POST",
    data=lambda: io.BytesIO(b"q" * 300_000),
)
one_request(
    "post_large",
    "{}\nrequest_chunk_sent POST / 262144\nrequest_chunk_sent POST / 137856" + END,
    OK,
    "large bodies are written in pieces",
    method="POST",
    data=b"q" * 400_000,
)
one_request(
    "post_file",
    "{}\nrequest_chunk_sent POST / 1048576\nrequest_chunk_sent POST / 951424" + END,
    OK,
    "files are read in larger blocks",
    method="POST",
    data=lambda: file_of(2_000_000),
)


@scenario(
    """
    request_start POST /
    connection_create_start
    connection_create_end
    request_headers_sent POST /
    request_chunk_sent POST / b'a'
    request_exception POST / ClientConnectionError
    -> ClientConnectionError
    """
)
async def body_that_raises(trace: Recorder) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"a"
        raise ValueError

    async with serve(keep_answering) as server, trace.session() as session:
        with trace.failing():
            await session.post(server.url, data=body())


@scenario(
    """
    request_start POST /
    connection_create_start
    connection_create_end
    request_headers_sent POST /
    server has the head
    server wants the body
    request_chunk_sent POST / b'hello'
    request_end POST / 200
    """
)
async def expectation(trace: Recorder) -> None:
    async def handler(peer: Peer) -> None:
        await peer.head()
        trace.log.append("server has the head")
        for _ in range(5):
            await asyncio.sleep(0)
        trace.log.append("server wants the body")
        await peer.send(CONTINUE)
        assert await peer.reader.readexactly(5) == b"hello"
        await peer.send(OK)
        await peer.gone()

    async with serve(handler) as server, trace.session() as session:
        async with session.post(server.url, data=b"hello", expect100=True):
            pass


# Redirects


@scenario(
    """
    request_start GET /a
    connection_create_start
    connection_create_end
    request_headers_sent GET /a
    request_redirect GET /a 302
    connection_reuseconn
    request_headers_sent GET /b
    request_redirect GET /b 302
    connection_reuseconn
    request_headers_sent GET /c
    request_end GET /c 200
    response_chunk_received GET /c b'ok'
    """
)
async def redirects(trace: Recorder) -> None:
    async with serve(scripted(redirect("/b"), redirect("/c"), OK)) as server, trace.session() as session:
        async with session.get(server.url / "a") as response:
            await response.read()
    assert len({id(context) for context in trace.contexts}) == 1


def redirected_post(status: int, second: str) -> None:
    async def run(trace: Recorder) -> None:
        async with serve(scripted(redirect("/b", status), OK)) as server, trace.session() as session:
            async with session.post(server.url / "a", data=b"hello") as response:
                await response.read()

    run.__name__ = f"redirected_post_{status}"
    scenario(
        f"""
        request_start POST /a
        connection_create_start
        connection_create_end
        request_headers_sent POST /a
        request_chunk_sent POST /a b'hello'
        request_redirect POST /a {status}
        connection_reuseconn
        {second}
        """
    )(run)


redirected_post(302, "request_headers_sent GET /b\nrequest_end GET /b 200\nresponse_chunk_received GET /b b'ok'")
redirected_post(
    307,
    "request_headers_sent POST /b\nrequest_chunk_sent POST /b b'hello'\n"
    "request_end POST /b 200\nresponse_chunk_received POST /b b'ok'",
)


@scenario(
    """
    request_start GET /a
    connection_create_start
    connection_create_end
    request_headers_sent GET /a
    request_redirect GET /a 302
    connection_reuseconn
    request_headers_sent GET /b
    request_redirect GET /b 302
    request_exception GET /b TooManyRedirects
    -> TooManyRedirects
    """
)
async def too_many_redirects(trace: Recorder) -> None:
    async with serve(scripted(redirect("/b"), redirect("/c"), OK)) as server, trace.session() as session:
        with trace.failing():
            await session.get(server.url / "a", max_redirects=2)


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_redirect GET / 302
    request_exception GET / NonHttpUrlRedirectClientError
    -> NonHttpUrlRedirectClientError
    """
)
async def redirect_elsewhere(trace: Recorder) -> None:
    async with serve(scripted(redirect("ftp://there/"))) as server, trace.session() as session:
        with trace.failing():
            await session.get(server.url)


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_redirect GET / 302
    request_end GET / 302
    """
)
async def redirect_to_nowhere(trace: Recorder) -> None:
    async with serve(scripted(b"HTTP/1.1 302 F\r\nContent-Length: 0\r\n\r\n")) as server, trace.session() as session:
        async with session.get(server.url):
            pass


# Connections


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    again
    request_start GET /
    connection_reuseconn
    request_headers_sent GET /
    request_end GET / 200
    """
)
async def reuse(trace: Recorder) -> None:
    async with serve(keep_answering) as server, trace.session() as session:
        async with session.get(server.url):
            pass
        trace.log.append("again")
        async with session.get(server.url):
            pass


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    again
    request_start GET /
    connection_reuseconn
    request_headers_sent GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    """
)
async def stale_connection(trace: Recorder) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.request()  # and close without an answer

    async with serve(handler) as server, trace.session() as session:
        async with session.get(server.url):
            pass
        trace.log.append("again")
        async with session.get(server.url):
            pass


async def queued(trace: Recorder, **options: Any) -> None:
    go = asyncio.Event()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(HALF)
            await go.wait()
            await peer.send(b"k")

    connector = trace.aiohttp.TCPConnector(**options)
    async with serve(handler) as server, trace.session(connector=connector) as session:
        first = await session.get(server.url / "1")
        trace.log.append("second")
        second = asyncio.create_task(session.get(server.url / "2"))
        while "connection_queued_start" not in trace.log:
            await asyncio.sleep(0)
        trace.log.append("go")
        go.set()
        await first.content.read()
        await (await second).content.read()


QUEUED = """
    request_start GET /1
    connection_create_start
    connection_create_end
    request_headers_sent GET /1
    request_end GET /1 200
    second
    request_start GET /2
    connection_queued_start
    go
    connection_queued_end
    {}
    request_headers_sent GET /2
    request_end GET /2 200
"""


@scenario(QUEUED.replace("{}", "connection_reuseconn"))
async def queued_by_the_limit(trace: Recorder) -> None:
    await queued(trace, limit=1)


@scenario(QUEUED.replace("{}", "connection_reuseconn"))
async def queued_by_the_limit_per_host(trace: Recorder) -> None:
    await queued(trace, limit_per_host=1)


@scenario(QUEUED.replace("{}", "connection_create_start\nconnection_create_end"))
async def queued_for_a_new_connection(trace: Recorder) -> None:
    await queued(trace, limit=1, force_close=True)


@scenario(
    """
    cancelled
    request_start GET /2
    connection_queued_start
    request_exception GET /2 CancelledError
    -> CancelledError
    timed out
    request_start GET /3
    connection_queued_start
    request_exception GET /3 ConnectionTimeoutError
    -> ConnectionTimeoutError
    """
)
async def queued_in_vain(trace: Recorder) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(HALF)
        await peer.gone()

    connector = trace.aiohttp.TCPConnector(limit=1)
    async with serve(handler) as server, trace.session(connector=connector) as session:
        first = await session.get(server.url)
        trace.log[:] = ["cancelled"]
        second = asyncio.create_task(session.get(server.url / "2"))
        while "connection_queued_start" not in trace.log:
            await asyncio.sleep(0)
        second.cancel()
        with trace.failing():
            await second
        trace.log.append("timed out")
        with trace.failing():
            await session.get(server.url / "3", timeout=trace.aiohttp.ClientTimeout(connect=0.05))
        first.close()


# Names


def resolver(trace: Recorder, error: Exception | None = None, go: asyncio.Event | None = None) -> Any:
    module = f"{trace.aiohttp.__name__}.abc" if trace.aiohttp.__name__ == "aiohttp" else None
    base = importlib.import_module(module or f"{trace.aiohttp.__name__}._client.abc").AbstractResolver

    class Resolver(base):  # type: ignore[misc, valid-type]
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
            if go is not None:
                await go.wait()
            if error is not None:
                raise error
            return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

        async def close(self) -> None: ...

    return Resolver()


@scenario(
    """
    request_start GET /
    connection_create_start
    dns_cache_miss some.test
    dns_resolvehost_start some.test
    dns_resolvehost_end some.test
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    again
    request_start GET /
    connection_create_start
    dns_cache_hit some.test
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    """
)
async def names(trace: Recorder) -> None:
    connector = trace.aiohttp.TCPConnector(resolver=resolver(trace), force_close=True)
    async with serve(keep_answering) as server, trace.session(connector=connector) as session:
        async with session.get(server.url.with_host("some.test")):
            pass
        trace.log.append("again")
        async with session.get(server.url.with_host("some.test")):
            pass


@scenario(
    """
    request_start GET /
    connection_create_start
    dns_resolvehost_start some.test
    dns_resolvehost_end some.test
    connection_create_end
    request_headers_sent GET /
    request_end GET / 200
    """
)
async def names_without_cache(trace: Recorder) -> None:
    connector = trace.aiohttp.TCPConnector(resolver=resolver(trace), use_dns_cache=False)
    async with serve(keep_answering) as server, trace.session(connector=connector) as session:
        async with session.get(server.url.with_host("some.test")):
            pass


@scenario(
    """
    1 connection_create_start
    1 dns_cache_miss some.test
    1 dns_resolvehost_start some.test
    1 dns_resolvehost_end some.test
    1 connection_create_end
    2 connection_create_start
    2 dns_cache_hit some.test
    2 connection_create_end
    """
)
async def shared_look_up(trace: Recorder) -> None:
    go = asyncio.Event()
    session_class = trace.aiohttp.ClientSession
    connector = trace.aiohttp.TCPConnector(resolver=resolver(trace, go=go), force_close=True)

    async def get(session: Any, url: Any) -> None:
        async with session.get(url):
            pass

    async with (
        serve(keep_answering) as server,
        session_class(connector=connector, trace_configs=[trace.config("1 ")]) as first,
        session_class(connector=connector, connector_owner=False, trace_configs=[trace.config("2 ")]) as second,
    ):
        url = server.url.with_host("some.test")
        tasks = [asyncio.create_task(get(first, url))]
        while "1 dns_resolvehost_start some.test" not in trace.log:
            await asyncio.sleep(0)
        tasks.append(asyncio.create_task(get(second, url)))
        for _ in range(10):
            await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*tasks)
    trace.log = sorted((line for line in trace.log if "dns" in line or "create" in line), key=lambda line: line[0])


@scenario(
    """
    request_start GET /
    connection_create_start
    dns_cache_miss some.test
    dns_resolvehost_start some.test
    request_exception GET / ClientConnectorDNSError
    -> ClientConnectorDNSError
    """
)
async def unknown_name(trace: Recorder) -> None:
    connector = trace.aiohttp.TCPConnector(resolver=resolver(trace, OSError("unknown")))
    async with trace.session(connector=connector) as session:
        with trace.failing():
            await session.get("http://some.test/")


# Errors


def failing_request(name: str, expected: str, handler: Handler, differs: str = "", **options: Any) -> None:
    async def run(trace: Recorder) -> None:
        async with serve(handler) as server, trace.session() as session:
            given = dict(options)
            if "total" in given:
                given["timeout"] = trace.aiohttp.ClientTimeout(total=given.pop("total"))
            with trace.failing():
                await session.post(server.url, data=b"hello", **given)

    run.__name__ = name
    begin = """
        request_start POST /
        connection_create_start
        connection_create_end
        request_headers_sent POST /"""
    scenario(expected.replace("{}", begin), differs)(run)


async def _disconnect(peer: Peer) -> None:
    await peer.request()


async def _silence(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


SENT = "{}\nrequest_chunk_sent POST / b'hello'"
failing_request(
    "disconnected",
    SENT + "\nrequest_exception POST / ServerDisconnectedError\n-> ServerDisconnectedError",
    _disconnect,
)
failing_request(
    "malformed",
    SENT + "\nrequest_exception POST / ClientResponseError\n-> ClientResponseError",
    scripted(b"NO HTTP\r\n\r\n"),
)
failing_request(
    "timed_out",
    SENT + "\nrequest_exception POST / TotalTimeoutError\n-> TotalTimeoutError",
    _silence,
    "aiohttp raises a plain TimeoutError",
    total=0.1,
)
failing_request(
    "bad_status",
    SENT + "\nrequest_exception POST / ClientResponseError\n-> ClientResponseError",
    scripted(b"HTTP/1.1 500 E\r\nContent-Length: 0\r\n\r\n"),
    raise_for_status=True,
)
failing_request(
    "bad_head", "{}\nrequest_exception POST / ValueError\n-> ValueError", _silence, headers={"X": "a\r\nb: c"}
)
failing_request(
    "bad_option",
    "request_start POST /\nrequest_exception POST / ValueError\n-> ValueError",
    _silence,
    compress=True,
    headers={"Content-Encoding": "x"},
)


@scenario(
    """
    request_start GET /
    connection_create_start
    request_exception GET / ClientConnectorError
    -> ClientConnectorError
    """
)
async def refused(trace: Recorder) -> None:
    async with serve(keep_answering) as server:
        pass
    async with trace.session() as session:
        with trace.failing():
            await session.get(server.url)


@scenario(
    """
    request_start GET /
    connection_create_start
    connection_create_end
    request_headers_sent GET /
    request_exception GET / CancelledError
    -> CancelledError
    """
)
async def cancelled(trace: Recorder) -> None:
    arrived = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        arrived.set()
        await peer.gone()

    async with serve(handler) as server, trace.session() as session:
        task = asyncio.create_task(session.get(server.url))
        await arrived.wait()
        task.cancel()
        with trace.failing():
            await task


@scenario(
    """
    request_start GET foo
    request_exception GET foo InvalidUrlClientError
    -> InvalidUrlClientError
    """
)
async def relative_url(trace: Recorder) -> None:
    async with trace.session() as session:
        with trace.failing():
            await session.get("foo")


@scenario(
    """
    request_start GET /
    request_exception GET / NonHttpUrlClientError
    -> NonHttpUrlClientError
    """,
    "aiohttp tells nobody of this one",
)
async def not_http(trace: Recorder) -> None:
    async with trace.session() as session:
        with trace.failing():
            await session.get("ftp://some.test/")


# Several configs


@scenario(
    """
    1 request_start GET /
    2 request_start GET /
    1 connection_create_start
    2 connection_create_start
    1 connection_create_end
    2 connection_create_end
    1 request_headers_sent GET /
    2 request_headers_sent GET /
    1 request_end GET / 200
    2 request_end GET / 200
    1 response_chunk_received GET / b'ok'
    2 response_chunk_received GET / b'ok'
    """
)
async def two_configs(trace: Recorder) -> None:
    configs = [trace.config("1 "), trace.config("2 ")]
    async with serve(keep_answering) as server, trace.aiohttp.ClientSession(trace_configs=configs) as session:
        async with session.get(server.url) as response:
            await response.read()
    assert len({id(context) for context in trace.contexts}) == 2


async def _compare(package: str) -> int:
    different = 0
    for name, (run, expected, differs) in SCENARIOS.items():
        trace = Recorder(importlib.import_module(package))
        await asyncio.wait_for(run(trace), 10)
        if trace.log != expected:
            different += not differs
            print(f"{name}: {differs or 'DIFFERENT'}", *trace.log, sep="\n    ")
    return different


if __name__ == "__main__":
    sys.exit(asyncio.run(_compare(sys.argv[1])))
