"""Names and spellings of older releases of aiohttp, and what its debug mode says."""

import asyncio
import os
import subprocess
import sys

import pytest

from tests.conftest import Lib
from tests.servers import serve


def test_the_version_where_it_used_to_be(lib: Lib):
    assert lib.load("protocol").HttpVersion11 is lib.load().HttpVersion11


def test_a_digest_by_either_name(lib: Lib):
    fingerprint = lib.load().Fingerprint
    assert fingerprint(digest=b"x" * 32) == fingerprint(b"x" * 32)
    with pytest.raises(TypeError, match="takes a digest"):
        fingerprint()
    with pytest.raises(TypeError, match="given twice"):
        fingerprint(b"x" * 32, digest=b"x" * 32)
    with pytest.raises(ValueError, match="invalid length"):
        fingerprint(digest=b"x")


async def test_cached_hosts(lib: Lib):
    async def answer(peer):
        await peer.request()
        await peer.answer(b"ok")

    async with serve(answer) as server, lib.load().ClientSession() as session:
        port = server.url.port
        before = session.connector.cached_hosts
        async with session.get(f"http://localhost:{port}/") as resp:
            await resp.read()
        cached = session.connector.cached_hosts
        assert before == {}
        assert list(cached) == [("localhost", port)]
        assert cached["localhost", port][0]["port"] == port
        with pytest.raises(TypeError):
            cached["a", 1] = ()
        session.connector.clear_dns_cache()
        assert session.connector.cached_hosts == {}


@pytest.mark.parametrize(
    ("data", "body", "content_type"),
    [("é", b"\xe9", b"text/plain; charset=latin1"),
     ({"a": "é"}, b"a=%E9", b"application/x-www-form-urlencoded; charset=latin1"),
     ([("a", "é")], b"a=%E9", b"application/x-www-form-urlencoded; charset=latin1"),
     ("é".encode(), "é".encode(), b"application/octet-stream")],
)  # fmt: skip
async def test_encoding_of_what_is_sent(lib: Lib, data, body, content_type):
    async def answer(peer):
        await peer.request()
        await peer.answer(b"ok")

    async with serve(answer) as server:
        async with lib.load().request("POST", server.url, data=data, encoding="latin1") as resp:
            assert resp.status == 200
        assert server.bodies == [body]
        assert b"Content-Type: " + content_type + b"\r\n" in server.requests[0]


DEBUGGING = """
import asyncio, warnings
import aiohttp_fast as aiohttp
async def main():
    warnings.simplefilter("error")
    async with aiohttp.ClientSession(
        "http://a/", headers={"a": "b"}, timeout=aiohttp.ClientTimeout(3), raise_for_status=True, auth=None,
        json_serialize=str, read_bufsize=10, skip_auto_headers=["A"], cookies={"a": "b"},
    ) as session:
        session._loop = session._loop
        try:
            session.mine = 1
        except DeprecationWarning as exc:
            print(exc)
asyncio.run(main())
"""


@pytest.mark.parametrize("pure", ["", "1"])
def test_custom_attributes_are_discouraged_in_debug_mode(pure):
    for option, said in (("-Xdev", "Setting custom ClientSession.mine attribute is discouraged"), ("-Xutf8", "")):
        done = subprocess.run(
            [sys.executable, option, "-c", DEBUGGING],
            env=os.environ | {"AIOHTTP_FAST_PURE": pure},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == said


def test_attrs_has_the_names_of_the_session(lib: Lib):
    async def main():
        async with lib.load().ClientSession() as session:
            return set(vars(session))

    assert asyncio.run(main()) <= lib.load().ClientSession.ATTRS
    assert {"_connector", "_cookie_jar", "requote_redirect_url"} <= lib.load().ClientSession.ATTRS
