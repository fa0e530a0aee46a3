"""Where features meet: what a reviewer broke, each case with a server that shows it."""

import asyncio
import gzip
import pickle
import socket

import pytest

from tests.servers import Peer, keep_answering, serve, until

BIG = gzip.compress(b"\0" * 30_000_000)


async def dies_on_second(peer: Peer) -> None:
    await peer.request()
    await peer.answer()
    if peer.server.connections == 1:
        await peer.request()
    else:
        await keep_answering(peer)


async def test_half_a_request_spoils_the_connection(lib):
    """The answer is whole, its reader gave up on decoding it, and the upload is still under way."""
    aiohttp = lib.load()

    async def early(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BIG))
        await peer.send(BIG)
        await peer.gone()

    async def upload():
        yield b"first"
        await asyncio.Event().wait()

    async with serve(early) as server, aiohttp.ClientSession() as session:
        response = await session.post(server.url, data=upload())
        await until(lambda: response.connection is None or response.connection.protocol.state.value == "done")
        response.release()
        assert session.connector.stats().idle == 0
        assert not session.connector._slots.used
        await until(lambda: not server.open)


@pytest.mark.parametrize("how", ["stale", "417", "twice"])
async def test_factory_of_files(lib, how, tmp_path):
    aiohttp = lib.load()
    path = tmp_path / "body"
    path.write_bytes(b"body")
    made = []

    def factory():
        made.append(path.open("rb"))
        return made[-1]

    async def expects_nothing(peer: Peer) -> None:
        while True:
            head = await peer.head()
            if b"xpect" in head:
                await peer.answer(b"", status=b"417 Expectation Failed")
                await peer.gone()
                return
            peer.server.bodies.append(await peer.reader.readexactly(4))
            await peer.answer()

    async def twice(request, handler):
        (await handler(request)).release()
        return await handler(request)

    options = {"417": {"expect100": True}, "twice": {"middlewares": (twice,)}}.get(how, {})
    handler = {"417": expects_nothing, "stale": dies_on_second, "twice": keep_answering}[how]
    async with serve(handler) as server:
        async with aiohttp.ClientSession() as session:
            if how == "stale":
                await session.get(server.url)
            async with session.put(server.url, data=factory, **options) as response:
                assert response.status == 200
        assert server.bodies[-1] == b"body"
    assert len(made) == 2
    assert all(file.closed for file in made)


async def test_factory_of_forms_says_its_new_boundary(lib):
    aiohttp = lib.load()

    def factory():
        form = aiohttp.FormData()
        form.add_field("a", b"x" * 10, filename="f")
        return form

    async with serve(dies_on_second) as server, aiohttp.ClientSession() as session:
        await session.get(server.url)
        async with session.put(server.url, data=factory) as response:
            assert response.status == 200
    boundary = server.requests[-1].partition(b"boundary=")[2].partition(b"\r\n")[0]
    assert server.bodies[-1].startswith(b"--" + boundary + b"\r\n")


@pytest.mark.parametrize("coding", [b"", b"Content-Encoding: gzip\r\n"])
async def test_limit_met_in_the_middle_of_what_came(lib, coding, caplog):
    """The parser has the rest of the segment still to go through."""
    aiohttp = lib.load()
    body = gzip.compress(b"\0" * 4_000_000, 0) if coding else b"0" * 4000

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n" + coding + b"Transfer-Encoding: chunked\r\n\r\n")
        await peer.send(b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:1000], body[1000:])) + b"0\r\n\r\n")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(max_body_size=100) as session:
        with pytest.raises(aiohttp.ClientPayloadSizeError):
            async with session.get(server.url) as response:
                await response.read()
        assert not session.connector.stats().acquired
    assert "Fatal" not in caplog.text


