"""TCPConnector against real sockets: addresses, look-ups, time-outs, and that nothing is left open."""

import asyncio
import gc
import os
import socket
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aiohttp_fast._client.connector.tcp import _is_address as is_address
from aiohttp_fast._client.exceptions import InvalidUrlClientError
from tests.servers import abort


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="NO IPv6 ON THE LOOP-BACK: this is not tested here")


def found(*hosts: str, port: int = 80, name: str = "example.test") -> list[Any]:
    """Return what a resolver gives."""
    return [
        {
            "hostname": name,
            "host": host,
            "port": port,
            "family": socket.AF_INET6 if ":" in host else socket.AF_INET,
            "proto": 0,
            "flags": 0,
        }
        for host in hosts
    ]


class Peers:
    """A server that keeps its connections open and counts them."""

    def __init__(self) -> None:
        self.port = 0
        self.made = 0
        self.writers: list[asyncio.StreamWriter] = []
        self.lost = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        self.writers.append(writer)
        with suppress(OSError):
            await reader.read()
        self.lost.set()
        writer.close()


@asynccontextmanager
async def serving(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Peers]:
    peers = Peers()
    server = await asyncio.start_server(peers.handle, host, port)
    peers.port = server.sockets[0].getsockname()[1]
    try:
        yield peers
    finally:
        server.close()
        for writer in peers.writers:
            abort(writer)
        await server.wait_closed()


@pytest.fixture
def refusing() -> Iterator[int]:
    """A port of all local addresses that refuses."""
    with socket.socket() as sock:
        sock.bind(("0.0.0.0", 0))  # bound, so that nobody else gets it; not listening
        yield sock.getsockname()[1]


@pytest.fixture
def silent() -> Iterator[Callable[[str, int], int]]:
    """Make listeners with a full backlog: connecting to them never ends."""
    with ExitStack() as stack:

        def listen(host: str, port: int = 0) -> int:
            listener = stack.enter_context(socket.socket())
            listener.bind((host, port))
            listener.listen(0)
            for _ in range(8):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            bound: int = listener.getsockname()[1]
            return bound

        yield listen


class Env:
    """The names of one speed, and resolvers made for it."""

    def __init__(self, lib: Any) -> None:
        self.tcp = lib.load("_client.connector.tcp")
        self.errors = lib.load("_client.exceptions")
        self.abc = lib.load("_client.abc")
        self.options = lib.load("_client.options")
        self.TCPConnector = self.tcp.TCPConnector
        self.request_class = lib.load("_client.request").ClientRequest

    def request(self, url: str, **kwargs: Any) -> Any:
        return self.request_class("GET", URL(url), loop=asyncio.get_running_loop(), **kwargs)

    def timeout(self, **kwargs: Any) -> Any:
        return self.options.ClientTimeout(**kwargs)

    async def create(self, connector: Any, url: str, timeout: Any = None, **kwargs: Any) -> Any:
        timeout = timeout or self.options.ClientTimeout(sock_connect=10)
        return await connector._create_connection(self.request(url, **kwargs), (), timeout)

    def resolver(self, answer: Any) -> Any:
        """Return a resolver that gives *answer*, a list, an exception, or a coroutine function."""

        class Resolver(self.abc.AbstractResolver):  # type: ignore[misc]
            asked: list[tuple[str, int, int]]
            closed = 0

            def __init__(self) -> None:
                self.asked = []

            async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
                self.asked.append((host, port, family))
                if callable(answer):
                    return await answer()
                if isinstance(answer, BaseException):
                    raise answer
                return answer

            async def close(self) -> None:
                self.closed += 1

        return Resolver()


@pytest.fixture
def env(lib: Any) -> Env:
    return Env(lib)


def descriptors() -> int:
    """Return how many sockets this process has open; 0 where the system does not tell."""
    count = 0
    with suppress(OSError):
        for name in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    return count


# The constructor


