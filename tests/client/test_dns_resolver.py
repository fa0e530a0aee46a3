"""Look-ups by asking name servers, over UDP and TCP; those over HTTPS are in test_dns_over_https."""

import asyncio
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.name_servers import Clock, asking, hosts_of, name_server, zone

ANY, FOUR, SIX = socket.AF_UNSPEC, socket.AF_INET, socket.AF_INET6
QUICK = {"timeout": 0.1, "lifetime": 0.2, "hosts_file": None}
RECORDS = {
    "good.test": ["60 A 127.0.0.7", "60 A 127.0.0.8", "30 AAAA 2001:db8::1"],
    "four.test": ["60 A 127.0.0.7"],
    "alias.test": ["20 CNAME other.test."],
    "other.test": ["10 CNAME good.test."],
    "dangling.test": ["20 CNAME nothing.test."],
    "loop.test": ["20 CNAME loop.test."],
    "xn--bcher-kva.test": ["60 A 127.0.0.9"],
}


async def test_results(lib: Any) -> None:
    async with asking(lib, zone(RECORDS), clock=Clock()) as (resolver, server):
        found = await resolver.resolve("good.test", 8080)
        assert sorted(found, key=lambda address: address["host"]) == [
            {
                "hostname": "good.test",
                "host": host,
                "port": 8080,
                "family": FOUR,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                "ttl": 60,
            }
            for host in ("127.0.0.7", "127.0.0.8")
        ]
        assert server.asked == [("good.test", "A", "udp")]


@pytest.mark.parametrize(
    ("family", "types", "hosts"),
    [
        (FOUR, {"A"}, [("127.0.0.7", FOUR), ("127.0.0.8", FOUR)]),
        (SIX, {"AAAA"}, [("2001:db8::1", SIX)]),
        (ANY, {"A", "AAAA"}, [("2001:db8::1", SIX), ("127.0.0.7", FOUR), ("127.0.0.8", FOUR)]),
    ],
)
async def test_families(lib: Any, family: int, types: set[str], hosts: Any) -> None:
    async with asking(lib, zone(RECORDS)) as (resolver, server):
        found = await resolver.resolve("good.test", 80, family)
        assert [address["family"] for address in found] == [family for _, family in hosts]
        assert hosts_of(found) == [host for host, _ in hosts]
        assert {kind for _, kind, _ in server.asked} == types


async def test_both_families_are_asked_at_once(lib: Any) -> None:
    """Neither answer comes before both questions have."""
    answer = zone(RECORDS)
    held: list[bytes] = []

    def hold(query: dns.message.Message, transport: str) -> Any:
        held.append(answer(query, transport).to_wire())
        return None

    async with asking(lib, hold) as (resolver, server):
        looking = asyncio.create_task(resolver.resolve("good.test", 80, ANY))
        while len(held) < 2:
            await server.came.wait()
            server.came.clear()
        assert {kind for _, kind, _ in server.asked} == {"A", "AAAA"}
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking


async def test_one_family_is_enough(lib: Any) -> None:
    answer = zone(RECORDS)

    def fail_six(query: dns.message.Message, transport: str) -> Any:
        response = answer(query, transport)
        if query.question[0].rdtype == dns.rdatatype.AAAA:
            response.set_rcode(dns.rcode.SERVFAIL)
        return response

    for script in (answer, fail_six):
        async with asking(lib, script) as (resolver, _):
            assert hosts_of(await resolver.resolve("four.test", 80, ANY)) == ["127.0.0.7"]
            with pytest.raises(OSError, match=r"four\.test"):
                await resolver.resolve("four.test", 80, SIX)


async def test_unknown_family(lib: Any) -> None:
    async with asking(lib, zone({})) as (resolver, _):
        with pytest.raises(socket.gaierror, match="no family of addresses") as info:
            await resolver.resolve("good.test", 80, 77)
        assert info.value.errno == socket.EAI_FAMILY


