"""The rows of the table: what is measured, who takes part, and the goal from DESIGN.md."""

from dataclasses import dataclass, field

import harness as h

BOTH = (h.FAST, h.FAST_PURE, h.AIOHTTP, h.AIOHTTP_PURE)
LARGE = 1 << 26  # bytes of a download or upload
FORM = 100_000_000  # bytes of a file in a form
TEXT = 1 << 25  # bytes of a gzip download, decoded
ROOMS = {"parser": "wire", "head": "wire", "mask": "wire", "multipart": "wire", "cookies": "jars"}


@dataclass(frozen=True)
class Row:
    """One line of the table. The goal is a ratio to aiohttp, or with *most* an absolute figure."""

    key: str
    title: str
    work: str
    goal: float
    contenders: tuple[h.Contender, ...] = BOTH
    options: dict[str, object] = field(default_factory=dict)
    loop: str = "asyncio"
    unit: str = "µs"
    most: bool = False
    base: str = ""  # the contender that is not to be slower, instead of a figure
    group: str = "client"
    seconds: float = 0.25  # of one measurement
    count: int = 0  # operations of one measurement, where it is not the clock that decides
    repeat: int = 5  # repetitions; fewer where nothing but the processor takes part, or the goal is far away

    @property
    def room(self) -> str:
        """What the worker has to load: only the client has rows that need a server."""
        return ROOMS.get(self.group, "client")

    def figure(self, found: dict) -> float:
        """Return what the table shows of a measurement, in the row's unit."""
        if self.unit == "s/GB":
            return found["cpu"] / found["count"] / self.options["size"] * 1e9
        if self.unit == "calls":
            return found["python"]
        if self.unit == "kB":
            return found["bytes"] / 1000
        return found["cpu"] / found["count"] * 1e6


def _download(mode: str, goal: float, *more: h.Contender) -> Row:
    options = {"mode": mode, "size": LARGE}
    title = {"iter_any": "download, `iter_any()`", "iter_chunked": "download, `iter_chunked(16 KiB)`"}
    who = (*BOTH, h.FLOOR, *more)
    return Row(mode, title.get(mode, "download, `read()`"), "download", goal, who, options, unit="s/GB",
               group="download", count=4)  # fmt: skip


def _mask(size: int, text: str) -> Row:
    # The plain loop is timed within C; where the call from Python is what costs, aiohttp's is the measure.
    base = h.AIOHTTP.name if size < 1 << 16 else h.FLOOR.name
    who = (*BOTH, h.FLOOR)
    return Row(f"mask_{size}", f"mask {text}", "mask", 1.0, who, {"size": size}, base=base, group="mask", seconds=0.1,
               repeat=3)  # fmt: skip


def _cookies(work: str, title: str, goal: float, **options: object) -> Row:
    key = "_".join([work, *map(str, options.values())])
    return Row(key, title, work, goal, BOTH, options, group="cookies", seconds=0.1, repeat=3)


