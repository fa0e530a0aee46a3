"""What a request's body may be made from: text, JSON as bytes, and callables that make it anew."""

import io
from collections.abc import AsyncIterator

import pytest

from tests.servers import keep_answering, serve


async def test_text(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        await session.post(server.url, text="grüß")
        assert server.bodies == ["grüß".encode()]
        assert b"\r\nContent-Type: text/plain; charset=utf-8\r\n" in server.requests[0]
        assert b"\r\nContent-Length: 6\r\n" in server.requests[0]
        await session.post(server.url, text="<x/>", headers={"Content-Type": "application/xml"})
        assert b"\r\nContent-Type: application/xml\r\n" in server.requests[1]
        await session.post(server.url, text=None, data=b"1")
        assert server.bodies[2] == b"1"


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"text": "a", "data": b"b"}, ValueError),
        ({"text": "a", "json": 1}, ValueError),
        ({"text": b"a"}, TypeError),
    ],
)
async def test_bad_text(lib, options, kind):
    aiohttp = lib.load()
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(kind, match="text"):
            await session.post(server.url, **options)
        assert not server.connections


async def test_json_as_bytes(lib):
    aiohttp = lib.load()
    async with serve(keep_answering) as server:
        async with aiohttp.ClientSession(json_serialize_bytes=lambda value: b"<%d>" % value) as session:
            await session.post(server.url, json=7)
    assert server.bodies == [b"<7>"]
    assert b"\r\nContent-Type: application/json\r\n" in server.requests[0]


async def sends_on(peer):
    """Redirect /start to /end with 307, answer /end."""
    while True:
        head, _ = await peer.request()
        if b" /start " in head:
            await peer.answer(b"", b"Location: /end", status=b"307 Temporary Redirect")
        else:
            await peer.answer()


def generator_of(made):
    async def generate():
        made.append(1)
        yield b"one "
        yield b"two"

    return generate


@pytest.mark.parametrize("kind", ["bytes", "str", "file", "generator", "form"])
async def test_factory_serves_every_turn(lib, kind):
    aiohttp = lib.load()
    made = []

    def make():
        made.append(1)
        if kind == "form":
            return aiohttp.FormData({"a": "b"})
        return {"bytes": b"one two", "str": "one two", "file": io.BytesIO(b"one two")}[kind]

    async with serve(sends_on) as server, aiohttp.ClientSession() as session:
        factory = generator_of(made) if kind == "generator" else make
        async with session.post(server.url / "start", data=factory) as response:
            assert response.status == 200
    assert server.bodies == [b"a=b" if kind == "form" else b"one two"] * 2
    assert len(made) == 2


async def test_a_generator_itself_cannot_be_sent_twice(lib):
    aiohttp = lib.load()
    async with serve(sends_on) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientPayloadError, match="callable that makes the body anew"):
            await session.post(server.url / "start", data=generator_of([])())


async def dies_on_second(peer):
    await peer.request()
    await peer.answer()
    if peer.server.connections == 1:
        await peer.request()
    else:
        await keep_answering(peer)


async def test_factory_serves_the_stale_retry(lib):
    aiohttp = lib.load()
    made = []
    async with serve(dies_on_second) as server, aiohttp.ClientSession() as session:
        await session.get(server.url)
        async with session.put(server.url, data=generator_of(made)) as response:
            assert response.status == 200
        assert session.connector.stats().stale_retries == 1
    assert server.bodies[-1] == b"one two"
    assert len(made) == 2


async def test_factory_that_changes_its_mind(lib):
    aiohttp = lib.load()
    bodies = [b"long enough", b"short"]
    async with serve(dies_on_second) as server, aiohttp.ClientSession() as session:
        await session.get(server.url)
        with pytest.raises(aiohttp.ClientPayloadError, match="gave 5 bytes after 11"):
            await session.put(server.url, data=lambda: bodies.pop(0))
        assert not session.connector._slots.used


@pytest.mark.parametrize("result", ["nothing", "itself", "coroutine"])
async def test_bad_factories(lib, result):
    aiohttp = lib.load()

    async def coroutine():
        return b""

    def itself():
        return itself

    factory = {"nothing": lambda: None, "itself": itself, "coroutine": coroutine}[result]
    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(TypeError, match="body factory must return"):
            await session.post(server.url, data=factory)
        assert not server.connections


async def test_factory_that_raises(lib):
    aiohttp = lib.load()

    def factory():
        raise LookupError("no body today")

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        with pytest.raises(LookupError, match="no body today"):
            await session.post(server.url, data=factory)
        assert not session.connector._slots.used


# Kinds


class Numbers:
    """An async iterable that is no generator."""

    def __init__(self) -> None:
        self.left = 3

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return b"%d" % self.left


class Twice:
    """An async iterable that can be gone through again."""

    async def __aiter__(self):
        yield b"2"
        yield b"10"


@pytest.mark.parametrize("make", [Numbers, Twice, lambda: iter([b"2", b"1", b"0"]), lambda: (b for b in (b"21", b"0"))])
async def test_iterables(lib, make):
    """Async ones of every kind, and iterators of bytes: sent as they come, in chunks."""
    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        await session.post(server.url, data=make())
    assert server.bodies == [b"210"]
    assert b"\r\nTransfer-Encoding: chunked\r\n" in server.requests[0]


async def test_payload_of_the_users_own(lib):
    """Registered for a class of theirs, alone and in a form."""
    aiohttp = lib.load()

    class Point:
        def __init__(self, x: int, y: int) -> None:
            self.x, self.y = x, y

    @aiohttp.payload_type(Point)
    class PointPayload(aiohttp.Payload):
        def __init__(self, value, **options):
            super().__init__(value, content_type=options.pop("content_type", "text/x-point"), **options)
            self._size = 3

        def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
            return f"{self._value.x},{self._value.y}"

        async def write(self, writer) -> None:
            await writer.write(self.decode().encode())

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        await session.post(server.url, data=Point(1, 2))
        form = aiohttp.FormData({"p": aiohttp.get_payload(Point(3, 4))})
        await session.post(server.url, data=form)
    assert server.bodies[0] == b"1,2"
    assert b"\r\nContent-Type: text/x-point\r\n" in server.requests[0]
    assert b"\r\nContent-Length: 3\r\n" in server.requests[0]
    assert b"Content-Type: text/x-point\r\n" in server.bodies[1]
    assert b"\r\n\r\n3,4\r\n--" in server.bodies[1]
