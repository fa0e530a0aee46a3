"""TLS: which context is used, when it is made, and how each failure is told."""

import asyncio
import gc
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Any

import pytest
import trustme
from yarl import URL

from tests.servers import abort

NAMES = ("localhost", "example.test", "127.0.0.1", "127.0.0.2", "::1")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert(*NAMES)


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    certificate.configure_cert(context)
    return context


@pytest.fixture
def digest(certificate: trustme.LeafCert) -> bytes:
    pem = certificate.cert_chain_pems[0].bytes().decode()
    return sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()


class Peers:
    """What a server saw."""

    def __init__(self) -> None:
        self.port = 0
        self.names: list[str | None] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.handlers: list[asyncio.Task[Any]] = []
        self.began = asyncio.Event()
        self.lost = asyncio.Event()


async def hold(peers: Peers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read and say nothing: without TLS, a handshake that never gets an answer."""
    peers.began.set()
    with suppress(OSError):
        while await reader.read(1 << 16):
            pass


async def talk_plainly(peers: Peers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await hold(peers, reader, writer)


async def reset(peers: Peers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def leave(peers: Peers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1 << 16)


@asynccontextmanager
async def serving(
    context: ssl.SSLContext | None = None, behave: Any = hold, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Peers]:
    peers = Peers()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.writers.append(writer)
        peers.handlers.append(asyncio.current_task())  # type: ignore[arg-type]
        try:
            await behave(peers, reader, writer)
        finally:
            peers.lost.set()
            writer.close()

    if context is not None:
        context.sni_callback = lambda _obj, name, _ctx: peers.names.append(name)
    server = await asyncio.start_server(handle, host, port, ssl=context)
    peers.port = server.sockets[0].getsockname()[1]
    try:
        yield peers
    finally:
        server.close()
        for writer in peers.writers:
            abort(writer)
        if peers.handlers:
            await asyncio.wait(peers.handlers)
        await server.wait_closed()


class Env:
    """The names of one speed."""

    def __init__(self, lib: Any) -> None:
        self.package = lib.package
        self.tls = lib.load("_client.connector.tls")
        self.errors = lib.load("_client.exceptions")
        self.abc = lib.load("_client.abc")
        self.options = lib.load("_client.options")
        self.TCPConnector = lib.load("_client.connector.tcp").TCPConnector
        self.Fingerprint = lib.load("_client.fingerprint").Fingerprint
        self.request_class = lib.load("_client.request").ClientRequest

    def request(self, url: str, **kwargs: Any) -> Any:
        return self.request_class("GET", URL(url), loop=asyncio.get_running_loop(), **kwargs)

    async def create(self, connector: Any, url: str, sock_connect: float = 10, **kwargs: Any) -> Any:
        timeout = self.options.ClientTimeout(sock_connect=sock_connect)
        return await connector._create_connection(self.request(url, **kwargs), (), timeout)

    def resolver(self, *hosts: str) -> Any:
        class Resolver(self.abc.AbstractResolver):  # type: ignore[misc]
            async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
                return [
                    {"hostname": host, "host": h, "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
                    for h in hosts
                ]

            async def close(self) -> None:
                pass

        return Resolver()


@pytest.fixture
def env(lib: Any) -> Env:
    return Env(lib)


@pytest.fixture
def fresh(env: Env) -> Iterator[dict[bool, Any]]:
    """No default context made yet."""
    made = dict(env.tls._defaults)
    env.tls._defaults.clear()
    yield env.tls._defaults
    env.tls._defaults.update(made)


def descriptors() -> int:
    """Return how many sockets this process has open; 0 where the system does not tell."""
    count = 0
    with suppress(OSError):
        for name in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    return count


# What ssl= may be, and its deprecated spellings


def test_merge_plain(env: Env) -> None:
    context = ssl.create_default_context()
    pin = env.Fingerprint(b"x" * 32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for given, expected in ((None, True), (True, True), (False, False), (context, context), (pin, pin)):
            assert env.tls.merge_ssl_params(given, True, None, None) is expected
            assert env.tls.merge_ssl_params(given, None, None, None) is expected


def test_merge_deprecated(env: Env) -> None:
    context = ssl.create_default_context()
    with pytest.warns(DeprecationWarning, match="ssl=False") as caught:
        assert env.tls.merge_ssl_params(True, False, None, None) is False
    assert caught[0].filename != env.tls.__file__
    with pytest.warns(DeprecationWarning, match="ssl=context"):
        assert env.tls.merge_ssl_params(True, None, context, None) is context
    with pytest.warns(DeprecationWarning, match=r"ssl=Fingerprint\(fingerprint\)"):
        assert env.tls.merge_ssl_params(True, None, None, b"x" * 32).fingerprint == b"x" * 32


def test_merge_refuses_more_than_one(env: Env) -> None:
    context = ssl.create_default_context()
    for args in (
        (True, False, context, None),
        (True, True, context, b"x" * 32),
        (context, False, None, None),
        (False, True, context, None),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(ValueError, match="mutually exclusive"):
                env.tls.merge_ssl_params(*args)


@pytest.mark.parametrize("bad", [1, 0, "x", b"x" * 32, object()])
def test_merge_refuses_the_rest(env: Env, bad: Any) -> None:
    with pytest.raises(TypeError, match="ssl should be SSLContext, bool, Fingerprint or None, got"):
        env.tls.merge_ssl_params(bad, True, None, None)


async def test_deprecated_spellings_of_the_connector(env: Env) -> None:
    context = ssl.create_default_context()
    for kwargs, expected in (({"verify_ssl": False}, False), ({"ssl_context": context}, context)):
        with pytest.warns(DeprecationWarning, match="is deprecated") as caught:
            connector = env.TCPConnector(**kwargs)
        assert connector._ssl is expected
        assert caught[0].filename == __file__
        await connector.close()


async def test_request_counts_before_connector(env: Env) -> None:
    context, other = ssl.create_default_context(), ssl.create_default_context()
    pin, pin2 = env.Fingerprint(b"x" * 32), env.Fingerprint(b"y" * 32)
    verified, unverified = env.tls.context_for(True), env.tls.context_for(False)
    for own, asked, expected, pinned in (
        (True, True, verified, None),
        (True, False, unverified, None),
        (True, context, context, None),
        (True, pin, unverified, pin),
        (False, True, unverified, None),
        (False, context, context, None),
        (context, True, context, None),
        (context, False, unverified, None),
        (context, other, other, None),
        (context, pin, unverified, pin),
        (pin, True, unverified, pin),
        (pin, pin2, unverified, pin2),
        (pin, context, context, pin),
    ):
        async with env.TCPConnector(ssl=own) as connector:
            req = env.request("https://example.test/", ssl=asked)
            assert connector._get_ssl_context(req) is expected
            assert connector._get_fingerprint(req) is pinned
            assert connector._get_ssl_context(env.request("http://example.test/", ssl=asked)) is None


# The default contexts


def test_no_context_is_made_at_import(env: Env) -> None:
    code = (
        "import sys; from importlib import import_module as load\n"
        "tls = load('aiohttp_fast._client.connector.tls')\n"
        "sys.exit(len(tls._defaults))"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


async def test_made_once_in_a_thread_that_ends(env: Env, fresh: dict[bool, Any]) -> None:
    loop_steps = 0

    async def watch() -> None:
        nonlocal loop_steps
        while True:
            loop_steps += 1
            await asyncio.sleep(0)

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*[env.tls.prepare(True) for _ in range(20)])
    watcher.cancel()
    context = env.tls.context_for(True)
    assert env.tls.context_for(True) is context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert loop_steps > 3  # the loop went on meanwhile
    assert list(fresh) == [True]
    assert asyncio.get_running_loop()._default_executor is None  # type: ignore[attr-defined]
    for thread in threading.enumerate():
        if thread.name.startswith("aiohttp-tls"):
            thread.join(5)
            assert not thread.is_alive()


async def test_unverified(env: Env, fresh: dict[bool, Any]) -> None:
    await env.tls.prepare(env.Fingerprint(b"x" * 32))
    assert list(fresh) == [False]
    context = env.tls.context_for(False)
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname
    assert context.options & ssl.OP_NO_COMPRESSION


async def test_cancelled_while_it_is_made(env: Env, fresh: dict[bool, Any]) -> None:
    first, second = (asyncio.create_task(env.tls.prepare(True)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert fresh[True].result()


def test_without_prepare(env: Env, fresh: dict[bool, Any]) -> None:
    assert env.tls.context_for(False) is env.tls.context_for(False)


def test_failure_is_not_kept(env: Env, fresh: dict[bool, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> ssl.SSLContext:
        raise ssl.SSLError("no store")

    with monkeypatch.context() as patch:
        patch.setattr(ssl, "create_default_context", fail)
        with pytest.raises(ssl.SSLError, match="no store"):
            env.tls.context_for(True)
    assert env.tls.context_for(True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_forgets_what_is_unfinished(env: Env, fresh: dict[bool, Any]) -> None:
    env.tls.context_for(False)
    code = """
import os, sys
from concurrent.futures import Future
from aiohttp_fast._client.connector import tls
ready = tls.context_for(False)
tls._defaults[True] = Future()
pid = os.fork()
if pid == 0:
    os._exit(0 if tls._defaults.get(False).result() is ready and True not in tls._defaults else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code], check=True, env=environment, timeout=20
    )


