"""Both head writers give the same bytes, and refuse the same parts with the same words."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, istr

CONTROLS = [chr(code) for code in (*range(9), *range(10, 32), 127)]
TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LINE = "HTTP/1.1 200 OK"

tokens = st.text(TOKEN, min_size=1, max_size=40)
values = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.just("\t"), max_size=80)
anything = st.text(
    st.characters() | st.sampled_from([*CONTROLS, "\udc80", "\udcff", "\udc7f", "\ud800", "\udd00"]), max_size=30
)


class Text(str):
    """A str that lies about itself."""

    __slots__ = ()

    def __str__(self):
        return "lie\r\nX: y"

    def __format__(self, spec):
        return "lie\r\nX: y"


class OwnItems(CIMultiDict):
    def items(self):
        return [("From", "items")]


@pytest.fixture(scope="module")
def head(lib):
    return lib.load("_wire.http.head")


@pytest.fixture(scope="module")
def twins():
    compiled = pytest.importorskip("aiohttp_fast._wire.http.head_c", reason="the compiled core is not built")
    from aiohttp_fast._wire.http import head_py

    return compiled, head_py


def by_definition(line, pairs):
    parts = [line, *(f"{name}: {value}" for name, value in pairs), "", ""]
    return "\r\n".join(parts).encode("utf-8", "surrogateescape")


def outcome(call, *arguments):
    try:
        return call(*arguments)
    except (TypeError, ValueError) as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    "kind",
    [
        CIMultiDict,
        MultiDict,
        list,
        tuple,
        iter,
        dict,
        lambda pairs: CIMultiDictProxy(CIMultiDict(pairs)),
        lambda pairs: [list(pair) for pair in pairs],
        lambda pairs: (pair for pair in pairs),
        lambda pairs: CIMultiDict((istr(name), value) for name, value in pairs),
        lambda pairs: [(Text(name), Text(value)) for name, value in pairs],
    ],
    ids=[
        "CIMultiDict",
        "MultiDict",
        "list",
        "tuple",
        "iter",
        "dict",
        "proxy",
        "lists",
        "generator",
        "istr",
        "subclass",
    ],
)
def test_every_kind_of_headers(head, kind):
    pairs = [("Host", "example.com"), ("X-Empty", ""), ("x-tab", "a\tb"), ("A1", "12345678"), ("B", "1234")]
    assert head.serialize_head(LINE, kind(pairs)) == by_definition(LINE, pairs)
    expected = by_definition("GET /a?b HTTP/1.1", pairs)
    assert head.serialize_request_head("GET", "/a?b", kind(pairs)) == expected


def test_no_headers(head):
    for none in (CIMultiDict(), {}, [], ()):
        assert head.serialize_head(LINE, none) == b"HTTP/1.1 200 OK\r\n\r\n"


def test_a_subclass_decides_about_its_items(head):
    assert head.serialize_head(LINE, OwnItems(a="b")) == b"HTTP/1.1 200 OK\r\nFrom: items\r\n\r\n"


def test_repeated_names_and_their_case_are_kept(head):
    headers = CIMultiDict([("Set-Cookie", "a"), ("set-cookie", "b"), ("SET-COOKIE", "c")])
    assert head.serialize_head(LINE, headers) == by_definition(LINE, headers.items())


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1000, 2020, 2030, 2040, 2048, 3000, 9000, 100_000])
def test_heads_larger_than_the_buffer(head, size):
    pairs = [("A", "x" * size), ("B", "é" * size), ("C" * (size or 1), "y")]
    for count in (1, 2, 3):
        assert head.serialize_head(LINE, CIMultiDict(pairs[:count])) == by_definition(LINE, pairs[:count])
    assert head.serialize_head("x" * size, []) == by_definition("x" * size, [])
    line = f"GET /{'z' * size} HTTP/1.1"
    assert head.serialize_request_head("GET", line.split()[1], []) == by_definition(line, [])


def test_beyond_ascii(head):
    value = "é€😀\x85\xa0\u2028" + bytes(range(128, 256)).decode("ascii", "surrogateescape")
    expected = b"X\r\nA: " + value.encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    assert head.serialize_head("X", CIMultiDict(A=value)) == expected
    assert head.serialize_head(value, []) == value.encode("utf-8", "surrogateescape") + b"\r\n\r\n"


def test_versions(head, lib):
    version10 = lib.load("_wire.http.message").HttpVersion10
    assert head.serialize_request_head("GET", "/", [], version10) == b"GET / HTTP/1.0\r\n\r\n"
    assert head.serialize_request_head("GET", "/", [], version=(9, 0)) == b"GET / HTTP/9.0\r\n\r\n"
    for wrong in ((1, 10), (-1, 0), (2**80, 1)):
        with pytest.raises(ValueError, match="version"):
            head.serialize_request_head("GET", "/", [], wrong)
    for wrong in ("HTTP/1.1\r\nX: y", None, (1,), (1, 1, 1), (1, "1\r\n"), 1.1):
        with pytest.raises(TypeError, match="version"):
            head.serialize_request_head("GET", "/", [], wrong)


@pytest.mark.parametrize("char", [*CONTROLS, *map(chr, (0xD800, 0xDC7F, 0xDC0A, 0xDD00))])
@pytest.mark.parametrize("where", ["start", "middle", "end", "alone", "beyond ASCII"])
def test_forbidden_characters(head, char, where):
    text = {
        "start": char + "secret-value",
        "middle": "secret-v" + char + "alue",
        "end": "secret-value" + char,
        "alone": char,
        "beyond ASCII": "é" + char + "secret",
    }[where]
    for kind in (CIMultiDict, list):
        headers = kind([("Fine", "1"), ("X-Token", text)])
        with pytest.raises(ValueError, match="X-Token") as caught:
            head.serialize_head(LINE, headers)
        assert "secret" not in str(caught.value)
        with pytest.raises(ValueError, match="is not a token"):
            head.serialize_head(LINE, kind([("X" + text, "value")]))
    with pytest.raises(ValueError, match="start line"):
        head.serialize_head(text, [])
    with pytest.raises(ValueError, match="target"):
        head.serialize_request_head("GET", "/" + text, [])
    with pytest.raises(ValueError, match="method"):
        head.serialize_request_head("G" + text, "/", [])


def test_names_that_are_no_tokens(head):
    for char in map(chr, range(128)):
        for name in (char, "abcdefgh" + char, char + "abcdefgh", "abc" + char + "defgh", "abcd" + char):
            for call in (
                lambda name=name: head.serialize_head("X", {name: "v"}),
                lambda name=name: head.serialize_request_head(name, "/", {}),
            ):
                if char in TOKEN:
                    assert name.encode() in call()
                else:
                    with pytest.raises(ValueError, match="not a token"):
                        call()
    for name in ("", "é", "\u212a", "a:", "a: b", "\udc80"):
        with pytest.raises(ValueError, match="not a token"):
            head.serialize_head("X", [(name, "v")])


@pytest.mark.parametrize("target", ["", " ", "/a b", "/a\tb", "/ HTTP/1.1\r\nX: y", "/a b HTTP/1.1"])
def test_targets_that_would_split_the_line(head, target):
    with pytest.raises(ValueError, match="target"):
        head.serialize_request_head("GET", target, [])


def test_one_value_cannot_pass_for_two_fields(head):
    for pairs in ([("a", "b\r\nc: d")], [("a: b\r\nc", "d")], [("a", "b\r\n"), ("c", "d")], [("a", "b\n c")]):
        with pytest.raises(ValueError):
            head.serialize_head(LINE, pairs)


def test_long_values_and_names_are_not_quoted_whole(head):
    for pairs in ([("X", "s" * 5000 + "\n")], [("s" * 5000 + "\n", "x")]):
        with pytest.raises(ValueError) as caught:
            head.serialize_head(LINE, pairs)
        assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", [1, 1.5, None, b"x", True, ["a"], object()])
def test_wrong_types(head, value):
    for headers in (CIMultiDict(Fine="1"), {"Fine": "1"}):
        headers["X-Number"] = value
        with pytest.raises(TypeError, match=f"X-Number.* {type(value).__name__}"):
            head.serialize_head(LINE, headers)
    with pytest.raises(TypeError, match="name"):
        head.serialize_head(LINE, [(value, "x")])
    with pytest.raises(TypeError, match="start line"):
        head.serialize_head(value, [])
    with pytest.raises(TypeError, match="method"):
        head.serialize_request_head(value, "/", [])
    with pytest.raises(TypeError, match="target"):
        head.serialize_request_head("GET", value, [])


@pytest.mark.parametrize("headers", [None, 5, "ab", ["ab"], [("a",)], [("a", "b", "c")], [1], [{"a", "b"}]])
def test_what_is_no_headers(head, headers):
    with pytest.raises(TypeError):
        head.serialize_head(LINE, headers)


def test_an_error_leaves_nothing_behind(head):
    for _ in range(3):
        with pytest.raises(ValueError):
            head.serialize_head(LINE, [("a b", "c")])
        with pytest.raises(ValueError):
            head.serialize_head(LINE, [("a", "\n")])
        assert head.serialize_head(LINE, [("a", "c")]) == b"HTTP/1.1 200 OK\r\na: c\r\n\r\n"


def test_more_names_than_are_remembered(head):
    for start in range(0, 2000, 400):
        pairs = [(f"X-{number}", "v") for number in range(start, start + 400)]
        assert head.serialize_head(LINE, pairs) == by_definition(LINE, pairs)


def test_valid_heads(head):
    @given(values, st.lists(st.tuples(tokens, values), max_size=20))
    def check(line, pairs):
        assert head.serialize_head(line, CIMultiDict(pairs)) == by_definition(line, pairs)
        assert head.serialize_head(line, pairs) == by_definition(line, pairs)

    check()


def test_twins_agree_about_anything(twins):
    compiled, pure = twins
    mixed = tokens | anything | st.none() | st.integers()

    @given(mixed, mixed, st.lists(st.tuples(mixed, mixed | values), max_size=5))
    @example("GET", "/", [("a", "\udc0a")])
    def check(first, second, pairs):
        expected = outcome(pure.serialize_head, first, pairs)
        assert outcome(compiled.serialize_head, first, pairs) == expected
        expected = outcome(pure.serialize_request_head, first, second, pairs)
        assert outcome(compiled.serialize_request_head, first, second, pairs) == expected
        if all(isinstance(name, str) for name, _ in pairs):
            headers = CIMultiDict(pairs)
            assert outcome(compiled.serialize_head, first, headers) == outcome(pure.serialize_head, first, headers)

    check()
