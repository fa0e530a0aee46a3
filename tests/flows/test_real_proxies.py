"""The client through real proxies: tinyproxy, and proxy.py over TLS."""

import asyncio
import hashlib
import io

import pytest

from tests.certificates import LOOPS, Certificates, run
from tests.real_proxies import PASSWORD, USER, needs_proxy_py, needs_tinyproxy, proxy_py, tinyproxy
from tests.servers import Peer, serve

BIG = bytes(range(253)) * 20_000  # 5 MB, of no round size


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    with tinyproxy(tmp_path_factory.mktemp("tinyproxy")) as url:
        yield url


@pytest.fixture(scope="module")
def strict_tiny(tmp_path_factory):
    with tinyproxy(tmp_path_factory.mktemp("tinyproxy"), with_auth=True) as url:
        yield url


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory, certificates):
    with proxy_py(tmp_path_factory.mktemp("proxy_py"), certificates.authority) as url:
        yield url


@pytest.fixture(scope="module")
def strict_over_tls(tmp_path_factory, certificates):
    with proxy_py(tmp_path_factory.mktemp("proxy_py"), certificates.authority, with_auth=True) as url:
        yield url


@pytest.fixture(params=[pytest.param("tiny", marks=needs_tinyproxy), pytest.param("over_tls", marks=needs_proxy_py)])
def proxy(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(
    params=[pytest.param("strict_tiny", marks=needs_tinyproxy), pytest.param("strict_over_tls", marks=needs_proxy_py)]
)
def strict_proxy(request):
    return request.getfixturevalue(request.param)


async def answer(peer: Peer) -> None:
    """Give the big body, or the digest of what was sent; close where the proxy asks for it, as tinyproxy does."""
    is_last = False
    while not is_last:
        head, body = await peer.request()
        is_last = b"\r\nconnection: close\r\n" in head.lower()
        method, path, _ = head.split(None, 2)
        reply = hashlib.sha256(body).hexdigest().encode() if method == b"POST" else path
        await peer.answer(BIG if path == b"/big" else reply, *([b"Connection: close"] if is_last else []))


def keeps_none(proxy, scheme: str) -> bool:
    """True for tinyproxy when it forwards: it ends each connection, and does not say so, so the next meets its end."""
    return (proxy.scheme, scheme) == ("http", "http")


@LOOPS
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_bodies_both_ways(lib, certificates, proxy, new_loop, scheme):
    aiohttp = lib.load()

    async def main() -> None:
        connector = aiohttp.TCPConnector(ssl=certificates.trusting, force_close=keeps_none(proxy, scheme))
        async with (
            serve(answer, certificates.server() if scheme == "https" else None) as origin,
            aiohttp.ClientSession(proxy=proxy, connector=connector) as session,
        ):
            url = origin.url.with_host("localhost")
            for _ in range(2):
                async with session.get(url / "big") as response:
                    assert await response.read() == BIG
                async with session.get(url / "big", read_bufsize=4096) as response:
                    found = b"".join([piece async for piece in response.content.iter_chunked(10_000)])
                    assert found == BIG
            async with session.post(url, data=io.BytesIO(BIG)) as response:
                assert await response.text() == hashlib.sha256(BIG).hexdigest()

            async def pieces():
                for at in range(0, len(BIG), 300_001):
                    yield BIG[at : at + 300_001]

            async with session.post(url, data=pieces()) as response:
                assert await response.text() == hashlib.sha256(BIG).hexdigest()
            assert len(origin.requests) == 6
            if scheme == "https":
                assert origin.connections == 1  # one tunnel carried them all
            elif proxy.scheme == "http":
                assert all(b"(tinyproxy/" in head for head in origin.requests)  # they did come through it

    run(new_loop, main)


@LOOPS
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_many_at_once(lib, certificates, proxy, new_loop, scheme):
    aiohttp = lib.load()

    async def main() -> None:
        connector = aiohttp.TCPConnector(ssl=certificates.trusting, limit=8, force_close=keeps_none(proxy, scheme))
        async with (
            serve(answer, certificates.server() if scheme == "https" else None) as origin,
            aiohttp.ClientSession(proxy=proxy, connector=connector) as session,
        ):

            async def one(n: int) -> None:
                async with session.get(origin.url.with_host("localhost") / str(n)) as response:
                    assert await response.text() == f"/{n}"

            await asyncio.gather(*map(one, range(40)))
            assert not connector._acquired

    run(new_loop, main)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_credentials(lib, certificates, strict_proxy, scheme):
    aiohttp = lib.load()
    async with serve(answer, certificates.server() if scheme == "https" else None) as origin:
        url = origin.url.with_host("localhost") / "a"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=certificates.trusting)) as session:
            for options in (
                {"proxy": strict_proxy, "proxy_auth": aiohttp.BasicAuth(USER, PASSWORD)},
                {"proxy": strict_proxy.with_user(USER).with_password(PASSWORD)},
                {
                    "proxy": strict_proxy,
                    "proxy_headers": {"Proxy-Authorization": aiohttp.BasicAuth(USER, PASSWORD).encode()},
                },
            ):
                async with session.get(url, **options) as response:
                    assert (response.status, await response.text()) == (200, "/a")
            if scheme == "https" or strict_proxy.scheme == "http":  # proxy.py itself passes them on
                assert not [head for head in origin.requests if b"proxy-authorization" in head.lower()]
            for options in ({}, {"proxy_auth": aiohttp.BasicAuth(USER, "wrong")}):
                if scheme == "https":
                    with pytest.raises(aiohttp.ClientHttpProxyError) as info:
                        await session.get(url, proxy=strict_proxy, **options)
                    assert info.value.status in (401, 407)  # tinyproxy says 401 to a wrong password
                else:
                    async with session.get(url, proxy=strict_proxy, **options) as response:
                        assert response.status in (401, 407)
                        await response.read()
            assert len(origin.requests) == 3


