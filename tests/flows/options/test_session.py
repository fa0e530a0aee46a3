"""Every constructor parameter of ``ClientSession``: each test fails where the option has no effect."""

import asyncio
import gc
import gzip
import json
from typing import Any

import pytest
from multidict import CIMultiDict, MultiDict
from yarl import URL

from tests.against import better
from tests.servers import Peer, serve


def field(head: bytes, name: bytes) -> list[bytes]:
    """Return the values of a field of a request's head."""
    pairs = (line.partition(b": ") for line in head.split(b"\r\n")[1:])
    return [value for found, _, value in pairs if found.lower() == name.lower()]


def target(head: bytes) -> str:
    return head.split(b" ")[1].decode()


def saying(answer: bytes):
    """Make a handler that gives this answer to every request."""

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(answer)

    return handler


async def fetch(session: Any, url: Any, **options: Any) -> bytes:
    async with session.get(url, **options) as response:
        return await response.read()


# base_url


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("", "", "/"),
        ("", "/a", "/a"),
        ("", "a", "/a"),
        ("v1/", "a", "/v1/a"),
        ("v1/", "./a?b=c", "/v1/a?b=c"),
        ("v1/", "../a", "/a"),
        ("v1/", "/a", "/a"),
        ("v1/", "", "/v1/"),
        ("v1/%C3%A9/", "é", "/v1/%C3%A9/%C3%A9"),
    ],
)
@pytest.mark.parametrize("kind", [str, URL])
async def test_base_url(lib, answering, path, given, expected, kind):
    async with lib.load().ClientSession(kind(f"{answering.url}{path}")) as session:
        await fetch(session, kind(given))
    assert [target(head) for head in answering.requests] == [expected]


async def test_base_url_gives_way_to_an_absolute_one(lib, answering):
    async with lib.load().ClientSession("http://localhost:1/v1/") as session:
        assert await fetch(session, answering.url / "x") == b"ok"


@pytest.mark.parametrize("bad", ["/no/host/", "http://host/no-slash"])
def test_wrong_base_url(lib, bad):
    async def main() -> None:
        with pytest.raises(ValueError):
            lib.load().ClientSession(bad)

    asyncio.run(main())


# connector, connector_owner, loop


async def test_connector_is_used_and_owned(lib, answering):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector()
    async with aiohttp.ClientSession(connector=connector) as session:
        await fetch(session, answering.url)
        assert session.connector is connector
        assert session.connector_owner is True
    assert connector.closed


async def test_connector_not_owned(lib, answering):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector()
    for _ in range(2):
        async with aiohttp.ClientSession(connector=connector, connector_owner=False) as session:
            assert session.connector_owner is False
            await fetch(session, answering.url)
        assert session.closed
        assert not connector.closed
    assert answering.connections == 1
    await connector.close()


async def test_detached_connector_lives_on(lib, answering):
    aiohttp = lib.load()
    session = aiohttp.ClientSession()
    await fetch(session, answering.url)
    connector = session.connector
    session.detach()
    assert session.closed
    assert not connector.closed
    with pytest.raises(RuntimeError, match="closed"):
        await session.get(answering.url)
    async with aiohttp.ClientSession(connector=connector) as other:
        await fetch(other, answering.url)
    assert answering.connections == 1


async def test_loop(lib, answering):
    aiohttp = lib.load()
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(loop=loop) as session:
        with pytest.warns(DeprecationWarning, match="loop"):
            assert session.loop is loop
        assert await fetch(session, answering.url) == b"ok"


async def test_loop_of_another_connector(lib):
    aiohttp = lib.load()
    other = asyncio.new_event_loop()
    connector = aiohttp.TCPConnector()
    with pytest.raises(RuntimeError, match="same event loop"):
        aiohttp.ClientSession(loop=other, connector=connector)
    await connector.close()
    other.close()


# headers, skip_auto_headers, cookies, cookie_jar, auth, version