async def test_defaults(env: Env) -> None:
    async with env.TCPConnector() as connector:
        assert connector.family == socket.AF_UNSPEC
        assert connector.use_dns_cache is True
        assert connector.limit == 100
        assert connector.limit_per_host == 0
        assert connector.force_close is False
        assert connector.allowed_protocol_schema_set >= {"", "http", "https", "ws", "wss", "tcp"}
    assert connector.closed


async def test_arguments_are_kept(env: Env) -> None:
    async with env.TCPConnector(
        family=socket.AF_INET, use_dns_cache=False, limit=3, limit_per_host=2, force_close=True
    ) as connector:
        assert connector.family == socket.AF_INET
        assert connector.use_dns_cache is False
        assert (connector.limit, connector.limit_per_host, connector.force_close) == (3, 2, True)


async def test_shutdown_timeout_is_deprecated(env: Env) -> None:
    with pytest.warns(DeprecationWarning, match="ssl_shutdown_timeout"):
        connector = env.TCPConnector(ssl_shutdown_timeout=0.5)
    await connector.close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        await env.TCPConnector().close()


@pytest.mark.parametrize(
    "kwargs", [{"ssl": 1}, {"ssl": "x"}, {"local_addr": "x"}, {"force_close": True, "keepalive_timeout": 1}]
)
async def test_bad_arguments(env: Env, kwargs: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError, IndexError)):
        env.TCPConnector(**kwargs)


async def test_a_resolver_passed_in_stays_open(env: Env) -> None:
    resolver = env.resolver(found("127.0.0.1"))
    async with env.TCPConnector(resolver=resolver):
        pass
    assert resolver.closed == 0


# Connecting


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", pytest.param("::1", marks=needs_ipv6)])
async def test_addresses_need_no_resolver(env: Env, host: str) -> None:
    resolver = env.resolver(OSError("asked"))
    async with serving(host) as peers, env.TCPConnector(resolver=resolver) as connector:
        protocol = await env.create(connector, str(URL.build(scheme="http", host=host, port=peers.port)))
        assert protocol.transport.get_extra_info("peername")[:2] == (host, peers.port)
        assert protocol.is_connected()
        sock = protocol.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        protocol.close()
        await peers.lost.wait()
    assert resolver.asked == []


@needs_ipv6
async def test_scope_of_an_address(env: Env) -> None:
    index, name = socket.if_nameindex()[0]
    async with env.TCPConnector() as connector:
        for scope in (name, str(index)):
            (info,) = connector._convert_hosts_to_addr_infos(found(f"fe80::1%{scope}"))
            assert info[4] == ("fe80::1", 80, 0, index)
        (info,) = connector._convert_hosts_to_addr_infos(found("fe80::1%no-such-interface"))
        assert info[4] == ("fe80::1%no-such-interface", 80, 0, 0)


async def test_by_name(env: Env) -> None:
    async with serving() as peers, env.TCPConnector(family=socket.AF_INET) as connector:
        protocol = await env.create(connector, f"http://localhost:{peers.port}/")
        assert protocol.transport.get_extra_info("peername")[0] == "127.0.0.1"
        protocol.close()


async def test_refused(env: Env, refusing: int) -> None:
    async with env.TCPConnector() as connector:
        with pytest.raises(env.errors.ClientConnectorError) as info:
            await env.create(connector, f"http://127.0.0.1:{refusing}/")
    exc = info.value
    assert type(exc) is env.errors.ClientConnectorError
    assert (exc.host, exc.port, exc.ssl) == ("127.0.0.1", refusing, True)
    assert isinstance(exc.os_error, ConnectionRefusedError)
    assert exc.__cause__ is exc.os_error
    assert exc.args[0] == env.request(f"http://127.0.0.1:{refusing}/").connection_key
    assert "127.0.0.1" in str(exc)


async def test_next_address_is_tried(env: Env) -> None:
    async with serving("127.0.0.1") as peers:
        resolver = env.resolver(found("127.0.0.2", "127.0.0.1", port=peers.port))
        for delay in (0.25, None):
            async with env.TCPConnector(resolver=resolver, happy_eyeballs_delay=delay) as connector:
                protocol = await env.create(connector, f"http://example.test:{peers.port}/")
                assert protocol.transport.get_extra_info("peername")[0] == "127.0.0.1"
                protocol.close()
    assert resolver.asked[0] == ("example.test", peers.port, socket.AF_UNSPEC)