FLOORED = (*BOTH, h.FLOOR)
CLIENT = (*BOTH, h.FLOOR, h.PYCURL, h.WREQ)
WIRE = (*BOTH, h.FLOOR, h.HTTPTOOLS)
ROWS = (
    Row("get64", "client GET, 64 at once, asyncio", "get", 4.0, CLIENT),
    Row("get64_uvloop", "client GET, 64 at once, uvloop", "get", 3.5, CLIENT, loop="uvloop"),
    Row("get1", "client GET, one at a time", "get", 2.3, CLIENT, {"concurrency": 1}),
    Row("post", "client JSON POST, 64 at once", "post", 3.0, (*BOTH, h.FLOOR, h.HTTPX, h.PRIMP)),
    Row("json", "client GET of 10 kB of JSON and 15 fields, asyncio", "get_json", 1.0, FLOORED, base=h.AIOHTTP.name,
        seconds=0.15),
    Row("json_uvloop", "client GET of 10 kB of JSON and 15 fields, uvloop", "get_json", 1.0, FLOORED, loop="uvloop",
        base=h.AIOHTTP.name, seconds=0.15),
    Row("urls", "client GET, 10,000 different URLs", "get_url", 1.0, FLOORED, base=h.AIOHTTP.name, group="url",
        seconds=0.15, repeat=3),
    Row("params", "client GET, 10,000 different `params=`", "get_params", 1.0, FLOORED, base=h.AIOHTTP.name,
        group="url", seconds=0.15, repeat=3),
    Row("fields", "client GET, 15 `headers=` and `base_url`", "get_fields", 1.0, FLOORED, base=h.AIOHTTP.name,
        group="url", seconds=0.15, repeat=3),
    Row("session", "make a session and close it, beside an open one", "life", 1.0, base=h.AIOHTTP.name,
        group="session", seconds=0.15),
    Row("session_alone", "make a session and close it, the only one", "life", 1.0, options={"alone": True},
        base=h.AIOHTTP.name, group="session", seconds=0.15),
    # A count of its own, as each leaves a port of this machine unusable for a while.
    Row("session_get", "make a session, one GET, close it", "life", 1.0, FLOORED, {"requests": 1},
        base=h.AIOHTTP.name, group="session", count=400),
    _download("iter_any", 2.5, h.PYCURL),
    _download("iter_chunked", 4.0, h.HTTPX),
    _download("read", 3.0, h.PYCURL, h.CURL_CFFI),
    Row("upload", "upload from a file", "upload", 1.6, (*BOTH, h.FLOOR, h.HTTPX), {"size": LARGE}, unit="s/GB",
        group="upload", count=4),
    Row("form_upload", "upload of 100 MB in a form", "form_upload", 1 / 1.2, (*FLOORED, h.FAST_RAW), {"size": FORM},
        unit="s/GB", base=h.FLOOR.name, group="form", count=4),
    Row("gzip", "gzip download", "download", 1.8, (*BOTH, h.AIOHTTP_ISAL, h.FLOOR, h.PYCURL),
        {"mode": "gzip", "size": TEXT}, unit="s/GB", group="gzip", count=2),
    Row("parse_response", "parse a response of 17 fields", "parse", 2.5, WIRE, {"kind": "response"}, group="parser",
        seconds=0.1),
    Row("parse_request", "parse a request of 16 fields", "parse", 2.5, WIRE, {"kind": "request"}, group="parser",
        seconds=0.1),
    Row("parse_look", "the same response, and look a field up", "parse", 1.0, (*BOTH, h.FLOOR),
        {"kind": "response", "look": True}, base=h.AIOHTTP.name, group="parser", seconds=0.1),
    Row("serialize", "serialise 15 fields", "serialize", 3.0, (*BOTH, h.FLOOR), group="head", seconds=0.1),
    _cookies("filter_cookies", "`filter_cookies`, 1,000 cookies in 100 domains", 2.0),
    _cookies("filter_cookies", "`filter_cookies`, 10,000 cookies in 1,000 domains", 2.0, domains=1000),
    _cookies("set_cookies", "ten Set-Cookie fields into the jar", 2.0),
    _cookies("update_cookies", "`update_cookies`, a SimpleCookie of ten", 2.0),
    _cookies("update_cookies", "`update_cookies`, a dict of ten", 2.0, kind="values"),
    _cookies("answered", "renew a cookie, and `filter_cookies`", 1.0),
    Row("multipart", "read a form of 20 fields and a file of 1 MiB", "multipart", 2.0,
        options={"fields": 20, "size": 1 << 20}, group="multipart", repeat=3),
    Row("multipart_small", "read a form of 100 fields", "multipart", 2.0, options={"fields": 100}, group="multipart",
        repeat=3),
    Row("multipart_chunk", "read a part of 16 MiB, `read_chunk()`", "multipart", 2.0,
        options={"size": 1 << 24, "way": "read_chunk"}, unit="s/GB", group="multipart", repeat=3),
    Row("multipart_read", "read a part of 16 MiB, `read()`", "multipart", 2.0,
        options={"size": 1 << 24, "way": "read"}, unit="s/GB", group="multipart", repeat=3),
    _mask(16, "16 B"),
    _mask(1 << 10, "1 kB"),
    _mask(1 << 16, "64 kB"),
    _mask(1 << 20, "1 MB"),
    Row("idle", "idle client connection", "idle_memory", 4.0, (*BOTH, h.FLOOR), unit="kB", most=True, group="memory",
        count=1000),
    Row("import_time", "`import`, client only: CPU time", "import", 60.0, (*BOTH, h.FLOOR, h.HTTPX), unit="ms",
        most=True, group="import"),
    Row("import_memory", "`import`, client only: resident memory", "import", 27.0, (*BOTH, h.FLOOR, h.HTTPX), unit="MB",
        most=True, group="import"),
    Row("calls", "Python-level calls per GET, 64 at once", "calls", 90.0, (*BOTH, h.FLOOR), unit="calls", most=True,
        group="calls", count=2048),
)  # fmt: skip
GROUPS = tuple(dict.fromkeys(row.group for row in ROWS))
