"""What a request may say on the wire, and to whom: found by review, one test each."""

import gzip

import pytest
from multidict import CIMultiDict
from yarl import URL

from tests.servers import Peer, keep_answering, serve


async def test_session_credentials_stay_with_the_base_url(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as home, serve(keep_answering, host="127.0.0.2") as other:
        async with aiohttp.ClientSession(home.url, auth=aiohttp.BasicAuth("u", "secret")) as session:
            for url in ("a", other.url):
                async with session.get(url) as response:
                    await response.read()
    assert b"Authorization: Basic" in home.requests[0]
    assert b"Authorization" not in other.requests[0]


async def test_url_credentials_win_and_survive_a_redirect_at_home(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /b", status=b"302 Found")
        await peer.request()
        await peer.answer()
        await peer.gone()

    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession(auth=aiohttp.BasicAuth("s", "s")) as session:
        async with session.get(server.url.with_user("u").with_password("p")) as response:
            assert await response.read() == b"ok"
    for head in server.requests:
        assert b"Authorization: Basic dTpw\r\n" in head


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (
            {"headers": CIMultiDict([("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "identity")])},
            "more than one",
        ),
        ({"headers": {"Authorization": "Bearer T"}, "auth": ("u", "p")}, "AUTHORIZATION"),
    ],
)
async def test_contradictions_are_refused(lib, options, match):
    aiohttp = lib.load()
    if "auth" in options:
        options = {**options, "auth": aiohttp.BasicAuth(*options["auth"])}
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match=match):
            await session.post(server.url, data=b"x", **options)
        assert not session.connector._slots.used
    assert server.requests == []


async def test_a_payload_does_not_decide_the_framing(lib):
    aiohttp = lib.load()
    payload = aiohttp.BytesPayload(b"x", headers={"Transfer-Encoding": "chunked"})
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="framing"):
            await session.post(server.url, data=payload)
    assert server.requests == []


async def test_no_chunked_body_below_http_1_1(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession(version=aiohttp.HttpVersion10) as session:
        with pytest.raises(ValueError, match=r"HTTP/1\.0"):
            await session.post(server.url, data=b"x", chunked=True)
    assert server.requests == []


async def test_blanks_cannot_end_the_request_target(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /x HTTP/1.1 y", status=b"302 Found")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(requote_redirect_url=False) as session:
        with pytest.raises(aiohttp.InvalidURL):
            await session.get(server.url)
        with pytest.raises(aiohttp.InvalidURL):
            await session.get(URL(f"{server.url}a HTTP/1.1 b", encoded=True))
        assert not session.connector._slots.used
    assert len(server.requests) == 1


async def test_an_upgrade_nobody_asked_for(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" + b"z" * 99)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientResponseError, match="did not ask"):
            await session.get(server.url)
        assert not session.connector._slots.used


async def test_no_limit_of_redirects_and_merged_skips(lib):
    left = [12]

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            if left[0]:
                left[0] -= 1
                await peer.answer(b"", b"Location: /", status=b"302 Found")
            else:
                await peer.answer()

    async with serve(handler) as server, lib.load().ClientSession(skip_auto_headers=["User-Agent"]) as session:
        async with session.get(server.url, max_redirects=0, skip_auto_headers=["Accept"]) as response:
            assert await response.read() == b"ok"
            assert len(response.history) == 12
    assert b"User-Agent" not in server.requests[0]
    assert b"\r\nAccept:" not in server.requests[0]


async def test_a_jar_that_fails_frees_the_slot(lib):
    aiohttp = lib.load()

    class Failing(aiohttp.CookieJar):
        def update_cookies(self, *args, **kwargs):
            raise RuntimeError("jar")

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 9\r\n\r\nx")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=Failing()) as session:
        with pytest.raises(RuntimeError, match="jar"):
            await session.get(server.url)
        assert not session.connector._slots.used


async def test_a_deadline_holds_while_a_decoder_keeps_the_rest(lib):
    coded = gzip.compress(bytes(30_000_000))

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(coded))
        await peer.reader.readexactly(1)
        await peer.send(coded)
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        response = await session.get(server.url)
        protocol = response.connection.protocol
        response.connection.transport.write(b"!")
        assert await response.content.readany()
        protocol.expire()
        with pytest.raises(TimeoutError, match="Total timeout"):
            while await response.content.readany():
                pass
        response.release()
        assert not session.connector._slots.used
