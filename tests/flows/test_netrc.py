"""``trust_env`` and a ``.netrc`` file: whose request gets credentials, whose does not."""

import asyncio
import os
import re
from base64 import b64decode

import pytest

from tests.flows.test_faults import whole, works
from tests.flows.test_tls import Certificates
from tests.servers import Peer, keep_answering, serve

HERE = "machine 127.0.0.1 login here password p\n"
THERE = "machine localhost login there password p\n"


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(path))
    return path


def logins(server) -> list[str | None]:
    """Return for each request the login that it came with, another Authorization as it is, or None."""
    found = []
    for head in server.requests:
        field = re.search(rb"(?im)^authorization: (.*)\r$", head)
        value = None if field is None else field[1].decode()
        basic = value is not None and value.startswith("Basic ")
        found.append(b64decode(value[6:]).decode().partition(":")[0] if basic else value)
    return found


async def test_only_who_trusts_the_environment(lib, file):
    aiohttp = lib.load()
    file.write_text(HERE)
    async with serve(keep_answering) as server:
        for trust in (True, False):
            async with aiohttp.ClientSession(trust_env=trust) as session:
                assert session.trust_env is trust
                await works(session, server.url)
    assert logins(server) == ["here", None]


async def test_what_the_caller_gives_comes_first(lib, file):
    aiohttp = lib.load()
    file.write_text(HERE)
    own = aiohttp.BasicAuth("own", "p")
    async with serve(keep_answering) as server:
        url = server.url
        async with aiohttp.ClientSession(trust_env=True) as session:
            for options in ({"auth": own}, {"headers": {"authorization": "mine"}}):
                async with session.get(url, **options):
                    pass
            await works(session, url.with_user("url").with_password("p"))
        for options in ({"auth": own}, {"headers": {"Authorization": "session's"}}):
            async with aiohttp.ClientSession(trust_env=True, **options) as session:
                await works(session, url)
    assert logins(server) == ["own", "mine", "url", "own", "session's"]


async def test_a_changed_file_counts_from_the_next_request(lib, file):
    async with serve(keep_answering) as server, lib.load().ClientSession(trust_env=True) as session:
        for content in (HERE, HERE.replace("here", "elsewhere"), "malformed", HERE):
            file.write_text(content)
            await works(session, server.url)
        file.unlink()
        await works(session, server.url)
    assert logins(server) == ["here", "elsewhere", None, "here", None]


async def test_a_middleware_sees_them(lib, file):
    file.write_text(HERE)

    async def look(req, handler):
        assert req.headers["Authorization"].startswith("Basic ")
        return await handler(req)

    async with serve(keep_answering) as server:
        async with lib.load().ClientSession(trust_env=True, middlewares=[look]) as session:
            await works(session, server.url)


def chain(second):
    """Redirect within the origin, then to another."""

    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            if b" / " in head:
                await peer.answer(b"", b"Location: /b", status=b"302 Found")
            else:
                url = second.url.with_host("localhost") / "c"
                await peer.answer(b"", b"Location: " + str(url).encode(), status=b"302 Found")

    return handler


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (HERE, {}, ["here", "here", None]),
        (THERE, {}, [None, None, "there"]),
        (HERE + THERE, {}, ["here", "here", "there"]),
        (HERE + "default login any password p\n", {}, ["here", "here", "any"]),
        (HERE, {"headers": {"Authorization": "mine"}}, ["mine", "mine", None]),
        (HERE + THERE, {"headers": {"Authorization": "mine"}}, ["mine", "mine", "there"]),
        ("", {}, [None, None, None]),
    ],
)
async def test_each_redirect_gets_what_is_its_own(lib, file, content, options, expected):
    file.write_text(content)
    async with serve(keep_answering) as second, serve(chain(second)) as first:
        async with lib.load().ClientSession(trust_env=True) as session:
            async with session.get(first.url, **options) as response:
                assert await response.read() == b"ok"
    assert logins(first) + logins(second) == expected


async def test_a_downgrade_gets_nothing(lib, file):
    """A password that was meant for TLS must not be had by a redirect to plain text."""
    certificates = Certificates()
    file.write_text(THERE)
    async with serve(keep_answering) as plain:

        async def handler(peer: Peer) -> None:
            await peer.request()
            url = plain.url.with_host("localhost")
            await peer.answer(b"", b"Location: " + str(url).encode(), status=b"302 Found")

        async with serve(handler, tls=certificates.server()) as secure:
            async with lib.load().ClientSession(trust_env=True) as session:
                async with session.get(secure.url, ssl=False) as response:
                    assert response.url.scheme == "http"
                await works(session, plain.url.with_host("localhost"))
    assert logins(secure) == ["there"]
    assert logins(plain) == [None, "there"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_a_file_that_stalls_does_not_hold_up_the_loop(lib, file):
    """It is read in a thread, and the total time-out covers that."""
    aiohttp = lib.load()
    os.mkfifo(file)
    async with serve(keep_answering) as server, aiohttp.ClientSession(trust_env=True) as session:
        task = asyncio.ensure_future(session.get(server.url, timeout=aiohttp.ClientTimeout(total=0.1)))
        ticks = 0
        while not task.done():
            await asyncio.sleep(0.01)
            ticks += 1
        with pytest.raises(TimeoutError, match="netrc"):
            await task
        assert ticks > 2
        assert whole(session.connector)
        file.write_text(HERE)  # lets the thread go
        file.unlink()
        await works(session, server.url)