# Handshakes


@pytest.mark.parametrize(
    ("host", "name"),
    [("127.0.0.1", None), ("[::1]", None), ("example.test", "example.test"), ("example.test.", "example.test")],
)
async def test_handshake(env: Env, trusting: Any, server_context: Any, host: str, name: str | None) -> None:
    bind = "::1" if ":" in host else "127.0.0.1"
    try:
        socket.getaddrinfo(bind, 0, flags=socket.AI_NUMERICHOST)
        with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
            probe.bind((bind, 0))
    except OSError:
        pytest.skip("NO IPv6 ON THE LOOP-BACK: this is not tested here")
    async with (
        serving(server_context, host=bind) as peers,
        env.TCPConnector(resolver=env.resolver("127.0.0.1")) as connector,
    ):
        protocol = await env.create(connector, f"https://{host}:{peers.port}/", ssl=trusting)
        assert protocol.is_connected()
        assert protocol.transport.get_extra_info("ssl_object").getpeercert()
        assert peers.names == [name]
        protocol.abort()


async def test_server_hostname(env: Env, trusting: Any, server_context: Any) -> None:
    async with serving(server_context) as peers, env.TCPConnector() as connector:
        protocol = await env.create(
            connector, f"https://127.0.0.1:{peers.port}/", ssl=trusting, server_hostname="example.test"
        )
        assert peers.names == ["example.test"]
        protocol.abort()


