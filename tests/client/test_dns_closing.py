"""How look-ups end: by an answer for many, by nobody who waits, by ``close``, and with nothing left behind."""

import asyncio
import copy
import gc
import os
import pickle
import re
import socket
import sys
import warnings
from typing import Any

import dns.flags
import dns.message
import pytest

from tests.certificates import LOOPS, Certificates, run
from tests.name_servers import asking, https_server, name_server, zone
from tests.servers import keep_answering, serve

ANY = socket.AF_UNSPEC
RECORDS = {"good.test": ["60 A 127.0.0.7", "60 A 127.0.0.8", "30 AAAA 2001:db8::1"]}


def silent(query: dns.message.Message, transport: str) -> None:
    return None


async def test_close_ends_look_ups(lib: Any) -> None:
    async with name_server(silent) as server:
        resolver = lib.load().DNSResolver([server.address], hosts_file=None)
        looking = [asyncio.create_task(resolver.resolve(f"{n}.test", 80, ANY)) for n in range(3)]
        while len(server.asked) < 6:
            await server.came.wait()
            server.came.clear()
        await resolver.close()
        for look_up in looking:
            with pytest.raises(OSError, match=r"\.test: the resolver was closed"):
                await look_up
        await resolver.close()
        with pytest.raises(OSError, match="The resolver is closed"):
            await resolver.resolve("localhost", 80)


async def test_cancelled_look_up_harms_no_other(lib: Any) -> None:
    answer = zone(RECORDS)

    def script(query: dns.message.Message, transport: str) -> Any:
        return None if "silent" in query.question[0].name.to_text() else answer(query, transport)

    async with asking(lib, script) as (resolver, server):
        looking = asyncio.create_task(resolver.resolve("silent.test", 80))
        await server.came.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        assert await resolver.resolve("good.test", 80)


async def test_cancelled_at_any_step(lib: Any) -> None:
    """Nobody is left to hear of the error that the look-up ends with at that moment; the loop does not either."""
    async with asking(lib, zone({})) as (resolver, _):
        with pytest.raises(OSError):
            await resolver.resolve("absent.test", 80)
        ends = set()
        for steps in range(12):  # of a look-up that needs no network, for what is not there is known
            looking = asyncio.create_task(resolver.resolve("absent.test", 80))
            for _ in range(steps):
                await asyncio.sleep(0)
            looking.cancel()
            (end,) = await asyncio.gather(looking, return_exceptions=True)
            ends.add(type(end))
        assert ends == {asyncio.CancelledError, socket.gaierror}


@LOOPS
@pytest.mark.parametrize("cut", [False, True], ids=["udp", "tcp"])
def test_nothing_is_left(lib: Any, new_loop: Any, cut: bool) -> None:
    """On both loops; a resolver that holds nothing open needs no close."""
    answer = zone(RECORDS)

    def script(query: dns.message.Message, transport: str) -> Any:
        response = answer(query, transport)
        if cut and transport == "udp":
            response.flags |= dns.flags.TC
        return response

    async def main() -> None:
        async with name_server(script) as server:
            resolver = lib.load().DNSResolver([server.address], hosts_file=None)
            assert len(await resolver.resolve("good.test", 80, ANY)) == 3
            assert {transport for *_, transport in server.asked} == ({"udp", "tcp"} if cut else {"udp"})

    run(new_loop, main)


async def test_equal_look_ups_are_one(lib: Any) -> None:
    async with asking(lib, zone(RECORDS), cache_size=0) as (resolver, server):
        names = ["good.test", "Good.TEST"] * 25
        for found in await asyncio.gather(*(resolver.resolve(name, 80) for name in names)):
            assert len(found) == 2
        assert len(server.asked) == 1
        absent = await asyncio.gather(*(resolver.resolve("a.test", 80) for _ in range(9)), return_exceptions=True)
        assert {type(one) for one in absent} == {socket.gaierror}
        assert len(server.asked) == 2


