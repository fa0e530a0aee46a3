"""The client through scripted proxies: what they are told, and all that they can get wrong."""

import asyncio
import contextlib
import hashlib
import io
import pickle
import socket
import ssl
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from tests.certificates import LOOPS, Certificates, run
from tests.servers import Peer, abort, keep_answering, serve

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
BIG = bytes(range(251)) * 20_000
SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])  # of the proxy


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for scheme in ("http", "https", "ws", "wss", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


async def tunnel(peer: Peer) -> None:
    """A proxy for ``CONNECT``: whatever host is asked for, the port is on this machine."""
    head = await peer.head()
    assert head.startswith(b"CONNECT ")
    port = int(head.split()[1].rpartition(b":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await peer.send(ESTABLISHED)
        await asyncio.gather(relay(peer.reader, writer), relay(reader, peer.writer))
    finally:
        abort(writer)


def answering(data: bytes, then: str = "wait"):
    """A proxy that answers ``CONNECT`` with *data*, and then waits, closes or resets."""

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(data)
        if then == "wait":
            await peer.gone()
        elif then == "reset":
            peer.reset()

    return handler


def whole(session) -> bool:
    """True when the pool holds nothing on to anything."""
    connector = session.connector
    return not (connector._acquired or connector._opening or connector._conns or connector._slots.used)


async def body_of(session, url, **options) -> bytes:
    async with session.get(url, **options) as response:
        return await response.read()


# Forwarding


async def test_forward(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as proxy, aiohttp.ClientSession() as session:
        options = {"proxy": proxy.url, "proxy_headers": {"X-Tenant": "7"}, "headers": {"X-Own": "1"}}
        async with session.get("http://user:pw@origin.test:81/a%20b?c=d#e", **options) as response:
            assert await response.read() == b"ok"
            assert str(response.url) == "http://origin.test:81/a%20b?c=d"
            assert str(response.real_url) == "http://origin.test:81/a%20b?c=d#e"
        async with session.post("http://origin.test", data=b"body", proxy=str(proxy.url)) as response:
            assert await response.read() == b"ok"
    lines = proxy.requests[0].decode().split("\r\n")
    assert lines[0] == "GET http://origin.test:81/a%20b?c=d HTTP/1.1"
    assert {"Host: origin.test:81", "X-Tenant: 7", "X-Own: 1"} < set(lines)
    assert f"Authorization: {aiohttp.BasicAuth('user', 'pw').encode()}" in lines
    assert "Proxy-Authorization" not in proxy.requests[0].decode()
    assert proxy.requests[1].startswith(b"POST http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\n")
    assert proxy.bodies[1] == b"body"


async def test_forwarding_connections_are_reused(lib):
    """By one origin at a time, and only with the same credentials."""
    aiohttp = lib.load()
    async with serve(keep_answering) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        for _ in range(3):
            assert await body_of(session, "http://origin.test/") == b"ok"
        assert proxy.connections == 1
        assert await body_of(session, "http://origin.test/", proxy_auth=aiohttp.BasicAuth("a")) == b"ok"
        assert proxy.connections == 2
        assert b"Proxy-Authorization: Basic YTo=\r\n" in proxy.requests[-1]
        assert await body_of(session, "http://origin.test/") == b"ok"
        assert b"Proxy-Authorization" not in proxy.requests[-1]
        assert await body_of(session, proxy.url, proxy="") == b"ok"  # nothing said: the session's is used
        assert proxy.requests[-1].startswith(b"GET http://127.0.0.1")


@pytest.mark.parametrize("way", ["url", "option", "both", "session", "header", "proxy header"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_credentials(lib, certificates, way, scheme):
    aiohttp = lib.load()
    auth = aiohttp.BasicAuth("us€r", "p:w", encoding="utf-8")
    says = f"Proxy-Authorization: {auth.encode()}\r\n".encode()
    field = {"Proxy-Authorization": auth.encode()}
    async with serve(keep_answering, certificates.server("origin.test") if scheme == "https" else None) as origin:
        async with serve(tunnel if scheme == "https" else keep_answering) as proxy:
            url, for_session, options = proxy.url, {}, {}
            if way in ("url", "both"):
                url = url.with_user("user").with_password("p:w")
                says = b"Proxy-Authorization: Basic dXNlcjpwOnc=\r\n"
            if way in ("option", "both"):
                options["proxy_auth"] = auth
                says = f"Proxy-Authorization: {auth.encode()}\r\n".encode()
            elif way == "session":
                for_session["proxy_auth"] = auth
            elif way == "header":
                options["headers"] = field
            elif way == "proxy header":
                options["proxy_headers"] = field
            async with aiohttp.ClientSession(proxy=url, **for_session) as session:
                target = URL.build(scheme=scheme, host="origin.test", port=origin.url.port, path="/")
                assert await body_of(session, target, ssl=certificates.trusting, **options) == b"ok"
            assert proxy.requests[0].count(says) == 1
            assert proxy.requests[0].count(b"Proxy-Authorization") == 1
            assert not [head for head in origin.requests if b"Proxy-Auth" in head]  # nor in the tunnel


async def test_injection_is_refused(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        for scheme in ("http", "https"):
            for bad in ({"X": "a\r\nY: b"}, {"X\r\nY": "b"}, {"X": "\0"}):
                with pytest.raises(ValueError):
                    await session.get(f"{scheme}://origin.test/", proxy_headers=bad)
        assert not proxy.requests
        assert whole(session)


@pytest.mark.parametrize("then", ["close", "reset"])
async def test_forwarding_proxy_that_vanishes(lib, then):
    async with serve(answering(b"", then)) as proxy, lib.load().ClientSession(proxy=proxy.url) as session:
        with pytest.raises(lib.load().ClientConnectionError):
            await session.get("http://origin.test/")
        assert whole(session)


async def test_forwarding_proxy_that_refuses_answers_as_any_server(lib):
    async def refuse(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"who?", b"Proxy-Authenticate: Basic", status=b"407 Proxy Authentication Required")

    async with serve(refuse) as proxy, lib.load().ClientSession(proxy=proxy.url) as session:
        async with session.get("http://origin.test/") as response:
            assert (response.status, await response.read()) == (407, b"who?")
            assert response.headers["Proxy-Authenticate"] == "Basic"


# Tunnels


@LOOPS
@SCHEMES
def test_tunnel(lib, certificates, new_loop, scheme):
    """TLS with the origin, by its name, through a proxy with or without TLS, on both loops."""
    aiohttp = lib.load()

    async def answer(peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            await peer.answer(BIG if head.startswith(b"GET") else hashlib.sha256(body).digest())

    async def main() -> None:
        proxy_tls = certificates.server("localhost") if scheme == "https" else None
        async with (
            serve(answer, certificates.server("origin.test")) as origin,
            serve(tunnel, proxy_tls) as proxy,
            aiohttp.ClientSession(
                proxy=proxy.url, connector=aiohttp.TCPConnector(ssl=certificates.trusting)
            ) as session,
        ):
            assert proxy.url.scheme == scheme
            url = origin.url.with_host("origin.test")
            for _ in range(2):
                assert await body_of(session, url, proxy_headers={"X-Tenant": "7", "User-Agent": "me"}) == BIG
            async with session.post(url, data=io.BytesIO(BIG)) as response:
                assert await response.read() == hashlib.sha256(BIG).digest()
                transport = response.connection and response.connection.transport
                assert transport is None or transport.get_extra_info("peercert")["subject"]
            assert (proxy.connections, origin.connections) == (2, 2)  # the fields for the proxy differ
            authority = f"origin.test:{url.port}".encode()
            assert proxy.requests[0] == (
                b"CONNECT %b HTTP/1.1\r\nHost: %b\r\nX-Tenant: 7\r\nUser-Agent: me\r\n\r\n" % (authority, authority)
            )
            assert proxy.requests[1].startswith(
                b"CONNECT %b HTTP/1.1\r\nHost: %b\r\nUser-Agent: " % (authority, authority)
            )
            assert b"X-Tenant" not in origin.requests[0]
            assert origin.requests[0].startswith(b"GET / HTTP/1.1\r\nHost: %b\r\n" % authority)

    run(new_loop, main)


@LOOPS
@SCHEMES
def test_many_tunnels_at_once(lib, certificates, new_loop, scheme):
    aiohttp = lib.load()

    async def answer(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            await peer.answer(b"%b," % head.split()[1] * 20_000)

    async def main() -> None:
        proxy_tls = certificates.server("localhost") if scheme == "https" else None
        async with (
            serve(answer, certificates.server("origin.test")) as origin,
            serve(tunnel, proxy_tls) as proxy,
            aiohttp.ClientSession(proxy=proxy.url) as session,
        ):

            async def one(n: int) -> None:
                url = origin.url.with_host("origin.test") / str(n)
                assert await body_of(session, url, ssl=certificates.trusting) == b"/%d," % n * 20_000

            await asyncio.gather(*map(one, range(12)))

    run(new_loop, main)


@LOOPS
def test_forward_over_tls(lib, certificates, new_loop):
    aiohttp = lib.load()

    async def main() -> None:
        async with (
            serve(keep_answering, certificates.server("localhost")) as proxy,
            aiohttp.ClientSession(proxy=proxy.url) as session,
        ):
            for _ in range(2):
                assert await body_of(session, "http://origin.test/a", ssl=certificates.trusting) == b"ok"
            assert proxy.connections == 1
            assert proxy.requests[0].startswith(b"GET http://origin.test/a HTTP/1.1\r\n")

    run(new_loop, main)


@SCHEMES
async def test_tunnel_for_websockets_in_plain_text(lib, certificates, scheme):
    """RFC 6455 4.1: by ``CONNECT`` as well, so that no proxy on the way looks into it."""
    proxy_tls = certificates.server("localhost") if scheme == "https" else None
    async with serve(keep_answering) as origin, serve(tunnel, proxy_tls) as proxy:
        async with lib.load().ClientSession(proxy=proxy.url) as session:
            url = origin.url.with_host("origin.test").with_scheme("ws")
            for _ in range(2):
                assert await body_of(session, url, ssl=certificates.trusting) == b"ok"
        assert proxy.requests[0].startswith(b"CONNECT origin.test:%d HTTP/1.1\r\n" % url.port)
        assert origin.requests[0].startswith(b"GET / HTTP/1.1\r\n")
        assert proxy.connections == 1


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://origin.test/", b"origin.test:443"),
        ("https://[2001:db8::1]:8443/", b"[2001:db8::1]:8443"),
        ("https://[fe80::1%25eth0]/", b"[fe80::1]:443"),
        ("https://b\u00fccher.example/", b"xn--bcher-kva.example:443"),
        ("wss://10.1.2.3/", b"10.1.2.3:443"),
        ("ws://origin.test/", b"origin.test:80"),
    ],
)
async def test_authority(lib, url, authority):
    """With brackets, without a scope, in IDNA, and always with the port (RFC 9112 3.2.3)."""
    async with serve(answering(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as proxy:
        async with lib.load().ClientSession() as session:
            with pytest.raises(lib.load().ClientHttpProxyError):
                await session.get(url, proxy=proxy.url)
    assert proxy.requests[0].startswith(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n" % (authority, authority))
    assert proxy.requests[0].count(b"\r\n") == 4  # and User-Agent
    assert b"User-Agent: " in proxy.requests[0]


async def test_proxy_by_ipv6(lib, certificates):
    try:
        async with serve(tunnel, host="::1") as proxy, serve(keep_answering, certificates.server("o.test")) as origin:
            async with lib.load().ClientSession(proxy=f"http://[::1]:{proxy.url.port}") as session:
                assert await body_of(session, origin.url.with_host("o.test"), ssl=certificates.trusting) == b"ok"
    except OSError as exc:
        if isinstance(exc, lib.load().ClientError):
            raise
        pytest.skip(f"NO IPv6 ON THE LOOP-BACK: {exc}")


# Who is verified


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_origin_is_verified(lib, certificates, scheme):
    aiohttp = lib.load()
    proxy_tls = certificates.server("localhost") if scheme == "https" else None
    async with serve(keep_answering, certificates.server("other.test")) as origin, serve(tunnel, proxy_tls) as proxy:
        url = origin.url.with_host("origin.test")
        async with aiohttp.ClientSession(proxy=proxy.url) as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError, match=r"origin\.test") as info:
                await session.get(url, ssl=certificates.trusting)
            assert (info.value.host, info.value.port) == ("origin.test", url.port)
            assert "not valid for 'origin.test'" in str(info.value.certificate_error)
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(url.with_host("other.test"), ssl=True)  # the authority is not known
            assert whole(session)
            assert await body_of(session, url, ssl=certificates.trusting, server_hostname="other.test") == b"ok"
            assert await body_of(session, url, ssl=False) == b"ok"


async def test_proxy_is_verified(lib, certificates):
    """By its own name, whatever is said of the origin's."""
    aiohttp = lib.load()
    async with serve(keep_answering, certificates.server("origin.test")) as origin:
        async with serve(tunnel, certificates.server("origin.test")) as proxy, aiohttp.ClientSession() as session:
            url = origin.url.with_host("origin.test")
            for target in (url, url.with_scheme("http")):
                for options in ({}, {"server_hostname": "origin.test"}):
                    with pytest.raises(aiohttp.ClientConnectorCertificateError, match="localhost") as info:
                        await session.get(target, proxy=proxy.url, ssl=certificates.trusting, **options)
                    assert (info.value.host, info.value.port) == ("localhost", proxy.url.port)
            assert not proxy.requests
            assert whole(session)


async def test_pin_is_the_origins(lib, certificates):
    aiohttp = lib.load()
    server = certificates.server("anything.test")
    der = ssl.PEM_cert_to_DER_cert(certificates.leaf.cert_chain_pems[0].bytes().decode())
    pin = aiohttp.Fingerprint(hashlib.sha256(der).digest())
    wrong = aiohttp.Fingerprint(b"\0" * 32)
    async with serve(keep_answering, server) as origin, serve(tunnel) as proxy:
        url = origin.url.with_host("origin.test")
        async with aiohttp.ClientSession(proxy=proxy.url) as session:
            assert await body_of(session, url, ssl=pin) == b"ok"
            with pytest.raises(aiohttp.ServerFingerprintMismatch) as info:
                await session.get(url, ssl=wrong)
            assert (info.value.host, info.value.port) == ("origin.test", url.port)
            assert len(origin.requests) == 1
        async with aiohttp.ClientSession(proxy=proxy.url, connector=aiohttp.TCPConnector(ssl=pin)) as session:
            assert await body_of(session, url) == b"ok"


@pytest.mark.parametrize("where", ["request", "connector"])
async def test_pin_does_not_excuse_the_proxy(lib, certificates, where):
    """A pin takes the place of the origin's verification; the proxy's goes on as usual."""
    aiohttp = lib.load()
    server = certificates.server("localhost")
    der = ssl.PEM_cert_to_DER_cert(certificates.leaf.cert_chain_pems[0].bytes().decode())
    pin = aiohttp.Fingerprint(hashlib.sha256(der).digest())
    async with serve(tunnel, server) as proxy:
        connector = aiohttp.TCPConnector(ssl=pin if where == "connector" else True)
        async with aiohttp.ClientSession(proxy=proxy.url, connector=connector) as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError, match="localhost"):
                await session.get("https://origin.test/", ssl=pin if where == "request" else True)
            assert not proxy.requests


async def test_subclass_verifies_the_proxy_in_its_own_way(lib, certificates):
    """As aiobotocore's connector does."""
    aiohttp = lib.load()

    class Connector(aiohttp.TCPConnector):
        def _update_proxy_auth_header_and_build_proxy_req(self, req):
            proxy_req = super()._update_proxy_auth_header_and_build_proxy_req(req)
            proxy_req._ssl = certificates.trusting
            return proxy_req

    async with serve(tunnel, certificates.server("localhost")) as proxy:
        async with serve(keep_answering, certificates.server("anything.test")) as origin:
            async with aiohttp.ClientSession(proxy=proxy.url, connector=Connector(ssl=False)) as session:
                assert await body_of(session, origin.url.with_host("origin.test")) == b"ok"


# What proxies get wrong


@SCHEMES
async def test_refused_by_the_proxy(lib, certificates, scheme):
    aiohttp = lib.load()
    answer = b"HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nbody"
    proxy_tls = certificates.server("localhost") if scheme == "https" else None
    async with serve(answering(answer), proxy_tls) as proxy, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientHttpProxyError) as info:
            url = proxy.url.with_user("user").with_password("secret")
            await session.get("https://origin.test/a", proxy=url, ssl=certificates.trusting)
        error = info.value
        assert (error.status, error.message, error.headers["Proxy-Authenticate"]) == (407, "Who are you", "Basic")
        assert (str(error.request_info.url), error.request_info.method) == ("https://origin.test/a", "CONNECT")
        assert error.request_info.real_url == proxy.url
        assert str(proxy.url.port) in str(error)
        assert "secret" not in str(error)
        assert pickle.loads(pickle.dumps(error)).status == 407
        assert whole(session)


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 400, "101"),
        (b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 201, "Created"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\n\r\n", 302, "Found"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\nno length", 502, "Bad Gateway"),
        (b"garbage\r\n\r\n", 400, "HTTP/1"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 400, "header"),
        (b"\x15\x03\x01\x00\x02\x02\x46", 400, ""),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000, 400, "128"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, 400, "8190"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, 400, "1xx"),
    ],
)  # fmt: skip
async def test_bad_answers(lib, answer, status, says):
    aiohttp = lib.load()
    async with serve(answering(answer)) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        with pytest.raises(aiohttp.ClientHttpProxyError, match=str(proxy.url.port)) as info:
            await session.get("https://origin.test/")
        assert info.value.status == status
        assert says in info.value.message
        assert whole(session)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(),
        st.binary().map(lambda rest: b"HTTP/1.1 200 OK\r\n" + rest),
        st.binary().map(lambda rest: ESTABLISHED + rest),
    )
)
def test_any_answer_is_a_clear_error_or_a_tunnel(lib, answer):
    """Whatever comes, the request ends with an error of the client's, and the pool is whole."""
    aiohttp = lib.load()

    async def main() -> None:
        async with serve(answering(answer, "close")) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
            with pytest.raises(aiohttp.ClientError):
                await session.get("ws://origin.test/", timeout=aiohttp.ClientTimeout(total=20))
            assert whole(session)

    asyncio.run(main())


async def test_interim_answers_are_skipped(lib, certificates):
    async def handler(peer: Peer) -> None:
        head = await peer.head()
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(head.split()[1].rpartition(b":")[2]))
        # Fields about a body mean nothing here (RFC 9110 9.3.6).
        await peer.send(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n")
        await asyncio.gather(relay(peer.reader, writer), relay(reader, peer.writer))

    async with serve(keep_answering, certificates.server("origin.test")) as origin, serve(handler) as proxy:
        async with lib.load().ClientSession(proxy=proxy.url) as session:
            assert await body_of(session, origin.url.with_host("origin.test"), ssl=certificates.trusting) == b"ok"


@pytest.mark.parametrize("then", ["close", "reset"])
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nX: y\r\n"])
@SCHEMES
async def test_vanishes_before_its_answer(lib, certificates, scheme, sent, then):
    aiohttp = lib.load()
    proxy_tls = certificates.server("localhost") if scheme == "https" else None
    async with serve(answering(sent, then), proxy_tls) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        with pytest.raises(aiohttp.ClientProxyConnectionError, match=f"{proxy.url.host}:{proxy.url.port}"):
            await session.get("https://origin.test/", ssl=certificates.trusting)
        assert proxy.connections == 1
        assert whole(session)


@pytest.mark.parametrize("then", ["wait", "close", "reset"])
@SCHEMES
async def test_vanishes_after_its_answer(lib, certificates, scheme, then):
    """As a proxy does that cannot reach the origin and has said otherwise."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(ESTABLISHED)
        if then == "wait":
            await peer.reader.read(100)  # the TLS handshake has begun
        elif then == "reset":
            peer.reset()

    proxy_tls = certificates.server("localhost") if scheme == "https" else None
    async with serve(handler, proxy_tls) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("https://origin.test/", ssl=certificates.trusting)
        assert whole(session)


@pytest.mark.parametrize("url", ["https://origin.test/", "ws://origin.test/"])
async def test_bytes_before_anything_was_sent(lib, url):
    """They would be taken for the answer to what is sent next."""
    aiohttp = lib.load()
    poison = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
    async with serve(answering(ESTABLISHED + poison)) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        says = f"127.0.0.1:{proxy.url.port} .*{len(poison)} bytes"
        with pytest.raises(aiohttp.ClientProxyConnectionError, match=says):
            await session.get(url)
        assert whole(session)


async def test_tunnel_to_something_else_than_tls(lib, certificates):
    aiohttp = lib.load()
    async with serve(_no_tls) as origin, serve(tunnel) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        url = origin.url.with_host("origin.test").with_scheme("https")
        with pytest.raises(aiohttp.ClientConnectorSSLError, match=rf"origin\.test:{url.port}"):
            await session.get(url, ssl=certificates.trusting)
        assert whole(session)


async def _no_tls(peer: Peer) -> None:
    await peer.reader.read(10)
    await peer.answer(b"this is no TLS")


@pytest.mark.parametrize("scheme", ["http", "https", "ws"])
async def test_no_proxy_there(lib, scheme):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        port = server.url.port
    async with aiohttp.ClientSession(proxy=f"http://user:secret@127.0.0.1:{port}") as session:
        with pytest.raises(aiohttp.ClientProxyConnectionError, match=rf"127\.0\.0\.1:{port}") as info:
            await session.get(f"{scheme}://origin.test/")
        assert (info.value.host, info.value.port) == ("127.0.0.1", port)
        assert isinstance(info.value.os_error, ConnectionRefusedError)
        assert "secret" not in str(info.value) + repr(info.value)
        assert whole(session)


async def test_proxy_without_an_address(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(proxy="http://proxy.invalid:3128") as session:
        with pytest.raises(aiohttp.ClientConnectorDNSError, match=r"proxy\.invalid:3128"):
            await session.get("https://origin.test/")
        assert whole(session)


async def test_plain_proxy_asked_for_tls(lib, certificates):
    aiohttp = lib.load()
    async with serve(_no_tls) as proxy, aiohttp.ClientSession(proxy=proxy.url.with_scheme("https")) as session:
        with pytest.raises(aiohttp.ClientConnectorSSLError, match=rf"127\.0\.0\.1:{proxy.url.port}"):
            await session.get("https://origin.test/", ssl=certificates.trusting)
        assert whole(session)


class _NoNestedTLS(asyncio.SelectorEventLoop):
    """As loops are that others wrote, and the one of Python 3.10."""

    async def start_tls(self, *args, **kwargs):
        raise TypeError("transport is not supported by start_tls()")


def test_loop_that_cannot(lib, certificates):
    aiohttp = lib.load()

    async def main() -> None:
        async with serve(answering(ESTABLISHED), certificates.server("localhost")) as proxy:
            async with aiohttp.ClientSession(proxy=proxy.url) as session:
                with pytest.raises(aiohttp.ClientConnectionError, match=r"origin\.test:443.*_NoNestedTLS") as info:
                    await session.get("https://origin.test/", ssl=certificates.trusting)
                assert isinstance(info.value.__cause__, TypeError)
                assert whole(session)

    run(_NoNestedTLS, main)


# Time-outs and giving up


STAGES = ("tls with the proxy", "connect", "connect answered in part", "tls with the origin")


async def _stalling(stage: str, certificates):
    """Return a handler that stalls at *stage*, and the context of its TLS, if it has any."""

    async def silent(peer: Peer) -> None:
        await peer.gone()

    if stage == "tls with the proxy":
        return silent, "https"
    sent = {"connect": b"", "connect answered in part": b"HTTP/1.1 200 ", "tls with the origin": ESTABLISHED}[stage]
    return answering(sent), "http"


@LOOPS
@pytest.mark.parametrize("part", ["sock_connect", "connect", "total"])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("over", ["http", "https"])
def test_stalled(lib, certificates, new_loop, stage, part, over):
    aiohttp = lib.load()
    if stage == "tls with the proxy" and over == "http":
        return

    async def main() -> None:
        handler, _ = await _stalling(stage, certificates)
        tls = certificates.server() if over == "https" and stage != "tls with the proxy" else None
        async with serve(handler, tls) as proxy, aiohttp.ClientSession() as session:
            limit = aiohttp.ClientTimeout(**{part: 0.1})
            error = aiohttp.ConnectionTimeoutError if part != "total" else TimeoutError
            url = proxy.url.with_scheme(over).with_host("127.0.0.1")
            started = time.monotonic()
            with pytest.raises(error) as info:
                await session.get("https://origin.test/a", proxy=url, timeout=limit, ssl=certificates.trusting)
            assert time.monotonic() - started < 2
            expected = {"tls with the proxy": "tls", "tls with the origin": "tls"}.get(stage, "proxy")
            assert (info.value.phase, info.value.limit_name) == (expected, part)
            named = f"127.0.0.1:{url.port}" if part == "sock_connect" and "origin" not in stage else "origin.test"
            assert named in str(info.value)
            assert whole(session)
            await asyncio.sleep(0)
            while proxy.open:
                await asyncio.sleep(0.01)  # the connection is really closed

    run(new_loop, main)


@LOOPS
@pytest.mark.parametrize("over", ["http", "https"])
def test_cancelled_at_every_step(lib, certificates, new_loop, over):
    """Nothing is left, wherever it hits; and the loop may end right after."""
    aiohttp = lib.load()

    async def main() -> None:
        tls = certificates.server("localhost") if over == "https" else None
        async with serve(keep_answering, certificates.server("origin.test")) as origin, serve(tunnel, tls) as proxy:
            url = origin.url.with_host("origin.test")
            connector = aiohttp.TCPConnector(ssl=certificates.trusting, force_close=True)
            async with aiohttp.ClientSession(proxy=proxy.url, connector=connector) as session:
                for steps in range(200):
                    request = asyncio.create_task(body_of(session, url))
                    for _ in range(steps):
                        await asyncio.sleep(0)
                    if request.done():
                        break
                    request.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await request
                    assert whole(session)
                assert steps > 10
                assert await request == b"ok"
            while proxy.open or origin.open:
                await asyncio.sleep(0.01)

    run(new_loop, main)


@LOOPS
@pytest.mark.parametrize("stage", STAGES)
def test_session_closed_meanwhile(lib, certificates, new_loop, stage):
    aiohttp = lib.load()

    async def main() -> None:
        handler, over = await _stalling(stage, certificates)
        async with serve(handler) as proxy, aiohttp.ClientSession() as session:
            request = asyncio.create_task(session.get("https://o.test/", proxy=proxy.url.with_scheme(over)))
            while not proxy.connections or (over == "http" and not proxy.requests):
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)
            await session.close()
            with pytest.raises(aiohttp.ClientConnectionError):
                await request

    run(new_loop, main)


@LOOPS
@SCHEMES
@pytest.mark.parametrize("part", ["idle", "unread"])
def test_loop_may_end_right_after_close(lib, certificates, new_loop, scheme, part):
    aiohttp = lib.load()

    async def answer(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nok" % (2 if part == "idle" else 100))
        await peer.gone()

    async def main() -> None:
        made = []

        def make(addr_info):
            made.append(socket.socket(*addr_info[:3]))
            return made[-1]

        tls = certificates.server("localhost") if scheme == "https" else None
        async with serve(answer, certificates.server("origin.test")) as origin, serve(tunnel, tls) as proxy:
            session = aiohttp.ClientSession(proxy=proxy.url, connector=aiohttp.TCPConnector(socket_factory=make))
            response = await session.get(origin.url.with_host("origin.test"), ssl=certificates.trusting)
            if part == "idle":
                assert await response.read() == b"ok"
            started = time.monotonic()
            await session.close()
            assert time.monotonic() - started < 2
            assert {sock.fileno() for sock in made} == {-1}

    run(new_loop, main)


# Redirects and the environment


async def test_explicit_proxy_stays_over_redirects(lib, certificates):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        head = await peer.head()
        if head.startswith(b"CONNECT"):
            await peer.send(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
            return
        to = b"http://two.test/" if b"one.test" in head else b"https://three.test/"
        await peer.answer(b"", b"Location: " + to, status=b"302 Found")
        peer.writer.close()

    async with serve(handler) as proxy, aiohttp.ClientSession(proxy=proxy.url) as session:
        with pytest.raises(aiohttp.ClientHttpProxyError):
            await session.get(
                "http://one.test/",
                proxy_auth=aiohttp.BasicAuth("user", "pw"),
                proxy_headers=(pair for pair in [("X-Tenant", "7")]),
                headers={"Authorization": "secret"},
            )
    assert [head.split(b"\r\n")[0] for head in proxy.requests] == [
        b"GET http://one.test/ HTTP/1.1",
        b"GET http://two.test/ HTTP/1.1",
        b"CONNECT three.test:443 HTTP/1.1",
    ]
    for head in proxy.requests:
        assert b"Proxy-Authorization: Basic dXNlcjpwdw==\r\n" in head
        assert b"X-Tenant: 7\r\n" in head
    assert [b"\r\nAuthorization" in head for head in proxy.requests] == [True, False, False]


async def test_environment_is_asked_at_each_hop(lib, certificates, monkeypatch):
    """Its credentials go to its proxy alone; ``no_proxy`` counts for each URL."""
    aiohttp = lib.load()

    async def forward(peer: Peer) -> None:
        await peer.head()
        await peer.answer(b"", b"Location: %b" % str(last.url).encode(), status=b"302 Found")

    async def redirecting(peer: Peer) -> None:
        await peer.head()
        await peer.answer(b"", b"Location: http://origin.test/", status=b"302 Found")

    async with (
        serve(keep_answering) as last,
        serve(redirecting, certificates.server("first.test")) as first,
        serve(forward) as for_http,
        serve(tunnel) as for_https,
        aiohttp.ClientSession(trust_env=True) as session,
    ):
        monkeypatch.setenv("http_proxy", str(for_http.url.with_user("h").with_password("1")))
        monkeypatch.setenv("HTTPS_PROXY", str(for_https.url.with_user("s").with_password("2")))
        monkeypatch.setenv("NO_PROXY", f"localhost, 127.0.0.0/8:{last.url.port}")
        assert await body_of(session, first.url.with_host("first.test"), ssl=certificates.trusting) == b"ok"
        assert [b"Proxy-Authorization: Basic czoy\r\n" in head for head in for_https.requests] == [True]
        assert [b"Proxy-Authorization: Basic aDox\r\n" in head for head in for_http.requests] == [True]
        assert [b"Proxy-Authorization" in head for head in first.requests + last.requests] == [False, False]
        assert last.requests[0].startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
@pytest.mark.parametrize("variable", ["http", "https", "ws", "wss", "all"])
async def test_each_variable_of_the_environment(lib, monkeypatch, variable, spelling):
    """Each is for its scheme alone, ``all_proxy`` for every one that has none of its own."""
    aiohttp = lib.load()
    asked = {
        "http": b"GET http://origin.test/",
        "https": b"CONNECT origin.test:443",
        "ws": b"CONNECT origin.test:80",
        "wss": b"CONNECT origin.test:443",
    }

    async def refusing(peer: Peer) -> None:
        await peer.head()
        await peer.answer(b"", b"Connection: close", status=b"403 No")

    async with serve(refusing) as proxy, aiohttp.ClientSession(trust_env=True) as session:
        monkeypatch.setenv(spelling(f"{variable}_proxy"), str(proxy.url))
        for scheme, line in asked.items():
            if variable not in (scheme, "all"):
                with pytest.raises(aiohttp.ClientConnectorError):  # not through the proxy: to a port that nobody has
                    await session.get(f"{scheme}://127.0.0.1:1/")
                continue
            send = session.ws_connect if scheme.startswith("ws") else session.get
            with pytest.raises((aiohttp.ClientHttpProxyError, aiohttp.ClientResponseError)) as info:
                await send(f"{scheme}://origin.test/", **({"raise_for_status": True} if scheme == "http" else {}))
            assert info.value.status == 403
            assert proxy.requests[-1].startswith(line)
        assert proxy.connections == (4 if variable == "all" else 1)
        assert whole(session)


async def test_environment_is_not_trusted_by_default(lib, monkeypatch):
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        assert await body_of(session, server.url) == b"ok"


async def test_environment_and_what_is_given(lib, monkeypatch):
    aiohttp = lib.load()
    async with serve(keep_answering) as proxy, serve(keep_answering) as other:
        monkeypatch.setenv("all_proxy", f"127.0.0.1:{proxy.url.port}")  # without a scheme
        async with aiohttp.ClientSession(trust_env=True) as session:
            auth = aiohttp.BasicAuth("a")
            assert await body_of(session, "http://origin.test/", proxy_auth=auth, proxy_headers={"X": "1"}) == b"ok"
            assert b"Proxy-Authorization: Basic YTo=\r\nX: 1" in proxy.requests[0] or b"X: 1\r\n" in proxy.requests[0]
            assert await body_of(session, "http://origin.test/", proxy=other.url) == b"ok"
            assert len(other.requests) == len(proxy.requests) == 1
            monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
            with pytest.raises(aiohttp.InvalidURL, match="socks5 proxies are not supported"):
                await session.get("http://origin.test/")
            monkeypatch.setenv("all_proxy", "http://[")
            with pytest.raises(aiohttp.InvalidURL, match="all_proxy"):
                await session.get("http://origin.test/")
            assert session.connector._slots.used == 0


async def test_one_request_through_a_proxy(lib):
    """``request()`` takes the options as well."""
    async with serve(keep_answering) as proxy:
        async with lib.load().request("GET", "http://origin.test/", proxy=proxy.url) as response:
            assert await response.read() == b"ok"
    assert proxy.requests[0].startswith(b"GET http://origin.test/ HTTP/1.1\r\n")
