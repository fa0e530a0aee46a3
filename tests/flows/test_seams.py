"""What other people's software patches, subclasses or builds by hand goes on working (ECOSYSTEM.md)."""

import asyncio
import pickle
from http.cookies import SimpleCookie
from unittest import mock

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from tests.servers import Peer, keep_answering, serve


async def text_of(session, url, **options) -> str:
    async with session.get(url, **options) as response:
        return await response.text()


# Patched at run time


async def test_patched_request_method(lib, monkeypatch):
    """aioresponses, vcrpy and pook replace ``ClientSession._request``."""
    aiohttp = lib.load()
    original = aiohttp.ClientSession._request
    seen = []

    async def replaced(self, method, url, *args, **kwargs):
        seen.append((method, str(url), kwargs))
        return await original(self, method, url, *args, **kwargs)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", replaced)
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        assert await text_of(session, server.url) == "ok"
        async with session.post(server.url, data=b"x") as response:
            assert await response.read() == b"ok"
    assert seen == [
        ("GET", str(server.url), {"allow_redirects": True}),
        ("POST", str(server.url), {"data": b"x"}),
    ]


async def test_patched_request_headers(lib, monkeypatch):
    """aresponses replaces ``ClientRequest.update_headers`` and ``is_ssl``."""
    aiohttp = lib.load()
    original = aiohttp.ClientRequest.update_headers

    def replaced(self, headers):
        original(self, headers)
        self.headers["X-Patched"] = "yes"

    monkeypatch.setattr(aiohttp.ClientRequest, "update_headers", replaced)
    monkeypatch.setattr(aiohttp.ClientRequest, "is_ssl", lambda self: False)
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        assert await text_of(session, server.url.with_scheme("https")) == "ok"
    assert b"X-Patched: yes\r\n" in server.requests[0]


async def test_patched_request_constructor(lib, monkeypatch):
    aiohttp = lib.load()
    original = aiohttp.ClientRequest.__init__
    seen = []

    def replaced(self, method, url, **kwargs):
        seen.append(url)
        original(self, method, url, **kwargs)

    monkeypatch.setattr(aiohttp.ClientRequest, "__init__", replaced)
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        assert await text_of(session, server.url) == "ok"
        assert seen == [server.url]


async def test_patched_resolver(lib, monkeypatch):
    aiohttp = lib.load()

    async def replaced(self, host, port, traces=None):
        return [{"hostname": host, "host": "127.0.0.1", "port": server.url.port, "family": 2, "proto": 0, "flags": 0}]

    monkeypatch.setattr(aiohttp.TCPConnector, "_resolve_host", replaced)
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        assert await text_of(session, "http://no.such.host.example/") == "ok"
    assert b"Host: no.such.host.example\r\n" in server.requests[0]


# Subclassed


async def test_response_class(lib):
    aiohttp = lib.load()

    class Response(aiohttp.ClientResponse):
        started = 0

        async def start(self, connection):
            type(self).started += 1
            return await super().start(connection)

        async def read(self):
            return (await super().read()).upper()

    async with serve(keep_answering) as server, aiohttp.ClientSession(response_class=Response) as session:
        async with session.get(server.url) as response:
            assert type(response) is Response
            response.note = "may be set"
            assert await response.read() == b"OK"
            assert response._body == b"ok"
    assert Response.started == 1


async def test_request_class(lib):
    aiohttp = lib.load()

    class Request(aiohttp.ClientRequest):
        DEFAULT_HEADERS = {"Accept": "text/plain"}  # noqa: RUF012 - as others write it

        def update_auto_headers(self, skip_auto_headers):
            super().update_auto_headers(skip_auto_headers)
            self.headers["X-Mine"] = "1"

        async def send(self, conn):
            self.headers["X-Sent"] = "1"
            return await super().send(conn)

    async with serve(keep_answering) as server, aiohttp.ClientSession(request_class=Request) as session:
        assert await text_of(session, server.url) == "ok"
    head = server.requests[0]
    assert b"Accept: text/plain\r\n" in head
    assert b"X-Mine: 1\r\n" in head
    assert b"X-Sent: 1\r\n" in head


