"""Look-ups over HTTPS (RFC 8484), from a real server with a certificate."""

import asyncio
import socket
import threading
import time
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.certificates import LOOPS, Certificates, run
from tests.name_servers import NameServer, https_server, zone
from tests.servers import Peer, Server, serve

ANY, FOUR, SIX = socket.AF_UNSPEC, socket.AF_INET, socket.AF_INET6
RECORDS = {"good.test": ["60 A 127.0.0.7", "30 AAAA 2001:db8::1"], "localhost": ["60 A 192.0.2.1"]}
MESSAGE = b"Content-Type: application/dns-message"


@pytest.fixture(scope="module")
def tls() -> Certificates:
    return Certificates()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asking(
    lib: Any, tls: Certificates, answer: Any, fields: tuple[bytes, ...] = (), **options: Any
) -> AsyncIterator[tuple[Any, NameServer, Server]]:
    async with https_server(answer, tls.server(), fields) as (server, web):
        resolver = lib.load().DNSResolver([server.address], ssl=tls.trusting, **{"hosts_file": None, **options})
        try:
            yield resolver, server, web
        finally:
            await resolver.close()


@asynccontextmanager
async def scripted(lib: Any, tls: Certificates, handler: Any, **options: Any) -> AsyncIterator[tuple[Any, Server]]:
    """Give a resolver whose server is what *handler* does with its connections."""
    async with serve(handler, tls.server()) as web:
        options = {"hosts_file": None, "lifetime": 1, **options}
        resolver = lib.load().DNSResolver([web.url / "dns-query"], ssl=tls.trusting, **options)
        try:
            yield resolver, web
        finally:
            await resolver.close()


async def test_over_https(lib: Any, tls: Certificates) -> None:
    async with asking(lib, tls, zone(RECORDS), (b"Set-Cookie: a=b",)) as (resolver, server, web):
        found = await resolver.resolve("good.test", 80, ANY)
        assert [(address["host"], address["family"]) for address in found] == [
            ("2001:db8::1", SIX),
            ("127.0.0.7", FOUR),
        ]
        assert sorted(server.asked) == [("good.test", "A", "https"), ("good.test", "AAAA", "https")]
        with pytest.raises(socket.gaierror, match="no such name, says https://localhost:"):
            await resolver.resolve("absent.test", 80)
        connections = web.connections
        with pytest.raises(socket.gaierror, match="no such name"):
            await resolver.resolve("other.test", 80)
        assert web.connections == connections  # kept
        assert len(web.requests) == 4
        for head in web.requests:
            assert head.startswith(b"POST /dns-query HTTP/1.1\r\n")
            assert b"\r\nAccept: application/dns-message\r\n" in head
            assert b"\r\nContent-Type: application/dns-message\r\n" in head
            for name in (b"Cookie", b"User-Agent", b"Accept-Encoding"):
                assert name not in head


async def test_closed_with_the_resolver(lib: Any, tls: Certificates) -> None:
    async with https_server(zone(RECORDS), tls.server()) as (server, web):
        resolver = lib.load().DNSResolver([server.address], ssl=tls.trusting, hosts_file=None)
        await resolver.resolve("good.test", 80)
        assert web.open == 1
        await resolver.close()
        for peer in web.peers:
            await peer.gone()
        await resolver.close()
        with pytest.raises(OSError, match="closed"):
            await resolver.resolve("good.test", 80)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("aiohttp-dns") and joined(thread)]


def joined(thread: threading.Thread) -> bool:
    """True where *thread* does not end."""
    thread.join(5)
    return thread.is_alive()


@LOOPS
def test_nothing_is_left(lib: Any, tls: Certificates, new_loop: Any) -> None:
    async def main() -> None:
        async with asking(lib, tls, zone(RECORDS)) as (resolver, _, _):
            assert len(await resolver.resolve("good.test", 80, ANY)) == 2

    run(new_loop, main)


async def test_certificate_is_verified(lib: Any, tls: Certificates) -> None:
    async with https_server(zone(RECORDS), tls.server()) as (server, _):
        for ssl, fits in ((True, False), (False, True), (Certificates().trusting, False)):
            resolver = lib.load().DNSResolver([server.address], ssl=ssl, hosts_file=None, lifetime=5)
            if fits:
                assert await resolver.resolve("good.test", 80)
            else:
                with pytest.raises(socket.gaierror, match=r"good\.test: .*https://localhost:.*certificate") as info:
                    await resolver.resolve("good.test", 80)
                assert info.value.errno == socket.EAI_AGAIN
            await resolver.close()
        assert server.asked == [("good.test", "A", "https")]


