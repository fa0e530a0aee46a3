"""Basic authentication, and credentials in URLs."""

import base64
import copy
import pickle
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

auth = None  # of the core under test
LATIN = st.characters(max_codepoint=255)


@pytest.fixture(autouse=True, scope="module")
def _module_of_this_core(lib):
    globals()["auth"] = lib.load("_client.auth")


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
    found = auth.BasicAuth.from_url(URL("http://a%3Ab:c@h/"))
    assert found == ("a:b", "c", "latin1")
    with pytest.raises(ValueError, match="RFC 7617"):
        found.encode()


def test_charsets():
    """Latin-1 is BasicAuth's own, UTF-8 that of encode_basic_auth; no error tells the password."""
    assert auth.BasicAuth("\xfc", "\xe9").encode() == "Basic /Drp"
    assert auth.encode_basic_auth("\xfc", "\xe9") == "Basic w7w6w6k="
    assert auth.encode_basic_auth("\xfc", "\xe9", "latin1") == "Basic /Drp"
    assert auth.encode_basic_auth("u", 5) == "Basic dTo1"
    for encode in (
        auth.BasicAuth("\u20ac", "secret").encode,
        lambda: auth.encode_basic_auth("\u20ac", "secret", "ascii"),
    ):
        with pytest.raises(ValueError, match="does not have") as caught:
            encode()
        assert "secret" not in repr(caught.value)
        assert caught.value.__cause__ is None
    with pytest.raises(ValueError, match="not utf-8") as caught:
        auth.BasicAuth.decode("Basic " + base64.b64encode(b"\xff:secret").decode(), encoding="utf-8")
    assert "secret" not in repr(caught.value)
    for call in (
        lambda: auth.encode_basic_auth("u", "p", "bogus"),
        lambda: auth.BasicAuth.decode("Basic YTpi", "bogus"),
    ):
        with pytest.raises(LookupError):
            call()


@pytest.mark.parametrize(("login", "password"), [(None, "x"), ("x", None), (b"x", "y"), ("x", b"y")])
def test_what_is_no_text_is_not_sent_as_its_repr(login, password):
    with pytest.raises(TypeError, match="must be str"):
        auth.encode_basic_auth(login, password)


def test_only_what_users_write_is_deprecated():
    with pytest.warns(DeprecationWarning, match=r"BasicAuth is deprecated.*encode_basic_auth") as caught:
        made = auth.BasicAuth("a", "b")
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert auth.BasicAuth.decode(made.encode()) == made
        assert auth.BasicAuth.from_url(URL("http://a:b@h/")) == made
        assert made._replace(password="c") == ("a", "c", "latin1")
        for twin in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
            assert twin == made
            assert type(twin) is auth.BasicAuth
        auth.encode_basic_auth("a", "b")


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
