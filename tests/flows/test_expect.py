"""Expect: 100-continue (RFC 9110 10.1.1): the body waits for the server's word, but not for ever."""

import asyncio
import io
import warnings

import pytest
from yarl import URL

from tests.flows.test_faults import settled, works
from tests.flows.trace_scenarios import CONTINUE, HALF, OK, redirect
from tests.servers import Peer, serve

EXPECT = b"\r\nExpect: 100-continue\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
TICK = 0.05  # seconds in which a body would have come, were it sent


async def is_held_back(peer: Peer) -> bool:
    """True if nothing follows the head for a while."""
    try:
        data = await asyncio.wait_for(peer.reader.read(1), TICK)
    except TimeoutError:
        return True
    assert not data
    return False


async def continuing(peer: Peer) -> None:
    """Ask for the body of every request that offers to wait; answer with it."""
    while True:
        head = await peer.head()
        if EXPECT.lower() in head.lower():
            assert await is_held_back(peer)
            await peer.send(CONTINUE)
        peer.server.bodies.append(await body_of(peer, head))
        await peer.answer()


async def body_of(peer: Peer, head: bytes) -> bytes:
    if b"Transfer-Encoding: chunked" in head:
        return await peer.reader.readuntil(b"0\r\n\r\n")
    _, found, rest = head.partition(b"Content-Length: ")
    return await peer.reader.readexactly(int(rest.partition(b"\r\n")[0])) if found else b""


async def pieces():
    yield b"hel"
    yield b"lo"


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"data": b"hello", "expect100": True}, b"hello"),
        ({"data": b"hello", "headers": {"Expect": "100-Continue"}}, b"hello"),
        ({"data": b"hello", "headers": {"Expect": "something"}, "expect100": True}, b"hello"),
        ({"data": pieces, "expect100": True}, b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
        ({"data": b"hello", "chunked": True, "expect100": True}, b"5\r\nhello\r\n0\r\n\r\n"),
        ({"json": ["hello"], "expect100": True}, b'["hello"]'),
        ({"data": lambda: io.BytesIO(b"x" * 1_000_000), "expect100": True}, b"x" * 1_000_000),
    ],
    ids=["bytes", "own-field", "own-field-replaced", "pieces", "chunked", "json", "large"],
)
async def test_body_waits_for_100(lib, options, body):
    async with serve(continuing) as server, lib.load().ClientSession() as session:
        for _ in range(2):
            given = {name: value() if callable(value) else value for name, value in options.items()}
            async with session.post(server.url, **given) as response:
                assert await response.read() == b"ok"
        await settled(session.connector)
    assert server.bodies == [body] * 2
    assert server.connections == 1
    assert all(head.lower().count(b"\r\nexpect: ") == 1 for head in server.requests)


async def test_session_wide_field(lib):
    async with (
        serve(continuing) as server,
        lib.load().ClientSession(headers={"Expect": "100-continue"}) as session,
    ):
        async with session.put(server.url, data=b"hello") as response:
            assert await response.read() == b"ok"
    assert server.bodies == [b"hello"]


@pytest.mark.parametrize(
    ("method", "options", "sent"),
    [
        ("POST", {"expect100": True}, False),
        ("GET", {"expect100": True}, False),
        ("POST", {"expect100": True, "data": b""}, False),
        ("POST", {"expect100": True, "headers": {"Expect": "100-continue"}}, False),
        ("POST", {"headers": {"Expect": "100-continue"}}, True),
        ("POST", {"expect100": False, "data": b"hello"}, False),
    ],
    ids=["post", "get", "empty", "field-and-option", "field", "not-asked"],
)
async def test_nothing_to_wait_for(lib, method, options, sent):
    """Without a body there is no expectation (RFC 9110 10.1.1); what the caller wrote is sent, and nobody waits."""

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for _ in range(2):
            async with session.request(method, server.url, **options) as response:
                assert await asyncio.wait_for(response.read(), 0.5) == b"ok"
    assert [EXPECT in head for head in server.requests] == [sent] * 2
    assert server.connections == 1


async def test_other_expectations_are_not_waited_for(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"hello", headers={"Expect": "200-ok"}) as response:
            assert await asyncio.wait_for(response.read(), 0.5) == b"ok"
    assert server.bodies == [b"hello"]


