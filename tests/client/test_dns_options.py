"""What ``DNSResolver`` takes, and what it refuses."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from tests.name_servers import asking, zone

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
            "https://", "https://a:b:c/", "https://h:0/", "https://h:65536/", "127.0.0.1:0000053", "127.0.0.1:+5",
            "127.0.0.1:٣", "fe80::1%x y", "fe80::1%", "fe80::1%x\n", "fe80::1%ü", "127.0.0.1%lo",
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
    *(("hosts_file", value, TypeError) for value in (5, b"/etc/hosts")),
    ("hosts_file", "a\0b", ValueError),
    ("resolv_conf", None, TypeError),
    ("resolv_conf", Path("a\0b"), ValueError),
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


@pytest.mark.parametrize("servers", [[b"https://user:secret@dns.example/"], b"https://user:secret@dns.example/"])
def test_bytes_are_not_quoted(lib: Any, servers: Any) -> None:
    with pytest.raises(TypeError, match=r"nameservers.*not bytes") as info:
        lib.load().DNSResolver(servers)
    assert "secret" not in str(info.value)


def test_servers(lib: Any) -> None:
    as_servers = lib.load("_client.dns_servers").as_servers
    given_ = ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5353", "fe80::1%eth0"]
    assert as_servers(iter(given_)) == [
        ("192.0.2.1", 53), ("192.0.2.1", 5353), ("2001:db8::1", 53), ("2001:db8::1", 53), ("2001:db8::1", 5353),
        ("fe80::1%eth0", 53),
    ]  # fmt: skip
    assert list(map(str, as_servers(["192.0.2.1", "::1"]))) == ["192.0.2.1:53", "[::1]:53"]
    (url,) = as_servers(["https://dns.example/dns-query{?dns}"])
    assert url == URL("https://dns.example/dns-query")
    assert as_servers([url]) == [url]


async def test_good_values(lib: Any) -> None:
    good = [
        {"timeout": None, "lifetime": float("inf"), "cache_size": float("inf")},
        {"timeout": 10**200, "lifetime": 1e200},
        {"timeout": 0.5, "lifetime": 1, "cache_size": 5.0, "ssl": None, "search": ()},
    ]
    for options in good:
        async with asking(lib, zone({"good.test": ["60 A 127.0.0.7"]}), **options) as (resolver, _):
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


def test_long_name_of_this_machine(lib: Any, monkeypatch: Any) -> None:
    """It is nothing to servers that are given."""
    monkeypatch.setattr(socket, "gethostname", lambda: "a" * 64)  # HOST_NAME_MAX of Linux
    lib.load().DNSResolver(["127.0.0.1"])


@pytest.mark.parametrize("host", [None, 2130706433, b"\x7f\0\0\1"])
async def test_host_that_is_no_text(lib: Any, host: Any) -> None:
    with pytest.raises(TypeError, match="host must be str"):
        await lib.load().DNSResolver(["127.0.0.1"]).resolve(host)
