"""Payloads: which kind is made of what, what describes it, and what is sent; also a second time."""

import asyncio
import gc
import gzip
import io
import os
import tempfile
import types
import warnings

import pytest
from multidict import CIMultiDict


class Sink:
    """The least that a writer is."""

    def __init__(self):
        self.pieces = []

    async def write(self, chunk):
        self.pieces.append(bytes(chunk))

    @property
    def data(self):
        return b"".join(self.pieces)


@pytest.fixture
def kinds(lib):
    return lib.load("_stream.payload_kinds")


@pytest.fixture
def base(lib):
    return lib.load("_stream.payload")


@pytest.fixture
def get(base, kinds):
    return base.get_payload


async def written(payload, length=None):
    sink = Sink()
    await payload.write_with_length(sink, length)
    return sink.data


def numbers():
    return b"0123456789" * 250_000


@pytest.fixture
def path():
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(numbers())
        file.flush()
        yield file.name


async def agen(*pieces):
    for piece in pieces:
        yield piece


def test_kinds(lib, get, kinds, path):
    reader = lib.load("_stream.reader").EMPTY_PAYLOAD
    with (
        open(path, "rb") as binary,
        open(path) as text,
        open(path, "rb", buffering=0) as raw,
        open(path, "r+b") as both,
    ):
        for data, kind in (
            (b"x", "Bytes"),
            (bytearray(b"x"), "Bytes"),
            (memoryview(b"x"), "Bytes"),
            ("x", "String"),
            (io.StringIO("x"), "StringIO"),
            (io.BytesIO(b"x"), "BytesIO"),
            (binary, "BufferedReader"),
            (both, "BufferedReader"),
            (raw, "IOBase"),
            (text, "TextIO"),
            (reader, "StreamReader"),
            (agen(), "AsyncIterable"),
            (iter([b"x"]), "Iterable"),
            ((x for x in ()), "Iterable"),
        ):
            assert type(get(data)).__name__ == kind + "Payload"
    payload = get(b"x")
    assert get(payload) is payload


@pytest.mark.parametrize("data", [5, [b"a"], None, {"a": "b"}, object()])
def test_no_kind(get, base, data):
    with pytest.raises(base.LookupError):
        get(data)


def test_subclasses_find_their_kind(get):
    class Text(str):
        __slots__ = ()

    assert get(Text("x"))._value == b"x"


def test_registry_order(base, kinds):
    class Mine(kinds.BytesPayload):
        def __init__(self, value, **kwargs):
            super().__init__(str(value).encode(), **kwargs)

    registry = base.PayloadRegistry()
    registry.register(kinds.BytesPayload, bytes)
    registry.register(Mine, object, order=base.Order.try_last)
    assert type(registry.get(b"x")) is kinds.BytesPayload
    assert registry.get(5)._value == b"5"
    registry.register(Mine, bytes, order=base.Order.try_first)
    assert type(registry.get(b"x")) is Mine
    with pytest.raises(ValueError, match="Unsupported order"):
        registry.register(Mine, int, order="first")


def test_decorator(base, kinds, get):
    class Thing:
        pass

    @base.payload_type(Thing)
    class ThingPayload(kinds.BytesPayload):
        def __init__(self, value, *args, **kwargs):
            super().__init__(b"thing", *args, **kwargs)

    assert get(Thing(), disposition=None)._value == b"thing"


async def test_bytes(kinds):
    for value in (b"abcdef", bytearray(b"abcdef"), memoryview(b"abcdef"), memoryview(bytearray(b"abcdef")).cast("H")):
        payload = kinds.BytesPayload(value)
        assert payload.size == 6
        assert payload.content_type == "application/octet-stream"
        assert payload.autoclose
        for _ in range(2):
            assert await written(payload) == b"abcdef"
            assert await written(payload, 2) == b"ab"
            assert await written(payload, 100) == b"abcdef"
        assert not payload.consumed
        assert await payload.as_bytes() == b"abcdef"
        assert payload.decode() == "abcdef"
    with pytest.raises(TypeError, match="byte-ish"):
        kinds.BytesPayload("x")


