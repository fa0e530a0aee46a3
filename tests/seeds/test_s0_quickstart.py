"""Client quickstart (000_f171a106151e1638): its examples, in its order."""

import asyncio
import json

import pytest
from multidict import MultiDict
from yarl import URL

from tests.seeds.httpbin import GIF, url_of


async def test_make_a_request(lib, httpbin):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        async with session.get(str(url_of(httpbin, "/events"))) as resp:
            assert resp.status == 200
            assert (await resp.text()).startswith('[{"created_at": "2015-06-12T14:06:22Z"')
            assert isinstance(resp, aiohttp.ClientResponse)


async def test_post(lib, httpbin):
    async with lib.load().ClientSession() as session:
        resp = await session.post(url_of(httpbin, "/post"), data=b"data")
        assert (await resp.json())["data"] == "data"


async def test_other_methods(lib, httpbin):
    async with lib.load().ClientSession() as session:
        for verb, path, data in (("put", "/put", b"data"), ("patch", "/patch", b"data"), ("delete", "/delete", None)):
            async with getattr(session, verb)(url_of(httpbin, path), data=data) as resp:
                answer = await resp.json()
                assert (answer["method"], answer["data"]) == (verb.upper(), "data" if data else "")
        async with session.head(url_of(httpbin, "/get")) as resp:
            assert (resp.headers["X-Method"], await resp.read()) == ("HEAD", b"")
        async with session.options(url_of(httpbin, "/get")) as resp:
            assert resp.headers["Allow"] == "GET, HEAD, OPTIONS"


async def test_connections_are_reused(lib, httpbin):
    async with lib.load().ClientSession() as session:
        for _ in range(5):
            async with session.get(url_of(httpbin, "/get")) as resp:
                await resp.read()
    assert httpbin.connections == 1


# Passing parameters in URLs


async def test_params_dict(lib, httpbin):
    params = {"key1": "value1", "key2": "value2"}
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/get"), params=params) as resp:
            expect = str(url_of(httpbin, "/get?key1=value1&key2=value2"))
            assert str(resp.url) == expect
            assert (await resp.json())["args"] == params


@pytest.mark.parametrize("kind", [list, MultiDict, tuple])
async def test_params_with_several_values(lib, httpbin, kind):
    params = kind([("key", "value1"), ("key", "value2")])
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/get"), params=params) as r:
            expect = str(url_of(httpbin, "/get?key=value1&key=value2"))
            assert str(r.url) == expect
            assert (await r.json())["args"] == {"key": ["value1", "value2"]}


