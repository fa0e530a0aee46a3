"""Look-ups by asking name servers, over UDP and TCP; those over HTTPS are in test_dns_over_https."""

import asyncio
import os
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.certificates import LOOPS, run
from tests.name_servers import Answer, NameServer, name_server, zone

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


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asking(lib: Any, answer: Answer, **options: Any) -> AsyncIterator[tuple[Any, NameServer]]:
    """Give a resolver, and the name server that it asks."""
    async with name_server(answer) as server:
        resolver = lib.load().DNSResolver([server.address], **{"hosts_file": None, **options})
        try:
            yield resolver, server
        finally:
            await resolver.close()


def hosts_of(found: list[Any]) -> list[str]:
    """Return the hosts; dnspython, as a server, shuffles those of a family."""
    return sorted((address["host"] for address in found), key=lambda host: (":" not in host, host))


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
        ("fe80::1%", ANY),
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
            assert server.address.replace(":", "@") in str(info.value)
            assert len(server.asked) == asked


@pytest.mark.parametrize("host", ["absent.test", "four.test"])
async def test_nothing_without_soa_is_not_kept(lib: Any, host: str) -> None:
    async with asking(lib, zone(RECORDS, "")) as (resolver, server):
        for asked in (1, 2):
            with pytest.raises(socket.gaierror):
                await resolver.resolve(host, 80, SIX)
            assert len(server.asked) == asked


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


def wrong(kind: str, query: dns.message.Message, transport: str) -> Any:
    """Return an answer with something wrong about it."""
    if kind == "silence":
        return None
    right = zone({"good.test": ["60 A 127.0.0.66"], "evil.test": ["60 A 127.0.0.66"]})
    if kind == "question":
        return right(dns.message.make_query("evil.test", "A", id=query.id), transport).to_wire()
    response = right(query, transport)
    if kind == "id":
        response.id ^= 1
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


WRONG = ("silence", "id", "question", "query", "rubbish", "empty", "cut", "trailing")


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
        with pytest.raises(socket.gaierror, match=r"Cannot resolve good\.test: .*127\.0\.0\.1@") as info:
            await resolver.resolve("good.test", 80)
        assert info.value.errno == socket.EAI_AGAIN
        assert server.address.replace(":", "@") in str(info.value)


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


def rewrite(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


@pytest.fixture
def port_53(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the port that dnspython takes for 53 be another, which needs no privileges."""
    reset = dns.resolver.BaseResolver.reset

    def change(address: str) -> None:
        def with_port(resolver: Any) -> None:
            reset(resolver)
            resolver.port = int(address.rpartition(":")[2])

        monkeypatch.setattr(dns.resolver.BaseResolver, "reset", with_port)

    return change


async def test_systems_servers(lib: Any, tmp_path: Path, port_53: Any) -> None:
    conf = tmp_path / "resolv.conf"
    records = {"www.corp.test": ["60 A 127.0.0.1"], "www.home.test": ["60 A 127.0.0.2"]}
    async with name_server(zone(records)) as server:
        port_53(server.address)
        rewrite(conf, "nameserver 127.0.0.1\nsearch corp.test\noptions timeout:1\n")
        resolver = lib.load().DNSResolver(resolv_conf=conf, hosts_file=None)
        for _ in range(2):
            assert hosts_of(await resolver.resolve("www", 80)) == ["127.0.0.1"]
        rewrite(conf, "nameserver 127.0.0.1\nsearch home.test\n")  # another network
        assert hosts_of(await resolver.resolve("www", 80)) == ["127.0.0.2"]
        assert server.names() == ["www.corp.test", "www.home.test"]
        await resolver.close()


@pytest.mark.parametrize(
    "text", [None, "", "nameserver nonsense\n", "search corp.test\n", "nameserver ::1\nsearch ..\n"]
)
async def test_no_server_is_known(lib: Any, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "resolv.conf"
    if text is not None:
        path.write_text(text)
    resolver = lib.load().DNSResolver(resolv_conf=path, hosts_file=None)
    with pytest.raises(OSError, match=r"Cannot resolve good\.test: No name server is known, see .*resolv\.conf"):
        await resolver.resolve("good.test", 80)
    assert await resolver.resolve("localhost", 80)
    await resolver.close()


# The end


async def test_close_ends_look_ups(lib: Any) -> None:
    async with name_server(lambda query, transport: None) as server:
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


# Options

THING = object()
WRONG_VALUES = [
    ("nameservers", "127.0.0.1", TypeError),
    ("nameservers", 5, TypeError),
    ("nameservers", [], ValueError),
    ("nameservers", [5], TypeError),
    ("nameservers", [None], TypeError),
    *(
        ("nameservers", [text], ValueError)
        for text in (
            "", "dns.example", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "127.1", "[::1",
            "[::1]53", "[::1]:", "127.0.0.1:-1", "http://dns.example/dns-query", "https:///dns-query", "tls://dns.example",
            "https://", "https://a:b:c/",
        )
    ),
    ("search", "corp.test", TypeError),
    ("search", [5], TypeError),
    ("search", ["a..b"], ValueError),
    ("search", [""], ValueError),
    *((name, value, TypeError) for name in ("timeout", "lifetime") for value in ("5", THING, True)),
    *((name, value, ValueError) for name in ("timeout", "lifetime") for value in (0, -1, float("nan"))),
    ("lifetime", None, TypeError),
    *(("cache_size", value, TypeError) for value in ("x", None, 1.5, True)),
    ("cache_size", -1, ValueError),
    ("ssl", "x", TypeError),
    ("hosts_file", 5, TypeError),
    ("resolv_conf", None, TypeError),
    ("clock", 5, TypeError),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "kind"), WRONG_VALUES)
def test_wrong_values(lib: Any, name: str, value: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=name):
        lib.load().DNSResolver(**{name: value})


def test_credentials_are_not_quoted(lib: Any) -> None:
    for servers in (["http://user:secret@dns.example/"], "https://user:secret@dns.example/"):
        with pytest.raises((TypeError, ValueError), match=r"dns\.example") as info:
            lib.load().DNSResolver(servers)
        assert "secret" not in str(info.value)


def test_servers(lib: Any) -> None:
    as_servers = lib.load("_client.dns_servers").as_servers
    given_ = ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5353", "fe80::1%eth0"]
    assert [(server.address, server.port) for server in as_servers(iter(given_))] == [
        ("192.0.2.1", 53), ("192.0.2.1", 5353), ("2001:db8::1", 53), ("2001:db8::1", 53), ("2001:db8::1", 5353),
        ("fe80::1%eth0", 53),
    ]  # fmt: skip
    (server,) = as_servers(["https://dns.example/dns-query{?dns}"])
    assert str(server.url) == "https://dns.example/dns-query"
    assert as_servers([server.url]) == [server]


async def test_good_values(lib: Any) -> None:
    good = [
        {"timeout": None, "lifetime": float("inf"), "cache_size": float("inf")},
        {"timeout": 0.5, "lifetime": 1, "cache_size": 5.0, "ssl": None, "search": ()},
    ]
    for options in good:
        async with asking(lib, zone(RECORDS), **options) as (resolver, _):
            assert await resolver.resolve("good.test", 80)


WITHOUT = """
import sys
sys.modules["dns"] = None  # not installed
import aiohttp_fast
from aiohttp_fast import *
try:
    aiohttp_fast.DNSResolver()
except RuntimeError as exc:
    print(exc)
"""


def test_dnspython_is_optional() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    text = "DNSResolver requires the dnspython library: pip install 'dnspython>=2.9'\n"
    assert (done.stdout, done.stderr) == (text, "")


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
