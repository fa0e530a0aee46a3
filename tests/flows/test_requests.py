"""The client's main job over real sockets: requests out, responses in."""

import asyncio
import io
import json
import tracemalloc
from pathlib import Path

import pytest

from tests.servers import Peer, keep_answering, serve


async def test_get_reads_body_and_head(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"hello", b"X-One: 1", b"X-One: 2", b"Content-Type: text/plain; charset=utf-8")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url / "a", params={"q": "ü b"}) as response:
            assert (response.status, response.reason, response.version) == (200, "OK", (1, 1))
            assert response.ok
            assert await response.read() == b"hello"
            assert await response.text() == "hello"
            assert response.headers.getall("x-one") == ["1", "2"]
            assert response.raw_headers[1] == (b"X-One", b"1")
            assert response.content_type == "text/plain"
            assert response.charset == "utf-8"
            assert response.method == "GET"
            assert response.url == server.url / "a" % {"q": "ü b"}
            assert response.request_info.headers["Host"] == f"127.0.0.1:{server.url.port}"
        assert response.closed
        assert response.connection is None
    assert server.requests[0].startswith(b"GET /a?q=%C3%BC+b HTTP/1.1\r\nHost: 127.0.0.1:")


async def test_awaiting_a_request_works_like_entering_it(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        response = await session.get(server.url)
        assert await response.text() == "ok"
        assert await response.text() == "ok"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_every_verb(lib, method):
    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            await peer.send(
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (b"" if head.startswith(b"HEAD") else b"ok")
            )

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for _ in range(2):
            async with getattr(session, method.lower())(server.url) as response:
                assert response.method == method
                assert await response.read() == (b"" if method == "HEAD" else b"ok")
        async with session.request(method.lower(), server.url) as response:
            assert response.status == 200
    assert [head.partition(b" ")[0] for head in server.requests] == [method.encode()] * 3
    assert server.connections == 1


async def test_connection_is_reused_and_closed_with_the_session(lib):
    async with serve(keep_answering) as server:
        async with lib.load().ClientSession() as session:
            for _ in range(5):
                async with session.get(server.url) as response:
                    await response.read()
        assert server.connections == 1
        assert session.closed
        with pytest.raises(RuntimeError, match="Session is closed"):
            await session.get(server.url)


@pytest.mark.parametrize(
    ("given", "content_type", "body"),
    [
        (b"bytes", b"application/octet-stream", b"bytes"),
        ("text ü", b"text/plain; charset=utf-8", "text ü".encode()),
        ({"a": "b c", "d": "ü"}, b"application/x-www-form-urlencoded", b"a=b+c&d=%C3%BC"),
        ([("a", "1"), ("a", "2")], b"application/x-www-form-urlencoded", b"a=1&a=2"),
        (bytearray(b"array"), b"application/octet-stream", b"array"),
        (lambda: io.BytesIO(b"in memory"), b"application/octet-stream", b"in memory"),
        (b"x" * 300_000, b"application/octet-stream", b"x" * 300_000),
    ],
    ids=["bytes", "str", "dict", "pairs", "bytearray", "bytesio", "large"],
)
async def test_bodies(lib, given, content_type, body):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=given() if callable(given) else given) as response:
            assert await response.text() == "ok"
    assert server.bodies == [body]
    assert b"\r\nContent-Type: " + content_type + b"\r\n" in server.requests[0]
    assert b"\r\nContent-Length: %d\r\n" % len(body) in server.requests[0]


async def test_json_body_and_answer(lib):
    async def handler(peer: Peer) -> None:
        _, body = await peer.request()
        await peer.answer(body, b"Content-Type: application/problem+json")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, json={"a": [1, None, "ü"]}) as response:
            assert await response.json() == {"a": [1, None, "ü"]}
    assert b"\r\nContent-Type: application/json\r\n" in server.requests[0]
    assert json.loads(server.bodies[0]) == {"a": [1, None, "ü"]}