async def test_every_address_is_tried_once(env: Env, refusing: int) -> None:
    tried: list[str] = []

    def factory(info: Any) -> socket.socket:
        tried.append(info[4][0])
        return socket.socket(*info[:3])

    resolver = env.resolver(found("127.0.0.1", "127.0.0.2", "127.0.0.3", port=refusing))
    async with env.TCPConnector(resolver=resolver, socket_factory=factory) as connector:
        with pytest.raises(env.errors.ClientConnectorError):
            await env.create(connector, f"http://example.test:{refusing}/")
    assert tried == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]


async def test_happy_eyeballs(env: Env, silent: Any) -> None:
    async with serving("127.0.0.1") as peers:
        silent("127.0.0.2", peers.port)
        resolver = env.resolver(found("127.0.0.2", "127.0.0.1", port=peers.port))
        async with env.TCPConnector(resolver=resolver, happy_eyeballs_delay=0.01) as connector:
            before = descriptors()
            protocol = await env.create(connector, f"http://example.test:{peers.port}/", env.timeout(sock_connect=5))
            assert protocol.transport.get_extra_info("peername")[0] == "127.0.0.1"
            protocol.close()
            await peers.lost.wait()
            assert descriptors() <= before + 1  # the server's may still be there


async def test_one_after_the_other_within_sock_connect_each(env: Env, silent: Any) -> None:
    async with serving("127.0.0.1") as peers:
        silent("127.0.0.2", peers.port)
        resolver = env.resolver(found("127.0.0.2", "127.0.0.1", port=peers.port))
        async with env.TCPConnector(resolver=resolver, happy_eyeballs_delay=None) as connector:
            protocol = await env.create(connector, f"http://example.test:{peers.port}/", env.timeout(sock_connect=0.05))
            assert protocol.transport.get_extra_info("peername")[0] == "127.0.0.1"
            protocol.close()


@needs_ipv6
async def test_families_interleave(env: Env, refusing: int) -> None:
    tried: list[str] = []

    def factory(info: Any) -> socket.socket:
        tried.append(info[4][0])
        return socket.socket(*info[:3])

    resolver = env.resolver(found("127.0.0.1", "127.0.0.2", "::1", port=refusing))
    async with env.TCPConnector(resolver=resolver, socket_factory=factory, interleave=1) as connector:
        with pytest.raises(env.errors.ClientConnectorError):
            await env.create(connector, f"http://example.test:{refusing}/")
    assert tried[:3] == ["127.0.0.1", "::1", "127.0.0.2"]


async def test_sock_connect_timeout(env: Env, silent: Any) -> None:
    port = silent("127.0.0.2")
    async with env.TCPConnector() as connector:
        before = descriptors()
        with pytest.raises(
            env.errors.ConnectionTimeoutError, match=f"Connection timeout to host http://127.0.0.2:{port}/"
        ):
            await env.create(connector, f"http://127.0.0.2:{port}/", env.timeout(sock_connect=0.05))
        assert descriptors() == before


async def test_local_addr(env: Env) -> None:
    async with serving() as peers, env.TCPConnector(local_addr=("127.0.0.3", 0)) as connector:
        protocol = await env.create(connector, f"http://127.0.0.1:{peers.port}/")
        assert protocol.transport.get_extra_info("sockname")[0] == "127.0.0.3"
        protocol.close()


async def test_local_addr_that_is_not_ours(env: Env, refusing: int) -> None:
    async with env.TCPConnector(local_addr=("192.0.2.1", 0)) as connector:
        with pytest.raises(env.errors.ClientConnectorError, match="bind"):
            await env.create(connector, f"http://127.0.0.1:{refusing}/")


