"""Cookie jars in files: JSON both ways, old pickles one way, and nothing else."""

import json
import os
import pickle
import re
import sys
import time
from collections import defaultdict
from http.cookies import Morsel, SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

HOME = URL("https://example.com/")
CookieJar = read_cookies = None  # those of the core under test


@pytest.fixture(autouse=True, scope="module")
def _jars_of_this_core(lib):
    globals().update(
        CookieJar=lib.load("_client.cookiejar").CookieJar, read_cookies=lib.load("_client.cookie_file").read_cookies
    )


def contents(jar):
    return sorted(
        (cookie.domain, cookie.path, cookie.host_only, cookie.expires, cookie.coded, repr(cookie.whole()))
         for cookie in jar._store.all()
    )  # fmt: skip


def test_round_trip(tmp_path):
    jar = CookieJar()
    jar.update_cookies_from_headers(
        ["a=1; Max-Age=100; Secure; HttpOnly; SameSite=Lax", 'b="x y"; Domain=example.com; Path=/x/', "b=z; Path=/x"],
        HOME,
    )
    jar.update_cookies({"shared": "1", "quoted": "b c;d", "empty": "", "\xe9".encode().hex(): "\xe9\u20ac"})
    jar.update_cookies_from_headers(["bytes=\udcff\udc80; Expires=Wed, 21 Oct 2099 07:28:00 GMT"], HOME)
    jar.save(tmp_path / "jar")
    again = CookieJar()
    again.update_cookies({"gone": "1"})
    again.load(tmp_path / "jar")
    assert [cookie[:5] for cookie in contents(again)] == [cookie[:5] for cookie in contents(jar)]
    assert again.host_only_cookies == jar.host_only_cookies
    assert again.filter_cookies(HOME) == jar.filter_cookies(HOME)
    for old, new in zip(sorted(jar, key=repr), sorted(again, key=repr), strict=True):
        old["max-age"] = ""  # it counts from when the cookie came; the file has the date that it meant
        assert old == new


def test_host_only_is_kept_whoever_wrote_the_file(tmp_path):
    """SECURITY.md, CVE-2026-54279: a cookie of one host does not become one of all its subdomains."""
    jar = CookieJar()
    jar.update_cookies_from_headers(["a=1", "b=1; Domain=example.com"], HOME)
    jar.save(tmp_path / "jar")
    content = json.loads((tmp_path / "jar").read_text())
    for entry in content["example.com|"].values():
        if entry.pop("host_only", False):
            del entry["domain"]  # as the entry of a cookie that named no domain
    (tmp_path / "other").write_text(json.dumps(content))
    for name in ("jar", "other"):
        again = CookieJar()
        again.load(tmp_path / name)
        assert sorted(again.filter_cookies(HOME)) == ["a", "b"]
        assert sorted(again.filter_cookies(URL("https://sub.example.com/"))) == ["b"]


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
     '{"a|/": {"b c": {"value": "1"}}}', '{"a|/": {"b": {"value": "1", "expires_timestamp": "x"}}}', "\x80junk",
     '{"a|/": {"b": {"value": "1", "expires_timestamp": NaN}}}', '{"a|/": {"b": {"value": "1\\r\\n"}}}',
     '{"a|/": {"b": {"value": "1", "expires_timestamp": true}}}', '{"a|/": {"b": {"value": 1}}}',
     '{"a|/": {"b": {"value": "1", "expires_timestamp": -Infinity}}}', '{"a|/": {"b": {"key": 1, "value": "1"}}}',
     '{"a|/": {"b": {"value": null}}}', "[" * 100_000, "\xff\xfe"],
)  # fmt: skip
def test_malformed_file_changes_nothing(tmp_path, text):
    path = tmp_path / "jar"
    path.write_text(text, encoding="latin-1")
    jar = CookieJar()
    jar.update_cookies({"a": "1"})
    for allow_pickle in (False, True):
        with pytest.raises(ValueError, match=re.escape(repr(str(path)))):
            jar.load(path, allow_pickle=allow_pickle)
    assert [morsel.key for morsel in jar] == ["a"]


def test_coded_value_that_would_smuggle_is_made_anew(tmp_path):
    path = tmp_path / "jar"
    entry = {"key": "a", "value": "x y", "coded_value": "x; admin=1\r\nX: y"}
    path.write_text(json.dumps({"example.com|/": {"a": entry}}))
    jar = CookieJar()
    jar.load(path)
    assert jar.filter_cookies(HOME)["a"].coded_value == '"x y"'


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        CookieJar().load(tmp_path / "none")


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_old_pickles_are_read_when_asked_for(tmp_path, protocol):
    old = defaultdict(SimpleCookie)
    old["example.com", "/x"] = SimpleCookie("a=1; Path=/x; Domain=example.com")
    old["", ""] = SimpleCookie("shared=1")
    path = tmp_path / "jar"
    path.write_bytes(pickle.dumps(old, protocol))
    jar = CookieJar()
    jar.update_cookies({"here": "1"})
    with pytest.raises(ValueError, match=r"is a pickle.*allow_pickle=True"):
        jar.load(path)
    assert [morsel.key for morsel in jar] == ["here"]
    jar.load(path, allow_pickle=True)
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
        CookieJar().load(path, allow_pickle=True)


def test_pickled_morsels_are_checked_too(tmp_path):
    """A pickle may give a morsel any state; nothing of the kind gets into the jar, and the jar stays as it was."""
    path = tmp_path / "jar"
    for key, value in (("a", 5), ("a b", "1"), (None, "1"), ("a", "\n")):
        morsel = Morsel()
        morsel._key, morsel._value, morsel._coded_value = key, value, "1"
        path.write_bytes(pickle.dumps({("example.com", "/"): {"a": morsel}}))
        jar = CookieJar()
        jar.update_cookies({"here": "1"})
        with pytest.raises(ValueError, match="is not a file of cookies"):
            jar.load(path, allow_pickle=True)
        assert [cookie.key for cookie in jar] == ["here"]


@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any"
    for content in (data, b"\x80\x04" + data):
        path.write_bytes(content)
        try:
            read_cookies(path, allow_pickle=True)
        except ValueError:
            pass
