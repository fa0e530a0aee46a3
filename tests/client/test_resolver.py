"""Look-ups in threads."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from tests.servers import keep_answering, serve


def dns_threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("aiohttp-dns")]


async def test_localhost(lib: Any) -> None:
    resolver = lib.load("_client.resolver").ThreadedResolver()
    found = await resolver.resolve("localhost", 80)
    await resolver.close()
    assert found[0] == {
        "hostname": "localhost",
        "host": "127.0.0.1",
        "port": 80,
        "family": socket.AF_INET,
        "proto": socket.IPPROTO_TCP,
        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    }


async def test_in_a_session(lib: Any) -> None:
    web = lib.load()
    resolver = web.ThreadedResolver()
    async with serve(keep_answering) as server:
        async with web.ClientSession(connector=web.TCPConnector(resolver=resolver)) as session:
            async with session.get(server.url.with_host("localhost")) as response:
                assert await response.read() == b"ok"
            with pytest.raises(web.ClientConnectorDNSError, match=r"nowhere\.invalid"):
                await session.get("http://nowhere.invalid/")
    await resolver.close()
    assert b"\r\nHost: localhost:" in server.requests[0]


async def test_addresses_are_their_own(lib: Any) -> None:
    resolver = lib.load("_client.resolver").ThreadedResolver()
    four = await resolver.resolve("127.0.0.1", 80, socket.AF_INET)
    assert [f["host"] for f in four] == ["127.0.0.1"]
    if socket.has_ipv6:
        six = await resolver.resolve("::1", 80, socket.AF_INET6)
        assert [(f["host"], f["family"]) for f in six] == [("::1", socket.AF_INET6)]
    await resolver.close()


async def test_scope_is_kept(lib: Any) -> None:
    name = next((name for _, name in socket.if_nameindex()), None)
    if name is None:
        pytest.skip("no network interface")
    resolver = lib.load("_client.resolver").ThreadedResolver()
    try:
        found = await resolver.resolve(f"fe80::1%{name}", 80, socket.AF_INET6)
    except socket.gaierror:
        pytest.skip("getaddrinfo knows no scoped addresses here")
    finally:
        await resolver.close()
    assert found[0]["host"] == f"fe80::1%{name}"


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70 + ".invalid", "a..b", "a\0b", ".invalid"])
async def test_no_such_host(lib: Any, host: str) -> None:
    resolver = lib.load("_client.resolver").ThreadedResolver()
    with pytest.raises(socket.gaierror) as info:
        await resolver.resolve(host, 80)
    assert str(info.value)
    await resolver.close()


async def test_default_executor_is_left_alone(lib: Any) -> None:
    resolver = lib.load("_client.resolver").ThreadedResolver()
    await resolver.resolve("localhost", 80)
    assert asyncio.get_running_loop()._default_executor is None  # type: ignore[attr-defined]
    await resolver.close()


async def test_threads_end_with_the_resolver(lib: Any) -> None:
    before = set(dns_threads())
    resolver = lib.load("_client.resolver").ThreadedResolver()
    await asyncio.gather(*[resolver.resolve("localhost", n) for n in range(50)])
    mine = set(dns_threads()) - before
    assert 1 <= len(mine) <= 16
    await resolver.close()
    for thread in mine:
        thread.join(5)
    assert not any(t.is_alive() for t in mine)
    # A closed one that is asked again starts afresh.
    assert await resolver.resolve("localhost", 80)
    await resolver.close()


async def test_close_does_not_harm_those_who_wait(lib: Any) -> None:
    resolver = lib.load("_client.resolver").ThreadedResolver()
    tasks = [asyncio.create_task(resolver.resolve("localhost", 80)) for _ in range(100)]
    await asyncio.sleep(0)
    await resolver.close()
    assert all(await asyncio.gather(*tasks))


def test_default_is_a_resolver(lib: Any) -> None:
    module = lib.load("_client.async_resolver")
    assert issubclass(module.DefaultResolver, lib.load("_client.abc").AbstractResolver)
