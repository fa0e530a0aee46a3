"""primp: an asynchronous client in Rust with a thread pool of its own."""

import primp

from clients.payload import DOCUMENT


class Client:
    """One AsyncClient with everything at its default; it keeps connections by itself."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.url = self.base + "/"

    async def open(self) -> None:
        self.client = primp.AsyncClient()

    async def close(self) -> None:
        del self.client

    async def get(self) -> bytes:
        return (await self.client.get(self.url)).content

    async def post(self) -> object:
        return (await self.client.post(self.url, json=DOCUMENT)).json()