@pytest.mark.parametrize(
    "given",
    [
        {"X-A": "1", "X-B": "2"},
        [("X-A", "1"), ("X-B", "2")],
        CIMultiDict({"x-a": "1", "X-B": "2"}),
    ],
)
async def test_headers(lib, answering, given):
    """Merged with the request's: names of the request replace those of the session, whatever their case."""
    async with lib.load().ClientSession(headers=given) as session:
        await fetch(session, answering.url)
        await fetch(session, answering.url, headers={"x-B": "3"})
        session.headers["X-C"] = "4"
        await fetch(session, answering.url)
    found = [[field(head, name) for name in (b"X-A", b"X-B", b"X-C")] for head in answering.requests]
    assert found == [[[b"1"], [b"2"], []], [[b"1"], [b"3"], []], [[b"1"], [b"2"], [b"4"]]]


async def test_several_values_of_one_name(lib, answering):
    async with lib.load().ClientSession(headers=[("X-A", "1"), ("X-A", "2")]) as session:
        await fetch(session, answering.url)
        await fetch(session, answering.url, headers=[("X-B", "1"), ("X-B", "2")])
    assert field(answering.requests[0], b"X-A") == [b"1", b"2"]
    assert field(answering.requests[1], b"X-B") == [b"1", b"2"]


@better("the last one is left")
async def test_several_values_instead_of_the_sessions(lib, answering):
    async with lib.load().ClientSession(headers={"X-A": "1"}) as session:
        await fetch(session, answering.url, headers=[("x-a", "5"), ("X-A", "6")])
    assert field(answering.requests[0], b"X-A") == [b"5", b"6"]


AUTO = (b"User-Agent", b"Accept", b"Accept-Encoding", b"Content-Type")


@pytest.mark.parametrize("skipped", [[], ["User-Agent"], ["accept", "ACCEPT-ENCODING"], ["Content-Type"]])
@pytest.mark.parametrize("where", ["session", "request"])
async def test_skip_auto_headers(lib, answering, skipped, where):
    of_session, of_request = (
        ({"skip_auto_headers": skipped}, {}) if where == "session" else ({}, {"skip_auto_headers": skipped})
    )
    async with lib.load().ClientSession(**of_session) as session:
        async with session.post(answering.url, data=b"x", **of_request) as response:
            await response.read()
        async with session.post(answering.url, data=b"x", headers={"User-Agent": "mine"}, **of_request) as response:
            await response.read()
    dropped = {name.encode().lower() for name in skipped}
    first, second = answering.requests
    assert [name for name in AUTO if not field(first, name)] == [name for name in AUTO if name.lower() in dropped]
    assert field(second, b"User-Agent") == [b"mine"]
    assert field(first, b"Content-Length") == [b"1"]


async def test_cookies(lib, answering):
    async with lib.load().ClientSession(cookies={"a": "1"}) as session:
        await fetch(session, answering.url)
        await fetch(session, answering.url.with_host("localhost"))
    assert [field(head, b"Cookie") for head in answering.requests] == [[b"a=1"], [b"a=1"]]


