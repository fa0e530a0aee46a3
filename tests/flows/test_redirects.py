"""Redirects: where they lead, what changes, and what is left behind on the way (RFC 9110 15.4)."""

import io

import pytest

from tests.servers import Peer, keep_answering, serve


def redirecting(status: int, location: bytes, hops: int = 1):
    """Return a handler that redirects the first *hops* requests of the server, then answers."""
    left = [hops]

    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            if left[0]:
                left[0] -= 1
                await peer.answer(b"", b"Location: " + location, status=b"%d Moved" % status)
            else:
                await peer.answer(b"" if head.startswith(b"HEAD") else b"ok")

    return handler


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "GET", "GET"), (302, "GET", "GET"), (303, "GET", "GET"), (307, "GET", "GET"), (308, "GET", "GET"),
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
        (301, "PUT", "PUT"), (302, "PUT", "PUT"), (303, "PUT", "GET"), (307, "PUT", "PUT"), (308, "PUT", "PUT"),
        (303, "DELETE", "GET"), (303, "HEAD", "HEAD"),
    ],
)  # fmt: skip
async def test_method_and_body(lib, status, method, then):
    async with serve(redirecting(status, b"/next?x=1")) as server, lib.load().ClientSession() as session:
        body = {} if method in ("GET", "HEAD", "DELETE") else {"data": b"body"}
        async with session.request(method, server.url, allow_redirects=True, **body) as response:
            assert await response.read() == (b"" if method == "HEAD" else b"ok")
            assert response.method == then
            assert response.url == server.url / "next" % {"x": "1"}
            assert [hop.status for hop in response.history] == [status]
            assert response.history[0].url == server.url
    assert server.requests[1].startswith(then.encode() + b" /next?x=1 HTTP/1.1\r\n")
    if body:
        assert server.bodies == [b"body", b"body" if then == method else b""]
        assert (b"Content-Type: application/octet-stream\r\n" in server.requests[1]) == (then == method)


async def test_not_followed_when_not_wanted(lib):
    async with serve(redirecting(302, b"/next")) as server, lib.load().ClientSession() as session:
        async with session.get(server.url, allow_redirects=False) as response:
            assert response.status == 302
            assert response.history == ()
    assert len(server.requests) == 1


async def test_file_body_is_sent_again(lib, tmp_path):
    path = tmp_path / "body"
    path.write_bytes(b"file body" * 10_000)
    async with serve(redirecting(307, b"/next")) as server, lib.load().ClientSession() as session:
        with path.open("rb") as file:
            file.seek(9)
            async with session.post(server.url, data=file) as response:
                assert await response.read() == b"ok"
        async with session.post(server.url, data=io.BytesIO(b"abc")) as response:
            assert await response.read() == b"ok"
    assert server.bodies[:2] == [b"file body" * 9_999] * 2


async def test_consumed_body_is_refused(lib):
    aiohttp = lib.load()

    async def pieces():
        yield b"once"

    async with serve(redirecting(307, b"/next")) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientPayloadError, match="can not be sent again"):
            await session.post(server.url, data=pieces())
        assert not session.connector._acquired
    assert len(server.requests) == 1


async def test_too_many(lib):
    aiohttp = lib.load()
    async with serve(redirecting(302, b"/", hops=99)) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.TooManyRedirects) as info:
            await session.get(server.url, max_redirects=3)
        assert len(info.value.history) == 3
        assert info.value.request_info.real_url == server.url
        assert not session.connector._acquired
    assert len(server.requests) == 3


async def test_secrets_stay_with_their_origin(lib):
    """SECURITY.md: Authorization, Cookie, Proxy-Authorization and cookies= are dropped across origins."""
    aiohttp = lib.load()
    async with serve(keep_answering, host="127.0.0.2") as other:
        async with serve(redirecting(307, str(other.url).encode())) as server, aiohttp.ClientSession() as session:
            async with session.post(
                server.url,
                data=b"x",
                headers=[("Cookie", "a=1"), ("cookie", "b=2"), ("Proxy-Authorization", "secret"), ("X-Kept", "yes")],
                cookies={"c": "3"},
                auth=aiohttp.BasicAuth("user", "secret"),
            ) as response:
                assert await response.read() == b"ok"
    sent = other.requests[0].lower()
    for name in (b"authorization", b"cookie", b"secret"):
        assert name not in sent
    assert b"x-kept: yes" in sent
    assert other.bodies == [b"x"]
    assert b"authorization: basic" in server.requests[0].lower()


async def test_same_origin_keeps_them(lib):
    aiohttp = lib.load()
    async with serve(redirecting(302, b"/next")) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, auth=aiohttp.BasicAuth("u", "p"), cookies={"c": "3"}) as response:
            await response.read()
    assert b"Authorization: Basic" in server.requests[1]
    assert b"Cookie: c=3" in server.requests[1]


@pytest.mark.parametrize("location", [b"ftp://host/x", b"file:///etc/passwd", b"javascript:alert(1)", b"data:,x"])
async def test_other_schemes_are_refused(lib, location):
    aiohttp = lib.load()
    async with serve(redirecting(302, location)) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.NonHttpUrlRedirectClientError):
            await session.get(server.url)
        assert not session.connector._acquired


@pytest.mark.parametrize("location", [b"http://[::1", b"http://host:99999/", b"http://"])
async def test_malformed_location(lib, location):
    aiohttp = lib.load()
    async with serve(redirecting(302, location)) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.InvalidUrlRedirectClientError):
            await session.get(server.url)
        assert not session.connector._acquired


async def test_without_location_it_is_an_answer(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"see other", status=b"303 See Other")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert response.status == 303
            assert await response.read() == b"see other"


async def test_cookies_set_on_the_way_are_sent(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /next", b"Set-Cookie: seen=1; Path=/", status=b"302 Found")
        await peer.request()
        await peer.answer()
        await peer.gone()

    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(server.url) as response:
            await response.read()
            assert response.history[0].cookies["seen"].value == "1"
        assert [cookie.key for cookie in session.cookie_jar] == ["seen"]
    assert b"Cookie: seen=1\r\n" in server.requests[1]


@pytest.mark.parametrize("credentials", ["a%3Ab:c", "%E2%82%AC:c"])
async def test_credentials_that_cannot_be_sent(lib, credentials):
    """RFC 7617 2: no colon in the user, no characters beyond the encoding; whoever says so."""
    aiohttp = lib.load()
    handler = redirecting(302, f"http://{credentials}@127.0.0.1:1/".encode())
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.InvalidUrlRedirectClientError):
            await session.get(server.url)
        with pytest.raises(aiohttp.InvalidUrlClientError):
            await session.get(f"http://{credentials}@127.0.0.1:1/")
        assert not session.connector._slots.used


async def test_credentials_in_a_redirect_give_way_to_the_callers(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        location = f"Location: http://u:p@127.0.0.1:{peer.server.url.port}/then".encode()
        await peer.answer(b"", location, status=b"302 Found")
        await peer.request()
        await peer.answer()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, headers={"Authorization": "Bearer token"}) as response:
            assert await response.read() == b"ok"
    assert b"Authorization: Bearer token\r\n" in server.requests[1]
