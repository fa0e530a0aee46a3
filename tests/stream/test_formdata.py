"""FormData: urlencoded and multipart forms, what is refused, and that a form can be sent again."""

import asyncio
import io
import os
import tempfile
import warnings
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict, MultiDict, MultiDictProxy


@pytest.fixture
def form(lib):
    return lib.load("_stream.formdata").FormData


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"a": "b c&é", "d": "1+2"}, b"a=b+c%26%C3%A9&d=1%2B2"),
        ([("a", "1"), ("a", "2")], b"a=1&a=2"),
        ((("a", "b"),), b"a=b"),
        (MultiDict([("a", "1"), ("A", "2")]), b"a=1&A=2"),
        (MultiDictProxy(CIMultiDict(a="1")), b"a=1"),
        ({"a": 1, "b": None, "c": True, "d": 1.5}, b"a=1&b=None&c=True&d=1.5"),
        ({"a": ["1", "2"]}, b"a=1&a=2"),
        ({"a~*-._ ": "b!'()"}, b"a~%2A-._+=b%21%27%28%29"),
        ((), b""),
    ],
)
def test_urlencoded(form, fields, expected):
    payload = form(fields)()
    assert payload._value == expected
    assert payload.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert payload.size == len(expected)


def test_charset(form):
    payload = form({"a": "é"}, charset="latin1")()
    assert payload._value == b"a=%E9"
    assert payload.content_type == "application/x-www-form-urlencoded; charset=latin1"


def test_any_text_comes_back(form):
    @given(st.lists(st.tuples(st.text(), st.text())))
    def check(fields):
        assert parse_qsl(form(fields)()._value.decode(), keep_blank_values=True, strict_parsing=False) == fields

    check()


@pytest.mark.parametrize(
    "fields", ["abc", 5, [1], ["ab"], [("a", "b", "c")], ("a", "b"), None, b"x", {1: "a"}, [{"a": "b"}]]
)
def test_refused(form, fields):
    with pytest.raises(TypeError):
        form(fields)


@pytest.mark.parametrize("option", ["content_type", "filename", "content_transfer_encoding"])
def test_options_are_text(form, option):
    with pytest.raises(TypeError, match=option):
        form().add_field("a", "b", **{option: 5})


def test_add_fields(form):
    data = form({"a": "b"})
    data.add_fields(("c", "d"), MultiDict(e="f"))
    assert not data.is_multipart
    assert data()._value == b"a=b&c=d&e=f"


# Multipart


class Sink:
    """The least that a writer is."""

    def __init__(self):
        self.data = b""

    async def write(self, chunk):
        self.data += bytes(chunk)


async def sent(data):
    """Return the body of a form, its boundary shortened to ``B``."""
    payload = data()
    sink = Sink()
    await payload.write(sink)
    boundary = payload.boundary.encode()
    assert payload.headers["Content-Type"] == f"multipart/form-data; boundary={payload.boundary}"
    assert payload.size in (None, len(sink.data))
    return sink.data.replace(boundary, b"B")


def one(head, body):
    return b"--B\r\n" + b"".join(line + b"\r\n" for line in head) + b"\r\n" + body + b"\r\n--B--\r\n"


TEXT = b"Content-Type: text/plain; charset=utf-8"
BYTES = b"Content-Type: application/octet-stream"


def named(text):
    return b"Content-Disposition: form-data; name=" + text


