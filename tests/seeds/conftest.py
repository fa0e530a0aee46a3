"""What the examples of the seeds stand on: a server like httpbin, plain and over TLS."""

import ssl
from collections.abc import AsyncIterator

import pytest
import trustme

from tests.against import REFERENCE, Reference
from tests.seeds.httpbin import httpbin as answer
from tests.servers import Server, serve

if REFERENCE:

    @pytest.fixture(scope="session")
    def lib() -> Reference:
        """Give aiohttp itself, where a run asks for it."""
        return Reference()


@pytest.fixture
async def httpbin() -> AsyncIterator[Server]:
    """Serve what the examples ask of public servers; ``httpbin.url`` ends in a slash."""
    async with serve(answer) as server:
        yield server


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Issue the certificates."""
    return trustme.CA()


@pytest.fixture(scope="session")
def leaf(authority: trustme.CA) -> trustme.LeafCert:
    """Certify localhost."""
    return authority.issue_cert("localhost", "127.0.0.1")


@pytest.fixture
async def secure(leaf: trustme.LeafCert) -> AsyncIterator[Server]:
    """The same server as ``https://localhost``, certified by an authority that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    async with serve(answer, context) as server:
        yield server
