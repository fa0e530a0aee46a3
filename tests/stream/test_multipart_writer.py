"""MultipartWriter: what is written, and that it is read again; encodings, sizes, forms, what is refused."""

import asyncio
import base64
import gzip
import io
import quopri
import tempfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


class Sink:
    """The least that a writer is."""

    def __init__(self):
        self.pieces = []

    async def write(self, chunk):
        self.pieces.append(bytes(chunk))

    @property
    def data(self):
        return b"".join(self.pieces)


class Connection:
    transport = "a transport"

    def pause_reading(self):
        """Do nothing: everything is fed."""

    resume_reading = pause_reading


class Kit:
    """The names under test."""

    def __init__(self, lib):
        self.writer = lib.load("_stream.multipart_writer").MultipartWriter
        self.payload_writer = lib.load("_stream.part_writer").MultipartPayloadWriter
        self.reader = lib.load("_stream.multipart_reader").MultipartReader
        self.stream = lib.load("_stream.reader").StreamReader
        self.kinds = lib.load("_stream.payload_kinds")

    def read(self, writer, data):
        content = self.stream(Connection(), 1 << 16)
        content.feed_data(data)
        content.feed_eof()
        return self.reader(writer.headers, content)


@pytest.fixture
def kit(lib):
    return Kit(lib)


@pytest.fixture
def writer(kit):
    return kit.writer(boundary="B")


async def written(payload, length=None):
    sink = Sink()
    await payload.write_with_length(sink, length)
    return sink.data


TEXT = b"Content-Type: text/plain; charset=utf-8\r\n"


async def test_nothing(writer):
    assert writer
    assert (len(writer), list(writer), writer.boundary, writer.size) == (0, [], "B", 7)
    assert dict(writer.headers) == {"Content-Type": "multipart/mixed; boundary=B"}
    assert await written(writer) == b"--B--\r\n"
    assert (writer.consumed, writer.autoclose) == (False, True)


async def test_one(writer):
    with writer as same:
        payload = same.append("hé", {"X-A": "b"})
    assert dict(payload.headers) == {"Content-Type": "text/plain; charset=utf-8", "X-A": "b", "Content-Length": "3"}
    expected = b"--B\r\n" + TEXT + b"X-A: b\r\nContent-Length: 3\r\n\r\nh\xc3\xa9\r\n--B--\r\n"
    assert await written(writer) == await writer.as_bytes() == writer.decode().encode() == expected
    assert writer.size == len(expected)
    assert list(writer) == [(payload, "", "")]


async def test_without_closing_boundary(writer):
    writer.append(b"x")
    sink = Sink()
    await writer.write(sink, close_boundary=False)
    assert sink.data == b"--B\r\nContent-Type: application/octet-stream\r\nContent-Length: 1\r\n\r\nx\r\n"


async def test_small_parts_leave_together(writer):
    for number in range(20):
        writer.append(f"part {number}")
    sink = Sink()
    await writer.write(sink)
    assert len(sink.pieces) == 1


async def test_kinds(kit, writer):
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile("w+") as text:
        file.write(b"a file")
        file.seek(2)
        text.write("a text")
        text.seek(0)
        inner = kit.writer("related", "I")
        inner.append("within")

        async def generate():
            yield b"some"
            yield b"times"

        for obj in ("text", b"bytes", bytearray(b"array"), io.BytesIO(b"io"), io.StringIO("é"), file, text, inner):
            writer.append(obj)
        writer.append(generate())
        writer.append_json({"a": "é"})
        writer.append_form({"a": "1 2", "b": ["x", "y"]})
        writer.append_form([("é", "b")], {"content-type": "x/y"})
        assert writer.size is None
        assert not writer.autoclose
        data = await written(writer)
        assert writer.consumed
        reader = kit.read(writer, data)
        found = []
        while (part := await reader.next()) is not None:
            found.append(await (await part.next() if isinstance(part, kit.reader) else part).read())
        assert found == [
            *(b"text", b"bytes", b"array", b"io", b"\xc3\xa9", b"file", b"a text", b"within", b"sometimes"),
            *(b'{"a": "\\u00e9"}', b"a=1+2&b=x&b=y", b"%C3%A9=b"),
        ]
        await writer.close()
        assert file.closed
        assert text.closed


@pytest.mark.parametrize("obj", [None, 5, [1], {"a": 1}, object()])
def test_no_body(writer, obj):
    with pytest.raises(TypeError, match="Cannot create payload"):
        writer.append(obj)
    with pytest.raises(TypeError, match="Payload"):
        writer.append_payload(obj)


@pytest.mark.parametrize("obj", ["text", b"bytes", 5, [1], None])
def test_no_form(writer, obj):
    with pytest.raises(TypeError, match="sequence or mapping"):
        writer.append_form(obj)