@pytest.mark.parametrize(
    ("host", "family", "hosts"),
    [
        ("127.0.0.1", FOUR, ["127.0.0.1"]),
        ("127.0.0.1", ANY, ["127.0.0.1"]),
        ("::1", SIX, ["::1"]),
        ("fe80::1%eth0", ANY, ["fe80::1%eth0"]),
        ("localhost", FOUR, ["127.0.0.1"]),
        ("LocalHost.", ANY, ["::1", "127.0.0.1"]),
        ("a.b.localhost", SIX, ["::1"]),
    ],
)
async def test_nobody_is_asked(lib: Any, host: str, family: int, hosts: list[str]) -> None:
    async with asking(lib, zone(RECORDS)) as (resolver, server):
        found = await resolver.resolve(host, 80, family)
        assert hosts_of(found) == hosts
        assert not any("ttl" in address for address in found)
        assert not server.asked


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("127.0.0.1", SIX), ("::1", FOUR), ("x.onion", ANY), ("x.Invalid.", ANY), ("onion", ANY), ("", ANY), (".", ANY),
        ("a..b", ANY),
        (".a", ANY), ("a" * 64 + ".test", ANY), ("a." * 127 + "b", ANY), ("a\0b", ANY), ("a b.test", ANY),
        ("a\\.test", ANY), ("*.test", ANY), ("\udc80x", ANY), ("ü" * 64 + ".test", ANY), ("ü..test", ANY),
        ("fe80::1%", ANY), ("fe80::1%a b\r\nX: y", ANY), ("fe80::1%ü", ANY), ("127.1", ANY), ("0x7f000001", ANY),
        ("2130706433", ANY), ("1.2.3.4.", ANY), ("a.0x1", ANY), ("127。0。0。1", ANY), ("１２７.0.0.1", ANY),
    ],
)  # fmt: skip
async def test_no_host_name(lib: Any, host: str, family: int) -> None:
    async with asking(lib, zone(RECORDS)) as (resolver, server):
        with pytest.raises(socket.gaierror, match="Cannot resolve") as info:
            await resolver.resolve(host, 80, family)
        assert info.value.errno == socket.EAI_NONAME
        assert not server.asked


async def test_longest_name(lib: Any) -> None:
    name = "a." * 126 + "b"
    async with asking(lib, zone({name: ["60 A 127.0.0.1"]})) as (resolver, _):
        assert await resolver.resolve(name, 80)
        assert await resolver.resolve(f"{name}.", 80)


async def test_international_name(lib: Any) -> None:
    async with asking(lib, zone(RECORDS)) as (resolver, server):
        found = await resolver.resolve("bücher.test", 80)
        assert [(address["hostname"], address["host"]) for address in found] == [("bücher.test", "127.0.0.9")]
        assert server.names() == ["xn--bcher-kva.test"]


