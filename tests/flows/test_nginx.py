"""The client against a real nginx: files, ranges, codings, uploads, keep-alive, TLS."""

import asyncio
import hashlib
import io
import json
import ssl

import pytest
import trustme

from tests.nginx import Nginx, needs_nginx, running
from tests.servers import Peer, serve

pytestmark = needs_nginx

TEXT = "".join(f"line {n}\n" for n in range(20_000))
BIG = bytes(range(256)) * 65_536  # 16 MiB


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def nginx(tmp_path_factory, authority):
    with running(tmp_path_factory.mktemp("nginx"), authority) as server:
        (server.root / "hello.txt").write_text("hello")
        (server.root / "empty.txt").write_text("")
        (server.root / "text.txt").write_text(TEXT)
        (server.root / "data.json").write_text(json.dumps({"n": list(range(500))}))
        (server.root / "big.bin").write_bytes(BIG)
        yield server


@pytest.fixture
def trusting(authority) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_file(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.url / "hello.txt") as response:
            assert (response.status, response.reason, response.version) == (200, "OK", (1, 1))
            assert response.content_type == "text/plain"
            assert response.content_length == 5
            assert response.headers["Server"].startswith("nginx")
            assert await response.text() == "hello"
        async with session.get(nginx.url / "empty.txt") as response:
            assert await response.read() == b""
        async with session.get(nginx.url / "missing") as response:
            assert response.status == 404
            assert not response.ok
            assert "404 Not Found" in await response.text()


async def test_head(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        for _ in range(3):
            async with session.head(nginx.url / "big.bin") as response:
                assert response.content_length == len(BIG)
                assert await response.read() == b""
        async with session.head(nginx.url / "gzip/text.txt") as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert await response.read() == b""
        async with session.get(nginx.url / "connection") as response:
            assert (await response.text()).split()[1] == "5"


async def test_connections_are_reused(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        seen = [await (await session.get(nginx.url / "connection")).text() for _ in range(20)]
    assert len({text.split()[0] for text in seen}) == 1
    assert [int(text.split()[1]) for text in seen] == list(range(1, 21))


async def test_many_at_once(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=16)) as session:

        async def one(n: int) -> None:
            async with session.get(nginx.url / "echo", params={"n": n}) as response:
                assert await response.text() == f"GET /echo?n={n}"

        await asyncio.gather(*(one(n) for n in range(200)))
        assert sum(map(len, session.connector._conns.values())) <= 16
        assert session.connector._slots.used == 0


@pytest.mark.parametrize(
    ("wanted", "status", "body"),
    [
        ("bytes=0-9", 206, BIG[:10]),
        ("bytes=1000-200999", 206, BIG[1000:201_000]),
        ("bytes=-7", 206, BIG[-7:]),
        (f"bytes={len(BIG)}-", 416, None),
    ],
)
async def test_ranges(lib, nginx: Nginx, wanted, status, body):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.url / "big.bin", headers={"Range": wanted}) as response:
            assert response.status == status
            data = await response.read()
            if body is not None:
                assert data == body
                assert response.content_length == len(body)
                assert response.headers["Content-Range"].endswith(f"/{len(BIG)}")


async def test_multipart_ranges_are_read_whole(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.url / "big.bin", headers={"Range": "bytes=0-1,5-6"}) as response:
            assert response.status == 206
            assert response.content_type == "multipart/byteranges"
            assert (await response.read()).count(b"Content-Range:") == 2


async def test_conditional_requests(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.url / "hello.txt") as response:
            etag, date = response.headers["ETag"], response.headers["Last-Modified"]
        for headers in ({"If-None-Match": etag}, {"If-Modified-Since": date}):
            async with session.get(nginx.url / "hello.txt", headers=headers) as response:
                assert response.status == 304
                assert await response.read() == b""
        async with session.get(nginx.url / "nothing") as response:
            assert response.status == 204
            assert await response.read() == b""
        async with session.get(nginx.url / "connection") as response:
            assert (await response.text()).split()[1] == "5"
        # nginx promises to keep the connection, and closes it.
        async with session.get(nginx.url / "hello.txt", headers={"If-Match": '"other"'}) as response:
            assert response.status == 412
        async with session.get(nginx.url / "hello.txt") as response:
            assert response.ok


