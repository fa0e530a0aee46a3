"""pycurl: libcurl's multi interface in a loop of its own, for which asyncio is not needed at all."""

import asyncio
import json
import os
from io import BytesIO

import pycurl

from clients.payload import DOCUMENT


class Client:
    """One CurlMulti and its reused handles."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.url = self.base + "/"

    async def open(self) -> None:
        self.multi = pycurl.CurlMulti()
        self.idle: list[pycurl.Curl] = []

    async def close(self) -> None:
        for curl in self.idle:
            curl.close()
        self.multi.close()
        await asyncio.sleep(0)

    def handle(self) -> pycurl.Curl:
        if self.idle:
            return self.idle.pop()
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, self.url)
        curl.setopt(pycurl.NOSIGNAL, 1)
        return curl

    def get_many(self, count: int, concurrency: int) -> None:
        """GET *count* times, *concurrency* at a time; every body is kept, as the others keep it."""
        multi, left = self.multi, count

        def start(curl: pycurl.Curl) -> None:
            curl.body = BytesIO()
            curl.setopt(pycurl.WRITEDATA, curl.body)
            multi.add_handle(curl)

        running = min(count, concurrency)
        for _ in range(running):
            start(self.handle())
            left -= 1
        while running:
            while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
                pass
            _more, done, failed = multi.info_read()
            if failed:
                raise ConnectionError(failed[0][2])
            for curl in done:
                multi.remove_handle(curl)
                curl.body.getvalue()
                if left:
                    start(curl)
                    left -= 1
                else:
                    self.idle.append(curl)
                    running -= 1
            if not done:
                multi.select(1.0)

    async def get(self) -> bytes:
        curl, body = self.handle(), BytesIO()
        curl.setopt(pycurl.WRITEDATA, body)
        curl.perform()
        self.idle.append(curl)
        return body.getvalue()

    async def post(self) -> object:
        """One at a time: there is no asyncio to wait in."""
        curl, body = self.handle(), BytesIO()
        curl.setopt(pycurl.WRITEDATA, body)
        curl.setopt(pycurl.HTTPHEADER, ["Content-Type: application/json"])
        curl.setopt(pycurl.POSTFIELDS, json.dumps(DOCUMENT))
        curl.perform()
        self.idle.append(curl)
        return json.loads(body.getvalue())

    async def download(self, mode: str, size: int) -> int:
        """``read`` keeps the body, the other modes count what libcurl hands out."""
        curl, body, count = pycurl.Curl(), BytesIO(), 0

        def piece(data: bytes) -> None:
            nonlocal count
            count += len(data)

        curl.setopt(pycurl.URL, f"{self.base}/{'gzip' if mode == 'gzip' else 'bytes'}/{size}")
        curl.setopt(pycurl.BUFFERSIZE, 1 << 18)
        if mode == "gzip":
            curl.setopt(pycurl.ACCEPT_ENCODING, "gzip")
        if mode == "read":
            curl.setopt(pycurl.WRITEDATA, body)
        else:
            curl.setopt(pycurl.WRITEFUNCTION, piece)
        curl.perform()
        curl.close()
        return len(body.getvalue()) if mode == "read" else count

    async def upload(self, path: str) -> int:
        curl, body = pycurl.Curl(), BytesIO()
        curl.setopt(pycurl.URL, self.url)
        curl.setopt(pycurl.UPLOAD, 1)
        curl.setopt(pycurl.HTTPHEADER, ["Expect:"])
        curl.setopt(pycurl.WRITEDATA, body)
        curl.setopt(pycurl.UPLOAD_BUFFERSIZE, 1 << 18)
        curl.setopt(pycurl.INFILESIZE_LARGE, os.path.getsize(path))
        with open(path, "rb") as file:
            curl.setopt(pycurl.READDATA, file)
            curl.perform()
        curl.close()
        return json.loads(body.getvalue())["size"]