async def test_http_1_0_has_no_expectations(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()

    async with serve(handler) as server, aiohttp.ClientSession(version=aiohttp.HttpVersion10) as session:
        async with session.post(server.url, data=b"hello", expect100=True) as response:
            assert await asyncio.wait_for(response.read(), 0.5) == b"ok"
    assert EXPECT not in server.requests[0]


async def test_a_server_that_says_nothing_gets_the_body(lib, monkeypatch):
    monkeypatch.setattr(lib.load("_client.sending"), "_PATIENCE", 0.1)
    aiohttp = lib.load()
    waited = []

    async def handler(peer: Peer) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await peer.head()
            since = loop.time()
            peer.server.bodies.append(await peer.reader.readexactly(5))
            waited.append(loop.time() - since)
            await peer.answer()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.post(server.url, data=b"hello", expect100=True) as response:
                assert await response.read() == b"ok"
        await settled(session.connector)
    assert server.bodies == [b"hello"] * 2
    assert server.connections == 1
    assert min(waited) > 0.05


def test_it_waits_for_a_second(lib):
    assert lib.load("_client.sending")._PATIENCE == 1.0


async def test_hints_are_no_word(lib):
    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(HINTS)
        assert await is_held_back(peer)
        await peer.send(CONTINUE + CONTINUE)
        peer.server.bodies.append(await peer.reader.readexactly(5))
        await peer.send(HINTS + CONTINUE + OK)
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"hello", expect100=True) as response:
            assert await response.read() == b"ok"
    assert server.bodies == [b"hello"]


# Final answers in place of 100


@pytest.mark.parametrize("status", [200, 401, 413, 500])
@pytest.mark.parametrize("whole", [True, False])
async def test_final_answer_saves_the_body(lib, status, whole):
    """Its connection, on which the body is missing, is not used again."""
    rest = []

    async def handler(peer: Peer) -> None:
        await peer.head()
        answer = OK.replace(b"200", b"%d" % status)
        if whole:
            await peer.send(answer)
        else:
            await peer.send(answer[:-1])
            assert await is_held_back(peer)
            await peer.send(answer[-1:])
        rest.append(await peer.reader.read())

    async with serve(handler) as server, lib.load().ClientSession() as session:
        body = io.BytesIO(b"hello")
        async with session.post(server.url, data=body, expect100=True) as response:
            assert response.status == status
            assert await response.read() == b"ok"
        await settled(session.connector)
        assert not session.connector._conns
        while server.open:
            await asyncio.sleep(0)
    assert rest == [b""]


async def test_417_is_asked_again_without(lib):
    """RFC 9110 10.1.1: somebody on the way does not know expectations."""

    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.head()
            if EXPECT in head:
                await peer.answer(b"", status=b"417 Expectation Failed")
            else:
                peer.server.bodies.append(await body_of(peer, head))
                await peer.answer()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for body in (b"hello", pieces()):  # one that can be sent once only was not touched
            async with session.post(server.url, data=body, expect100=True) as response:
                assert (response.status, response.history) == (200, ())
                assert await response.read() == b"ok"
        await settled(session.connector)
    assert server.bodies == [b"hello", b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"]
    assert [EXPECT in head for head in server.requests] == [True, False] * 2


async def test_417_that_lasts_is_the_answer(lib):
    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.answer(b"", status=b"417 Expectation Failed")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"hello", expect100=True) as response:
            assert response.status == 417
        await settled(session.connector)
    assert [EXPECT in head for head in server.requests] == [True, False]


async def test_417_for_a_body_that_is_used_up(lib, monkeypatch):
    monkeypatch.setattr(lib.load("_client.sending"), "_PATIENCE", 0.01)

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.reader.readuntil(b"0\r\n\r\n")
        await peer.answer(b"", status=b"417 Expectation Failed")
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=pieces(), expect100=True) as response:
            assert response.status == 417
    assert len(server.requests) == 1


# Redirects


async def test_redirected_body_is_asked_for_again(lib):
    async def handler(peer: Peer) -> None:
        head = await peer.head()
        if head.startswith(b"POST / "):
            await peer.send(redirect("/b", 307))
            assert await peer.reader.read() == b""
        else:
            assert EXPECT in head
            assert await is_held_back(peer)
            await peer.send(CONTINUE)
            peer.server.bodies.append(await peer.reader.readexactly(5))
            await peer.answer()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"hello", expect100=True) as response:
            assert await response.read() == b"ok"
        await settled(session.connector)
    assert server.bodies == [b"hello"]


@pytest.mark.parametrize("options", [{"expect100": True}, {"headers": {"Expect": "100-continue"}}])
async def test_redirect_without_body_expects_nothing(lib, options):
    async def handler(peer: Peer) -> None:
        if (await peer.head()).startswith(b"POST"):
            await peer.send(redirect("/b", 303))
        else:
            await peer.answer()
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.post(server.url, data=b"hello", **options) as response:
            assert await asyncio.wait_for(response.read(), 0.5) == b"ok"
    assert [EXPECT in head for head in server.requests] == [True, False]


# Faults


