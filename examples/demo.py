"""The client at work: make demo, or with a URL of yours: make demo URL=https://example.org/

Without a URL it starts examples/server.py on the loop-back, shows what the client does over
it, and ends with the requests per second beside aiohttp's.
"""

import asyncio
import contextlib
import hashlib
import importlib.metadata
import json
import os
import platform
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import server  # noqa: E402

import aiohttp_fast as aiohttp  # noqa: E402

DOWNLOAD = 256 << 20
UPLOAD = 64 << 20
AT_ONCE = 5000  # requests; fewer where this process, or the server's, may not open as many files
_SPARE_FILES = 64
IN_COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
RACE = """
import asyncio, importlib, json, sys, time
lib = importlib.import_module(sys.argv[1])
async def main(url, seconds):
    done = 0
    async with lib.ClientSession() as session:
        async def some(until):
            nonlocal done
            while time.perf_counter() < until:
                async with session.get(url) as response:
                    await response.read()
                done += 1
        await asyncio.gather(*(some(time.perf_counter() + 0.2) for _ in range(64)))
        done, began, cpu = 0, time.perf_counter(), time.process_time()
        await asyncio.gather(*(some(began + seconds) for _ in range(64)))
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(json.dumps([done / took, cpu / done * 1e6]))
asyncio.run(main(sys.argv[2], float(sys.argv[3])))
"""


def colour(text: str, code: int) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if IN_COLOUR else text


def amount(size: float) -> str:
    unit = "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


def line(name: str, text: str, took: float | None = None) -> None:
    after = "" if took is None else colour(f"  {took * 1e3:,.0f} ms", 2)
    print(f"  {colour('✓', 32)} {name:<12} {text}{after}", flush=True)


def bar(count: int, total: int, began: float) -> None:
    if IN_COLOUR:
        full = 30 * count // total
        rate = amount(count / max(time.perf_counter() - began, 1e-6))
        print(f"\r    {'█' * full}{'░' * (30 - full)} {count * 100 // total:3} %  {rate}/s   ", end="", flush=True)


def check(right: bool, what: str) -> None:
    if not right:
        raise RuntimeError(f"the demo expected otherwise: {what}")


