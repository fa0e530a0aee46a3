"""Cookies over real exchanges: jars of all kinds, redirects, and what a request adds."""

import logging
import ssl
from http.cookies import CookieError, Morsel, SimpleCookie

import pytest
import trustme

from tests.servers import Peer, keep_answering, serve


@pytest.fixture(scope="module")
def contexts():
    """A server's TLS context, and a client's that trusts it."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)
    return server, client


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
            self.seen.append(({name: cookie.value for name, cookie in cookies}, response_url))

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


SET = (
    b"host=1; Path=/", b"domain=1; Domain=example.test; Path=/", b"dotted=1; Domain=.Example.Test; Path=/",
    b"own=1; Domain=www.example.test; Path=/", b"default=1", b"path=1; Path=/dir", b"slash=1; Path=/dir/",
    b"later=1; Path=/; Max-Age=100", b"date=1; Path=/; Expires=Fri, 01 Jan 2038 00:00:00 GMT",
    b"lax=1; Path=/; SameSite=Lax; HttpOnly",
    # not taken, or gone at once
    b"other=1; Domain=elsewhere.test; Path=/", b"below=1; Domain=a.www.example.test; Path=/",
    b"half=1; Domain=ample.test; Path=/", b"secure=1; Secure; Path=/",
    b"age=1; Path=/; Max-Age=0", b"past=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("www.example.test/dir/page", "host domain dotted own default path slash later date lax"),
        ("www.example.test/dir/", "host domain dotted own default path slash later date lax"),
        ("www.example.test/dir", "host domain dotted own default path later date lax"),
        ("WWW.Example.TEST/directory", "host domain dotted own later date lax"),
        ("www.example.test/", "host domain dotted own later date lax"),
        ("a.www.example.test/", "domain dotted own"),
        ("example.test/", "domain dotted"),
        ("notexample.test/", ""),
        ("elsewhere.test/", ""),
        ("ample.test/", ""),
    ],
)
async def test_hosts_paths_and_ages(lib, url, sent):
    """RFC 6265 5.1.3, 5.1.4 and 5.3: which cookies of a server go to which URL."""
    aiohttp = lib.load()

    class Everywhere(aiohttp.ThreadedResolver):
        async def resolve(self, host, port=0, family=0):
            return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"ok", *[b"Set-Cookie: " + cookie for cookie in SET])
        await keep_answering(peer)

    connector = aiohttp.TCPConnector(resolver=Everywhere())
    async with serve(handler) as server, aiohttp.ClientSession(connector=connector) as session:
        await get(session, f"http://www.example.test:{server.url.port}/dir/page")
        host, _, path = url.partition("/")
        await (await session.get(f"http://{host}:{server.url.port}/{path}")).read()
    found = cookie_of(server.requests[-1]) or b""
    assert sorted(found.decode().replace("=1", "").replace(";", "").split()) == sorted(sent.split())


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
        await peer.answer(b"ok", *[b"Set-Cookie: b d%d=1" % number for number in range(90)], b"Set-Cookie: good=1")
        await peer.gone()

    caplog.set_level(logging.DEBUG, "aiohttp")
    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await get(session, server.url)
        assert [cookie.key for cookie in session.cookie_jar] == ["good"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("aiohttp.internal", logging.DEBUG)


async def test_all_cookies_of_a_response_are_kept(lib):
    """Two of one name and different paths are two; ``response.cookies`` has room for one of them only."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"ok", b"Set-Cookie: a=1; Path=/", b"Set-Cookie: a=2; Path=/x", b"Set-Cookie: a=3; Path=/y")
        await keep_answering(peer)

    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        assert (await get(session, server.url)).cookies["a"].value == "3"
        for path in ("", "x", "y/z"):
            await get(session, server.url / path)
    assert [cookie_of(head) for head in server.requests[1:]] == [b"a=1", b"a=2", b"a=3"]


@pytest.mark.parametrize(
    "value", [b"abc==", b"b c", b'"b c"', b"b,c", b'{"a":[1,2]}', b"", b"\xc3\xa9", b"\xff\xe9", b'"b\\054c"']
)
async def test_what_a_server_sets_goes_back_octet_by_octet(lib, value):
    aiohttp = lib.load()
    async with serve(setting(b"a=" + value + b"; Path=/", b"")) as server:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            await get(session, server.url)
            await get(session, server.url)
    assert cookie_of(server.requests[1]) == b"a=" + value


