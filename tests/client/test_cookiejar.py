"""The cookie jar against RFC 6265: which cookies are kept, and which go with a request."""

import time
from http.cookies import CookieError, SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aiohttp_fast._client.cookiejar import CookieJar, DummyCookieJar

HOME = URL("http://example.com/")


def sent(jar, url):
    """Return what goes with a request, checked to be the same in both forms."""
    morsels = jar.filter_cookies(URL(url))
    header = jar.cookie_header(URL(url))
    assert "; ".join(f"{morsel.key}={morsel.coded_value}" for morsel in morsels.values()) == (header or "")
    assert all(not any(morsel.values()) for morsel in morsels.values())
    return {name: morsel.value for name, morsel in morsels.items()}


def jar_with(*fields, url=HOME, **options):
    jar = CookieJar(**options)
    jar.update_cookies_from_headers(fields, URL(url))
    return jar


def test_needs_no_event_loop_and_is_empty():
    jar = CookieJar()
    assert not jar
    assert list(jar) == []
    assert sent(jar, HOME) == {}
    assert (jar.unsafe, jar.quote_cookie, jar.treat_as_secure_origin) == (False, True, frozenset())


@pytest.mark.parametrize(
    ("domain", "taken", "goes"),
    [
        (None, True, ["example.com"]),
        ("example.com", True, ["example.com", "sub.example.com", "a.sub.example.com"]),
        (".EXAMPLE.com", True, ["example.com", "sub.example.com", "a.sub.example.com"]),
        ("", True, ["example.com"]),
        ("other.com", False, []),
        ("sub.example.com", False, []),
        ("xample.com", False, []),
        ("com", False, []),
    ],
)
def test_domain(domain, taken, goes):
    jar = jar_with("a=1" if domain is None else f"a=1; Domain={domain}")
    assert len(jar) == taken
    hosts = ["example.com", "sub.example.com", "a.sub.example.com", "xexample.com", "com", "example.org", "other.com"]
    assert [host for host in hosts if sent(jar, f"http://{host}/")] == goes
    assert bool(jar.host_only_cookies) == (goes == ["example.com"])


@pytest.mark.parametrize(
    ("attribute", "goes"),
    [
        ("", ["/x", "/x/", "/x/y", "/x/z/q"]),
        ("; Path=/", ["/", "/x", "/x/", "/x/y", "/x/z/q", "/xx"]),
        ("; Path=/x", ["/x", "/x/", "/x/y", "/x/z/q"]),
        ("; Path=/x/", ["/x/", "/x/y", "/x/z/q"]),
        ("; Path=/x/y", ["/x/y"]),
        ("; Path=relative", ["/x", "/x/", "/x/y", "/x/z/q"]),
    ],
)
@pytest.mark.parametrize("others", [0, 20])
def test_path(attribute, goes, others):
    jar = jar_with(f"a=1{attribute}", *[f"o=1; Path=/other{i}" for i in range(others)], url="http://example.com/x/file")
    paths = ["/", "/x", "/x/", "/x/y", "/x/z/q", "/xx"]
    assert [path for path in paths if sent(jar, f"http://example.com{path}")] == goes


def test_most_specific_cookie_of_a_name_is_sent_and_first():
    jar = CookieJar()
    for field, url in (
        ("a=shallow; Path=/", "http://sub.example.com/"),
        ("b=1; Path=/", "http://sub.example.com/"),
        ("a=deep; Path=/x", "http://sub.example.com/"),
        ("a=parent; Path=/x; Domain=example.com", "http://sub.example.com/"),
        ("c=parent; Path=/; Domain=example.com", "http://sub.example.com/"),
    ):
        jar.update_cookies_from_headers([field], URL(url))
    jar.update_cookies({"shared": "1", "b": "shared"})
    assert list(sent(jar, "http://sub.example.com/x/y").items()) == [
        ("a", "deep"), ("b", "1"), ("c", "parent"), ("shared", "1"),
    ]  # fmt: skip
    assert sent(jar, "http://sub.example.com/")["a"] == "shallow"


