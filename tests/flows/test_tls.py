"""The client over TLS: the same answers, clear errors for bad certificates, clean ends."""

import asyncio
import contextlib
import datetime
import hashlib
import socket
import ssl
import threading
import time

import pytest

from tests.certificates import LOOPS, Certificates, run
from tests.servers import Peer, keep_answering, serve

BIG = bytes(range(251)) * 40_000  # 10 MB, of no round size


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@LOOPS
def test_bodies_both_ways(lib, certificates, new_loop):
    """Large bodies arrive as they were sent, read in every way (asyncio fills buffers slice by slice here)."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            head, body = await peer.request()
            if head.startswith(b"GET"):
                await peer.answer(BIG)
            else:
                await peer.answer(hashlib.sha256(body).hexdigest().encode())

    async def main() -> None:
        async with (
            serve(handler, certificates.server()) as server,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=certificates.trusting)) as session,
        ):
            for _ in range(2):
                async with session.get(server.url) as response:
                    assert await response.read() == BIG
                async with session.get(server.url, read_bufsize=4096) as response:
                    found = bytearray()
                    async for piece in response.content.iter_chunked(10_000):
                        found += piece
                    assert bytes(found) == BIG

            async def pieces():
                for at in range(0, len(BIG), 300_001):
                    yield BIG[at : at + 300_001]

            async with session.post(server.url, data=pieces()) as response:
                assert await response.text() == hashlib.sha256(BIG).hexdigest()
            assert server.connections == 1

    run(new_loop, main)


@LOOPS
def test_many_connections_at_once(lib, certificates, new_loop):
    """All share one receive buffer; none gets another's bytes."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        while True:
            head, _ = await peer.request()
            n = int(head.split()[1][1:])
            await peer.answer(b"%d," % n * 30_000)

    async def main() -> None:
        async with serve(handler, certificates.server()) as server, aiohttp.ClientSession() as session:

            async def one(n: int) -> None:
                async with session.get(server.url / str(n), ssl=certificates.trusting) as response:
                    assert await response.read() == b"%d," % n * 30_000

            await asyncio.gather(*map(one, range(40)))

    run(new_loop, main)


@contextlib.contextmanager
def polite_or_silent(context: ssl.SSLContext, reply: bytes, silent: bool):
    """Answer one request from a thread; a silent server then reads nothing, so it answers no close_notify."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with context.wrap_socket(listening.accept()[0], server_side=True) as peer:
                while not peer.recv(65_536).endswith(b"\r\n\r\n"):
                    pass
                peer.sendall(reply)
                if silent:
                    over.wait(10)
                else:
                    with contextlib.suppress(OSError):
                        while peer.recv(65_536):
                            pass
                        peer.unwrap()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"https://localhost:{listening.getsockname()[1]}/"
        finally:
            over.set()
            thread.join()


REPLIES = {
    "kept": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "closed": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
    "unread": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nok",
}


@LOOPS
@pytest.mark.parametrize("silent", [False, True], ids=["polite", "silent"])
@pytest.mark.parametrize("answer", list(REPLIES))
def test_loop_may_end_right_after_close(lib, certificates, new_loop, answer, silent):
    """``session.close()`` waits for TLS to be shut down too, but not for peers that never do it."""
    aiohttp = lib.load()
    made = []

    def make(addr_info) -> socket.socket:
        made.append(socket.socket(*addr_info[:3]))
        return made[-1]

    async def main() -> None:
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=make))
        response = await session.get(url, ssl=certificates.trusting)
        if answer == "unread":
            response.release()
        else:
            assert await response.read() == b"ok"
        started = time.monotonic()
        await session.close()
        assert time.monotonic() - started < 2
        assert {sock.fileno() for sock in made} == {-1}  # closed already, not only about to be

    with polite_or_silent(certificates.server(), REPLIES[answer], silent) as url:
        run(new_loop, main)


async def test_wrong_name(lib, certificates):
    aiohttp = lib.load()
    async with (
        serve(keep_answering, certificates.server("other.example")) as server,
        aiohttp.ClientSession() as session,
    ):
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="localhost") as info:
            await session.get(server.url, ssl=certificates.trusting)
        error = info.value
        assert isinstance(error, ssl.CertificateError)
        assert (error.host, error.port, error.ssl) == ("localhost", server.url.port, certificates.trusting)
        assert "not valid for 'localhost'" in str(error.certificate_error)
        async with session.get(server.url, ssl=certificates.trusting, server_hostname="other.example") as response:
            assert await response.read() == b"ok"
        with pytest.raises(aiohttp.ClientConnectorCertificateError):  # the pool's key knows the name it was checked for
            await session.get(server.url, ssl=certificates.trusting)
        assert session.connector._slots.used == 0


async def test_expired(lib, certificates):
    aiohttp = lib.load()
    then = datetime.datetime(2020, 1, 1)
    context = certificates.server("localhost", not_after=then)
    async with serve(keep_answering, context) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="expired"):
            await session.get(server.url, ssl=certificates.trusting)
        async with session.get(server.url, ssl=False) as response:
            assert response.ok


async def test_fingerprint(lib, certificates):
    aiohttp = lib.load()
    context = certificates.server()
    der = ssl.PEM_cert_to_DER_cert(certificates.leaf.cert_chain_pems[0].bytes().decode())
    async with serve(keep_answering, context) as server, aiohttp.ClientSession() as session:
        pin = aiohttp.Fingerprint(hashlib.sha256(der).digest())
        for _ in range(2):
            async with session.get(server.url, ssl=pin) as response:
                assert await response.read() == b"ok"
        assert server.connections == 1
        with pytest.raises(aiohttp.ServerFingerprintMismatch) as info:
            await session.get(server.url, ssl=aiohttp.Fingerprint(b"\0" * 32))
        assert info.value.got == pin.fingerprint
        assert (info.value.host, info.value.port) == ("127.0.0.1", server.url.port)
        assert not server.requests[2:]
        assert session.connector._slots.used == 0


async def test_handshake_cut_short(lib, certificates):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.reader.read(100)

    async with serve(handler) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError) as info:
            await session.get(server.url.with_scheme("https"), ssl=certificates.trusting)
        assert f"127.0.0.1:{server.url.port}" in str(info.value)
        assert session.connector._slots.used == 0


async def test_client_certificates(lib, certificates):
    aiohttp = lib.load()
    context = certificates.server()
    certificates.authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with_certificate = ssl.create_default_context()
    certificates.authority.configure_trust(with_certificate)
    certificates.authority.issue_cert("me@example.org").configure_cert(with_certificate)
    async with serve(keep_answering, context) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, ssl=with_certificate) as response:
            assert response.ok
        with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)) as info:
            await session.get(server.url, ssl=certificates.trusting)
        assert isinstance(info.value, aiohttp.ClientError)
        assert str(info.value)
        assert session.connector._slots.used == 0


async def test_body_that_ends_with_the_connection(lib, certificates):
    """Read until the end of the connection, with and without the peer's close_notify."""
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + BIG)

    async with serve(handler, certificates.server()) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url, ssl=certificates.trusting) as response:
            assert await response.read() == BIG


