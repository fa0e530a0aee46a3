"""MultipartReader and BodyPartReader: every part as it was sent, however it is cut; what is malformed is refused."""

import asyncio
import base64
import gzip
import quopri
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from tests.corpora.multipart import CASES, FORM, MIXED

FAR_AWAY = 1 << 40


class Connection:
    """What a reader needs of a protocol; it feeds one piece whenever the loop turns and the reader is not full."""

    transport = "a transport"

    def __init__(self, pieces):
        self.pieces = iter(pieces)
        self.paused = False
        self.reader = None

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False

    async def feed(self):
        for piece in self.pieces:
            while self.paused:
                await asyncio.sleep(0)
            self.reader.feed_data(piece)
            await asyncio.sleep(0)
        self.reader.feed_eof()


class Kit:
    """The names under test."""

    def __init__(self, lib):
        reading = lib.load("_stream.multipart_reader")
        self.reader = reading.MultipartReader
        self.payload = reading.BodyPartReaderPayload
        self.wrapper = reading.MultipartResponseWrapper
        self.part = lib.load("_stream.part_reader").BodyPartReader
        self.stream = lib.load("_stream.reader").StreamReader
        self.errors = lib.load("_wire.errors")
        self.payloads = lib.load("_stream.payload")

    def content(self, data, *, eof=True):
        """A stream that holds *data*."""
        content = self.stream(Connection(()), 1 << 16)
        content.feed_data(data)
        if eof:
            content.feed_eof()
        return content

    def multipart(self, data, kind=MIXED, **options):
        return self.reader({"Content-Type": kind}, self.content(data), **options)

    def body(self, data, *fields, **options):
        """A part of its own; *data* is its body."""
        return self.part(b"--B", CIMultiDict(fields), self.content(data + b"\r\n--B--\r\n"), **options)

    @property
    def documented(self):
        return ValueError, RuntimeError, self.errors.BadHttpMessage


@pytest.fixture
def kit(lib):
    return Kit(lib)


async def collected(kit, reader):
    """Return all parts in the form of the corpus."""
    found = []
    try:
        while (part := await reader.next()) is not None:
            fields = tuple(part.headers.items())
            if isinstance(part, kit.reader):
                found.append((fields, await collected(kit, part)))
            else:
                found.append((fields, await part.read()))
                assert part.at_eof()
        assert reader.at_eof()
        assert await reader.next() is None
    except kit.documented as exc:
        kind = next(
            (cls.__name__ for cls in type(exc).__mro__ if cls.__module__ != "builtins" or cls is ValueError),
            "RuntimeError",
        )
        found.append(kind)
        assert not reader.at_eof()
    return found


def cut(data, size):
    return [data[start : start + size] for start in range(0, len(data), size)]


async def fed(kit, pieces, kind=MIXED, limit=1 << 16, **options):
    """Read a body while it comes in *pieces*."""
    connection = Connection(pieces)
    content = connection.reader = kit.stream(connection, limit)
    feeding = asyncio.create_task(connection.feed())
    try:
        return await collected(kit, kit.reader({"Content-Type": kind}, content, **options))
    finally:
        feeding.cancel()
        await asyncio.wait([feeding])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_corpus(kit, case):
    options = dict(case.options)
    for pieces in (
        [case.body],
        cut(case.body, 1) if len(case.body) < 20_000 else [],
        cut(case.body, 7),
        cut(case.body, 1000),
    ):
        found = (
            await fed(kit, [piece for piece in pieces if piece], case.kind, **options)
            if pieces or not case.body
            else None
        )
        if found is not None:
            assert found == list(case.expected)


async def test_all_there_at_once(kit):
    for case in CASES:
        reader = kit.multipart(case.body, case.kind, **dict(case.options))
        assert await collected(kit, reader) == list(case.expected), case.id


TOKENS = st.sampled_from(
    [b"--B", b"--B--", b"\r\n", b"\r", b"\n", b"-", b"--", b"A: b", b"\r\n\r\n", b" ", b"x", b"--I"]
)
TOKENS |= st.sampled_from([b"Content-Length: 3", b"Content-Type: multipart/mixed; boundary=I", b"\0\xff"])