async def test_socket_factory(env: Env) -> None:
    def factory(info: Any) -> socket.socket:
        sock = socket.socket(*info[:3])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock

    async with serving() as peers, env.TCPConnector(socket_factory=factory) as connector:
        protocol = await env.create(connector, f"http://127.0.0.1:{peers.port}/")
        assert protocol.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        protocol.close()


async def test_socket_factory_that_fails(env: Env) -> None:
    def factory(info: Any) -> socket.socket:
        raise OSError("no sockets today")

    async with env.TCPConnector(socket_factory=factory) as connector:
        with pytest.raises(env.errors.ClientConnectorError):
            await env.create(connector, "http://127.0.0.1:1/")


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET6), ("[::1]", socket.AF_INET)])
async def test_family_that_does_not_fit(env: Env, host: str, family: Any) -> None:
    async with env.TCPConnector(family=family) as connector:
        with pytest.raises(env.errors.ClientConnectorDNSError, match="family"):
            await env.create(connector, f"http://{host}:1/")


async def test_scheme_without_a_port(env: Env) -> None:
    async with env.TCPConnector() as connector:
        with pytest.raises(env.errors.InvalidUrlClientError, match="port"):
            await env.create(connector, "tcp://127.0.0.1/")


async def test_hooks_are_looked_up_at_each_call(env: Env, refusing: int) -> None:
    async with serving() as peers, env.TCPConnector() as connector:
        calls: list[Any] = []

        async def resolve(host: str, port: int, traces: Any = None) -> Any:
            calls.append((host, port, traces))
            return found("127.0.0.1", port=peers.port)

        connector._resolve_host = resolve
        wrap = connector._wrap_create_connection

        async def wrapped(*args: Any, **kwargs: Any) -> Any:
            calls.append((args, sorted(kwargs)))
            return await wrap(*args, **kwargs)

        connector._wrap_create_connection = wrapped
        (await env.create(connector, "http://example.test/")).close()
    assert calls == [
        ("example.test", 80, ()),
        ((connector._factory,), ["addr_infos", "client_error", "req", "server_hostname", "ssl", "timeout"]),
    ]


async def test_override_that_takes_no_address_from_the_list(env: Env) -> None:
    """As a proxy connector does: it tries the first and says no."""
    tried: list[str] = []
    errors = env.errors

    class Refuser(env.TCPConnector):  # type: ignore[misc, name-defined]
        async def _wrap_create_connection(self, *args: Any, addr_infos: Any, req: Any, **kwargs: Any) -> Any:
            tried.append(addr_infos[0][4][0])
            raise errors.ClientConnectorError(req.connection_key, OSError(1, "no"))

    resolver = env.resolver(found("127.0.0.1", "127.0.0.2"))
    async with Refuser(resolver=resolver) as connector:
        with pytest.raises(errors.ClientConnectorError, match="no"):
            await env.create(connector, "http://example.test/")
    assert tried == ["127.0.0.1", "127.0.0.2"]


# Look-ups


@pytest.mark.parametrize(
    "error", [socket.gaierror(socket.EAI_NONAME, "Name or service not known"), OSError(None, "server failed")]
)
async def test_name_without_address(env: Env, error: OSError) -> None:
    async with env.TCPConnector(resolver=env.resolver(error)) as connector:
        with pytest.raises(env.errors.ClientConnectorDNSError) as info:
            await env.create(connector, "http://nowhere.test/")
    assert (info.value.host, info.value.port) == ("nowhere.test", 80)
    assert info.value.os_error is error
    assert error.strerror in str(info.value)


async def test_resolver_without_an_answer(env: Env) -> None:
    async with env.TCPConnector(resolver=env.resolver([])) as connector:
        with pytest.raises(env.errors.ClientConnectorDNSError, match=r"no address for nowhere\.test"):
            await env.create(connector, "http://nowhere.test/")
        assert len(connector._cached_hosts) == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "256.1.1.1",
        "1.2.3",
        "127.0.0.01",
        "1.2.3.4.5",
    ],
)
async def test_numbers_that_may_be_an_address(env: Env, host: str) -> None:
    resolver = env.resolver(found("127.0.0.1"))
    async with env.TCPConnector(resolver=resolver) as connector:
        with pytest.raises(env.errors.InvalidUrlClientError, match="canonical"):
            await connector._resolve_host(host, 80)
    assert resolver.asked == []