async def test_cookie_jar(lib):
    aiohttp = lib.load()
    jar = aiohttp.CookieJar(unsafe=True)
    async with serve(saying(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n")) as server:
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            assert session.cookie_jar is jar
            await fetch(session, server.url)
            await fetch(session, server.url)
        assert [cookie.value for cookie in jar] == ["1"]
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            await fetch(session, server.url)
            await fetch(session, server.url)
    assert [field(head, b"Cookie") for head in server.requests] == [[], [b"a=1"], [], []]


async def test_auth(lib, answering):
    aiohttp = lib.load()
    auth = aiohttp.BasicAuth("u", "p")
    async with aiohttp.ClientSession(auth=auth) as session:
        assert session.auth is auth
        await fetch(session, answering.url)
        await fetch(session, answering.url, auth=aiohttp.BasicAuth("v", "p"))
    assert [field(head, b"Authorization") for head in answering.requests] == [[b"Basic dTpw"], [b"Basic djpw"]]


async def test_auth_beside_a_header(lib, answering):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError):
            await session.get(answering.url, auth=aiohttp.BasicAuth("u"), headers={"Authorization": "Bearer x"})
    assert not answering.requests


@pytest.mark.parametrize("version", ["HttpVersion10", "HttpVersion11"])
async def test_version(lib, answering, version):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(version=getattr(aiohttp, version)) as session:
        assert session.version == getattr(aiohttp, version)
        await fetch(session, answering.url)
    assert answering.requests[0].startswith(b"GET / HTTP/1." + version[-1:].encode())


# Serialisers and classes


async def test_json_serialize(lib, answering):
    async with lib.load().ClientSession(json_serialize=lambda value: f"<{value}>") as session:
        async with session.post(answering.url, json=5) as response:
            await response.read()
    assert answering.bodies == [b"<5>"]
    assert field(answering.requests[0], b"Content-Type") == [b"application/json"]


async def test_request_and_response_class(lib, answering):
    aiohttp = lib.load()

    class Request(aiohttp.ClientRequest):
        def update_headers(self, headers: Any) -> None:
            super().update_headers(headers)
            self.headers["X-Mine"] = "1"

    class Response(aiohttp.ClientResponse):
        pass

    async with aiohttp.ClientSession(request_class=Request, response_class=Response) as session:
        async with session.get(answering.url) as response:
            assert type(response) is Response
    assert field(answering.requests[0], b"X-Mine") == [b"1"]


# raise_for_status


async def test_raise_for_status(lib):
    aiohttp = lib.load()
    async with serve(saying(b"HTTP/1.1 503 Later\r\nContent-Length: 4\r\n\r\nwhen")) as server:
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            with pytest.raises(aiohttp.ClientResponseError) as info:
                await session.get(server.url)
            assert (info.value.status, info.value.message) == (503, "Later")
            assert await fetch(session, server.url, raise_for_status=False) == b"when"
        async with aiohttp.ClientSession() as session:
            assert await fetch(session, server.url) == b"when"
            with pytest.raises(aiohttp.ClientResponseError):
                await session.get(server.url, raise_for_status=True)


@pytest.mark.parametrize("where", ["session", "request"])
async def test_raise_for_status_by_a_coroutine(lib, where):
    """It gets the response with its body still to be read; what it raises comes out."""
    aiohttp = lib.load()
    seen = []

    async def check(response: Any) -> None:
        seen.append((response.status, await response.text()))
        if response.status == 503:
            raise RuntimeError("by the check")

    options = {"raise_for_status": check}
    of_session, of_request = (options, {}) if where == "session" else ({"raise_for_status": True}, options)
    async with serve(saying(b"HTTP/1.1 503 Later\r\nContent-Length: 4\r\n\r\nwhen")) as server:
        async with aiohttp.ClientSession(**of_session) as session:
            with pytest.raises(RuntimeError, match="by the check"):
                await session.get(server.url, **of_request)
    assert seen == [(503, "when")]


async def test_raise_for_status_by_a_coroutine_that_is_content(lib, answering):
    seen = []

    async def check(response: Any) -> None:
        seen.append(response.status)

    async with lib.load().ClientSession(raise_for_status=check) as session:
        assert session.raise_for_status is check
        assert await fetch(session, answering.url) == b"ok"
    assert seen == [200]


# Reading


@pytest.mark.parametrize("where", ["session", "request"])
@pytest.mark.parametrize("wanted", [True, False])
async def test_auto_decompress(lib, where, wanted):
    packed = gzip.compress(b"text")
    options = {"auto_decompress": wanted}
    of_session, of_request = (options, {}) if where == "session" else ({"auto_decompress": not wanted}, options)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)
    async with serve(saying(answer)) as server:
        async with lib.load().ClientSession(**of_session) as session:
            assert session.auto_decompress is (wanted if where == "session" else not wanted)
            assert await fetch(session, server.url, **of_request) == (b"text" if wanted else packed)


