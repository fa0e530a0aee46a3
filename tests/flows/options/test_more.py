"""Serialisers, classes and codings, and what must not get into multipart bodies, to proxies and into frames."""

import asyncio
from contextlib import suppress
from typing import Any

import brotli
import pytest

from tests.against import better
from tests.flows.options.test_session import fetch, field
from tests.seeds.doubles import CLOSE, Socket, proxy
from tests.servers import Peer, keep_answering, serve

BAD = ["\r\nX-Evil: 1", "\n X-Evil: 1", "\r", "\n", "\0"]


async def test_json_serialize_bytes(lib, answering):
    def dumps(value: Any) -> bytes:
        return b"<%d>" % value

    async with lib.load().ClientSession(json_serialize_bytes=dumps) as session:
        async with session.post(answering.url, json=5) as response:
            await response.read()
    assert answering.bodies == [b"<5>"]
    assert field(answering.requests[0], b"Content-Type") == [b"application/json"]
    assert field(answering.requests[0], b"Content-Length") == [b"3"]


async def test_ws_response_class(lib):
    aiohttp = lib.load()

    class Own(aiohttp.ClientWebSocketResponse):
        pass

    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        await socket.accept()
        await socket.end()

    async with serve(handler) as server, aiohttp.ClientSession(ws_response_class=Own) as session:
        async with session.ws_connect(server.url) as ws:
            assert type(ws) is Own


@better("deflate and gzip only")
@pytest.mark.parametrize("coding", ["br", "zstd"])
async def test_compress(lib, answering, coding):
    from backports import zstd  # Python 3.14 has it as compression.zstd

    async with lib.load().ClientSession() as session:
        async with session.post(answering.url, data=b"abc" * 1000, compress=coding) as response:
            await response.read()
    assert field(answering.requests[0], b"Content-Encoding") == [coding.encode()]
    assert {"br": brotli.decompress, "zstd": zstd.decompress}[coding](answering.bodies[0]) == b"abc" * 1000


# Multipart: header injection (CVE-2026-34514, -50269)


@pytest.mark.parametrize("bad", BAD)
async def test_no_line_gets_into_a_parts_type(lib, answering, bad):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError):
            form = aiohttp.FormData()
            form.add_field("a", "b", content_type="text/plain" + bad)
            await session.post(answering.url, data=form)
    assert not answering.requests


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("where", ["name", "filename"])
@pytest.mark.parametrize("quoted", [True, False])
async def test_no_line_gets_into_a_parts_disposition(lib, answering, bad, where, quoted):
    """Quoted or refused: in no case a line of its own."""
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        try:
            form = aiohttp.FormData(quote_fields=quoted)
            name, filename = ("n" + bad, "f") if where == "name" else ("n", "f" + bad)
            form.add_field(name, b"value", filename=filename)
            async with session.post(answering.url, data=form) as response:
                await response.read()
        except ValueError:
            assert not answering.requests
    for body in answering.bodies:
        head = body.split(b"\r\n\r\n")[0]
        assert b"\0" not in head
        assert not any(line.startswith((b"X-Evil", b" ")) for line in head.replace(b"\r", b"\n").split(b"\n"))
        assert head.count(b"\n") == head.count(b"\r") == head.count(b"\r\n")


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("where", ["name", "value"])
async def test_no_line_gets_into_a_parts_fields(lib, answering, bad, where):
    aiohttp = lib.load()
    fields = {"X-A" + bad: "1"} if where == "name" else {"X-A": "1" + bad}
    async with aiohttp.ClientSession() as session:
        with pytest.raises(ValueError):
            with aiohttp.MultipartWriter() as writer:
                writer.append("x", fields)
            await session.post(answering.url, data=writer)
    assert not any(b"Evil" in body for body in answering.bodies)


