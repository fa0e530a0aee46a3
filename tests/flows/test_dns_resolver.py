"""Requests whose hosts are looked up by ``DNSResolver``, and how long connectors keep what resolvers tell."""

import socket
from typing import Any

import pytest

from tests.certificates import Certificates
from tests.name_servers import https_server, name_server, zone
from tests.servers import keep_answering, serve


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def use(lib: Any, connector: Any, clock: Clock, ttl: float | None) -> None:
    """Let *clock* tell the connector's cache what time it is."""
    connector._cached_hosts = lib.load("_client.connector.dns_cache").DNSCache(ttl, clock=clock)


async def test_in_a_session(lib: Any) -> None:
    web = lib.load()
    async with (
        serve(keep_answering, host="127.0.0.7") as server,
        name_server(zone({"good.test": ["9 A 127.0.0.7"]})) as ns,
    ):
        resolver = web.DNSResolver([ns.address])
        async with web.ClientSession(connector=web.TCPConnector(resolver=resolver)) as session:
            for _ in range(2):
                async with session.get(server.url.with_host("good.test")) as response:
                    assert await response.read() == b"ok"
            with pytest.raises(web.ClientConnectorDNSError, match=r"bad\.test.*there is no such name") as info:
                await session.get("http://bad.test/")
            assert isinstance(info.value.os_error, socket.gaierror)
        assert sorted(ns.asked) == [(f"{n}.test", kind, "udp") for n in ("bad", "good") for kind in ("A", "AAAA")]
        assert b"\r\nHost: good.test:" in server.requests[0]
        assert await resolver.resolve("good.test")  # one that was passed in stays open
        await resolver.close()


async def test_over_https_in_a_session(lib: Any) -> None:
    web, tls = lib.load(), Certificates()
    answer = zone({"good.test": ["9 A 127.0.0.7"]})
    async with serve(keep_answering, host="127.0.0.7") as server, https_server(answer, tls.server()) as (ns, _):
        resolver = web.DNSResolver([ns.address], ssl=tls.trusting)
        async with web.ClientSession(connector=web.TCPConnector(resolver=resolver)) as session:
            async with session.get(server.url.with_host("good.test")) as response:
                assert await response.read() == b"ok"
        await resolver.close()


@pytest.mark.parametrize("ttl_dns_cache", [None, 10, 1000])
async def test_no_cache_goes_beyond_the_time_to_live(lib: Any, ttl_dns_cache: float | None) -> None:
    """Neither the resolver's nor the connector's, nor the two one after the other."""
    web, clock = lib.load(), Clock()
    records = {"a.test": ["30 A 127.0.0.7"]}
    async with serve(keep_answering, host="127.0.0.7") as server, name_server(zone(records)) as ns:
        resolver = web.DNSResolver([ns.address], clock=clock)
        connector = web.TCPConnector(resolver=resolver, force_close=True, family=socket.AF_INET)
        use(lib, connector, clock, ttl_dns_cache)
        async with web.ClientSession(connector=connector) as session:
            for wait, asked in ((0, 1), (29, 1), (0.9, 1), (0.1, 2), (9, 2), (21, 3)):
                clock.now += wait
                async with session.get(server.url.with_host("a.test")) as response:
                    assert response.status == 200
                assert len(ns.asked) == asked
        await resolver.close()


async def test_never_kept(lib: Any) -> None:
    """A time of 0 is for the connection alone that asked."""
    web = lib.load()
    async with serve(keep_answering) as server, name_server(zone({"a.test": ["0 A 127.0.0.1"]})) as ns:
        resolver = web.DNSResolver([ns.address])
        connector = web.TCPConnector(resolver=resolver, force_close=True, family=socket.AF_INET, ttl_dns_cache=None)
        async with web.ClientSession(connector=connector) as session:
            for asked in (1, 2):
                async with session.get(server.url.with_host("a.test")) as response:
                    assert response.status == 200
                assert len(ns.asked) == asked
        await resolver.close()


def telling(lib: Any, *ttls: Any) -> Any:
    """Return a resolver of a user's own, whose addresses tell *ttls*; None for none."""

    class Resolver(lib.load().abc.AbstractResolver):
        asked = 0

        async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[Any]:
            self.asked += 1
            plain = {"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}
            return [plain if ttl is None else {**plain, "ttl": ttl} for ttl in ttls]

        async def close(self) -> None:
            pass

    return Resolver()


@pytest.mark.parametrize(
    ("ttls", "ttl_dns_cache", "kept"),
    [
        ([None], 10, 10), ([None], None, 1e9), ([5], 10, 5), ([5], None, 5), ([50], 10, 10), ([8, 5, None], 10, 5),
        ([-1], 10, 0), ([0.5], 10, 0.5), ([float("inf")], 10, 10),
    ],
)  # fmt: skip
async def test_resolvers_of_users_may_tell_a_time(lib: Any, ttls: Any, ttl_dns_cache: Any, kept: float) -> None:
    web, clock, resolver = lib.load(), Clock(), telling(lib, *ttls)
    connector = web.TCPConnector(resolver=resolver, force_close=True)
    use(lib, connector, clock, ttl_dns_cache)
    async with serve(keep_answering) as server, web.ClientSession(connector=connector) as session:
        start = clock.now
        times = ((0, 1), (kept * 0.9, 1), (kept, 1 if kept == 1e9 and not ttl_dns_cache else 2))
        for since, asked in times if kept else ((0, 1), (0, 2)):
            clock.now = start + since
            async with session.get(server.url.with_host("a.test")) as response:
                assert response.status == 200
            assert resolver.asked == asked


@pytest.mark.parametrize(("ttl", "kind"), [("60", TypeError), (True, TypeError), (float("nan"), ValueError)])
async def test_what_is_no_time(lib: Any, ttl: Any, kind: type[Exception]) -> None:
    web = lib.load()
    async with web.ClientSession(connector=web.TCPConnector(resolver=telling(lib, ttl))) as session:
        with pytest.raises(kind, match=r"the ttl that the resolver gave for .* must be a number of seconds"):
            await session.get("http://a.test/")