@pytest.mark.parametrize(("age", "left"), [(b"10", 50), (b"60", 0), (b"99999999999", 0), (b"x", 60), (b"-1", 60)])
async def test_age_of_an_answer(lib: Any, tls: Certificates, age: bytes, left: int) -> None:
    """A cache on the way has had it for so long (RFC 8484 5.1)."""
    async with asking(lib, tls, zone(RECORDS), (b"Age: " + age,), clock=Clock()) as (resolver, _, _):
        assert [found["ttl"] for found in await resolver.resolve("good.test", 80)] == [left]


async def test_age_of_nothing(lib: Any, tls: Certificates) -> None:
    clock = Clock()
    async with asking(lib, tls, zone({}, "60 SOA a. b. 1 2 3 4 20"), (b"Age: 5",), clock=clock) as (
        resolver,
        server,
        _,
    ):
        for wait, asked in ((0, 1), (14, 1), (1, 2)):
            clock.now += wait
            with pytest.raises(socket.gaierror, match="no such name"):
                await resolver.resolve("absent.test", 80)
            assert len(server.asked) == asked


def right(body: bytes) -> bytes:
    return zone(RECORDS)(dns.message.from_wire(body), "https").to_wire()


def other_question(body: bytes) -> bytes:
    query = dns.message.from_wire(body)
    return zone(RECORDS)(dns.message.make_query("localhost", "A", id=query.id), "https").to_wire()


def other_id(body: bytes) -> bytes:
    return bytes((body[0] ^ 1,)) + right(body)[1:]


@pytest.mark.parametrize(
    ("make", "fields", "status", "text"),
    [
        (right, (b"Content-Type: text/html",), b"200 OK", "a body of type 'text/html'"),
        (right, (), b"200 OK", "a body of type 'application/octet-stream'"),
        (right, (MESSAGE,), b"500 Oh", "status 500"),
        (right, (MESSAGE,), b"415 Oh", "status 415"),
        (right, (MESSAGE, b"Location: /other"), b"307 Oh", "status 307"),
        (lambda body: b"rubbish", (MESSAGE,), b"200 OK", "no DNS message"),
        (lambda body: b"", (MESSAGE,), b"200 OK", "no DNS message"),
        (lambda body: right(body)[:-1], (MESSAGE,), b"200 OK", "no DNS message"),
        (lambda body: bytes(65536), (MESSAGE,), b"200 OK", "65535"),
        (other_question, (MESSAGE,), b"200 OK", "another question"),
        (other_id, (MESSAGE,), b"200 OK", "another question"),
        (lambda body: body, (MESSAGE,), b"200 OK", "another question"),
    ],
)
async def test_wrong_answers(lib: Any, tls: Certificates, make: Any, fields: Any, status: bytes, text: str) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            _, body = await peer.request()
            await peer.answer(make(body), *fields, status=status)

    async with scripted(lib, tls, handler) as (resolver, web):
        with pytest.raises(socket.gaierror, match=rf"Cannot resolve good\.test: .*https://localhost:.*{text}") as info:
            await resolver.resolve("good.test", 80)
        assert info.value.errno == socket.EAI_AGAIN
        assert len(web.requests) == 1


async def test_refusal(lib: Any, tls: Certificates) -> None:
    def refuse(query: dns.message.Message, transport: str) -> Any:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.SERVFAIL)
        return response

    async with asking(lib, tls, refuse) as (resolver, _, _):
        with pytest.raises(socket.gaierror, match=r"good\.test.*https://localhost:.*SERVFAIL"):
            await resolver.resolve("good.test", 80)


async def test_credentials_are_sent_and_not_told(lib: Any, tls: Certificates) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(status=b"403 No")

    async with serve(handler, tls.server()) as web:
        url = str(web.url.with_user("me").with_password("secret"))
        resolver = lib.load().DNSResolver([url], ssl=tls.trusting, hosts_file=None)
        with pytest.raises(socket.gaierror, match="status 403") as info:
            await resolver.resolve("good.test", 80)
        cause: BaseException | None = info.value
        while cause is not None:
            assert "secret" not in str(cause)
            cause = cause.__cause__ or cause.__context__
        assert b"\r\nAuthorization: Basic " in web.requests[0]
        await resolver.close()


@pytest.mark.parametrize("size", [0, 70000])
async def test_query_is_sent_and_not_told(lib: Any, tls: Certificates, size: int) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        if size:
            await peer.answer(bytes(size), MESSAGE)

    async with serve(handler, tls.server()) as web:
        url = str(web.url / "a") + "?key=secret#more"
        resolver = lib.load().DNSResolver([url], ssl=tls.trusting, hosts_file=None)
        with pytest.raises(socket.gaierror, match=r": https://localhost:\d+/a: ") as info:
            await resolver.resolve("good.test", 80)
        assert "secret" not in "".join(traceback.format_exception(info.value))
        assert web.requests[0].startswith(b"POST /a?key=secret HTTP/1.1\r\n")
        await resolver.close()


