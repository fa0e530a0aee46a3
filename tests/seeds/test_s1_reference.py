"""Client reference (001_62b7eb8e628a6b68): its examples and what it promises in so many words."""

import asyncio
import base64
import codecs
import hashlib
import json
import ssl

import pytest
from multidict import CIMultiDict, MultiDict
from yarl import URL

from tests.against import better
from tests.seeds.httpbin import url_of
from tests.servers import Peer, serve


def test_usage_example(lib):
    """The page's first program, its loop included."""
    aiohttp = lib.load()

    async def fetch(client, url):
        async with client.get(url) as resp:
            assert resp.status == 200
            return await resp.text()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"<html>")
        await peer.gone()

    async def main():
        async with serve(handler) as server, aiohttp.ClientSession() as client:
            return await fetch(client, server.url)

    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(main()) == "<html>"
    loop.close()


# The session


async def test_base_url(lib, httpbin):
    async with lib.load().ClientSession(str(httpbin.url)) as session:
        async with session.get("/get") as resp:
            assert resp.url == httpbin.url / "get"
        async with session.get("headers?a=b") as resp:
            assert resp.url == url_of(httpbin, "/headers?a=b")


async def test_session_headers_and_skipped_ones(lib, httpbin):
    session = lib.load().ClientSession(
        headers=[("X-One", "1"), ("X-Two", "2")], skip_auto_headers=["User-Agent", "content-type"]
    )
    async with session:
        assert session.headers == CIMultiDict({"X-One": "1", "X-Two": "2"})
        assert session.skip_auto_headers == frozenset({"User-Agent", "content-type"})
        async with session.post(url_of(httpbin, "/post"), data=b"x", headers={"x-two": "other"}) as resp:
            sent = (await resp.json())["headers"]
    assert sent.pop("x-two") == "other"
    assert sent["X-One"] == "1"
    assert {"X-Two", "User-Agent", "Content-Type"}.isdisjoint(sent)
    assert sent["Content-Length"] == "1"  # cannot be skipped


async def test_session_auth(lib, httpbin):
    aiohttp = lib.load()
    auth = aiohttp.BasicAuth("user", "pass")
    async with aiohttp.ClientSession(auth=auth) as session:
        assert session.auth == auth
        async with session.get(url_of(httpbin, "/basic-auth/user/pass")) as resp:
            assert (await resp.json())["authenticated"]
        other = aiohttp.BasicAuth("other", "pass")
        async with session.get(url_of(httpbin, "/basic-auth/other/pass"), auth=other) as resp:
            assert resp.status == 200


