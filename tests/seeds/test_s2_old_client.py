"""The client page of the 1.x era (002_a793639fe2cde222): what is still right of it, and what is refused clearly."""

import asyncio
import hashlib
import json
import ssl
import types
import zlib

import pytest
from multidict import MultiDict

from tests.against import better
from tests.seeds.httpbin import url_of


async def test_make_a_request(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(str(url_of(httpbin, "/events"))) as resp:
            assert resp.status == 200
            assert "created_at" in await resp.text()


async def test_url_is_no_str(lib, httpbin):
    """S2 compares ``resp.url`` with a str; since 2.0 it is a URL, which equals no str."""
    params = {"key1": "value1", "key2": "value2"}
    async with lib.load().ClientSession() as session:
        async with session.get(f"{httpbin.url}get", params=params) as resp:
            assert resp.url == url_of(httpbin, "/get?key1=value1&key2=value2")
            assert resp.url != f"{httpbin.url}get?key1=value1&key2=value2"


async def test_multidict_params(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(f"{httpbin.url}get", params=MultiDict([("key", "value1"), ("key", "value2")])) as r:
            assert str(r.url).endswith("/get?key=value1&key=value2")
        async with session.get(f"{httpbin.url}get", params="key=value+1") as r:
            assert str(r.url).endswith("/get?key=value+1")


async def test_release(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/get")) as resp:
            pass
        resp = await session.get(url_of(httpbin, "/get"))
        await resp.release()
        assert resp.closed
        assert len({peer.writer.get_extra_info("peername") for peer in httpbin.peers}) == httpbin.connections == 1


async def test_custom_headers(lib, httpbin):
    payload = {"some": "data"}
    headers = {"content-type": "application/json"}
    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=json.dumps(payload), headers=headers) as resp:
            answer = await resp.json()
            assert answer["json"] == payload
            assert answer["headers"]["content-type"] == "application/json"


async def test_custom_cookies(lib, httpbin):
    cookies = {"cookies_are": "working"}
    async with lib.load().ClientSession(cookies=cookies) as session:
        async with session.get(url_of(httpbin, "/cookies")) as resp:
            assert await resp.json() == {"cookies": {"cookies_are": "working"}}


async def test_str_body(lib, httpbin):
    """Sent as it is; since 2.0 as text/plain."""
    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=json.dumps({"some": "data"})) as resp:
            answer = await resp.json()
            assert answer["data"] == '{"some": "data"}'
            assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"


# Streaming uploads


async def test_generator(lib, httpbin):
    """What took the place of the page's generator."""

    async def my_coroutine():
        yield b"one "
        yield b"two"

    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=my_coroutine()) as resp:
            assert (await resp.json())["data"] == "one two"


async def test_generator_coroutine_is_refused(lib, httpbin):
    """``@asyncio.coroutine`` has gone from Python; what ``types.coroutine`` makes gets a ``TypeError``."""

    @types.coroutine
    def my_coroutine():
        yield b"chunk"

    async with lib.load().ClientSession() as session:
        with pytest.raises(TypeError):
            await session.post(url_of(httpbin, "/post"), data=(body := my_coroutine()))
        body.close()
    assert not httpbin.requests


async def test_chain_get_and_post(lib, httpbin):
    async with lib.load().ClientSession() as session:
        r = await session.get(url_of(httpbin, "/stream-bytes/5000"))
        async with session.post(url_of(httpbin, "/post"), data=r.content) as resp:
            assert resp.ok
    assert len(httpbin.bodies[-1]) == 5000


async def test_precompressed(lib, httpbin):
    async def my_coroutine(session, my_data):
        data = zlib.compress(my_data)
        headers = {"Content-Encoding": "deflate"}
        async with session.post(url_of(httpbin, "/post"), data=data, headers=headers, compress=False):
            pass

    async with lib.load().ClientSession() as session:
        await my_coroutine(session, b"my data" * 100)
    assert zlib.decompress(httpbin.bodies[0]) == b"my data" * 100
    assert httpbin.requests[0].lower().count(b"content-encoding: deflate") == 1


