"""Every option of a request: each test fails where the option has no effect."""

import asyncio
import gzip
import io
import zlib
from typing import Any

import pytest
from multidict import MultiDict, MultiDictProxy
from yarl import URL

from tests.flows.options.test_session import fetch, field, saying, target
from tests.servers import Peer, serve

# params, and URLs


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"a": "1", "b": "x y"}, "/?a=1&b=x+y"),
        ({"a": 1, "b": 2.5}, "/?a=1&b=2.5"),
        ({"a": ["1", "2"]}, "/?a=1&a=2"),
        ([("a", "1"), ("a", "2")], "/?a=1&a=2"),
        ((("a", "1"),), "/?a=1"),
        (MultiDict([("a", "1"), ("a", "é")]), "/?a=1&a=%C3%A9"),
        (MultiDictProxy(MultiDict(a="1")), "/?a=1"),
        ("a=b+c&d=e%", "/?a=b+c&d=e%25"),  # not encoded, says the reference: but for this
        ({"a": ""}, "/?a="),
        ({}, "/"),
        ("", "/"),
        (None, "/"),
        ({"a&b": "c=d+e;f"}, "/?a%26b=c%3Dd%2Be%3Bf"),
    ],
    ids=str,
)
async def test_params(lib, answering, params, expected):
    async with lib.load().ClientSession() as session:
        async with session.get(answering.url, params=params) as response:
            assert str(response.url) == str(answering.url)[:-1] + expected
            assert str(response.request_info.url) == str(response.url)
    assert [target(head) for head in answering.requests] == [expected]


@pytest.mark.parametrize(
    "bad", [5, object(), {"a": None}, {"a": object()}, {"a": True}], ids=["int", "object", "None", "objects", "bool"]
)
async def test_params_of_a_wrong_type(lib, answering, bad):
    async with lib.load().ClientSession() as session:
        with pytest.raises(TypeError):
            await session.get(answering.url, params=bad)
    assert not answering.requests


async def test_params_join_the_query(lib, answering):
    async with lib.load().ClientSession() as session:
        await fetch(session, f"{answering.url}?a=1&b=2#f", params={"b": "3", "c": "4"})
        await fetch(session, f"{answering.url}?a=1", params="b=2")
    first, second = map(target, answering.requests)
    assert (first, second) == ("/?a=1&b=2&b=3&c=4", "/?a=1&b=2")


@pytest.mark.parametrize(
    ("path", "plain", "encoded"),
    [
        ("a%2fb?c=%41", "/a%2Fb?c=A", "/a%2fb?c=%41"),
        ("%61?x=a%2Bb+c", "/a?x=a%2Bb+c", "/%61?x=a%2Bb+c"),
        ("a%20b", "/a%20b", "/a%20b"),
    ],
)
async def test_encoded_url(lib, answering, path, plain, encoded):
    async with lib.load().ClientSession() as session:
        await fetch(session, f"{answering.url}{path}")
        await fetch(session, URL(f"{answering.url}{path}", encoded=True))
    assert [target(head) for head in answering.requests] == [plain, encoded]


@pytest.mark.parametrize("host", ["b\u00fccher.test", "B\u00dcCHER.test", "xn--bcher-kva.test"])
async def test_international_names(lib, answering, book, resolver, host):
    """Looked up and sent as the names that DNS knows (RFC 5890)."""
    aiohttp = lib.load()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver())) as session:
        async with session.get(f"http://{host}:{answering.url.port}/") as response:
            assert response.url.raw_host == "xn--bcher-kva.test"
    assert book.asked == ["xn--bcher-kva.test"]
    assert field(answering.requests[0], b"Host") == [f"xn--bcher-kva.test:{answering.url.port}".encode()]


async def test_fragment_is_not_sent(lib, answering):
    async with lib.load().ClientSession() as session:
        async with session.get(f"{answering.url}a#part") as response:
            assert response.url == answering.url / "a"
            assert response.real_url == URL(f"{answering.url}a#part")
            assert response.request_info.real_url == response.real_url
    assert target(answering.requests[0]) == "/a"


# Bodies


@pytest.mark.parametrize("compress", [True, "deflate", "gzip"])
async def test_compress(lib, answering, compress):
    async with lib.load().ClientSession() as session:
        async with session.post(answering.url, data=b"abc" * 100, compress=compress) as response:
            await response.read()
    name = "deflate" if compress is True else compress
    assert field(answering.requests[0], b"Content-Encoding") == [name.encode()]
    unpack = zlib.decompress if name == "deflate" else gzip.decompress
    assert unpack(answering.bodies[0]) == b"abc" * 100


@pytest.mark.parametrize("make", [bytes, bytes.decode, io.BytesIO], ids=["bytes", "str", "file"])
async def test_chunked(lib, answering, make):
    async with lib.load().ClientSession() as session:
        async with session.post(answering.url, data=make(b"abc"), chunked=True) as response:
            await response.read()
    assert field(answering.requests[0], b"Transfer-Encoding") == [b"chunked"]
    assert field(answering.requests[0], b"Content-Length") == []
    assert answering.bodies == [b"abc"]