@pytest.mark.parametrize(
    ("url", "goes"),
    [("http://example.com/", False), ("ws://example.com/", False), ("https://example.com/", True),
     ("wss://example.com/", True), ("https://example.com:8443/", True)],
)  # fmt: skip
def test_secure(url, goes):
    assert bool(sent(jar_with("a=1; Secure", "n=1; Path=/no"), url)) == goes


@pytest.mark.parametrize("origin", ["http://example.com", URL("http://example.com:80/x"), [HOME, "http://b.com"]])
def test_treat_as_secure_origin(origin):
    jar = jar_with("a=1; Secure", treat_as_secure_origin=origin)
    assert "http://example.com" in map(str, jar.treat_as_secure_origin)
    assert sent(jar, "http://example.com/") == {"a": "1"}
    assert sent(jar, "http://example.com:81/") == {}
    assert jar.filter_cookies() == {}


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "127.1", "2130706433"])
def test_addresses(host):
    url = f"http://{host}/"
    assert len(jar_with("a=1", url=url)) == 0
    jar = jar_with("a=1", "b=1; Domain=0.0.1", url=url, unsafe=True)
    assert sent(jar, url) == {"a": "1"}
    assert sent(jar, "http://x.127.0.0.1/") == {}
    shared = CookieJar()
    shared.update_cookies({"s": "1"})
    assert sent(shared, url) == {"s": "1"}


def test_localhost_is_a_host():
    assert sent(jar_with("a=1", url="http://localhost/"), "http://localhost:8080/") == {"a": "1"}