async def test_credentials_of_a_middlewares_url_stay_there(lib):
    aiohttp = lib.load()

    async def redirecting(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: " + str(first.url / "back").encode(), status=b"302 Found")
        await peer.gone()

    async with serve(keep_answering) as first, serve(redirecting) as second, aiohttp.ClientSession() as session:

        async def elsewhere(request, handler):
            if request.url.path == "/":
                request.url = second.url.with_user("me").with_password("secret")
            return await handler(request)

        async with session.get(first.url, middlewares=(elsewhere,)) as response:
            assert response.status == 200
    assert b"Authorization: Basic" in second.requests[0]
    assert b"uthorization" not in first.requests[-1]


async def test_credentials_that_a_middleware_sets_do_not_meet_themselves(lib):
    aiohttp = lib.load()

    async def redirecting(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            if b" /end " in head:
                await peer.answer()
            else:
                await peer.answer(b"", b"Location: /end", status=b"302 Found")

    async def signing(request, handler):
        request.headers["Authorization"] = "Bearer token"
        return await handler(request)

    async with serve(redirecting) as server, aiohttp.ClientSession(middlewares=(signing,)) as session:
        async with session.get(server.url) as response:
            assert response.status == 200
    assert all(b"Authorization: Bearer token" in head for head in server.requests)


async def test_connect_limit_spans_waiting_and_connecting(lib):
    """Not each of them anew."""
    aiohttp = lib.load()
    loop = asyncio.get_running_loop()
    with socket.socket() as silent:  # accepts, and says nothing in the TLS handshake
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        may_end = asyncio.Event()

        async def slow(peer: Peer) -> None:
            await peer.request()
            await may_end.wait()
            await peer.answer(b"ok", b"Connection: close")

        async with serve(slow) as server:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
                first = asyncio.create_task(session.get(server.url))
                await until(lambda: server.requests)
                began = loop.time()
                loop.call_later(0.3, may_end.set)
                with pytest.raises(aiohttp.ConnectionTimeoutError):
                    await session.get(url, timeout=aiohttp.ClientTimeout(connect=0.4))
                assert loop.time() - began < 0.65
                (await first).release()


async def test_pool_forgets_hosts(lib):
    """Neither keys nor the clock stay for connections that are gone."""
    aiohttp = lib.load()

    async def once_more(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.request()
        await peer.answer(b"ok", b"Connection: close")

    async with serve(once_more) as server, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(server.url):
                pass
        session.connector._tick()
        assert not session.connector._conns
        session.connector._tick()
        assert session.connector._tick_handle is None


async def test_errors_of_the_body_are_no_stale_connection(lib):
    aiohttp = lib.load()
    reads = []

    class Broken:
        def __aiter__(self):
            return self

        async def __anext__(self):
            reads.append(1)
            raise OSError(5, "disk")

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        await session.get(server.url)
        with pytest.raises(aiohttp.ClientOSError):
            await session.put(server.url, data=lambda: Broken())
        assert session.connector.stats().stale_retries == 0
    assert len(reads) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://user:p@secret@host:bad/",
        "http://user:pa/secret@host/",
        "http://user:p#secret@host/",
        "http://user:p secret@host:bad/",
        "user:secret@host/path",
    ],
)
async def test_texts_that_are_no_urls_keep_their_passwords(lib, url):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as info:
            await session.get(url)
        assert "secret" not in str(info.value)
        with pytest.raises(aiohttp.InvalidURL) as info:
            await session.get("http://host/", proxy=url)
        assert "secret" not in str(info.value) + repr(info.value) + str(info.value.url)
        assert b"secret" not in pickle.dumps(info.value)


async def test_reprs_of_answers_that_are_errors(lib):
    aiohttp = lib.load()

    async def not_found(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", status=b"404 Not Found")
        await peer.gone()

    async with serve(not_found) as server, aiohttp.ClientSession(raise_for_status=True) as session:
        with pytest.raises(aiohttp.ClientResponseError) as info:
            await session.get(server.url, headers={"Authorization": "Bearer secret", "Cookie": "a=secret"})
    assert "secret" not in repr(info.value)
    assert info.value.request_info.headers["Authorization"] == "Bearer secret"


async def test_connect_names_ipv6_hosts_in_brackets(lib):
    aiohttp = lib.load()
    async with serve(keep_answering, host="::1") as server, aiohttp.ClientSession() as session:
        async with session.request("CONNECT", server.url) as response:
            response.close()
    assert server.requests[0].startswith(b"CONNECT [::1]:%d HTTP/1.1\r\n" % server.url.port)


async def test_middlewares_url_of_another_scheme(lib):
    aiohttp = lib.load()

    async def to_ftp(request, handler):
        request.url = request.url.with_scheme("ftp")
        return await handler(request)

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.NonHttpUrlClientError):
            await session.get(server.url, middlewares=(to_ftp,))
        assert not server.connections
