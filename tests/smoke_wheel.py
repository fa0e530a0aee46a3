"""Try an installed package: the core it should have, and one request over the loop-back.

Run from outside the source tree; ``--pure`` where the pure package was installed on purpose.
"""

import asyncio
import sys
from pathlib import Path

import aiohttp_fast

BODY = b'{"smoke": "ok"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD + BODY)
    await writer.drain()
    writer.close()


async def one_request() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with (
        server,
        aiohttp_fast.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/", params={"a": "b"}) as response,
    ):
        assert response.status == 200, response
        assert await response.json() == {"smoke": "ok"}


def main() -> None:
    wanted = "pure" if "--pure" in sys.argv else "compiled"
    place = Path(aiohttp_fast.__file__).parent
    assert wanted == aiohttp_fast.IMPLEMENTATION, f"{aiohttp_fast.IMPLEMENTATION} core in {place}, not {wanted}"
    assert place.parent != Path(__file__).parents[1], f"{place} is the source tree, not an installed package"
    asyncio.run(one_request())
    print(f"aiohttp-fast {aiohttp_fast.__version__}, {wanted} core in {place}: one request, one answer")


if __name__ == "__main__":
    main()
