"""Look-ups through aiodns: of the loop-back's names, and of a name server on the loop-back."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

import pytest

from tests.servers import keep_answering, serve

needs_aiodns = pytest.mark.skipif(find_spec("aiodns") is None, reason="NO AIODNS: AsyncResolver is not tested here")

A, IN, NXDOMAIN = 1, 1, 3


class NameServer(asyncio.DatagramProtocol):
    """Knows the address of good.test; says of all others, but silent.test, that they do not exist."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.asked = asyncio.Event()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked.set()
        end = data.index(b"\0", 12) + 5  # of the question: its name, type and class
        question = data[12:end]
        if b"silent" in question:
            return
        known = question.startswith(b"\4good\4test\0") and question[-3] == A
        head = data[:2] + bytes((0x81, 0x80 | (0 if known else NXDOMAIN), 0, 1, 0, known, 0, 0, 0, 0))
        answer = bytes((0xC0, 12, 0, A, 0, IN, 0, 0, 0, 60, 0, 4, 127, 0, 0, 7)) if known else b""
        self.transport.sendto(head + question + answer, addr)


@asynccontextmanager
async def name_server() -> AsyncIterator[tuple[NameServer, dict[str, Any]]]:
    """Give a name server, and the options that make a resolver ask it."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    try:
        yield server, {"nameservers": ["127.0.0.1"], "udp_port": port, "tcp_port": port, "domains": []}
    finally:
        transport.close()


@needs_aiodns
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_loop_back(lib: Any, host: str) -> None:
    resolver = lib.load().AsyncResolver()
    try:
        assert await resolver.resolve(host, 80) == [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": 80,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            }
        ]
    finally:
        await resolver.close()


@needs_aiodns
async def test_ipv6(lib: Any) -> None:
    resolver = lib.load().AsyncResolver()
    try:
        found = await resolver.resolve("::1", 80, socket.AF_INET6)
        assert [(f["host"], f["family"]) for f in found] == [("::1", socket.AF_INET6)]
    finally:
        await resolver.close()


def test_scope_is_kept(lib: Any) -> None:
    class Node:
        family = socket.AF_INET6
        addr = (b"fe80::1", 80, 0, 1)

    interface = socket.if_indextoname(1)
    assert lib.load("_client.async_resolver")._result("here.test", 80, Node)["host"] == f"fe80::1%{interface}"


@needs_aiodns
async def test_asks_the_name_server(lib: Any) -> None:
    async with name_server() as (_, options):
        resolver = lib.load().AsyncResolver(**options)
        try:
            found = await resolver.resolve("good.test", 8080)
            assert [(f["host"], f["port"], f["hostname"]) for f in found] == [("127.0.0.7", 8080, "good.test")]
            with pytest.raises(OSError, match="not found"):
                await resolver.resolve("bad.test", 8080)
        finally:
            await resolver.close()


@needs_aiodns
@pytest.mark.parametrize("host", ["a" * 70 + ".test", "a..b", "localhost\0.test", "\udc80x", ""])
async def test_no_such_host(lib: Any, host: str) -> None:
    async with name_server() as (_, options):
        resolver = lib.load().AsyncResolver(**options)
        with pytest.raises(OSError, match=r".") as info:
            await resolver.resolve(host, 80)
        assert info.value.strerror
        await resolver.close()


@needs_aiodns
async def test_close_ends_look_ups(lib: Any) -> None:
    async with name_server() as (server, options):
        resolver = lib.load().AsyncResolver(**options)
        looking = asyncio.create_task(resolver.resolve("silent.test", 80))
        await server.asked.wait()
        await resolver.close()
        with pytest.raises(OSError, match="cancelled"):
            await looking
        await resolver.close()
        with pytest.raises(OSError, match="closed"):
            await resolver.resolve("localhost", 80)


@needs_aiodns
async def test_cancelled_look_up_harms_no_other(lib: Any) -> None:
    async with name_server() as (server, options):
        resolver = lib.load().AsyncResolver(**options)
        looking = asyncio.create_task(resolver.resolve("silent.test", 80))
        await server.asked.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        assert await resolver.resolve("good.test", 80)
        await resolver.close()


@needs_aiodns
async def test_in_a_session(lib: Any) -> None:
    web = lib.load()
    async with name_server() as (_, options):
        resolver = web.AsyncResolver(**options)
        async with web.ClientSession(connector=web.TCPConnector(resolver=resolver, family=socket.AF_INET)) as session:
            with pytest.raises(web.ClientConnectorDNSError, match=r"bad\.test"):
                await session.get("http://bad.test/")
            async with serve(keep_answering, host="127.0.0.7") as server:
                async with session.get(server.url.with_host("good.test")) as response:
                    assert await response.read() == b"ok"
            assert b"\r\nHost: good.test:" in server.requests[0]
        assert await resolver.resolve("good.test")  # one that was passed in stays open
        await resolver.close()


LATE_IMPORT = """
import asyncio, sys
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *args: None if name == "aiodns" else find_spec(name, *args)  # not installed
import aiohttp_fast
assert aiohttp_fast.DefaultResolver is aiohttp_fast.ThreadedResolver
async def main():
    try:
        aiohttp_fast.AsyncResolver()
    except RuntimeError as exc:
        print(exc)
asyncio.run(main())
"""


@needs_aiodns
def test_aiodns_is_loaded_when_a_name_is_asked_for() -> None:
    look = "import sys, aiohttp_fast as a; assert a.DefaultResolver is a.AsyncResolver; print('aiodns' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_aiodns_is_optional() -> None:
    done = subprocess.run([sys.executable, "-c", LATE_IMPORT], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("AsyncResolver requires the aiodns library\n", "")