# Secrets of proxies, .netrc and digest


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_line_gets_to_a_proxy(lib, answering, bad, scheme):
    aiohttp = lib.load()
    async with serve(proxy) as through, aiohttp.ClientSession() as session:
        for fields in ({"X-A": "1" + bad}, {"X-A" + bad: "1"}):
            url = answering.url.with_scheme(scheme)
            if scheme == "http":  # aiohttp keeps them for CONNECT
                with suppress(ValueError):
                    await session.get(url, proxy=through.url, proxy_headers=fields)
            else:
                with pytest.raises(ValueError):
                    await session.get(url, proxy=through.url, proxy_headers=fields, ssl=False)
    assert not any(b"Evil" in head for head in through.requests)
    assert not any(b"Evil" in head for head in answering.requests)


async def test_proxy_credentials_are_not_for_the_origin(lib, certified, trusting):
    aiohttp = lib.load()
    async with serve(keep_answering, certified) as server, serve(proxy) as through, aiohttp.ClientSession() as session:
        auth = aiohttp.BasicAuth("user", "secret")
        await fetch(session, server.url, proxy=through.url, proxy_auth=auth, proxy_headers={"X-P": "1"}, ssl=trusting)
    assert field(through.requests[0], b"Proxy-Authorization")
    assert field(through.requests[0], b"X-P") == [b"1"]
    assert b"proxy-authorization" not in server.requests[0].lower()
    assert b"x-p" not in server.requests[0].lower()


@pytest.fixture
def environment(monkeypatch):
    """An environment without proxies, to be filled."""
    for name in ("http", "https", "ws", "wss", "no", "all"):
        for spelt in (f"{name}_proxy", f"{name.upper()}_PROXY"):
            monkeypatch.delenv(spelt, raising=False)
    return monkeypatch


async def test_credentials_of_an_environment_proxy_across_redirects(lib, environment):
    """The next hop goes past the proxy: what was for the proxy is not for the origin."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: " + str(goal).encode(), b"Connection: close", status=b"302 Found")

    async with serve(keep_answering) as direct, serve(handler) as server, serve(proxy) as through:
        goal = direct.url.with_host("localhost")
        environment.setenv("http_proxy", str(through.url.with_user("user").with_password("secret")))
        environment.setenv("no_proxy", "localhost")
        async with lib.load().ClientSession(trust_env=True) as session:
            assert await fetch(session, server.url) == b"ok"
    assert field(through.requests[0], b"Proxy-Authorization")
    assert b"authorization" not in direct.requests[0].lower()


async def test_netrc_is_asked_for_each_host_anew(lib, environment, tmp_path):
    """The entry of one host is not sent to another to which it redirects."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
    environment.setenv("NETRC", str(tmp_path / "netrc"))

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: " + str(goal).encode(), status=b"302 Found")
        await peer.gone()

    async with serve(keep_answering) as other, serve(handler) as server:
        goal = other.url.with_host("localhost")
        async with lib.load().ClientSession(trust_env=True) as session:
            assert await fetch(session, server.url) == b"ok"
    assert field(server.requests[0], b"Authorization") == [b"Basic dXNlcjpzZWNyZXQ="]
    assert field(other.requests[0], b"Authorization") == []


async def test_netrc_gives_way(lib, environment, answering, tmp_path):
    """An ``auth=`` of the caller's counts."""
    aiohttp = lib.load()
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
    environment.setenv("NETRC", str(tmp_path / "netrc"))
    async with aiohttp.ClientSession(trust_env=True) as session:
        await fetch(session, answering.url, auth=aiohttp.BasicAuth("own", ""))
    assert field(answering.requests[0], b"Authorization") == [b"Basic b3duOg=="]


@better("refuses the caller's own field as a contradiction")
async def test_netrc_gives_way_to_a_header(lib, environment, answering, tmp_path):
    aiohttp = lib.load()
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password secret\n")
    environment.setenv("NETRC", str(tmp_path / "netrc"))
    async with aiohttp.ClientSession(trust_env=True) as session:
        await fetch(session, answering.url, headers={"Authorization": "Bearer own"})
    assert field(answering.requests[0], b"Authorization") == [b"Bearer own"]