# Connectors


@pytest.mark.parametrize("limit", [30, None])
async def test_limit(lib, httpbin, limit):
    aiohttp = lib.load()
    conn = aiohttp.TCPConnector(limit=limit)
    async with aiohttp.ClientSession(connector=conn) as session:
        async with session.get(url_of(httpbin, "/get")) as resp:
            assert resp.ok


async def test_verify_ssl(lib, secure):
    aiohttp = lib.load()
    with pytest.warns(DeprecationWarning, match="verify_ssl"):
        conn = aiohttp.TCPConnector(verify_ssl=False)
    async with aiohttp.ClientSession(connector=conn) as session:
        r = await session.get(url_of(secure, "/get"))
        assert r.ok
        r.release()


async def test_ssl_context(lib, secure, authority, tmp_path):
    aiohttp = lib.load()
    authority.cert_pem.write_to_path(tmp_path / "ca-bundle.crt")
    sslcontext = ssl.create_default_context(cafile=tmp_path / "ca-bundle.crt")
    with pytest.warns(DeprecationWarning, match="ssl_context"):
        conn = aiohttp.TCPConnector(ssl_context=sslcontext)
    async with aiohttp.ClientSession(connector=conn) as session:
        async with session.get(url_of(secure, "/get")) as r:
            assert r.ok


async def test_verify_ssl_and_ssl_context_exclude_each_other(lib):
    with pytest.warns(DeprecationWarning, match="ssl"), pytest.raises(ValueError):
        lib.load().TCPConnector(verify_ssl=False, ssl_context=ssl.create_default_context())


@pytest.mark.parametrize("size", [16, 20])
async def test_md5_and_sha1_pins_are_refused(lib, size):
    with pytest.raises(ValueError, match="sha256"):
        lib.load().Fingerprint(b"\xa2" * size)


async def test_wrong_pin(lib, secure, leaf):
    aiohttp = lib.load()
    bad = b"\xa2" * 32
    with pytest.warns(DeprecationWarning, match="fingerprint"):
        conn = aiohttp.TCPConnector(fingerprint=bad)
    async with aiohttp.ClientSession(connector=conn) as session:
        exc = None
        try:
            await session.get(url_of(secure, "/get").with_host("127.0.0.1"))
        except aiohttp.ServerFingerprintMismatch as e:
            exc = e
    assert exc is not None
    assert exc.expected == bad
    der = ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())
    assert exc.got == hashlib.sha256(der).digest()


@better("the name FingerprintMismatch has gone")
def test_old_name_of_the_mismatch(lib):
    aiohttp = lib.load()
    assert aiohttp.FingerprintMismatch is aiohttp.ServerFingerprintMismatch


# Responses


async def test_headers_in_any_case(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/get")) as resp:
            assert resp.headers["Content-Type"] == "application/json"
            assert resp.headers.get("content-type") == "application/json"
            assert resp.raw_headers == (
                (b"Content-Length", resp.headers["Content-Length"].encode()),
                (b"Content-Type", b"application/json"),
            )


async def test_response_cookies(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/cookies/set/example/1"), allow_redirects=False) as resp:
            assert resp.cookies["example"].value == "1"
        async with session.get(url_of(httpbin, "/cookies/set/example/1")) as resp:
            assert not resp.cookies  # only those of the last answer


async def test_history(lib, httpbin):
    async with lib.load().ClientSession() as session:
        resp = await session.get(url_of(httpbin, "/redirect/1"))
        assert repr(resp).startswith(f"<ClientResponse({httpbin.url}get) [200 OK]>")
        assert repr(resp.history[0]).startswith(f"<ClientResponse({httpbin.url}redirect/1) [302 Found]>")
        resp = await session.get(url_of(httpbin, "/redirect/1"), allow_redirects=False)
        assert not resp.history
        resp.release()


async def test_timeout_around_a_request(lib, httpbin):
    async with lib.load().ClientSession() as session:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                async with session.get(url_of(httpbin, "/delay/10")) as r:
                    await r.text()
