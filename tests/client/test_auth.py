"""Basic authentication, and credentials in URLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aiohttp_fast._client import auth

LATIN = st.characters(max_codepoint=255)


@given(st.text(LATIN).filter(lambda text: ":" not in text), st.text(LATIN))
def test_round_trip(login, password):
    made = auth.BasicAuth(login, password)
    assert auth.BasicAuth.decode(made.encode()) == made


@given(st.text())
def test_decode_any_text(text):
    for header in (text, f"Basic {text}"):
        try:
            auth.BasicAuth.decode(header)
        except ValueError:
            pass


def test_values():
    assert auth.BasicAuth("a", "b").encode() == "Basic YTpi"
    assert auth.BasicAuth("a") == ("a", "", "latin1")
    assert auth.BasicAuth("ü", "é", "utf-8").encode() == auth.encode_basic_auth("ü", "é") == "Basic w7w6w6k="
    assert auth.BasicAuth.decode("basic YTpiOmM=") == ("a", "b:c", "latin1")
    assert auth.BasicAuth.decode("Basic w7w6eA==", encoding="utf-8").login == "ü"


@pytest.mark.parametrize(("login", "password"), [(None, "x"), ("x", None), ("a:b", "x")])
def test_refused_values(login, password):
    with pytest.raises(ValueError, match="not allowed"):
        auth.BasicAuth(login, password)


def test_colon_in_login():
    with pytest.raises(ValueError, match="RFC 7617"):
        auth.encode_basic_auth("a:b", "c")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "Could not parse"),
        ("Basic", "Could not parse"),
        ("Bearer x", "Unknown authorization method Bearer"),
        ("Basic !!", "Invalid base64"),
        ("Basic  YTpi", "Invalid base64"),
        ("Basic é", "Invalid base64"),
        ("Basic YQ==", "Invalid credentials"),
    ],
)
def test_refused_headers(header, message):
    with pytest.raises(ValueError, match=message):
        auth.BasicAuth.decode(header)


@pytest.mark.parametrize(
    ("url", "login", "password"),
    [
        ("http://u@h/", "u", ""),
        ("http://u:p@h/", "u", "p"),
        ("http://:p@h/", "", "p"),
        ("http://%C3%BC:p%3A@h/", "ü", "p:"),
    ],
)
def test_from_url(url, login, password):
    assert auth.BasicAuth.from_url(URL(url)) == (login, password, "latin1")
    assert auth.strip_auth_from_url(URL(url)) == (URL("http://h/"), (login, password, "latin1"))


def test_url_without_credentials():
    url = URL("http://h/")
    assert auth.BasicAuth.from_url(url) is None
    stripped, found = auth.strip_auth_from_url(url)
    assert stripped is url
    assert found is None
    with pytest.raises(TypeError, match=r"yarl\.URL"):
        auth.BasicAuth.from_url("http://h/")
