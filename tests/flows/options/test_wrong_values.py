"""Values that can have no sense are refused where they are given; what aiohttp gives sense to goes on working."""

import asyncio
import re
import socket
from fractions import Fraction
from math import inf, nan
from typing import Any

import pytest

from tests.against import better
from tests.flows.options.test_session import fetch
from tests.seeds.doubles import Socket
from tests.servers import Peer, serve

SILENT = "it takes these, and fails late or does what nobody meant"


class Thing:
    def __repr__(self) -> str:
        return "<a thing>"


THING = Thing()


class Index:
    """A whole number of somebody else's making, as numpy has them."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value

    def __repr__(self) -> str:
        return f"Index({self.value})"


# Wrong for every whole number, for every number, for every duration that is no time left.
NO_INT = [("x", TypeError), ("5", TypeError), (1.5, TypeError), (nan, TypeError), (True, TypeError), (-1, ValueError)]
NO_NUMBER = [("x", TypeError), ("5", TypeError), (THING, TypeError), (True, TypeError), (nan, ValueError)]
NO_TIME = [*NO_NUMBER, (-1, ValueError), (-inf, ValueError)]
NO_FUNCTION = [("x", TypeError), (THING, TypeError), (0, TypeError)]
NO_FIELDS = [("x", ValueError), (5, TypeError), ({1: "x"}, TypeError), ([("a",)], ValueError)]


def rows(table: "dict[str, list[tuple[Any, type[Exception]]]]") -> "list[Any]":
    return [
        pytest.param(name, value, kind, id=f"{name}={value!r}")
        for name, values in table.items()
        for value, kind in values
    ]


POOL = {
    "limit": NO_INT,
    "limit_per_host": NO_INT,
    "keepalive_timeout": NO_NUMBER,
    "max_connection_age": NO_TIME,
    "loop": [("x", TypeError), (5, TypeError)],
}
TCP = {
    **POOL,
    "timeout_ceil_threshold": [*NO_TIME, (None, TypeError)],
    "ttl_dns_cache": NO_NUMBER,
    "dns_cache_max_size": [*NO_INT, (None, TypeError)],
    "happy_eyeballs_delay": NO_NUMBER,
    "interleave": NO_INT,
    "ssl_shutdown_timeout": NO_TIME,
    "family": [("x", TypeError), (None, TypeError), (True, TypeError), (-1, ValueError)],
    "local_addr": [
        ("127.0.0.1", TypeError),
        (5, TypeError),
        (("127.0.0.1",), ValueError),
        (("127.0.0.1", "0"), ValueError),
        (("127.0.0.1", 65536), ValueError),
    ],
    "resolver": [("x", TypeError), (THING, TypeError), (0, TypeError)],
    "socket_factory": NO_FUNCTION,
    "fingerprint": [("x" * 32, TypeError), (5, TypeError), (b"x", ValueError)],
    "ssl": [("x", TypeError), (0, TypeError)],
}
SESSION = {
    "base_url": [(5, TypeError), (b"http://h/", TypeError), ("h", ValueError)],
    "connector": [("x", TypeError), (THING, TypeError), (0, TypeError)],
    "cookie_jar": [("x", TypeError), (THING, TypeError), (0, TypeError)],
    "cookies": [("x", TypeError), (5, TypeError)],
    "headers": NO_FIELDS,
    "proxy": [(5, TypeError), (b"http://h/", TypeError)],
    "skip_auto_headers": [("User-Agent", TypeError), (b"x", TypeError), (5, TypeError)],
    "auth": [(("u", "secret"), TypeError), ("u:secret", TypeError)],
    "json_serialize": NO_FUNCTION,
    "json_serialize_bytes": NO_FUNCTION,
    "request_class": [*NO_FUNCTION, (None, TypeError)],
    "response_class": NO_FUNCTION,
    "ws_response_class": NO_FUNCTION,
    "fallback_charset_resolver": NO_FUNCTION,
    "version": [("x", ValueError), ("1", ValueError), (1.1, TypeError), (None, TypeError)],
    "timeout": NO_NUMBER,
    "read_timeout": NO_NUMBER,
    "conn_timeout": NO_NUMBER,
    "trace_configs": [("x", TypeError), (5, TypeError), ([THING], TypeError)],
    "read_bufsize": [*NO_INT, (None, TypeError)],
    "max_line_size": [*NO_INT, (None, TypeError)],
    "max_field_size": [*NO_INT, (None, TypeError)],
    "max_headers": [*NO_INT, (None, TypeError)],
    "middlewares": [("x", TypeError), (5, TypeError)],
    "ssl_shutdown_timeout": NO_TIME,
    "retry_stale": [("x", TypeError), (1, TypeError), (None, TypeError)],
    "max_body_size": NO_INT,
    "max_decompressed_size": NO_INT,
    "max_decompression_ratio": NO_TIME,
}
REQUEST = {
    "params": [(5, TypeError), (b"x", TypeError), ({"a": None}, TypeError)],
    "headers": NO_FIELDS,
    "skip_auto_headers": SESSION["skip_auto_headers"],
    "auth": SESSION["auth"],
    "cookies": SESSION["cookies"],
    "text": [(5, TypeError), (b"x", TypeError)],
    "max_redirects": NO_INT,
    "compress": [("x", ValueError), (b"gzip", ValueError)],
    "server_hostname": [(5, TypeError), ([], TypeError)],
    "proxy": SESSION["proxy"],
    "proxy_headers": NO_FIELDS,
    "timeout": NO_NUMBER,
    "fingerprint": TCP["fingerprint"],
    "ssl": TCP["ssl"],
    "read_bufsize": NO_INT,
    "max_line_size": NO_INT,
    "max_field_size": NO_INT,
    "max_headers": NO_INT,
    "middlewares": SESSION["middlewares"],
    "upload_tracker": [("x", TypeError)],
    "retry_stale": [("x", TypeError), (0, TypeError)],
    "max_body_size": NO_INT,
    "max_decompressed_size": NO_INT,
    "max_decompression_ratio": NO_TIME,
}
WEBSOCKET = {
    "protocols": [(5, TypeError), (b"x", TypeError), (("a", 5), TypeError)],
    "timeout": [("x", TypeError), (THING, TypeError)],
    "receive_timeout": NO_NUMBER,
    "heartbeat": NO_TIME,
    "headers": NO_FIELDS,
    "compress": [("x", TypeError), (True, TypeError), (nan, TypeError), (-1, ValueError), (8, ValueError)],
    "max_msg_size": [*NO_INT, (None, TypeError)],
    "compress_mem_level": [*NO_INT, (0, ValueError), (10, ValueError), (inf, TypeError)],
    "compress_min_size": [*NO_INT, (None, TypeError), (inf, TypeError)],
}
# Duck types, None, 0 and False where they say "none", whole floats, infinity for "no limit".
GOOD_TCP = [
    *({name: value} for name in ("limit", "limit_per_host") for value in (None, 0, False, inf, 7, 7.0)),
    *({"keepalive_timeout": value} for value in (None, 0, 5, 0.5, -1, Fraction(1, 2))),
    *({"ttl_dns_cache": value} for value in (None, 0, 5, -1, inf)),
    *({"happy_eyeballs_delay": value} for value in (None, 0, 5, -1)),
    *({"interleave": value} for value in (None, 0, 1)),
    {"dns_cache_max_size": inf},
    {"local_addr": ("127.0.0.1", 0)},
    {"local_addr": ["127.0.0.1", 0]},
    {"local_addr": ("127.0.0.1", Index(0))},
    {"family": int(socket.AF_INET)},
]
GOOD_SESSION = [
    {"version": "1.0"},
    {"version": "1.1"},
    {"json_serialize": None},
    {"response_class": None},
    {"auth": ()},
    {"skip_auto_headers": ["User-Agent"]},
    {"skip_auto_headers": ()},
    {"headers": [("a", "b")]},
    {"read_bufsize": 0},
    {"loop": None},
]
GOOD_REQUEST = [
    *({"max_redirects": value} for value in (None, 0, False, inf, 3.0)),
    *({"timeout": value} for value in (None, 0, False, -1, 5, 5.5, Fraction(11, 2))),
    *({"params": value} for value in (None, "", [], {"a": 1.5})),
    {"server_hostname": None},
    {"compress": None},
    {"compress": 1},
    {"server_hostname": b"a"},
    {"read_bufsize": 1},
    {"max_headers": None},
    {"headers": None},
    {"allow_redirects": 1},
]


def refused(kind: type[Exception], name: str, value: Any):
    """Expect an error that names the option, and quotes the value unless it may be a secret or has many parts."""
    is_quoted = name not in ("auth", "headers", "proxy_headers", "params") and not isinstance(value, (list, tuple))
    shown = f"({re.escape(repr(value)[:40])}|{type(value).__name__})" if is_quoted else ""
    return pytest.raises(kind, match=rf"(?s){name}\b.*{shown}")


@better(SILENT)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "value", "kind"), rows(TCP))
async def test_tcp_connector(lib, name, value, kind):
    with refused(kind, name, value):
        lib.load().TCPConnector(**{name: value})


@better(SILENT)
@pytest.mark.parametrize(("name", "value", "kind"), rows({**POOL, "path": [(5, TypeError), (None, TypeError)]}))
async def test_unix_connector(lib, name, value, kind):
    with refused(kind, name, value):
        lib.load().UnixConnector(**{"path": "/s", name: value})


@better(SILENT)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "value", "kind"), rows(SESSION))
async def test_session(lib, name, value, kind):
    with refused(kind, name, value) as info:
        lib.load().ClientSession(**{name: value})
    assert "secret" not in str(info.value)


@better(SILENT)
@pytest.mark.parametrize(
    "name", ["total", "connect", "sock_connect", "sock_read", "ceil_threshold", "pool", "sock_write", "first_byte"]
)
@pytest.mark.parametrize(("value", "kind"), NO_NUMBER, ids=lambda part: str(part)[:20])
async def test_timeout(lib, name, value, kind):
    aiohttp = lib.load()
    with refused(kind, name, value):
        aiohttp.ClientTimeout(**{name: value})


@better(SILENT)
@pytest.mark.parametrize("name", ["ws_receive", "ws_close"])
@pytest.mark.parametrize(("value", "kind"), NO_NUMBER, ids=lambda part: str(part)[:20])
async def test_timeout_of_a_websocket(lib, name, value, kind):
    aiohttp = lib.load()
    with refused(kind, name, value):
        aiohttp.ClientWSTimeout(**{name: value})


@better(SILENT)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "value", "kind"), rows(REQUEST))
async def test_request(lib, answering, name, value, kind):
    """Nothing is sent, and the session is as good as before."""
    async with lib.load().ClientSession() as session:
        with refused(kind, name, value) as info:
            await session.get(answering.url, **{name: value})
        assert "secret" not in str(info.value)
        assert not answering.requests
        assert await fetch(session, answering.url) == b"ok"


@better(SILENT)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "value", "kind"), rows(WEBSOCKET))
async def test_websocket(lib, answering, name, value, kind):
    async with lib.load().ClientSession() as session:
        with refused(kind, name, value):
            await session.ws_connect(answering.url, **{name: value})
        assert not answering.requests


@better(SILENT)
async def test_url_and_method(lib, answering):
    async with lib.load().ClientSession() as session:
        for wrong in (5, b"http://h/", None):
            with refused(TypeError, "url", wrong):
                await session.get(wrong)
        for wrong in (5, b"GET", None):
            with refused(TypeError, "method", wrong):
                await session.request(wrong, answering.url)
        async with session.get(answering.url) as response:
            with refused(TypeError, "content_type", 5):
                await response.json(content_type=5)


@better(SILENT)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_sessions_are_given(lib):
    aiohttp = lib.load()
    for make, name, value, kind in (
        (aiohttp.CookieJar, "is_public_suffix", "x", TypeError),
        (aiohttp.CookieJar, "treat_as_secure_origin", 5, TypeError),
        (aiohttp.CookieJar, "treat_as_secure_origin", "host", ValueError),
        (aiohttp.TraceConfig, "trace_config_ctx_factory", "x", TypeError),
        (aiohttp.FormData, "charset", 5, TypeError),
        (aiohttp.Fingerprint, "fingerprint", "x" * 32, TypeError),
    ):
        with refused(kind, name, value):
            make(**{name: value})
    for login in (5, b"u", ()):
        with pytest.raises(TypeError, match="login must be str"):
            aiohttp.BasicAuth(login, "secret")
        with pytest.raises(TypeError, match="login"):
            aiohttp.encode_basic_auth(login, "secret")
        with pytest.raises(TypeError, match="login"):
            aiohttp.DigestAuthMiddleware(login, "secret")


@pytest.mark.parametrize("options", GOOD_TCP, ids=str)
async def test_connector_that_works(lib, answering, options):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**options)) as session:
        assert await fetch(session, answering.url.with_host("localhost")) == b"ok"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("options", GOOD_SESSION, ids=str)
async def test_session_that_works(lib, answering, options):
    async with lib.load().ClientSession(**options) as session:
        assert await fetch(session, answering.url) == b"ok"


@pytest.mark.parametrize("options", GOOD_REQUEST, ids=str)
async def test_request_that_works(lib, answering, options):
    async with lib.load().ClientSession() as session:
        assert await fetch(session, answering.url, **options) == b"ok"


@better("an OverflowError")
@pytest.mark.parametrize("name", ["total", "connect", "sock_connect", "sock_read", "pool", "sock_write", "first_byte"])
async def test_infinity_is_no_limit(lib, answering, name):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(**{name: inf})) as session:
        assert await fetch(session, answering.url) == b"ok"


@pytest.mark.parametrize("protocols", [None, (), ["a"], {"a": 1}])
async def test_protocols_that_work(lib, protocols):
    async def handler(peer: Peer) -> None:
        ws = Socket(peer)
        await ws.accept()
        await ws.end()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.ws_connect(server.url, protocols=protocols, compress=False, max_msg_size=1000.0) as ws:
            assert ws.protocol is None


async def test_somebody_elses_objects_work(lib, answering):
    """They need not inherit from anything."""
    aiohttp = lib.load()

    class Jar:
        quote_cookie = unsafe = True

        def __bool__(self) -> bool:
            return False

        def filter_cookies(self, url):
            return {}

        def update_cookies(self, cookies, url=None) -> None: ...

        update_cookies_from_headers = update_cookies

    class Resolver:
        async def resolve(self, host, port=0, family=0):
            info = {"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}
            return [info]

        async def close(self) -> None: ...

    connector = aiohttp.TCPConnector(resolver=Resolver(), socket_factory=lambda info: socket.socket(*info[:3]))
    async with aiohttp.ClientSession(connector=connector, cookie_jar=Jar()) as session:
        assert await fetch(session, answering.url.with_host("any.test")) == b"ok"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_loop_that_does_not_run_yet(lib):
    """A session made with it uses it."""
    loop = asyncio.new_event_loop()
    try:
        session = lib.load().ClientSession(loop=loop)
        loop.run_until_complete(session.close())
    finally:
        loop.close()


@better("it has no such option")
async def test_limit_is_shown_as_it_was_given(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"x" * 2000)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for given in (1000, 1e3):
            with pytest.raises(aiohttp.ClientPayloadSizeError, match="limit: max_body_size=1000]") as info:
                await fetch(session, server.url, max_body_size=given)
            assert type(info.value.limit) is int