async def test_large_bytes_warn_and_go_in_blocks(kinds):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kinds.BytesPayload(bytes(1 << 20))
        assert not caught
        payload = kinds.BytesPayload(bytes(range(256)) * 4097)
        assert [w.category for w in caught] == [ResourceWarning]
        assert "io.BytesIO" in str(caught[0].message)
    sink = Sink()
    await payload.write(sink)
    assert sink.data == bytes(range(256)) * 4097
    assert max(map(len, sink.pieces)) <= 1 << 18


@pytest.mark.parametrize(
    ("options", "value", "content_type", "encoding"),
    [
        ({}, b"h\xc3\xa9", "text/plain; charset=utf-8", "utf-8"),
        ({"encoding": "latin1"}, b"h\xe9", "text/plain; charset=latin1", "latin1"),
        ({"content_type": "text/html; charset=latin1"}, b"h\xe9", "text/html; charset=latin1", "latin1"),
        ({"content_type": "text/html"}, b"h\xc3\xa9", "text/html", "utf-8"),
        ({"content_type": "text/html", "encoding": "latin1"}, b"h\xe9", "text/html", "latin1"),
    ],
)
def test_text(kinds, options, value, content_type, encoding):
    for payload in (kinds.StringPayload("hé", **options), kinds.StringIOPayload(io.StringIO("hé"), **options)):
        assert (payload._value, payload.content_type, payload.encoding) == (value, content_type, encoding)
        assert payload.size == len(value)


def test_json(kinds):
    payload = kinds.JsonPayload({"a": 1})
    assert (payload._value, payload.content_type, payload.encoding) == (b'{"a": 1}', "application/json", "utf-8")
    payload = kinds.JsonBytesPayload({"a": 1}, dumps=lambda value: b"[]", content_type="a/json")
    assert (payload._value, payload.content_type) == (b"[]", "a/json")


def test_headers(kinds):
    payload = kinds.BytesPayload(b"", headers={"X-A": "b", "Content-Type": "q/z"}, content_type="z/q", disposition="x")
    assert dict(payload.headers) == {"Content-Type": "q/z", "X-A": "b"}
    assert payload._binary_headers == b"Content-Type: q/z\r\nX-A: b\r\n\r\n"
    payload.headers["X-A"] = "b\r\nevil: yes"
    with pytest.raises(ValueError, match="X-A"):
        _ = payload._binary_headers
    assert kinds.BytesPayload(b"", headers=CIMultiDict(a="b")).content_type == "application/octet-stream"
    assert kinds.BytesPayload(b"", filename="a.txt").content_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("options", "params", "expected"),
    [
        ({}, {"filename": "a b.txt"}, 'filename="a%20b.txt"'),
        ({}, {"filename": "é"}, 'filename="%C3%A9"'),
        ({"_charset": "latin-1"}, {"filename": "é"}, 'filename="%E9"'),
        ({}, {"name": "a"}, 'name="a"'),
        ({}, {"name": 'a"\\'}, 'name="a\\"\\\\"'),
        ({}, {"name": "é"}, 'name="é"'),
        ({"quote_fields": False}, {"name": 'é "'}, 'name="é \\""'),
    ],
)
def test_disposition(kinds, options, params, expected):
    payload = kinds.BytesPayload(b"")
    payload.set_content_disposition("form-data", **options, **params)
    assert payload.headers["Content-Disposition"] == f"form-data; {expected}"


def test_disposition_outside_of_forms(kinds):
    payload = kinds.BytesPayload(b"")
    payload.set_content_disposition("attachment", name="é")
    assert payload.headers["Content-Disposition"] == "attachment; name*=utf-8''%C3%A9"


@pytest.mark.parametrize("quote", [True, False])
@pytest.mark.parametrize("bad", ["a\r\nb", "a\0", "a\nb"])
def test_disposition_refuses_injection(kinds, quote, bad):
    payload = kinds.BytesPayload(b"")
    for name in ("name", "filename"):
        with pytest.raises(ValueError, match="control character"):
            payload.set_content_disposition("form-data", quote, **{name: bad})
    for disptype in ("", "form data", bad):
        with pytest.raises(ValueError, match="bad content disposition type"):
            payload.set_content_disposition(disptype)
    with pytest.raises(ValueError, match="parameter"):
        payload.set_content_disposition("form-data", **{"na me": "x"})