async def test_connector_subclass(lib):
    aiohttp = lib.load()
    calls = []

    class Connector(aiohttp.TCPConnector):
        async def connect(self, req, traces, timeout):
            calls.append((req.method, req.url, timeout))
            return await super().connect(req, traces, timeout)

        async def _create_connection(self, req, traces, timeout):
            calls.append("create")
            return await super()._create_connection(req, traces, timeout)

    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(connector=Connector()) as session:
            assert await text_of(session, server.url) == "ok"
            timeout = session.timeout
        assert calls[:2] == [("GET", server.url, timeout), "create"]


async def test_session_subclass(lib):
    aiohttp = lib.load()
    with pytest.warns(DeprecationWarning, match="discouraged"):

        class Session(aiohttp.ClientSession):
            async def _request(self, *args, **kwargs):
                response = await super()._request(*args, **kwargs)
                response.cached = True
                return response

    async with serve(keep_answering) as server, Session() as session:
        async with session.get(server.url) as response:
            assert response.cached


# Built by hand


def make_loop():
    loop = mock.Mock()
    loop.get_debug.return_value = True
    loop.is_closed.return_value = False
    return loop


@pytest.mark.parametrize("more", [{}, {"stream_writer": None}, {"stream_writer": mock.Mock()}])
@pytest.mark.parametrize("timer", ["none", "noop"])
async def test_response_as_aioresponses_builds_it(lib, timer, more):
    aiohttp = lib.load()
    url = URL("http://example.com/path?q#fragment")
    loop = make_loop()
    info = aiohttp.RequestInfo(url, "GET", CIMultiDictProxy(CIMultiDict({"A": "b"})), url)
    response = aiohttp.ClientResponse(
        "GET",
        url,
        request_info=info,
        writer=None,
        continue100=None,
        timer=None if timer == "none" else mock.MagicMock(),
        traces=[],
        loop=loop,
        session=None,
        **more,
    )
    headers = CIMultiDict({"Content-Type": "application/json", "Set-Cookie": "a=1"})
    response.cookies.load("a=1")
    response._headers = CIMultiDictProxy(headers)
    response._raw_headers = tuple((k.encode(), v.encode()) for k, v in headers.items())
    response.status = 200
    response.reason = "OK"
    protocol = lib.load("_client.protocol").ResponseHandler(loop=loop)
    response.content = aiohttp.StreamReader(protocol, limit=2**16, loop=loop)
    response.content.feed_data(b'{"a": 1}')
    response.content.feed_eof()
    assert await response.json() == {"a": 1}
    assert await response.text() == '{"a": 1}'
    assert response.cookies["a"].value == "1"
    assert response.headers["content-type"] == "application/json"
    assert response.content_type == "application/json"
    assert response.url == url.with_fragment(None)
    assert response.request_info is info
    assert response.method == "GET"
    assert response.ok
    assert "200 OK" in repr(response)
    response.raise_for_status()
    response.release()
    response.close()
    async with response:
        pass


async def test_response_as_vcrpy_builds_it(lib):
    aiohttp = lib.load()

    class Response(aiohttp.ClientResponse):
        def __init__(self, method, url, request_info=None):
            super().__init__(
                method=method, url=url, writer=None, continue100=None, timer=None, request_info=request_info,
                traces=None, loop=asyncio.get_running_loop(), session=None,
            )  # fmt: skip

        async def text(self, encoding="utf-8", errors="strict"):
            return self._body.decode(encoding, errors=errors)

    first, second = (Response("GET", URL(f"http://example.com/{n}"), mock.Mock()) for n in range(2))
    for response in (first, second):
        response.status = 404
        response.reason = "Not Found"
        response._body = b"body"
        response._headers = CIMultiDictProxy(CIMultiDict({"X": "1"}))
        response._history = (first,) if response is second else ()
        response.cookies = SimpleCookie("a=1")
        response.close()
    assert second.history == (first,)
    assert await second.read() == b"body"
    assert await second.text() == "body"
    assert second.closed
    with pytest.raises(aiohttp.ClientResponseError) as info:
        second.raise_for_status()
    assert info.value.status == 404


async def test_reader_as_others_feed_it(lib):
    aiohttp = lib.load()
    loop = asyncio.get_running_loop()
    reader = aiohttp.StreamReader(lib.load("_client.protocol").ResponseHandler(loop), limit=2**16, loop=loop)
    reader.feed_data(b"one\n")
    assert await reader.readline() == b"one\n"
    reader.feed_data(b"rest")
    reader.feed_eof()
    assert await reader.read() == b"rest"
    assert reader.at_eof()


