"""What the system says of name servers, and that they are asked so."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._client.resolv_conf import read_settings
from tests.name_servers import NameServer, hosts_of, name_server, zone

Use = Callable[[NameServer], None]

TEXT = """\
# a comment with nameserver 192.0.2.9
nameserver 192.0.2.1
; nameserver 192.0.2.8
nameserver\t2001:db8::1 # the router
nameserver fe80::1%eth0
nameserver 192.0.2.3;x
domain home.test
search corp.test Sub.corp.test.
options ndots:2 timeout:3
options rotate edns0 attempts:1
"""


@pytest.fixture
def use_port_of(lib: Any, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Let the port of a server stand for 53, which needs privileges."""
    module = lib.load("_client.resolv_conf")
    return lambda server: monkeypatch.setattr(module, "PORT", int(server.address.rpartition(":")[2]))


def settings_of(lib: Any, path: Path, text: bytes) -> Any:
    path.write_bytes(text)
    return lib.load("_client.resolv_conf").read_settings(path)


def test_lines(lib: Any, tmp_path: Path) -> None:
    settings = settings_of(lib, tmp_path / "resolv.conf", TEXT.encode())
    addresses = ["192.0.2.1", "2001:db8::1", "fe80::1%eth0", "192.0.2.3"]
    assert settings.servers == tuple((address, 53) for address in addresses)
    assert settings.search == ("corp.test", "Sub.corp.test")
    assert settings[2:] == (2, 3, True, True)


@pytest.mark.parametrize(
    ("text", "servers", "search", "timeout"),
    [
        (b"# M\xfcller\nnameserver 192.0.2.1\nsearch a.test\n", ["192.0.2.1"], ["a.test"], None),
        (b"nameserver nonsense\nnameserver 192.0.2.1\nsearch a.test\n", ["192.0.2.1"], ["a.test"], None),
        (b"nameserver 0177.0.0.1\nnameserver 192.0.2.1\nsearch a.test\n", ["192.0.2.1"], ["a.test"], None),
        (b"nameserver\nnameserver 192.0.2.1\nsearch a.test\n", ["192.0.2.1"], ["a.test"], None),
        (b"search a..b corp.test . b\xc3\xbc.test\n", ["127.0.0.1"], ["corp.test"], None),
        (b"search " + b"x" * 64 + b".test corp.test\n", ["127.0.0.1"], ["corp.test"], None),
        (b"search a.test\ndomain b.test\n", ["127.0.0.1"], ["b.test"], None),
        (b"domain b.test\nsearch a.test\n", ["127.0.0.1"], ["a.test"], None),
        (b"search .\noptions timeout:0\n", ["127.0.0.1"], [], 1),
        (b"search .\noptions timeout:99\n", ["127.0.0.1"], [], 30),
        (b"search .\noptions timeout:-3 ndots:-1\n", ["127.0.0.1"], [], None),
        (b"search .\noptions timeout:99999999999999999999 timeout: timeout\n", ["127.0.0.1"], [], None),
        (b"# \x0cnameserver 192.0.2.66\nsearch .", ["127.0.0.1"], [], None),
    ],
)
def test_odd_lines(lib: Any, tmp_path: Path, text: bytes, servers: Any, search: Any, timeout: Any) -> None:
    """What has no sense is passed by, as in the C library."""
    settings = settings_of(lib, tmp_path / "resolv.conf", text)
    assert [server.address for server in settings.servers] == servers
    assert (list(settings.search), settings.timeout, settings.ndots) == (search, timeout, 1)


@pytest.mark.parametrize(
    ("machine", "search"), [("pc.corp.test", ("corp.test",)), ("pc", ()), ("a" * 64, ()), ("my..host", ())]
)
def test_domain_of_the_machine(lib: Any, tmp_path: Path, monkeypatch: Any, machine: str, search: Any) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    assert settings_of(lib, tmp_path / "resolv.conf", b"").search == search


@given(content=st.binary(max_size=200) | st.text("nameserch: .1\n").map(str.encode))
def test_any_bytes(tmp_path_factory: Any, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-resolv.conf"
    path.write_bytes(content)
    assert read_settings(path).servers


def rewrite(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


async def test_systems_servers(lib: Any, tmp_path: Path, use_port_of: Any) -> None:
    conf = tmp_path / "resolv.conf"
    records = {"www.corp.test": ["60 A 127.0.0.1"], "www.home.test": ["60 A 127.0.0.2"]}
    async with name_server(zone(records)) as server:
        use_port_of(server)
        rewrite(conf, "nameserver 127.0.0.1\nsearch corp.test\noptions timeout:1\n")
        resolver = lib.load().DNSResolver(resolv_conf=conf, hosts_file=None)
        for _ in range(2):
            assert hosts_of(await resolver.resolve("www", 80)) == ["127.0.0.1"]
        rewrite(conf, "nameserver 127.0.0.1\nsearch home.test\n")  # another network
        assert hosts_of(await resolver.resolve("www", 80)) == ["127.0.0.2"]
        assert server.names() == ["www.corp.test", "www.home.test"]
        await resolver.close()


@pytest.mark.parametrize("text", [None, "", "nameserver nonsense\n", "search ..\n"])
async def test_no_server_is_named(lib: Any, tmp_path: Path, use_port_of: Use, text: str | None) -> None:
    """Then it is the one on this machine."""
    path = tmp_path / "resolv.conf"
    if text is not None:
        path.write_text(text)
    async with name_server(zone({"a.test": ["60 A 127.0.0.9"]})) as server:
        use_port_of(server)
        resolver = lib.load().DNSResolver(resolv_conf=path, hosts_file=None)
        assert hosts_of(await resolver.resolve("a.test", 80)) == ["127.0.0.9"]
        await resolver.close()


async def test_options(lib: Any, tmp_path: Path, use_port_of: Use) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 127.0.0.1\nsearch corp.test\noptions ndots:2 edns0\n")
    edns: list[int] = []
    answer = zone({"a.b.corp.test": ["60 A 127.0.0.9"]})

    def look(query: Any, transport: str) -> Any:
        edns.append(query.edns)
        return answer(query, transport)

    async with name_server(look) as server:
        use_port_of(server)
        resolver = lib.load().DNSResolver(resolv_conf=path, hosts_file=None)
        assert hosts_of(await resolver.resolve("a.b", 80)) == ["127.0.0.9"]
        assert (server.names(), edns) == (["a.b.corp.test"], [0])
        await resolver.close()


async def test_rotation(lib: Any, tmp_path: Path, use_port_of: Use, monkeypatch: Any) -> None:
    """The servers are asked in any order, the loop-back's other address first now and then."""
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 127.0.0.2\nnameserver 127.0.0.1\noptions rotate\n")
    async with name_server(zone({"a.test": ["0 A 127.0.0.9"]})) as server:
        use_port_of(server)
        resolver = lib.load().DNSResolver(resolv_conf=path, hosts_file=None)
        module = lib.load("_client.dns_questions").random
        monkeypatch.setattr(module, "sample", lambda servers, size: asked.append(servers) or servers[::-1])
        asked: list[Any] = []
        assert await resolver.resolve("a.test", 80)
        assert [str(one) for one in asked[0]] == [f"127.0.0.{n}:{server.address.rpartition(':')[2]}" for n in (2, 1)]
        await resolver.close()