@pytest.mark.parametrize(
    ("attribute", "until"),
    [
        ("Max-Age=100", "+100"),
        ("Max-Age=x", None),
        ("Max-Age=" + "9" * 5000, None),
        ("Expires=Wed, 21 Oct 2099 07:28:00 GMT", 4096250880),
        ("Expires=junk", None),
        ("Max-Age=100; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "+100"),
        ("Max-Age=x; Expires=Wed, 21 Oct 2099 07:28:00 GMT", 4096250880),
    ],
)
def test_lifetime(attribute, until, monkeypatch):
    jar = jar_with(f"a=1; {attribute}")
    now = time.time()
    assert sent(jar, HOME)
    if until is None:
        assert not any(morsel["expires"] or morsel["max-age"] for morsel in jar)
        return
    end = now + 100 if until == "+100" else until
    monkeypatch.setattr(time, "time", lambda: end - 5)
    assert sent(jar, HOME)
    monkeypatch.setattr(time, "time", lambda: end + 5)
    assert not sent(jar, HOME)
    assert len(jar) == 0


@pytest.mark.parametrize("attribute", ["Max-Age=0", "Max-Age=-1", "Expires=Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_passed_date_deletes(attribute):
    jar = jar_with("a=1; Path=/", "b=2; Path=/")
    jar.update_cookies_from_headers([f"a=; Path=/; {attribute}"], HOME)
    assert sent(jar, HOME) == {"b": "2"}
    assert len(jar) == 1


def test_a_replaced_cookie_has_the_new_date(monkeypatch):
    jar = jar_with("a=1; Max-Age=10")
    jar.update_cookies_from_headers(["a=2"], HOME)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert sent(jar, HOME) == {"a": "2"}
    for _ in range(1000):
        jar.update_cookies_from_headers(["a=3; Max-Age=10"], HOME)
    assert len(jar._heap) < 200
    monkeypatch.setattr(time, "time", lambda: now + 200)
    assert [morsel.key for morsel in jar] == []


@pytest.mark.parametrize(
    ("field", "quoted", "bare"),
    [
        ("a=b", "a=b", "a=b"),
        ('a="b c"', 'a="b c"', "a=b c"),
        ("a=b c", 'a="b c"', "a=b c"),
        ("a=b,c", 'a="b\\054c"', "a=b,c"),
        ("a=", 'a=""', "a="),
        ("a=b=c", 'a="b=c"', "a=b=c"),
    ],
)
def test_quoting(field, quoted, bare):
    assert jar_with(field).cookie_header(HOME) == quoted
    assert jar_with(field, quote_cookie=False).cookie_header(HOME) == bare
    sent(jar_with(field), HOME)


def test_update_with_all_kinds():
    jar = CookieJar()
    jar.update_cookies({"a": "1", "b": SimpleCookie("x=2; path=/q")["x"]}, HOME)
    jar.update_cookies([("c", "3"), ("d", 4)], HOME)
    jar.update_cookies(SimpleCookie("e=5"), HOME)
    jar.update_cookies({"f": SimpleCookie("g=6; h=7")}, HOME)
    assert sent(jar, "http://example.com/q") == {"x": "2", "a": "1", "c": "3", "d": "4", "e": "5", "g": "6", "h": "7"}
    with pytest.raises(CookieError):
        jar.update_cookies({"a b": "1"}, HOME)


def test_what_was_given_stays_as_it_was():
    given_cookies = SimpleCookie("a=1")
    jar = CookieJar()
    jar.update_cookies(given_cookies, HOME)
    assert given_cookies["a"]["domain"] == ""
    assert next(iter(jar))["domain"] == "example.com"


def test_control_characters_are_not_taken():
    jar = CookieJar(quote_cookie=False)
    jar.update_cookies({"a": "x\r\ny", "b": "1"}, HOME)
    assert sent(jar, HOME) == {"b": "1"}


def test_views_follow_changes():
    jar = jar_with("a=1; Path=/")
    assert sent(jar, HOME) == {"a": "1"}
    jar.update_cookies_from_headers(["a=2; Path=/", "b=1; Path=/"], HOME)
    assert sent(jar, HOME) == {"a": "2", "b": "1"}
    jar.clear(lambda morsel: morsel.key == "a")
    assert sent(jar, HOME) == {"b": "1"}


def test_clear():
    jar = jar_with("a=1", "b=1; Domain=example.com; Max-Age=100")
    jar.update_cookies_from_headers(["c=1"], URL("http://sub.example.com/"))
    jar.update_cookies_from_headers(["d=1"], URL("http://xexample.com/"))
    jar.clear_domain("example.com")
    assert [morsel.key for morsel in jar] == ["d"]
    assert len(jar) == 1
    jar.clear()
    assert len(jar) == 0
    assert sent(jar, "http://xexample.com/") == {}


def test_snapshots():
    jar = jar_with("a=1; Path=/x/", "b=2; Path=/; Domain=example.com")
    assert {key: sorted(found) for key, found in jar.cookies.items()} == {
        ("example.com", "/x"): ["a"],
        ("example.com", ""): ["b"],
    }
    assert jar.cookies["example.com", "/x"]["a"].value == "1"
    assert jar.host_only_cookies == {("example.com", "/x", "a")}
    with pytest.raises(TypeError):
        jar.cookies["x"] = 1


def test_limits_per_domain_and_request():
    jar = CookieJar()
    jar.update_cookies_from_headers(["safe=1; Secure; Path=/"], URL("https://example.com/"))
    for number in range(1000):
        jar.update_cookies_from_headers([f"c{number}=1; Path=/"], HOME)
    assert len(jar) <= jar.MAX_COOKIES_PER_DOMAIN
    assert "safe" in {morsel.key for morsel in jar}
    found = sent(jar, HOME)
    assert len(found) <= jar.MAX_SENT_COOKIES
    assert "c999" in found


def test_limit_of_all_cookies():
    class SmallJar(CookieJar):
        MAX_COOKIES = 600

    jar = SmallJar()
    for number in range(2000):
        jar.update_cookies_from_headers(["c=1"], URL(f"http://host{number}.com/"))
    assert 500 <= len(jar) <= 600
    assert sent(jar, "http://host1999.com/")


def test_header_size_is_limited():
    jar = jar_with(*[f"c{number}={'x' * 3000}" for number in range(5)], "one=" + "y" * 4000)
    assert list(sent(jar, HOME)) == ["c4", "one"]
    assert list(sent(jar_with("c1=" + "é" * 2100 + "x" * 1990), HOME)) == ["c1"]


def test_overridden_methods_are_used():
    class Mine(CookieJar):
        def filter_cookies(self, request_url=HOME):
            return SimpleCookie("mine=1")

        def update_cookies(self, cookies, response_url=HOME):
            super().update_cookies([(name, morsel) for name, morsel in cookies if name != "no"], response_url)

    jar = Mine()
    jar.update_cookies_from_headers(["no=1", "yes=1"], HOME)
    assert [morsel.key for morsel in jar] == ["yes"]
    assert jar.cookie_header(HOME) == "mine=1"


def test_dummy():
    jar = DummyCookieJar()
    jar.update_cookies({"a": "1"})
    jar.update_cookies_from_headers(["a=1"], HOME)
    jar.clear()
    jar.clear_domain("example.com")
    assert (len(jar), list(jar), jar.filter_cookies(HOME), jar.cookie_header(HOME)) == (0, [], {}, None)
    assert (jar.cookies, jar.host_only_cookies, jar.unsafe) == ({}, frozenset(), False)
    assert (jar.quote_cookie, jar.treat_as_secure_origin) == (True, frozenset())


hosts = st.sampled_from(["example.com", "a.example.com", "b.a.example.com", "other.org", "localhost"])
paths = st.sampled_from(["/", "/x", "/x/", "/x/y", "/x/y/z", "/xy"])
steps = st.tuples(
    st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "example.com", "a.example.com", "other.org"]),
    st.none() | paths, st.booleans(), hosts, paths,
)  # fmt: skip


def model(steps, host, path, is_secure):
    """Choose by going through all cookies, as RFC 6265 5.3 and 5.4 read."""
    store = {}
    for number, (name, domain, cookie_path, secure, from_host, from_path) in enumerate(steps):
        if domain and domain != from_host and not from_host.endswith("." + domain):
            continue
        cookie_path = cookie_path or from_path[: from_path.rfind("/")] or "/"
        store[domain or from_host, cookie_path, name] = (not domain, secure, number)
    found = {}
    for (domain, cookie_path, name), (host_only, secure, number) in sorted(
        store.items(), key=lambda item: (len(item[0][1]), len(item[0][0]))
    ):
        matches = cookie_path == path or (
            path.startswith(cookie_path) and (cookie_path[-1] == "/" or path[len(cookie_path)] == "/")
        )
        if (
            matches and (is_secure or not secure)
            and (domain == host or (not host_only and host.endswith("." + domain)))
        ):  # fmt: skip
            found[name] = str(number)
    return found


@given(st.lists(steps, max_size=25), st.lists(st.tuples(hosts, paths, st.booleans()), min_size=1, max_size=5))
def test_agrees_with_the_model(taken, requests):
    jar = CookieJar()
    for number, (name, domain, path, secure, from_host, from_path) in enumerate(taken):
        field = f"{name}={number}"
        field += f"; Domain={domain}" if domain else ""
        field += f"; Path={path}" if path else ""
        field += "; Secure" if secure else ""
        jar.update_cookies_from_headers([field], URL(f"http://{from_host}{from_path}"))
        for host, path, is_secure in requests[:1]:
            sent(jar, f"http{'s' if is_secure else ''}://{host}{path}")
    assert len(jar) == len(list(jar))
    for host, path, is_secure in requests:
        assert sent(jar, f"http{'s' if is_secure else ''}://{host}{path}") == model(taken, host, path, is_secure)


@given(st.lists(st.text(max_size=60) | st.text('ab=;" \\,/.', max_size=40), max_size=5))
def test_any_fields_do_no_harm(fields):
    jar = jar_with(*fields)
    header = jar.cookie_header(HOME)
    assert header is None or header.isprintable() or not header.isascii()
    assert len(jar) == len(list(jar)) <= len(fields)