async def test_params_str_is_not_encoded(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/get"), params="key=value+1") as r:
            assert str(r.url) == str(url_of(httpbin, "/get?key=value+1"))
            assert (await r.json())["target"] == "/get?key=value+1"


async def test_canonization(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(f"{httpbin.url}путь%30?a=%31") as r:
            assert (await r.json())["target"] == "/%D0%BF%D1%83%D1%82%D1%8C0?a=1"
        async with session.get(URL(f"{httpbin.url}path%30?a=%31")) as r:
            assert (await r.json())["target"] == "/path0?a=1"


async def test_canonization_disabled(lib, httpbin):
    async with lib.load().ClientSession() as session:
        resp = await session.get(URL(f"{httpbin.url}path%30?a=%31", encoded=True))
        assert (await resp.json())["target"] == "/path%30?a=%31"


async def test_passing_params_overrides_encoded(lib, httpbin):
    async with lib.load().ClientSession() as session:
        resp = await session.get(URL(f"{httpbin.url}get?a=%31", encoded=True), params={"b": "%32"})
        assert (await resp.json())["args"] == {"a": "1", "b": "%32"}


# Response content


async def test_text_with_encoding(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/text/utf-8?said=utf-8")) as resp:
            assert await resp.text() == "Привет, Мир!"
        async with session.get(url_of(httpbin, "/text/windows-1251")) as resp:
            assert await resp.text(encoding="windows-1251") == "Привет, Мир!"


async def test_binary_content(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/image")) as resp:
            assert await resp.read() == GIF


@pytest.mark.parametrize("coding", ["gzip", "deflate", "brotli"])
async def test_codings_are_removed(lib, httpbin, coding):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/" + coding)) as resp:
            answer = await resp.json()
            assert answer["coded"] == resp.headers["Content-Encoding"]
            assert answer["coded"] in answer["headers"]["Accept-Encoding"].split(", ")


# JSON


async def test_json_request(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), json={"test": "object"}) as resp:
            answer = await resp.json()
            assert answer["json"] == {"test": "object"}
            assert answer["headers"]["Content-Type"] == "application/json"


async def test_json_serialize(lib, httpbin):
    def dumps(value) -> str:
        return json.dumps(value, separators=(",", ":"))

    async with lib.load().ClientSession(json_serialize=dumps) as session:
        assert session.json_serialize is dumps
        resp = await session.post(url_of(httpbin, "/post"), json={"test": "object"})
        assert (await resp.json())["data"] == '{"test":"object"}'


async def test_json_response(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/events")) as resp:
            assert (await resp.json())[0]["public"] is True
        async with session.get(url_of(httpbin, "/text/utf-8")) as resp:
            with pytest.raises(ValueError):
                await resp.json(content_type=None)
        async with session.get(url_of(httpbin, "/events")) as resp:
            assert await resp.json(encoding="ascii", loads=lambda text: text[:2]) == "[{"


# Streaming


async def test_streaming_response(lib, httpbin, tmp_path):
    chunk_size, filename = 700, tmp_path / "saved"
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/stream-bytes/5000")) as resp:
            assert await resp.content.read(10) == bytes(range(10))
            with open(filename, "wb") as fd:
                while True:
                    chunk = await resp.content.read(chunk_size)
                    if not chunk:
                        break
                    fd.write(chunk)
    assert filename.stat().st_size == 4990


async def test_no_text_after_explicit_reading(lib, httpbin):
    """``read()`` gives what is left, which is why the page tells its readers not to."""
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/stream-bytes/5000")) as resp:
            taken = await resp.content.read(10)
            assert len(taken) + len(await resp.read()) == 5000


# More complicated POST requests


async def test_form(lib, httpbin):
    payload = {"key1": "value1", "key2": "value2"}
    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=payload) as resp:
            assert (await resp.json())["form"] == payload


async def test_bytes(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=b"\x00Binary-data\x00") as resp:
            answer = await resp.json()
            assert answer["headers"]["Content-Type"] == "application/octet-stream"
            assert answer["data"] == "\x00Binary-data\x00"


async def test_streaming_upload_of_a_file(lib, httpbin, tmp_path):
    (tmp_path / "massive-body").write_bytes(b"0123456789" * 50_000)
    async with lib.load().ClientSession() as session:
        with open(tmp_path / "massive-body", "rb") as f:
            resp = await session.post(url_of(httpbin, "/post"), data=f)
            assert (await resp.json())["headers"]["Content-Length"] == "500000"
    assert httpbin.bodies == [b"0123456789" * 50_000]


# Timeouts


async def test_timeout_of_a_request(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.get(url_of(httpbin, "/get"), timeout=60) as r:
            assert r.status == 200
        with pytest.raises(TimeoutError):
            await session.get(url_of(httpbin, "/delay/10"), timeout=0.02)


@pytest.mark.parametrize("off", [None, 0])
async def test_no_timeout(lib, httpbin, off):
    aiohttp = lib.load()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.02)) as session:
        async with session.get(url_of(httpbin, "/delay/0.1"), timeout=off) as r:
            assert r.status == 200


async def test_timeout_from_outside(lib, httpbin):
    async with lib.load().ClientSession() as session:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                async with session.get(url_of(httpbin, "/delay/10")) as r:
                    await r.text()


async def test_timeout_is_cumulative(lib, httpbin):
    """Each of the redirects is quick enough, all of them together are not."""
    async with lib.load().ClientSession() as session:
        with pytest.raises(TimeoutError):
            await session.get(url_of(httpbin, "/redirect/9?delay=0.25"), timeout=1)
    assert 1 < len(httpbin.requests) < 9
