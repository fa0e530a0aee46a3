"""Which proxy: from options, from the environment, and what of it is in the key of the pool."""

import os
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aiohttp_fast._client.env_proxies import NoProxy

URLS = ("http://a.example/", "https://a.example/", "ws://a.example/", "wss://a.example:8443/")
VARIABLES = [f"{scheme}_proxy" for scheme in ("http", "https", "ws", "wss", "all", "no")]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def found(lib: Any, *urls: str) -> list[str | None]:
    """Return the proxy of each URL as text."""
    look_up = lib.load("_client.env_proxies").find_env_proxy
    return [info and str(info.proxy) for info in map(look_up, map(URL, urls))]


def test_nothing_is_set(lib: Any) -> None:
    env = lib.load("_client.env_proxies")
    assert env.proxies_from_env() == {}
    assert found(lib, *URLS) == [None] * 4
    with pytest.raises(LookupError, match=r"http://a\.example/$"):
        env.get_env_proxy_for_url(URL("http://user:secret@a.example/"))


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_each_scheme_has_its_own(lib: Any, monkeypatch: pytest.MonkeyPatch, spelling: Any) -> None:
    for n, name in enumerate(VARIABLES[:5]):
        monkeypatch.setenv(spelling(name), f"http://{n}.test:3128")
    assert found(lib, *URLS) == [f"http://{n}.test:3128" for n in range(4)]
    assert found(lib, "ftp://a.example/", "unix://a/", "tcp://a/", "/relative") == [None] * 4
    made = lib.load("_client.env_proxies").proxies_from_env()
    assert {scheme: str(info.proxy) for scheme, info in made.items()} == {
        scheme: f"http://{n}.test:3128" for n, scheme in enumerate(("http", "https", "ws", "wss"))
    }