async def test_default_contexts_speak_http_1(env: Env, server_context: Any) -> None:
    async with serving(server_context) as peers, env.TCPConnector(ssl=False) as connector:
        protocol = await env.create(connector, f"https://127.0.0.1:{peers.port}/")
        assert protocol.transport.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        protocol.abort()


async def test_unknown_authority(env: Env, server_context: Any) -> None:
    async with serving(server_context) as peers, env.TCPConnector() as connector:
        before = descriptors()
        with pytest.raises(env.errors.ClientConnectorCertificateError) as info:
            await env.create(connector, f"https://127.0.0.1:{peers.port}/")
        assert isinstance(info.value.certificate_error, ssl.SSLCertVerificationError)
        assert isinstance(info.value, ssl.SSLError)
        assert (info.value.host, info.value.port) == ("127.0.0.1", peers.port)
        assert "certificate verify failed" in str(info.value)
    gc.collect()
    assert descriptors() <= before


async def test_wrong_name(env: Env, trusting: Any, server_context: Any) -> None:
    async with serving(server_context) as peers, env.TCPConnector(ssl=trusting) as connector:
        with pytest.raises(env.errors.ClientConnectorCertificateError, match=r"other\.test"):
            await env.create(connector, f"https://127.0.0.1:{peers.port}/", server_hostname="other.test")


async def test_fingerprint(env: Env, server_context: Any, digest: bytes) -> None:
    async with serving(server_context) as peers, env.TCPConnector(ssl=env.Fingerprint(digest)) as connector:
        protocol = await env.create(connector, f"https://127.0.0.1:{peers.port}/")
        assert protocol.is_connected()
        protocol.abort()


async def test_fingerprint_mismatch(env: Env, server_context: Any, digest: bytes) -> None:
    async with serving(server_context) as peers, env.TCPConnector() as connector:
        with pytest.raises(env.errors.ServerFingerprintMismatch) as info:
            await env.create(connector, f"https://127.0.0.1:{peers.port}/", ssl=env.Fingerprint(b"x" * 32))
        assert (info.value.expected, info.value.got) == (b"x" * 32, digest)
        assert (info.value.host, info.value.port) == ("127.0.0.1", peers.port)
        await peers.lost.wait()


async def test_fingerprint_says_nothing_about_plain_connections(env: Env) -> None:
    async with serving() as peers, env.TCPConnector(ssl=env.Fingerprint(b"x" * 32)) as connector:
        protocol = await env.create(connector, f"http://127.0.0.1:{peers.port}/")
        protocol.abort()


@pytest.mark.parametrize("bad", ["unpinned", "reset", "plain", "stalled"])
async def test_next_address_after_a_bad_peer(
    env: Env, authority: Any, server_context: Any, digest: bytes, bad: str
) -> None:
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("example.test").configure_cert(other)
    behave = {"unpinned": hold, "reset": reset, "plain": talk_plainly, "stalled": hold}[bad]
    async with serving(server_context) as good:
        async with serving(other if bad == "unpinned" else None, behave, "127.0.0.2", good.port) as peers:
            resolver = env.resolver("127.0.0.2", "127.0.0.1")
            async with env.TCPConnector(ssl=env.Fingerprint(digest), resolver=resolver) as connector:
                protocol = await env.create(connector, f"https://example.test:{good.port}/", 0.5)
                assert protocol.transport.get_extra_info("peername")[0] == "127.0.0.1"
                protocol.abort()
            assert len(peers.writers) == 1


