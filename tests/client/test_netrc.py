"""Credentials from a ``.netrc`` file: where it is looked for, how it is read, what it says of a host."""

import logging
import os

import pytest
from yarl import URL

FILE = "machine example.com login user password secret\n"


@pytest.fixture
def netrc(lib, tmp_path, monkeypatch):
    """The module, and no file of anybody's in its way."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    return lib.load("_client.netrc")


@pytest.fixture
def file(netrc, tmp_path, monkeypatch):
    """The path that ``NETRC`` names; there is no file yet."""
    path = tmp_path / "named"
    monkeypatch.setenv("NETRC", str(path))
    return path


def auth(netrc, url="http://example.com/"):
    return netrc.netrc_auth_now(URL(url))


def test_no_file_is_no_matter(netrc, caplog):
    assert netrc.netrc_from_env() is None
    assert auth(netrc) is None
    assert not caplog.records


@pytest.mark.parametrize(("platform", "name"), [("linux", ".netrc"), ("darwin", ".netrc"), ("win32", "_netrc")])
def test_the_file_at_home(netrc, tmp_path, monkeypatch, platform, name):
    monkeypatch.setattr("sys.platform", platform)
    (tmp_path / name).write_text(FILE)
    assert auth(netrc) == ("user", "secret", "latin1")


def test_the_named_file_comes_first(netrc, tmp_path, file, monkeypatch):
    (tmp_path / ".netrc").write_text(FILE)
    file.write_text("machine example.com login named password p\n")
    assert auth(netrc).login == "named"
    monkeypatch.setenv("NETRC", "")
    assert auth(netrc) is None  # an empty name is a way to have none
    monkeypatch.delenv("NETRC")
    assert auth(netrc).login == "user"


def test_no_home(netrc, monkeypatch, caplog):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", no_home)
    with caplog.at_level(logging.DEBUG, "aiohttp.client"):
        assert netrc.netrc_from_env() is None
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


def test_a_named_file_that_is_not_there_is_told_once(netrc, file, caplog):
    for _ in range(3):
        assert netrc.netrc_from_env() is None
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert str(file) in record.getMessage()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"machine example.com login user password topsecret stray\n", ", line "),
        (b"machine example.com topsecret\n", ", line "),
        (b"topsecret\n", ", line "),
        (b"machine example.com login \xff password topsecret\n", "not text in UTF-8"),
    ],
)
def test_a_malformed_file_is_told_once_and_never_quoted(netrc, file, caplog, content, told):
    file.write_bytes(content)
    for _ in range(3):
        assert auth(netrc) is None
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert str(file) in record.getMessage()
    assert told in record.getMessage()
    assert "topsecret" not in caplog.text
    assert "stray" not in caplog.text


def test_what_is_no_file(netrc, file, caplog):
    file.mkdir()
    assert auth(netrc) is None
    assert "directory" in caplog.text


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(netrc, file, caplog):
    file.write_text(FILE)
    file.chmod(0)
    assert auth(netrc) is None
    assert "Permission denied" in caplog.text
    file.chmod(0o600)
    assert auth(netrc).login == "user"


def test_a_file_is_read_once_until_it_changes(netrc, file):
    file.write_text(FILE)
    first = netrc.netrc_from_env()
    assert netrc.netrc_from_env() is first
    file.write_text("machine example.com login another password secret\n")
    assert auth(netrc).login == "another"
    file.unlink()
    assert auth(netrc) is None
    file.write_text(FILE)
    assert auth(netrc).login == "user"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("machine example.com login user password p", ("user", "p", "latin1")),
        ("machine example.com\nlogin user\npassword p", ("user", "p", "latin1")),
        ("machine example.com login user", ("user", "", "latin1")),
        ("machine example.com password p", ("", "p", "latin1")),
        ("machine example.com account acc password p", ("acc", "p", "latin1")),
        ("machine example.com login üser password p", ("üser", "p", "latin1")),
        ("machine example.com login 用 password 户", ("用", "户", "utf-8")),
        ("machine example.com account acc", ("acc", "", "latin1")),
        ('machine example.com login "" password ""', None),
        ("machine other.com login user password p", None),
        ("machine sub.example.com login user password p", None),
        ("default login any password p", ("any", "p", "latin1")),
        ("machine example.com login user password p\ndefault login any password p", ("user", "p", "latin1")),
    ],
)
def test_entries(netrc, file, content, expected):
    file.write_text(content + "\n", encoding="utf-8")
    assert auth(netrc) == expected


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://example.com/", True), ("https://EXAMPLE.com:8443/path", True),
        ("http://example.com.evil.invalid/", False),
        ("http://example.com@evil.invalid/", False), ("http://evil.invalid/?example.com", False),
        ("http://example.com:pw@evil.invalid/", False), ("http://evil.invalid#@example.com", False),
    ],
)  # fmt: skip
def test_the_right_host_only(netrc, file, url, found):
    file.write_text(FILE)
    assert (auth(netrc, url) is not None) == found


@pytest.mark.parametrize("name", ["bücher.example", "xn--bcher-kva.example"])
def test_a_name_in_either_form(netrc, file, name):
    file.write_text(f"machine {name} login user password p\n", encoding="utf-8")
    assert auth(netrc, "http://bücher.example/").login == "user"


def test_an_entry_that_cannot_be_sent_is_told(netrc, file, caplog):
    file.write_text("machine example.com login us:er password topsecret\n")
    assert auth(netrc) is None
    assert "example.com" in caplog.text
    assert "topsecret" not in caplog.text


def test_the_two_functions_of_the_api(netrc, file):
    file.write_text(FILE)
    found = netrc.netrc_from_env()
    assert netrc.basicauth_from_netrc(found, "example.com") == ("user", "secret", "latin1")
    with pytest.raises(LookupError, match="other"):
        netrc.basicauth_from_netrc(found, "other")
    with pytest.raises(LookupError, match=r"No \.netrc file found"):
        netrc.basicauth_from_netrc(None, "example.com")


async def test_a_request_made_by_hand(lib, netrc, file):
    file.write_text(FILE)
    made = lib.load().ClientRequest
    assert made("GET", URL("http://example.com/"), trust_env=True).headers["Authorization"] == "Basic dXNlcjpzZWNyZXQ="
    assert "Authorization" not in made("GET", URL("http://example.com/")).headers
    assert "Authorization" not in made("GET", URL("http://other.com/"), trust_env=True).headers
    own = {"Authorization": "mine"}
    assert made("GET", URL("http://example.com/"), trust_env=True, headers=own).headers["Authorization"] == "mine"