@pytest.mark.parametrize(("quote", "sent"), [(True, b'j="a b"; s="c d"; r="e,f"'), (False, b"j=a b; s=c d; r=e,f")])
async def test_quote_cookie_is_for_all_that_users_set(lib, quote, sent):
    aiohttp = lib.load()
    jar = aiohttp.CookieJar(unsafe=True, quote_cookie=quote)
    async with serve(keep_answering) as server:
        jar.update_cookies({"j": "a b"}, server.url)
        async with aiohttp.ClientSession(cookie_jar=jar, cookies={"s": "c d"}) as session:
            await get(session, server.url, cookies={"r": "e,f"})
    assert cookie_of(server.requests[0]) == sent.replace(b"e,f", b"e\\054f" if quote else b"e,f")


def morsel(said: str) -> Morsel:
    (found,) = SimpleCookie(said).values()
    return found


@pytest.mark.parametrize(
    ("cookies", "sent"),
    [
        ({"a": "1", "b": 2}, b"a=1; b=2"),
        ([("a", "1"), ("a", "2")], b"a=2"),
        (lambda: (pair for pair in [("a", "1"), ("b", "2")]), b"a=1; b=2"),
        (SimpleCookie("a=1; b=2"), b"a=1; b=2"),
        ({"other": morsel("a=1")}, b"a=1"),
        ({"other": SimpleCookie("a=1; b=2")}, b"a=1; b=2"),
        ({"a": "x; admin=1"}, b'a="x\\073 admin=1"'),
        ({"a[b]": "1", "path": "/"}, b'a[b]=1; path="/"'),
        ({f"c{number}": "x" * 100 for number in range(200)}, b"; ".join(b"c%d=" % n + b"x" * 100 for n in range(200))),
        ({}, None),
        ([], None),
        (None, None),
        # Attributes say where such a cookie goes.
        (SimpleCookie("a=1; Path=/hop; b=2; Path=/elsewhere"), b"a=1"),
        (SimpleCookie("a=1; Domain=127.0.0.1; b=2; Domain=example.com"), b"a=1"),
        (SimpleCookie("a=1; Max-Age=10; b=2; Max-Age=0"), b"a=1"),
        (SimpleCookie("a=1; HttpOnly; b=2; Secure"), b"a=1"),
    ],
)
async def test_what_may_be_given_with_a_request(lib, cookies, sent):
    """And it is given again at the next hop within the origin."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /hop/2", status=b"307 Temporary Redirect")
        await keep_answering(peer)

    aiohttp = lib.load()
    async with serve(handler) as server, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await get(session, server.url / "hop/1", cookies=cookies() if callable(cookies) else cookies)
        assert not session.cookie_jar
        await get(session, server.url)
    assert [cookie_of(head) for head in server.requests] == [sent, sent, None]


@pytest.mark.parametrize(
    ("cookies", "error"),
    [
        ({"a b": "1"}, CookieError),
        ({"": "1"}, CookieError),
        ({"\xe9": "1"}, CookieError),
        ({"a\r\nX-Evil": "1"}, CookieError),
        ({"a;b": "1"}, CookieError),
        ({"ok": "1", "a": "x\r\nX-Evil: 1"}, CookieError),
        ([("a", "\x00")], CookieError),
        ({1: "1"}, TypeError),
        ("a=1", TypeError),
        (5, TypeError),
        ([("a", "b", "c")], TypeError),
    ],
)
async def test_wrong_cookies_are_errors_and_nothing_is_sent(lib, cookies, error):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(error, match=r"cookie|Illegal key"):
            await session.get(server.url, cookies=cookies)
        if not any(value in str(cookies) for value in ("Evil: 1", "x00")):  # a jar leaves such values out
            with pytest.raises(error, match=r"cookie|Illegal key"):
                aiohttp.ClientSession(cookies=cookies, connector=session.connector, connector_owner=False)
        assert server.connections == 0
        await get(session, server.url)


async def test_a_request_class_is_as_strict(lib):
    """Who makes requests by hand, or lets a middleware set cookies, gets the same errors."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        request = aiohttp.ClientRequest("GET", server.url, session=session, cookies={"a": "b c"}, loop=session._loop)
        request.update_cookies(SimpleCookie({"d": "e", "a": "f"}))
        assert request.headers.getall("Cookie") == ["d=e; a=f"]
        for cookies in ({"a": "x\r\nX-Evil: 1"}, {"a b": "1"}):
            with pytest.raises(CookieError):
                request.update_cookies(cookies)