@pytest.mark.parametrize("mode", ["rb", "r+b", "raw"])
async def test_file(get, path, mode):
    with open(path, "rb", buffering=0) if mode == "raw" else open(path, mode) as file:
        file.seek(5)
        payload = get(file)
        rest = numbers()[5:]
        assert payload.size == len(rest)
        assert payload.filename == os.path.basename(path)
        assert payload.content_type == "text/plain"
        assert payload.headers["Content-Disposition"] == f'attachment; filename="{payload.filename}"'
        for _ in range(2):
            assert await written(payload) == rest
            assert payload.size == len(rest)
            assert await written(payload, 7) == rest[:7]
            assert await written(payload, len(rest) + 5) == rest
            assert await payload.as_bytes() == rest
        assert payload.decode() == rest.decode()
        assert "Content-Disposition" not in get(file, disposition=None).headers
        await payload.close()
        assert file.closed


async def test_file_over_a_connection(lib, get, path):
    """The real writer: sendfile where it may, blocks where not; and again from the same place."""
    got = []

    async def serve(reader, writer):
        got.append(await reader.read())
        writer.close()

    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    protocols, writers = lib.load("_stream.protocol"), lib.load("_stream.writer")
    with open(path, "rb") as file:
        file.seek(3)
        payload = get(file)
        for chunked in (False, True, False):
            transport, protocol = await loop.create_connection(
                lambda: protocols.BaseProtocol(loop), *server.sockets[0].getsockname()
            )
            writer = writers.StreamWriter(protocol, loop)
            if chunked:
                writer.enable_chunking()
            else:
                writer.length = payload.size
            await payload.write_with_length(writer, None)
            await writer.write_eof()
            assert file.tell() == len(numbers())
            transport.close()
            while protocol.transport is not None:
                await asyncio.sleep(0)
    while len(got) < 3:
        await asyncio.sleep(0)
    server.close()
    await server.wait_closed()
    assert got[0] == got[2] == numbers()[3:]
    assert got[1].startswith(b"100000\r\n" + numbers()[3:10])
    assert got[1].endswith(b"0\r\n\r\n")


async def test_text_file(get, path):
    with open(path) as file:
        payload = get(file, encoding="utf-16-le")
        assert payload.size is None  # it is a long one
        assert payload.content_type == "text/plain; charset=utf-16-le"
        for _ in range(2):
            assert await written(payload) == numbers().decode().encode("utf-16-le")
        assert await written(payload, 4) == b"0\x001\x00"
        assert await payload.as_bytes() == numbers().decode().encode("utf-16-le")
        assert payload.decode() == numbers().decode()


async def test_text_file_from_within(get, tmp_path):
    """The size is that of what is sent: from the position on, line ends read, encoded anew."""
    path = tmp_path / "text"
    path.write_bytes("erste\r\nzweite größte\r\n".encode("latin-1"))
    with open(path, encoding="latin-1") as file:
        file.readline()
        payload = get(file)
        sent = "zweite größte\n".encode()
        assert payload.size == len(sent)
        assert await written(payload) == sent
    with open(path, "w") as file:
        file.write("x" * ((1 << 20) + 1))
    with open(path) as file:
        assert get(file).size is None  # nobody reads a long one twice


async def test_the_text_of_a_compressed_file_is_not_measured(get, tmp_path):
    """It may be a thousand times as long as the file."""
    with gzip.open(tmp_path / "text.gz", "wt") as file:
        file.write("x" * 10_000)
    with gzip.open(tmp_path / "text.gz", "rt") as file:
        payload = get(file)
        assert payload.size is None
        assert await written(payload) == b"x" * 10_000


async def test_pipe_is_sent_once(get):
    read_end, write_end = os.pipe()
    os.write(write_end, b"pipe data")
    os.close(write_end)
    with open(read_end, "rb") as file:
        payload = get(file)
        assert payload.size is None
        assert not payload.consumed
        assert await written(payload) == b"pipe data"
        assert payload.consumed
        with pytest.raises(RuntimeError, match="cannot be sent again"):
            await written(payload)