async def test_charset_resolver(lib):
    aiohttp = lib.load()
    asked = []

    def resolve(response, body):
        asked.append(body)
        return "latin-1"

    async def handler(peer: Peer) -> None:
        for kind in (b"text/plain", b"text/plain; charset=utf-8", b"application/json", b"text/plain; charset=nonsense"):
            await peer.request()
            await peer.answer("\u00fc".encode("latin-1" if b"plain" in kind and b"utf" not in kind else "utf-8"),
                              b"Content-Type: " + kind)  # fmt: skip
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(fallback_charset_resolver=resolve) as session:
        for _ in range(4):
            assert await text_of(session, server.url) == "\u00fc"
    assert asked == [b"\xfc", b"\xfc"]


# Errors of real requests


async def test_errors_can_be_pickled_and_say_where(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        head = await peer.head()
        path = head.split()[1]
        if path == b"/status":
            await peer.answer(b"", status=b"503 Service Unavailable")
        elif path == b"/head":
            await peer.send(b"nonsense\r\n\r\n")
        elif path == b"/body":
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
        elif path == b"/type":
            await peer.answer(b"{}", b"Content-Type: text/plain")
        elif path == b"/loop":
            await peer.answer(b"", b"Location: /loop", status=b"302 Found")
        elif path == b"/ftp":
            await peer.answer(b"", b"Location: ftp://x/", status=b"302 Found")
        elif path == b"/silent":
            await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=0.1)) as session:
        cases = {
            server.url / "status": aiohttp.ClientResponseError,
            server.url / "head": aiohttp.ClientResponseError,
            server.url / "body": aiohttp.ClientPayloadError,
            server.url / "type": aiohttp.ContentTypeError,
            server.url / "loop": aiohttp.TooManyRedirects,
            server.url / "ftp": aiohttp.NonHttpUrlRedirectClientError,
            server.url / "silent": aiohttp.SocketTimeoutError,
            server.url / "gone": aiohttp.ServerDisconnectedError,
            server.url.with_port(1): aiohttp.ClientConnectorError,
            URL("http://no-such-host.invalid/"): aiohttp.ClientConnectorDNSError,
            URL("foo"): aiohttp.InvalidURL,
            URL("ftp://x/"): aiohttp.NonHttpUrlClientError,
        }
        for url, kind in cases.items():
            with pytest.raises(kind) as info:
                async with session.get(url, raise_for_status=True, max_redirects=2) as response:
                    await response.json()
            error = info.value
            assert isinstance(error, aiohttp.ClientError), url
            assert str(error), url
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                again = pickle.loads(pickle.dumps(error, protocol))
                assert type(again) is type(error)
                assert str(again) == str(error)
                # A response that was a hop cannot be pickled, so TooManyRedirects comes back without history.
                assert repr(again) == repr(error) or kind is aiohttp.TooManyRedirects
        assert session.connector._slots.used == 0


def test_basics_on_uvloop(lib):
    uvloop = pytest.importorskip("uvloop")
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            path = head.split()[1]
            if path == b"/redirect":
                await peer.answer(b"", b"Location: /done", status=b"302 Found")
            elif path == b"/chunked":
                await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(20):
                    await peer.send(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
                await peer.send(b"0\r\n\r\n")
            elif path == b"/silent":
                await peer.gone()
                return
            else:
                await peer.answer(body or path, b"Content-Type: application/json")

    async def pieces():
        for _ in range(100):
            yield b"12345" * 2000

    async def main() -> None:
        async with serve(handler) as server, aiohttp.ClientSession() as session:
            assert await text_of(session, server.url / "a") == "/a"
            assert await text_of(session, server.url / "redirect") == "/done"
            async with session.post(server.url, json=[1, 2]) as response:
                assert await response.json() == [1, 2]
            async with session.post(server.url, data=pieces()) as response:
                assert await response.read() == b"12345" * 200_000
            async with session.get(server.url / "chunked") as response:
                assert b"".join([piece async for piece in response.content.iter_chunked(999)]) == b"x" * 200_000
            for timeout in (aiohttp.ClientTimeout(total=0.05), aiohttp.ClientTimeout(sock_read=0.05)):
                with pytest.raises(TimeoutError):
                    await session.get(server.url / "silent", timeout=timeout)
            await asyncio.gather(*(text_of(session, server.url / str(n)) for n in range(200)))
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(server.url.with_port(1))
            task = asyncio.ensure_future(session.get(server.url / "silent"))
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert session.connector._slots.used == 0

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