async def test_hosts_file_goes_first(lib: Any, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("192.0.2.1 good.test\n192.0.2.2 x.onion localhost\n")
    async with asking(lib, zone(RECORDS), hosts_file=path) as (resolver, server):
        assert hosts_of(await resolver.resolve("Good.test.", 80, ANY)) == ["192.0.2.1"]
        assert hosts_of(await resolver.resolve("x.onion", 80, ANY)) == ["192.0.2.2"]
        assert hosts_of(await resolver.resolve("localhost", 80)) == ["127.0.0.1"]
        assert not server.asked
        assert hosts_of(await resolver.resolve("good.test", 80, SIX)) == ["2001:db8::1"]  # the file has none of these


async def test_slow_family_is_not_waited_for(lib: Any) -> None:
    """Once the other has addresses (RFC 8305 3); an answer that says there are none is not enough."""
    answer = zone(RECORDS)

    def no_six(query: dns.message.Message, transport: str) -> Any:
        return None if query.question[0].rdtype == dns.rdatatype.AAAA else answer(query, transport)

    async with asking(lib, no_six, timeout=60, lifetime=60) as (resolver, _):
        assert hosts_of(await asyncio.wait_for(resolver.resolve("four.test", 80, ANY), 5)) == ["127.0.0.7"]
    async with asking(lib, no_six, **QUICK) as (resolver, _):
        with pytest.raises(socket.gaierror, match="no answer within") as info:
            await resolver.resolve("absent.test", 80, ANY)
        assert info.value.errno == socket.EAI_AGAIN


async def test_family_that_has_none_does_not_hurry_the_other(lib: Any) -> None:
    """Its answer is waited for, however long it takes."""
    answer = zone({"six.test": ["60 AAAA 2001:db8::1"]})

    def lose_one(query: dns.message.Message, transport: str) -> Any:
        is_late = query.question[0].rdtype == dns.rdatatype.AAAA and len(server.asked) <= 2
        return None if is_late else answer(query, transport)

    async with asking(lib, lose_one, timeout=0.4) as (resolver, server):
        assert hosts_of(await resolver.resolve("six.test", 80, ANY)) == ["2001:db8::1"]
        assert len(server.asked) == 3


# How long answers are kept


async def test_kept_as_long_as_it_says(lib: Any) -> None:
    clock = Clock()
    async with asking(lib, zone(RECORDS), clock=clock) as (resolver, server):
        assert [found["ttl"] for found in await resolver.resolve("GOOD.test", 80, ANY)] == [30, 60, 60]
        clock.now += 29
        assert [found["ttl"] for found in await resolver.resolve("good.test", 81, ANY)] == [1, 31, 31]
        assert len(server.asked) == 2
        clock.now += 1
        assert [found["ttl"] for found in await resolver.resolve("good.test", 80, ANY)] == [30, 30, 30]
        assert server.asked[2:] == [("good.test", "AAAA", "udp")]
        clock.now += 30
        await resolver.resolve("good.test", 80)
        assert server.asked[3:] == [("good.test", "A", "udp")]


async def test_least_time_of_a_chain(lib: Any) -> None:
    clock = Clock()
    async with asking(lib, zone(RECORDS), clock=clock) as (resolver, server):
        found = await resolver.resolve("alias.test", 80)
        assert [address["ttl"] for address in found] == [10, 10]
        assert hosts_of(found) == ["127.0.0.7", "127.0.0.8"]
        clock.now += 10
        await resolver.resolve("alias.test", 80)
        assert len(server.asked) == 2


@pytest.mark.parametrize("ttl", [0, 2**31, 2**32 - 1])
async def test_not_kept(lib: Any, ttl: int) -> None:
    """0, and what counts as 0 (RFC 2181 8)."""
    async with asking(lib, zone({"a.test": [f"{ttl} A 127.0.0.1"]})) as (resolver, server):
        for _ in range(2):
            assert [found["ttl"] for found in await resolver.resolve("a.test", 80)] == [0]
        assert len(server.asked) == 2


async def test_longest_time(lib: Any) -> None:
    async with asking(lib, zone({"a.test": [f"{2**31 - 1} A 127.0.0.1"]}), clock=Clock()) as (resolver, _):
        assert [found["ttl"] for found in await resolver.resolve("a.test", 80)] == [7 * 86400]


@pytest.mark.parametrize(
    ("host", "what"),
    [("absent.test", "there is no such name"), ("four.test", "no such address"), ("dangling.test", "no such name")],
)
async def test_nothing_is_kept_too(lib: Any, host: str, what: str) -> None:
    """For the time of the SOA record or its least time, whichever is less (RFC 2308 5)."""
    clock = Clock()
    async with asking(lib, zone(RECORDS, "60 SOA a. b. 1 2 3 4 20"), clock=clock) as (resolver, server):
        for wait, asked in ((0, 1), (19, 1), (1, 2)):
            clock.now += wait
            with pytest.raises(socket.gaierror, match=what) as info:
                await resolver.resolve(host, 80, SIX)
            assert info.value.errno == socket.EAI_NONAME
            assert host in str(info.value)
            assert server.address in str(info.value)
            assert len(server.asked) == asked


@pytest.mark.parametrize("host", ["absent.test", "four.test"])
async def test_nothing_without_soa_is_not_kept(lib: Any, host: str) -> None:
    async with asking(lib, zone(RECORDS, "")) as (resolver, server):
        for asked in (1, 2):
            with pytest.raises(socket.gaierror):
                await resolver.resolve(host, 80, SIX)
            assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("owner", "is_kept"), [("other.", False), ("b.a.test.", False), ("a.test.", True), (".", True)]
)
async def test_nothing_is_kept_as_long_as_its_own_zone_says(lib: Any, owner: str, is_kept: bool) -> None:
    def script(query: dns.message.Message, transport: str) -> Any:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.NXDOMAIN)
        response.authority.append(dns.rrset.from_text(owner, 60, "IN", "SOA", "a. b. 1 2 3 4 60"))
        return response

    async with asking(lib, script) as (resolver, server):
        for _ in range(2):
            with pytest.raises(socket.gaierror):
                await resolver.resolve("a.test", 80)
        assert len(server.asked) == (1 if is_kept else 2)


async def test_nothing_is_kept_for_three_hours_at_most(lib: Any) -> None:
    clock = Clock()
    async with asking(lib, zone({}, "999999 SOA a. b. 1 2 3 4 999999"), clock=clock) as (resolver, server):
        for wait, asked in ((0, 1), (3 * 3600 - 1, 1), (1, 2)):
            clock.now += wait
            with pytest.raises(socket.gaierror):
                await resolver.resolve("absent.test", 80)
            assert len(server.asked) == asked


