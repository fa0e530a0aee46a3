"""Client reference (001_62b7eb8e628a6b68): multipart, ``expect100``, proxies, tracing and WebSockets."""

import asyncio
import io
import json

import pytest
from multidict import MultiDict

from tests.against import better
from tests.seeds.doubles import BINARY, CLOSE, PING, PONG, TEXT, Socket, proxy, refusing_proxy
from tests.seeds.httpbin import url_of
from tests.servers import Peer, serve

# Options of a request


@pytest.mark.parametrize("agrees", [True, False])
async def test_expect100(lib, agrees):
    """The body goes once the server wants it; not at all where it answers otherwise."""
    got = []

    async def handler(peer: Peer) -> None:
        head = await peer.head()
        assert b"\r\nexpect: 100-continue\r\n" in head.lower()
        if not agrees:
            await peer.answer(b"no", b"Connection: close", status=b"403 Forbidden")
            await peer.gone()
            return
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.reader.read(1), 0.1)
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        got.append(await peer.reader.readexactly(4))
        await peer.answer()
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"body", expect100=True) as resp:
            assert resp.status == (200 if agrees else 403)
    assert got == ([b"body"] if agrees else [])


async def test_form_data_fields(lib, httpbin):
    aiohttp = lib.load()
    for fields in ({"a": io.BytesIO(b"1")}, [("a", io.BytesIO(b"1"))], MultiDict(a=io.BytesIO(b"1"))):
        async with aiohttp.ClientSession() as session:
            async with session.post(url_of(httpbin, "/post"), data=aiohttp.FormData(fields)) as resp:
                answer = await resp.json()
                assert answer["files"]["a"]["content"] == "1"


async def test_form_data_add_field(lib, httpbin):
    aiohttp = lib.load()
    form = aiohttp.FormData()
    form.add_field("typed", "{}", content_type="application/json")
    form.add_field("named", b"bytes", filename="b.bin")
    form.add_fields(("pair", "1"), MultiDict(more="2"))
    assert form.is_multipart
    async with aiohttp.ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=form) as resp:
            answer = await resp.json()
    assert answer["form"] == {"typed": "{}", "pair": "1", "more": "2"}
    assert answer["files"]["named"]["filename"] == "b.bin"
    assert b"application/json" in httpbin.bodies[0]


# Proxies


async def test_proxy_headers_and_auth(lib, httpbin):
    aiohttp = lib.load()
    async with serve(proxy) as through, aiohttp.ClientSession() as session:
        async with session.get(
            url_of(httpbin, "/get"),
            proxy=through.url,
            proxy_auth=aiohttp.BasicAuth("user", "pass"),
            proxy_headers={"X-Proxy": "yes"},
        ) as resp:
            assert "Proxy-Authorization" not in (await resp.json())["headers"]
    head = through.requests[0]
    assert head.startswith(f"GET {httpbin.url}get HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" in head


async def test_proxy_of_a_session(lib, httpbin):
    async with serve(proxy) as through, lib.load().ClientSession(proxy=through.url) as session:
        async with session.get(url_of(httpbin, "/get")) as resp:
            assert resp.ok
    assert len(through.requests) == 1


async def test_proxy_that_refuses(lib, secure):
    aiohttp = lib.load()
    async with serve(refusing_proxy) as through, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientHttpProxyError) as info:
            await session.get(url_of(secure, "/get"), proxy=through.url, ssl=False)
        assert info.value.status == 407


async def test_proxy_that_is_not_there(lib, httpbin):
    aiohttp = lib.load()
    async with serve(proxy) as through:
        gone = through.url
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientProxyConnectionError):
            await session.get(url_of(httpbin, "/get"), proxy=gone)


# Tracing


