"""Client middlewares against real servers: what they see, what they may change, and what becomes of what they leave."""

import asyncio
import io

import pytest

from tests.flows.test_faults import settled, whole, works
from tests.servers import Peer, keep_answering, serve

# Order and reach


def named(name, log):
    async def middleware(req, handler):
        log.append(f"{name} in")
        response = await handler(req)
        log.append(f"{name} out")
        return response

    return middleware


async def test_the_first_is_the_outermost(lib):
    log: list[str] = []
    middlewares = (named("a", log), named("b", log))
    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=middlewares) as session:
        await works(session, server.url)
    assert log == ["a in", "b in", "b out", "a out"]


@pytest.mark.parametrize(
    ("given", "expected"), [(None, ["session"]), ((), []), ("request", ["request"])], ids=["None", "empty", "own"]
)
async def test_those_of_the_request_replace_those_of_the_session(lib, given, expected):
    log: list[str] = []

    def noting(name):
        async def middleware(req, handler):
            log.append(name)
            return await handler(req)

        return middleware

    middlewares = [noting("request")] if given == "request" else given
    async with serve(keep_answering) as server:
        async with lib.load().ClientSession(middlewares=iter([noting("session")])) as session:
            async with session.get(server.url, middlewares=middlewares) as response:
                assert await response.read() == b"ok"
    assert log == expected


async def test_a_request_without_a_session(lib):
    log: list[str] = []
    async with serve(keep_answering) as server:
        async with lib.load().request("GET", server.url, middlewares=(named("a", log),)) as response:
            assert response.status == 200
    assert log == ["a in", "a out"]


async def test_what_a_middleware_sees(lib):
    aiohttp = lib.load()
    seen = []

    async def look(req, handler):
        assert isinstance(req, aiohttp.ClientRequest)
        assert req.session is session
        seen.append((req.method, type(req.body).__name__, req.headers.get("Content-Length"), req.url.path))
        return await handler(req)

    async with serve(keep_answering) as server, aiohttp.ClientSession(middlewares=[look]) as session:
        await works(session, server.url)
        async with session.post(server.url / "x", json={"a": 1}):
            pass
    assert seen == [("GET", "bytes", None, "/"), ("POST", "JsonPayload", "8", "/x")]


async def test_it_is_called_for_each_redirect(lib):
    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            if b" /a " in head:
                await peer.answer(b"", b"Location: /b", b"Set-Cookie: k=v", status=b"302 Found")
            else:
                await peer.answer()

    aiohttp = lib.load()
    seen = []

    async def look(req, handler):
        response = await handler(req)
        seen.append((req.url.path, req.headers.get("Cookie"), response.status))
        return response

    jar = aiohttp.CookieJar(unsafe=True)
    async with serve(handler) as server, aiohttp.ClientSession(middlewares=[look], cookie_jar=jar) as session:
        async with session.get(server.url / "a") as response:
            assert [hop.status for hop in response.history] == [302]
    assert seen == [("/a", None, 302), ("/b", "k=v", 200)]


async def test_it_may_make_requests_of_its_own(lib):
    async def with_token(req, handler):
        async with req.session.get(server.url / "token", middlewares=()) as response:
            req.headers["Authorization"] = "Bearer " + await response.text()
        return await handler(req)

    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=[with_token]) as session:
        await works(session, server.url)
    assert server.requests[0].startswith(b"GET /token ")
    assert b"Authorization: Bearer ok\r\n" in server.requests[1]


# Changes


async def test_fields_and_method(lib):
    async def change(req, handler):
        req.headers["X-Signed"] = "yes"
        req.method = "PUT"
        return await handler(req)

    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=[change]) as session:
        async with session.get(server.url) as response:
            assert response.method == "PUT"
            assert response.request_info.headers["X-Signed"] == "yes"
    assert server.requests[0].startswith(b"PUT / HTTP/1.1\r\n")
    assert b"X-Signed: yes\r\n" in server.requests[0]


async def pieces_of_body():
    yield b"bo"
    yield b"dy"


