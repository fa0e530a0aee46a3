"""The corpora over real sockets: hostile bytes end in a clear error or a right answer, and the pool is whole."""

import asyncio

import pytest

from tests.corpora import CORPUS
from tests.corpora.case import Case, Message
from tests.corpora.frames import CASES as FRAMES
from tests.corpora.frames import closing
from tests.flows.test_faults import whole, works
from tests.servers import Peer, keep_answering, serve
from tests.ws import accept, read_frame

KNOWN = {"max_line_size", "max_field_size", "max_headers"}  # options of a session that the parser has, too
METHODS = {(): "GET", ("HEAD",): "HEAD", ("GET", False): "GET"}


def is_for_the_client(case: Case) -> bool:
    """True where a session can be told all that the case asks of a parser; upgrades have tests of their own."""
    return (
        case.direction == "response"
        and case.options.keys() <= KNOWN
        and case.prepare in METHODS
        and not any(message.upgrade for message in case.messages)
        and bool(case.data)
        and (bool(case.refused) or case.eof or any(message.complete for message in final(case)[:1]))
    )


def final(case: Case) -> list[Message]:
    """Return its messages without the interim ones."""
    return [message for message in case.messages if not 100 <= message.start[0] < 200]


RESPONSES = {
    name: [case for case in cases if is_for_the_client(case)] for name, cases in CORPUS.items() if "request" not in name
}


def saying(case: Case, step: int | None):
    """Make a handler that answers its first connection with the case's bytes, *step* at a time."""

    async def handler(peer: Peer) -> None:
        if peer.server.connections == 1:
            await peer.head()
            for at in range(0, len(case.data), step or len(case.data)):
                await peer.send(case.data[at : at + step] if step else case.data)
                if step:
                    await asyncio.sleep(0)
            if case.eof:
                return
        await keep_answering(peer)

    return handler


async def outcome(aiohttp, case: Case, step: int | None) -> str:
    """Ask a server that answers as the case says; return what is wrong with what comes of it."""
    async with serve(saying(case, step)) as server, aiohttp.ClientSession(**case.options) as session:
        options = {"read_until_eof": False} if len(case.prepare) == 2 else {}
        try:
            async with asyncio.timeout(2), session.request(METHODS[case.prepare], server.url, **options) as response:
                body = await response.read()
        except TimeoutError:
            return "hangs"
        except aiohttp.ClientError as exc:
            wrong = "" if refuses(case) else f"refused: {exc!r}"
            connections = 2
        else:
            wrong = "taken" if refuses(case) else differences(case, response, body)
            connections = 1 if is_kept(case) else 2
        for _ in range(3):
            await asyncio.sleep(0)  # what follows a response is seen by now
        await works(session, server.url)
        if server.connections != connections:
            wrong += f" {server.connections} connections"
        if not whole(session.connector):
            wrong += " a slot is lost"
    return wrong


def refuses(case: Case) -> bool:
    return not any(message.complete for message in final(case)[:1])


def is_kept(case: Case) -> bool:
    """True where another request may use the connection: nothing is left over, nothing is wrong."""
    (first, *more) = final(case)
    return first.keep_alive and not (more or case.refused or case.rest or case.eof)


def differences(case: Case, response, body: bytes) -> str:
    expected = final(case)[0]
    found = (response.status, response.reason, tuple(response.version), response.raw_headers, body)
    wanted = (*expected.start, expected.version, expected.headers, expected.body)
    return "" if found == wanted else f"{found} is not {wanted}"


@pytest.mark.parametrize("step", [None, 1])
@pytest.mark.parametrize("name", RESPONSES)
async def test_responses(lib, name, step):
    """SECURITY.md's rules: an answer or a ``ClientError``, however the bytes are cut; nothing after it is believed."""
    cases = [case for case in RESPONSES[name] if step is None or len(case.data) < 200]
    assert cases
    found = {case.id: await outcome(lib.load(), case, step) for case in cases}
    assert not {name: wrong for name, wrong in found.items() if wrong}


# WebSockets


async def heard(aiohttp, case) -> str:
    """Connect to a server that sends the case's frames; return what is wrong with what is received and answered."""
    options = {"compress": True, **case.options}
    agreed = [b"Sec-WebSocket-Extensions: permessage-deflate"] if options["compress"] else []
    options["compress"] = 15 if agreed else 0
    answers = []

    async def handler(peer: Peer) -> None:
        await accept(peer, *agreed)
        await peer.send(case.wire)
        while not answers or answers[-1][0] != 0x88:
            answers.append(await read_frame(peer))
        await peer.send(closing(1000))

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        async with asyncio.timeout(5):
            async with session.ws_connect(server.url, autoping=False, **options) as ws:
                found = tuple([tuple(await ws.receive()) for _ in case.messages])
                if case.code is not None:
                    error = await ws.receive()
                    found += ((error.type.name, getattr(error.data, "code", None), ws.close_code),)
            while server.open:
                await asyncio.sleep(0)
        if not whole(session.connector):
            return "a slot is lost"
    wanted = case.messages if case.code is None else (*case.messages, ("ERROR", case.code, case.code))
    if case.code is not None and answers != [(0x88, case.code.to_bytes(2, "big"))]:
        return f"answered {answers}"
    return "" if found == wanted else f"{found} is not {wanted}"


async def test_frames(lib):
    """RFC 6455 5 and RFC 7692 6 over a connection: the user is told, and so is the server, with the right code."""
    found = {case.name: await heard(lib.load(), case) for case in FRAMES}
    assert not {name: wrong for name, wrong in found.items() if wrong}
