"""Client quickstart (000_f171a106151e1638): multipart, ``text=``, ``streamer`` and WebSockets."""

import pytest

from tests.against import better
from tests.seeds.doubles import CLOSE, TEXT, Socket
from tests.seeds.httpbin import url_of
from tests.servers import Peer, serve


@pytest.fixture
def report(tmp_path):
    """The example's ``report.xls``."""
    path = tmp_path / "report.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0 cells")
    return path


@better("the keyword has gone")
async def test_text(lib, httpbin):
    async with lib.load().ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), text="Тест") as resp:
            answer = await resp.json()
            assert answer["data"] == "Тест"
            assert answer["headers"]["Content-Type"] == "text/plain; charset=utf-8"


@better("the keyword has gone")
@pytest.mark.parametrize("other", [{"data": b"x"}, {"json": 1}])
async def test_text_excludes_other_bodies(lib, httpbin, other):
    async with lib.load().ClientSession() as session:
        with pytest.raises(ValueError):
            await session.post(url_of(httpbin, "/post"), text="x", **other)
    assert not httpbin.requests


async def test_multipart_file(lib, httpbin, report):
    files = {"file": open(report, "rb")}  # noqa: SIM115 - as the page has it
    async with lib.load().ClientSession() as session:
        resp = await session.post(url_of(httpbin, "/post"), data=files)
        sent = (await resp.json())["files"]["file"]
        assert (sent["filename"], sent["content"]) == ("report.xls", "\xd0\xcf\x11\xe0 cells")
    files["file"].close()


async def test_form_data(lib, httpbin, report):
    aiohttp = lib.load()
    data = aiohttp.FormData()
    with open(report, "rb") as f:
        data.add_field("file", f, filename="other.xls", content_type="application/vnd.ms-excel")
        data.add_field("plain", "text")
        async with aiohttp.ClientSession() as session:
            resp = await session.post(url_of(httpbin, "/post"), data=data)
            answer = await resp.json()
    assert answer["files"]["file"] == {
        "filename": "other.xls", "type": "application/vnd.ms-excel", "content": "\xd0\xcf\x11\xe0 cells"
    }  # fmt: skip
    assert answer["form"] == {"plain": "text"}
    assert answer["headers"]["Content-Type"].startswith("multipart/form-data; boundary=")


async def test_streamer(lib, httpbin, tmp_path):
    aiohttp = lib.load()
    (tmp_path / "huge_file").write_bytes(b"0123456789" * 20_000)

    with pytest.warns(DeprecationWarning, match="streamer"):

        @aiohttp.streamer
        async def file_sender(writer, file_name=None):
            with open(file_name, "rb") as f:
                chunk = f.read(2**16)
                while chunk:
                    await writer.write(chunk)
                    chunk = f.read(2**16)

    async with aiohttp.ClientSession() as session:
        async with session.post(url_of(httpbin, "/post"), data=file_sender(file_name=tmp_path / "huge_file")) as resp:
            assert (await resp.json())["headers"]["Transfer-Encoding"] == "chunked"
    assert httpbin.bodies == [b"0123456789" * 20_000]


async def test_websocket(lib):
    aiohttp = lib.load()
    heard = []

    async def handler(peer: Peer) -> None:
        socket = Socket(peer)
        await socket.accept()
        for said in (b"one", "два".encode(), b"close cmd"):
            await socket.send(TEXT, said)
            heard.append(await socket.receive())
        await socket.send(CLOSE, heard[-1][1])

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.ws_connect(server.url) as ws:
            async for msg in ws:
                if msg.type == aiohttp.WSMsgType.TEXT:
                    if msg.data == "close cmd":
                        await ws.close()
                        break
                    await ws.send_str(msg.data + "/answer")
                elif msg.type == aiohttp.WSMsgType.CLOSED or msg.type == aiohttp.WSMsgType.ERROR:
                    break
            assert ws.closed
    assert heard == [(TEXT, b"one/answer"), (TEXT, "два/answer".encode()), (CLOSE, b"\x03\xe8")]
