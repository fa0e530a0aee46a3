"""What all contenders send alike."""

from collections.abc import Iterator
from itertools import count

CHUNK = 1 << 14
"""Bytes asked of a stream at once, where a size is asked for."""

PIECE = 1 << 18
"""Bytes read from a file at once, by those who leave that to the caller."""

DOCUMENT = {"user": 4711, "items": [{"sku": "A-17", "count": 2}, {"sku": "B-3", "count": 1}], "note": "no hurry"}

FIELDS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "en-GB,en;q=0.9,fr;q=0.8",
    "Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.c2lnbmF0dXJlLW9mLXRoaXMtdG9rZW4",
    "Cache-Control": "no-cache",
    "If-None-Match": 'W/"5d8c72a5edda8d6a5d8c72a5edda8d6a"',
    "Origin": "https://www.example.com",
    "Referer": "https://www.example.com/articles/",
    "User-Agent": "an-application/4.2 (+https://www.example.com/about)",
    "X-Api-Version": "2026-08-01",
    "X-Client-ID": "0d5f1c6e",
    "X-Correlation-ID": "7f2c1a90-53f5-4b0c-9b0e-0b8f8f1a2c3d",
    "X-Forwarded-For": "192.0.2.17",
    "X-Request-ID": "9b0e0b8f-8f1a-4b0c-9b0e-53f57f2c1a90",
    "X-Tenant": "example",
    "X-Trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}
"""Fifteen fields that a caller gives with each request."""

DIFFERENT = 10_000
"""Targets, and queries, before the first one comes again: more than anybody remembers."""


def targets() -> Iterator[str]:
    """Yield paths with a query, as text as callers have it: %-escapes, and letters that are still to be escaped."""
    known = [f"/api/items/{n}/parts?user={n * 7}&page={n % 30}&q=two%20words&lang=français" for n in range(DIFFERENT)]
    while True:
        yield from known


def queries() -> Iterator[dict[str, str | int]]:
    """Yield what callers give as ``params``."""
    for n in count():
        yield {"user": n % DIFFERENT * 7, "page": n % 30, "q": f"some words, {n % DIFFERENT}", "lang": "français"}
