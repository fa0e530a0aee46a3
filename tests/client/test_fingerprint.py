"""Certificate pinning over a real TLS connection."""

import asyncio
import ssl
from hashlib import sha256

import pytest
import trustme


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.issue_cert("localhost")


async def connect(port, context):
    name = "localhost" if context else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    return reader, writer


async def test_check(lib, authority, certificate):
    fingerprint = lib.load("_client.fingerprint").Fingerprint
    mismatch = lib.load("_client.exceptions").ServerFingerprintMismatch
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(server_side)
    client_side = ssl.create_default_context()
    authority.configure_trust(client_side)

    async def serve(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_side)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await connect(port, client_side)
        digest = sha256(writer.get_extra_info("ssl_object").getpeercert(binary_form=True)).digest()
        fingerprint(digest).check(writer.transport)
        with pytest.raises(mismatch, match=digest.hex()) as caught:
            fingerprint(bytes(32)).check(writer.transport)
        assert (caught.value.expected, caught.value.got) == (bytes(32), digest)
        assert (caught.value.host, caught.value.port) == ("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()


async def test_without_tls_there_is_nothing_to_check(lib):
    async def serve(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        _, writer = await connect(server.sockets[0].getsockname()[1], None)
        lib.load("_client.fingerprint").Fingerprint(bytes(32)).check(writer.transport)
        writer.close()
        await writer.wait_closed()