async def test_json_none_and_falsy(lib, answering):
    async with lib.load().ClientSession() as session:
        for value in (0, "", [], False):
            async with session.post(answering.url, json=value) as response:
                await response.read()
    assert answering.bodies == [b"0", b'""', b"[]", b"false"]


# Fields


async def test_headers(lib, answering):
    async with lib.load().ClientSession() as session:
        await fetch(session, answering.url, headers={"Accept": "text/html", "X": "y"})
    assert field(answering.requests[0], b"Accept") == [b"text/html"]
    assert field(answering.requests[0], b"X") == [b"y"]


async def test_host_can_be_given(lib, answering):
    async with lib.load().ClientSession() as session:
        await fetch(session, answering.url, headers={"Host": "other.example"})
    assert field(answering.requests[0], b"Host") == [b"other.example"]


async def test_cookies(lib, answering):
    """For this request alone: the jar does not keep them."""
    async with lib.load().ClientSession() as session:
        await fetch(session, answering.url, cookies={"a": "1", "b": "2"})
        await fetch(session, answering.url)
        assert len(session.cookie_jar) == 0
    assert [field(head, b"Cookie") for head in answering.requests] == [[b"a=1; b=2"], []]


async def test_auth_from_the_url(lib, answering):
    async with lib.load().ClientSession() as session:
        async with session.get(answering.url.with_user("u").with_password("p")) as response:
            assert response.url.user is None or response.url.user == "u"
    assert field(answering.requests[0], b"Authorization") == [b"Basic dTpw"]


# Redirects


def hops(status: int = 302):
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            left = int(target(peer.server.requests[-1])[1:] or 0)
            if left:
                await peer.answer(b"", b"Location: /%d" % (left - 1), status=b"%d Go" % status)
            else:
                await peer.answer()

    return handler