async def test_digest_stays_with_its_origin(lib):
    """A challenge from where the request was redirected to is not answered with the credentials of the first."""
    aiohttp = lib.load()
    challenge = b'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'

    async def other(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(b"", challenge, status=b"401 No")

    async def first(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", challenge, status=b"401 No")
        await peer.request()
        await peer.answer(b"", b"Location: " + str(elsewhere.url).encode(), status=b"302 Found")
        await peer.gone()

    digest = aiohttp.DigestAuthMiddleware(login="user", password="secret")
    async with serve(other) as elsewhere, serve(first) as server:
        async with aiohttp.ClientSession(middlewares=(digest,)) as session:
            async with session.get(server.url) as response:
                assert response.status == 401
    assert field(server.requests[1], b"Authorization")
    assert not any(field(head, b"Authorization") for head in elsewhere.requests)


# WebSocket frames that must not be (RFC 6455 5.1, 5.2, 5.5, 7.4, 8.1)

FRAMES = {
    "reserved opcode": (b"\x83\x00", 1002),
    "reserved bit": (b"\xc1\x01x", 1002),
    "long ping": (b"\x89\x7e\x00\x7e" + b"x" * 126, 1002),
    "split ping": (b"\x09\x00", 1002),
    "continuation of nothing": (b"\x80\x00", 1002),
    "message within a message": (b"\x01\x01a\x81\x01b", 1002),
    "no UTF-8": (b"\x81\x02\xff\xfe", 1007),
    "close of one byte": (b"\x88\x01\x03", 1002),
}


@pytest.mark.parametrize("what", list(FRAMES))
async def test_frames_that_must_not_be(lib, what):
    aiohttp = lib.load()
    await refused(aiohttp, *FRAMES[what])


@better("takes them")
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x81\0\0\0\0x", 1002),
        (b"\x88\x02\x03\xee", 1002),
        (b"\x88\x02\x13\x88", 1002),
        (b"\x81\x7e\x00\x01x", 1002),
    ],
    ids=["masked", "close 1006", "close 5000", "length not minimal"],
)
async def test_frames_that_aiohttp_takes(lib, frame, code):
    aiohttp = lib.load()
    await refused(aiohttp, frame, code)


async def refused(aiohttp: Any, frame: bytes, code: int) -> None:
    answered = asyncio.get_running_loop().create_future()

    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        await socket.accept()
        await peer.send(frame)
        answered.set_result(await socket.receive())

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            msg = await asyncio.wait_for(ws.receive(), 5)
            assert msg.type in (aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        opcode, data = await asyncio.wait_for(answered, 5)
    assert (opcode, data[:2]) == (CLOSE, code.to_bytes(2, "big"))


async def test_declared_length_of_a_frame(lib):
    """CVE-2026-54274: a frame that says it is too long is refused before it comes."""
    aiohttp = lib.load()
    answered = asyncio.get_running_loop().create_future()

    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        await socket.accept()
        await peer.send(b"\x82\x7f" + (1 << 40).to_bytes(8, "big") + b"x" * 100)
        answered.set_result(await socket.receive())

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            assert (await asyncio.wait_for(ws.receive(), 5)).type == aiohttp.WSMsgType.ERROR
        assert (await answered)[1][:2] == (1009).to_bytes(2, "big")


async def test_control_frames_between_fragments(lib):
    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        await socket.accept()
        await peer.send(b"\x01\x02ab\x89\x01p\x00\x02cd\x80\x01e")
        await socket.receive()
        await socket.end()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            assert await ws.receive_str() == "abcde"


async def test_masks_are_not_predictable(lib):
    """A key for every frame, from a CSPRNG: no two of a hundred are alike."""
    keys = set()

    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        await socket.accept()
        for _ in range(100):
            head = await peer.reader.readexactly(6)
            keys.add(head[2:])
            await peer.reader.readexactly(1)
        await socket.end()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            for _ in range(100):
                await ws.send_str("x")
    assert len(keys) > 98
