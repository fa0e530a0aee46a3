"""Digest authentication apart from any server: vectors of the RFCs, challenges good and bad, quoting."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

RFC7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
RFC7616_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
RFC2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)


def parameters(value: str) -> dict[str, str]:
    """Read an Authorization field that was made here, by rules of the test's own."""
    assert value.startswith("Digest ")
    found = re.findall(r'([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))(?:, |$)', value[7:])
    made = ", ".join(
        f'{name}="{quoted}"' if f'{name}="' in value else f"{name}={token}" for name, quoted, token in found
    )
    assert made == value[7:]
    return {name: re.sub(r"\\(.)", r"\1", quoted) or token for name, quoted, token in found}


async def answers(lib, monkeypatch, field, login="u", password="p", *, method="GET", path="/", cnonce=None, body=b""):
    """Return the parameters with which the middleware answers the challenge *field*."""
    module = lib.load("_client.digest_auth")
    if cnonce is not None:
        monkeypatch.setattr("secrets.token_hex", lambda size: cnonce)
    sent = []

    async def handler(request):
        sent.append(request.headers.get("Authorization"))
        headers = CIMultiDictProxy(CIMultiDict({"WWW-Authenticate": field} if len(sent) == 1 else {}))
        return SimpleNamespace(status=401 if len(sent) == 1 else 200, headers=headers, release=lambda: None)

    url = URL("http://www.example.org").join(URL(path))
    request = lib.load().ClientRequest(method, url, data=body or None)
    await module.DigestAuthMiddleware(login, password)(request, handler)
    assert sent[0] is None
    return parameters(sent[1])


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
async def test_rfc_7616_3_9_1(lib, monkeypatch, algorithm, expected):
    """The example has qop=auth, so it is the only one that is offered here."""
    field = RFC7616.format(algorithm).replace("auth, auth-int", "auth")
    found = await answers(
        lib, monkeypatch, field, "Mufasa", "Circle of Life", path="/dir/index.html", cnonce=RFC7616_CNONCE
    )
    assert found == {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "uri": "/dir/index.html",
        "response": expected,
        "algorithm": algorithm,
        "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": RFC7616_CNONCE,
    }


async def test_rfc_7616_3_9_2_hashed_user(lib, monkeypatch):
    """The example with the values of its erratum 4897: those of the RFC are of another SHA-512/256."""
    module = lib.load("_client.digest_auth")
    if "SHA-512-256" not in module.DigestFunctions:
        pytest.skip("OpenSSL has no SHA-512/256")
    field = (
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", '
        'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
    )
    found = await answers(
        lib,
        monkeypatch,
        field,
        "Jäsøn Doe",
        "Secret, or not?",
        path="/doe.json",
        cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    )
    assert found["username"] == "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
    assert found["response"] == "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    assert found["userhash"] == "true"


async def test_rfc_2617_3_5(lib, monkeypatch):
    field = RFC2617.replace("auth,auth-int", "auth")
    found = await answers(
        lib, monkeypatch, field, "Mufasa", "Circle Of Life", path="/dir/index.html", cnonce="0a4f113b"
    )
    assert found["response"] == "6629fae49393a05397450978507c4ef1"


async def test_rfc_2069(lib, monkeypatch):
    """The example of RFC 2069 2.4, its response as its erratum 749 has it."""
    field = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    found = await answers(lib, monkeypatch, field, "Mufasa", "CircleOfLife", path="/dir/index.html")
    assert found["response"] == "1949323746fe6a43ef61f9606e7febea"
    assert not {"qop", "nc", "cnonce"} & found.keys()


@pytest.mark.parametrize(
    ("login", "charset", "expected"),
    [
        ("user", "UTF-8", {"username": "user"}),
        ("Jäsøn Doe", "UTF-8", {"username*": "UTF-8''J%C3%A4s%C3%B8n%20Doe"}),
        ("Jäsøn Doe", "", {"username": "Jäsøn Doe"}),
        ('a"b\\c, d', "utf-8", {"username": 'a"b\\c, d'}),
    ],
)
async def test_names_of_users(lib, monkeypatch, login, charset, expected):
    field = RFC7616.format("SHA-256") + (f", charset={charset}" if charset else "")
    found = await answers(lib, monkeypatch, field, login)
    assert {name: value for name, value in found.items() if name.startswith("username")} == expected


async def test_values_are_quoted_as_they_were(lib, monkeypatch):
    found = await answers(
        lib, monkeypatch, r'Digest realm="a \"b\" \\ c", nonce="n,=", opaque="", qop=auth', path="/a,b?c=%22"
    )
    assert (found["realm"], found["nonce"], found["opaque"]) == (r'a "b" \ c', "n,=", "")
    assert found["uri"] == "/a,b?c=%22"


@pytest.mark.parametrize(
    ("qop", "body", "expected"),
    [
        ('"auth"', b"x", "auth"), ("auth-int", b"x", "auth-int"), ('"auth,auth-int"', b"x", "auth-int"),
        ('"auth-int , other"', b"", "auth-int"), ('" AUTH "', b"", "auth"), ('"other,auth"', b"", "auth"),
        ('""', b"", None),
    ],
)  # fmt: skip
async def test_quality_of_protection(lib, monkeypatch, qop, body, expected):
    found = await answers(lib, monkeypatch, f'Digest realm="r", nonce="n", qop={qop}', method="POST", body=body)
    assert found.get("qop") == expected