@pytest.mark.parametrize("verb", ["get", "head", "options", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("wanted", [True, False, None])
async def test_allow_redirects(lib, verb, wanted):
    """Not said: HEAD stays, the others go."""

    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            if target(head) == "/":
                await peer.send(b"HTTP/1.1 307 Go\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n")
            else:
                await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        options = {} if wanted is None else {"allow_redirects": wanted}
        follows = verb != "head" if wanted is None else wanted
        async with getattr(session, verb)(server.url, **options) as response:
            assert (response.status, len(response.history)) == ((200, 1) if follows else (307, 0))
            assert response.method == verb.upper()


@pytest.mark.parametrize(
    ("most", "left", "passes"), [(1, 0, True), (1, 1, False), (3, 2, True), (3, 3, False), (20, 15, True)]
)
async def test_max_redirects(lib, most, left, passes):
    aiohttp = lib.load()
    async with serve(hops()) as server, aiohttp.ClientSession() as session:
        if passes:
            async with session.get(server.url / str(left), max_redirects=most) as response:
                assert len(response.history) == left
        else:
            with pytest.raises(aiohttp.TooManyRedirects) as info:
                await session.get(server.url / str(left), max_redirects=most)
            assert len(info.value.history) == most
            assert info.value.request_info.url == server.url / str(left)


async def test_ten_redirects_by_default(lib):
    aiohttp = lib.load()
    async with serve(hops()) as server, aiohttp.ClientSession() as session:
        assert await fetch(session, server.url / "9") == b"ok"
        with pytest.raises(aiohttp.TooManyRedirects):
            await session.get(server.url / "10")


async def test_history(lib):
    async with serve(hops()) as server, lib.load().ClientSession() as session:
        async with session.get(server.url / "2") as response:
            assert [(old.status, old.url.path, old.method) for old in response.history] == [
                (302, "/2", "GET"),
                (302, "/1", "GET"),
            ]
            assert isinstance(response.history, tuple)
            assert response.url.path == "/0"


# Reading


@pytest.mark.parametrize("wanted", [True, False])
async def test_read_until_eof(lib, wanted):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nto the end")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        assert await fetch(session, server.url, read_until_eof=wanted) == (b"to the end" if wanted else b"")


# TLS


async def test_server_hostname(lib, certified, trusting):
    """The name that the certificate is checked for, and that is asked for (SNI)."""
    aiohttp = lib.load()
    asked: list[Any] = []
    certified.sni_callback = lambda _sock, name, _context: asked.append(name)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"ok", b"Connection: close")

    async with serve(handler, certified) as server, aiohttp.ClientSession() as session:
        await fetch(session, server.url, ssl=trusting, server_hostname="other.example")
        await fetch(session, server.url, ssl=trusting)
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(server.url, ssl=trusting, server_hostname="wrong.example")
    assert asked[:3] == ["other.example", "localhost", "wrong.example"]


async def test_server_hostname_is_a_part_of_the_pools_key(lib, certified, trusting):
    """CVE-2026-54275 and its kin: a connection checked for one name is not lent for another."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer()

    async with serve(handler, certified) as server, aiohttp.ClientSession() as session:
        for name in (None, "other.example", None, "other.example"):
            await fetch(session, server.url, ssl=trusting, server_hostname=name)
        assert server.connections == 2
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(server.url, ssl=trusting, server_hostname="wrong.example")


async def test_tls_setting_is_a_part_of_the_pools_key(lib, certified, trusting):
    """A connection made without a check is not lent to who wants one."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer()

    async with serve(handler, certified) as server, aiohttp.ClientSession() as session:
        await fetch(session, server.url, ssl=False)
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(server.url)
        await fetch(session, server.url, ssl=trusting)
        await fetch(session, server.url, ssl=False)
        assert server.connections == 2  # the refused one never was one


@pytest.mark.parametrize("value", [True, None])
async def test_ssl_true_and_none_check(lib, certified, value):
    aiohttp = lib.load()
    async with serve(saying(b""), certified) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(server.url, ssl=value)


# What is no option


async def test_unknown_option(lib, answering):
    async with lib.load().ClientSession() as session:
        with pytest.raises(TypeError, match="wat"):
            await session.get(answering.url, wat=1)
    assert not answering.requests


# Responses


async def test_iteration_of_the_content(lib):
    """Lines, chunks of a size, whatever is there, and HTTP chunks, over one body each."""
    body = b"one\ntwo\n" + b"x" * 5000

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in (body[:5], body[5:], b""):
                await peer.send(b"%x\r\n%s\r\n" % (len(piece), piece))
                await asyncio.sleep(0.01)

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert [line async for line in response.content] == [b"one\n", b"two\n", b"x" * 5000]
        async with session.get(server.url) as response:
            sizes = [len(chunk) async for chunk in response.content.iter_chunked(1000)]
            assert sum(sizes) == len(body)
            assert max(sizes) == 1000
            assert response.content.at_eof()
        async with session.get(server.url) as response:
            assert b"".join([piece async for piece in response.content.iter_any()]) == body
        async with session.get(server.url) as response:
            chunks, at = [b""], 0
            async for data, ends in response.content.iter_chunks():
                chunks[at] += data
                if ends:
                    chunks.append(b"")
                    at += 1
            assert [chunk for chunk in chunks if chunk] == [body[:5], body[5:]]


async def test_response_facts(lib):
    answer = (
        b"HTTP/1.0 201 Made It\r\nContent-Type: text/plain; charset=latin-1\r\nContent-Length: 2\r\n"
        b'Link: </a>; rel="next"\r\nContent-Disposition: inline; filename=x\r\nX-A: 1\r\n\r\nok'
    )
    aiohttp = lib.load()
    async with serve(saying(answer)) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            assert (response.status, response.reason, response.ok) == (201, "Made It", True)
            assert response.version == aiohttp.HttpVersion10
            assert response.method == "GET"
            assert response.host == "127.0.0.1"
            assert (response.content_type, response.charset, response.content_length) == ("text/plain", "latin-1", 2)
            assert response.links["next"]["url"] == server.url / "a"
            assert response.content_disposition.filename == "x"
            assert (b"X-A", b"1") in response.raw_headers
            assert response.headers["x-a"] == "1"
            assert response.request_info.headers["Host"] == f"127.0.0.1:{server.url.port}"


async def test_wait_for_close_and_release(lib, answering):
    async with lib.load().ClientSession() as session:
        response = await session.get(answering.url)
        await response.wait_for_close()
        response = await session.get(answering.url)
        await response.release()
        response.release()
        assert response.closed
        await fetch(session, answering.url)
    assert answering.connections == 1


async def test_wait_for_close_waits_for_the_upload(lib):
    """The answer has begun before the body has gone: what is left of the body is still sent."""
    aiohttp = lib.load()
    go = asyncio.Event()

    async def upload():
        yield b"first"
        await go.wait()
        yield b" last"

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        peer.server.bodies.append(await peer.reader.readuntil(b"0\r\n\r\n"))
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        response = await session.post(server.url, data=upload())
        closing = asyncio.ensure_future(response.wait_for_close())
        await asyncio.wait([closing], timeout=0.05)
        assert not closing.done()
        go.set()
        await closing
        assert response.closed
        while server.open:  # half of an answer is left in it: it is closed
            await asyncio.sleep(0.001)
    assert server.bodies == [b"5\r\nfirst\r\n5\r\n last\r\n0\r\n\r\n"]


async def test_connection_of_a_response(lib):
    """There while the body is still to be read, and gone with it."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        await go.wait()
        await peer.send(b"k")
        await peer.gone()

    go = asyncio.Event()
    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert response.connection.transport.get_extra_info("peername") == ("127.0.0.1", server.url.port)
            go.set()
            assert await response.read() == b"ok"
            assert response.connection is None


async def test_body_is_reachable_after_raise_for_status(lib):
    """Inside of ``async with``, the body can be read after the error."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 400 Bad\r\nContent-Length: 6\r\n\r\nbe")
        await asyncio.sleep(0.02)
        await peer.send(b"cause")
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            with pytest.raises(aiohttp.ClientResponseError):
                response.raise_for_status()
            assert await response.text() == "becaus"