async def test_changes_do_not_reach_the_next_turn(lib):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /next", status=b"307 Moved")
        await peer.request()
        await peer.answer()

    async def add(req, handler):
        req.headers.add("X-Once", "1")
        await req.update_body(await req.body.as_bytes() + b"!")
        return await handler(req)

    for body in (b"body", io.BytesIO(b"body"), lambda: b"body", lambda: pieces_of_body()):
        async with serve(handler) as server, lib.load().ClientSession(middlewares=[add]) as session:
            async with session.post(server.url, data=body, headers={"X-Own": "1"}) as response:
                assert await response.read() == b"ok"
        assert [head.count(b"X-Once") for head in server.requests] == [1, 1]
        assert server.bodies == [b"body!", b"body!"]


async def test_another_url(lib):
    async with serve(keep_answering) as first, serve(keep_answering) as second:

        async def elsewhere(req, handler):
            req.url = second.url / "other" % {"a": "1"}
            assert (req.host, req.port, req.is_ssl()) == (second.url.host, second.url.port, False)
            return await handler(req)

        async with lib.load().ClientSession(middlewares=[elsewhere]) as session:
            async with session.get(first.url, headers={"X-Own": "1"}) as response:
                assert response.url == response.request_info.url == second.url / "other" % {"a": "1"}
    assert not first.requests
    assert second.requests[0].startswith(b"GET /other?a=1 HTTP/1.1\r\n")
    assert b"Host: 127.0.0.1:%d\r\n" % second.url.port in second.requests[0]


async def test_another_url_with_credentials_and_a_host_of_its_own(lib):
    async def change(req, handler):
        req.headers["Host"] = "virtual.example"
        req.url = req.url.with_user("u").with_password("p").with_fragment("part")
        return await handler(req)

    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=[change]) as session:
        async with session.get(server.url) as response:
            assert response.url == server.url
            assert response.real_url == server.url.with_fragment("part")
    assert b"Host: virtual.example\r\n" in server.requests[0]
    assert b"Authorization: Basic dTpw\r\n" in server.requests[0]


def framing(head: bytes) -> dict[str, str]:
    lines = [line.partition(": ") for line in head.decode().split("\r\n")]
    return {name: value for name, _, value in lines if name.startswith(("Content-", "Transfer-"))}


async def generated():
    yield b"gen"
    yield b"erated"


BINARY, TEXT, FORM = "application/octet-stream", "text/plain; charset=utf-8", "application/x-www-form-urlencoded"


@pytest.mark.parametrize("how", ["update_body", "body"])
@pytest.mark.parametrize(
    ("method", "given", "new", "sent", "expected"),
    [
        ("POST", b"old", b"new body", b"new body", {"Content-Length": "8", "Content-Type": BINARY}),
        ("POST", None, b"new", b"new", {"Content-Length": "3", "Content-Type": BINARY}),
        ("POST", None, {"a": "b"}, b"a=b", {"Content-Length": "3", "Content-Type": FORM}),
        ("GET", None, "text", b"text", {"Content-Length": "4", "Content-Type": TEXT}),
        ("POST", b"old", None, b"", {"Content-Length": "0", "Content-Type": BINARY}),
        ("POST", b"old", b"", b"", {"Content-Length": "0", "Content-Type": BINARY}),
        ("GET", b"old", None, b"", {"Content-Type": BINARY}),
        ("POST", b"old", generated, b"generated", {"Transfer-Encoding": "chunked", "Content-Type": BINARY}),
        ("POST", generated, b"new", b"new", {"Transfer-Encoding": "chunked", "Content-Type": BINARY}),
        ("POST", io.BytesIO, b"new", b"new", {"Content-Length": "3", "Content-Type": BINARY}),
    ],
)
async def test_another_body(lib, how, method, given, new, sent, expected):
    async def change(req, handler):
        body = new() if callable(new) else new
        if how == "body":
            req.body = body
        else:
            await req.update_body(body)
        return await handler(req)

    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=[change]) as session:
        async with session.request(method, server.url, data=given() if callable(given) else given) as response:
            assert await response.read() == b"ok"
    assert server.bodies == [sent]
    assert framing(server.requests[0]) == expected


async def test_the_type_that_the_caller_gave_stays(lib):
    async def change(req, handler):
        await req.update_body(b'{"a": 2}')
        return await handler(req)

    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=[change]) as session:
        async with session.post(server.url, json={"a": 1}):
            pass
        async with session.post(server.url, headers={"Content-Type": "x/y"}):
            pass
    assert framing(server.requests[0]) == {"Content-Length": "8", "Content-Type": "application/json"}
    assert framing(server.requests[1]) == {"Content-Length": "8", "Content-Type": "x/y"}