@pytest.mark.parametrize(
    ("fields", "options", "expected"),
    [
        ((), {}, b"--B--\r\n"),
        ({"a": "b"}, {}, one((TEXT, named(b'"a"')), b"b")),
        ({"a": "\xe9"}, {}, one((TEXT, named(b'"a"')), b"\xc3\xa9")),
        ({"a": "\xe9"}, {"charset": "latin1"}, one((TEXT.replace(b"utf-8", b"latin1"), named(b'"a"')), b"\xe9")),
        ({'a"\xe9\\': "b"}, {}, one((TEXT, named(b'"a\\"\xc3\xa9\\\\"')), b"b")),
        ({'a "\xe9\\': "b"}, {"quote_fields": False}, one((TEXT, named(b'"a \\"\xc3\xa9\\\\"')), b"b")),
        (lambda: {"a": io.BytesIO(b"xy")}, {}, one((BYTES, named(b'"a"; filename="a"')), b"xy")),
        (lambda: {"a": io.StringIO("xy")}, {}, one((TEXT, named(b'"a"; filename="a"')), b"xy")),
        (lambda: io.BytesIO(b"xy"), {}, one((BYTES, named(b'"unknown"; filename="unknown"')), b"xy")),
        (lambda: [io.BytesIO(b"xy")], {}, one((BYTES, named(b'"unknown"; filename="unknown"')), b"xy")),
    ],
)
async def test_multipart(form, fields, options, expected):
    data = form(fields() if callable(fields) else fields, default_to_multipart=True, **options)
    assert data.is_multipart
    assert await sent(data) == expected


@pytest.mark.parametrize(
    ("value", "options", "expected"),
    [
        ("b", {"content_type": "a/b"}, one((b"Content-Type: a/b", named(b'"a"')), b"b")),
        ("b", {"filename": "x y.txt"}, one((TEXT, named(b'"a"; filename="x%20y.txt"')), b"b")),
        ("b", {"filename": ""}, one((TEXT, named(b'"a"; filename=""')), b"b")),
        (
            "\xe9",
            {"content_type": "a/b; charset=latin1"},
            one((b"Content-Type: a/b; charset=latin1", named(b'"a"')), b"\xe9"),
        ),
        (b"b", {"filename": "x"}, one((BYTES, named(b'"a"; filename="x"')), b"b")),
        (lambda: io.BytesIO(b"b"), {"filename": "x.png"}, one((BYTES, named(b'"a"; filename="x.png"')), b"b")),
        (
            lambda: io.BytesIO(b"b"),
            {"content_type": "a/b"},
            one((b"Content-Type: a/b", named(b'"a"; filename="a"')), b"b"),
        ),
    ],
)
async def test_options_make_it_multipart(form, value, options, expected):
    data = form()
    assert data.add_field("a", value() if callable(value) else value, **options) is None
    assert data.is_multipart
    assert await sent(data) == expected


@pytest.mark.parametrize("value", [b"b", bytearray(b"b"), memoryview(b"b")])
async def test_bytes_are_a_file_for_now(form, value):
    with pytest.warns(DeprecationWarning, match="will no longer create a file field") as caught:
        data = form({"a": value})
    assert caught[0].filename == __file__
    assert await sent(data) == one((BYTES, named(b'"a"; filename="a"')), b"b")


@pytest.mark.parametrize(
    ("encoding", "value", "expected"),
    [
        ("base64", "hello", b"aGVsbG8="),
        ("base64", b"hello", b"aGVsbG8="),
        ("quoted-printable", "a=\xe9", b"a=3D=C3=A9"),
        ("binary", "hello", b"hello"),
    ],
)
async def test_transfer_encoding(form, encoding, value, expected):
    data = form()
    with pytest.warns(DeprecationWarning, match="content_transfer_encoding is deprecated") as caught:
        data.add_field("a", value, content_transfer_encoding=encoding)
    assert caught[0].filename == __file__
    kind = TEXT if isinstance(value, str) else BYTES
    head = kind, b"Content-Transfer-Encoding: " + encoding.encode(), named(b'"a"')
    assert await sent(data) == one(head, expected)


async def test_files_have_their_names(form):
    with tempfile.NamedTemporaryFile(suffix=".txt") as file, open(file.name, encoding="latin1") as text:
        name = os.path.basename(file.name).encode()
        file.write(b"\xe9")
        file.flush()
        file.seek(0)
        data = form([("a", file.file), ("b", text)])
        expected = one((b"Content-Type: text/plain", named(b'"a"; filename="%s"' % name)), b"\xe9")[:-7]
        assert await sent(data) == expected + one((TEXT, named(b'"b"; filename="%s"' % name)), b"\xc3\xa9")
        file.seek(0)
        bare = form(file.file)
        assert await sent(bare) == expected.replace(b'name="a"', b'name="%s"' % name) + b"--B--\r\n"