async def test_one_of_equal_look_ups_is_cancelled(lib: Any) -> None:
    """The others get their answer; after the last of them, nobody is asked any more."""
    held: list[bytes] = []

    def hold(query: dns.message.Message, transport: str) -> None:
        held.append(query.to_wire())

    async with asking(lib, hold, timeout=60, lifetime=60) as (resolver, server):
        first, second = (asyncio.create_task(resolver.resolve("good.test", 80)) for _ in range(2))
        await server.came.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        server.answer = zone(RECORDS)
        third = asyncio.create_task(resolver.resolve("good.test", 80))
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(held) == len(server.asked) == 1
        for one in (second, third):
            one.cancel()
        await asyncio.gather(second, third, return_exceptions=True)
        assert len(await resolver.resolve("good.test", 80)) == 2


@LOOPS
@pytest.mark.parametrize("cut", [False, True], ids=["udp", "tcp"])
def test_cancelled_at_any_step_leaves_no_socket(lib: Any, new_loop: Any, cut: bool) -> None:
    def script(query: dns.message.Message, transport: str) -> Any:
        if transport == "tcp" or not cut:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.TC
        return response

    async def main() -> None:
        async with name_server(script) as server:
            resolver = lib.load().DNSResolver([server.address], hosts_file=None)
            before = sockets()
            for steps in range(24):
                looking = asyncio.create_task(resolver.resolve("a.test", 80, ANY))
                for _ in range(steps):
                    await asyncio.sleep(0)
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
            await resolver.close()
            while len(sockets()) > len(before):  # of the server's connections, some end a moment later
                await asyncio.sleep(0)

    async def in_time() -> None:
        await asyncio.wait_for(main(), 10)

    run(new_loop, in_time)


def sockets() -> list[str]:
    return os.listdir("/proc/self/fd")


@LOOPS
def test_session_closed_while_a_request_begins(lib: Any, new_loop: Any) -> None:
    async def main() -> None:
        web = lib.load()
        async with name_server(silent) as server:
            resolver = web.DNSResolver([server.address], hosts_file=None)
            before = len(sockets())
            for steps in range(12):
                session = web.ClientSession(connector=web.TCPConnector(resolver=resolver))
                asking = asyncio.create_task(session.get("http://good.test/"))
                for _ in range(steps):
                    await asyncio.sleep(0)
                await session.close()
                await asyncio.gather(asking, return_exceptions=True)
            await resolver.close()
            for _ in range(3):
                await asyncio.sleep(0)
            assert len(sockets()) <= before

    run(new_loop, main)


@LOOPS
@pytest.mark.parametrize("is_closed", [False, True], ids=["stopped", "closed"])
def test_close_after_the_loop(lib: Any, new_loop: Any, is_closed: bool) -> None:
    """It neither raises nor waits for what cannot go on."""
    loop = new_loop()
    free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # bound, and never read
    free.bind(("127.0.0.1", 0))
    resolver = lib.load().DNSResolver([f"127.0.0.1:{free.getsockname()[1]}"], hosts_file=None, timeout=60, lifetime=60)

    async def begin() -> Any:
        looking = asyncio.create_task(resolver.resolve("a.test", 80))
        for _ in range(5):
            await asyncio.sleep(0)
        return looking

    async def end() -> None:
        if is_closed:
            looking.cancel()
        with pytest.raises((OSError, asyncio.CancelledError)):
            await looking

    looking = loop.run_until_complete(begin())
    if is_closed:
        loop.run_until_complete(end())
        loop.close()
    asyncio.run(asyncio.wait_for(resolver.close(), 1))
    if not is_closed:
        loop.run_until_complete(end())
        loop.close()
    free.close()