async def test_file_is_streamed_with_its_length(lib, tmp_path: Path):
    data = bytes(range(256)) * 20_000
    path = tmp_path / "upload.bin"
    path.write_bytes(data)
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        with path.open("rb") as file:
            async with session.put(server.url, data=file) as response:
                assert await response.text() == "ok"
    assert server.bodies == [data]
    assert b"\r\nContent-Length: %d\r\n" % len(data) in server.requests[0]


@pytest.mark.parametrize(
    ("kind", "options"), [("file", {}), ("file", {"chunked": True}), ("file", {"compress": "gzip"}), ("form", {})]
)
async def test_file_is_never_in_memory_as_a_whole(lib, tmp_path: Path, kind, options):
    """By sendfile, where that goes, and piece by piece where it does not."""
    size = 1 << 25
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(size)

    async def handler(peer: Peer) -> None:
        head = await peer.head()
        _, is_counted, rest = head.partition(b"Content-Length: ")
        left, last = int(rest.partition(b"\r\n")[0]) if is_counted else 0, b""
        while left if is_counted else last != b"0\r\n\r\n":
            piece = await peer.reader.read(1 << 16)
            left, last = left - len(piece), (last + piece)[-5:]
        await peer.answer()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        with path.open("rb") as file:
            tracemalloc.start(1)
            try:
                async with session.post(
                    server.url, data={"f": file} if kind == "form" else file, **options
                ) as response:
                    assert await response.read() == b"ok"
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert peak < size // 4


async def test_async_iterable_is_chunked(lib):
    async def pieces():
        for n in range(5):
            yield b"%d" % n * 1000

    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=pieces()) as response:
            assert await response.text() == "ok"
    assert server.bodies == [b"".join(b"%d" % n * 1000 for n in range(5))]
    assert b"\r\nTransfer-Encoding: chunked\r\n" in server.requests[0]
    assert b"Content-Length" not in server.requests[0]


async def test_chunked_and_compressed_on_demand(lib):
    import zlib

    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"abcd", chunked=True) as response:
            await response.read()
        async with session.post(server.url, data=b"abcd" * 1000, compress=True) as response:
            await response.read()
        async with session.post(server.url, data=b"abcd" * 1000, compress="gzip") as response:
            await response.read()
    assert server.bodies[0] == b"abcd"
    assert zlib.decompress(server.bodies[1]) == b"abcd" * 1000
    assert zlib.decompress(server.bodies[2], 31) == b"abcd" * 1000
    assert b"\r\nContent-Encoding: deflate\r\n" in server.requests[1]
    for head in server.requests:
        assert b"\r\nTransfer-Encoding: chunked\r\n" in head