async def test_no_tls_there(env: Env) -> None:
    async with serving(behave=talk_plainly) as peers, env.TCPConnector() as connector:
        with pytest.raises(env.errors.ClientConnectorSSLError) as info:
            await env.create(connector, f"https://127.0.0.1:{peers.port}/")
        assert isinstance(info.value.os_error, ssl.SSLError)
        await peers.lost.wait()


@pytest.mark.parametrize("behave", [reset, leave])
async def test_connection_lost_in_the_handshake(env: Env, behave: Any) -> None:
    async with serving(behave=behave) as peers, env.TCPConnector(ssl=False) as connector:
        with pytest.raises(env.errors.ClientConnectorError) as info:
            await env.create(connector, f"https://127.0.0.1:{peers.port}/")
        assert isinstance(info.value.os_error, ConnectionResetError)


async def test_stalled_handshake(env: Env) -> None:
    async with serving() as peers, env.TCPConnector(ssl=False) as connector:
        with pytest.raises(env.errors.ConnectionTimeoutError, match="Connection timeout to host https://"):
            await env.create(connector, f"https://127.0.0.1:{peers.port}/", 0.05)
        await peers.lost.wait()


async def test_refused(env: Env) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        async with env.TCPConnector(ssl=False) as connector:
            with pytest.raises(env.errors.ClientConnectorError) as info:
                await env.create(connector, f"https://127.0.0.1:{port}/")
    assert type(info.value) is env.errors.ClientConnectorError


@pytest.mark.parametrize("name", [".example.test", "a..b", "a" * 64 + ".test"])
async def test_names_that_tls_cannot_carry(env: Env, name: str) -> None:
    async with serving() as peers, env.TCPConnector(ssl=False) as connector:
        with pytest.raises(env.errors.ClientConnectorError):
            await env.create(connector, f"https://127.0.0.1:{peers.port}/", server_hostname=name)
        await peers.lost.wait()


async def test_cancelled_in_a_stalled_handshake(env: Env) -> None:
    async with serving() as peers, env.TCPConnector(ssl=False) as connector:
        task = asyncio.create_task(env.create(connector, f"https://127.0.0.1:{peers.port}/"))
        await peers.began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await peers.lost.wait()


async def test_cancelled_after_every_loop_step(env: Env, server_context: Any) -> None:
    async with serving(server_context) as peers, env.TCPConnector(ssl=False) as connector:
        url = f"https://127.0.0.1:{peers.port}/"
        (await env.create(connector, url)).abort()
        for steps in range(2000):
            task = asyncio.create_task(env.create(connector, url))
            for _ in range(steps):
                await asyncio.sleep(0)
            if task.done():
                (await task).abort()
                break
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            pytest.fail("never connected")
        assert steps > 3


# Closing


class Deaf:
    """A TLS server in a thread that never answers a close."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.release = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(context,))
        self.thread.start()

    def run(self, context: ssl.SSLContext) -> None:
        with self.listener, self.listener.accept()[0] as plain:
            with context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=True):
                self.release.wait(20)


@pytest.mark.parametrize("timeout", [0, 0.05])
async def test_close_waits_no_longer_than_it_may(env: Env, server_context: Any, timeout: float) -> None:
    deaf = Deaf(server_context)
    try:
        with pytest.warns(DeprecationWarning, match="ssl_shutdown_timeout"):
            connector = env.TCPConnector(ssl=False, ssl_shutdown_timeout=timeout)
        protocol = await env.create(connector, f"https://127.0.0.1:{deaf.port}/")
        closed = protocol.closed
        protocol.close()
        async with asyncio.timeout(5):
            await closed
        assert protocol.transport is None
        await connector.close()
    finally:
        deaf.release.set()
        deaf.thread.join()


# The other event loop


async def _on_any_loop(env: Env, trusting: ssl.SSLContext, server_context: ssl.SSLContext) -> None:
    async with serving(server_context) as peers, serving() as silent, env.TCPConnector(ssl=trusting) as connector:
        url = f"https://127.0.0.1:{peers.port}/"
        (await env.create(connector, url)).abort()
        with pytest.raises(env.errors.ClientConnectorCertificateError):
            await env.create(connector, url, server_hostname="other.test")
        with pytest.raises(env.errors.ConnectionTimeoutError):
            await env.create(connector, f"https://127.0.0.1:{silent.port}/", 0.05)
        await silent.lost.wait()
        for steps in range(2000):
            task = asyncio.create_task(env.create(connector, url))
            for _ in range(steps):
                await asyncio.sleep(0)
            if task.done():
                (await task).abort()
                return
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        pytest.fail("never connected")


def test_uvloop(env: Env, trusting: Any, server_context: Any) -> None:
    uvloop = pytest.importorskip("uvloop")
    before = descriptors()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_on_any_loop(env, trusting, server_context))
    gc.collect()
    assert descriptors() <= before