async def test_cut_short(lib: Any, tls: Certificates) -> None:
    def short(query: dns.message.Message, transport: str) -> Any:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.TC
        return response

    async with asking(lib, tls, short) as (resolver, _, _):
        with pytest.raises(socket.gaierror, match="cut short") as info:
            await resolver.resolve("good.test", 80)
        assert info.value.errno == socket.EAI_AGAIN


async def test_kept_connection_that_is_closed_meanwhile(lib: Any, tls: Certificates) -> None:
    """The server ends the connection as the second question comes; it is asked once more, on another."""

    async def handler(peer: Peer) -> None:
        _, body = await peer.request()
        await peer.answer(right(body), MESSAGE)
        await peer.request()  # and no answer to this

    async with scripted(lib, tls, handler) as (resolver, web):
        await resolver.resolve("good.test", 80)
        assert await resolver.resolve("good.test", 80, SIX)
        assert (web.connections, len(web.requests)) == (2, 3)


async def test_lifetime_is_for_the_second_post_too(lib: Any, tls: Certificates) -> None:
    async def handler(peer: Peer) -> None:
        if web.connections > 1:
            await peer.gone()
            return
        _, body = await peer.request()
        await peer.answer(right(body), MESSAGE)
        await peer.request()
        await asyncio.sleep(0.9)

    async with scripted(lib, tls, handler) as (resolver, web):
        await resolver.resolve("good.test", 80)
        start = time.monotonic()
        with pytest.raises(socket.gaierror, match=r"no answer within 1 seconds: https://localhost:.*: timed out"):
            await resolver.resolve("good.test", 80, SIX)
        assert time.monotonic() - start < 1.4
        assert web.connections == 2


async def test_lost_connection(lib: Any, tls: Certificates) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()

    async with scripted(lib, tls, handler) as (resolver, web):
        with pytest.raises(socket.gaierror, match=r"good\.test.*https://localhost:.*disconnected"):
            await resolver.resolve("good.test", 80)
        assert len(web.requests) == 1


async def test_silence(lib: Any, tls: Certificates) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.gone()

    async with scripted(lib, tls, handler, timeout=0.2, lifetime=0.2) as (resolver, _):
        with pytest.raises(socket.gaierror, match=r"good\.test.*https://localhost:.*timed out"):
            await resolver.resolve("good.test", 80)


async def test_nobody_there(lib: Any, tls: Certificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for host in (f"127.0.0.1:{port}", f"no-such-server.invalid:{port}"):
        resolver = lib.load().DNSResolver([f"https://{host}/"], hosts_file=None, lifetime=5)
        with pytest.raises(socket.gaierror, match=rf"good\.test: .*https://{host}/.*Cannot connect"):
            await resolver.resolve("good.test", 80)
        await resolver.close()


async def test_close_ends_look_ups(lib: Any, tls: Certificates) -> None:
    async with asking(lib, tls, lambda query, transport: None) as (resolver, server, _):
        looking = asyncio.create_task(resolver.resolve("good.test", 80))
        await server.came.wait()
        await resolver.close()
        with pytest.raises(OSError, match=r"good\.test: the resolver was closed"):
            await looking


def test_any_answer_is_addresses_or_an_error(lib: Any, tls: Certificates) -> None:
    """Never anything but addresses or OSError, whatever bytes come."""
    script: Any = None

    async def handler(peer: Peer) -> None:
        while True:
            _, body = await peer.request()
            await peer.answer(script(body), MESSAGE)

    async def look_up() -> None:
        with suppress(OSError):
            for address in await resolver.resolve("good.test", 80, ANY):
                socket.inet_pton(address["family"], address["host"])

    with asyncio.Runner() as runner:
        server = scripted(lib, tls, handler, cache_size=0)
        resolver, _ = runner.run(server.__aenter__())

        @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(
            changes=st.lists(st.tuples(st.integers(2, 300), st.integers(0, 255)), max_size=4),
            rest=st.none() | st.binary(max_size=80),
            more=st.binary(max_size=3),
        )
        def check(changes: Any, rest: bytes | None, more: bytes) -> None:
            nonlocal script

            def script(body: bytes) -> bytes:
                wire = bytearray(right(body) if rest is None else body[:2] + rest)
                for place, value in changes:
                    wire[place % len(wire)] = value
                return bytes(wire) + more

            runner.run(look_up())

        check()
        runner.run(server.__aexit__(None, None, None))