async def test_origin_that_is_not_there(lib, proxy, certificates):
    aiohttp = lib.load()
    async with serve(answer) as origin:
        port = origin.url.port
    connector = aiohttp.TCPConnector(ssl=certificates.trusting)
    async with aiohttp.ClientSession(proxy=proxy, connector=connector) as session:
        with pytest.raises(aiohttp.ClientError) as info:
            await session.get(f"https://localhost:{port}/")
        if proxy.scheme == "http":
            assert isinstance(info.value, aiohttp.ClientHttpProxyError)
            assert info.value.status >= 500
        assert not connector._acquired
        assert not connector._slots.used


async def test_origin_with_a_bad_certificate(lib, proxy, certificates):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(ssl=certificates.trusting)
    async with (
        serve(answer, certificates.server("other.test")) as origin,
        aiohttp.ClientSession(proxy=proxy, connector=connector) as session,
    ):
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match=f"localhost:{origin.url.port}"):
            await session.get(origin.url)
        assert not connector._slots.used


@needs_proxy_py
async def test_proxy_that_is_not_trusted(lib, over_tls, certificates):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(proxy=over_tls) as session:
        for url in ("http://localhost/", "https://localhost/"):
            with pytest.raises(aiohttp.ClientConnectorCertificateError, match=f"localhost:{over_tls.port}"):
                await session.get(url)


async def test_named_by_the_environment(lib, proxy, certificates, monkeypatch):
    aiohttp = lib.load()
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    monkeypatch.setenv("ALL_PROXY", str(proxy))
    connector = aiohttp.TCPConnector(ssl=certificates.trusting)
    async with serve(answer) as origin, aiohttp.ClientSession(trust_env=True, connector=connector) as session:
        for no_proxy, is_proxied in (("", True), (f"localhost:{origin.url.port}", False), ("127.0.0.0/8", True)):
            monkeypatch.setenv("NO_PROXY", no_proxy)
            async with session.get(origin.url.with_host("localhost") / "a") as response:
                assert await response.text() == "/a"
            if proxy.scheme == "http":
                assert (b"(tinyproxy/" in origin.requests[-1]) is is_proxied