async def test_session_version(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(version=aiohttp.HttpVersion10) as session:
        async with session.get(url_of(httpbin, "/get")) as resp:
            await resp.read()
    assert httpbin.requests[0].startswith(b"GET /get HTTP/1.0\r\n")


async def test_raise_for_status_overridden(lib, httpbin):
    aiohttp = lib.load()
    client_session = aiohttp.ClientSession(raise_for_status=True)
    resp = await client_session.get(url_of(httpbin, "/status/500"), raise_for_status=False)
    async with resp:
        assert resp.status == 500
    with pytest.raises(aiohttp.ClientResponseError) as info:
        await client_session.get(url_of(httpbin, "/status/404"))
    assert (info.value.status, info.value.message) == (404, "As Asked")
    await client_session.close()


async def test_read_only_properties(lib):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector()
    session = aiohttp.ClientSession(
        connector=connector, raise_for_status=True, auto_decompress=False, timeout=aiohttp.ClientTimeout(total=7)
    )
    assert not session.closed
    assert session.connector is connector
    assert isinstance(session.cookie_jar, aiohttp.CookieJar)
    assert session.timeout == aiohttp.ClientTimeout(total=7)
    assert session.headers == {}
    assert session.skip_auto_headers == frozenset()
    assert session.auth is None
    assert session.json_serialize is json.dumps
    assert session.connector_owner is True
    assert session.raise_for_status is True
    assert session.auto_decompress is False
    assert session.requote_redirect_url is True
    assert session.trust_env is False
    assert session.trace_configs == []
    with pytest.warns(DeprecationWarning, match="loop"):
        assert session.loop is asyncio.get_running_loop()
    for name in (
        "closed", "connector", "cookie_jar", "timeout", "headers", "skip_auto_headers", "auth", "json_serialize",
        "connector_owner", "raise_for_status", "auto_decompress", "trust_env", "trace_configs", "loop",
    ):  # fmt: skip
        with pytest.raises(AttributeError):
            setattr(session, name, None)
    await session.close()
    assert session.closed
    assert session.connector is None


async def test_default_timeout(lib):
    """S1 says five minutes in all; 3.14 adds 30 s for the socket."""
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        assert session.timeout == aiohttp.ClientTimeout(total=300, sock_connect=30)


async def test_detach(lib, httpbin):
    aiohttp = lib.load()
    session = aiohttp.ClientSession()
    connector = session.connector
    session.detach()
    assert session.closed
    assert not connector.closed
    async with aiohttp.ClientSession(connector=connector) as other:
        async with other.get(url_of(httpbin, "/get")) as resp:
            assert resp.ok


async def test_request_method(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.request("get", url_of(httpbin, "/get")) as resp:
            assert resp.method == "GET"


async def test_params_are_for_the_first_request_alone(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/redirect/1"), params={"a": "b"}) as resp:
            assert (await resp.json())["target"] == "/get"


async def test_json_and_data_exclude_each_other(lib, httpbin):
    async with lib.load().ClientSession() as session:
        with pytest.raises(ValueError):
            await session.post(url_of(httpbin, "/post"), data=b"x", json={})
    assert not httpbin.requests


async def test_cookies_of_session_and_request_are_merged(lib, httpbin):
    async with lib.load().ClientSession(cookies={"a": "1", "b": "1"}) as session:
        async with session.get(url_of(httpbin, "/cookies"), cookies={"b": "2", "c": "3"}) as resp:
            assert (await resp.json())["cookies"] == {"a": "1", "b": "2", "c": "3"}


async def test_redirects_not_allowed(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/redirect/1"), allow_redirects=False) as resp:
            assert (resp.status, resp.history) == (302, ())
            assert resp.headers["Location"] == "/get"


async def test_too_many_redirects(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        async with session.get(url_of(httpbin, "/redirect/9")) as resp:
            assert len(resp.history) == 9
        with pytest.raises(aiohttp.TooManyRedirects) as info:
            await session.get(url_of(httpbin, "/redirect/10"))
        assert len(info.value.history) == 10
        with pytest.raises(aiohttp.TooManyRedirects):
            await session.get(url_of(httpbin, "/redirect/2"), max_redirects=2)


async def test_head_does_not_follow(lib):
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.send(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.head(server.url) as resp:
            assert resp.status == 302
    assert len(server.requests) == 1


async def test_compress_and_chunked(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=b"abc", compress=True) as resp:
            sent = (await resp.json())["headers"]
            assert (sent["Content-Encoding"], sent["Transfer-Encoding"]) == ("deflate", "chunked")
        with pytest.raises(ValueError):
            await session.post(
                url_of(httpbin, "/post"), data=b"abc", compress=True, headers={"Content-Encoding": "gzip"}
            )
        async with session.post(url_of(httpbin, "/post"), data=b"abc", chunked=True) as resp:
            sent = await resp.json()
            assert sent["data"] == "abc"
            assert "Content-Length" not in sent["headers"]


async def test_release_forms(lib, httpbin):
    async with lib.load().ClientSession() as session:
        resp = await session.get(url_of(httpbin, "/get"))
        resp.release()
        resp = await session.get(url_of(httpbin, "/get"))
        await resp.release()


# Basic API


async def test_request_function(lib, httpbin):
    aiohttp = lib.load()

    async def fetch():
        async with aiohttp.request("GET", url_of(httpbin, "/get"), params={"a": "b"}, cookies={"c": "d"}) as resp:
            assert resp.status == 200
            return await resp.json()

    answer = await fetch()
    assert answer["args"] == {"a": "b"}
    assert answer["headers"]["Cookie"] == "c=d"


# Connectors


async def test_connector_properties(lib, httpbin):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(limit=5, limit_per_host=2, force_close=True, use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        async with session.get(url_of(httpbin, "/get")) as resp:
            await resp.read()
        assert not connector.closed
        assert (connector.limit, connector.limit_per_host) == (5, 2)
        assert connector.force_close is True
        assert connector.use_dns_cache is False
        assert connector.family == 0
        connector.clear_dns_cache()
        connector.clear_dns_cache("localhost", 80)
    assert connector.closed


async def test_unix_connector(lib, tmp_path):
    aiohttp = lib.load()

    async def answer(reader, writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.read()
        writer.close()
        await writer.wait_closed()

    path = str(tmp_path / "s")
    listening = await asyncio.start_unix_server(answer, path)
    conn = aiohttp.UnixConnector(path=path)
    assert conn.path == path
    session = aiohttp.ClientSession(connector=conn)
    async with session.get("http://python.org") as resp:
        assert await resp.text() == "ok"
    await session.close()
    listening.close()
    await listening.wait_closed()


# Response object


async def test_response(lib, httpbin):
    aiohttp = lib.load()
    client_session = aiohttp.ClientSession()
    resp = await client_session.get(url_of(httpbin, "/get#part"))
    async with resp:
        assert resp.status == 200
    assert resp.version == aiohttp.HttpVersion11
    assert (resp.reason, resp.ok, resp.method) == ("OK", True, "GET")
    assert resp.url == httpbin.url / "get"
    assert resp.real_url == url_of(httpbin, "/get#part")
    assert resp.host == "127.0.0.1"
    assert resp.connection is None  # the body is complete
    assert isinstance(resp.content, aiohttp.StreamReader)
    assert isinstance(resp.request_info, aiohttp.RequestInfo)
    assert (resp.request_info.url, resp.request_info.method) == (httpbin.url / "get", "GET")
    assert resp.request_info.real_url == url_of(httpbin, "/get#part")
    assert resp.request_info.headers["Host"] == f"127.0.0.1:{httpbin.url.port}"
    await client_session.close()


async def test_content_type_and_charset(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/text/cp1251?said=Windows-1251")) as resp:
            assert (resp.content_type, resp.charset) == ("text/plain", "Windows-1251")
            assert await resp.text() == "Привет, Мир!"
            assert codecs.lookup(resp.get_encoding()).name == "cp1251"
        async with session.get(url_of(httpbin, "/response-headers?X=Y")) as resp:
            assert (resp.content_type, resp.charset) == ("application/octet-stream", None)
            assert "CONTENT-TYPE" not in resp.headers


async def test_get_encoding_before_the_body(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as resp:
            with pytest.raises(RuntimeError):
                resp.get_encoding()


async def test_links_and_disposition(lib, httpbin):
    url = url_of(
        httpbin,
        "/response-headers?Link=%3C/next%3E;%20rel=%22next%22&Content-Disposition=attachment;%20filename=%22a.txt%22",
    )
    async with lib.load().ClientSession() as session:
        async with session.get(url) as resp:
            assert resp.links["next"]["url"] == httpbin.url / "next"
            found = resp.content_disposition
            assert (found.type, found.filename, dict(found.parameters)) == (
                "attachment",
                "a.txt",
                {"filename": "a.txt"},
            )
        async with session.get(url_of(httpbin, "/get")) as resp:
            assert resp.content_disposition is None
            assert not resp.links


async def test_response_raise_for_status(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        async with session.get(url_of(httpbin, "/status/399")) as resp:
            resp.raise_for_status()
            assert resp.ok
        async with session.get(url_of(httpbin, "/status/400")) as resp:
            assert not resp.ok
            with pytest.raises(aiohttp.ClientResponseError) as info:
                resp.raise_for_status()
        error = info.value
        assert (error.status, error.message, error.history) == (400, "As Asked", ())
        assert error.request_info.url == httpbin.url / "status/400"
        assert error.headers["Content-Length"] == "8"


async def test_json_checks_the_type(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        async with session.get(url_of(httpbin, "/typed/text/html")) as resp:
            with pytest.raises(aiohttp.ContentTypeError):
                await resp.json()
            assert await resp.json(content_type=None) == {"a": 1}
        async with session.get(url_of(httpbin, "/status/200")) as resp:
            assert await resp.text() == "as asked"


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
async def test_empty_json_is_none(lib, body):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(body, b"Content-Type: application/json")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as resp:
            assert await resp.json() is None


async def test_close_and_closed(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        resp = await session.get(url_of(httpbin, "/stream-bytes/1000000"))
        assert not resp.closed
        resp.close()
        assert resp.closed
        with pytest.raises(aiohttp.ClientConnectionError):
            await resp.read()


# Utilities


def test_timeout_defaults(lib):
    timeout = lib.load().ClientTimeout()
    assert (timeout.total, timeout.connect, timeout.sock_connect, timeout.sock_read) == (None,) * 4


def test_basic_auth(lib):
    aiohttp = lib.load()
    auth = aiohttp.BasicAuth("user", "pass")
    assert auth.encode() == "Basic " + base64.b64encode(b"user:pass").decode()
    assert aiohttp.BasicAuth.decode(auth.encode()) == ("user", "pass", "latin1")
    assert aiohttp.BasicAuth.from_url(URL("http://u:p@host/")) == ("u", "p", "latin1")
    assert aiohttp.BasicAuth.from_url(URL("http://host/")) is None


async def test_cookie_jar(lib, httpbin, tmp_path):
    aiohttp = lib.load()
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(url_of(httpbin, "/cookies/set?a=1&b=2")) as resp:
            assert (await resp.json())["cookies"] == {"a": "1", "b": "2"}
        assert len(session.cookie_jar) == 2
        assert {cookie.key: cookie.value for cookie in session.cookie_jar} == {"a": "1", "b": "2"}
    jar.save(tmp_path / "jar")
    jar.clear(lambda morsel: morsel.key == "a")
    assert [cookie.key for cookie in jar] == ["b"]
    jar.clear_domain("127.0.0.1")
    assert len(jar) == 0
    jar.load(tmp_path / "jar")
    assert set(jar.filter_cookies(httpbin.url)) == {"a", "b"}
    jar.update_cookies({"shared": "3"})
    assert jar.filter_cookies(URL("http://elsewhere.example/"))["shared"].value == "3"


async def test_dummy_cookie_jar(lib, httpbin):
    aiohttp = lib.load()
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    async with session.get(url_of(httpbin, "/cookies/set/a/1")) as resp:
        assert (await resp.json())["cookies"] == {}
    await session.close()


async def test_fingerprint(lib, secure, leaf, tmp_path):
    aiohttp = lib.load()
    path_to_cert = tmp_path / "cert.der"
    path_to_cert.write_bytes(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode()))

    with open(path_to_cert, "rb") as f:
        digest = hashlib.sha256(f.read()).digest()

    async with aiohttp.ClientSession() as session:
        async with session.get(url_of(secure, "/get"), ssl=aiohttp.Fingerprint(digest)) as resp:
            assert resp.ok


async def test_form_data_without_files_is_urlencoded(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        for fields in ({"a": "1", "b": "2"}, [("a", "1"), ("b", "2")], MultiDict(a="1", b="2")):
            form = aiohttp.FormData(fields)
            async with session.post(url_of(httpbin, "/post"), data=form) as resp:
                answer = await resp.json()
                assert answer["form"] == {"a": "1", "b": "2"}
                assert answer["headers"]["Content-Type"].startswith("application/x-www-form-urlencoded")
        form = aiohttp.FormData()
        form.add_field("a", "1")
        form.add_fields(("b", "2"))
        async with session.post(url_of(httpbin, "/post"), data=form) as resp:
            assert (await resp.json())["form"] == {"a": "1", "b": "2"}


# Client exceptions


HIERARCHY = {
    "ClientError": (),
    "ClientResponseError": ("ClientError",),
    "ContentTypeError": ("ClientResponseError",),
    "TooManyRedirects": ("ClientResponseError",),
    "ClientHttpProxyError": ("ClientResponseError",),
    "ClientConnectionError": ("ClientError",),
    "ClientOSError": ("ClientConnectionError",),
    "ClientConnectorError": ("ClientOSError",),
    "ClientSSLError": ("ClientConnectorError",),
    "ClientConnectorCertificateError": ("ClientSSLError",),
    "ClientConnectorSSLError": ("ClientSSLError",),
    "ClientProxyConnectionError": ("ClientConnectorError",),
    "ServerConnectionError": ("ClientConnectionError",),
    "ServerDisconnectedError": ("ServerConnectionError",),
    "ServerTimeoutError": ("ServerConnectionError",),
    "ServerFingerprintMismatch": ("ServerConnectionError",),
    "ClientPayloadError": ("ClientError",),
    "InvalidURL": ("ClientError",),
}


@pytest.mark.parametrize("name", list(HIERARCHY))
def test_hierarchy(lib, name):
    """Where the page names two parents, 3.14 decides (FEATURES.md)."""
    aiohttp = lib.load()
    for parent in HIERARCHY[name]:
        assert issubclass(getattr(aiohttp, name), getattr(aiohttp, parent))


def test_parents_outside(lib):
    aiohttp = lib.load()
    assert issubclass(aiohttp.ClientOSError, OSError)
    assert issubclass(aiohttp.InvalidURL, ValueError)
    assert issubclass(aiohttp.ServerTimeoutError, asyncio.TimeoutError)
    assert issubclass(aiohttp.ClientConnectorSSLError, ssl.SSLError)
    assert issubclass(aiohttp.ClientConnectorCertificateError, ssl.CertificateError)


@better("a malformed chunk that comes later than the head hangs")
async def test_payload_errors(lib):
    """The three that the page lists: bad compression, bad chunks, less than was promised."""
    aiohttp = lib.load()
    answers = [
        b"Content-Encoding: gzip\r\nContent-Length: 30\r\n\r\n" + b"x" * 30,
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\nxyz\r\n",
        b"Content-Length: 30\r\n\r\nok",
    ]

    async def handler(peer: Peer) -> None:
        await peer.request()
        head, _, body = answers[server.connections - 1].partition(b"\r\n\r\n")
        await peer.send(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        await asyncio.sleep(0.01)
        await peer.send(body)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for _ in answers:
            with pytest.raises(aiohttp.ClientPayloadError):
                async with session.get(server.url) as resp:
                    await resp.read()
    assert server.connections == 3
