"""The quickest server that asyncio allows, so that a race shows the clients: it sends one prepared answer.

It reads heads without bodies only, prints its port, and ends when standard input does.
"""

import asyncio
import contextlib
import importlib
import sys

ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: example\r\nDate: Sat, 01 Aug 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nContent-Length: 27\r\nCache-Control: no-store\r\n\r\n"
    b'{"id": 4711, "name": "ice"}'
)


class Quick(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        count = data.count(b"\r\n\r\n")
        self.rest = data[data.rfind(b"\r\n\r\n") + 4 :] if count else data
        self.transport.write(ANSWER * count)


async def main() -> None:
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(Quick, "127.0.0.1", 0, backlog=1024)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    with contextlib.suppress(ImportError):
        importlib.import_module("uvloop").install()
    asyncio.run(main())