async def test_cancelled_while_a_pipe_is_silent(get):
    read_end, write_end = os.pipe()
    with open(read_end, "rb", buffering=0) as file:
        sink = Sink()
        task = asyncio.create_task(get(file).write(sink))
        os.write(write_end, b"first")
        while not sink.pieces:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)
        os.close(write_end)  # lets the thread go before the file is closed
        await asyncio.get_running_loop().shutdown_default_executor()
    assert sink.data == b"first"


async def test_a_file_that_cannot_be_read(get, path):
    with open(path, "wb") as file:
        payload = get(file)
        with pytest.raises(io.UnsupportedOperation):
            await written(payload)


async def test_a_failing_writer_leaves_no_read_behind(get, path):
    class Broken:
        async def write(self, chunk):
            raise ConnectionResetError

    with open(path, "rb") as file:
        payload = get(file)
        with pytest.raises(ConnectionResetError):
            await payload.write(Broken())
        assert await written(payload) == numbers()


async def test_cancelled_while_writing(get, path):
    class Slow(Sink):
        async def write(self, chunk):
            await super().write(chunk)
            await asyncio.Event().wait()

    with open(path, "rb") as file:
        payload = get(file)
        sink = Slow()
        task = asyncio.create_task(payload.write(sink))
        while not sink.pieces:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await written(payload) == numbers()


async def test_bytesio(get):
    file = io.BytesIO(b"abcdef")
    file.read(2)
    payload = get(file)
    for _ in range(2):
        assert payload.size == 4
        assert await written(payload) == b"cdef"
        assert await written(payload, 3) == b"cde"
        assert await payload.as_bytes() == b"cdef"
    assert payload.decode() == "cdef"
    await payload.close()
    assert not file.closed


async def test_async_iterable(get, kinds):
    payload = get(agen(b"a", b"b" * 20))
    assert payload.size is None
    assert payload.content_type == "application/octet-stream"
    with pytest.raises(TypeError, match="not cached"):
        payload.decode()
    assert await written(payload) == b"a" + b"b" * 20
    assert payload.consumed
    with pytest.raises(RuntimeError, match="async_generator body was sent already"):
        await written(payload)
    assert await written(get(agen(b"a", b"b" * 20, b"c")), 5) == b"abbbb"
    with pytest.raises(TypeError, match="AsyncIterable"):
        kinds.AsyncIterablePayload([1])


async def test_async_iterable_kept(get):
    payload = get(agen(b"a", b"bcd"))
    assert await payload.as_bytes() == await payload.as_bytes() == b"abcd"
    assert not payload.consumed
    assert await written(payload) == await written(payload) == b"abcd"
    assert await written(payload, 2) == b"ab"
    assert payload.decode() == "abcd"


async def test_generators_are_closed(get):
    closed = []

    async def asynchronous():
        try:
            yield b"abc"
            yield b"def"
        finally:
            closed.append("async")

    def plain():
        try:
            yield b"abc"
            yield b"def"
        finally:
            closed.append("sync")

    for make in (asynchronous, plain):
        assert await written(get(make()), 3) == b"abc"
    assert closed == ["async", "sync"]


async def test_plain_iterables(get):
    assert await written(get(iter([b"a", b"b"]))) == b"ab"
    assert await written(get(map(bytes, [[65], [66]]))) == b"AB"

    @types.coroutine
    def old_style():
        yield b"x"

    generator = old_style()
    with pytest.raises(TypeError, match=r"generator-based coroutine .*old_style"):
        get(generator)
    generator.close()
    gc.collect()


async def test_stream_reader(lib, get):
    reader = lib.load("_stream.reader").StreamReader.complete(None, b"some body")
    payload = get(reader)
    assert await written(payload) == b"some body"
    with pytest.raises(RuntimeError, match="cannot be sent again"):
        await written(payload)


async def test_own_kind_with_write_only(base):
    class Own(base.Payload):
        def decode(self, encoding="utf-8", errors="strict"):
            return "decoded"

        async def write(self, writer):
            await writer.write(b"full")

    payload = Own(5, filename="x.html")
    assert payload.content_type == "text/html"
    assert payload.size is None
    assert await written(payload, 2) == b"full"
    assert await payload.as_bytes() == b"decoded"
    await payload.close()