async def test_headers_cookies_and_auth(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(headers={"X-Default": "d", "X-Both": "s"}, cookies={"one": "1"}) as session:
            async with session.get(
                server.url,
                headers=[("X-Both", "r"), ("X-Both", "r2"), ("User-Agent", "me")],
                cookies={"two": "2"},
                auth=aiohttp.BasicAuth("u", "p"),
            ) as response:
                await response.read()
            url = server.url.with_user("us").with_password("pw")
            async with session.get(url) as response:
                assert response.url == server.url
    first, second = server.requests
    assert b"X-Default: d\r\nX-Both: r\r\nX-Both: r2\r\n" in first
    assert b"User-Agent: me\r\n" in first
    assert b"Cookie: one=1; two=2\r\n" in first
    assert b"Authorization: Basic dTpw\r\n" in first
    assert b"Authorization: Basic dXM6cHc=\r\n" in second


async def test_base_url(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(server.url / "api/") as session:
            for path in ("a", "/b", server.url / "c"):
                async with session.get(path) as response:
                    await response.read()
    assert [head.split()[1] for head in server.requests] == [b"/api/a", b"/b", b"/c"]
    for bad in ("relative/", "http://host/nofinalslash"):
        with pytest.raises(ValueError, match="base_url"):
            aiohttp.ClientSession(bad)


async def test_http_1_0_and_keep_alive(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")

    async with serve(handler) as server, aiohttp.ClientSession(version=aiohttp.HttpVersion10) as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                assert await response.read() == b"ok"
                assert response.version == (1, 0)
    assert server.connections == 1
    assert server.requests[0].startswith(b"GET / HTTP/1.0\r\n")
    assert b"Connection: keep-alive\r\n" in server.requests[0]


async def test_force_close(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
            for _ in range(3):
                async with session.get(server.url) as response:
                    await response.read()
    assert server.connections == 3
    assert b"Connection: close\r\n" in server.requests[0]


async def test_raise_for_status(lib):
    aiohttp = lib.load()
    seen = []

    async def check(response) -> None:
        seen.append(response.status)

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(b"missing", status=b"404 Not Found")

    async with serve(handler) as server, aiohttp.ClientSession(raise_for_status=True) as session:
        with pytest.raises(aiohttp.ClientResponseError) as info:
            await session.get(server.url)
        assert (info.value.status, info.value.message) == (404, "Not Found")
        async with session.get(server.url, raise_for_status=False) as response:
            assert not response.ok
            with pytest.raises(aiohttp.ClientResponseError):
                response.raise_for_status()
            assert await response.text() == "missing"
        async with session.get(server.url, raise_for_status=check):
            pass
    assert seen == [404]
    assert server.connections == 1


async def test_request_function(lib):
    async with serve(keep_answering) as server:
        async with lib.load().request("GET", server.url) as response:
            assert await response.text() == "ok"


async def test_skipped_automatic_headers(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"x", skip_auto_headers=["user-agent", "Content-Type"]) as response:
            await response.read()
    assert b"User-Agent" not in server.requests[0]
    assert b"Content-Type" not in server.requests[0]


async def test_options_that_ask_for_nothing_are_taken(lib):
    """Wrappers hand on empty values for what they do not use."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession(trace_configs=[], middlewares=[]) as session:
        nothing = {"proxy": "", "middlewares": [], "proxy_headers": {}, "trace_request_ctx": {}, "expect100": 0}
        async with session.get(server.url, verify_ssl=True, fingerprint=None, ssl=None, **nothing) as response:
            assert await response.read() == b"ok"


@pytest.mark.parametrize("mode", ["rb", "r"])
async def test_file_is_closed_when_it_was_answered(lib, tmp_path, mode):
    aiohttp = lib.load()
    path = tmp_path / "body"
    path.write_bytes(b"x" * 300_000)
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        file = open(path, mode)  # noqa: SIM115
        async with session.post(server.url, data=file) as response:
            await response.read()
        assert file.closed
        with open(path, mode) as file:
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.post("http://127.0.0.1:1/", data=file)
            assert not file.closed  # its owner may want to try again
    assert server.bodies == [b"x" * 300_000]


async def test_bytes_in_memory_stay_open(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        file = io.BytesIO(b"body")
        async with session.post(server.url, data=file) as response:
            await response.read()
        assert file.getvalue() == b"body"


async def test_content_of_a_read_body_knows_its_size(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            await response.read()
            assert response.content.total_bytes == 2


@pytest.mark.parametrize("charset", [b"\xff", b"undefined", b"no-such", b"\x7f"])
async def test_charsets_that_are_none(lib, charset):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer("é".encode(), b"Content-Type: text/plain; charset=" + charset)

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.text() == "é"


@pytest.mark.parametrize("url", ["mailto:a@b", "unix:/x", "about:blank", "localhost:8080/x"])
async def test_other_schemes(lib, url):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.NonHttpUrlClientError):
            await session.get(url)


@pytest.mark.parametrize(
    ("given", "total", "connect"),
    [
        ({"read_timeout": 5}, 5, None),
        ({"read_timeout": None}, None, None),
        ({"conn_timeout": 3}, 300, 3),
        ({"read_timeout": 5, "conn_timeout": 2}, 5, 2),
    ],
)
async def test_old_spellings_of_timeouts(lib, given, total, connect):
    aiohttp = lib.load()
    with pytest.warns(DeprecationWarning, match="timeout is deprecated"):
        session = aiohttp.ClientSession(**given)
    async with session:
        assert (session.timeout.total, session.timeout.connect, session.timeout.sock_connect) == (total, connect, 30)
    with pytest.raises(ValueError, match="conflict"):
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1), **(given if total == 5 else {"read_timeout": 1}))


async def test_descriptor_of_a_file_that_is_closed_while_it_is_sent(lib, tmp_path):
    """Its number may be another file's by then, whose contents are nobody's business."""
    paths = tmp_path / "public", tmp_path / "secret"
    for path, byte in zip(paths, b"ps", strict=True):
        path.write_bytes(bytes([byte]) * 8_000_000)
    go_on = asyncio.Event()

    async def slow(peer: Peer) -> None:
        head = await peer.head()
        size = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        await go_on.wait()
        peer.server.bodies.append(await peer.reader.readexactly(size))
        await peer.answer()

    async with serve(slow) as server, lib.load().ClientSession() as session:
        file = paths[0].open("rb")
        number = file.fileno()
        post = asyncio.ensure_future(session.post(server.url, data=file))
        while not session.connector._acquired:
            await asyncio.sleep(0)
        (protocol,) = session.connector._acquired
        while not protocol.transport.get_write_buffer_size():
            await asyncio.sleep(0)
        file.close()
        with paths[1].open("rb") as other:
            assert other.fileno() == number
            go_on.set()
            async with await post as response:
                assert await response.read() == b"ok"
    assert server.bodies == [b"p" * 8_000_000]


async def test_file_that_cannot_be_closed(lib, tmp_path):
    """Its error is the caller's; slot and response are not lost over it."""
    path = tmp_path / "body"
    path.write_bytes(b"body")

    class Full(io.FileIO):
        failed = False

        def close(self) -> None:
            if not self.failed:
                self.failed = True
                raise OSError(28, "No space left on device")
            super().close()

    async def answers_when_all_is_written(peer):
        await peer.request()
        while any(task.get_coro().__name__ == "write_bytes" for task in asyncio.all_tasks()):
            await asyncio.sleep(0)
        await peer.answer()
        await peer.gone()

    async with serve(answers_when_all_is_written) as server, lib.load().ClientSession() as session:
        file = Full(path)
        with pytest.raises(OSError, match="No space left"):
            await session.post(server.url, data=file)
        file.close()
        assert not session.connector._slots.used
        assert not session.connector._acquired


async def test_file_that_cannot_be_closed_after_the_answer(lib, tmp_path, caplog):
    """Nobody is left to be told; the log is."""
    path = tmp_path / "body"
    path.write_bytes(b"body")
    went = asyncio.Event()

    class Failing(io.FileIO):
        def close(self) -> None:
            if not self.closed:
                super().close()
                went.set()
                raise OSError(28, "No space left on device")

    class Slow(lib.load().IOBasePayload):
        async def write_with_length(self, writer, content_length):
            await super().write_with_length(writer, content_length)
            await answered.wait()

    answered = asyncio.Event()
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=Slow(Failing(path))) as response:
            assert await response.read() == b"ok"
            answered.set()
            await went.wait()
    assert "No space left" in caplog.text


@pytest.mark.parametrize("method", ["DELETE", "PROPFIND", "QUERY", "POST", "PUT", "PATCH", "GET", "OPTIONS"])
async def test_type_of_no_body(lib, method):
    """A length of 0 where a body is expected; a type only where one is usual (RFC 9110 8.6)."""
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        async with session.request(method, server.url) as response:
            await response.read()
    (head,) = server.requests
    assert (b"Content-Length: 0\r\n" in head) is (method not in ("GET", "OPTIONS"))
    assert (b"Content-Type: application/octet-stream\r\n" in head) is (method in ("POST", "PUT", "PATCH"))
