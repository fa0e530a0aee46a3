"""How other people's tests and packages take hold of the client: autospec, doubles, attrs, private names."""

import asyncio
import contextlib
import sys
import types
import unittest.mock
from typing import Any

import pytest
from yarl import URL

from tests.servers import keep_answering, serve


async def test_autospec_of_a_sessions_methods(lib):
    """``mock`` binds ``self`` for real functions only: aioresponses relies on it."""
    aiohttp = lib.load()

    async def fake(self, method, url, **options) -> str:
        return f"{type(self).__name__} {method} {url}"

    with unittest.mock.patch.object(aiohttp.ClientSession, "_request", side_effect=fake, autospec=True):
        async with aiohttp.ClientSession() as session:
            assert await session.get("http://x/") == "ClientSession GET http://x/"
    for name in ("get", "ws_connect"):
        with unittest.mock.patch.object(aiohttp.ClientSession, name, autospec=True) as double:
            async with aiohttp.ClientSession() as session:
                getattr(session, name)("http://x/")
                assert double.call_args.args == (session, "http://x/")


async def test_private_names_that_packages_call(lib):
    aiohttp = lib.load()
    async with aiohttp.ClientSession("http://a/b/", headers={"X": "1", "Y": "2"}) as session:
        assert str(session._build_url("c")) == "http://a/b/c"
        assert dict(session._prepare_headers({"x": "3"})) == {"Y": "2", "x": "3"}
        assert dict(session._prepare_headers(None)) == {"X": "1", "Y": "2"}
        connector = session.connector
    async with serve(keep_answering) as server:
        session = aiohttp.ClientSession()
        async with session.get(server.url):
            pass
        connector = session.connector
        (idle,) = connector._conns.values()
        ((protocol, since),) = idle  # gql, and a snippet for all who wait for TLS transports to be closed
        assert protocol.transport is not None
        assert 0 <= asyncio.get_running_loop().time() - since < 60
        connector._close()  # fsspec, when no loop runs
        assert connector.closed
        assert not connector._conns
        while server.open:
            await asyncio.sleep(0)
        await session.close()


async def test_release_may_return_nothing(lib):
    aiohttp = lib.load()

    class Own(aiohttp.ClientResponse):
        def release(self) -> None:  # type: ignore[override]
            super().release()

    async with serve(keep_answering) as server, aiohttp.ClientSession(response_class=Own) as session:
        async with session.get(server.url) as response:
            assert await response.read() == b"ok"


async def test_what_a_context_enters_and_leaves(lib):
    """A response class of one's own, and what an own ``_request`` returns (aiohttp-client-cache), has its say."""
    aiohttp = lib.load()
    done: list[Any] = []

    class Own(aiohttp.ClientResponse):
        async def __aenter__(self) -> Any:
            done.append("in")
            return await super().__aenter__()

        async def __aexit__(self, *args: Any) -> None:
            done.append("out")
            await super().__aexit__(*args)

    class Stored:
        __slots__ = ()

        async def __aenter__(self) -> str:
            return "stored"

        async def __aexit__(self, exc_type: Any, *args: Any) -> bool:
            done.append(exc_type)
            return True

    async def request(self: Any, method: str, url: str, **options: Any) -> Any:
        return Stored()

    async with serve(keep_answering) as server, aiohttp.ClientSession(response_class=Own) as session:
        async with session.get(server.url) as response:
            assert isinstance(response, Own)
            assert done == ["in"]
        assert done == ["in", "out"]
        assert session.connector.stats().acquired == 0
    with unittest.mock.patch.object(aiohttp.ClientSession, "_request", request):
        session = aiohttp.ClientSession()
        with pytest.raises(ZeroDivisionError):
            async with session.get("http://x/") as response:
                assert response == "stored"
                1 / 0  # noqa: B018
        await session.close()
        assert done[2:] == [ZeroDivisionError]


async def test_generators_of_the_old_kind_wait_for_methods(lib):
    """``yield from``, in a function that ``types.coroutine`` marks, takes coroutines of C too: aiodocker reads so."""
    aiohttp = lib.load()

    @types.coroutine
    def read(content: Any) -> Any:
        return (yield from content.readexactly(1)), (yield from content.read())

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            assert await read(response.content) == (b"o", b"k")


@pytest.mark.parametrize("name", ["send_str", "ping"])
async def test_half_made_doubles_raise(lib, name):
    """The compiled core has typed fields that are None by then."""
    aiohttp = lib.load()

    class Fake(aiohttp.ClientWebSocketResponse):
        def __init__(self) -> None:
            self.sent: list[Any] = []

    with pytest.raises(AttributeError):
        await getattr(Fake(), name)(*(["x"] if name == "send_str" else []))


async def test_attrs_functions_take_our_classes(lib):
    attr = pytest.importorskip("attr")
    aiohttp = lib.load()
    timeout = attr.evolve(aiohttp.ClientTimeout(total=1), connect=2)
    assert (timeout.total, timeout.connect) == (1, 2)
    assert type(timeout) is aiohttp.ClientTimeout
    assert attr.asdict(aiohttp.ClientWSTimeout(ws_close=3.0)) == {"ws_receive": None, "ws_close": 3.0}
    assert attr.has(aiohttp.TraceRequestStartParams)
    assert [field.name for field in attr.fields(aiohttp.ETag)] == ["value", "is_weak"]


async def test_writers_hear_of_the_end(lib):
    """What was written and not sent is lost: nobody is told that all is well."""
    protocol = lib.load("_stream.protocol").BaseProtocol(asyncio.get_running_loop())
    protocol.connection_made(unittest.mock.Mock())
    protocol.pause_writing()
    waiting = asyncio.create_task(protocol._drain_helper())
    await asyncio.sleep(0)
    protocol.connection_lost(None)
    with pytest.raises(ConnectionResetError):
        await waiting


@pytest.mark.parametrize("headers", [None, unittest.mock.Mock()], ids=["None", "Mock"])
async def test_errors_of_doubles_can_be_shown(lib, headers):
    aiohttp = lib.load()
    info = aiohttp.RequestInfo(URL("http://x/"), "GET", headers, URL("http://x/"))
    assert "http://x/" in repr(info)
    assert "404" in repr(aiohttp.ClientResponseError(info, (), status=404))


async def test_half_made_objects_go_in_silence(lib):
    """They have no fields in the pure core; an error in ``__del__`` cannot be caught, and fails this test."""
    aiohttp = lib.load()
    for cls in (aiohttp.ClientResponse, aiohttp.ClientSession, aiohttp.TCPConnector, aiohttp.connector.Connection):
        cls.__new__(cls)


def test_no_state_crashes_a_class(lib):
    """What ``pickle`` calls is given what it may not be given; the interpreter must live on."""
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == lib.load().__name__}
    for module in modules.values():
        for cls in [found for found in vars(module).values() if isinstance(found, type)]:
            if cls.__module__ not in modules or not hasattr(cls, "__setstate_cython__"):
                continue
            for state in (None, 1.5, (), (1, 2, 3)):
                with contextlib.suppress(Exception):
                    cls.__new__(cls).__setstate__(state)


@pytest.mark.parametrize("name", ["_cookie_jar", "_connector"])
async def test_patches_of_a_session_are_taken_back(lib, name):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        own = getattr(session, name)
        with unittest.mock.patch.object(session, name) as double:
            assert getattr(session, name) is double
        assert getattr(session, name) is own
        assert not session.closed