async def test_cache_size(lib: Any) -> None:
    records = {f"{letter}.test": ["60 A 127.0.0.1"] for letter in "abc"}
    for size, asked in ((2, "abcab"), (0, "abccab"), (3, "abc")):
        async with asking(lib, zone(records), cache_size=size) as (resolver, server):
            for letter in "abccab":
                await resolver.resolve(f"{letter}.test", 80)
            assert server.names() == [f"{letter}.test" for letter in asked]


# Servers


async def test_tcp_where_it_was_cut_short(lib: Any) -> None:
    answer = zone({"many.test": [f"60 A 127.0.{n}.1" for n in range(100)]})

    def short(query: dns.message.Message, transport: str) -> Any:
        if transport == "tcp":
            return answer(query, transport)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.TC
        return response

    async with asking(lib, short) as (resolver, server):
        assert len(await resolver.resolve("many.test", 80)) == 100
        assert [transport for _, _, transport in server.asked] == ["udp", "tcp"]


async def test_cut_short_by_tcp_too(lib: Any) -> None:
    """Without an address that says nothing, with one it is taken."""

    def short(query: dns.message.Message, transport: str) -> Any:
        response = zone(RECORDS)(query, transport)
        response.flags |= dns.flags.TC
        return response

    async with asking(lib, short) as (resolver, _):
        assert hosts_of(await resolver.resolve("four.test", 80)) == ["127.0.0.7"]
        with pytest.raises(socket.gaierror, match="cut short") as info:
            await resolver.resolve("absent.test", 80)
        assert info.value.errno == socket.EAI_AGAIN


def wrong(kind: str, query: dns.message.Message, transport: str) -> Any:
    """Return an answer with something wrong about it."""
    if kind == "silence":
        return None
    right = zone({"good.test": ["60 A 127.0.0.66"], "evil.test": ["60 A 127.0.0.66"]})
    if kind == "question":
        return right(dns.message.make_query("evil.test", "A", id=query.id), transport).to_wire()
    response = right(query, transport)
    if kind in ("id", "short"):
        response.id ^= 1
        response.flags |= dns.flags.TC if kind == "short" else 0
    elif kind == "query":
        response.flags &= ~dns.flags.QR
    elif kind == "rubbish":
        return struct.pack("!H", query.id) + b"\x81\x80\0\1\0\1" + b"\xc0" * 40
    elif kind == "empty":
        return b""
    elif kind == "cut":
        return response.to_wire()[:-3]
    elif kind == "trailing":
        return response.to_wire() + b"x"
    return response


WRONG = ("silence", "id", "short", "question", "query", "rubbish", "empty", "cut", "trailing")


@pytest.mark.parametrize("by_tcp", [False, True])
@pytest.mark.parametrize("kind", WRONG)
async def test_wrong_answers(lib: Any, kind: str, by_tcp: bool) -> None:
    def script(query: dns.message.Message, transport: str) -> Any:
        if by_tcp and transport == "udp":
            response = dns.message.make_response(query)
            response.flags |= dns.flags.TC
            return response
        return wrong(kind, query, transport)

    async with asking(lib, script, **QUICK) as (resolver, server):
        with pytest.raises(socket.gaierror, match=r"Cannot resolve good\.test: .*127\.0\.0\.1:") as info:
            await resolver.resolve("good.test", 80)
        assert info.value.errno == socket.EAI_AGAIN
        assert server.address in str(info.value)


