"""Forms and multipart bodies over real sockets: sent, sent again, cut off; and read from responses."""

import asyncio
import gzip
import hashlib
import io
import os
import random
import tempfile
from email.parser import BytesParser
from email.policy import HTTP

import pytest

from tests.servers import Peer, keep_answering, serve

MIB = 1 << 20


def parts(head: bytes, body: bytes):
    """Read a multipart body with the parser of the standard library: (fields, body) of each part."""
    fields = head.partition(b"\r\n")[2]
    message = BytesParser(policy=HTTP).parsebytes(fields + body)
    assert message.is_multipart()
    assert not message.defects
    found = [(part, part.get_payload(decode=True)) for part in message.iter_parts()]
    assert not any(part.defects for part, _ in found)
    return found


def field(head: bytes, name: bytes) -> bytes | None:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(name.lower() + b":"):
            return line.partition(b":")[2].strip()
    return None


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture
def large():
    """A file of 3 MiB."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(random.Random(1).randbytes(3 * MIB))
        file.flush()
        yield file.name


async def test_a_form_of_all_kinds(lib, large):
    aiohttp = lib.load()
    data = aiohttp.FormData({"text": "é", "io": io.BytesIO(b"some bytes")})
    data.add_field("json", "[1]", content_type="application/json")
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with open(large, "rb") as file:
            content = file.read()
            file.seek(0)
            data.add_field("file", file, filename="über.bin")
            async with session.post(server.url, data=data) as response:
                assert response.status == 200
            assert file.closed
    (head,), (body,) = server.requests, server.bodies
    assert int(field(head, b"Content-Length")) == len(body)
    assert field(head, b"Transfer-Encoding") is None
    assert field(head, b"Content-Type").startswith(b"multipart/form-data; boundary=")
    found = parts(head, body)
    assert [part.get_param("name", header="content-disposition") for part, _ in found] == ["text", "io", "json", "file"]
    assert [part.get_content_type() for part, _ in found] == [
        *("text/plain", "application/octet-stream", "application/json", "application/octet-stream")
    ]
    assert [payload for _, payload in found] == ["é".encode(), b"some bytes", b"[1]", content]


async def test_a_form_from_what_is_given(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        await session.post(server.url, data={"f": io.BytesIO(b"x")})
        await session.post(server.url, data=[("f", io.BytesIO(b"x"))])
        await session.post(server.url, data=(io.BytesIO(b"x"),))
    assert [parts(*sent)[0][1] for sent in zip(server.requests, server.bodies, strict=True)] == [b"x"] * 3


async def test_urlencoded_stays(lib):
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        await session.post(server.url, data={"a": "b c"})
    assert server.bodies == [b"a=b+c"]
    assert field(server.requests[0], b"Content-Type") == b"application/x-www-form-urlencoded"


async def test_a_multipart_writer_as_body(lib):
    aiohttp = lib.load()
    with aiohttp.MultipartWriter("mixed") as writer:
        writer.append("text")
        writer.append(b"x" * 1000, {"Content-Encoding": "gzip"})
        with aiohttp.MultipartWriter("related", "inner") as inner:
            inner.append_json({"a": 1})
            writer.append(inner)
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        await session.post(server.url, data=writer)
    head, body = server.requests[0], server.bodies[0]
    assert field(head, b"Content-Length") is None  # one part is compressed on its way
    assert field(head, b"Transfer-Encoding") == b"chunked"
    text, packed, within = parts(head, body)
    assert text[1] == b"text"
    assert gzip.decompress(packed[1]) == b"x" * 1000
    assert [part.get_content_type() for part in within[0].iter_parts()] == ["application/json"]


@pytest.mark.parametrize("compress", [None, "gzip"])
@pytest.mark.parametrize("chunked", [None, True])
async def test_framing(lib, large, compress, chunked):
    with open(large, "rb") as file:
        async with serve(keep_answering) as server, lib.load().ClientSession() as session:
            await session.post(server.url, data={"f": file}, compress=compress, chunked=chunked)
    head, body = server.requests[0], server.bodies[0]
    assert (field(head, b"Content-Length") is None) == bool(compress or chunked)
    body = gzip.decompress(body) if compress else body
    assert len(parts(head, body)[0][1]) == 3 * MIB


async def test_again_and_again(lib):
    aiohttp = lib.load()
    data = aiohttp.FormData({"a": "b", "io": io.BytesIO(b"xy")})
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(server.url, data=data) as response:
                assert response.status == 200
    assert len(set(server.bodies)) == 1
    assert [payload for _, payload in parts(server.requests[2], server.bodies[2])] == [b"b", b"xy"]


@pytest.mark.parametrize("status", [b"307 Temporary Redirect", b"308 Permanent Redirect"])
async def test_replayed_on_a_redirect(lib, large, status):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /next", status=status)
        await keep_answering(peer)

    async with serve(handler) as server, lib.load().ClientSession() as session:
        with open(large, "rb") as file:
            async with session.post(server.url, data={"f": file, "a": "b"}) as response:
                assert response.url.path == "/next"
            assert file.closed
    first, second = server.bodies
    assert first == second
    assert server.requests[1].startswith(b"POST /next")


async def test_dropped_where_a_redirect_turns_to_get(lib, large):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /next", status=b"303 See Other")
        await keep_answering(peer)

    async with serve(handler) as server, lib.load().ClientSession() as session:
        with open(large, "rb") as file:
            await session.post(server.url, data={"f": file})
            assert file.closed
    assert server.requests[1].startswith(b"GET /next")
    assert field(server.requests[1], b"Content-Type") is None


async def generate():
    yield b"once"


async def test_not_again(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /next", status=b"307 Temporary Redirect")
        await keep_answering(peer)

    data = aiohttp.FormData({"a": generate()})
    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientPayloadError, match="MultipartWriter"):
            await session.post(server.url, data=data)
        with pytest.raises(aiohttp.ClientPayloadError, match=r"127\.0\.0\.1.*MultipartWriter.*sent already"):
            await session.post(server.url, data=data)
    assert len(server.requests) == 1


async def test_wrong_values_send_nothing(lib):
    aiohttp = lib.load()
    writer = aiohttp.MultipartWriter()
    writer.append("x").headers["X"] = "a\r\nb"
    bad = [
        (aiohttp.FormData({"a\r\n": io.BytesIO()}), ValueError),
        (aiohttp.FormData({"a": 5}, default_to_multipart=True), TypeError),
        (writer, ValueError),
    ]
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for data, error in bad:
            with pytest.raises(error):
                await session.post(server.url, data=data)
        assert not server.requests
        async with session.post(server.url, data={"a": io.BytesIO(b"x")}) as response:
            assert response.status == 200
    assert server.connections == 1


@pytest.mark.parametrize("way", ["reset", "close"])
async def test_the_peer_vanishes_during_the_upload(lib, way):
    aiohttp = lib.load()
    before = open_descriptors()

    async def handler(peer: Peer) -> None:
        if server.connections > 1:
            await keep_answering(peer)
        await peer.head()
        await peer.reader.readexactly(100_000)
        if way == "reset":
            peer.reset()

    with tempfile.NamedTemporaryFile() as large:
        large.truncate(64 * MIB)
        file = open(large.name, "rb")  # noqa: SIM115 - the session closes it
        data = aiohttp.FormData({"f": file})
        async with serve(handler) as server, aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.post(server.url, data=data)
            assert not session.connector._conns
            assert file.closed
            large.truncate(1000)
            again = open(large.name, "rb")  # noqa: SIM115 - the session closes it
            async with session.post(server.url, data={"f": again}) as response:
                assert response.status == 200
        assert again.closed
        assert server.connections == 2
        (_, payload) = parts(server.requests[-1], server.bodies[-1])[0]
        assert payload == bytes(1000)
    assert open_descriptors() == before


async def test_a_file_that_shrinks_during_the_upload(lib):
    aiohttp = lib.load()
    with tempfile.NamedTemporaryFile() as large:
        large.truncate(64 * MIB)

        async def handler(peer: Peer) -> None:
            await peer.head()
            await peer.reader.readexactly(100_000)
            large.truncate(1000)
            await peer.gone()

        with open(large.name, "rb") as file:
            async with serve(handler) as server, aiohttp.ClientSession() as session:
                with pytest.raises(aiohttp.ClientError):
                    await session.post(server.url, data={"f": file})
                assert not session.connector._conns


async def test_streamer(lib):
    aiohttp = lib.load()
    with pytest.warns(DeprecationWarning, match="async generators"):

        @aiohttp.streamer
        async def numbers(writer, count=2):
            for number in range(count):
                await writer.write(b"%d," % number)

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        await session.post(server.url, data=numbers(5))
        await session.post(server.url, data=numbers)
        body = numbers(1)
        for _ in range(2):
            await session.post(server.url, data={"a": aiohttp.get_payload(body)})
    assert server.bodies[:2] == [b"0,1,2,3,4,", b"0,1,"]
    assert [parts(*sent)[0][1] for sent in zip(server.requests[2:], server.bodies[2:], strict=True)] == [b"0,", b"0,"]
    assert field(server.requests[0], b"Transfer-Encoding") == b"chunked"
    for payload in map(aiohttp.get_payload, (numbers, body)):
        assert payload.autoclose
        with pytest.raises(TypeError):
            payload.decode()


async def test_a_streamer_that_fails(lib):
    aiohttp = lib.load()
    with pytest.warns(DeprecationWarning, match="async generators"):

        @aiohttp.streamer
        async def broken(writer):
            await writer.write(b"x")
            raise ValueError("no more")

    async def handler(peer: Peer) -> None:
        await peer.request()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError, match="no more"):
            await session.post(server.url, data=broken)


# Responses

MIXED = b"Content-Type: multipart/mixed; boundary=B"
INNER = b"Content-Type: multipart/x; boundary=I\r\n\r\n--I\r\n\r\nin\r\n--I--\r\n"
BODY = b"--B\r\nA: b\r\n\r\nhello\r\n--B\r\n" + INNER + b"--B--\r\n"


async def test_a_response_in_parts(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(BODY, MIXED)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.get(server.url) as response:
                reader = aiohttp.MultipartReader.from_response(response)
                part = await reader.next()
                assert (dict(part.headers), await part.text()) == ({"A": "b"}, "hello")
                assert not reader.at_eof()
                inner = await reader.next()
                assert isinstance(inner, aiohttp.MultipartReader)
                assert [await part.read() async for part in inner] == [b"in"]
                assert await reader.next() is None
                assert reader.at_eof()
                assert response.connection is None
    assert server.connections == 1


@pytest.mark.parametrize("framing", ["length", "chunked", "eof"])
async def test_parts_while_they_come(lib, framing):
    rng = random.Random(5)
    bodies = [rng.randbytes(rng.choice((0, 10, 5000, 300_000))) for _ in range(20)]
    whole = b"".join(b"--B\r\nX: %d\r\n\r\n%s\r\n" % (n, body) for n, body in enumerate(bodies)) + b"--B--\r\nepilogue"

    async def handler(peer: Peer) -> None:
        await peer.request()
        head = {
            "length": b"Content-Length: %d\r\n" % len(whole),
            "chunked": b"Transfer-Encoding: chunked\r\n",
            "eof": b"",
        }
        await peer.send(b"HTTP/1.1 200 OK\r\n" + head[framing] + MIXED + b"\r\n\r\n")
        start = 0
        while start < len(whole):
            size = rng.choice((1, 7, 100, 30_000, 200_000))
            piece = whole[start : start + size]
            start += size
            await peer.send(b"%x\r\n%s\r\n" % (len(piece), piece) if framing == "chunked" else piece)
        if framing == "chunked":
            await peer.send(b"0\r\n\r\n")

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            found = []
            async for part in lib.load().MultipartReader.from_response(response):
                digest = hashlib.sha256()
                while chunk := await part.read_chunk(10_000):
                    digest.update(chunk)
                found.append((part.headers["X"], digest.digest()))
    assert found == [(str(n), hashlib.sha256(body).digest()) for n, body in enumerate(bodies)]


async def test_a_part_is_there_before_the_next_one_begins(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=B\r\n\r\n--B\r\n")
        for number in range(5):
            await peer.send(b"Content-Length: 7\r\n\r\nframe %d\r\n--B\r\n" % number)
            await asyncio.wait_for(seen.wait(), 10)
            seen.clear()
        await peer.gone()

    seen = asyncio.Event()
    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            reader = lib.load().MultipartReader.from_response(response)
            for number in range(5):
                assert await (await reader.next()).read() == b"frame %d" % number
                seen.set()


async def test_a_response_that_is_cut_short(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        if server.connections > 1:
            await keep_answering(peer)
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n" + MIXED + b"\r\n\r\n" + BODY[:20])

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            part = await aiohttp.MultipartReader.from_response(response).next()
            with pytest.raises(aiohttp.ClientPayloadError):
                await part.read()
        assert await (await session.get(server.url)).text() == "ok"


@pytest.mark.parametrize("body", [b"junk", b"--B\r\nbad\r\n\r\nx\r\n--B--", b"--B\r\n\r\nx", b"--Bx\r\n\r\n--B--"])
async def test_a_malformed_response(lib, body):
    aiohttp = lib.load()
    errors = lib.load("_wire.errors")

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(body, MIXED)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for _ in range(2):  # the framing of the response is in order, and so is its connection
            async with session.get(server.url) as response:
                with pytest.raises((ValueError, errors.BadHttpMessage)):
                    async for part in aiohttp.MultipartReader.from_response(response):
                        await part.read()
    assert server.connections == 1


async def test_leaving_early_does_not_read_on(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B"
        )
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            reader = aiohttp.MultipartReader.from_response(response)
            assert await (await reader.next()).read() == b"x"
            await reader.release()
            assert response.closed


async def test_a_part_of_a_response_goes_on(lib):
    aiohttp = lib.load()
    packed = gzip.compress(b"z" * 10_000)
    body = (
        b'--B\r\nContent-Disposition: form-data; name="a"; filename="b"\r\nContent-Encoding: gzip\r\n\r\n%s\r\n--B--'
        % packed
    )

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(body, MIXED)
        await keep_answering(peer)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            part = await aiohttp.MultipartReader.from_response(response).next()
            writer = aiohttp.MultipartWriter()
            writer.append(part)
            await session.post(server.url, data=writer)
    ((fields, payload),) = parts(server.requests[1], server.bodies[1])
    assert (fields.get_filename(), payload) == ("b", b"z" * 10_000)
