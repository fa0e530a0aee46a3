"""Options, one by one: these tests can be run against aiohttp itself, too."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import trustme

from tests.against import REFERENCE, Reference
from tests.servers import Peer, Server, serve

if REFERENCE:

    @pytest.fixture(scope="session")
    def lib() -> Reference:
        """Give aiohttp itself, where a run asks for it."""
        return Reference()


@pytest.fixture
async def answering() -> AsyncIterator[Server]:
    """Answer every request with 200 and ``ok``, for as long as the client likes."""

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer()

    async with serve(handler) as server:
        yield server


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Issue the certificates."""
    return trustme.CA()


@pytest.fixture(scope="session")
def leaf(authority: trustme.CA) -> trustme.LeafCert:
    """Certify ``localhost``, ``127.0.0.1`` and ``other.example``."""
    return authority.issue_cert("localhost", "other.example", "127.0.0.1")


@pytest.fixture(scope="session")
def digest(leaf: trustme.LeafCert) -> bytes:
    """Return the SHA-256 of that certificate."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())).digest()


@pytest.fixture
def certified(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """Be who it certifies."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Trust them."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


TEMPLATE = {"proto": 0, "flags": 0}


@dataclass
class Book:
    """What a resolver knows and was asked; ``stalled`` makes it wait for ever."""

    hosts: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    stalled: bool = False
    closed: bool = False


@pytest.fixture
def book() -> Book:
    """Fill this, and hand ``resolver(book)`` to a connector."""
    return Book()


@pytest.fixture
def resolver(lib, book: Book):
    """A resolver that reads from ``book``."""

    class Resolver(lib.load().ThreadedResolver):
        async def resolve(self, host, port=0, family=0):
            book.asked.append(host)
            if book.stalled:
                await asyncio.Event().wait()
            return [
                {**TEMPLATE, "hostname": host, "host": found, "port": port, "family": 10 if ":" in found else 2}
                for found in book.hosts.get(host, ["127.0.0.1"])
            ]

        async def close(self):
            book.closed = True
            await super().close()

    return Resolver