async def test_gzip_on_the_fly(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.url / "gzip/text.txt") as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.headers["Transfer-Encoding"] == "chunked"
            assert await response.text() == TEXT
            assert response.content.total_raw_bytes < len(TEXT) // 2
        async with session.get(nginx.url / "gzip/text.txt") as response:
            lines = [line async for line in response.content]
            assert b"".join(lines).decode() == TEXT
            assert lines[7] == b"line 7\n"
        async with session.get(nginx.url / "gzip/data.json") as response:
            assert (await response.json())["n"][-1] == 499
        async with session.get(nginx.url / "gzip/text.txt", headers={"Accept-Encoding": "identity"}) as response:
            assert "Content-Encoding" not in response.headers
            assert await response.text() == TEXT


async def test_large_download(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.url / "big.bin") as response:
            assert await response.read() == BIG
        for way in ("iter_any", "iter_chunked", "iter_chunks", "read"):
            digest = hashlib.sha256()
            async with session.get(nginx.url / "big.bin", read_bufsize=65_536) as response:
                content = response.content
                if way == "iter_chunked":
                    async for piece in content.iter_chunked(100_000):
                        assert 0 < len(piece) <= 100_000
                        digest.update(piece)
                elif way == "iter_any":
                    async for piece in content.iter_any():
                        digest.update(piece)
                elif way == "iter_chunks":
                    async for piece, _ in content.iter_chunks():
                        digest.update(piece)
                else:
                    while piece := await content.read(65_537):
                        digest.update(piece)
            assert digest.digest() == hashlib.sha256(BIG).digest(), way
        async with session.get(nginx.url / "connection") as response:
            assert (await response.text()).split()[1] == "6"  # all over one connection


async def echoing(peer: Peer) -> None:
    while True:
        _, body = await peer.request()
        await peer.answer(hashlib.sha256(body).hexdigest().encode())


async def uneven(data: bytes):
    at = 0
    for size in (1, 7, 65_536, 300_000, 1 << 20):
        yield data[at : at + size]
        at += size
    yield data[at:]


@pytest.mark.parametrize("where", ["proxy", "unbuffered"])
async def test_uploads_through_a_proxy(lib, nginx: Nginx, where):
    data = BIG[: 5 << 20]
    expected = hashlib.sha256(data).hexdigest()
    async with serve(echoing) as server, lib.load().ClientSession() as session:
        headers = {"X-Port": str(server.url.port)}
        for body in (io.BytesIO(data), uneven(data)):
            async with session.post(nginx.url / where / "up", data=body, headers=headers) as response:
                assert response.status == 200
                assert await response.text() == expected
    assert server.bodies == [data] * 2


async def test_upload_from_a_file(lib, nginx: Nginx):
    async with serve(echoing) as server, lib.load().ClientSession() as session:
        with (nginx.root / "big.bin").open("rb") as file:
            async with session.put(
                nginx.url / "proxy" / "up", data=file, headers={"X-Port": str(server.url.port)}
            ) as response:
                assert await response.text() == hashlib.sha256(BIG).hexdigest()


@pytest.mark.parametrize("where", ["proxy", "unbuffered"])
async def test_chunked_answers_through_a_proxy(lib, nginx: Nginx, where):
    pieces = [b"%d" % n * (n * 500 + 1) for n in range(10)]

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in pieces:
                await peer.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            await peer.send(b"0\r\n\r\n")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for _ in range(3):
            async with session.get(nginx.url / where / "down", headers={"X-Port": str(server.url.port)}) as response:
                assert response.headers["Transfer-Encoding"] == "chunked"
                assert await response.read() == b"".join(pieces)


async def test_too_large(lib, nginx: Nginx):
    """413 comes while the body is still being sent; the next request works."""
    async with lib.load().ClientSession() as session:
        async with session.post(nginx.url / "small", data=b"x" * 1000) as response:
            assert await response.text() == "small enough"
        async with session.post(nginx.url / "small", data=io.BytesIO(BIG)) as response:
            assert response.status == 413
            await response.read()
        async with session.get(nginx.url / "echo") as response:
            assert await response.text() == "GET /echo"


async def test_head_too_large_for_the_server(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.url / "echo", headers={"X-Long": "x" * 40_000}) as response:
            assert response.status == 400
            assert "Too Large" in await response.text()
        async with session.get(nginx.url / "echo") as response:
            assert response.ok