@pytest.mark.parametrize("where", ["session", "request"])
async def test_read_bufsize(lib, where):
    """The server can send about as much before anybody reads, and no more."""
    sent = 0

    async def handler(peer: Peer) -> None:
        nonlocal sent
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1 << 26))
        peer.writer.transport.set_write_buffer_limits(0)
        while sent < 1 << 26:
            await peer.send(b"x" * (1 << 16))
            sent += 1 << 16

    async def waits_at(size: int) -> int:
        nonlocal sent
        sent, before = 0, -1
        options = {"read_bufsize": size}
        of_session, of_request = (options, {}) if where == "session" else ({}, options)
        async with serve(handler) as server, lib.load().ClientSession(**of_session) as session:
            response = await session.get(server.url, **of_request)
            still = 0
            while still < 3:
                still = still + 1 if before == sent else 0
                before = sent
                await asyncio.sleep(0.1)
            response.close()
        return before

    few, many = await waits_at(1 << 12), await waits_at(1 << 24)
    assert many - few > 1 << 23


@pytest.mark.parametrize("where", ["session", "request"])
@pytest.mark.parametrize(
    ("limit", "head"),
    [
        ("max_line_size", b"HTTP/1.1 200 " + b"r" * 9000),
        ("max_field_size", b"HTTP/1.1 200 OK\r\nX: " + b"v" * 9000),
        ("max_headers", b"HTTP/1.1 200 OK" + b"\r\nX: 1" * 140),
    ],
)
async def test_limits_of_a_head(lib, where, limit, head):
    """Beyond the defaults (8190, 8190, 128) and raised so that it passes."""
    aiohttp = lib.load()
    options = {limit: 200 if limit == "max_headers" else 10_000}
    of_session, of_request = (options, {}) if where == "session" else ({}, options)
    async with serve(saying(head + b"\r\nContent-Length: 2\r\n\r\nok")) as server:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientResponseError) as info:
                await session.get(server.url)
            assert info.value.status == 400
        async with aiohttp.ClientSession(**of_session) as session:
            assert await fetch(session, server.url, **of_request) == b"ok"


async def test_fallback_charset_resolver(lib):
    asked = []

    def resolve(response: Any, body: bytes) -> str:
        asked.append((response.url, body))
        return "koi8-r"

    answers = iter((b"text/plain", b"text/plain; charset=utf-8", b"text/plain; charset=wat"))

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer("да".encode("koi8-r"), b"Content-Type: " + next(answers))

    async with serve(handler) as server, lib.load().ClientSession(fallback_charset_resolver=resolve) as session:
        for expected in ("да", None, "да"):
            async with session.get(server.url) as response:
                if expected is None:
                    with pytest.raises(UnicodeDecodeError):
                        await response.text()
                else:
                    assert await response.text() == expected
    assert asked == [(server.url, "да".encode("koi8-r"))] * 2


# Redirects


@pytest.mark.parametrize("requote", [True, False])
@pytest.mark.parametrize("by", ["parameter", "attribute"])
async def test_requote_redirect_url(lib, requote, by):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /a%2Fb%41?x=%41+%2B|", status=b"302 Found")
        await peer.request()
        await peer.answer()
        await peer.gone()

    options = {"requote_redirect_url": requote if by == "parameter" else not requote}
    async with serve(handler) as server, lib.load().ClientSession(**options) as session:
        if by == "attribute":
            with pytest.warns(DeprecationWarning, match="requote_redirect_url"):
                session.requote_redirect_url = requote
        assert session.requote_redirect_url is requote
        await fetch(session, server.url)
    assert target(server.requests[1]) == ("/a%2FbA?x=A+%2B%7C" if requote else "/a%2Fb%41?x=%41+%2B|")


# Time limits, old spellings


