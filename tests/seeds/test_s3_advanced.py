"""Advanced client usage (003_5bdcb16f429ade01): its examples, in its order."""

import asyncio
import gc
import json
import ssl
import warnings
import zlib

import pytest
from yarl import URL

from tests.against import better
from tests.seeds.httpbin import httpbin as answer
from tests.seeds.httpbin import url_of
from tests.servers import Peer, serve

# Custom request headers


async def test_custom_headers(lib, httpbin):
    payload = b"GIF89a\x01\x00\x01\x00\x00\xff\x00,\x00\x00"
    headers = {"content-type": "image/gif"}
    async with lib.load().ClientSession() as session:
        resp = await session.post(url_of(httpbin, "/post"), data=payload, headers=headers)
        assert (await resp.json())["headers"]["content-type"] == "image/gif"
    assert httpbin.bodies == [payload]


async def test_default_headers(lib, httpbin):
    headers = {"Authorization": "Basic bG9naW46cGFzcw=="}
    async with lib.load().ClientSession(headers=headers) as session:
        async with session.get(url_of(httpbin, "/headers")) as r:
            json_body = await r.json()
            assert json_body["headers"]["Authorization"] == "Basic bG9naW46cGFzcw=="


async def test_json_and_text(lib, httpbin):
    async with lib.load().ClientSession() as session:
        resp = await session.post(url_of(httpbin, "/post"), json={"example": "text"})
        assert (await resp.json())["json"] == {"example": "text"}
        resp = await session.post(url_of(httpbin, "/post"), data="Привет, Мир!")
        answer = await resp.json()
        assert answer["data"] == "Привет, Мир!"
        assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("away", [True, False])
async def test_authorization_is_removed_for_another_host(lib, httpbin, away):
    headers = {"Authorization": "Basic bG9naW46cGFzcw=="}
    async with serve(answer) as other, lib.load().ClientSession(headers=headers) as session:
        goal = url_of(other if away else httpbin, "/headers")
        async with session.get(url_of(httpbin, f"/redirect-to?url={goal}")) as r:
            assert ("Authorization" in (await r.json())["headers"]) is not away
            assert r.url == goal


# Custom cookies


async def test_custom_cookies(lib, httpbin):
    cookies = {"cookies_are": "working"}
    async with lib.load().ClientSession(cookies=cookies) as session:
        async with session.get(url_of(httpbin, "/cookies")) as resp:
            assert await resp.json() == {"cookies": {"cookies_are": "working"}}