async def idle(session):
    """Return the one idle connection's protocol."""
    ((protocol,),) = session.connector._idle.values()
    return protocol


async def test_server_closes_the_idle_connection(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        seen = []
        for method in ("GET", "POST", "GET"):
            async with session.request(method, nginx.url / "impatient") as response:
                seen.append((await response.text()).split())
            await asyncio.wait_for((await idle(session)).closed, 5)
        assert len({connection for connection, _ in seen}) == 3
        assert [count for _, count in seen] == ["1", "1", "1"]


async def test_server_closes_just_when_the_request_leaves(lib, nginx: Nginx):
    """The client has not yet heard of the close: safe requests are sent again."""
    async with lib.load().ClientSession() as session:
        for _ in range(10):
            async with session.get(nginx.url / "impatient") as response:
                await response.read()
            await asyncio.sleep(0.049)  # about when nginx gives up
        await asyncio.sleep(0)
        assert session.connector._slots.used == 0


async def test_no_keep_alive(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        seen = set()
        for _ in range(3):
            async with session.get(nginx.url / "single") as response:
                assert response.headers["Connection"] == "close"
                seen.add(await response.text())
            assert not session.connector._conns
    assert len(seen) == 3


async def test_dropped_without_an_answer(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await session.get(nginx.url / "drop")
            async with session.get(nginx.url / "echo") as response:
                assert response.ok
        assert session.connector._slots.used == 0


async def test_redirects(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        async with session.get(nginx.url / "redirect") as response:
            assert await response.text() == "GET /echo"
            assert [hop.status for hop in response.history] == [302]
        with pytest.raises(aiohttp.TooManyRedirects):
            await session.get(nginx.url / "loop")


async def test_cookies(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        for expected in ("", "session=abc"):
            async with session.get(nginx.url / "cookie") as response:
                assert await response.text() == expected
                assert response.cookies["session"]["httponly"]


async def test_basic_auth(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        async with session.get(nginx.url / "secret") as response:
            assert response.status == 401
            assert response.headers["WWW-Authenticate"] == 'Basic realm="secrets"'
        async with session.get(nginx.url / "secret", auth=aiohttp.BasicAuth("user", "pass word")) as response:
            assert await response.text() == "hello"
        async with session.get((nginx.url / "secret").with_user("user").with_password("pass word")) as response:
            assert await response.text() == "hello"


async def test_odd_status(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        async with session.get(nginx.url / "teapot") as response:
            assert response.status == 418
            assert await response.json() == {"short": "stout"}
        with pytest.raises(aiohttp.ClientResponseError, match="418"):
            await session.get(nginx.url / "teapot", raise_for_status=True)


async def test_tls(lib, nginx: Nginx, trusting):
    async with lib.load().ClientSession() as session:
        for _ in range(3):
            async with session.get(nginx.tls_url / "hello.txt", ssl=trusting) as response:
                assert await response.text() == "hello"
        async with session.get(nginx.tls_url / "connection", ssl=trusting) as response:
            assert (await response.text()).split()[1] == "4"
        async with session.get(nginx.tls_url / "big.bin", ssl=trusting) as response:
            assert await response.read() == BIG
        async with session.get(nginx.tls_url / "gzip/text.txt", ssl=trusting) as response:
            assert await response.text() == TEXT
        async with session.get(nginx.tls_url / "hello.txt", ssl=False) as response:
            assert await response.text() == "hello"  # over a connection of its own
        assert len(session.connector._conns) == 2


async def test_tls_unknown_authority(lib, nginx: Nginx):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="localhost") as info:
            await session.get(nginx.tls_url / "hello.txt")
        assert "certificate verify failed" in str(info.value)
        assert session.connector._slots.used == 0


async def test_plain_request_to_the_tls_port(lib, nginx: Nginx):
    async with lib.load().ClientSession() as session:
        async with session.get(nginx.tls_url.with_scheme("http")) as response:
            assert response.status == 400
            assert "plain HTTP request was sent to HTTPS port" in await response.text()


async def test_tls_to_the_plain_port(lib, nginx: Nginx, trusting):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorSSLError):
            await session.get(nginx.url.with_scheme("https"), ssl=trusting)
        assert session.connector._slots.used == 0
