"""TraceConfig, the parameters of its signals, and Trace."""

import weakref
from dataclasses import FrozenInstanceError, fields
from types import SimpleNamespace

import pytest
from multidict import CIMultiDict
from yarl import URL

from tests.flows.trace_scenarios import SIGNALS

URL_A = URL("http://a.test/")
REQUEST = ["method", "url", "headers"]
# Class, signal, method of Trace, fields.
TABLE = [
    ("TraceRequestStartParams", "request_start", "request_start", REQUEST),
    ("TraceRequestEndParams", "request_end", "request_end", [*REQUEST, "response"]),
    ("TraceRequestExceptionParams", "request_exception", "request_exception", [*REQUEST, "exception"]),
    ("TraceRequestRedirectParams", "request_redirect", "request_redirect", [*REQUEST, "response"]),
    ("TraceRequestHeadersSentParams", "request_headers_sent", "request_headers", REQUEST),
    ("TraceRequestChunkSentParams", "request_chunk_sent", "request_chunk_sent", ["method", "url", "chunk"]),
    (
        "TraceResponseChunkReceivedParams",
        "response_chunk_received",
        "response_chunk_received",
        ["method", "url", "chunk"],
    ),
    ("TraceConnectionQueuedStartParams", "connection_queued_start", "connection_queued_start", []),
    ("TraceConnectionQueuedEndParams", "connection_queued_end", "connection_queued_end", []),
    ("TraceConnectionCreateStartParams", "connection_create_start", "connection_create_start", []),
    ("TraceConnectionCreateEndParams", "connection_create_end", "connection_create_end", []),
    ("TraceConnectionReuseconnParams", "connection_reuseconn", "connection_reuseconn", []),
    ("TraceDnsResolveHostStartParams", "dns_resolvehost_start", "dns_resolvehost_start", ["host"]),
    ("TraceDnsResolveHostEndParams", "dns_resolvehost_end", "dns_resolvehost_end", ["host"]),
    ("TraceDnsCacheHitParams", "dns_cache_hit", "dns_cache_hit", ["host"]),
    ("TraceDnsCacheMissParams", "dns_cache_miss", "dns_cache_miss", ["host"]),
]
VALUES = {
    "method": "GET",
    "url": URL_A,
    "headers": CIMultiDict({"A": "1"}),
    "chunk": b"x",
    "host": "a.test",
    "response": object(),
    "exception": ValueError(),
}


@pytest.mark.parametrize(("name", "signal", "method", "names"), TABLE, ids=lambda value: str(value))
def test_parameters(lib, name, signal, method, names):
    kind = getattr(lib.load(), name)
    values = [VALUES[field] for field in names]
    params = kind(*values)
    assert [field.name for field in fields(kind)] == names
    assert [getattr(params, field) for field in names] == values
    assert params == kind(**dict(zip(names, values, strict=True)))
    assert repr(params).startswith(f"{name}(")
    assert weakref.ref(params)() is params
    for field in names:
        with pytest.raises(FrozenInstanceError):
            setattr(params, field, None)
    if names == ["host"]:
        assert {params, kind("a.test")} == {params}
        assert params < kind("b.test")


@pytest.mark.parametrize(("name", "signal", "method", "names"), TABLE, ids=lambda value: str(value))
async def test_each_signal_calls_its_handlers_in_order(lib, name, signal, method, names):
    seen = []
    config = lib.load().TraceConfig()

    async def first(*args):
        seen.append(("first", *args))

    async def second(*args):
        seen.append(("second", *args))

    getattr(config, f"on_{signal}").extend([first, second])
    config.freeze()
    trace = lib.load("_client.tracing").Trace("session", config, "context")
    values = [VALUES[field] for field in names]
    await getattr(trace, f"send_{method}")(*values)
    params = getattr(lib.load(), name)(*values)
    assert seen == [("first", "session", "context", params), ("second", "session", "context", params)]


def test_every_signal_is_in_the_table():
    assert sorted(signal for _, signal, _, _ in TABLE) == sorted(SIGNALS)


async def test_a_signal_without_handlers_does_nothing(lib):
    config = lib.load().TraceConfig()
    config.freeze()
    trace = lib.load("_client.tracing").Trace(None, config, None)
    await trace.send_connection_create_start()
    assert not trace.wants_chunks


async def test_signals_are_frozen(lib):
    config = lib.load().TraceConfig()

    async def handler(*args): ...

    assert config.on_request_start(handler) is handler  # a decorator, too
    trace = lib.load("_client.tracing").Trace(None, config, None)
    with pytest.raises(RuntimeError, match="non-frozen"):
        await trace.send_request_start("GET", URL_A, CIMultiDict())
    config.freeze()
    for signal in SIGNALS:
        with pytest.raises(RuntimeError, match="frozen"):
            getattr(config, f"on_{signal}").append(handler)


def test_contexts(lib):
    config = lib.load().TraceConfig()
    context = config.trace_config_ctx(trace_request_ctx={"id": 1})
    assert context == SimpleNamespace(trace_request_ctx={"id": 1})
    assert config.trace_config_ctx() == SimpleNamespace(trace_request_ctx=None)
    assert config.trace_config_ctx() is not config.trace_config_ctx()

    class Own:
        def __init__(self, trace_request_ctx):
            self.given = trace_request_ctx

    own = lib.load().TraceConfig(trace_config_ctx_factory=Own).trace_config_ctx(3)
    assert isinstance(own, Own)
    assert own.given == 3


async def test_a_session_freezes_its_configs(lib):
    aiohttp = lib.load()
    config = aiohttp.TraceConfig()
    configs = [config]
    async with aiohttp.ClientSession(trace_configs=configs) as session:
        assert session.trace_configs is configs
        assert config.on_request_start.frozen
    async with aiohttp.ClientSession() as session:
        assert list(session.trace_configs) == []
    with pytest.raises(TypeError, match="each of trace_configs must be a TraceConfig, not 3"):
        aiohttp.ClientSession(trace_configs=[3], connector=session.connector)