async def show_json(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    async with session.get(f"{base}/json") as response:
        document = await response.json()
        return f"{response.status} {response.content_type}: {document['name']!r}"


async def show_download(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    count, began, shown = 0, time.perf_counter(), 0.0
    async with session.get(f"{base}/bytes/{DOWNLOAD}") as response:
        async for piece in response.content.iter_any():
            count += len(piece)
            if time.perf_counter() - shown > 0.05:
                shown = time.perf_counter()
                bar(count, DOWNLOAD, began)
    took = time.perf_counter() - began
    if IN_COLOUR:
        print("\r" + " " * 60 + "\r", end="")
    check(count == DOWNLOAD, "the whole download")
    return f"{amount(count)} streamed at {amount(count / took)}/s"


async def show_upload(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    with tempfile.TemporaryFile() as file:
        piece = os.urandom(1 << 20)
        digest = hashlib.sha256()
        for _ in range(UPLOAD // len(piece)):
            file.write(piece)
            digest.update(piece)
        file.seek(0)
        async with session.post(f"{base}/upload", data=file) as response:
            found = await response.json()
    check(found["sha256"] == digest.hexdigest(), "the file as it was")
    return f"{amount(found['bytes'])} from a file, SHA-256 {found['sha256'][:12]}… agrees"


async def show_redirect(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    async with session.get(f"{base}/redirect/3") as response:
        await response.read()
        hops = [hop.url.path for hop in response.history]
        return f"{' → '.join([*hops, response.url.path])}"


async def show_cookies(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    # Cookies of bare IP addresses are not kept unless the jar is told to.
    async with session.get(f"{base.replace('127.0.0.1', 'localhost')}/cookies/set?taste=oatmeal&lang=en") as response:
        found = await response.json()
    check(found == {"taste": "oatmeal", "lang": "en"}, "the cookies back")
    return "set by the server, sent back: " + ", ".join(f"{name}={value}" for name, value in found.items())


async def show_codings(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    done = []
    for coding in ("gzip", "deflate", "br", "zstd"):
        async with session.get(f"{base}/{coding}") as response:
            if response.status == 200:
                check((await response.json())["numbers"][-1] == 499, f"{coding} decoded")
                done.append(coding)
    return f"{', '.join(done)} decoded"


async def show_tls(session: aiohttp.ClientSession, base: str, secure: str) -> str:
    if not secure:
        return "left out: trustme is not installed (make demo installs it)"
    url, authority = secure.split(" ", 1)
    context = ssl.create_default_context(cafile=authority)
    async with session.get(f"{url}/json", ssl=context) as response:
        await response.read()
    try:
        async with session.get(f"{url}/json"):
            raise RuntimeError("a certificate nobody signed was taken")
    except aiohttp.ClientConnectorCertificateError as error:
        return f"verified; without its authority refused ({type(error).__name__})"


async def show_timeout(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    began = time.perf_counter()
    try:
        async with session.get(f"{base}/slow/10", timeout=aiohttp.ClientTimeout(total=0.3)):
            raise RuntimeError("no time-out")
    except TimeoutError as error:
        return f"{type(error).__name__} after {time.perf_counter() - began:.2f} s, as asked (0.3)"


async def show_crowd(session: aiohttp.ClientSession, base: str, _secure: str) -> str:
    count = min(AT_ONCE, server.more_files() - _SPARE_FILES)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as crowd:

        async def one() -> int:
            async with crowd.get(f"{base}/slow/0.5") as response:
                await response.read()
                return response.status

        began = time.perf_counter()
        found = await asyncio.gather(*(one() for _ in range(count)))
        took = time.perf_counter() - began
    check(found == [200] * count, "an answer to each")
    return f"{count:,} requests at once over as many connections, all answered in {took:.1f} s"


STEPS: dict[str, Callable[[aiohttp.ClientSession, str, str], Awaitable[str]]] = {
    "JSON": show_json, "download": show_download, "upload": show_upload, "redirects": show_redirect,
    "cookies": show_cookies, "codings": show_codings, "TLS": show_tls, "time-out": show_timeout, "a crowd": show_crowd,
}  # fmt: skip


async def tour(base: str, secure: str) -> None:
    async with aiohttp.ClientSession() as session:
        for name, step in STEPS.items():
            began = time.perf_counter()
            text = await step(session, base, secure)
            line(name, text, time.perf_counter() - began)


def race(base: str) -> None:
    """Both clients over the same server, in turn, each time in a fresh process."""
    libraries = ["aiohttp_fast"]
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        libraries.append(f"aiohttp {importlib.metadata.version('aiohttp')}")
    best: dict[str, tuple[float, float]] = {}
    env = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    for _ in range(3):
        for name in libraries:
            command = [sys.executable, "-c", RACE, name.split()[0], f"{base}/small", "0.6"]
            rate, cpu = json.loads(
                subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
            )
            best[name] = max(best.get(name, (0.0, 0.0)), (rate, cpu))
    print(f"\n  {colour('Requests per second', 1)}, GET, 64 at once, asyncio (best of 3, taken in turn)")
    most = max(rate for rate, _ in best.values())
    for name, (rate, cpu) in best.items():
        print(f"    {name:16} {rate:>8,.0f}/s {cpu:5.0f} µs CPU  {colour('█' * max(1, round(30 * rate / most)), 36)}")
    if len(best) == 2:
        (ours, our_cpu), (theirs, their_cpu) = best.values()
        print(f"    {colour(f'{ours / theirs:.1f} times the requests', 1)}, {their_cpu / our_cpu:.1f} times less CPU")
    else:
        print("    aiohttp is not installed beside it: make demo does that")


@contextlib.contextmanager
def serving(script: str, *arguments: str) -> Iterator[list[int]]:
    command = [sys.executable, str(HERE / script), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield [int(port) for port in child.stdout.readline().split()]
        finally:
            child.stdin.close()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()


def certificate(folder: str) -> list[str]:
    """Make an authority and a certificate for 127.0.0.1; return the files: certificate, key, authority."""
    try:
        trustme = importlib.import_module("trustme")
    except ImportError:
        return []
    authority = trustme.CA()
    leaf = authority.issue_cert("127.0.0.1", "localhost")
    names = [str(Path(folder, name)) for name in ("chain.pem", "key.pem", "authority.pem")]
    for number, blob in enumerate(leaf.cert_chain_pems):
        blob.write_to_path(names[0], append=number > 0)
    leaf.private_key_pem.write_to_path(names[1])
    authority.cert_pem.write_to_path(names[2])
    return names


def header() -> None:
    core = colour(aiohttp.IMPLEMENTATION, 32 if aiohttp.IMPLEMENTATION == "compiled" else 33)
    print(f"{colour('aiohttp_fast', 1)} {aiohttp.__version__}, {core} core, Python {platform.python_version()}\n")


def show_all() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = certificate(folder)
        with serving("server.py", *(["--tls", *files[:2]] if files else [])) as ports:
            base = f"http://127.0.0.1:{ports[0]}"
            secure = f"https://127.0.0.1:{ports[1]} {files[2]}" if files else ""
            asyncio.run(tour(base, secure))
    with serving("quick_server.py") as ports:
        race(f"http://127.0.0.1:{ports[0]}")


async def pieces_of(response: aiohttp.ClientResponse) -> AsyncIterator[int]:
    async for piece in response.content.iter_any():
        yield len(piece)


async def fetch(url: str) -> int:
    """Fetch a URL of the user's and say what came."""
    began = time.perf_counter()
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
            session.get(url) as response,
        ):
            head, count = time.perf_counter() - began, 0
            async for size in pieces_of(response):
                count += size
            total = time.perf_counter() - began
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        print(f"  {colour('✗', 31)} {type(error).__name__}: {error}")
        return 1
    for hop in response.history:
        print(f"  {hop.status} {hop.url}")
    good = 32 if response.ok else 31
    print(f"  {colour(f'{response.status} {response.reason}', good)} {response.url}")
    for name in (
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Server",
        "Date",
        "Last-Modified",
        "ETag",
        "Location",
    ):
        if name in response.headers:
            print(f"    {name}: {response.headers[name]}")
    print(f"  {amount(count)} decoded; head after {head * 1e3:,.0f} ms, all after {total * 1e3:,.0f} ms")
    return 0


def main() -> int:
    header()
    if len(sys.argv) > 1:
        url = sys.argv[1]
        return asyncio.run(fetch(url if "://" in url else f"http://{url}"))
    server.more_files()
    began = time.perf_counter()
    show_all()
    print(f"\n  {time.perf_counter() - began:.0f} s in all; make bench measures more closely")
    return 0


if __name__ == "__main__":
    sys.exit(main())
