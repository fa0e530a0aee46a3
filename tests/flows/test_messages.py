"""What users read when something goes wrong: what happened, with whom, which limit, what can be done."""

import asyncio
import pickle
import socket

import pytest

from tests.seeds.doubles import Socket
from tests.servers import Peer, keep_answering, serve

OK = b"HTTP/1.1 200 OK\r\n"
LAST = "(its last byte, {!r}, is not allowed there)".format


def saying(answer: bytes):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(answer)

    return handler


async def silent(peer: Peer) -> None:
    await peer.head()
    await peer.gone()


ANSWERS = [
    # what the server says, the class, what the text has
    (b"SSH-2.0-OpenSSH_9\r\n\r\n", "ClientResponseError", "Not an HTTP/1.0 or HTTP/1.1 message: it begins with b'S'"),
    (b"HTTP/2.0 200 OK\r\n\r\n", "ClientResponseError", "message: it begins with b'HTTP/2'"),
    (b"HTTP/1.1 20x OK\r\n\r\n", "ClientResponseError", f"Bad status line b'HTTP/1.1 20x' {LAST(b'x')}"),
    (OK + b"Bad Name: x\r\n\r\n", "ClientResponseError", f"Invalid HTTP header: 'Bad ' {LAST(b' ')}"),
    (OK + b"n" * 200 + b" : x\r\n\r\n", "ClientResponseError", f"nnn'... {LAST(b' ')}"),
    (b"\r\n" * 9000, "ClientResponseError", "the empty lines before a start line; the limit is the parameter max_line"),
    (OK + b"A: b\r\n" * 200 + b"\r\n", "ClientResponseError", "limit: max_headers=128]"),
    (OK + b"Content-Length: 9\r\n\r\nx", "ClientPayloadError", "closed 8 bytes before the end of the body"),
    (
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nBad Name: x\r\n\r\n",
        "ClientPayloadError",
        f"Bad trailer: Invalid HTTP header: 'Bad ' {LAST(b' ')}",
    ),
    (
        b"HTTP/1.1 302 Go\r\nLocation: ftp://u:secret@h/\r\nContent-Length: 0\r\n\r\n",
        "NonHttpUrlRedirectClientError",
        "ftp://h/ - the server redirects there, but its scheme is none that the client speaks",
    ),
    (
        b"HTTP/1.1 302 Go\r\nLocation: http://u:secret@h:99999/\r\nContent-Length: 0\r\n\r\n",
        "InvalidUrlRedirectClientError",
        "http://h:99999/ - Server attempted redirecting",
    ),
]


@pytest.mark.parametrize(("answer", "name", "said"), ANSWERS, ids=[str(row[2])[:50] for row in ANSWERS])
async def test_what_servers_say(lib, answer, name, said):
    aiohttp = lib.load()
    async with serve(saying(answer)) as server, aiohttp.ClientSession() as session:
        url = server.url.with_user("me").with_password("secret") / "x"
        with pytest.raises(getattr(aiohttp, name)) as info:
            async with session.get(url) as response:
                await response.read()
    text = str(info.value)
    assert said in text
    assert "GET" in text
    assert "secret" not in text
    assert str(pickle.loads(pickle.dumps(info.value))) == text