def test_any_bytes_in_any_cut(kit):
    @settings(max_examples=300, deadline=None)
    @given(st.lists(TOKENS, max_size=40), st.lists(st.integers(1, 30), min_size=1))
    def check(tokens, sizes):
        body = b"".join(tokens)

        async def both():
            pieces, start = [], 0
            while start < len(body):
                size = sizes[len(pieces) % len(sizes)]
                pieces.append(body[start : start + size])
                start += size
            whole = await collected(kit, kit.multipart(body))
            assert await asyncio.wait_for(fed(kit, pieces), 10) == whole

        asyncio.run(both())

    check()


def hostile(size):
    """Bodies of about *size* bytes that cost a careless parser the square of it."""
    yield b"--B\r\n\r\n" + b"\r\n--" * (size // 4)
    yield b"--B\r\n\r\n" + b"\r" * size
    yield b"\r\n-" * (size // 3)
    yield b"--B\r\n" + b"A: b\r\n" * (size // 6)
    yield b"--B\r\n" + b"A:" + b" " * size
    yield b"--B" + b" " * size
    yield b"--B--" + b"\t" * size
    yield b"--B\r\n\r\n" * (size // 7)
    yield b"--B\r\nContent-Disposition: " + b'";\\"' * (size // 4)
    yield b"--B\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" * (size // 50)
    yield b"--B\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"!" * size
    yield b"--B\r\n\r\n" + b"\n" * size
    yield b"\n--" * (size // 3)


@pytest.mark.parametrize("number", range(13))
async def test_linear_work(kit, number):
    size = 1 << 20
    body = list(hostile(size))[number]
    for way in ("read", "chunk", "line"):
        start = time.process_time()
        reader = kit.multipart(body)
        with pytest.raises(kit.documented):
            while (part := await reader.next()) is not None:
                if isinstance(part, kit.reader):
                    continue
                if way == "read":
                    await part.read(decode=True)
                elif way == "chunk":
                    while await part.read_chunk():
                        pass
                else:
                    while await part.readline():
                        pass
            raise ValueError("in order")
        assert time.process_time() - start < 8  # a square of the size takes minutes


async def test_errors_stay(kit):
    reader = kit.multipart(b"--B\r\nbad\r\n\r\n--B\r\n\r\nhello\r\n--B--")
    for _ in range(2):
        with pytest.raises(kit.errors.InvalidHeader):
            await reader.next()
    assert not reader.at_eof()


async def test_what_the_connection_says_is_raised(kit):
    content = kit.content(b"--B\r\n\r\nhel", eof=False)
    reader = kit.reader({"Content-Type": MIXED}, content)
    part = await reader.next()
    content.set_exception(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await part.read()


async def in_vain(call):
    """Cancel *call* if it waits; return its task if it does not."""
    task = asyncio.create_task(call())
    for _ in range(3):
        await asyncio.sleep(0)
    if task.done():
        return task
    task.cancel()
    await asyncio.wait([task])
    return None


@pytest.mark.parametrize("method", ["read", "read_chunk", "readline"])
@pytest.mark.parametrize("fields", [b"A: b\r\n", b"Content-Length: 8\r\n", b"Content-Transfer-Encoding: base64\r\n"])
async def test_cancelled_calls_lose_nothing(kit, method, fields):
    content = kit.stream(Connection(()), 1 << 16)
    reader = kit.reader({"Content-Type": MIXED}, content)
    part, found, parts = None, b"", 0
    for byte in b"--B\r\n" + fields + b"\r\nhelloooo\r\n--B\r\n\r\n\r\n--B--\r\n":
        content.feed_data(bytes([byte]))
        while (task := await in_vain(reader.next if part is None else getattr(part, method))) is not None:
            if part is None:
                part = await task
                if part is None:
                    break
                parts += 1
            elif data := await task:
                found += data
            else:
                assert part.at_eof()
                part = None
    assert (found, parts, reader.at_eof()) == (b"helloooo", 2, True)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("text/plain", "multipart/\\* content type expected"),
        ("", "content type expected"),
        ("multipart/mixed", "boundary missed"),
        ("multipart/mixed; boundary=", "boundary missed"),
        (f"multipart/mixed; boundary={'x' * 71}", "too long"),
        ('multipart/mixed; boundary="a\rb"', "forbidden"),
        ('multipart/mixed; boundary="a\0b"', "forbidden"),
    ],
)
async def test_kind_refused(kit, kind, error):
    with pytest.raises(ValueError, match=error):
        kit.multipart(b"", kind)


async def test_no_kind(kit):
    with pytest.raises(KeyError):
        kit.reader({}, kit.content(b""))


def deep(levels):
    body = b"x"
    for level in range(levels, 0, -1):
        head = b"" if level == levels else b"Content-Type: multipart/mixed; boundary=B%d\r\n" % (level + 1)
        body = b"--B%d\r\n%s\r\n%s\r\n--B%d--" % (level, head, body, level)
    return body


async def test_depth(kit):
    reader = kit.multipart(deep(8), "multipart/mixed; boundary=B1")
    for _ in range(7):
        reader = await reader.next()
    assert await (await reader.next()).read() == b"x"
    reader = kit.multipart(deep(9), "multipart/mixed; boundary=B1")
    for _ in range(7):
        reader = await reader.next()
    with pytest.raises(ValueError, match="limit of 8"):
        await reader.next()


async def test_number_of_parts(kit):
    class Few(kit.reader):
        max_parts = 5

    reader = Few({"Content-Type": MIXED}, kit.content(b"--B\r\n\r\n\r\n" * 6 + b"--B--"))
    for _ in range(5):
        await reader.next()
    with pytest.raises(ValueError, match="limit of 5 small parts"):
        await reader.next()
    large = b"--B\r\n\r\n" + b"x" * 2000 + b"\r\n"
    reader = Few({"Content-Type": MIXED}, kit.content(large * 30 + b"--B--"))
    assert len([part async for part in reader]) == 30


async def test_parts_are_dropped_by_the_next(kit):
    reader = kit.multipart(b"--B\r\n\r\nabc\r\n--B\r\n\r\ndef\r\n--B\r\n\r\nghi\r\n--B--")
    first = await reader.next()
    assert await first.read_chunk(1) == b"a"
    second = await reader.next()
    assert (await first.read(), first.at_eof()) == (b"", True)
    assert await second.readline() == b"def"
    await reader.release()
    assert reader.at_eof()
    assert await reader.next() is None


async def test_iterating(kit):
    reader = kit.multipart(b"--B\r\n\r\nabc\r\n--B\r\n\r\ndef\r\n--B--")
    assert [[data async for data in part] async for part in reader] == [[b"abc"], [b"def"]]


async def test_classes_of_users(kit):
    class Part(kit.part):
        pass

    class Outer(kit.reader):
        part_reader_cls = Part

    inner = b"Content-Type: multipart/x; boundary=I\r\n\r\n--I\r\n\r\nx\r\n--I--"
    reader = Outer({"Content-Type": MIXED}, kit.content(b"--B\r\n\r\na\r\n--B\r\n" + inner + b"\r\n--B--"))
    assert type(await reader.next()) is Part
    within = await reader.next()
    assert type(within) is Outer
    assert type(await within.next()) is Part


# One part


async def test_read_again(kit):
    part = kit.body(b"hello")
    assert not part.at_eof()
    assert await part.read() == b"hello"
    assert part.at_eof()
    assert (await part.read(), await part.next(), await part.read_chunk(), await part.readline()) == (
        b"",
        None,
        b"",
        b"",
    )
    await part.release()


@pytest.mark.parametrize("counted", [False, True])
def test_chunks_and_lines_are_the_whole(kit, counted):
    @settings(deadline=None)
    @given(st.binary(max_size=300), st.integers(1, 50), st.data())
    def check(body, size, data):
        if b"\r\n--B" in b"\r\n" + body and not counted:
            return

        async def read():
            fields = [("Content-Length", str(len(body)))] if counted else []
            part = kit.body(body, *fields)
            found, steps = b"", 0
            while not part.at_eof() and steps < 1000:
                steps += 1
                if data.draw(st.booleans()):
                    line = await part.readline()
                    assert b"\n" not in line[:-1]
                    found += line
                else:
                    chunk = await part.read_chunk(size)
                    assert len(chunk) <= size
                    found += chunk
            assert found == body

        asyncio.run(read())

    check()


async def test_lines(kit):
    part = kit.body(b"one\ntwo\r\n\r\nthree")
    assert [await part.readline() for _ in range(5)] == [b"one\n", b"two\r\n", b"\r\n", b"three", b""]
    part = kit.body(b"x" * 200_000)
    with pytest.raises(kit.errors.LineTooLong, match="131072"):
        await part.readline()
    part = kit.body(b"one\ntwo\nthree")
    assert (await part.readline(), await part.read()) == (b"one\n", b"two\nthree")


async def test_many_short_lines(kit):
    part = kit.body(b"\n" * 300_000)
    start = time.process_time()
    count = 0
    while await part.readline():
        count += 1
    assert count == 300_000
    assert time.process_time() - start < 10


async def test_a_counted_part_does_not_wait_for_the_next_one(kit):
    content = kit.content(b"--B\r\nContent-Length: 5\r\n\r\nhello\r\n", eof=False)
    reader = kit.reader({"Content-Type": MIXED}, content)
    part = await reader.next()
    assert await asyncio.wait_for(part.read(), 5) == b"hello"
    assert part.at_eof()


async def test_a_chunk_does_not_wait_for_more(kit):
    content = kit.content(b"--B\r\n\r\nhel", eof=False)
    part = await kit.reader({"Content-Type": MIXED}, content).next()
    assert await asyncio.wait_for(part.read_chunk(), 5) == b"hel"


@pytest.mark.parametrize("size", [0, -1])
async def test_bad_chunk_size(kit, size):
    with pytest.raises(ValueError, match="at least one byte"):
        await kit.body(b"x").read_chunk(size)


async def test_names(kit):
    part = kit.body(b"", ("Content-Disposition", 'form-data; name="a"; filename="b\\"c.txt"'))
    assert (part.name, part.filename) == ("a", 'b"c.txt')
    part = kit.body(b"", ("Content-Disposition", "attachment; filename*=utf-8''%c3%a9; name*=utf-8''%c3%a8"))
    assert (part.name, part.filename) == ("è", "é")
    part = kit.body(b"")
    assert (part.name, part.filename) == (None, None)


async def test_charset(kit):
    assert kit.body(b"").get_charset("x") == "x"
    assert kit.body(b"", default_charset="latin1").get_charset("x") == "latin1"
    assert kit.body(b"", ("Content-Type", 'a/b; charset="y"'), default_charset="z").get_charset("x") == "y"


async def test_text(kit):
    assert await kit.body("é".encode()).text() == "é"
    assert await kit.body(b"\xe9", ("Content-Type", "text/plain; charset=latin1")).text() == "é"
    assert await kit.body(b"\xe9").text(encoding="latin1") == "é"
    assert await kit.body(b"").text() == ""
    with pytest.raises(UnicodeDecodeError):
        await kit.body(b"\xe9").text()


@pytest.mark.parametrize("charset", ["no-such", "punycode", "Puny-Code", "idna", "base64", "x" * 500, "\0", "a\udc80"])
async def test_charset_refused(kit, charset):
    with pytest.raises((LookupError, ValueError)):
        await kit.body(b"x" * 100, default_charset=charset).text()


async def test_json(kit):
    assert await kit.body(b' {"a": 1}').json() == {"a": 1}
    assert await kit.body(b"").json() is None
    assert await kit.body(b'"\xe9"').json(encoding="latin1") == "é"
    with pytest.raises(ValueError):
        await kit.body(b"{").json()


async def test_form(kit):
    assert await kit.body(b"a=b&c=%20+\xc3\xa9&d\r\n").form() == [("a", "b"), ("c", "  é"), ("d", "")]
    assert await kit.body(b"a=%E9").form(encoding="latin1") == [("a", "é")]
    assert await kit.body(b"").form() == []
    with pytest.raises(ValueError, match="utf-8"):
        await kit.body(b"\xe9").form()


async def test_charset_of_a_form(kit):
    head = b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
    reader = kit.multipart(head % b"_charset_" + b"latin1\r\n" + head % b"a" + b"\xe9\r\n--B--", FORM)
    part = await reader.next()
    assert (part.name, await part.text()) == ("a", "é")


async def test_size_limit(kit):
    class LimitError(Exception):
        pass

    for read in ("read", "text", "json", "form", "next"):
        part = kit.body(b"hello", client_max_size=4, max_size_error_cls=LimitError)
        with pytest.raises(LimitError) as caught:
            await getattr(part, read)()
        assert caught.value.args == (4,)
    part = kit.body(b"h" * 300_000, client_max_size=200_000)
    with pytest.raises(ValueError, match="limit of 200000 bytes"):
        await part.read()


# Encodings


def plain(data):
    return data


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def packers(kit):
    brotli = pytest.importorskip("brotli")
    zstd = pytest.importorskip("backports.zstd")
    return {
        "identity": plain,
        "gzip": gzip.compress,
        "GZip": gzip.compress,
        "deflate": zlib.compress,
        " deflate": raw_deflate,
        "br": brotli.compress,
        "zstd": zstd.compress,
    }


TRANSFERS = {
    "base64": base64.encodebytes,
    "Base64": base64.b64encode,
    "quoted-printable": quopri.encodestring,
    "binary": plain,
    "8bit": plain,
    "7bit": plain,
}


@pytest.mark.parametrize("coding", ["identity", "gzip", "GZip", "deflate", " deflate", "br", "zstd"])
@pytest.mark.parametrize("transfer", TRANSFERS)
async def test_encodings(kit, coding, transfer):
    data = b"hello world " * 30_000
    body = TRANSFERS[transfer](packers(kit)[coding](data))
    fields = ("Content-Encoding", coding), ("Content-Transfer-Encoding", transfer)
    assert await kit.body(body, *fields).read() == body
    assert await kit.body(body, *fields).read(decode=True) == data
    assert await kit.body(body, *fields).text() == data.decode()
    part = kit.body(body, *fields, max_decompress_size=1000)
    pieces = [piece async for piece in part.decode_iter(body)]
    assert b"".join(pieces) == data
    if coding != "identity":
        assert max(map(len, pieces)) <= 1000
        with pytest.raises(ValueError, match="limit of 1000"):
            part.decode(body)
    payload = kit.payload(kit.body(body, *fields))
    assert await written(payload) == data


async def test_base64_in_chunks(kit):
    data = bytes(range(256)) * 100
    body = base64.encodebytes(data)
    for size in (1, 2, 3, 5, 76, 77, 1000):
        part = kit.body(body, ("Content-Transfer-Encoding", "base64"))
        found = b""
        while chunk := await part.read_chunk(size):
            found += part.decode(chunk)
        assert found == data


@pytest.mark.parametrize("read", ["read", "text"])
async def test_encodings_refused(kit, read):
    async def decoded(part):
        return await (part.text() if read == "text" else part.read(decode=True))

    for field in ("Content-Encoding", "Content-Transfer-Encoding"):
        with pytest.raises(RuntimeError, match=r"unknown content .*encoding: x-foo"):
            await decoded(kit.body(b"x", (field, "X-Foo")))
    for bad in (b"nothing", gzip.compress(b"hello")[:-6], gzip.compress(b"hello") + b"x"):
        with pytest.raises(kit.errors.ContentEncodingError):
            await decoded(kit.body(bad, ("Content-Encoding", "gzip")))
    with pytest.raises(ValueError, match="padding"):
        await decoded(kit.body(b"aGVsbG", ("Content-Transfer-Encoding", "base64")))


async def test_a_form_has_no_content_coding(kit):
    part = kit.body(b"hello", ("Content-Encoding", "gzip"), subtype="form-data")
    assert await part.read(decode=True) == b"hello"


async def test_bomb(kit):
    bomb = gzip.compress(bytes(50_000_000))
    part = kit.body(bomb, ("Content-Encoding", "gzip"), client_max_size=1_000_000)
    with pytest.raises(ValueError, match="limit of 1000000 bytes"):
        await part.read(decode=True)
    part = kit.body(bomb, ("Content-Encoding", "gzip"))
    with pytest.raises(ValueError, match="limit of 262144 bytes"):
        part.decode(bomb)


# As a payload


class Sink:
    def __init__(self):
        self.data = b""

    async def write(self, data):
        self.data += data


async def written(payload, length=None):
    sink = Sink()
    await payload.write_with_length(sink, length)
    return sink.data


async def test_payload(kit):
    part = kit.body(b"hello", ("Content-Disposition", 'form-data; name="a"; filename="b c.txt"'))
    payload = kit.payloads.get_payload(part)
    assert type(payload) is kit.payload
    assert payload.headers["Content-Disposition"] == 'attachment; name="a"; filename="b%20c.txt"'
    assert payload.size is None
    with pytest.raises(TypeError):
        payload.decode()
    with pytest.raises(TypeError):
        await payload.as_bytes()
    assert await written(payload, 4) == b"hell"
    assert payload.consumed
    with pytest.raises(RuntimeError, match="sent already"):
        await written(payload)
