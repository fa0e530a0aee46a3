"""Message heads as aiohttp's parsers give them: plain tuples, made from the heads of the wire."""

from typing import NamedTuple

from multidict import CIMultiDictProxy
from yarl import URL

from .._base.types import RawHeaders
from .._wire.codings import CODINGS
from .._wire.errors import InvalidURLError
from .._wire.http.message import HttpVersion, RequestHead, ResponseHead

__all__ = ("RawRequestMessage", "RawResponseMessage", "raw_request", "raw_response")


class RawRequestMessage(NamedTuple):
    """The head of a request; *compression* is the one content coding that can be removed, or None."""

    method: str
    path: str
    version: HttpVersion
    headers: "CIMultiDictProxy[str]"
    raw_headers: RawHeaders
    should_close: bool
    compression: str | None
    upgrade: bool
    chunked: bool
    url: URL


class RawResponseMessage(NamedTuple):
    """The head of a response; see ``RawRequestMessage``."""

    version: HttpVersion
    code: int
    reason: str
    headers: "CIMultiDictProxy[str]"
    raw_headers: RawHeaders
    should_close: bool
    compression: str | None
    upgrade: bool
    chunked: bool


def _compression(head: RequestHead | ResponseHead) -> str | None:
    return head.content_encoding if head.content_encoding in CODINGS else None


def _url(method: str, target: str) -> URL:
    """Return the request target as a URL; the host and port of CONNECT as its authority (RFC 9112 3.2)."""
    if method == "CONNECT":
        return URL.build(authority=target, encoded=True)
    if target.startswith("/"):
        path, _, query = target.partition("#")[0].partition("?")
        return URL.build(path=path, query_string=query, fragment=target.partition("#")[2], encoded=True)
    try:
        return URL(target, encoded=True)
    except ValueError as exc:
        raise InvalidURLError(target) from exc


def raw_request(head: RequestHead) -> RawRequestMessage:
    """Return *head* as a tuple; raises ``InvalidURLError`` for a target that is no URL."""
    return RawRequestMessage(
        head.method,
        head.target,
        head.version,
        head.headers,
        head.raw_headers,
        not head.keep_alive,
        _compression(head),
        head.upgrade,
        head.chunked,
        _url(head.method, head.target),
    )


def raw_response(head: ResponseHead) -> RawResponseMessage:
    """Return *head* as a tuple."""
    return RawResponseMessage(
        head.version,
        head.status,
        head.reason,
        head.headers,
        head.raw_headers,
        not head.keep_alive,
        _compression(head),
        head.upgrade,
        head.chunked,
    )
