"""Advanced client usage (003_5bdcb16f429ade01) and the old page (002): tracing, proxies, resolvers by name servers."""

import asyncio
import ssl
from types import SimpleNamespace

import pytest

from tests.seeds.doubles import proxy
from tests.seeds.httpbin import url_of
from tests.servers import serve

# Client tracing


async def test_two_signals(lib, httpbin):
    aiohttp = lib.load()
    said = []

    async def on_request_start(session, trace_config_ctx, params):
        said.append("Starting request")

    async def on_request_end(session, trace_config_ctx, params):
        said.append("Ending request")

    trace_config = aiohttp.TraceConfig()
    trace_config.on_request_start.append(on_request_start)
    trace_config.on_request_end.append(on_request_end)
    async with aiohttp.ClientSession(trace_configs=[trace_config]) as client:
        await client.get(url_of(httpbin, "/get"))
    assert said == ["Starting request", "Ending request"]


async def test_two_trace_configs(lib, httpbin):
    aiohttp = lib.load()
    said = []

    class AuditRequest(aiohttp.TraceConfig):
        def __init__(self) -> None:
            super().__init__()
            self.on_request_start.append(self.started)

        async def started(self, session, context, params) -> None:
            said.append((type(self).__name__, type(context), isinstance(session, aiohttp.ClientSession)))

    class XRay(AuditRequest):
        pass

    async with aiohttp.ClientSession(trace_configs=[AuditRequest(), XRay()]) as client:
        await client.get(url_of(httpbin, "/get"))
    assert said == [("AuditRequest", SimpleNamespace, True), ("XRay", SimpleNamespace, True)]


async def test_state_shared_between_signals(lib, httpbin):
    aiohttp = lib.load()
    took = []

    async def on_request_start(session, trace_config_ctx, params):
        trace_config_ctx.start = asyncio.get_event_loop().time()

    async def on_request_end(session, trace_config_ctx, params):
        elapsed = asyncio.get_event_loop().time() - trace_config_ctx.start
        took.append(elapsed)

    trace_config = aiohttp.TraceConfig()
    trace_config.on_request_start.append(on_request_start)
    trace_config.on_request_end.append(on_request_end)
    async with aiohttp.ClientSession(trace_configs=[trace_config]) as client:
        await asyncio.gather(*(client.get(url_of(httpbin, "/delay/0.05")) for _ in range(3)))
    assert len(took) == 3
    assert min(took) >= 0.045


async def test_context_factory(lib, httpbin):
    aiohttp = lib.load()
    made = []

    def factory(trace_request_ctx=None):
        made.append(trace_request_ctx)
        return {"from": trace_request_ctx}

    seen = []

    async def on_request_start(session, trace_config_ctx, params):
        seen.append(trace_config_ctx)

    trace_config = aiohttp.TraceConfig(trace_config_ctx_factory=factory)
    trace_config.on_request_start.append(on_request_start)
    async with aiohttp.ClientSession(trace_configs=[trace_config]) as client:
        await client.get(url_of(httpbin, "/get"), trace_request_ctx={"foo": "bar"})
    assert made == [{"foo": "bar"}]
    assert seen == [{"from": {"foo": "bar"}}]


SIGNALS = (
    "request_start", "request_chunk_sent", "response_chunk_received", "request_end", "request_exception",
    "request_redirect", "request_headers_sent", "connection_queued_start", "connection_queued_end",
    "connection_create_start", "connection_create_end", "connection_reuseconn",
    "dns_resolvehost_start", "dns_resolvehost_end", "dns_cache_hit", "dns_cache_miss",
)  # fmt: skip


def listening(aiohttp, heard):
    trace_config = aiohttp.TraceConfig()
    for name in SIGNALS:

        async def listen(_session, _context, _params, name=name) -> None:
            heard.append(name)

        getattr(trace_config, "on_" + name).append(listen)
    return trace_config