async def test_trace_request_ctx(lib, httpbin):
    aiohttp = lib.load()
    seen = []

    async def on_request_start(_session, context, params) -> None:
        seen.append((context.trace_request_ctx, params.method, params.url))

    trace_config = aiohttp.TraceConfig()
    trace_config.on_request_start.append(on_request_start)
    async with aiohttp.ClientSession(trace_configs=[trace_config]) as session:
        assert session.trace_configs == [trace_config]
        async with session.get(url_of(httpbin, "/get"), trace_request_ctx={"foo": "bar"}) as resp:
            await resp.read()
    assert seen == [({"foo": "bar"}, "GET", url_of(httpbin, "/get"))]


# Middlewares, upload tracker: younger than the page


@pytest.mark.parametrize("where", ["session", "request"])
async def test_middlewares(lib, httpbin, where):
    aiohttp = lib.load()

    async def middleware(request, handler):
        request.headers["X-Added"] = "yes"
        return await handler(request)

    options = {"middlewares": (middleware,)}
    of_session, of_request = (options, {}) if where == "session" else ({}, options)
    async with aiohttp.ClientSession(**of_session) as session:
        async with session.get(url_of(httpbin, "/get"), **of_request) as resp:
            assert (await resp.json())["headers"]["X-Added"] == "yes"


async def test_upload_tracker(lib, httpbin):
    aiohttp = lib.load()
    tracker = aiohttp.UploadTracker()
    async with aiohttp.ClientSession() as session:
        async with session.post(
            url_of(httpbin, "/post"), data=io.BytesIO(b"x" * 100_000), upload_tracker=tracker
        ) as resp:
            await resp.read()
    assert tracker.upload_complete
    assert tracker.bytes_written >= 100_000


