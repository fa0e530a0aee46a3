"""How a case of the corpus is written down: bytes in, messages or a refusal out, and the rule that says so."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ("Case", "Message", "chunks", "fields", "request", "response", "to_request", "to_response")

Pairs = tuple[tuple[bytes, bytes], ...]


def fields(*lines: bytes) -> Pairs:
    """Turn ``b"Name: value"`` into pairs; what stands behind the first ``": "`` is the value."""
    return tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))


@dataclass(frozen=True, slots=True)
class Message:
    """What a sink is to hear of one message; ``complete`` False: ``on_end`` does not come."""

    start: tuple[Any, ...]  # (method, target) or (status, reason)
    headers: Pairs
    version: tuple[int, int]
    body: bytes
    trailers: Pairs
    keep_alive: bool
    upgrade: bool
    chunked: bool
    complete: bool


HOST = (b"Host: a",)


def request(
    method: str = "GET",
    target: str = "/",
    headers: tuple[bytes, ...] = HOST,
    body: bytes = b"",
    *,
    version: tuple[int, int] = (1, 1),
    trailers: tuple[bytes, ...] = (),
    keep_alive: bool = True,
    upgrade: bool = False,
    chunked: bool = False,
    complete: bool = True,
) -> Message:
    """An expected request; by default ``GET /`` with ``Host: a``."""
    start = (method, target)
    pairs = fields(*headers)
    return Message(start, pairs, version, body, fields(*trailers), keep_alive, upgrade, chunked, complete)


def response(
    status: int = 200,
    reason: str = "OK",
    headers: tuple[bytes, ...] = (),
    body: bytes = b"",
    *,
    version: tuple[int, int] = (1, 1),
    trailers: tuple[bytes, ...] = (),
    keep_alive: bool = True,
    upgrade: bool = False,
    chunked: bool = False,
    complete: bool = True,
) -> Message:
    """An expected response; by default ``200 OK`` without fields."""
    start = (status, reason)
    pairs = fields(*headers)
    return Message(start, pairs, version, body, fields(*trailers), keep_alive, upgrade, chunked, complete)


@dataclass(frozen=True, slots=True)
class Case:
    """One input and its expected outcome.

    ``refused`` names the error class that ends it, ``says`` is part of the error's text.
    ``eof`` True: the connection ends behind the data. ``rest`` is what is left to whoever
    speaks the protocol that was upgraded to. ``prepare`` is what the response answers.
    """

    id: str
    direction: str
    data: bytes
    rule: str
    messages: tuple[Message, ...] = ()
    refused: str = ""
    says: str = ""
    eof: bool = False
    rest: bytes = b""
    options: dict[str, Any] = field(default_factory=dict)
    prepare: tuple[Any, ...] = ()


def to_request(id: str, rule: str, data: bytes, *messages: Message, **how: Any) -> Case:
    """A case for the request parser."""
    return Case(id, "request", data, rule, messages, **how)


def to_response(id: str, rule: str, data: bytes, *messages: Message, **how: Any) -> Case:
    """A case for the response parser."""
    return Case(id, "response", data, rule, messages, **how)


def chunks(*parts: bytes, trailers: bytes = b"") -> bytes:
    """Return *parts* in the chunked coding, each one chunk."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n" + trailers + b"\r\n"