@pytest.mark.parametrize("host", ["a.1", "1.a", "face", "abc.def", "0xgg", "a", "1.2.3.b", "beef."])
async def test_names_that_only_resemble_numbers(env: Env, host: str) -> None:
    resolver = env.resolver(found("127.0.0.1"))
    async with env.TCPConnector(resolver=resolver) as connector:
        assert await connector._resolve_host(host, 80)
    assert [a[0] for a in resolver.asked] == [host]


@given(st.text("0123456789abcdefxX.", max_size=16))
def test_whatever_the_system_reads_as_an_address_is_one(host: str) -> None:
    try:
        read = socket.inet_aton(host)
    except OSError:
        read = None
    try:
        address = is_address(host)
    except InvalidUrlClientError:
        return
    assert address == (read is not None)
    assert not address or socket.inet_ntoa(read) == host  # type: ignore[arg-type]


async def test_cached_and_rotated(env: Env) -> None:
    resolver = env.resolver(found("127.0.0.1", "127.0.0.2"))
    async with env.TCPConnector(resolver=resolver) as connector:
        first = [(await connector._resolve_host("example.test", 80))[0]["host"] for _ in range(4)]
        assert len(resolver.asked) == 1
        assert sorted(first) == ["127.0.0.1"] * 2 + ["127.0.0.2"] * 2
        assert first[1] != first[2]
        await connector._resolve_host("example.test", 81)
        assert len(resolver.asked) == 2


async def test_cache_is_bounded(env: Env) -> None:
    resolver = env.resolver(found("127.0.0.1"))
    async with env.TCPConnector(resolver=resolver, dns_cache_max_size=3) as connector:
        for n in range(10):
            await connector._resolve_host(f"host{n}.test", 80)
        assert len(connector._cached_hosts) == 3


async def test_without_cache(env: Env) -> None:
    resolver = env.resolver(found("127.0.0.1"))
    async with env.TCPConnector(resolver=resolver, use_dns_cache=False) as connector:
        await connector._resolve_host("example.test", 80)
        await connector._resolve_host("example.test", 80)
    assert len(resolver.asked) == 2


async def test_clear_dns_cache(env: Env) -> None:
    resolver = env.resolver(found("127.0.0.1"))
    async with env.TCPConnector(resolver=resolver) as connector:
        await connector._resolve_host("a.test", 80)
        await connector._resolve_host("b.test", 80)
        for args in (("a.test",), (None, 80)):
            with pytest.raises(ValueError, match="either both host and port or none of them are allowed"):
                connector.clear_dns_cache(*args)
        connector.clear_dns_cache("a.test", 80)
        connector.clear_dns_cache("unknown.test", 80)
        assert len(connector._cached_hosts) == 1
        connector.clear_dns_cache()
        assert len(connector._cached_hosts) == 0


async def test_single_flight(env: Env) -> None:
    go = asyncio.Event()

    async def answer() -> Any:
        await go.wait()
        return found("127.0.0.1", "127.0.0.2")

    resolver = env.resolver(answer)
    async with env.TCPConnector(resolver=resolver) as connector:
        tasks = [asyncio.create_task(connector._resolve_host("example.test", 80)) for _ in range(10)]
        await asyncio.sleep(0)
        tasks[0].cancel()  # the one whose look-up it is
        tasks[5].cancel()
        await asyncio.sleep(0)
        go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(resolver.asked) == 1
    assert [isinstance(r, asyncio.CancelledError) for r in results] == [n in (0, 5) for n in range(10)]
    assert all(len(r) == 2 for r in results if isinstance(r, list))