async def test_cut_short_in_the_middle(lib, certificates):
    aiohttp = lib.load()

    async def handler(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        peer.reset()

    async with serve(handler, certificates.server()) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientPayloadError, match="not completed"):
            async with session.get(server.url, ssl=certificates.trusting) as response:
                await response.read()
        assert session.connector._slots.used == 0
        assert not session.connector._conns


@pytest.mark.parametrize(
    "bad", [0, 1, "", "x", "/etc/ssl/ca.pem", b"x", object(), ssl.SSLContext, [], {}], ids=lambda bad: repr(bad)[:12]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_wrong_value_turns_verification_off(lib, bad, scheme):
    aiohttp = lib.load()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TypeError, match="ssl should be SSLContext, bool, Fingerprint or None"):
            await session.get(f"{scheme}://localhost:1/", ssl=bad)
        assert not session.connector._slots.used


async def test_old_spellings_of_a_request(lib, certificates):
    aiohttp = lib.load()
    async with serve(keep_answering, certificates.server()) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(server.url, verify_ssl=True)
        for old in ({"verify_ssl": False}, {"ssl_context": certificates.trusting}):
            with pytest.warns(DeprecationWarning, match="is deprecated"):
                async with session.get(server.url, **old) as response:
                    assert await response.read() == b"ok"
        with pytest.warns(DeprecationWarning, match="fingerprint"), pytest.raises(aiohttp.ServerFingerprintMismatch):
            await session.get(server.url, fingerprint=b"x" * 32)
        both = {"fingerprint": b"x" * 32, "ssl": certificates.trusting}
        with pytest.warns(DeprecationWarning, match="fingerprint") as said, pytest.raises(ValueError, match="mutually"):
            await session.get(server.url, **both)
        assert len(said) == 1
        with pytest.warns(DeprecationWarning, match="verify_ssl") as said:
            async with session.get(server.url, verify_ssl=False, ssl_context=None, fingerprint=None) as response:
                assert response.ok
        assert len(said) == 1


class Resuming(ssl.SSLContext):
    """Hands on the session of the connection before: the way that asyncio leaves open."""

    last: ssl.SSLObject | None = None

    def wrap_bio(self, incoming, outgoing, server_side=False, server_hostname=None, session=None):
        before = None if self.last is None else self.last.session
        self.last = super().wrap_bio(incoming, outgoing, server_side, server_hostname, before)
        return self.last


@LOOPS
def test_sessions_are_resumed_where_the_context_does_it(lib, certificates, new_loop):
    """RFC 8446 2.2: the second connection needs no certificate, and the answer is the same."""
    aiohttp = lib.load()
    context = Resuming(ssl.PROTOCOL_TLS_CLIENT)
    certificates.authority.configure_trust(context)

    async def main() -> None:
        async with (
            serve(keep_answering, certificates.server()) as server,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, force_close=True)) as session,
        ):
            for is_resumed in (False, True, True):
                async with session.get(server.url) as response:
                    assert await response.read() == b"ok"
                    assert context.last is not None
                    assert context.last.session_reused is is_resumed
            assert server.connections == 3

    run(new_loop, main)