def test_another_loop(lib: Any) -> None:
    """Sockets belong to a look-up, connections of HTTPS to a loop, which is said at once."""
    tls, web = Certificates(), lib.load()

    async def first() -> Any:
        async with https_server(zone(RECORDS), tls.server()) as (server, _):
            resolver = web.DNSResolver([server.address], ssl=tls.trusting, hosts_file=None)
            assert await resolver.resolve("good.test", 80)
            for connection in [one for idle in resolver._http._connector._idle.values() for one in idle]:
                connection.close()
            return resolver

    async def second() -> None:
        assert await resolver.resolve("good.test", 80)  # known
        with pytest.raises(RuntimeError, match="belongs to the event loop"):
            await resolver.resolve("other.test", 80, ANY)
        await asyncio.wait_for(resolver.close(), 1)

    resolver = asyncio.run(first())
    asyncio.run(second())

    async def by_udp() -> None:
        async with name_server(zone(RECORDS)) as server:
            resolvers.append(web.DNSResolver([server.address], hosts_file=None, cache_size=0))
            assert await resolvers[0].resolve("good.test", 80)

    resolvers: list[Any] = []
    asyncio.run(by_udp())
    asyncio.run(resolvers[0].close())


@LOOPS
def test_connections_of_another_loop(lib: Any, new_loop: Any) -> None:
    """They are closed when that goes on."""
    tls = Certificates()
    server = https_server(zone(RECORDS), tls.server())

    async def begin() -> Any:
        ns, web = await server.__aenter__()
        resolver = lib.load().DNSResolver([ns.address], ssl=tls.trusting, hosts_file=None)
        assert await resolver.resolve("good.test", 80)
        assert web.open == 1
        return resolver, web

    async def end() -> None:
        async with asyncio.timeout(5):
            while web.open:
                await asyncio.sleep(0.001)
        await server.__aexit__(None, None, None)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        resolver, web = runner.run(begin())
        asyncio.run(asyncio.wait_for(resolver.close(), 1))
        runner.run(end())


def line_of_here() -> int:
    return sys._getframe(1).f_lineno


@pytest.mark.parametrize("is_open", [False, True])
async def test_forgotten(lib: Any, is_open: bool) -> None:
    """One that holds connections tells of itself, once and with its place; one that holds none says nothing."""
    tls, web = Certificates(), lib.load()
    async with (
        serve(keep_answering, host="127.0.0.7") as server,
        https_server(zone(RECORDS), tls.server()) as (ns, doh),
    ):
        resolver, line = web.DNSResolver([ns.address], ssl=tls.trusting, hosts_file=None), line_of_here()
        connector = web.TCPConnector(resolver=resolver)
        async with web.ClientSession(connector=connector) as session:
            if is_open:
                async with session.get(server.url.with_host("good.test")) as response:
                    assert await response.read() == b"ok"
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del connector, session, resolver
            gc.collect()
        said = [str(warning.message) for warning in caught]
        assert len(said) == is_open
        if is_open:
            place = re.escape(f"{__file__}:{line}")
            assert re.fullmatch(rf"Unclosed resolver <.*DNSResolver.*>, made at {place}", said[0])
            async with asyncio.timeout(5):
                while doh.open:  # the connection is closed too
                    await asyncio.sleep(0.001)


async def test_forgotten_resolver_that_asked_by_udp_or_was_closed(lib: Any) -> None:
    tls = Certificates()
    async with name_server(zone(RECORDS)) as server, https_server(zone(RECORDS), tls.server()) as (ns, _):
        resolver = lib.load().DNSResolver([server.address], hosts_file=None)
        assert await resolver.resolve("good.test", 80)
        closed = lib.load().DNSResolver([ns.address], ssl=tls.trusting, hosts_file=None)
        assert await closed.resolve("good.test", 80)
        await closed.close()
        del resolver, closed
        gc.collect()


def test_no_copies(lib: Any) -> None:
    """Two would close the connections of each other."""
    resolver = lib.load().DNSResolver(["127.0.0.1"])
    for make in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot pickle 'DNSResolver' object"):
            make(resolver)