async def test_field_and_cookies_make_one_field(lib):
    """The caller's field stays as it is; what is named twice is sent once."""
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession(cookies={"s": "1"}) as session:
        for headers, cookies in (
            ({"Cookie": 'odd; x="y z";; =3'}, {"a": "1"}),
            ({"Cookie": "b=2; a=3; s=4"}, {"a": "1"}),
            ([("Cookie", "b=2"), ("cookie", "c=3")], {"a": "1"}),
            ({"Cookie": "a=3"}, {"a": "1"}),
        ):
            await get(session, server.url, headers=headers, cookies=cookies)
    assert [cookie_of(head) for head in server.requests] == [
        b'odd; x="y z";; =3; s=1; a=1', b"b=2; s=1; a=1", b"b=2; c=3; s=1; a=1", b"s=1; a=1",
    ]  # fmt: skip


async def test_jar_that_looks_empty_is_asked(lib):
    aiohttp = lib.load()

    class Jar(aiohttp.CookieJar):
        def filter_cookies(self, request_url):
            return SimpleCookie({"always": "1"})

    async with serve(keep_answering) as server, aiohttp.ClientSession(cookie_jar=Jar()) as session:
        await get(session, server.url)
    assert cookie_of(server.requests[0]) == b"always=1"


async def test_sessions_share_a_jar(lib):
    aiohttp = lib.load()
    jar = aiohttp.CookieJar(unsafe=True)
    async with serve(setting(b"a=1")) as setter, serve(keep_answering) as server:
        async with aiohttp.ClientSession(cookie_jar=jar) as one, aiohttp.ClientSession(cookie_jar=jar) as two:
            await get(one, setter.url)
            await get(two, server.url)
        async with aiohttp.ClientSession(cookie_jar=jar) as three:
            await get(three, server.url)
    assert [cookie_of(head) for head in server.requests] == [b"a=1", b"a=1"]


async def test_secure_cookies_stay_on_tls(lib, contexts):
    """Set over TLS, they go back over TLS and nowhere else, the same host's plain port included."""
    aiohttp = lib.load()
    tls, trusting = contexts
    rounds = (b"s=1; Secure; Path=/", b"__Host-h=2; Secure; Path=/", b"n=3; Path=/", b"__Host-bad=4; Path=/", b"")
    async with serve(setting(*rounds), tls) as safe, serve(keep_answering) as plain:
        plain_url = plain.url.with_host("localhost")
        async with aiohttp.ClientSession() as session:
            for _ in rounds:
                await get(session, safe.url, ssl=trusting)
            await get(session, plain_url)
            assert len(session.cookie_jar) == 3
        jar = aiohttp.CookieJar(treat_as_secure_origin=plain_url)
        jar.update_cookies_from_headers(["s=1; Secure; Path=/"], safe.url)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            await get(session, plain_url)
    assert cookie_of(safe.requests[-1]) == b"s=1; __Host-h=2; n=3"
    assert [cookie_of(head) for head in plain.requests] == [b"n=3", b"s=1"]


async def test_plain_servers_set_no_prefixed_cookies(lib):
    aiohttp = lib.load()
    async with serve(setting(b"__Secure-a=1; Secure; Path=/", b"__Host-a=1; Secure; Path=/")) as server:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            await get(session, server.url)
            await get(session, server.url)
            assert not session.cookie_jar


@pytest.mark.parametrize("downgrade", [False, True])
async def test_cookies_for_one_origin_go_to_no_other(lib, contexts, downgrade):
    """The caller's cookies and Cookie field stay behind, on a downgrade too; the jar's own go where they belong."""
    aiohttp = lib.load()
    tls, trusting = contexts
    async with serve(keep_answering) as other:
        target = other.url.with_host("localhost")

        async def handler(peer: Peer) -> None:
            await peer.request()
            await peer.answer(
                b"", b"Location: " + str(target).encode(), b"Set-Cookie: s=1; Secure", b"Set-Cookie: n=2",
                status=b"307 Temporary Redirect",
            )  # fmt: skip
            await peer.gone()

        async with serve(handler, tls if downgrade else None) as server, aiohttp.ClientSession() as session:
            start = server.url.with_host("localhost")
            options = {"cookies": {"own": "secret"}, "headers": {"Cookie": "field=secret"}}
            await get(session, start, ssl=trusting, **options)
    assert cookie_of(server.requests[0]) == b"field=secret; own=secret"
    assert cookie_of(other.requests[0]) == b"n=2"
