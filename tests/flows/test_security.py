"""Nothing a caller or a peer says gets where it must not: heads, framing, other origins, error texts."""

import asyncio
from contextlib import suppress
from http.cookies import CookieError

import pytest

from tests.servers import Peer, keep_answering, serve

BAD = ["\r\nX-Evil: 1", "\n X-Evil: 1", "\r", "\n", "\0"]


async def works(session, url) -> None:
    async with session.get(url) as response:
        assert await response.read() == b"ok"


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "options",
    [
        lambda bad, _: {"headers": {"X-One": "a" + bad}},
        lambda bad, _: {"headers": {"X" + bad: "a"}},
        lambda bad, _: {"headers": [("X-One", bad)]},
        lambda bad, _: {"headers": {"Host": "good" + bad}},
        lambda bad, _: {"headers": {"User-Agent": bad}},
        lambda bad, _: {"headers": {"Cookie": "a=1" + bad}},
        lambda bad, _: {"data": b"x", "headers": {"Content-Type": "text/plain" + bad}},
        lambda bad, _: {"json": {}, "headers": {"Content-Type": "application/json" + bad}},
        lambda bad, _: {"data": b"x", "compress": "gzip" + bad},
    ],
    ids=["value", "name", "pair", "host", "user-agent", "cookie-field", "content-type", "json-type", "compress"],
)
async def test_no_line_gets_into_a_head(lib, options, bad):
    """CVE-2023-37276, -49081, -49082 and the like: ``ValueError``, nothing on the wire, the connection still good."""
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        await works(session, server.url)
        with pytest.raises(ValueError):
            async with session.post(server.url, **options(bad, lib)):
                pass
        await works(session, server.url)
        assert session.connector._slots.used == 0
    assert len(server.requests) == 2
    assert not any(b"Evil" in head for head in server.requests)


@pytest.mark.parametrize("bad", BAD)
async def test_no_line_gets_into_the_session_defaults(lib, bad):
    async with serve(keep_answering) as server:
        async with lib.load().ClientSession(headers={"X-One": "a" + bad}) as session:
            with pytest.raises(ValueError):
                await session.get(server.url)
    assert not server.requests