async def test_too_many_redirects(lib):
    """``message`` is empty, as aiohttp's is; the text says more."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(b"", b"Location: http://u:secret@%s/next" % _place(peer), status=b"302 Go")

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.TooManyRedirects) as info:
            await session.get(server.url, max_redirects=3)
        assert (info.value.message, info.value.status) == ("", 302)
        text = str(info.value)
        assert text.startswith(f"302, message='', url='{server.url}' - gave up after 3 redirects, the last of them to ")
        assert f"to {server.url}next [" in text
        assert text.endswith("limit: max_redirects=3]")


def _place(peer: Peer) -> bytes:
    return f"127.0.0.1:{peer.server.url.port}".encode()


async def test_content_type(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session, session.get(server.url) as response:
        with pytest.raises(aiohttp.ContentTypeError, match=r"json\(content_type=None\) takes any type") as info:
            await response.json()
        assert info.value.message == "Attempt to decode JSON with unexpected mimetype: "


URLS = [
    "",
    "/path",
    "http://a b/",
    "http://h:port/",
    "host",
    "http://",
    "http:///x",
    "http://[::1",
    "http://u:secret@h:99999/",
]


@pytest.mark.parametrize("url", URLS)
async def test_no_url(lib, url):
    aiohttp = lib.load()
    why = "a path alone needs a session with a base_url" if url.startswith("/") else "a URL needs a scheme, a host"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.InvalidUrlClientError, match=why) as info:
            await session.get(url)
    assert info.value.description is None
    assert "secret" not in str(info.value)
    assert "needs" not in repr(info.value)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"a": 1, "q": None}, "not None for 'q': "),
        ({"b": True}, "not True for 'b': "),
        ([("s", "secret"), ("a", None)], "not None for 'a': "),
    ],
)
async def test_params_that_are_no_text(lib, params, said):
    async with lib.load().ClientSession() as session:
        with pytest.raises(TypeError, match=f"params must be .* and numbers, {said}"):
            await session.get("http://127.0.0.1:1/", params=params)


async def test_the_method_is_told_as_it_was_sent(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError, match=r"\[GET http://127.0.0.1:1/, phase: connect"):
            await session.request("get", "http://127.0.0.1:1/")


async def test_scheme_that_is_not_spoken(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.NonHttpUrlClientError, match="ftp://h/ - its scheme is none") as info:
            await session.get("ftp://u:secret@h/")
    assert str(info.value.args[0]) == "ftp://h/"


async def test_pool_that_is_in_use(lib):
    aiohttp = lib.load()
    async with serve(silent) as server, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        first = asyncio.create_task(session.get(server.url))
        while not server.requests:
            await asyncio.sleep(0.001)
        with pytest.raises(aiohttp.ConnectionTimeoutError) as info:
            await session.get(server.url, timeout=aiohttp.ClientTimeout(connect=0.05))
        text = f"Connection timeout to host {server.url}: all connections that the connector's limits allow were in use"
        assert str(info.value).startswith(text)
        first.cancel()
        await asyncio.wait([first])


# Proxies: which of the two it was, and for which URL


async def test_no_proxy_there(lib):
    aiohttp = lib.load()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        async with aiohttp.ClientSession() as session:
            for url in ("http://origin.test/x", "https://origin.test/x"):
                with pytest.raises(aiohttp.ClientProxyConnectionError) as info:
                    await session.get(url, proxy=f"http://u:secret@{place}")
                text = str(info.value)
                assert text.startswith(f"Cannot connect to host {place} (the proxy) ssl:default [")
                assert f"[GET {url}, proxy: http://{place}, phase: connect, after " in text
                assert "secret" not in text + repr(info.value)
                assert str(info.value.proxy) == f"http://{place}"
                assert str(pickle.loads(pickle.dumps(info.value))) == text


async def test_proxy_that_nobody_knows(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorDNSError, match=r"host no\.such\.invalid:1 \(the proxy\)") as info:
            await session.get("http://origin.test/", proxy="http://no.such.invalid:1")
    assert info.value.is_of_proxy
    assert "GET http://origin.test/, proxy: http://no.such.invalid:1, phase: dns" in str(info.value)


REFUSALS = [
    (b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", (407, "Who"), "; it wants other credentials, see proxy_auth ["),
    (
        b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n",
        (502, "No"),
        "this proxy gave no tunnel to https://origin.test/x [",
    ),
    (
        b"SSH-2.0\r\n\r\n",
        (400, "Not an HTTP/1.0 or HTTP/1.1 message: it begins with b'S'"),
        "this proxy gave no tunnel",
    ),
]


@pytest.mark.parametrize(("answer", "facts", "said"), REFUSALS)
async def test_tunnel_that_is_refused(lib, answer, facts, said):
    aiohttp = lib.load()
    async with serve(saying(answer)) as server, aiohttp.ClientSession() as session:
        place = f"127.0.0.1:{server.url.port}"
        with pytest.raises(aiohttp.ClientHttpProxyError) as info:
            await session.get("https://me:secret@origin.test/x", proxy=f"http://u:secret@{place}")
    text = str(info.value)
    assert (info.value.status, info.value.message) == facts
    assert f"url='http://{place}' - this proxy gave no tunnel to https://origin.test/x" in text
    assert said in text
    assert "[GET, phase: proxy, after " in text
    assert "secret" not in text


async def test_proxy_that_says_nothing(lib):
    aiohttp = lib.load()
    async with serve(saying(b"")) as server, aiohttp.ClientSession() as session:
        for url, kind in (
            ("http://origin.test/", aiohttp.ServerDisconnectedError),
            ("https://origin.test/", aiohttp.ClientProxyConnectionError),
        ):
            with pytest.raises(kind) as info:
                await session.get(url, proxy=server.url)
            assert f"[GET {url}, proxy: {str(server.url)[:-1]}" in str(info.value)


async def test_proxy_that_does_not_take_connections(lib):
    aiohttp = lib.load()
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(place)
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_connect=0.05)) as session:
                with pytest.raises(aiohttp.ConnectionTimeoutError) as info:
                    await session.get("http://origin.test/", proxy=f"http://127.0.0.1:{place[1]}")
        finally:
            for one in waiting:
                one.close()
    assert str(info.value).startswith(f"Connection timeout to proxy http://127.0.0.1:{place[1]}")


async def test_handshake_that_ends(lib):
    """asyncio gives a ``ConnectionResetError`` without a word."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.reader.read(1)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError) as info:
            await session.get(server.url.with_scheme("https"))
    assert "[the peer closed the connection]" in str(info.value) or "reset by peer" in str(info.value)
    assert "ConnectionResetError()" not in str(info.value)