async def test_a_compressed_body_stays_compressed(lib):
    import zlib

    async def change(req, handler):
        await req.update_body(b"new body")
        return await handler(req)

    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=[change]) as session:
        async with session.post(server.url, data=b"old", compress="deflate") as response:
            assert response.status == 200
    assert zlib.decompress(server.bodies[0]) == b"new body"
    assert framing(server.requests[0]) == {
        "Content-Encoding": "deflate", "Content-Type": BINARY, "Transfer-Encoding": "chunked"
    }  # fmt: skip


async def test_an_old_body_is_closed_or_complained_of(lib, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    async def update(req, handler):
        await req.update_body(b"new")
        return await handler(req)

    async def assign(req, handler):
        with pytest.warns(ResourceWarning, match="update_body"):
            req.body = b"new"
        return await handler(req)

    async with serve(keep_answering) as server, lib.load().ClientSession() as session:
        for middleware, is_closed in ((update, True), (assign, False)):
            with path.open("rb") as file:
                async with session.post(server.url, data=file, middlewares=[middleware]):
                    assert file.closed == is_closed
    assert server.bodies == [b"new", b"new"]


async def test_a_request_of_its_own_making(lib, tmp_path):
    aiohttp = lib.load()
    path = tmp_path / "file"
    path.write_bytes(b"not wanted")

    async def replace(req, handler):
        own = aiohttp.ClientRequest("PUT", server.url / "own", data=b"own", loop=req.loop, session=req.session)
        return await handler(own)

    async with serve(keep_answering) as server, aiohttp.ClientSession(middlewares=[replace]) as session:
        with path.open("rb") as file:
            async with session.post(server.url, data=file) as response:
                assert (response.method, response.url.path) == ("PUT", "/own")
            assert file.closed  # as after every request
    assert server.requests[0].startswith(b"PUT /own ")
    assert server.bodies == [b"own"]


# Again, and not at all


def failing_first(times: int, *fields: bytes):
    left = [times]

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            if left[0]:
                left[0] -= 1
                await peer.answer(b"busy", *fields, status=b"503 Busy")
            else:
                await peer.answer()

    return handler


async def insist(req, handler):
    while True:
        response = await handler(req)
        if response.status != 503:
            return response
        response.release()


async def form_pieces():
    yield b"a="
    yield b"b"


@pytest.mark.parametrize("kind", ["bytes", "form", "BytesIO", "file", "factory"])
async def test_a_body_is_sent_again(lib, tmp_path, kind):
    path = tmp_path / "body"
    path.write_bytes(b"a=b")
    with path.open("rb") as file:
        body = {
            "bytes": b"a=b",
            "form": {"a": "b"},
            "BytesIO": io.BytesIO(b"a=b"),
            "file": file,
            "factory": lambda: form_pieces(),
        }[kind]
        async with serve(failing_first(2)) as server, lib.load().ClientSession(middlewares=[insist]) as session:
            async with session.post(server.url, data=body, raise_for_status=True) as response:
                assert await response.read() == b"ok"
                assert response.history == ()
    assert server.bodies == [b"a=b"] * 3
    assert server.connections == 1


async def test_a_used_up_body_is_refused(lib):
    aiohttp = lib.load()
    async with serve(failing_first(1)) as server, aiohttp.ClientSession(middlewares=[insist]) as session:
        with pytest.raises(aiohttp.ClientPayloadError, match=r"POST http://127.0.0.1:\d+/ again: .* was consumed"):
            await session.post(server.url, data=generated())
        assert whole(session.connector)
        await works(session, server.url)
    assert server.bodies[0] == b"generated"


async def test_a_body_that_was_looked_at_can_be_sent_again(lib):
    async def look(req, handler):
        assert await req.body.as_bytes() == b"generated"
        return await handler(req)

    async with serve(failing_first(1)) as server, lib.load().ClientSession(middlewares=[insist, look]) as session:
        async with session.post(server.url, data=generated()) as response:
            assert response.status == 200
    assert server.bodies == [b"generated"] * 2


async def test_an_early_answer_ends_an_upload_before_the_next_begins(lib, tmp_path):
    """Two tasks must never read one file."""
    path = tmp_path / "large"
    size = 8_000_000
    path.write_bytes(b"x" * size)

    async def handler(peer: Peer) -> None:
        if peer.server.connections == 1:
            await peer.head()
            await peer.answer(b"no", status=b"503 Busy")
            await peer.gone()
        else:
            await keep_answering(peer)

    async with serve(handler) as server, lib.load().ClientSession(middlewares=[insist]) as session:
        with path.open("rb") as file:
            async with session.post(server.url, data=file) as response:
                assert await response.read() == b"ok"
    assert [len(body) for body in server.bodies] == [size]


async def test_an_unread_response_keeps_its_connection_until_it_is_dropped(lib):
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(b"x" * 500_000)

    async def twice(req, handler):
        first = await handler(req)
        second = await handler(req)
        assert len(await first.read()) == 500_000
        return second

    async with serve(handler) as server, lib.load().ClientSession(middlewares=[twice]) as session:
        async with session.get(server.url) as response:
            assert len(await response.read()) == 500_000
        assert whole(session.connector)
        assert server.connections == 2


async def test_calls_may_overlap(lib):
    """A middleware may ask twice and take the answer that comes first."""
    slow = asyncio.Event()

    async def handler(peer: Peer) -> None:
        number = peer.server.connections
        await peer.request()
        if number == 1:
            await slow.wait()
        await peer.answer(b"%d" % number)

    async def hedge(req, handler):
        tasks = [asyncio.ensure_future(handler(req)) for _ in range(2)]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.wait(tasks)
        return done.pop().result()

    async with serve(handler) as server, lib.load().ClientSession(middlewares=[hedge]) as session:
        async with session.get(server.url) as response:
            assert await response.read() == b"2"
        assert whole(session.connector)
        slow.set()


async def test_a_response_from_elsewhere(lib):
    """Without a call of the handler nothing is sent; a redirect among such is followed all the same."""
    aiohttp = lib.load()

    async def cached(req, handler):
        return saved if req.url.host == "nowhere.invalid" else await handler(req)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b"Location: /there", status=b"302 Found")
        await keep_answering(peer)

    async with serve(handler) as server, aiohttp.ClientSession(middlewares=[cached]) as session:
        saved = await session.get(server.url, allow_redirects=False)
        async with session.get("http://nowhere.invalid/", allow_redirects=False) as response:
            assert response is saved
        async with session.get("http://nowhere.invalid/") as response:
            assert await response.read() == b"ok"
            assert response.url == server.url / "there"
            assert response.history == (saved,)