@pytest.mark.parametrize("bad", BAD)
async def test_what_is_quoted_instead(lib, bad):
    """Parameters, paths, cookie values and credentials are encoded, so they cannot make a line."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for url, options in (
            (server.url, {"params": {"q" + bad: bad}}),
            (server.url, {"params": "q=" + bad}),
            (f"{server.url}a{bad}b?{bad}#{bad}", {}),
            (server.url / f"a{bad}b", {}),
            (server.url, {"cookies": {"a": "1" + bad}}),
            (server.url, {"auth": aiohttp.BasicAuth("user", "pass" + bad)}),
            (server.url.with_user("u" + bad), {}),
            (server.url, {"skip_auto_headers": ["User-Agent" + bad]}),
        ):
            try:
                async with session.get(url, **options) as response:
                    assert await response.read() == b"ok"
            except (ValueError, aiohttp.InvalidURL, CookieError):
                pass  # refused is as good
        await works(session, server.url)
    for head in server.requests:
        assert head.startswith(b"GET /")
        assert head.count(b"\r\n") == head.count(b"\n") == head.count(b"\r")
        assert b"\0" not in head
        assert not any(line.startswith((b"X-Evil", b" ")) for line in head.split(b"\r\n"))


async def test_cookie_names_cannot_make_a_line(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for name in ("a\r\nX-Evil: 1", "a\nb", "a b", "a;b", "a=b", ""):
            with suppress(ValueError, CookieError):
                async with session.get(server.url, cookies={name: "1"}) as response:
                    await response.read()
        await works(session, server.url)
    assert not any(b"\nX-Evil" in head or b"\nb" in head for head in server.requests)


async def test_host_names_cannot_make_a_line(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        for url in (
            "http://127.0.0.1\r\nX: y/",
            "http://local host/",
            "http://localhost\0.example/",
            "http://a\0b/",
        ):
            with pytest.raises(aiohttp.InvalidURL):
                await session.get(url)
        assert session.connector._slots.used == 0


@pytest.mark.parametrize("url", ["http://2130706433/", "http://127.1/", "http://0x7f.0.0.1/", "http://017700000001/"])
async def test_spellings_of_addresses(lib, url):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(url)
        assert session.connector._slots.used == 0


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Content-Length": "3", "Transfer-Encoding": "chunked"}, "data": b"abc"},
        {"headers": {"Content-Length": "3"}, "data": b"abc", "chunked": True},
        {"headers": {"Content-Length": "3"}, "data": b"abc", "compress": True},
        {"headers": {"Transfer-Encoding": "chunked"}},
        {"headers": {"Content-Length": "5"}},
        {"headers": [("Content-Length", "3"), ("Content-Length", "4")], "data": b"abc"},
        {"headers": {"Content-Length": "3", "transfer-encoding": "gzip"}, "data": b"abc"},
        {"headers": {"Transfer-Encoding": "identity"}, "data": b"abc"},
        {"headers": {"Content-Length": "3,3"}, "data": b"abc"},
        {"headers": {"Content-Length": "+3"}, "data": b"abc"},
        {"headers": {"Content-Length": "\u0663"}, "data": b"abc"},
        {"chunked": True},
        {"chunked": True, "data": b""},
        {"compress": True, "data": b""},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_framing_is_never_ambiguous(lib, options, method):
    """SECURITY.md 4.12: either it is refused, or exactly one way to frame the body is on the wire."""
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        try:
            async with session.request(method, server.url, **options) as response:
                assert await asyncio.wait_for(response.read(), 5) == b"ok"
        except ValueError:
            assert not server.requests
        else:
            head = server.requests[0].lower()
            assert head.count(b"content-length:") + head.count(b"transfer-encoding:") <= 1
        await works(session, server.url)
        assert session.connector._slots.used == 0
    assert b"".join(server.bodies) in (b"", b"abc")


@pytest.mark.parametrize("promised", [0, 2, 3, 5])
@pytest.mark.parametrize("kind", ["generator", "file", "payload"])
async def test_written_body_must_match_its_length(lib, kind, promised, tmp_path):
    """What is too much never gets onto the wire, what is too little ends the connection, and not by a time-out."""
    aiohttp = lib.load()
    (tmp_path / "body").write_bytes(b"abc")

    async def pieces():
        yield b"abc"

    async def send(session, url) -> Exception | None:
        with (tmp_path / "body").open("rb") as file:
            data = pieces() if kind == "generator" else aiohttp.AsyncIterablePayload(pieces())
            sending = session.post(
                url, data=file if kind == "file" else data, headers={"Content-Length": str(promised)}
            )
            try:
                async with asyncio.timeout(5), sending as response:
                    await response.read()
            except (aiohttp.ClientConnectionError, ValueError) as exc:
                return exc
        return None

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for _ in range(2):
            error = await send(session, server.url)
            assert (error is None) if promised == 3 else (error is not None or promised < 3)
            assert error is None or "Content-Length" in str(error)
            await works(session, server.url)
            assert session.connector._slots.used == 0
    assert {head.split(b" ")[0] for head in server.requests} <= {b"GET", b"POST"}
    assert {body for body in server.bodies if body} <= {b"abc"[:promised]}


async def test_passwords_are_in_no_message(lib):
    aiohttp = lib.load()
    texts = []

    async def handler(peer: Peer) -> None:
        await peer.head()
        path = server.requests[-1].split()[1]
        if path == b"/404":
            await peer.answer(b"", status=b"404 Not Found")
        elif path == b"/loop":
            await peer.answer(b"", b"Location: /loop", status=b"302 Found")
        elif path == b"/bad":
            await peer.send(b"HTTP/1.1 abc\r\n\r\n")
        elif path == b"/json":
            await peer.answer(b"<html>", b"Content-Type: text/html")
        elif path == b"/silent":
            await peer.gone()
        elif path == b"/file":
            await peer.answer(b"", b"Location: file:///etc/passwd", status=b"302 Found")

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        base = server.url.with_user("user").with_password("hunter2")
        refused = base.with_port(1)
        for url, timeout in (
            (base / "404", None), (base / "loop", None), (base / "bad", None), (base / "json", None),
            (base / "cut", None), (base / "silent", aiohttp.ClientTimeout(total=0.05)),
            (base / "silent", aiohttp.ClientTimeout(sock_read=0.05)), (base / "file", None), (refused, None),
            (refused.with_scheme("https"), None),
        ):  # fmt: skip
            with pytest.raises((aiohttp.ClientError, TimeoutError)) as info:
                async with session.get(url, timeout=timeout, raise_for_status=True, max_redirects=1) as response:
                    await response.json()
            texts.append((url.path, str(info.value), repr(info.value)))
        assert session.connector._slots.used == 0
    for path, text, shown in texts:
        assert text, path
        assert "hunter2" not in text, path
        assert "hunter2" not in shown, path
    for path, text, _ in texts:
        if path not in ("/file", "/cut"):
            assert "127.0.0.1" in text, path


@pytest.mark.parametrize(
    ("limits", "head"),
    [
        ({"max_line_size": 100}, b"HTTP/1.1 200 " + b"r" * 200),
        ({"max_field_size": 100}, b"HTTP/1.1 200 OK\r\nX: " + b"v" * 200),
        ({"max_headers": 5}, b"HTTP/1.1 200 OK" + b"\r\nX: 1" * 10),
    ],
    ids=["line", "field", "count"],
)
async def test_limits_of_heads(lib, limits, head):
    """Per session and per request; the error names what raises the limit."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.head()
            await peer.send(head + b"\r\nContent-Length: 2\r\n\r\nok")

    ((name, value),) = limits.items()
    async with serve(handler) as server:
        async with aiohttp.ClientSession() as session:
            await works(session, server.url)
            with pytest.raises(aiohttp.ClientResponseError, match=name) as info:
                await session.get(server.url, **limits)
            assert info.value.status == 400
            await works(session, server.url)
        async with aiohttp.ClientSession(**limits) as session:
            with pytest.raises(aiohttp.ClientResponseError, match=str(value)):
                await session.get(server.url)
            async with session.get(server.url, **{name: 1000}) as response:
                assert await response.read() == b"ok"
            assert session.connector._slots.used == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chun\xe2\x84\xaaed\r\n\r\n0\r\n\r\n",
        b"\r\n\r\n\r\n\r\ngarbage" * 100,
        b"\0" * 100,
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", [None, 1])
async def test_malformed_heads_end_the_connection(lib, answer, step):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        for at in range(0, len(answer), step or len(answer)):
            await peer.send(answer[at : at + (step or len(answer))])
            await asyncio.sleep(0)
        await peer.gone()

    if step and len(answer) > 1000:
        step = 97
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as info:
            async with session.get(server.url) as response:
                await asyncio.wait_for(response.read(), 5)
                # Framing that no two parsers read alike may also be read until the end, but never be reused.
                raise aiohttp.ClientError("read, which is an error of this test")
        assert "error of this test" not in str(info.value)
        assert session.connector._slots.used == 0
        assert not session.connector._conns