# Bodies


async def test_body_that_cannot_be_sent(lib):
    """The peer is named plainly; a key of the pool is no text for users."""
    aiohttp = lib.load()

    async def body():
        yield b"x"
        raise ValueError("mine")

    async with serve(silent) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError) as info:
            await session.post(server.url, data=body())
    place = f"127.0.0.1:{server.url.port}"
    assert str(info.value).startswith(
        f"Failed to send bytes into the underlying connection to {place}: ValueError('mine')"
    )


async def test_body_of_a_released_response(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(OK + b"Content-Length: 9\r\n\r\nx")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.get(server.url)
        response.release()
        with pytest.raises(
            aiohttp.ClientConnectionError, match="Connection closed: the response was closed or released"
        ):
            await response.read()


async def test_line_that_is_too_long(lib):
    aiohttp = lib.load()
    errors = lib.load("_wire.errors")
    async with serve(saying(OK + b"Content-Length: 1000\r\n\r\n" + b"x" * 1000)) as server:
        async with aiohttp.ClientSession() as session, session.get(server.url) as response:
            with pytest.raises(
                errors.LineTooLong, match=r"more than 100 bytes .*the parameter max_line_length of readl"
            ):
                await response.content.readline(max_line_length=100)


# WebSockets


async def test_websocket_that_says_nothing(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await Socket(peer).accept()
        await peer.gone()

    limits = aiohttp.ClientWSTimeout(ws_receive=0.05, ws_close=0.02)
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        url = server.url.with_user("me").with_password("secret") / "x"
        ws = await session.ws_connect(url, timeout=limits)
        for given, name in ((None, "ws_receive"), (0.01, "timeout")):
            with pytest.raises(TimeoutError, match=f"limit: {name}=0.0") as info:
                await ws.receive(given)
            error = info.value
            assert isinstance(error, aiohttp.WSTimeoutError)
            assert (error.method, error.url, error.limit_name) == ("GET", server.url / "x", name)
            assert error.elapsed > 0
            assert f"{server.url}x" in str(error)
            assert str(pickle.loads(pickle.dumps(error))) == str(error)
        with pytest.raises(TypeError, match="timeout must be None or a number of seconds, not 'x'"):
            await ws.receive("x")
        await ws.close()
        assert isinstance(ws.exception(), aiohttp.WSTimeoutError)
        assert (ws.exception().limit_name, ws.exception().limit) == ("ws_close", 0.02)
        assert "secret" not in str(ws.exception())


async def test_websocket_without_a_heart(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await Socket(peer).accept()
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        ws = await session.ws_connect(server.url, heartbeat=0.02, timeout=aiohttp.ClientWSTimeout(ws_close=0.02))
        message = await ws.receive()
        assert isinstance(message.data, aiohttp.ServerTimeoutError)
        assert (message.data.method, message.data.url) == ("GET", server.url)
        assert "No PONG received after 0.01 seconds" in str(message.data)
        await ws.close()