async def test_read_timeout(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    with pytest.warns(DeprecationWarning, match="read_timeout"):
        session = lib.load().ClientSession(read_timeout=0.05)
    async with serve(handler) as server, session:
        with pytest.raises(TimeoutError):
            await session.get(server.url)


async def test_conn_timeout(lib, book, resolver):
    aiohttp = lib.load()
    book.stalled = True
    connector = aiohttp.TCPConnector(resolver=resolver())
    with pytest.warns(DeprecationWarning, match="conn_timeout"):
        session = aiohttp.ClientSession(conn_timeout=0.05, connector=connector)
    async with session:
        with pytest.raises(aiohttp.ConnectionTimeoutError):
            await session.get("http://stalled.test/")


async def test_timeout_as_a_number(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        with pytest.raises(TimeoutError):
            await session.get(server.url, timeout=0.05)


@better("takes ClientTimeout alone, and None for its default")
@pytest.mark.parametrize("limit", [0.05, None, 0])
async def test_timeout_of_a_session_as_a_number(lib, limit):
    """Of everything together; None and 0 are no limit."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(0.2)
        await peer.answer()

    async with serve(handler) as server, lib.load().ClientSession(timeout=limit) as session:
        assert not session.timeout.total or session.timeout.total == limit
        if limit:
            with pytest.raises(TimeoutError):
                await session.get(server.url)
        else:
            assert await fetch(session, server.url) == b"ok"


# The life of a session


async def test_closed_session_refuses(lib, answering):
    session = lib.load().ClientSession()
    await session.close()
    await session.close()
    assert session.closed
    with pytest.raises(RuntimeError, match="Session is closed"):
        await session.get(answering.url)
    assert not answering.requests


async def test_plain_with_is_refused(lib):
    session = lib.load().ClientSession()
    with pytest.raises(TypeError, match="async with"):
        with session:
            pass
    await session.close()


def test_no_loop_is_running(lib):
    """Said clearly, at once, where sessions are made in the wrong place."""
    with pytest.raises(RuntimeError, match="loop"):
        lib.load().ClientSession()
    gc.collect()


@pytest.mark.parametrize("params", [{"a": "1"}, MultiDict(a="1"), [("a", "1")], (("a", "1"),), "a=1"])
async def test_request_function(lib, answering, params):
    aiohttp = lib.load()
    async with aiohttp.request(
        "POST", answering.url, params=params, json={"b": 2}, headers={"X": "y"}, cookies={"c": "d"},
        version=aiohttp.HttpVersion10, raise_for_status=True,
    ) as response:  # fmt: skip
        assert await response.read() == b"ok"
    head = answering.requests[0]
    assert head.startswith(b"POST /?a=1 HTTP/1.0\r\n")
    assert (field(head, b"X"), field(head, b"Cookie")) == ([b"y"], [b"c=d"])
    assert json.loads(answering.bodies[0]) == {"b": 2}


async def test_request_function_with_a_connector(lib, answering):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector()
    for _ in range(2):
        async with aiohttp.request("GET", answering.url, connector=connector) as response:
            await response.read()
    assert not connector.closed
    assert answering.connections == 1
    await connector.close()


@better("it comes with 3.15")
@pytest.mark.parametrize("kind", ["context", "fingerprint", "off"])
async def test_ssl(lib, certified, trusting, digest, kind):
    """Where a request, and the connector, say no more than the default."""
    aiohttp = lib.load()
    async with serve(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), certified) as server:
        good = {"context": trusting, "fingerprint": aiohttp.Fingerprint(digest), "off": False}
        async with aiohttp.ClientSession(ssl=good[kind]) as session:
            for ssl in (None, True):
                async with session.get(server.url, ssl=ssl) as response:
                    assert response.status == 200
            with pytest.raises(aiohttp.ServerFingerprintMismatch):
                await session.get(server.url, ssl=aiohttp.Fingerprint(b"0" * 32))
        async with aiohttp.ClientSession(ssl=True) as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(server.url)


@better("it comes with 3.15")
@pytest.mark.parametrize("ssl", [0, 1, "yes", b""])
async def test_wrong_ssl(lib, ssl):
    with pytest.raises(TypeError, match="ssl should be"):
        lib.load().ClientSession(ssl=ssl)