async def test_cookies_of_an_answer_that_was_not_passed_on_are_kept(lib):
    """RFC 6265 3: those of a 503 count as well."""
    aiohttp = lib.load()
    jar = aiohttp.CookieJar(unsafe=True)
    async with serve(failing_first(1, b"Set-Cookie: a=b")) as server:
        async with aiohttp.ClientSession(middlewares=[insist], cookie_jar=jar) as session:
            await works(session, server.url)
            assert {cookie.key: cookie.value for cookie in jar} == {"a": "b"}


async def test_the_status_is_checked_after_the_middlewares(lib):
    aiohttp = lib.load()

    async def hide(req, handler):
        response = await handler(req)
        assert response.status == 503
        return response

    async with serve(failing_first(9)) as server, aiohttp.ClientSession(raise_for_status=True) as session:
        with pytest.raises(aiohttp.ClientResponseError, match="503"):
            await session.get(server.url, middlewares=[hide])
        assert whole(session.connector)


# Connections that prove dead


def dropping(times: int = 1):
    """Answer the first request of a connection; drop the second, *times* times."""
    left = [times]

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        while left[0]:
            left[0] -= 1
            await peer.request()
            return
        await keep_answering(peer)

    return handler


@pytest.mark.parametrize("kind", [None, "bytes", "BytesIO", "file", "factory"])
async def test_a_turn_over_a_dead_connection_is_made_anew(lib, tmp_path, kind):
    """From the start, by a new request: what was signed once is not sent twice."""
    aiohttp = lib.load()
    path = tmp_path / "body"
    path.write_bytes(b"body")
    seen = []

    async def sign(req, handler):
        seen.append(req.headers.get("X-Signed"))
        req.headers["X-Signed"] = str(len(seen))
        try:
            return await handler(req)
        except aiohttp.ServerDisconnectedError:
            seen.append("lost")
            raise

    async with serve(dropping()) as server, aiohttp.ClientSession(middlewares=[sign]) as session:
        with path.open("rb") as file:
            body = {
                None: None,
                "bytes": b"body",
                "BytesIO": io.BytesIO(b"body"),
                "file": file,
                "factory": lambda: pieces_of_body(),
            }[kind]
            await works(session, server.url)
            async with session.put(server.url, data=body) as response:
                assert await response.read() == b"ok"
    assert seen == [None, None, "lost", None]
    assert server.bodies == [b"", *[b"body" if kind else b""] * 2]
    assert b"X-Signed: 4\r\n" in server.requests[2]