async def test_order_of_the_signals(lib, httpbin):
    aiohttp = lib.load()
    heard = []
    async with aiohttp.ClientSession(trace_configs=[listening(aiohttp, heard)]) as client:
        url = url_of(httpbin, "/post").with_host("localhost")
        async with client.post(url, data=b"x") as resp:
            await resp.read()
        first = heard.copy()
        heard.clear()
        async with client.post(url, data=b"x") as resp:
            await resp.read()
    assert first == [
        "request_start", "connection_create_start", "dns_cache_miss", "dns_resolvehost_start", "dns_resolvehost_end",
        "connection_create_end", "request_headers_sent", "request_chunk_sent", "request_end", "response_chunk_received",
    ]  # fmt: skip
    assert heard == [
        "request_start", "connection_reuseconn", "request_headers_sent", "request_chunk_sent", "request_end",
        "response_chunk_received",
    ]  # fmt: skip


async def test_signals_of_redirects_and_errors(lib, httpbin):
    aiohttp = lib.load()
    heard = []
    async with aiohttp.ClientSession(trace_configs=[listening(aiohttp, heard)]) as client:
        async with client.get(url_of(httpbin, "/redirect/1")) as resp:
            await resp.read()
        assert [name for name in heard if name.startswith("request_")] == [
            "request_start", "request_headers_sent", "request_redirect", "request_headers_sent", "request_end",
        ]  # fmt: skip
        heard.clear()
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get("http://127.0.0.1:1/")
    assert heard == ["request_start", "connection_create_start", "request_exception"]


# Resolving by custom name servers


async def test_name_servers(lib):
    """The example's import, and its arguments taken."""
    async_resolver = lib.load("resolver").AsyncResolver
    aiohttp = lib.load()
    resolver = async_resolver(nameservers=["8.8.8.8", "8.8.4.4"])
    conn = aiohttp.TCPConnector(resolver=resolver)
    await conn.close()
    await resolver.close()


# Proxies


async def test_proxy(lib, httpbin):
    async with serve(proxy) as through, lib.load().ClientSession() as session:
        async with session.get(str(url_of(httpbin, "/get?a=b")), proxy=str(through.url)) as resp:
            assert (await resp.json())["args"] == {"a": "b"}
    assert through.requests[0].startswith(b"GET http://127.0.0.1:")


async def test_proxy_for_https(lib, secure, authority):
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with serve(proxy) as through, lib.load().ClientSession() as session:
        async with session.get(url_of(secure, "/get"), proxy=through.url, ssl=trusting) as resp:
            assert resp.status == 200
    assert through.requests[0].startswith(f"CONNECT localhost:{secure.url.port} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("way", ["parameter", "url"])
async def test_proxy_auth(lib, httpbin, way):
    aiohttp = lib.load()
    async with serve(proxy) as through, aiohttp.ClientSession() as session:
        if way == "parameter":
            options = {"proxy": through.url, "proxy_auth": aiohttp.BasicAuth("user", "pass")}
        else:
            options = {"proxy": through.url.with_user("user").with_password("pass")}
        async with session.get(url_of(httpbin, "/get"), **options) as resp:
            assert resp.status == 200
    assert b"Proxy-Authorization: Basic dXNlcjpwYXNz\r\n" in through.requests[0]


@pytest.fixture
def environment(monkeypatch):
    """An environment without proxies, to be filled."""
    for name in ("http", "https", "ws", "wss", "no", "all"):
        for spelt in (f"{name}_proxy", f"{name.upper()}_PROXY"):
            monkeypatch.delenv(spelt, raising=False)
    return monkeypatch


@pytest.mark.parametrize("trust", [True, False])
async def test_trust_env(lib, httpbin, environment, trust):
    async with serve(proxy) as through:
        environment.setenv("http_proxy", str(through.url))
        async with lib.load().ClientSession(trust_env=trust) as session:
            assert session.trust_env is trust
            async with session.get(url_of(httpbin, "/get")) as resp:
                assert resp.status == 200
    assert len(through.requests) == trust


@pytest.mark.parametrize("bypass", ["127.0.0.1", "*"])
async def test_no_proxy(lib, httpbin, environment, bypass):
    async with serve(proxy) as through:
        environment.setenv("http_proxy", str(through.url))
        environment.setenv("no_proxy", bypass)
        async with lib.load().ClientSession(trust_env=True) as session:
            async with session.get(url_of(httpbin, "/get")) as resp:
                assert resp.status == 200
    assert not through.requests