async def test_digest_auth(lib):
    """RFC 7616 with MD5; the server checks no more than that it was tried."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"', status=b"401 No")
        await peer.request()
        await peer.answer()
        await peer.gone()

    digest = aiohttp.DigestAuthMiddleware(login="user", password="pass")
    async with serve(handler) as server, aiohttp.ClientSession(middlewares=(digest,)) as session:
        async with session.get(server.url) as resp:
            assert await resp.text() == "ok"
    (field,) = [line for line in server.requests[1].split(b"\r\n") if line.startswith(b"Authorization: ")]
    for part in (b'username="user"', b'realm="r"', b'nonce="n"', b'uri="/"', b"qop=auth", b"nc=00000001"):
        assert part in field


async def test_netrc(lib, httpbin, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password pass\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with lib.load().ClientSession(trust_env=True) as session:
        async with session.get(url_of(httpbin, "/basic-auth/user/pass")) as resp:
            assert resp.status == 200
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/basic-auth/user/pass")) as resp:
            assert resp.status == 401


# WebSockets


def talking(*steps):
    """Make a handler that accepts, and then goes through *steps*."""

    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        peer.server.socket = socket
        await socket.accept("two")
        for step in steps:
            await step(socket)
        await socket.end()

    return handler


async def test_websocket_options(lib):
    aiohttp = lib.load()
    async with serve(talking()) as server, aiohttp.ClientSession(cookies={"a": "1"}) as session:
        async with session.ws_connect(
            str(server.url), method="GET", protocols=("one", "two"), origin="http://origin.example",
            headers={"X-One": "1"}, auth=aiohttp.BasicAuth("u", "p"), params={"q": "1"},
            max_msg_size=0, autoclose=True, autoping=True, heartbeat=30, compress=0,
        ) as ws:  # fmt: skip
            assert ws.protocol == "two"
            assert ws.get_extra_info("peername")[1] == server.url.port
            assert ws.exception() is None
            assert not ws.closed
        assert ws.close_code == 1000
        fields = server.socket.fields
    assert server.requests[0].startswith(b"GET /?q=1 HTTP/1.1\r\n")
    assert fields["sec-websocket-protocol"].replace(" ", "") == "one,two"
    assert fields["sec-websocket-version"] == "13"
    assert (fields["origin"], fields["x-one"], fields["cookie"]) == ("http://origin.example", "1", "a=1")
    assert fields["authorization"] == "Basic dTpw"
    assert "sec-websocket-extensions" not in fields


async def test_websocket_messages(lib):
    aiohttp = lib.load()
    heard = []

    async def say(socket) -> None:
        for opcode, data in ((TEXT, b"text"), (BINARY, b"\0\1"), (TEXT, b'{"a": 1}'), (BINARY, b"b"), (TEXT, b"t")):
            await socket.send(opcode, data)
        heard.extend([await socket.receive() for _ in range(5)])

    async with serve(talking(say)) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            assert await ws.receive_str() == "text"
            assert await ws.receive_bytes() == b"\0\1"
            assert await ws.receive_json() == {"a": 1}
            with pytest.raises(TypeError):
                await ws.receive_str()
            with pytest.raises(TypeError):
                await ws.receive_bytes()
            await ws.send_str("s")
            await ws.send_bytes(bytearray(b"b"))
            await ws.send_json({"j": 1}, dumps=lambda value: json.dumps(value, separators=(",", ":")))
            await ws.ping(b"p")
            await ws.pong(b"q")
            with pytest.raises(TypeError):
                await ws.send_str(b"s")
            with pytest.raises(TypeError):
                await ws.send_bytes("b")
    assert heard == [(TEXT, b"s"), (BINARY, b"b"), (TEXT, b'{"j":1}'), (PING, b"p"), (PONG, b"q")]


async def test_websocket_autoping(lib):
    async def ping(socket) -> None:
        await socket.send(PING, b"are you there")
        assert await socket.receive() == (PONG, b"are you there")
        await socket.send(TEXT, b"good")

    async with serve(talking(ping)) as server, lib.load().ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            assert await ws.receive_str() == "good"


@pytest.mark.parametrize("autoclose", [True, False])
async def test_websocket_closed_by_the_server(lib, autoclose):
    aiohttp = lib.load()

    async def leave(socket) -> None:
        await socket.send(CLOSE, b"\x03\xe9away")

    async with serve(talking(leave)) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, autoclose=autoclose) as ws:
            msg = await ws.receive()
            assert (msg.type, msg.data, msg.extra) == (aiohttp.WSMsgType.CLOSE, 1001, "away")
            assert ws.closed is autoclose
            if not autoclose:
                await ws.close()


async def test_websocket_message_too_big(lib):
    aiohttp = lib.load()
    said = asyncio.get_running_loop().create_future()

    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        await socket.accept()
        await socket.send(TEXT, b"x" * 101)
        said.set_result(await socket.receive())

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url, max_msg_size=100) as ws:
            msg = await ws.receive()
            assert msg.type == aiohttp.WSMsgType.ERROR
        opcode, data = await said
    assert (opcode, data[:2]) == (CLOSE, (1009).to_bytes(2, "big"))


@better("bytes only, whatever the page says")
async def test_websocket_ping_of_text(lib):
    heard = []

    async def hear(socket) -> None:
        heard.extend([await socket.receive(), await socket.receive()])

    async with serve(talking(hear)) as server, lib.load().ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            await ws.ping("да")
            await ws.pong("да")
    assert heard == [(PING, "да".encode()), (PONG, "да".encode())]


async def test_websocket_refused(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as info:
            await session.ws_connect(url_of(httpbin, "/status/403"))
    assert info.value.status == 403


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_websocket_receive_timeout(lib):
    async with serve(talking()) as server, lib.load().ClientSession() as session:
        async with session.ws_connect(server.url, receive_timeout=0.05) as ws:
            with pytest.raises(TimeoutError):
                await ws.receive()


@better("only sessions have it")
async def test_websocket_function(lib):
    """The page speaks of ``aiohttp.ws_connect``."""
    async with serve(talking()) as server:
        async with lib.load().ws_connect(server.url) as ws:
            assert not ws.closed
