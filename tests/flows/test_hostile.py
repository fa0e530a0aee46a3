"""Peers that never end, numbers that overflow, redirects that set traps: SECURITY.md's client rows over a socket."""

import asyncio
import gzip
import io
import ssl
from typing import Any

import pytest
import trustme
from yarl import URL

from tests.servers import Peer, keep_answering, serve

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ENOUGH = 1 << 22  # bytes; whoever takes as many without a word has no limit


def endless(start: bytes, again: bytes):
    """Make a handler that answers with *start*, and with *again* until the client goes; say how much it took."""
    taken = [0]

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(start)
        piece = again * (4096 // len(again) + 1)
        while taken[0] < ENOUGH:
            await peer.send(piece)
            taken[0] += len(piece)
            await asyncio.sleep(0)  # the client's turn
        await peer.gone()

    return handler, taken


def unharmed(session: Any) -> bool:
    """True when the pool neither lends nor keeps anything."""
    return session.connector._slots.used == 0 and not session.connector._conns


ENDLESS = {
    "status line": (b"HTTP/1.1 200 ", b"r"),
    "field value": (OK + b"X: ", b"v"),
    "field name": (OK, b"n"),
    "fields": (OK, b"X: y\r\n"),
    "empty fields": (OK, b"X:\r\n"),
    "garbage": (b"", b"\0"),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "fields of interim answers": (b"HTTP/1.1 100 Continue\r\n", b"X: y\r\n"),
    "chunk size": (CHUNKED, b"0"),
    "chunk extension": (CHUNKED + b"1;", b"e"),
    "extensions of chunks": (CHUNKED, b"1;" + b"e" * 100 + b"\r\nx\r\n"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n"),
    "trailer": (CHUNKED + b"0\r\nX: ", b"v"),
}


@pytest.mark.parametrize("what", list(ENDLESS))
async def test_endless(lib, what):
    """CVE-2026-22815, CVE-2026-54277, CVE-2025-53643 and their kin: an end, an error, and nothing kept."""
    aiohttp = lib.load()
    handler, taken = endless(*ENDLESS[what])
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as info:
            async with session.get(server.url, timeout=10) as response:
                await response.content.readexactly(ENOUGH)
        assert type(info.value) in (aiohttp.ClientResponseError, aiohttp.ClientPayloadError)
        assert unharmed(session)
    assert taken[0] < ENOUGH


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 18446744073709551616\r\n\r\nok",
        OK + b"Content-Length: 99999999999999999999999999\r\n\r\nok",
        OK + b"Content-Length: -1\r\n\r\nok",
        OK + b"Content-Length: 1_0\r\n\r\nokokokokok",
        OK + "Content-Length: \u0662\r\n\r\nok".encode(),
        CHUNKED + b"10000000000000000\r\nok",
        CHUNKED + b"fffffffffffffffff\r\nok",
        CHUNKED + b"-2\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"+2\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"0x2\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"1_0\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"2\nok\r\n0\r\n\r\n",
        CHUNKED + b"2\r\nokXX0\r\n\r\n",
        CHUNKED + b"2;a\nb\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"0\r\nX: a\0b\r\n\r\n",
    ],
    ids=lambda answer: (
        answer.partition(b"\r\n\r\n")[2][:12].decode("latin-1") + answer[17:60].decode("latin-1").strip()
    ),
)
async def test_numbers_and_framing(lib, answer):
    """Overflow, signs, underscores, other scripts' digits, bare LF, missing CRLF: an error, never another length."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(answer)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            async with session.get(server.url) as response:
                await asyncio.wait_for(response.read(), 1)
        assert unharmed(session)


@pytest.mark.parametrize(
    "start", [b"<html>ok</html>", b"HTTP/0.9 200 OK\r\n\r\n", b"RTSP/1.0 200 OK\r\n\r\n", b"HTTP/3.0 200 OK\r\n\r\n",
              b"HTTP/1.1 0200 OK\r\n\r\n", b"HTTP/1.1 99 OK\r\n\r\n", b"HTTP/1.10 200 OK\r\n\r\n"]
)  # fmt: skip
async def test_other_protocols(lib, start):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(start)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(session.get(server.url), 5)
        assert unharmed(session)


async def test_tiny_chunks_in_bounded_time(lib):
    """CVE-2025-69229: a hundred thousand chunks of one byte are a body like any other."""

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(CHUNKED + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert await asyncio.wait_for(response.read(), 20) == b"x" * 100_000


@pytest.mark.parametrize(("members", "passes"), [(500, True), (20_000, False)])
async def test_very_many_gzip_members(lib, members, passes):
    """A coding of many small streams, each with a head of its own, is not decoded for ever."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        body = gzip.compress(b"x", mtime=0) * members
        await peer.send(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, timeout=20) as response:
            if passes:
                assert await response.read() == b"x" * members
            else:
                with pytest.raises(aiohttp.ClientPayloadError, match="members"):
                    await response.read()
        assert session.connector._slots.used == 0


# Ways into a head that are left


