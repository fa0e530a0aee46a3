"""httpx, asynchronous, HTTP/1.1."""

import os

import httpx

from clients.payload import CHUNK, DOCUMENT, PIECE


class Client:
    """One AsyncClient with everything at its default but the limit of connections."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.url = self.base + "/"

    async def open(self) -> None:
        self.client = httpx.AsyncClient(limits=httpx.Limits(max_connections=None, max_keepalive_connections=None))

    async def close(self) -> None:
        await self.client.aclose()

    async def get(self) -> bytes:
        return (await self.client.get(self.url)).content

    async def post(self) -> object:
        return (await self.client.post(self.url, json=DOCUMENT)).json()

    async def download(self, mode: str, size: int) -> int:
        url = f"{self.base}/{'gzip' if mode == 'gzip' else 'bytes'}/{size}"
        if mode == "read":
            return len((await self.client.get(url)).content)
        count = 0
        async with self.client.stream("GET", url) as response:
            async for piece in response.aiter_bytes(CHUNK if mode == "iter_chunked" else None):
                count += len(piece)
        return count

    async def upload(self, path: str) -> int:
        async def pieces():
            with open(path, "rb") as file:
                while piece := file.read(PIECE):
                    yield piece

        headers = {"Content-Length": str(os.path.getsize(path))}
        return (await self.client.put(self.url, content=pieces(), headers=headers)).json()["size"]
