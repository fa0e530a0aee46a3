"""The system's table of hosts."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._client.hosts_file import read_hosts

FOUR, SIX = socket.AF_INET, socket.AF_INET6

TEXT = """\
# a comment
127.0.0.1 localhost
::1       localhost ip6-localhost # the loop-back

192.0.2.1\tHost.Example  alias
192.0.2.2 host.example
fe80::1%eth0 scoped
no-address name
192.0.2.3
192.0.2.256 wrong
"""


def test_lines(lib: Any, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text(TEXT)
    assert lib.load("_client.hosts_file").read_hosts(path) == {
        "localhost": [(FOUR, "127.0.0.1"), (SIX, "::1")],
        "ip6-localhost": [(SIX, "::1")],
        "host.example": [(FOUR, "192.0.2.1"), (FOUR, "192.0.2.2")],
        "alias": [(FOUR, "192.0.2.1")],
        "scoped": [(SIX, "fe80::1%eth0")],
    }


@pytest.mark.parametrize("end", ["\u2028", "\x0c", "\x0b", "\x85", "\x1c", "\r"])
def test_comments_end_with_their_line_alone(lib: Any, tmp_path: Path, end: str) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(f"# once {end}192.0.2.66 good.test\n192.0.2.1\xa0x 192.0.2.2\n".encode())
    assert lib.load("_client.hosts_file").read_hosts(path) == {}


def test_once_each_and_without_dots(lib: Any, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(b"192.0.2.1 good.test. Good.test\r\n192.0.2.1 good.test\r\n::1 good.test.\r\n")
    known = {"good.test": [(FOUR, "192.0.2.1"), (SIX, "::1")]}
    assert lib.load("_client.hosts_file").read_hosts(path) == known


def test_changed(lib: Any, tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    hosts = lib.load("_client.hosts_file").HostsFile(path)
    assert hosts.addresses("a") == []
    path.write_text("192.0.2.1 a")
    assert hosts.addresses("a") == [(FOUR, "192.0.2.1")]
    (tmp_path / "new").write_text("192.0.2.2 a")
    os.replace(tmp_path / "new", path)
    assert hosts.addresses("a") == [(FOUR, "192.0.2.2")]


def test_systems_own(lib: Any) -> None:
    module = lib.load("_client.hosts_file")
    assert isinstance(module.read_hosts(module.HOSTS_FILE), dict)


@given(content=st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: Any, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any-hosts"
    path.write_bytes(content)
    for name, addresses in read_hosts(path).items():
        assert name == name.lower()
        assert addresses