@pytest.mark.parametrize("bad", [(1, "1\r\nX-Evil: 1"), (1, "1\0"), ("1\n", 1)])
async def test_version_cannot_make_a_line(lib, bad):
    """CVE-2023-49081."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession(version=bad) as session:
        with pytest.raises((ValueError, TypeError)):
            await session.get(server.url)
        assert unharmed(session)
    assert not server.requests
    with pytest.raises(ValueError, match="version"):
        aiohttp.ClientSession(version="1.1\r\nX-Evil: 1")


@pytest.mark.parametrize("host", ["http://xn--/", "http://xn--a/", "http://" + "a" * 64 + ".test/", "http://a..b/"])
async def test_names_that_are_none(lib, host):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(host)
        assert unharmed(session)


# Redirects that set traps


def to(location: bytes, status: int = 302):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: " + location, status=b"%d Go" % status)
        await keep_answering(peer)

    return handler


@pytest.mark.parametrize(
    "location", [b"gopher://127.0.0.1/1", b"data:text/plain,x", b"FILE:///etc/passwd", b"ws+x://h/"]
)
async def test_schemes_that_are_not_http(lib, location):
    aiohttp = lib.load()
    async with serve(to(location)) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError) as info:
            await session.get(server.url)
        assert isinstance(info.value, (aiohttp.NonHttpUrlRedirectClientError, aiohttp.InvalidUrlRedirectClientError))
        assert session.connector._slots.used == 0


@pytest.mark.parametrize("host", [b"2130706433", b"127.1", b"0x7f000001", b"0177.0.0.1", b"127.0.0.01", b"1"])
async def test_odd_spellings_of_addresses(lib, host):
    """An address that one reads as local and another does not is nobody's."""
    aiohttp = lib.load()
    async with serve(keep_answering) as other, aiohttp.ClientSession() as session:
        async with serve(to(b"http://%s:%d/" % (host, other.url.port))) as server:
            with pytest.raises(aiohttp.ClientError):
                await session.get(server.url)
        assert session.connector._slots.used == 0
    assert not other.requests


@pytest.mark.parametrize(
    "location", [b"/a%0d%0aX-Evil:%201", b"/a%0D%0A%0D%0Ab", b"/?q=%00%0a", b"/a\tb", b"/%", b"//a%0d%0aX-Evil/"]
)  # fmt: skip
@pytest.mark.parametrize("requote", [True, False])
async def test_percent_signs_are_never_decoded_into_the_wire(lib, location, requote):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(requote_redirect_url=requote) as session:
        async with serve(to(location)) as server:
            try:
                async with session.get(server.url) as response:
                    await response.read()
            except aiohttp.ClientError:
                pass  # refused is as good
    for head in server.requests:
        assert head.count(b"\n") == head.count(b"\r\n")
        assert b"\0" not in head
        assert b"\nX-Evil" not in head
        assert len(head.split(b"\r\n")[0].split(b" ")) == 3


async def test_every_secret_of_several(lib):
    """Not only the first field of a name is left behind (CVE-2026-59881)."""
    secrets = [("Authorization", "one"), ("authorization", "two"), ("COOKIE", "a=three"), ("Proxy-Authorization", "4")]
    async with serve(keep_answering) as other, serve(to(str(other.url).encode(), 307)) as server:
        async with lib.load().ClientSession(headers=secrets[:2]) as session:
            async with session.get(server.url, headers=secrets[2:]) as response:
                assert await response.read() == b"ok"
    lowered = other.requests[0].lower()
    assert b"authorization" not in lowered
    assert b"cookie" not in lowered


async def test_secrets_and_a_downgrade(lib):
    """From https to http is another origin, though the host is the same."""
    aiohttp = lib.load()
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    jar = aiohttp.CookieJar()
    jar.update_cookies({"kept": "1"}, URL("https://localhost/"))
    async with serve(keep_answering) as plain, aiohttp.ClientSession(cookie_jar=jar) as session:
        goal = plain.url.with_host("localhost")
        async with serve(to(str(goal).encode(), 308), context) as server:
            async with session.get(
                server.url, ssl=trusting, auth=aiohttp.BasicAuth("u", "p"), cookies={"own": "1"}
            ) as response:
                assert response.url == goal
    lowered = plain.requests[0].lower()
    assert b"authorization" not in lowered
    assert b"own=" not in lowered


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_body_of_a_post_and_a_303(lib, status):
    """What a body carried does not travel where the method becomes GET, nor does what described it."""
    async with serve(keep_answering) as other, serve(to(str(other.url).encode(), status)) as server:
        async with lib.load().ClientSession() as session:
            async with session.post(server.url, data=b"secret", headers={"Content-Language": "en"}) as response:
                await response.read()
    kept = status in (307, 308)
    assert other.bodies == [b"secret" if kept else b""]
    assert (b"content-type" in other.requests[0].lower()) is kept
    assert (b"content-length: 6" in other.requests[0].lower()) is kept


# Bodies of our own


async def test_retried_file_is_sent_whole(lib):
    """A body that was begun on a dead connection begins anew on the next."""
    aiohttp = lib.load()
    dead = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        if peer.server.connections == 1:
            await peer.head()
            peer.reset()
            dead.set()
        else:
            await keep_answering(peer)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            await response.read()
        async with session.put(server.url, data=io.BytesIO(b"0123456789" * 100_000)) as response:
            assert await response.read() == b"ok"
    assert dead.is_set()
    assert server.bodies[-1] == b"0123456789" * 100_000


# What fields may look like


@pytest.mark.parametrize("step", [None, 1])
async def test_blanks_around_values(lib, step):
    """Blanks and tabs around a value are no part of it, however the bytes are cut (RFC 9110 5.5)."""

    async def handler(peer: Peer) -> None:
        await peer.head()
        answer = OK + b"X: \t a b \t \r\nY:\r\nZ: \t\r\nContent-Length: 2 \t\r\n\r\nok"
        for at in range(0, len(answer), step or len(answer)):
            await peer.send(answer[at : at + (step or len(answer))])
            await asyncio.sleep(0)
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert (response.headers["X"], response.headers["Y"], response.headers["Z"]) == ("a b", "", "")
            assert await response.read() == b"ok"