async def test_peer_that_goes_away(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.post(server.url, data=b"hello", expect100=True)
        await settled(session.connector)


@pytest.mark.parametrize("after", ["head", "interim", "half"])
async def test_total_while_waiting(lib, after):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        if after == "interim":
            await peer.send(HINTS)
        if after == "half":
            await peer.send(HALF)
        assert await peer.reader.read() == b""

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(asyncio.TimeoutError):
            async with session.post(
                server.url, data=b"hello", expect100=True, timeout=aiohttp.ClientTimeout(total=0.1)
            ) as response:
                await response.read()
        await settled(session.connector)


async def test_sock_read_counts_from_the_body_on(lib, monkeypatch):
    monkeypatch.setattr(lib.load("_client.sending"), "_PATIENCE", 0.2)
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        peer.server.bodies.append(await peer.reader.readexactly(5))
        assert await peer.reader.read() == b""

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.SocketTimeoutError):
            await session.post(server.url, data=b"hello", expect100=True, timeout=aiohttp.ClientTimeout(sock_read=0.05))
        await settled(session.connector)
    assert server.bodies == [b"hello"]


async def test_sock_read_counts_for_the_answer_in_place_of_100(lib):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(HALF)
        assert await peer.reader.read() == b""

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with session.post(
            server.url, data=b"hello", expect100=True, timeout=aiohttp.ClientTimeout(sock_read=0.1)
        ) as response:
            with pytest.raises(aiohttp.SocketTimeoutError):
                await response.read()
        await settled(session.connector)


async def test_cancelled_after_every_loop_step(lib):
    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.head()
            await peer.send(CONTINUE)
            await body_of(peer, head)
            await peer.answer()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        for steps in range(60):
            task = asyncio.create_task(session.post(server.url, data=b"hello", expect100=True))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            try:
                (await task).release()
            except asyncio.CancelledError:
                pass
            await settled(session.connector)
        async with session.post(server.url, data=b"hello", expect100=True) as response:
            assert await response.read() == b"ok"


@pytest.mark.parametrize("expect100", [True, False])
async def test_endless_interim_answers(lib, expect100):
    """SECURITY.md: a cap for 1xx."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        while True:
            await peer.send(CONTINUE)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientResponseError, match="100"):
            await asyncio.wait_for(session.post(server.url, data=b"hello", expect100=expect100), 5)
        await settled(session.connector)
        assert not session.connector._conns


async def test_stale_connection(lib):
    """A PUT that waited in vain on a dead connection is sent again, and asks again."""
    seen = []

    async def handler(peer: Peer) -> None:
        head = await peer.head()
        if head.startswith(b"GET"):
            await peer.answer()
            await peer.head()  # of the PUT; then close
            return
        seen.append(EXPECT in head)
        await peer.send(CONTINUE)
        assert await peer.reader.readexactly(5) == b"hello"
        await peer.answer()
        await peer.gone()

    async with serve(handler) as server, lib.load().ClientSession() as session:
        await works(session, server.url)
        async with session.put(server.url, data=b"hello", expect100=True) as response:
            assert await response.read() == b"ok"
    assert seen == [True]


# By hand


async def test_changed_bodies(lib):
    aiohttp = lib.load()
    made = aiohttp.ClientRequest("POST", URL("http://some.test/"), data=b"hello", expect100=True)
    assert made.headers["Expect"] == "100-continue"
    await made.update_body(None)
    assert "Expect" not in made.headers
    made = aiohttp.ClientRequest("POST", URL("http://some.test/"), data=b"hello")
    made.update_expect_continue()
    assert "Expect" not in made.headers
    made.update_expect_continue(True)
    assert made.headers.getall("Expect") == ["100-continue"]
    await made.update_body(b"other")
    assert made.headers.getall("Expect") == ["100-continue"]


async def test_future_of_a_response_made_by_hand(lib):
    """``continue100`` is set as the server answers."""
    aiohttp = lib.load()
    loop = asyncio.get_running_loop()
    answers = []

    class Own(aiohttp.ClientResponse):
        def __init__(self, *args, **kwargs):
            kwargs["continue100"] = loop.create_future()
            answers.append(kwargs["continue100"])
            super().__init__(*args, **kwargs)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(CONTINUE + OK)
        await peer.request()
        await peer.send(OK)
        await peer.gone()

    async with serve(handler) as server, aiohttp.ClientSession(response_class=Own) as session:
        await works(session, server.url)
        await works(session, server.url)
    assert [answer.result() for answer in answers] == [True, False]


async def test_old_facts_of_a_response(lib):
    """``output_size`` and ``upload_complete`` (deprecated) tell of the request's body."""
    aiohttp = lib.load()
    async with serve(continuing) as server, aiohttp.ClientSession() as session:
        for options in ({}, {"data": b"hello"}, {"data": b"x" * 100_000}, {"data": b"hello", "expect100": True}):
            async with session.post(server.url, **options) as response:
                with pytest.warns(DeprecationWarning, match="output_size is deprecated"):
                    size = response.output_size
                assert size == len(server.requests[-1]) + len(server.bodies[-1])
                with pytest.warns(DeprecationWarning, match="upload_complete is deprecated"):
                    complete = response.upload_complete
                assert await asyncio.wait_for(complete, 5) is None
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)
                    assert response.upload_complete is complete