@pytest.mark.parametrize("body", [b"body", lambda: pieces_of_body()], ids=["bytes", "factory"])
async def test_what_was_replaced_is_replaced_once(lib, body):
    async def replace(req, handler):
        await req.update_body(await req.body.as_bytes() + b"!")
        return await handler(req)

    async with serve(dropping()) as server, lib.load().ClientSession() as session:
        await works(session, server.url)
        async with session.put(server.url, data=body, middlewares=[replace]) as response:
            assert response.status == 200
        assert session.connector.stats().stale_retries == 1
    assert server.bodies[1:] == [b"body!", b"body!"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_not_twice_and_not_what_may_not_be_sent_again(lib, method):
    aiohttp = lib.load()
    calls = []

    async def count(req, handler):
        calls.append(req.method)
        return await handler(req)

    async def drop_second(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.request()

    async with serve(drop_second) as server, aiohttp.ClientSession() as session:
        await asyncio.gather(works(session, server.url), works(session, server.url))  # two are kept
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.request(method, server.url, middlewares=[count])
        assert whole(session.connector)
    assert calls == ["POST"] if method == "POST" else ["PUT", "PUT"]


async def test_a_middleware_may_see_to_it_itself(lib):
    aiohttp = lib.load()
    errors = []

    async def again(req, handler):
        try:
            return await handler(req)
        except aiohttp.ServerDisconnectedError as exc:
            errors.append(exc)
            return await handler(req)

    async with serve(dropping()) as server, aiohttp.ClientSession(middlewares=[again]) as session:
        await works(session, server.url)
        await works(session, server.url)
    assert len(errors) == 1
    assert len(server.requests) == 3


async def test_its_own_error_of_that_kind_is_no_reason(lib):
    aiohttp = lib.load()
    calls = []

    async def refuse(req, handler):
        calls.append(await handler(req))
        raise aiohttp.ServerDisconnectedError("mine")

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        await works(session, server.url)
        with pytest.raises(aiohttp.ServerDisconnectedError, match="mine"):
            await session.get(server.url, middlewares=[refuse])
    assert len(calls) == 1


async def test_another_server_where_the_first_is_gone(lib):
    aiohttp = lib.load()

    async def fail_over(req, handler):
        try:
            return await handler(req)
        except aiohttp.ClientConnectorError:
            req.url = server.url
            return await handler(req)

    async with serve(keep_answering) as server, aiohttp.ClientSession(middlewares=[fail_over]) as session:
        await works(session, "http://127.0.0.1:1/")


# Errors


class Own(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Own("mine"), Own),
        (OSError(5, "mine"), "ClientOSError"),
        (FileNotFoundError(2, "mine"), "ClientOSError"),
        (TimeoutError("mine"), TimeoutError),
        (TimeoutError(110, "mine"), "ClientOSError"),
        (asyncio.CancelledError("mine"), asyncio.CancelledError),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_errors_of_a_middleware(lib, error, kind, when):
    aiohttp = lib.load()
    taken = []

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun")
        await peer.gone()

    async def raises(req, handler):
        if when == "after":
            taken.append(await handler(req))
        raise error

    async with serve(handler) as server, aiohttp.ClientSession(middlewares=[raises]) as session:
        with pytest.raises(getattr(aiohttp, kind) if isinstance(kind, str) else kind, match="mine") as caught:
            await session.get(server.url)
        assert caught.value is error or caught.value.__cause__ is error
        assert whole(session.connector)
        assert all(response.closed for response in taken)


@pytest.mark.parametrize("value", [None, "text", object()], ids=["None", "str", "object"])
async def test_what_is_no_response_is_refused(lib, value):
    async def wrong(req, handler):
        await handler(req)
        return value

    async with serve(keep_answering) as server, lib.load().ClientSession(middlewares=[wrong]) as session:
        with pytest.raises(TypeError, match=f"must return a ClientResponse, not {type(value).__name__}"):
            await session.get(server.url)
        assert whole(session.connector)


async def test_what_is_no_request_is_refused(lib):
    async def wrong(req, handler):
        return await handler(str(req.url))

    async with lib.load().ClientSession(middlewares=[wrong]) as session:
        with pytest.raises(TypeError, match="takes a ClientRequest, not str"):
            await session.get("http://127.0.0.1:1/")


@pytest.mark.parametrize("value", [5, len, "text", b"bytes"])
async def test_what_are_no_middlewares_is_refused(lib, value):
    aiohttp = lib.load()
    with pytest.raises(TypeError, match="middlewares must be a sequence of coroutine functions"):
        aiohttp.ClientSession(middlewares=value)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TypeError, match="middlewares must be a sequence of coroutine functions"):
            await session.get("http://127.0.0.1:1/", middlewares=value)
        with pytest.raises(TypeError, match="a middleware must be a coroutine function, not str"):
            await session.get("http://127.0.0.1:1/", middlewares=["text"])


# Time and cancellation


async def silent(peer: Peer) -> None:
    await peer.request()
    await peer.gone()


async def test_the_total_timeout_is_seen_and_is_final(lib):
    aiohttp = lib.load()
    seen = []

    async def again(req, handler):
        for _ in range(3):
            try:
                return await handler(req)
            except TimeoutError as exc:
                seen.append(exc)
        raise seen[-1]

    async with serve(silent) as server, aiohttp.ClientSession(middlewares=[again]) as session:
        with pytest.raises(TimeoutError, match="GET http://127"):
            await session.get(server.url, timeout=aiohttp.ClientTimeout(total=0.05))
        assert len(seen) == 3
        assert server.connections == 1
        assert whole(session.connector)


async def test_the_total_timeout_covers_what_a_middleware_awaits(lib):
    aiohttp = lib.load()
    never = asyncio.Event()

    async def wait(req, handler):
        response = await handler(req)
        await never.wait()
        return response

    async def wait_first(req, handler):
        await never.wait()

    async with serve(keep_answering) as server, aiohttp.ClientSession() as session:
        for middleware in (wait, wait_first):
            with pytest.raises(TimeoutError, match=r"Total timeout passed in a middleware \[GET http:.* total=0.05\]"):
                await session.get(server.url, middlewares=[middleware], timeout=aiohttp.ClientTimeout(total=0.05))
            assert whole(session.connector)


async def test_the_time_that_a_middleware_took_is_gone(lib):
    aiohttp = lib.load()
    loop = asyncio.get_running_loop()

    async def dawdle(req, handler):
        limit = loop.time() + 0.05
        while loop.time() < limit:
            try:
                await asyncio.sleep(limit - loop.time())
            except asyncio.CancelledError:
                pass  # a middleware that does not listen
        return await handler(req)

    async with serve(keep_answering) as server, aiohttp.ClientSession(middlewares=[dawdle]) as session:
        with pytest.raises(TimeoutError, match="Total timeout passed"):
            await session.get(server.url, timeout=aiohttp.ClientTimeout(total=0.02))
        assert not server.requests


async def test_a_wait_for_a_connection_passes_through(lib):
    aiohttp = lib.load()
    connector = aiohttp.TCPConnector(limit=1)
    async with serve(keep_answering) as server, aiohttp.ClientSession(connector=connector, middlewares=[insist]) as s:
        await asyncio.gather(*(works(s, server.url) for _ in range(5)))
        assert server.connections == 1


@pytest.mark.parametrize("warm", [False, True], ids=["new", "reused"])
async def test_cancelled_after_every_step(lib, warm):
    aiohttp = lib.load()

    async def linger(req, handler):
        await asyncio.sleep(0)
        response = await handler(req)
        await asyncio.sleep(0)
        response.release()
        response = await handler(req)
        await asyncio.sleep(0)
        return response

    async with serve(keep_answering) as server:
        steps = 0
        while True:
            connector = aiohttp.TCPConnector(limit=1)
            async with aiohttp.ClientSession(connector=connector) as session:
                if warm:
                    await works(session, server.url)

                async def job(session=session):
                    async with session.post(server.url, data=b"body", middlewares=[linger]) as response:
                        assert await response.read() == b"ok"

                task = asyncio.ensure_future(job())
                for _ in range(steps):
                    await asyncio.sleep(0)
                if task.done():
                    await task
                    break
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await settled(connector)
                await works(session, server.url)
            steps += 1
        assert steps > 5