def test_one_for_all(lib: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://all.test:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://s.test:2")
    assert found(lib, *URLS) == ["http://all.test:1", "http://s.test:2", "http://all.test:1", "http://all.test:1"]
    monkeypatch.setenv("http_proxy", "")  # said to be none
    assert found(lib, *URLS[:2]) == [None, "http://s.test:2"]


def test_lower_case_first(lib: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://upper.test")
    monkeypatch.setenv("http_proxy", "http://lower.test")
    assert found(lib, URLS[0]) == ["http://lower.test"]
    monkeypatch.setenv("http_proxy", " ")
    assert found(lib, URLS[0]) == [None]


def test_in_a_cgi_program(lib: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """There ``HTTP_PROXY`` is what a client's ``Proxy`` field says (CVE-2016-5385 and its kin)."""
    monkeypatch.setenv("HTTP_PROXY", "http://evil.test")
    monkeypatch.setenv("HTTPS_PROXY", "http://good.test")
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert found(lib, *URLS[:2]) == [None, "http://good.test"]
    monkeypatch.setenv("ALL_PROXY", "http://all.test")
    assert found(lib, *URLS[:2]) == ["http://all.test", "http://good.test"]
    monkeypatch.setenv("http_proxy", "http://lower.test")
    assert found(lib, URLS[0]) == ["http://lower.test"]


def test_credentials(lib: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    web, env = lib.load(), lib.load("_client.env_proxies")
    monkeypatch.setenv("http_proxy", "http://us%65r:p%20w@p.test:1")
    info = env.ProxyInfo(URL("http://p.test:1"), web.BasicAuth("user", "p w"))
    assert env.proxies_from_env() == {"http": info}
    assert env.get_env_proxy_for_url(URL(URLS[0])) == (info.proxy, info.proxy_auth)
    assert pickle.loads(pickle.dumps(info)) == info
    assert hash(info) == hash(env.ProxyInfo(info.proxy, info.proxy_auth))
    with pytest.raises(AttributeError):
        info.proxy = None


@pytest.mark.parametrize("value", ["p.test:3128", "127.0.0.1:3128", "user:pw@p.test:3128", "[::1]:3128"])
def test_without_a_scheme(lib: Any, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("http_proxy", value)
    assert found(lib, URLS[0]) == ["http://" + value.rpartition("@")[2]]


@pytest.mark.parametrize("value", ["http://user:secret@[::1", "http://user:secret@h:99999", "u%3Ax:secret@h"])
def test_value_that_is_no_url(lib: Any, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    with pytest.raises(lib.load().InvalidURL, match="HTTP_PROXY") as info:
        found(lib, URLS[0])
    assert "secret" not in str(info.value)
    assert found(lib, URLS[1]) == [None]  # it is not the business of another scheme


def test_variables_are_read_each_time(lib: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        monkeypatch.setitem(os.environ, "http_proxy", f"http://{n}.test")
        assert found(lib, URLS[0]) == [f"http://{n}.test"]
    monkeypatch.setenv("no_proxy", "a.example")
    assert found(lib, URLS[0]) == [None]
    monkeypatch.setenv("no_proxy", "")
    assert found(lib, URLS[0]) == ["http://2.test"]


@pytest.mark.parametrize(
    ("no_proxy", "direct", "proxied"),
    [
        ("a.example", "http://a.example/ http://sub.A.example./ https://a.example:8443/", "http://ba.example/ http://e/"),
        (".example", "http://a.example/ http://x.y.example/ http://example/", "http://example.com/"),
        ("*.example", "http://a.example/ http://example/", "http://anexample/"),
        ("*", "http://a.example/ http://127.0.0.1/ http://[::1]/", ""),
        ("b.test, a.example\tc.test", "http://a.example/ http://b.test/ http://c.test/", "http://d.test/"),
        ("A.EXAMPLE.", "http://a.example/", "http://example/"),
        ("a.example:8080", "http://a.example:8080/ ws://x.a.example:8080/", "http://a.example/ https://a.example/"),
        ("a.example:443", "https://a.example/ wss://a.example/", "http://a.example/"),
        ("localhost", "http://localhost/ http://localhost:81/", "http://127.0.0.1/"),
        ("127.0.0.1", "http://127.0.0.1/ http://127.0.0.1:99/ http://[::ffff:127.0.0.1]/", "http://127.0.0.2/"),
        ("10.0.0.0/8", "http://10.1.2.3/", "http://11.1.2.3/ http://ten.example/"),
        ("10.1.2.3/8:81", "http://10.9.9.9:81/", "http://10.9.9.9/"),
        ("::1", "http://[::1]/ http://[0:0::0:1]:5/", "http://[::2]/"),
        ("[::1]:81", "http://[::1]:81/", "http://[::1]/"),
        ("[2001:db8::]", "http://[2001:db8::]/", "http://[2001:db8::1]/"),
        ("2001:db8::/32", "http://[2001:db8:1::9]/", "http://[2001:db9::]/ http://127.0.0.1/"),
        ("fe80::/10", "http://[fe80::1%25eth0]/", ""),
        ("bücher.example", "http://bücher.example/ http://xn--bcher-kva.example/", "http://bucher.example/"),
        (",, . *. :80 [] a:b:c /8 1.2.3.4/99 x:99999999999 \u2028", "", "http://a/ http://1.2.3.4/ http://b/"),
    ],
)  # fmt: skip
def test_no_proxy(lib: Any, monkeypatch: pytest.MonkeyPatch, no_proxy: str, direct: str, proxied: str) -> None:
    monkeypatch.setenv("all_proxy", "http://p.test")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, no_proxy)
        assert found(lib, *direct.split()) == [None] * len(direct.split())
        assert found(lib, *proxied.split()) == ["http://p.test"] * len(proxied.split())
        monkeypatch.delenv(name)


@given(st.text(), st.text(), st.integers(0, 65535))
def test_no_proxy_takes_any_text(text: str, host: str, port: int) -> None:
    NoProxy(text).excludes(host, port)
    assert NoProxy(f"{text},*").excludes(host, port)


# What a request makes of it


async def test_key(lib: Any) -> None:
    web = lib.load()
    origin = URL("https://origin.test/")

    def key(**options: Any) -> Any:
        return web.ClientRequest("GET", origin, **options).connection_key

    plain = key()
    assert (plain.proxy, plain.proxy_auth, plain.proxy_headers_hash) == (None, None, None)
    one = key(proxy=URL("http://p.test:3128"))
    assert one == key(proxy=URL("http://p.test:3128/path?query#fragment"))
    assert (one.host, one.port, one.is_ssl, one.proxy) == ("origin.test", 443, True, URL("http://p.test:3128"))
    different = {
        plain,
        one,
        key(proxy=URL("https://p.test:3128")),
        key(proxy=URL("http://q.test:3128")),
        key(proxy=URL("http://user:pw@p.test:3128")),
        key(proxy=URL("http://p.test:3128"), proxy_auth=web.BasicAuth("user", "other")),
        key(proxy=URL("http://p.test:3128"), proxy_headers={"X-Tenant": "1"}),
        key(proxy=URL("http://p.test:3128"), proxy_headers={"X-Tenant": "2"}),
        key(proxy=URL("http://p.test:3128"), headers={"Proxy-Authorization": "Bearer x"}),
    }
    assert len(different) == 9
    in_url = key(proxy=URL("http://user:pw@p.test:3128"))
    assert in_url == key(proxy=URL("http://p.test:3128"), proxy_auth=web.BasicAuth("user", "pw"))
    assert "pw" not in repr(in_url)
    assert pickle.loads(pickle.dumps(in_url)) == in_url


async def test_request_through_a_proxy(lib: Any) -> None:
    web = lib.load()
    req = web.ClientRequest(
        "GET",
        URL("http://user:pw@origin.test:81/a?b#c"),
        proxy=URL("http://us%65r:p%40@p.test"),
        proxy_headers={"X-Tenant": "1", "User-Agent": "ignored", "Host": "ignored"},
    )
    assert req.proxy == URL("http://p.test")
    assert req.proxy_auth == web.BasicAuth("user", "p@")
    assert (req.host, req.port, req.url) == ("origin.test", 81, URL("http://origin.test:81/a?b"))
    assert req.headers.getall("Host") == ["origin.test:81"]
    assert req.headers.getall("Proxy-Authorization") == [web.BasicAuth("user", "p@").encode()]
    assert req.headers.getall("X-Tenant") == ["1"]
    assert "aiohttp_fast" in req.headers["User-Agent"]
    assert req._target.origin_form == "http://origin.test:81/a?b"
    again = web.ClientRequest("GET", req.original_url)
    assert (again._target.origin_form, again.proxy, again.proxy_auth) == ("/a?b", None, None)


async def test_what_is_for_the_proxy_is_not_for_the_origin(lib: Any) -> None:
    web = lib.load()
    req = web.ClientRequest(
        "GET",
        URL("https://origin.test/"),
        headers={"proxy-authorization": "Bearer x", "X-Own": "1"},
        proxy=URL("http://p.test"),
        proxy_headers=[("X-Tenant", "1"), ("X-Tenant", "2")],
    )
    assert "Proxy-Authorization" not in req.headers
    assert "X-Tenant" not in req.headers
    assert list(req.proxy_headers.items()) == [
        ("X-Tenant", "1"),
        ("X-Tenant", "2"),
        ("Proxy-Authorization", "Bearer x"),
    ]
    assert req._target.origin_form == "/"


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("127.0.0.1:80", "a scheme and a host"), ("p.test:3128", "a scheme and a host"), ("/p", "a scheme and a host"),
        ("//p.test:1", "a scheme and a host"), ("http://", "a scheme and a host"), ("http:///x", "proxy"),
        ("socks5://p.test:1080", "socks5 proxies are not supported"), ("socks4://p", "socks4 proxies"),
        ("ftp://p.test", "ftp proxies"), ("ws://p.test", "ws proxies"), ("http://p.test:99999", "not the URL"),
        ("http://[::1", "not the URL"), ("http://п:secret@p.test", "credentials"),
        ("http://a%3Ab@p.test", "credentials"),
    ],
)  # fmt: skip
async def test_what_is_no_proxy(lib: Any, proxy: str, says: str) -> None:
    web = lib.load()
    async with web.ClientSession() as session:
        with pytest.raises(web.InvalidURL, match=says) as info:
            await session.get("http://origin.test/", proxy=proxy)
        assert isinstance(info.value, ValueError)
        assert "secret" not in str(info.value)
        assert not session.connector._slots.used


async def test_wrong_types(lib: Any) -> None:
    web = lib.load()
    for wrong in (5, b"http://p.test", ["http://p.test"]):
        with pytest.raises(TypeError, match="proxy must be a str"):
            web.ClientSession(proxy=wrong)
    async with web.ClientSession() as session:
        with pytest.raises(TypeError, match="proxy must be a str"):
            await session.get("http://origin.test/", proxy=5)
        for auth in (("user", "pw"), "user:pw"):
            with pytest.raises(ValueError, match="proxy_auth must be None or BasicAuth"):
                await session.get("http://origin.test/", proxy="http://p.test", proxy_auth=auth)
        for name in ("Content-Length", "transfer-encoding"):
            for scheme in ("http", "https"):
                with pytest.raises(ValueError, match="proxy_headers can not hold"):
                    await session.get(f"{scheme}://o.test/", proxy="http://p.test", proxy_headers={name: "5"})
        with pytest.raises(ValueError, match="latin1"):
            auth = web.BasicAuth("п", "")
            await session.get("http://origin.test/", proxy="http://p.test", proxy_auth=auth)


async def test_session_says_what_it_trusts(lib: Any) -> None:
    web = lib.load()
    async with web.ClientSession() as one, web.ClientSession(trust_env=True) as other:
        assert (one.trust_env, other.trust_env) == (False, True)
