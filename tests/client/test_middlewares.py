"""Middlewares and the requests they get, apart from any server."""

import inspect
from typing import get_args

import pytest
from yarl import URL


def request(lib, method="GET", url="http://example.com/path", **options):
    return lib.load().ClientRequest(method, URL(url), **options)


async def test_they_are_wrapped_from_the_inside(lib):
    log: list[str] = []

    def named(name):
        async def middleware(req, handler):
            log.append(name)
            return await handler(req)

        return middleware

    async def handler(req):
        log.append("handler")
        return req

    build = lib.load("_client.middlewares").build_client_middlewares
    made = build(handler, [named("a"), named("b")])
    assert inspect.iscoroutinefunction(made)
    assert await made("request") == "request"
    assert log == ["a", "b", "handler"]
    assert build(handler, ()) is handler


async def test_a_middleware_may_be_any_callable(lib):
    class Middleware:
        async def __call__(self, req, handler):
            return await handler(req)

    async def handler(req):
        return req

    made = lib.load("_client.middlewares").build_client_middlewares(handler, [Middleware()])
    assert await made("request") == "request"


def test_the_types(lib):
    aiohttp = lib.load()
    (taken,), given = get_args(aiohttp.ClientHandlerType)
    assert taken is aiohttp.ClientRequest
    assert get_args(given) == (aiohttp.ClientResponse,)
    assert get_args(aiohttp.ClientMiddlewareType) == ([aiohttp.ClientRequest, aiohttp.ClientHandlerType], given)


# Requests


async def test_a_url_that_is_set_counts_at_once(lib):
    req = request(lib)
    req.url = URL("https://u:p@other.example:8443/x#part")
    assert (req.host, req.port, req.is_ssl()) == ("other.example", 8443, True)
    assert req.connection_key[:3] == ("other.example", 8443, True)
    assert req.url == URL("https://other.example:8443/x")
    assert req.request_info.real_url == req.original_url == URL("https://other.example:8443/x#part")
    assert req.headers["Host"] == "other.example:8443"
    assert req.headers["Authorization"] == "Basic dTpw"


async def test_request_info_follows_the_url(lib):
    req = request(lib)
    req.url = URL("http://other.example/")
    assert req.request_info.url == URL("http://other.example/")
    assert req.request_info.headers["Host"] == "other.example"


async def test_a_url_that_is_set_may_be_bad(lib):
    req = request(lib)
    req.url = URL("/relative")
    with pytest.raises(lib.load().InvalidURL, match="/relative"):
        _ = req.connection_key


@pytest.mark.parametrize("headers", [{"Authorization": "mine", "Host": "virtual"}])
async def test_what_the_caller_gave_is_left_alone(lib, headers):
    req = request(lib, headers=headers)
    req.url = URL("http://u:p@other.example/")
    assert req.host == "other.example"
    assert {name: req.headers[name] for name in headers} == headers


async def test_no_body_is_empty_bytes(lib):
    req = request(lib, "POST")
    assert req.body == b""
    req.body = "text"
    assert await req.body.as_bytes() == b"text"
    req.body = None
    assert req.body == b""
    assert req.headers["Content-Length"] == "0"


async def test_another_body_in_chunks_or_not(lib):
    async def pieces():
        yield b"x"

    req = request(lib, "POST", data=b"old")
    await req.update_body(pieces())
    assert (req.chunked, req.length, "Content-Length" in req.headers) == (True, None, False)
    await req.update_body(b"new")
    assert req.headers["Transfer-Encoding"] == "chunked"  # as what stood there before
    await req.update_body(None)
    assert not {"Transfer-Encoding", "Content-Encoding"} & req.headers.keys()
    await req.update_body(b"new")
    assert req.headers["Content-Length"] == "3"


async def test_the_same_body_again_is_not_closed(lib, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"body")
    with path.open("rb") as file:
        req = request(lib, "POST", data=file)
        await req.update_body(req.body)
        assert not file.closed
        await req.update_body(b"")
        assert file.closed


@pytest.mark.parametrize(
    ("version", "expected"), [("1.0", (1, 0)), ("1.1", (1, 1)), ((1, 0), (1, 0)), ("HttpVersion10", (1, 0))]
)
async def test_update_version(lib, version, expected):
    req = request(lib)
    req.update_version(getattr(lib.load(), version) if version == "HttpVersion10" else version)
    assert req.version == expected


@pytest.mark.parametrize("version", ["", "1", "1.x", "x.1", "1.1.1", "-1.1", " 1.1", "1.١"])
async def test_update_version_refuses(lib, version):
    with pytest.raises(ValueError, match="Can not parse http version number"):
        request(lib).update_version(version)


async def test_update_host(lib):
    req = request(lib)
    req.update_host(URL("http://user:pw@other.example/"))
    assert req.auth == ("user", "pw", "latin1")
    assert req.host == "example.com"
    with pytest.raises(lib.load().InvalidURL):
        req.update_host(URL("mailto:nobody"))