async def test_payloads_and_iterables(lib, form):
    kinds = lib.load("_stream.payload_kinds")

    async def generate():
        yield b"some"
        yield b"times"

    data = form({"a": kinds.JsonPayload([1])})
    data.add_field("b", generate())
    data.add_field("c", kinds.StringPayload("x"), content_type="a/b")
    assert data.is_multipart
    assert await sent(data) == (
        one((b"Content-Type: application/json", named(b'"a"')), b"[1]")[:-7]
        + one((BYTES, named(b'"b"')), b"sometimes")[:-7]
        + one((b"Content-Type: a/b", named(b'"c"')), b"x")
    )


@pytest.mark.parametrize("value", [5, None, True, ["a", "b"], {"a": "b"}, object()])
def test_values_that_are_no_body(form, value):
    data = form({"a": value}, default_to_multipart=True)
    for _ in range(2):
        with pytest.raises(TypeError, match="Can not serialize value type"):
            data()


@pytest.mark.parametrize("name", [5, None, b"a"])
@pytest.mark.parametrize("multipart", [True, False])
def test_names_are_text(form, name, multipart):
    with pytest.raises(TypeError, match="name of a field"):
        form([(name, "a")], default_to_multipart=multipart)


@pytest.mark.parametrize("bad", ["a\r\nb: c", "a\r", "a\n", "a\0", "\x7f"])
def test_injection_is_refused(form, bad):
    for option in ("content_type", "filename"):
        with pytest.raises(ValueError, match=option):
            form().add_field("a", "b", **{option: bad})
    with pytest.raises((ValueError, RuntimeError)):
        form().add_field("a", "b", content_transfer_encoding=bad)
    for quote_fields in (True, False):
        data = form({bad: "x"}, quote_fields, default_to_multipart=True)
        with pytest.raises(ValueError, match="control character"):
            data()
    assert form({bad: bad})().size  # urlencoded, nothing can go wrong


def test_unknown_transfer_encoding(form):
    with pytest.raises(RuntimeError, match="unknown content transfer encoding: x-foo"):
        form().add_field("a", "b", content_transfer_encoding="x-foo")


async def test_again(form):
    data = form({"a": io.BytesIO(b"xy"), "b": "c"})
    first = await sent(data)
    assert await sent(data) == first
    assert data() is data()
    data.add_field("d", "e")
    assert await sent(data) == first[:-7] + one((TEXT, named(b'"d"')), b"e")
    assert len(data()) == 3


def test_any_form_comes_back(lib, form):
    reading = lib.load("_stream.multipart_reader")
    stream = lib.load("_stream.reader").StreamReader
    # Leading slashes are no part of a name.
    text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20).map(
        lambda text: f"_{text}"
    )

    @settings(deadline=None)
    @given(st.lists(st.tuples(text, st.text() | st.binary(), st.none() | text)), st.booleans())
    def check(fields, quote_fields):
        async def there_and_back():
            data = form((), quote_fields, default_to_multipart=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for name, value, filename in fields:
                    data.add_field(name, value, filename=filename)
            sink = Sink()
            await data().write(sink)
            found = []
            async for part in reading.MultipartReader(data().headers, stream.complete(None, sink.data)):
                body = await part.read()
                found.append((part.name, body, part.filename))
            for (name, value, filename), (found_name, body, found_filename) in zip(fields, found, strict=True):
                assert found_name == name
                assert body == (value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass"))
                if filename is None:
                    filename = None if isinstance(value, str) else name
                if quote_fields and filename is not None:
                    filename = quote(filename, "")
                assert found_filename == filename

        asyncio.run(there_and_back())

    check()