# Challenges


def choose(lib, *fields):
    return lib.load("_client.digest_challenge").choose(fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (['Digest realm="r", nonce="a", algorithm=MD5', 'Digest realm="r", nonce="b", algorithm=SHA-256'], "b"),
        (['Digest realm="r", nonce="a", algorithm=SHA-256', 'Digest realm="r", nonce="b", algorithm=MD5'], "a"),
        (['Digest realm="r", nonce="a", algorithm=MD5, Digest realm="r", nonce="b", algorithm=SHA-512'], "b"),
        (['Basic realm="x", Digest realm="r", nonce="a"'], "a"),
        (["Negotiate", 'Digest realm="r", nonce="a"', "Bearer"], "a"),
        (['Digest realm="r", nonce="a", algorithm=NEW', 'Digest realm="r", nonce="b"'], "b"),
        (['Digest realm="r", nonce="a"', 'Digest realm="s", nonce="b"'], "a"),
        (['dIGEST REALM="r",NONCE="a"'], "a"),
        (['Digest realm = "r" , nonce\t=\t"a"'], "a"),
        (["Digest realm=r,, ,nonce=a,"], "a"),
    ],
)
def test_the_strongest_is_chosen(lib, fields, expected):
    assert choose(lib, *fields).nonce == expected


@pytest.mark.parametrize("fields", [[], ["Basic"], ["Digest"], [""], ['Basic realm="Digest", nonce="x"'], ["NTLM x=="]])
def test_no_digest_challenge(lib, fields):
    assert choose(lib, *fields) is None


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ('nonce="n"', "missing 'realm'"),
        ('realm="r"', "missing 'nonce'"),
        ('realm="r", nonce=""', "empty 'nonce'"),
        ('realm="r", nonce="n", algorithm=MD6', "unsupported algorithm 'MD6'"),
        ('realm="r", nonce="n", qop="other"', "unsupported quality of protection"),
        ('realm="r", nonce="n", REALM="s"', "'realm' given twice"),
        ('realm="r", nonce="n\x01"', "control character in parameter 'nonce'"),
        ('realm="r, nonce="n"', "missing 'nonce'"),
    ],
)
def test_bad_challenges(lib, params, message):
    with pytest.raises(lib.load().ClientError, match=message):
        choose(lib, f"Digest {params}")


@given(st.text(st.sampled_from('Digest realm="\\,= \tnoceqp\x01ü')) | st.text())
def test_any_field_is_read_or_refused(text):
    from aiohttp_fast import ClientError
    from aiohttp_fast._client.digest_challenge import choose, parse_header_pairs

    parse_header_pairs(text)
    for field in (text, "Digest " + text, 'Digest realm="r", nonce="' + text):
        try:
            choose([field])
        except ClientError:
            pass


def test_reading_takes_linear_time():
    """What looks like a quoted string without an end is not tried again and again."""
    from aiohttp_fast._client.digest_challenge import parse_header_pairs

    for text in ('a="' * 30_000, 'a="\\' * 30_000, "a " * 30_000, "a=\\" * 30_000, "a" * 50_000, "=" * 50_000):
        parse_header_pairs(text)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=b", {"a": "b"}),
        ('a="b", c=d', {"a": "b", "c": "d"}),
        ('Digest a=b, Basic realm="x"', {"a": "b"}),
        ('a = "b" , c="x, y"', {"a": "b", "c": "x, y"}),
        ("", {}),
        ("a=", {}),
        ("A=B, a=C", {"A": "B", "a": "C"}),
        (r'a="\"q\""', {"a": '"q"'}),
        (",,a=b,,", {"a": "b"}),
        ("nonce=n==", {"nonce": "n=="}),
        ("Negotiate, Digest a=b", {"a": "b"}),
    ],
)
def test_header_pairs(lib, header, expected):
    assert lib.load("_client.digest_auth").parse_header_pairs(header) == expected


@given(st.text())
def test_quoting_round_trip(text):
    from aiohttp_fast._client.digest_auth import escape_quotes, parse_header_pairs, unescape_quotes

    quoted = escape_quotes(text)
    assert unescape_quotes(quoted) == text
    if "\n" not in text:
        assert parse_header_pairs(f'name="{quoted}"') == {"name": text}


def test_names_and_functions(lib):
    module = lib.load("_client.digest_auth")
    assert set(module.SUPPORTED_ALGORITHMS) <= set(module.DigestFunctions)
    assert module.DigestFunctions["MD5"](b"").hexdigest() == "d41d8cd98f00b204e9800998ecf8427e"
    assert module.DigestFunctions["SHA-256-SESS"](b"").name == "sha256"


@pytest.mark.parametrize(
    ("login", "password", "error"),
    [
        (None, "p", ValueError), ("u", None, ValueError), ("u:x", "p", ValueError), ("u\r\nx", "p", ValueError),
        ("u\0", "p", ValueError), (1, "p", TypeError), ("u", b"p", TypeError),
    ],
)  # fmt: skip
def test_bad_credentials(lib, login, password, error):
    with pytest.raises(error, match=r"login|password"):
        lib.load().DigestAuthMiddleware(login, password)


def test_the_password_is_not_shown(lib):
    assert "secret" not in repr(lib.load().DigestAuthMiddleware("login", "secret"))
