"""Basic authentication over real exchanges: who is told what, what is refused, and what is deprecated."""

import base64

import pytest

from tests.servers import Peer, keep_answering, serve


def credentials(head: bytes) -> str | None:
    """Return login and password in a request's head; None if it has none."""
    fields = [line for line in head.split(b"\r\n") if line.lower().startswith(b"authorization:")]
    assert len(fields) < 2
    return base64.b64decode(fields[0].rpartition(b" ")[2]).decode("latin1") if fields else None


async def get(session, url, **options):
    async with session.get(url, **options) as response:
        assert await response.read() == b"ok"


async def test_from_session_request_url_and_header(lib):
    aiohttp = lib.load()
    own = aiohttp.BasicAuth("own", "1")
    async with (
        serve(keep_answering) as server,
        aiohttp.ClientSession(auth=aiohttp.BasicAuth("session", "2")) as session,
    ):
        await get(session, server.url)
        await get(session, server.url, auth=None)
        await get(session, server.url, auth=own)
        await get(session, server.url.with_user("url").with_password("3"))
        await get(session, server.url.with_password("4"))
        await get(session, server.url.with_user("\xfc"))
        assert session.auth == ("session", "2", "latin1")
    async with serve(keep_answering) as other, aiohttp.ClientSession() as session:
        await get(session, other.url)
        await get(session, other.url, headers={"Authorization": aiohttp.encode_basic_auth("header", "5")})
    assert [credentials(head) for head in server.requests] == [
        "session:2", "session:2", "own:1", "url:3", ":4", "\xfc:",
    ]  # fmt: skip
    assert [credentials(head) for head in other.requests] == [None, "header:5"]


async def test_warnings_point_at_the_users_line(lib):
    aiohttp = lib.load()
    auth = aiohttp.BasicAuth("a", "b")
    async with serve(keep_answering) as server:
        with pytest.warns(DeprecationWarning, match=r"'auth' parameter is deprecated.*encode_basic_auth") as caught:
            session = aiohttp.ClientSession(auth=auth)
        async with session:
            await get(session, server.url)
            with pytest.warns(DeprecationWarning, match="'auth' parameter is deprecated") as more:
                await get(session, server.url, auth=auth)
    assert [warning.filename for warning in (*caught, *more)] == [__file__] * 2


async def test_credentials_of_a_proxy_warn_too(lib):
    aiohttp = lib.load()
    auth = aiohttp.BasicAuth("a", "b")
    text = r"'proxy_auth' parameter is deprecated.*encode_basic_auth"
    async with serve(keep_answering) as server:
        with pytest.warns(DeprecationWarning, match=text) as caught:
            session = aiohttp.ClientSession(proxy_auth=auth)
        async with session:
            await get(session, server.url)
            with pytest.warns(DeprecationWarning, match=text) as more:
                await get(session, server.url, proxy_auth=auth)
    assert [warning.filename for warning in (*caught, *more)] == [__file__] * 2


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"auth": ("a", "b")}, TypeError, "BasicAuth"),
        ({"auth": "a:b"}, TypeError, "BasicAuth"),
        ({"auth": False}, TypeError, "BasicAuth"),
        ({"auth": ""}, TypeError, "BasicAuth"),
        ({"user": "u", "login": "a"}, ValueError, "credentials encoded in URL"),
        ({"headers": {"authorization": "x"}, "login": "a"}, ValueError, "AUTHORIZATION header"),
        ({"headers": {"Authorization": "x"}, "user": "u"}, ValueError, "AUTHORIZATION header"),
        ({"login": "\u20ac"}, ValueError, "latin1"),
        ({"user": "a:b"}, ValueError, "credentials can not be sent"),
        ({"user": "\u20ac"}, ValueError, "credentials can not be sent"),
    ],
)
async def test_what_is_refused_is_not_sent(lib, options, error, text):
    """Errors tell no password, and the session goes on."""
    aiohttp = lib.load()
    options = dict(options)
    if "login" in options:
        options["auth"] = aiohttp.BasicAuth(options.pop("login"), "secret")
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        user = options.pop("user", None)
        url = server.url if user is None else server.url.with_user(user).with_password("secret")
        with pytest.raises(error, match=text) as caught:
            await session.get(url, **options)
        assert server.connections == 0
        await get(session, server.url)
    seen = caught.value
    while seen is not None:
        assert "secret" not in repr(seen)
        seen = seen.__cause__


@pytest.mark.parametrize(
    ("location", "then"),
    [("/next", "a:1"), ("http://b:2@{host}/next", "b:2"), ("http://:3@{host}/", ":3"), ("http://{other}/", None),
     ("http://c:4@{other}/", "c:4")],
)  # fmt: skip
@pytest.mark.parametrize("where", ["session", "request", "url"])
async def test_redirects(lib, where, location, then):
    """At home the credentials go along, unless the server gives others; away from it nobody hears of them."""
    aiohttp = lib.load()
    async with serve(keep_answering) as other:

        async def handler(peer: Peer) -> None:
            await peer.request()
            host, away = (f"{url.host}:{url.port}" for url in (server.url, other.url))
            said = location.format(host=host, other=away).encode()
            await peer.answer(b"", b"Location: " + said, status=b"302 Found")
            await keep_answering(peer)

        async with serve(handler) as server:
            auth = aiohttp.BasicAuth("a", "1")
            async with aiohttp.ClientSession(**({"auth": auth} if where == "session" else {})) as session:
                url = server.url.with_user("a").with_password("1") if where == "url" else server.url
                await get(session, url, **({"auth": auth} if where == "request" else {}))
    assert [credentials(head) for head in server.requests + other.requests] == ["a:1", then]
