"""wreq: an asynchronous client in Rust with a thread pool of its own."""

import wreq

from clients.payload import DOCUMENT


class Client:
    """One Client with everything at its default."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.url = self.base + "/"

    async def open(self) -> None:
        self.client = wreq.Client()

    async def close(self) -> None:
        self.client.close()

    async def get(self) -> bytes:
        return await (await self.client.get(self.url)).bytes()

    async def post(self) -> object:
        return await (await self.client.post(self.url, json=DOCUMENT)).json()

    async def download(self, mode: str, size: int) -> int:
        """As a whole or, in the other modes, in the pieces that come."""
        response = await self.client.get(f"{self.base}/{'gzip' if mode == 'gzip' else 'bytes'}/{size}")
        if mode == "read":
            return len(await response.bytes())
        count = 0
        async with response.stream() as stream:
            async for piece in stream:
                count += len(piece)
        return count