@pytest.mark.parametrize("kind", WRONG)
async def test_right_answer_after_a_forged_one(lib: Any, kind: str) -> None:
    """Who guesses has not won: over UDP, what does not fit is passed by, and the right answer is waited for."""
    answer = zone(RECORDS)
    loop = asyncio.get_running_loop()

    class Both(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            query = dns.message.from_wire(data)
            first = wrong(kind, query, "udp")
            for reply in (first, answer(query, "udp")):
                if reply is not None:
                    self.transport.sendto(reply if isinstance(reply, bytes) else reply.to_wire(), addr)

    transport, _ = await loop.create_datagram_endpoint(Both, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    resolver = lib.load().DNSResolver([f"127.0.0.1:{port}"], hosts_file=None)
    try:
        assert hosts_of(await resolver.resolve("good.test", 80)) == ["127.0.0.7", "127.0.0.8"]
    finally:
        await resolver.close()
        transport.close()


async def test_flood_of_forged_answers(lib: Any) -> None:
    """It leaves the loop to others: each of them takes a turn of it at most."""
    turns, loop = 0, asyncio.get_running_loop()

    class Flood(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            nonlocal turns
            for _ in range(100):
                self.transport.sendto(b"x", addr)
            self.transport.sendto(zone(RECORDS)(dns.message.from_wire(data), "udp").to_wire(), addr)
            turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    transport, _ = await loop.create_datagram_endpoint(Flood, ("127.0.0.1", 0))
    resolver = lib.load().DNSResolver([f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"], hosts_file=None)
    counting = asyncio.create_task(count())
    try:
        assert await resolver.resolve("four.test", 80)
        assert turns >= 100
    finally:
        counting.cancel()
        await resolver.close()
        transport.close()


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "YXDOMAIN", "BADVERS"])
async def test_refusals(lib: Any, rcode: str) -> None:
    asked = 0

    def refuse(query: dns.message.Message, transport: str) -> Any:
        nonlocal asked
        asked += 1
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.from_text(rcode))
        return response

    async with asking(lib, refuse, **QUICK) as (resolver, _):
        for times in (1, 2):  # that is no answer, and not kept
            with pytest.raises(socket.gaierror, match=r"Cannot resolve good\.test: ") as info:
                await resolver.resolve("good.test", 80)
            assert info.value.errno == socket.EAI_AGAIN
            assert asked == times


async def test_alias_of_itself(lib: Any) -> None:
    async with asking(lib, zone(RECORDS), **QUICK) as (resolver, _):
        with pytest.raises(socket.gaierror, match=r"loop\.test"):
            await resolver.resolve("loop.test", 80)


async def test_next_server_is_asked(lib: Any) -> None:
    def refuse(query: dns.message.Message, transport: str) -> Any:
        response = dns.message.make_response(query)
        response.set_rcode(dns.rcode.SERVFAIL)
        return response

    async with name_server(refuse) as first, name_server(zone(RECORDS)) as second:
        resolver = lib.load().DNSResolver([first.address, second.address], hosts_file=None)
        assert await resolver.resolve("good.test", 80)
        assert (first.names(), second.names()) == (["good.test"], ["good.test"])
        with pytest.raises(socket.gaierror, match="no such name"):  # an answer, after which nobody else is asked
            await resolver.resolve("absent.test", 80)
        await resolver.close()


async def test_asked_again_while_there_is_time(lib: Any) -> None:
    answer = zone(RECORDS)
    asked = 0

    def lose_one(query: dns.message.Message, transport: str) -> Any:
        nonlocal asked
        asked += 1
        return answer(query, transport) if asked > 1 else None

    async with asking(lib, lose_one, timeout=0.05, lifetime=10) as (resolver, _):
        assert await resolver.resolve("good.test", 80)
        assert asked == 2


async def test_lifetime_is_for_all_of_a_look_up(lib: Any) -> None:
    async with asking(lib, lambda query, transport: None, timeout=0.1, lifetime=1.6) as (resolver, server):
        start = time.monotonic()
        with pytest.raises(socket.gaierror, match=r"Cannot resolve a\.test: no answer within 1\.6 seconds: ") as info:
            await resolver.resolve("a.test", 80)
        assert 1.5 < time.monotonic() - start < 1.8
        assert info.value.errno == socket.EAI_AGAIN
        assert f"{server.address}: timed out" in str(info.value)


async def test_refused_port(lib: Any) -> None:
    """That is told at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    resolver = lib.load().DNSResolver([f"127.0.0.1:{port}"], hosts_file=None, timeout=60, lifetime=60)
    with pytest.raises(socket.gaierror, match=rf"no server answers: 127\.0\.0\.1:{port}: .*refused"):
        await asyncio.wait_for(resolver.resolve("a.test", 80), 5)
    await resolver.close()


async def test_search(lib: Any) -> None:
    records = {"www.corp.test": ["60 A 127.0.0.1"], "www": ["60 A 127.0.0.2"], "a.b": ["60 A 127.0.0.3"]}
    async with asking(lib, zone(records), search=["x.test", "corp.test."]) as (resolver, server):
        assert hosts_of(await resolver.resolve("www", 80)) == ["127.0.0.1"]
        assert server.names() == ["www.x.test", "www.corp.test"]
        assert hosts_of(await resolver.resolve("www.", 80)) == ["127.0.0.2"]  # absolute
        assert hosts_of(await resolver.resolve("a.b", 80)) == ["127.0.0.3"]  # has a dot: absolute first
        assert server.names()[2:] == ["www", "a.b"]
    async with asking(lib, zone(records)) as (resolver, server):  # other servers are not told the system's domains
        assert hosts_of(await resolver.resolve("www", 80)) == ["127.0.0.2"]


async def test_search_with_a_long_name(lib: Any) -> None:
    """What would be too long is not asked for; the name itself is."""
    name = ".".join(["a" * 60] * 4)
    records = {name: ["60 A 127.0.0.1"], f"{name}.b.test": ["60 A 127.0.0.2"]}
    search = ["default.svc.cluster.local", "b.test"]
    async with asking(lib, zone(records), search=search) as (resolver, server):
        assert hosts_of(await resolver.resolve(name, 80)) == ["127.0.0.1"]
    del records[name]
    async with asking(lib, zone(records), search=search) as (resolver, server):
        assert hosts_of(await resolver.resolve(name, 80)) == ["127.0.0.2"]
        assert server.names() == [name, f"{name}.b.test"]


async def test_both_families_are_of_one_name(lib: Any) -> None:
    """A server that says that there is no such name where there is no AAAA is old and known (RFC 4074 4.2)."""
    first = zone({"www.x.test": ["60 A 192.0.2.1"]})
    second = zone({"www.corp.test": ["60 AAAA 2001:db8::bad"]})

    def script(query: dns.message.Message, transport: str) -> Any:
        return (first if query.question[0].rdtype == dns.rdatatype.A else second)(query, transport)

    async with asking(lib, script, search=["x.test", "corp.test"]) as (resolver, server):
        assert hosts_of(await resolver.resolve("www", 80, ANY)) == ["192.0.2.1"]
        assert set(server.names()) == {"www.x.test"}


async def test_search_goes_on_past_a_name_without_addresses(lib: Any) -> None:
    records = {"www.x.test": ["60 TXT x"], "www.corp.test": ["60 A 127.0.0.1"]}
    async with asking(lib, zone(records), search=["x.test", "corp.test"]) as (resolver, _):
        assert hosts_of(await resolver.resolve("www", 80, ANY)) == ["127.0.0.1"]
        with pytest.raises(socket.gaierror, match="no such address"):
            await resolver.resolve("www", 80, SIX)


async def test_search_ends_where_nothing_is_known(lib: Any) -> None:
    """What comes later in the list might be another host."""

    def script(query: dns.message.Message, transport: str) -> Any:
        response = zone({"www.corp.test": ["60 A 127.0.0.1"]})(query, transport)
        if "x.test" in query.question[0].name.to_text():
            response.set_rcode(dns.rcode.SERVFAIL)
        return response

    async with asking(lib, script, search=["x.test", "corp.test"]) as (resolver, server):
        with pytest.raises(socket.gaierror, match=r"no server answers: .*SERVFAIL"):
            await resolver.resolve("www", 80)
        assert server.names() == ["www.x.test"]


# Whatever a server says


def bent(query: dns.message.Message, changes: list[tuple[int, int]], size: int) -> bytes:
    """Return a right answer with some of its bytes behind the id changed, and cut."""
    wire = bytearray(zone(RECORDS)(query, "udp").to_wire())
    for place, value in changes:
        wire[2 + place % (len(wire) - 2)] = value
    return bytes(wire[: max(2, len(wire) - size)])


CHANGES = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=4)
HOSTS = st.sampled_from(["good.test", "alias.test", "absent.test", "dangling.test", "loop.test"])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_any_answer_is_addresses_or_an_error(lib: Any, transport: str) -> None:
    """Never anything but addresses or OSError, whatever bytes come."""
    script: Any = None

    def answer(query: dns.message.Message, by: str) -> Any:
        if by == transport:
            return script(query)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.TC
        return response

    async def look_up(host: str) -> None:
        async with asking(lib, answer, timeout=0.02, lifetime=0.02) as (resolver, _):
            with suppress(OSError):
                for address in await resolver.resolve(host, 80, ANY):
                    socket.inet_pton(address["family"], address["host"])
                    assert address["ttl"] >= 0

    with asyncio.Runner() as runner:

        @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(host=HOSTS, changes=CHANGES, size=st.integers(0, 5), rest=st.none() | st.binary(max_size=80))
        def check(host: str, changes: Any, size: int, rest: bytes | None) -> None:
            nonlocal script

            def script(query: dns.message.Message) -> bytes:
                if rest is not None:
                    return query.id.to_bytes(2) + rest
                return bent(query, changes, size)

            runner.run(look_up(host))

        check()
