"""curl_cffi: libcurl under asyncio."""

from curl_cffi import AsyncSession

from clients.payload import DOCUMENT


class Client:
    """One AsyncSession, with as many handles as there are requests at once."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.url = self.base + "/"

    async def open(self) -> None:
        self.session = AsyncSession(max_clients=64)

    async def close(self) -> None:
        await self.session.close()

    async def get(self) -> bytes:
        return (await self.session.get(self.url)).content

    async def post(self) -> object:
        return (await self.session.post(self.url, json=DOCUMENT)).json()

    async def download(self, mode: str, size: int) -> int:
        """As a whole or, in the other modes, in the pieces that come."""
        url = f"{self.base}/{'gzip' if mode == 'gzip' else 'bytes'}/{size}"
        if mode in ("read", "gzip"):
            return len((await self.session.get(url)).content)
        response = await self.session.get(url, stream=True)
        count = 0
        async for piece in response.aiter_content():
            count += len(piece)
        await response.aclose()
        return count
