"""What a fuzzed input must satisfy: parse, or a documented error; whatever the cut, at both speeds alike.

The first bytes of an input choose limits, the request's method and the cuts; the rest is the stream.
"""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from aiohttp_fast._wire import errors  # noqa: E402
from aiohttp_fast._wire.http import parser_c, parser_py  # noqa: E402

DOCUMENTED = errors.BadHttpMessage
CONTROL = 4  # bytes in front of the stream
LIMITS = (
    {},
    {"max_line_size": 20, "max_field_size": 30, "max_headers": 3},
    {"max_chunk_line_size": 6, "max_chunk_extensions": 9},
    {"max_line_size": 5, "max_field_size": 12, "max_headers": 1, "max_chunk_line_size": 3, "max_chunk_extensions": 0},
)
PREPARED = (None, ("HEAD", True), ("CONNECT", True), ("GET", False))


class Recorder:
    """A sink that notes events; body pieces in a row are one."""

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def on_head(self, head: Any) -> None:
        start = (head.status, head.reason) if hasattr(head, "status") else (head.method, head.target)
        framing = (head.keep_alive, head.upgrade, head.chunked, head.content_length, head.content_encoding)
        self.events.append(("head", start, head.version, head.raw_headers, framing, tuple(head.headers.items())))

    def on_body(self, data: bytes) -> None:
        if not data:
            raise AssertionError("empty body piece")
        if self.events[-1][0] == "body":
            self.events[-1] = ("body", self.events[-1][1] + data)
        else:
            self.events.append(("body", data))

    def on_end(self, trailers: tuple[tuple[bytes, bytes], ...]) -> None:
        self.events.append(("end", trailers))


def run(parser: Any, recorder: Recorder, pieces: list[bytes]) -> list[tuple[Any, ...]]:
    """Feed *pieces* and the end; return the events, the last one being the error if there was one."""
    try:
        for piece in pieces:
            if parser.feed(piece) < len(piece):
                break
        parser.feed_eof()
    except DOCUMENTED as error:
        recorder.events.append(("error", type(error).__name__, str(error)))
    return [*recorder.events, ("upgraded", parser.upgraded)]


def check(data: bytes, kind: str) -> None:
    """Raise if *data* is not handled alike by both parsers and all cuts; *kind*: request or response."""
    if len(data) < CONTROL:
        return
    control, stream = data[:CONTROL], data[CONTROL:]
    options: dict[str, Any] = dict(LIMITS[control[0] % len(LIMITS)])
    if kind == "response":
        options["lenient"] = control[0] < 200
    cuts = sorted({min(byte, len(stream)) for byte in control[2:]})
    cut = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    whole, single = [stream], [stream[i : i + 1] for i in range(len(stream))]
    results = []
    for module in (parser_c, parser_py):
        for pieces in (whole, cut, single):
            recorder = Recorder()
            if kind == "request":
                parser = module.RequestParser(recorder, **options)
            else:
                parser = module.ResponseParser(recorder, **options)
                prepared = PREPARED[control[1] % len(PREPARED)]
                if prepared:
                    parser.prepare(*prepared)
            results.append(run(parser, recorder, pieces))
    for result in results[1:]:
        if result != results[0]:
            raise AssertionError(f"{kind} {data!r}\n  {results[0]}\n  {result}")
