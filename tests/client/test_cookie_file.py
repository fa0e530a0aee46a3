"""Cookie jars in files: JSON both ways, old pickles one way, and nothing else."""

import json
import os
import pickle
import sys
import time
from collections import defaultdict
from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aiohttp_fast._client.cookie_file import read_cookies
from aiohttp_fast._client.cookiejar import CookieJar

HOME = URL("https://example.com/")


def contents(jar):
    return sorted(
        (cookie.domain, cookie.path, cookie.host_only, cookie.expires, cookie.coded, repr(cookie.morsel))
         for cookie in jar._all()
    )  # fmt: skip


def test_round_trip(tmp_path):
    jar = CookieJar()
    jar.update_cookies_from_headers(
        ["a=1; Max-Age=100; Secure; HttpOnly; SameSite=Lax", 'b="x y"; Domain=example.com; Path=/x/', "b=z; Path=/x"],
        HOME,
    )
    jar.update_cookies({"shared": "1"})
    jar.save(tmp_path / "jar")
    again = CookieJar()
    again.update_cookies({"gone": "1"})
    again.load(tmp_path / "jar")
    assert contents(again) == contents(jar)
    assert again.host_only_cookies == jar.host_only_cookies
    assert again.filter_cookies(HOME) == jar.filter_cookies(HOME)


@pytest.mark.skipif(sys.platform == "win32", reason="no file modes")
def test_only_the_owner_may_read(tmp_path):
    path = tmp_path / "jar"
    path.write_text("")
    path.chmod(0o644)
    CookieJar().save(str(path))
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_reads_the_reference_format(tmp_path):
    path = tmp_path / "jar"
    entry = {"key": "s", "value": "1", "coded_value": "1", "path": "/x", "domain": "example.com", "host_only": True}
    gone = {**entry, "key": "t", "expires_timestamp": time.time() - 1}
    unsafe = {"key": "u", "value": "1", "coded_value": "1", "path": "/"}
    path.write_text(json.dumps({"example.com|/x": {"s": entry, "t": gone}, "127.0.0.1|": {"u": unsafe}}))
    jar = CookieJar()
    jar.load(path)
    assert [morsel.key for morsel in jar] == ["s"]
    assert jar.host_only_cookies == {("example.com", "/x", "s")}


@pytest.mark.parametrize(
    "text",
    ["", "junk", "[]", "1", '{"a": 1}', '{"a": {"b": {"value": "1"}}}', '{"a|/": {"b": 1}}', '{"a|/": {"b": {}}}',
     '{"a|/": {"b c": {"value": "1"}}}', '{"a|/": {"b": {"value": "1", "expires_timestamp": "x"}}}', "\x80junk"],
)  # fmt: skip
def test_malformed_file_changes_nothing(tmp_path, text):
    path = tmp_path / "jar"
    path.write_text(text, encoding="latin-1")
    jar = CookieJar()
    jar.update_cookies({"a": "1"})
    with pytest.raises(ValueError):
        jar.load(path)
    assert [morsel.key for morsel in jar] == ["a"]


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        CookieJar().load(tmp_path / "none")


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_old_pickles_are_read(tmp_path, protocol):
    old = defaultdict(SimpleCookie)
    old["example.com", "/x"] = SimpleCookie("a=1; Path=/x; Domain=example.com")
    old["", ""] = SimpleCookie("shared=1")
    path = tmp_path / "jar"
    path.write_bytes(pickle.dumps(old, protocol))
    jar = CookieJar()
    jar.load(path)
    assert {(morsel.key, morsel["domain"], morsel["path"]) for morsel in jar} == {
        ("a", "example.com", "/x"),
        ("shared", "", "/"),
    }


class Evil:
    def __reduce__(self):
        return os.system, ("echo never",)


def test_pickles_make_nothing_but_cookies(tmp_path):
    path = tmp_path / "jar"
    path.write_bytes(pickle.dumps({("a", "/"): Evil()}))
    with pytest.raises(ValueError, match="system is refused"):
        CookieJar().load(path)


@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any"
    for content in (data, b"\x80\x04" + data):
        path.write_bytes(content)
        try:
            read_cookies(path)
        except ValueError:
            pass
