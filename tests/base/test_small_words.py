"""Tokens and quoted strings, IP addresses, file names, octet streams, the platform, reify."""

import io
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._base import file_name, ip, mime, octet_stream, platform, reify, tokens, version


def test_sets_of_characters():
    assert len(tokens.CHAR) == 128
    assert "\x7f" in tokens.CTL
    assert len(tokens.CTL) == 33
    assert set('()<>@,;:\\"/[]?={} \t') == tokens.SEPARATORS
    assert "a" in tokens.TOKEN
    assert not tokens.TOKEN & set("(=\x00é")
    assert tokens.SEPARATORS - {"\t"} == tokens.QCONTENT - tokens.TOKEN


@pytest.mark.parametrize(
    ("text", "quoted"), [("a", "a"), ("", ""), ("a b", "a\\ b"), ('a"b', 'a\\"b'), ("a\\b", "a\\\\b"), ("\t", "\\\t")]
)
def test_quoted_strings(text, quoted):
    assert tokens.quoted_string(text) == quoted


@pytest.mark.parametrize("text", ["a\nb", "é", "\x7f", "\x00"])
def test_what_cannot_be_quoted(text):
    with pytest.raises(ValueError, match="bad content for quoted-string"):
        tokens.quoted_string(text)


@given(st.text())
def test_quoting_is_taken_back(text):
    try:
        quoted = tokens.quoted_string(text)
    except ValueError:
        assert set(text) - tokens.QCONTENT
    else:
        assert text == "".join(p for p in __import__("re").sub(r"\\(.)", r"\1", quoted))


@pytest.mark.parametrize(
    ("host", "is_ip", "is_canonical"),
    [("1.2.3.4", True, True), ("1.2.3", True, False), ("1.2.3.4.", True, False), ("1.2.3.256", True, False),
     ("01.2.3.4", True, True), ("1.2.3.0256", True, False), ("999.1.1.1", True, False), ("1", True, False),
     ("\uff11.2.3.4", True, False), ("::1", True, False), ("[::1]", True, False), ("fe80::1%eth0", True, False),
     ("0x7f.1", False, False), ("a", False, False), ("", False, False), ("1.2.3.4\n", False, False),
     (" 1.2.3.4", False, False), ("example.com", False, False), ("1.2.3.00000004", True, False)],
)  # fmt: skip
def test_addresses(host, is_ip, is_canonical):
    assert ip.is_ip_address(host) is is_ip
    assert ip.is_canonical_ipv4_address(host) is is_canonical


def test_no_host_is_no_address():
    assert ip.is_ip_address(None) is False


@pytest.mark.parametrize(
    ("name", "expected"),
    [("/a/b.txt", "b.txt"), ("a/", "a"), ("a<b>c", "a<b>c"), ("<stdin>", None), ("<x", None), ("x>", None), ("", None),
     (3, None), (b"x", None)],
)  # fmt: skip
def test_file_names(name, expected):
    class File:
        pass

    file = File()
    file.name = name
    assert file_name.guess_filename(file) == expected
    assert file_name.guess_filename(file, "given") == (expected or "given")


def test_names_of_real_files(tmp_path):
    assert file_name.guess_filename(io.BytesIO(b"")) is None
    with (tmp_path / "x.bin").open("wb") as file:
        assert file_name.guess_filename(file) == "x.bin"
    assert file_name.guess_filename(None, "d") == "d"


@pytest.mark.parametrize(
    ("field", "expected"),
    [("TEXT/Html", "text/html"), (" text/html ", "text/html"), ("text/html; charset=x", "text/html"),
     ("text", "application/octet-stream"), ("a/b/c", "application/octet-stream"), ("", "application/octet-stream")],
)  # fmt: skip
def test_octet_streams(field, expected):
    message = octet_stream.EnsureOctetStream()
    assert message.get_content_type() == "application/octet-stream"
    message["Content-Type"] = field
    assert message.get_content_type() == expected


@pytest.mark.parametrize("text", ["application/json", "application/json; charset=x", "application/vnd.api+json"])
def test_json_types(text):
    assert mime.json_re.match(text)


def test_no_json_types():
    assert not mime.json_re.match("text/json")


def test_the_platform_is_this_one():
    assert (sys.platform == "darwin") == platform.IS_MACOS
    assert (sys.platform == "win32") == platform.IS_WINDOWS
    assert platform.PY_311 is True
    assert (platform.IS_PY_BEFORE_312_9 or platform.IS_PY313_BEFORE_313_2) == platform.SKIP_WRITELINES


@pytest.mark.parametrize(
    ("options", "variables", "expected"),
    [((), {}, "False False"), (("-X", "dev"), {}, "True False"), ((), {"PYTHONASYNCIODEBUG": "1"}, "True False"),
     (("-E",), {"PYTHONASYNCIODEBUG": "1"}, "False False"), ((), {"AIOHTTP_NO_EXTENSIONS": "1"}, "False True")],
)  # fmt: skip
def test_what_the_process_was_asked_for(options, variables, expected):
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONASYNCIODEBUG", "PYTHONDEVMODE")}
    code = "from aiohttp_fast._base.platform import DEBUG, NO_EXTENSIONS; print(DEBUG, NO_EXTENSIONS)"
    done = subprocess.run(
        [sys.executable, *options, "-c", code], env=clean | variables, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == expected


def test_reify_works_out_once():
    class Thing:
        def __init__(self):
            self._cache = {}
            self.calls = 0

        @reify.reify
        def value(self):
            """Of use."""
            self.calls += 1
            return 5

    thing = Thing()
    assert (thing.value, thing.value, thing.calls) == (5, 5, 1)
    assert Thing.value.__doc__ == "Of use."
    with pytest.raises(AttributeError):
        thing.value = 6


def test_versions():
    assert version.AIOHTTP_VERSION.split(".")[0] == "3"
    assert f"aiohttp/{version.AIOHTTP_VERSION}" in version.SERVER_SOFTWARE
