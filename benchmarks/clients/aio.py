"""aiohttp and whatever has its API: the module is a parameter."""

import importlib
from typing import Any

from clients.payload import CHUNK, DOCUMENT, FIELDS, queries, targets


class Client:
    """One session with everything at its default."""

    def __init__(self, port: int, lib: str, zlib_backend: str | None = None, raw: str = "") -> None:
        self.raw = raw
        self.lib = importlib.import_module(lib)
        if zlib_backend is not None:
            self.lib.set_zlib_backend(importlib.import_module(zlib_backend))
        self.base = f"http://127.0.0.1:{port}"
        self.url = self.base + "/"
        self.based: Any = None
        self.urls = (self.base + target for target in targets())
        self.queries = queries()

    async def open(self) -> None:
        self.session = self.lib.ClientSession()

    async def open_wide(self) -> None:
        """Open a session without a limit of connections."""
        self.session = self.lib.ClientSession(connector=self.lib.TCPConnector(limit=0))

    async def close(self) -> None:
        await self.session.close()
        if self.based is not None:
            await self.based.close()
            self.based = None

    async def get(self) -> bytes:
        async with self.session.get(self.url) as response:
            return await response.read()

    async def get_json(self) -> object:
        async with self.session.get(self.base + "/json") as response:
            return await response.json()

    async def get_url(self) -> bytes:
        """GET the next of many different URLs."""
        async with self.session.get(next(self.urls)) as response:
            return await response.read()

    async def get_params(self) -> bytes:
        """GET one path with the next of many different queries."""
        async with self.session.get(self.base + "/api/items", params=next(self.queries)) as response:
            return await response.read()

    async def get_fields(self) -> bytes:
        """GET with fields of the caller's, and a URL relative to the session's."""
        if self.based is None:
            self.based = self.lib.ClientSession(self.base + "/api/")
        async with self.based.get("items/4711", headers=FIELDS) as response:
            return await response.read()

    async def life(self, requests: int) -> None:
        """A session from its beginning to its end, with so many requests in between."""
        async with self.lib.ClientSession() as session:
            for _ in range(requests):
                async with session.get(self.url) as response:
                    await response.read()

    async def post(self) -> object:
        async with self.session.post(self.url, json=DOCUMENT) as response:
            return await response.json()

    async def download(self, mode: str, size: int) -> int:
        kind = "gzip" if mode == "gzip" else "bytes"
        count = 0
        async with self.session.get(f"{self.base}/{kind}/{size}") as response:
            if mode == "read":
                return len(await response.read())
            if mode == "iter_chunked":
                async for piece in response.content.iter_chunked(CHUNK):
                    count += len(piece)
            else:
                async for piece in response.content.iter_any():
                    count += len(piece)
        return count

    async def form_upload(self, path: str) -> int:
        if self.raw:
            return await self.upload(path)
        with open(path, "rb") as file:
            form = self.lib.FormData({"a": "b", "file": file})
            async with self.session.put(self.url, data=form) as response:
                return (await response.json())["size"]

    async def upload(self, path: str) -> int:
        with open(path, "rb") as file:
            async with self.session.put(self.url, data=file) as response:
                return (await response.json())["size"]