async def test_cookies_between_requests(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:  # the server has no name
        await session.get(url_of(httpbin, "/cookies/set?my_cookie=my_value"))
        filtered = session.cookie_jar.filter_cookies(httpbin.url)
        assert filtered["my_cookie"].value == "my_value"
        async with session.get(url_of(httpbin, "/cookies")) as r:
            json_body = await r.json()
            assert json_body["cookies"]["my_cookie"] == "my_value"


# Response headers and cookies


async def test_response_headers(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(
            b"HTTP/1.1 200 OK\r\nSERVER: nginx\r\nDATE: Sat, 09 Jan 2016 20:28:40 GMT\r\n"
            b"CONTENT-TYPE: application/json\r\nCONTENT-LENGTH: 2\r\nX-Odd: \xff\xd0\x9f\r\n"
            b"Set-Cookie: a=b; Path=/\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n{}"
        )
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as resp:
            assert resp.headers["Content-Type"] == "application/json"
            assert resp.headers.get("content-type") == "application/json"
            assert resp.headers.getall("x-two") == ["1", "2"]
            assert resp.headers["X-Odd"] == "\udcffП"
            assert resp.raw_headers[:5] == (
                (b"SERVER", b"nginx"),
                (b"DATE", b"Sat, 09 Jan 2016 20:28:40 GMT"),
                (b"CONTENT-TYPE", b"application/json"),
                (b"CONTENT-LENGTH", b"2"),
                (b"X-Odd", b"\xff\xd0\x9f"),
            )
            assert resp.cookies["a"].value == "b"


# Redirection history


async def test_redirection_history(lib, httpbin):
    async with lib.load().ClientSession() as session:
        resp = await session.get(url_of(httpbin, "/redirect-to?url=/get&status_code=301"))
        assert resp.status == 200
        assert resp.url == httpbin.url / "get"
        assert len(resp.history) == 1
        assert resp.history[0].status == 301
        assert resp.history[0].url == url_of(httpbin, "/redirect-to?url=/get&status_code=301")
        resp = await session.get(url_of(httpbin, "/get"))
        assert len(resp.history) == 0


# Uploading pre-compressed data


async def test_precompressed(lib, httpbin):
    async def my_coroutine(session, headers, my_data):
        data = zlib.compress(my_data)
        headers = {"Content-Encoding": "deflate"}
        async with session.post(url_of(httpbin, "/post"), data=data, headers=headers):
            pass

    async with lib.load().ClientSession() as session:
        await my_coroutine(session, {}, b"my data")
    assert zlib.decompress(httpbin.bodies[0]) == b"my data"


# Disabling content type validation


@pytest.mark.parametrize(
    ("sent", "expected", "passes"),
    [
        ("application/json", (), True),
        ("application/vnd.custom-type+json", (), True),
        ("application/json;charset=utf-8", (), True),
        ("text/html", (), False),
        ("custom/type", ("custom/type",), True),
        ("custom/xxx+type", ("custom/type",), False),
        ("application/vnd.custom-type+json", ("custom/type",), False),
        ("text/html", (None,), True),
    ],
)
async def test_json_content_type(lib, httpbin, sent, expected, passes):
    aiohttp = lib.load()
    options = {"content_type": expected[0]} if expected else {}
    async with aiohttp.ClientSession() as session:
        async with session.get(url_of(httpbin, "/typed/" + sent)) as resp:
            if passes:
                assert await resp.json(**options) == {"a": 1}
            else:
                with pytest.raises(aiohttp.ContentTypeError):
                    await resp.json(**options)


# Connectors


async def test_shared_connector(lib, httpbin):
    aiohttp = lib.load()
    conn = aiohttp.TCPConnector()
    for _ in range(2):
        async with aiohttp.ClientSession(connector=conn, connector_owner=False) as session:
            async with session.get(url_of(httpbin, "/get")) as resp:
                await resp.read()
        assert not conn.closed
    assert httpbin.connections == 1
    await conn.close()


@pytest.mark.parametrize(
    ("options", "most"),
    [({"limit": 3}, 3), ({"limit": 0}, 9), ({"limit_per_host": 2}, 2), ({}, 9), ({"limit": None}, 9)],
)
async def test_limits(lib, options, most):
    aiohttp = lib.load()
    at_once = highest = 0
    full = asyncio.Event()

    async def handler(peer: Peer) -> None:
        nonlocal at_once, highest
        while True:
            await peer.request()
            at_once += 1
            highest = max(highest, at_once)
            if at_once == most:
                full.set()
            await full.wait()
            at_once -= 1
            await peer.answer()

    conn = aiohttp.TCPConnector(**options)
    async with serve(handler) as server, aiohttp.ClientSession(connector=conn) as session:

        async def one() -> None:
            async with session.get(server.url) as resp:
                await resp.read()

        await asyncio.gather(*(one() for _ in range(9)))
    assert highest == most


def test_default_limits(lib):
    async def main() -> None:
        async with lib.load().TCPConnector() as connector:
            assert (connector.limit, connector.limit_per_host) == (100, 0)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("options", "asked"),
    [({"ttl_dns_cache": 300}, 1), ({"use_dns_cache": False}, 3), ({}, 1), ({"ttl_dns_cache": 0.001}, 3)],
)
async def test_dns_cache(lib, httpbin, options, asked):
    aiohttp = lib.load()

    asked_for = []

    class Resolver(aiohttp.ThreadedResolver):
        async def resolve(self, host, port=0, family=0):
            asked_for.append(host)
            return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}]

    conn = aiohttp.TCPConnector(resolver=Resolver(), force_close=True, **options)
    async with aiohttp.ClientSession(connector=conn) as session:
        for _ in range(3):
            async with session.get(f"http://name.test:{httpbin.url.port}/get") as resp:
                assert resp.ok
            await asyncio.sleep(0.005)
    assert asked_for == ["name.test"] * asked


# SSL control


async def test_unknown_authority(lib, secure):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        for expected in (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.CertificateError):
            with pytest.raises(expected):
                await session.get(url_of(secure, "/get"))
        r = await session.get(url_of(secure, "/get"), ssl=False)
        assert r.ok
        r.release()