@pytest.mark.parametrize(
    ("boundary", "field"),
    [
        ("abc", "abc"),
        ("a b", '"a b"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a,b", '"a,b"'),
        (":", '":"'),
        ("x" * 70, "x" * 70),
    ],
)
async def test_boundary(kit, boundary, field):
    writer = kit.writer("form-data", boundary)
    assert writer.headers["Content-Type"] == f"multipart/form-data; boundary={field}"
    writer.append("x")
    part = await kit.read(writer, await written(writer)).next()
    assert await part.read() == b"x"


def test_boundaries_differ(kit):
    assert kit.writer().boundary != kit.writer().boundary


@pytest.mark.parametrize("boundary", ["", "x" * 71, "é", "a\r\nb", "a\n", "\0", "a\t", "a ", "\x7f"])
def test_boundary_refused(kit, boundary):
    with pytest.raises(ValueError, match="boundary"):
        kit.writer(boundary=boundary)


@pytest.mark.parametrize("boundary", [5, b"x"])
def test_boundary_is_text(kit, boundary):
    with pytest.raises(TypeError, match="boundary"):
        kit.writer(boundary=boundary)


@pytest.mark.parametrize("subtype", ["", "a b", "a\r\nb", "a;b", "é"])
def test_subtype_refused(kit, subtype):
    with pytest.raises(ValueError, match="subtype"):
        kit.writer(subtype)


@pytest.mark.parametrize(
    "headers",
    [
        {"X": "a\r\nb: c"},
        {"X": "a\nb"},
        {"X": "a\rb"},
        {"X": "a\0"},
        {"X\r\n": "a"},
        {"X\0": "a"},
        {"X Y": "a"},
        {"X:": "a"},
        {"": "a"},
        {"Content-Type": "a/b\r\nX: y"},
        {"X": "\ud800"},
    ],
)
def test_fields_refused(writer, headers):
    with pytest.raises(ValueError):
        writer.append("x", headers)
    assert len(writer) == 0


async def test_fields_changed_later_are_refused(writer):
    payload = writer.append("x")
    payload.headers["X"] = "a\r\nb"
    with pytest.raises(ValueError, match="'X'"):
        _ = writer.size
    with pytest.raises(ValueError, match="'X'"):
        await written(writer)


# Encodings


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity", "GZIP", None])
@pytest.mark.parametrize("transfer", ["base64", "quoted-printable", "binary", "8bit", "7bit", "Base64", None])
def test_encoded_parts_come_back(kit, coding, transfer):
    headers = {}
    if coding is not None:
        headers["Content-Encoding"] = coding
    if transfer is not None:
        headers["Content-Transfer-Encoding"] = transfer

    @settings(max_examples=20, deadline=None)
    @given(st.binary(max_size=400), st.integers(1, 300))
    def check(data, repeat):
        data *= repeat

        async def there_and_back():
            async def generate():
                for start in range(0, len(data), 777):
                    yield data[start : start + 777]

            writer = kit.writer()
            writer.append(data, headers)
            writer.append(generate(), headers)
            plain = transfer not in ("base64", "Base64", "quoted-printable") and coding in (None, "identity")
            whole = await written(writer)
            reader = kit.read(writer, whole)
            first = await reader.next()
            assert ("Content-Length" in first.headers) == plain
            assert await first.read(decode=True) == data
            assert await (await reader.next()).read(decode=True) == data

            writer = kit.writer(boundary="B")
            writer.append(data, headers)
            part = await kit.read(writer, await writer.as_bytes()).next()
            assert await part.read(decode=True) == data
            assert writer.size == (len(await writer.as_bytes()) if plain else None)

        asyncio.run(there_and_back())

    check()


async def test_encodings_are_what_others_read(kit):
    data = b"=a b\r\n\xff\n \n" * 1000
    writer = kit.writer()
    for coding, transfer in (("gzip", None), ("deflate", None), (None, "base64"), (None, "quoted-printable")):
        fields = {"Content-Encoding": coding, "Content-Transfer-Encoding": transfer}
        writer.append(data, {name: value for name, value in fields.items() if value})
    bodies = [await part.read() async for part in kit.read(writer, await written(writer))]
    assert gzip.decompress(bodies[0]) == data
    assert zlib.decompress(bodies[1], wbits=-15) == data
    assert base64.b64decode(bodies[2], validate=True) == data
    assert quopri.decodestring(bodies[3]) == data
    assert max(map(len, bodies[3].splitlines())) <= 76


@pytest.mark.parametrize("field", ["Content-Encoding", "Content-Transfer-Encoding"])
@pytest.mark.parametrize("value", ["x-foo", "gzip, br", "base64 gzip"])
def test_encoding_refused(writer, field, value):
    with pytest.raises(RuntimeError, match="unknown content"):
        writer.append("x", {field: value})


async def test_decode_shows_parts_before_they_are_encoded(writer):
    writer.append("é", {"Content-Encoding": "gzip"})
    assert writer.decode() == f"--B\r\n{TEXT.decode()}Content-Encoding: gzip\r\n\r\né\r\n--B--\r\n"


async def test_payload_writer(kit):
    sink = Sink()
    wrapper = kit.payload_writer(sink)
    wrapper.enable_encoding("binary")
    await wrapper.write(b"")
    await wrapper.write(b"as it is")
    await wrapper.write_eof()
    assert sink.data == b"as it is"
    sink = Sink()
    wrapper = kit.payload_writer(sink)
    wrapper.enable_compression("gzip", zlib.Z_HUFFMAN_ONLY)
    wrapper.enable_encoding("base64")
    for piece in (b"a", b"b" * 100_000, bytearray(b"c"), memoryview(b"d")):
        await wrapper.write(piece)
    await wrapper.write_eof()
    assert gzip.decompress(base64.b64decode(sink.data)) == b"a" + b"b" * 100_000 + b"cd"
    with pytest.raises(RuntimeError, match="unknown content encoding"):
        wrapper.enable_compression("x-foo")


# Forms


async def test_form_parts(kit):
    writer = kit.writer("form-data", "B")
    first = writer.append("x")
    second = writer.append("y", {"Content-Disposition": 'form-data; name="b"'})
    assert first.headers["Content-Disposition"] == 'form-data; name="section-0"'
    assert second.headers["Content-Disposition"] == 'form-data; name="b"'
    assert "Content-Length" not in first.headers
    assert writer.size == len(await written(writer))


@pytest.mark.parametrize("field", ["Content-Length", "Content-Encoding", "content-encoding"])
def test_form_fields_refused(kit, field):
    with pytest.raises(ValueError, match="RFC 7578"):
        kit.writer("form-data").append("x", {field: "5"})


# Sizes, and sending again


async def test_again(writer):
    writer.append("x")
    writer.append(io.BytesIO(b"yz"))
    assert await written(writer) == await written(writer) == await writer.as_bytes() == await written(writer)
    assert not writer.consumed
    assert writer.autoclose


async def test_not_again(writer):
    async def generate():
        yield b"x"

    writer.append(generate())
    assert not writer.consumed
    await written(writer)
    assert writer.consumed
    with pytest.raises(RuntimeError, match="sent already"):
        await written(writer)


async def test_a_file_that_grows_stays_within_its_part(kit, writer):
    with tempfile.NamedTemporaryFile() as file, open(file.name, "rb") as reading:
        file.write(b"0123456789")
        file.flush()
        writer.append(reading)
        size = writer.size
        file.write(b"more")
        file.flush()
        data = await written(writer, size)
        assert len(data) == size
        assert await (await kit.read(writer, data).next()).read() == b"0123456789"


async def test_close_tries_all_parts(kit, writer):
    closed = []

    class Stubborn(kit.kinds.BytesPayload):
        async def close(self):
            closed.append(self)
            raise OSError("no")

    for _ in range(3):
        writer.append_payload(Stubborn(b"x"))
    with pytest.raises(OSError, match="no"):
        await writer.close()
    assert len(closed) == 3


FIELDS = st.dictionaries(
    st.text("abc-", min_size=1, max_size=8).map("X-".__add__),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=20),
    max_size=5,
)


def test_anything_comes_back(kit):
    @settings(max_examples=200, deadline=None)
    @given(
        st.recursive(st.tuples(FIELDS, st.binary(max_size=100)), lambda part: st.lists(part, max_size=4), max_leaves=10)
    )
    def check(tree):
        def make(parts):
            writer = kit.writer()
            for part in parts:
                if isinstance(part, list):
                    writer.append_payload(make(part))
                else:
                    writer.append(part[1], part[0])
            return writer

        async def read(reader):
            found = []
            while (part := await reader.next()) is not None:
                if isinstance(part, kit.reader):
                    found.append(await read(part))
                else:
                    fields = {name: value for name, value in part.headers.items() if name.startswith("X-")}
                    found.append((fields, await part.read()))
            return found

        async def there_and_back(parts):
            writer = make(parts)
            data = await written(writer)
            assert writer.size == len(data)
            assert await read(kit.read(writer, data)) == parts

        def depth(part):
            return 1 + max(map(depth, part), default=0) if isinstance(part, list) else 0

        parts = tree if isinstance(tree, list) else [tree]
        if depth(parts) <= 8:
            asyncio.run(there_and_back(parts))

    check()