async def test_a_look_up_nobody_waits_for_still_counts(env: Env) -> None:
    go, done = asyncio.Event(), asyncio.Event()

    async def answer() -> Any:
        await go.wait()
        done.set()
        return found("127.0.0.1")

    resolver = env.resolver(answer)
    async with env.TCPConnector(resolver=resolver) as connector:
        task = asyncio.create_task(connector._resolve_host("example.test", 80))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        await done.wait()
        assert await connector._resolve_host("example.test", 80)
    assert len(resolver.asked) == 1


async def test_error_of_a_shared_look_up_reaches_all(env: Env) -> None:
    async def answer() -> Any:
        await asyncio.sleep(0)
        raise OSError(None, "no")

    resolver = env.resolver(answer)
    async with env.TCPConnector(resolver=resolver) as connector:
        calls = [env.create(connector, "http://example.test/") for _ in range(5)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(r) for r in results] == [env.errors.ClientConnectorDNSError] * 5
        assert len(resolver.asked) == 1
        with pytest.raises(env.errors.ClientConnectorDNSError):  # failures are not kept
            await env.create(connector, "http://example.test/")
    assert len(resolver.asked) == 2


async def test_error_nobody_waits_for_is_not_reported(env: Env) -> None:
    go = asyncio.Event()

    async def answer() -> Any:
        await go.wait()
        raise OSError(None, "no")

    async with env.TCPConnector(resolver=env.resolver(answer)) as connector:
        task = asyncio.create_task(connector._resolve_host("example.test", 80))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()


async def test_close_ends_look_ups(env: Env) -> None:
    async def answer() -> Any:
        await asyncio.Event().wait()

    connector = env.TCPConnector(resolver=env.resolver(answer))
    tasks = [asyncio.create_task(env.create(connector, "http://example.test/")) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await connector.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(r) for r in results] == [env.errors.ClientConnectionError] * 3
    await connector.close()


class Trace:
    """Notes the signals it is asked to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        async def send(host: str) -> None:
            self.sent.append((name.removeprefix("send_dns_"), host))

        return send


async def test_traces(env: Env) -> None:
    async with env.TCPConnector(resolver=env.resolver(found("127.0.0.1"))) as connector:
        trace = Trace()
        await connector._resolve_host("a.test", 80, traces=[trace])
        await connector._resolve_host("a.test", 80, traces=[trace])
        await connector._resolve_host("127.0.0.1", 80, traces=[trace])
    assert trace.sent == [
        ("cache_miss", "a.test"),
        ("resolvehost_start", "a.test"),
        ("resolvehost_end", "a.test"),
        ("cache_hit", "a.test"),
    ]


# Nothing is left open


async def step(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_cancelled_after_every_loop_step(env: Env) -> None:
    async with serving() as peers, env.TCPConnector(family=socket.AF_INET) as connector:
        (await env.create(connector, f"http://localhost:{peers.port}/")).abort()  # the address is known now
        await peers.lost.wait()
        before = descriptors()
        for steps in range(200):
            task = asyncio.create_task(env.create(connector, f"http://localhost:{peers.port}/"))
            await step(steps)
            if task.done():
                (await task).abort()
                break
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            pytest.fail("never connected")
        assert steps > 2
        await step(5)
        gc.collect()
        assert descriptors() <= before + 1 + sum(not w.is_closing() for w in peers.writers)


async def test_cancelled_while_connecting(env: Env, silent: Any) -> None:
    port = silent("127.0.0.2")
    async with env.TCPConnector() as connector:
        before = descriptors()
        task = asyncio.create_task(env.create(connector, f"http://127.0.0.2:{port}/"))
        await step(5)
        assert descriptors() == before + 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert descriptors() == before


async def test_socket_that_create_connection_refuses(env: Env) -> None:
    """What fails before there is a transport must close the socket as well."""
    async with serving() as peers, env.TCPConnector() as connector:
        with closing(socket.socket()):
            before = descriptors()
            with pytest.raises(env.errors.ClientConnectorError):
                await env.create(connector, f"https://127.0.0.1:{peers.port}/", ssl=False, server_hostname=".a.test")
            await peers.lost.wait()
            await step(3)
            assert descriptors() <= before + 1