async def test_no_tls_there(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.reader.read(100)
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for expected in (aiohttp.ClientConnectorSSLError, aiohttp.ClientSSLError, ssl.SSLError):
            with pytest.raises(expected):
                await session.get(server.url.with_scheme("https"))


async def test_authorities_of_a_file(lib, secure, authority, tmp_path):
    """The example with certifi, with a bundle that knows this test's authority."""
    aiohttp = lib.load()
    authority.cert_pem.write_to_path(tmp_path / "cacert.pem")

    ssl_context = ssl.create_default_context(cafile=tmp_path / "cacert.pem")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=ssl_context)) as sess:
        async with sess.get(url_of(secure, "/get")) as resp:
            assert resp.ok
        with pytest.raises(aiohttp.ServerFingerprintMismatch):  # the request's word counts before the connector's
            await sess.get(url_of(secure, "/get").with_host("127.0.0.1"), ssl=aiohttp.Fingerprint(b"\0" * 32))


async def test_own_certificate(lib, authority, tmp_path):
    own = authority.issue_cert("me@example.org")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "device.pem")
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server_side)
    authority.configure_trust(server_side)
    server_side.verify_mode = ssl.CERT_REQUIRED

    ssl_context = ssl.create_default_context()
    ssl_context.load_cert_chain(tmp_path / "device.pem")
    authority.configure_trust(ssl_context)
    async with serve(answer, server_side) as server, lib.load().ClientSession() as sess:
        async with sess.get(server.url, ssl=ssl_context) as resp:
            assert resp.ok
        peer = server.peers[0].writer.get_extra_info("peercert")
        assert ("email", "me@example.org") in peer["subjectAltName"]


async def test_wrong_fingerprint(lib, secure):
    aiohttp = lib.load()
    bad_fp = b"0" * 32  # the page has 64, which nothing ever took
    exc = None
    async with aiohttp.ClientSession() as session:
        try:
            await session.get(url_of(secure, "/get").with_host("127.0.0.1"), ssl=aiohttp.Fingerprint(bad_fp))
        except aiohttp.ServerFingerprintMismatch as e:
            exc = e
    assert exc is not None
    assert exc.expected == bad_fp
    assert len(exc.got) == 32
    assert (exc.host, exc.port) == ("127.0.0.1", secure.url.port)


def test_fingerprint_of_64_bytes(lib):
    with pytest.raises(ValueError):
        lib.load().Fingerprint(b"0" * 64)


# Graceful shutdown


@pytest.mark.parametrize("sleep", [None, 0, 0.25])
@pytest.mark.parametrize("scheme", ["http", "https"])
@better("needs the sleep")
def test_graceful_shutdown(lib, authority, leaf, scheme, sleep):
    """With the page's sleep, and without: nothing is left open either way."""
    aiohttp = lib.load()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(server_side)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    async def read_website() -> None:
        async with serve(answer, server_side if scheme == "https" else None) as server:
            async with aiohttp.ClientSession() as session:
                async with session.get(server.url, ssl=trusting) as resp:
                    await resp.read()
            if sleep is not None:
                await asyncio.sleep(sleep)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loop = asyncio.new_event_loop()
        loop.run_until_complete(read_website())
        loop.close()
        gc.collect()
    assert not [str(warning.message) for warning in caught]


# Character set detection


async def test_charset_given(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/text/windows-1251")) as resp:
            with pytest.raises(UnicodeDecodeError):
                await resp.text()
            assert await resp.text("windows-1251") == "Привет, Мир!"


async def test_charset_resolver(lib, httpbin):
    asked = []

    def charset_resolver(resp, body: bytes) -> str:
        asked.append((resp.url.path, body))
        return "windows-1251"

    async with lib.load().ClientSession(fallback_charset_resolver=charset_resolver) as session:
        async with session.get(url_of(httpbin, "/text/windows-1251")) as resp:
            assert await resp.text() == "Привет, Мир!"
        assert asked == [("/text/windows-1251", "Привет, Мир!".encode("windows-1251"))]
        async with session.get(url_of(httpbin, "/text/utf-8?said=utf-8")) as resp:
            assert await resp.text() == "Привет, Мир!"
        assert len(asked) == 1


async def test_json_of_an_odd_charset(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(json.dumps("П", ensure_ascii=False).encode("cp1251"), b"Content-Type: application/json")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(URL(server.url)) as resp:
            assert await resp.json(encoding="cp1251") == "П"
