"""Cookies over real exchanges: jars of all kinds, redirects, and what a request adds."""

from http.cookies import SimpleCookie

from tests.servers import Peer, keep_answering, serve


def cookie_of(head: bytes) -> bytes | None:
    """Return the Cookie field of a request's head; None if it has none."""
    fields = [line for line in head.split(b"\r\n") if line.lower().startswith(b"cookie:")]
    assert len(fields) < 2
    return fields[0].partition(b": ")[2] if fields else None


def setting(*rounds: bytes):
    """Return a handler that sets the n-th cookie with the n-th answer."""

    async def handler(peer: Peer) -> None:
        for cookie in rounds:
            await peer.request()
            await peer.answer(b"ok", *([b"Set-Cookie: " + cookie] if cookie else []))
        await peer.gone()

    return handler


async def get(session, url, **options):
    async with session.get(url, **options) as response:
        assert await response.read() == b"ok"
        return response


async def test_set_sent_changed_and_deleted(lib):
    aiohttp = lib.load()
    rounds = (b"a=1; Path=/", b"b=x y", b"a=2; Path=/", b"a=; Path=/; Max-Age=0", b"")
    async with serve(setting(*rounds)) as server:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            for _ in rounds:
                await get(session, server.url)
            assert {cookie.key: cookie.value for cookie in session.cookie_jar} == {"b": "x y"}
    found = [cookie_of(head) for head in server.requests]
    assert found[0] is None
    assert found[1] == b"a=1"
    assert found[2] in (b"a=1; b=x y", b'a=1; b="x y"', b'b="x y"; a=1')
    assert b"a=2" in found[3]
    assert b"a=" not in found[4]


async def test_addresses_need_an_unsafe_jar(lib):
    async with serve(setting(b"a=1", b"")) as server, lib.load().ClientSession() as session:
        response = await get(session, server.url)
        assert response.cookies["a"].value == "1"
        assert not session.cookie_jar
        await get(session, server.url)
    assert cookie_of(server.requests[1]) is None


async def test_dummy_jar(lib):
    aiohttp = lib.load()
    async with serve(setting(b"a=1", b"", b"")) as server:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            assert (await get(session, server.url)).cookies["a"].value == "1"
            await get(session, server.url)
            await get(session, server.url, cookies={"own": "2"})
    assert [cookie_of(head) for head in server.requests] == [None, None, b"own=2"]


async def test_somebody_elses_jar(lib):
    """A jar that is empty by its length is asked all the same, and told of what was set."""
    aiohttp = lib.load()
    base = lib.load("_client.abc").AbstractCookieJar

    class Jar(base):
        def __init__(self) -> None:
            super().__init__()
            self.seen = []

        def __len__(self) -> int:
            return 0

        def __iter__(self):
            return iter(())

        def clear(self, predicate=None) -> None: ...

        def clear_domain(self, domain) -> None: ...

        def update_cookies(self, cookies, response_url) -> None:
            self.seen.append(({name: cookie.value for name, cookie in cookies.items()}, response_url))

        def filter_cookies(self, request_url):
            return SimpleCookie({"from-jar": request_url.path.strip("/")})

    async with serve(setting(b"a=1", b"")) as server:
        jar = Jar()
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            await get(session, server.url / "one")
            await get(session, server.url / "two", cookies={"own": "2"})
        assert jar.seen == [({"a": "1"}, server.url / "one")]
    assert [cookie_of(head) for head in server.requests] == [b"from-jar=one", b"from-jar=two; own=2"]


async def test_session_request_and_header_cookies_together(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(cookies={"a": "session", "b": "session"}) as session:
            await get(session, server.url, cookies={"b": "request"})
            await get(session, server.url, headers={"Cookie": "c=header"})
            await get(session, server.url)
    assert cookie_of(server.requests[0]) == b"a=session; b=request"
    assert set(cookie_of(server.requests[1]).split(b"; ")) == {b"c=header", b"a=session", b"b=session"}
    assert cookie_of(server.requests[2]) == b"a=session; b=session"


async def test_path_decides_at_each_hop(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /deep/er", b"Set-Cookie: d=1; Path=/deep", status=b"302 Found")
        await peer.request()
        await peer.answer(b"", b"Location: /elsewhere", status=b"307 Temporary Redirect")
        await peer.request()
        await peer.answer()
        await peer.gone()

    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await get(session, server.url)
    assert [cookie_of(head) for head in server.requests] == [None, b"d=1", None]


async def test_deleted_by_a_redirect(lib):
    """The last cookie of the jar goes with the redirect's answer: it is not sent on."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"ok", b"Set-Cookie: a=1; Path=/")
        await peer.request()
        await peer.answer(
            b"", b"Location: /next", b"Set-Cookie: a=; Path=/; Max-Age=0", status=b"307 Temporary Redirect"
        )
        await peer.request()
        await peer.answer()
        await peer.gone()

    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await get(session, server.url)
        await get(session, server.url)
    assert [cookie_of(head) for head in server.requests] == [None, b"a=1", None]


async def test_thousands_of_bad_cookies(lib, caplog):
    """SECURITY.md, CVE-2025-69230: no record each."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"ok", b"Set-Cookie: " + b"bad\x01name=1;" * 400, b"Set-Cookie: good=1")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(server.url) as response:
            await response.read()
    assert len(caplog.records) < 5
