"""Digest authentication against a server that verifies every answer by rules of its own (RFC 7616 3.4)."""

import asyncio
import hashlib
import io
import re
from urllib.parse import unquote

import pytest

from tests.flows.test_faults import whole, works
from tests.servers import Peer, keep_answering, serve

HASHES = {"MD5": "md5", "SHA": "sha1", "SHA-256": "sha256", "SHA-512-256": "sha512_256", "SHA-512": "sha512"}
USER, PASSWORD = "Mufasa", "Circle of Life"


class Guard:
    """Challenges and verifies; ``log`` has what came of each request, in the order in which they came."""

    def __init__(self, algorithm="SHA-256", qop="auth", user=USER, password=PASSWORD, realm="the realm", **extra):
        self.algorithm, self.qop, self.user, self.password, self.realm = algorithm, qop, user, password, realm
        self.extra = extra
        self.opaque = "op,aque"
        self.log: list[str] = []
        self.nonces: dict[str, int] = {}  # the highest count seen
        self.sessions: dict[str, str] = {}  # H(A1) by the first nonce
        self.uses = None  # how often a nonce may be used
        self.next_nonce = False
        self.refuses = False

    def hash(self, data: str | bytes) -> str:
        name = HASHES[self.algorithm.removesuffix("-sess")]
        return hashlib.new(name, data if isinstance(data, bytes) else data.encode()).hexdigest()

    def new_nonce(self) -> str:
        nonce = f"nonce{len(self.nonces)}/=="
        self.nonces[nonce] = 0
        return nonce

    def challenge(self, stale: bool = False) -> bytes:
        fields = {"realm": f'"{self.realm}"', "nonce": f'"{self.new_nonce()}"', "opaque": f'"{self.opaque}"'}
        if self.qop:
            fields["qop"] = f'"{self.qop}"'
        if self.algorithm:
            fields["algorithm"] = self.algorithm
        if stale:
            fields["stale"] = "TRUE"
        fields |= self.extra
        return b"WWW-Authenticate: Digest " + ", ".join(f"{k}={v}" for k, v in fields.items()).encode()

    def verdict(self, head: bytes, body: bytes) -> str:
        """Return ``ok``, ``stale``, or what is wrong with a request."""
        found = re.search(rb"(?im)^authorization: *Digest +(.*)\r$", head)
        if found is None:
            return "asked"
        given = {
            name: re.sub(r"\\(.)", r"\1", quoted) if quoted else token
            for name, quoted, token in re.findall(r'([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))', found[1].decode())
        }
        method, target, _ = head.decode().split("\r\n")[0].split(" ")
        nonce, count, qop = given["nonce"], int(given.get("nc", "1"), 16), given.get("qop")
        facts = {"realm": self.realm, "uri": target, "opaque": self.opaque, "algorithm": self.algorithm or "MD5"}
        for name, value in facts.items():
            if given.get(name) != value:
                return f"wrong {name}"
        if nonce not in self.nonces:
            return "unknown nonce"
        if (qop is None) != (not self.qop) or (qop and qop not in self.qop.split(",")):
            return "wrong qop"
        if not self.knows(given):
            return "wrong user"
        a2 = f"{method}:{target}" + (f":{self.hash(body)}" if qop == "auth-int" else "")
        proof = f"{nonce}:{given['nc']}:{given['cnonce']}:{qop}" if qop else nonce
        if given["response"] != self.hash(f"{self.key(given)}:{proof}:{self.hash(a2)}"):
            return "wrong response"
        if self.uses is not None and count > self.uses:
            return "stale"
        if qop and count <= self.nonces[nonce]:
            return "replayed"
        self.nonces[nonce] = count
        return "ok"

    def knows(self, given: dict[str, str]) -> bool:
        if given.get("userhash") == "true":
            return given["username"] == self.hash(f"{self.user}:{self.realm}")
        if "username*" in given:
            return given["username*"].startswith("UTF-8''") and unquote(given["username*"][7:]) == self.user
        return given["username"] == self.user

    def key(self, given: dict[str, str]) -> str:
        """H(A1); that of a session is made from its first nonces, and kept under those that follow."""
        key = self.hash(f"{self.user}:{self.realm}:{self.password}")
        if not self.algorithm.endswith("-sess"):
            return key
        return self.sessions.setdefault(given["nonce"], self.hash(f"{key}:{given['nonce']}:{given['cnonce']}"))

    async def __call__(self, peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            verdict = "refused" if self.refuses else self.verdict(head, body)
            self.log.append(verdict)
            if verdict == "ok":
                await peer.answer(b"ok", *self.info(head))
            else:
                await peer.answer(b"denied", self.challenge(verdict == "stale"), status=b"401 Unauthorized")

    def info(self, head: bytes) -> list[bytes]:
        if not self.next_nonce:
            return []
        used = re.search(rb' nonce="(.*?)"', head)[1].decode()
        nonce = self.new_nonce()
        if used in self.sessions:
            self.sessions[nonce] = self.sessions[used]
        return [f'Authentication-Info: nextnonce="{nonce}", qop=auth'.encode()]


def session_for(lib, **options):
    aiohttp = lib.load()
    made = aiohttp.DigestAuthMiddleware(options.pop("user", USER), options.pop("password", PASSWORD), **options)
    return aiohttp.ClientSession(middlewares=[made])


ALGORITHMS = [name + suffix for name in HASHES for suffix in ("", "-sess")]


@pytest.mark.parametrize("qop", ["auth", "auth-int", "auth,auth-int", ""])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_every_algorithm_and_quality(lib, algorithm, qop):
    if algorithm.removesuffix("-sess") not in lib.load("_client.digest_auth").DigestFunctions:
        pytest.skip(f"OpenSSL has no {algorithm}")
    guard = Guard(algorithm, qop)
    async with serve(guard) as server, session_for(lib) as session:
        for path in ("", "a b?c=d e", "%C3%A9?x=%22&y=,"):
            await works(session, f"{server.url}{path}")
        async with session.post(server.url, data=b"body") as response:
            assert response.status == 200
    assert guard.log == ["asked", "ok", "ok", "ok", "ok"]
    assert server.connections == 1


async def test_a_challenge_without_algorithm_is_md5(lib):
    guard = Guard("")
    guard.hash = lambda data: hashlib.md5(data if isinstance(data, bytes) else data.encode()).hexdigest()
    async with serve(guard) as server, session_for(lib) as session:
        await works(session, server.url)
    assert guard.log == ["asked", "ok"]


async def test_not_preemptive(lib):
    guard = Guard()
    async with serve(guard) as server, session_for(lib, preemptive=False) as session:
        for _ in range(2):
            await works(session, server.url)
    assert guard.log == ["asked", "ok"] * 2


@pytest.mark.parametrize("charset", [{}, {"charset": "UTF-8"}])
@pytest.mark.parametrize("userhash", [{}, {"userhash": "true"}, {"userhash": "false"}])
async def test_users(lib, charset, userhash):
    for user, password in (("Jäsøn Doe", "Secret, or not? ü"), ('quo"te\\d', 'p"w'), ("", "")):
        guard = Guard(user=user, password=password, **charset, **userhash)
        async with serve(guard) as server, session_for(lib, user=user, password=password) as session:
            await works(session, server.url)
        assert guard.log == ["asked", "ok"]


async def test_a_realm_that_is_not_utf_8(lib):
    """What was received is hashed and sent back byte for byte."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"", b'WWW-Authenticate: Digest realm="caf\xe9", nonce="n"', status=b"401 No")
        head, _ = await peer.request()
        assert b'realm="caf\xe9"' in head
        key = hashlib.md5(b"u:caf\xe9:p").hexdigest()
        answer = hashlib.md5(f"{key}:n:{hashlib.md5(b'GET:/').hexdigest()}".encode()).hexdigest()
        assert f'response="{answer}"'.encode() in head
        await peer.answer()

    async with serve(handler) as server, session_for(lib, user="u", password="p") as session:
        await works(session, server.url)


# Refusals


async def test_wrong_credentials_are_a_401(lib):
    guard = Guard()
    async with serve(guard) as server, session_for(lib, password="wrong") as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                assert response.status == 401
                assert await response.read() == b"denied"
        assert whole(session.connector)
    assert guard.log == ["asked", *["wrong response"] * 3]
    assert server.connections == 1


async def test_a_server_that_calls_every_nonce_stale_is_not_asked_for_ever(lib):
    guard = Guard()
    guard.uses = 0
    async with serve(guard) as server, session_for(lib) as session:
        async with session.get(server.url) as response:
            assert response.status == 401
    assert guard.log == ["asked", "stale", "stale"]


async def test_other_answers_are_passed_on(lib):
    async def handler(peer: Peer) -> None:
        for status in (b"401 Basic", b"403 Forbidden", b"407 Proxy", b"200 OK"):
            field = b"Basic" if status.startswith(b"401") else Guard().challenge().partition(b": ")[2]
            await peer.request()
            await peer.answer(b"ok", b"WWW-Authenticate: " + field, status=status)

    async with serve(handler) as server, session_for(lib) as session:
        for status in (401, 403, 407, 200):
            async with session.get(server.url) as response:
                assert response.status == status
                assert await response.read() == b"ok"
    assert not any(b"Authorization" in head for head in server.requests)


@pytest.mark.parametrize(
    "field", [b'Digest nonce="n"', b'Digest realm="r"', b'Digest realm="r", nonce="n", algorithm=MD6']
)
async def test_a_bad_challenge(lib, field):
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"no", b"WWW-Authenticate: " + field, status=b"401 No")
        await keep_answering(peer)

    aiohttp = lib.load()
    async with serve(handler) as server, session_for(lib) as session:
        with pytest.raises(aiohttp.ClientError, match=f"Digest auth challenge of {str(server.url)[:-1]}: "):
            await session.get(server.url)
        assert whole(session.connector)
        await works(session, server.url)
    assert server.connections == 1


# Nonces


async def test_a_stale_nonce_is_replaced(lib):
    guard = Guard()
    guard.uses = 2
    async with serve(guard) as server, session_for(lib) as session:
        for _ in range(4):
            await works(session, server.url)
    assert guard.log == ["asked", "ok", "ok", "stale", "ok", "ok"]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256-sess"])
async def test_the_next_nonce_is_used(lib, algorithm):
    """RFC 7616 3.5; a session's key is made once (3.4.2)."""
    guard = Guard(algorithm)
    guard.next_nonce = True
    guard.uses = 1
    async with serve(guard) as server, session_for(lib) as session:
        for _ in range(3):
            await works(session, server.url)
    assert guard.log == ["asked", "ok", "ok", "ok"]


async def test_a_nonce_shared_by_requests_at_a_time(lib):
    guard = Guard()
    order: list[int] = []

    async def unordered(peer: Peer) -> None:
        """As ``Guard``, but for the order of counts, which several connections do not keep."""
        while True:
            head, body = await peer.request()
            nonce = re.search(rb' nonce="(.*?)", .* nc=([0-9a-f]{8})', head)
            if nonce:
                order.append(int(nonce[2], 16))
                guard.nonces[nonce[1].decode()] = 0
            verdict = guard.verdict(head, body)
            guard.log.append(verdict)
            if verdict == "ok":
                await peer.answer()
            else:
                await peer.answer(b"", guard.challenge(), status=b"401 No")

    async with serve(unordered) as server, session_for(lib) as session:
        await works(session, server.url)
        await asyncio.gather(*(works(session, server.url) for _ in range(20)))
    assert guard.log == ["asked"] + ["ok"] * 21
    assert sorted(order) == list(range(1, 22))


async def test_challenges_at_a_time(lib):
    """Each request answers the challenge that it got."""
    guard = Guard()
    async with serve(guard) as server, session_for(lib) as session:
        await asyncio.gather(*(works(session, server.url) for _ in range(10)))
        await works(session, server.url)
    assert sorted(guard.log) == ["asked"] * 10 + ["ok"] * 11


# Bodies


@pytest.mark.parametrize("qop", ["auth", "auth-int", "auth,auth-int"])
@pytest.mark.parametrize("kind", ["form", "BytesIO", "file", "text file"])
async def test_bodies(lib, tmp_path, qop, kind):
    guard = Guard(qop=qop)
    path = tmp_path / "body"
    path.write_bytes(b"a=b" * (100_000 if "file" in kind else 1))
    with path.open() as text, path.open("rb") as file:
        body = {"form": {"a": "b"}, "BytesIO": io.BytesIO(b"a=b"), "file": file, "text file": text}[kind]
        async with serve(guard) as server, session_for(lib) as session:
            async with session.post(server.url, data=body) as response:
                assert response.status == 200
    assert guard.log == ["asked", "ok"]
    assert [len(body) for body in server.bodies] == [path.stat().st_size] * 2


async def pieces():
    yield b"pie"
    yield b"ces"


@pytest.mark.parametrize("qop", ["auth", "auth-int"])
async def test_a_body_that_can_be_sent_once(lib, qop):
    """The challenge comes too late for it; it is remembered, so that the next such body gets through."""
    guard = Guard(qop=qop)
    aiohttp = lib.load()
    async with serve(guard) as server, session_for(lib) as session:
        with pytest.raises(aiohttp.ClientPayloadError, match="was consumed"):
            await session.post(server.url, data=pieces())
        assert whole(session.connector)
        async with session.post(server.url, data=pieces()) as response:
            assert response.status == 200
    assert guard.log == ["asked", "ok"]
    assert server.bodies == [b"pieces"] * 2


async def test_the_weaker_quality_spares_reading_a_stream(lib):
    guard = Guard(qop="auth,auth-int")
    async with serve(guard) as server, session_for(lib) as session:
        await works(session, server.url)
        async with session.post(server.url, data=pieces()) as response:
            assert response.status == 200
        async with session.post(server.url, data=b"coded", compress=True) as response:
            assert response.status == 200
    assert [re.search(rb"qop=([\w-]+)", head)[1] for head in server.requests[1:]] == [b"auth-int", b"auth", b"auth"]


async def test_a_compressed_body_cannot_be_vouched_for(lib):
    aiohttp = lib.load()
    async with serve(Guard(qop="auth-int")) as server, session_for(lib) as session:
        with pytest.raises(aiohttp.ClientError, match="without compress="):
            await session.post(server.url, data=b"coded", compress=True)
        assert whole(session.connector)


# Protection spaces


async def test_no_other_origin_gets_an_answer(lib):
    """SECURITY: not by a request of its own, not by a redirect."""
    mine, other = Guard(), Guard()

    async def handler(peer: Peer) -> None:
        head, body = await peer.request()
        await peer.answer(b"", mine.challenge(), status=b"401 No")
        head, body = await peer.request()
        assert mine.verdict(head, body) == "ok"
        await peer.answer(b"", b"Location: " + str(second.url).encode(), status=b"302 Found")

    async with serve(other) as second, serve(handler) as first, session_for(lib) as session:
        for url in (first.url, second.url):
            async with session.get(url) as response:
                assert response.status == 401
                assert response.url == second.url
    assert other.log == ["asked", "asked"]
    assert not any(b"Authorization" in head for head in second.requests)


async def test_the_first_request_decides_which_origin_it_is(lib):
    guard = Guard()
    async with serve(keep_answering) as first, serve(guard) as second, session_for(lib) as session:
        await works(session, first.url)
        async with session.get(second.url) as response:
            assert response.status == 401
    assert guard.log == ["asked"]


@pytest.mark.parametrize(
    ("domain", "unasked"),
    [
        ("/a", {"a", "a/x"}), ("/a/", {"a/x"}), ("/a /b", {"a", "a/x", "b"}), ("", {"a", "a/x", "ab", "b"}),
        ("/", {"a", "a/x", "ab", "b"}), ("http://[bad", {"a", "a/x", "ab", "b"}), ("//x.invalid/", set()),
    ],
)  # fmt: skip
async def test_the_domain_says_where_not_to_wait(lib, domain, unasked):
    guard = Guard(domain=f'"{domain}"')
    async with serve(guard) as server, session_for(lib) as session:
        await works(session, server.url)
        for path in ("a", "a/x", "ab", "b"):
            guard.log.clear()
            await works(session, server.url / path)
            assert guard.log == (["ok"] if path in unasked else ["asked", "ok"]), path


async def test_the_domain_may_name_other_servers(lib):
    """RFC 7616 3.3; only the first server may, and only within what it names."""
    second_guard = Guard()
    async with serve(second_guard) as second, serve(keep_answering) as third:
        guard = Guard(domain=f'"/ {second.url}in"')
        second_guard.extra = {"domain": f'"{third.url}"'}
        second_guard.nonces = guard.nonces
        async with serve(guard) as first, session_for(lib) as session:
            await works(session, first.url)
            await works(session, second.url / "in" / "x")
            assert second_guard.log == ["ok"]
            async with session.get(second.url / "out") as response:
                assert response.status == 401
            second_guard.nonces = {}
            await works(session, second.url / "in")
            assert second_guard.log == ["ok", "asked", "unknown nonce", "ok"]
            await works(session, third.url)
    assert not any(b"Authorization" in head for head in third.requests)


async def test_each_redirect_within_the_space_is_answered(lib):
    guard = Guard()

    async def handler(peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            verdict = guard.verdict(head, body)
            guard.log.append(verdict)
            if verdict != "ok":
                await peer.answer(b"", guard.challenge(), status=b"401 No")
            elif b" /next " in head:
                await peer.answer()
            else:
                await peer.answer(b"", b"Location: /next", status=b"307 Moved")

    async with serve(handler) as server, session_for(lib) as session:
        async with session.post(server.url, data=b"body") as response:
            assert await response.read() == b"ok"
            assert [hop.status for hop in response.history] == [307]
    assert guard.log == ["asked", "ok", "ok"]
    assert server.bodies == [b"body"] * 3


async def test_a_nonce_is_not_used_twice_over_a_connection_that_proved_dead(lib):
    guard = Guard()
    drops = [True]

    async def handler(peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            verdict = guard.verdict(head, body)
            guard.log.append(verdict)
            if verdict != "ok":
                await peer.answer(b"", guard.challenge(), status=b"401 No")
            elif len(guard.log) == 3 and drops.pop():
                return
            else:
                await peer.answer()

    async with serve(handler) as server, session_for(lib) as session:
        await works(session, server.url)
        await works(session, server.url)
    assert guard.log == ["asked", "ok", "ok", "ok"]
    assert server.connections == 2
