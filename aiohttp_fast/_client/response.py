"""``ClientResponse``: a response as its user sees it: its body as text or JSON, and what its head says."""

import asyncio
import codecs
import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from multidict import CIMultiDict, CIMultiDictProxy, MultiDictProxy
from yarl import URL

from .._base import hdrs
from .._base.checks import check_text
from .._base.class_value import ClassValue, class_value
from .._base.later import later
from .._base.signature import InitSignature
from .._base.warn import deprecated
from .._wire.http.content import HeadersMixin
from .exceptions import (
    ClientResponseError,
    ContentTypeError,
)
from .response_core import ResponseCore

if TYPE_CHECKING:
    from http import cookies as http_cookies

    from .._base import cookies as grammar
    from .._base import mime
    from . import disposition
    from . import links as link_field
else:
    disposition = later(".disposition", __name__)
    link_field = later(".links", __name__)
    grammar = later(".._base.cookies", __name__)
    http_cookies = later("http.cookies")
    mime = later(".._base.mime", __name__)

__all__ = ("ClientResponse",)

_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())


def _set_done(future: "asyncio.Future[None]", _writer: "asyncio.Task[None]") -> None:
    if not future.done():
        future.set_result(None)


class ClientResponse(ResponseCore, HeadersMixin):
    """The response to one request.

    ``status``, ``reason`` and ``version`` are known once ``start`` has returned, which
    the session sees to. Use it in ``async with``, or call ``release`` when done; one
    that was read to its end needs neither.
    """

    __signature__ = InitSignature()
    content = ClassValue(ResponseCore.content, None)
    reason = class_value(ResponseCore.reason, None)  # type: ignore[misc]
    version = class_value(ResponseCore.version, None)  # type: ignore[misc]

    def __repr__(self) -> str:
        reason = self.reason.encode("ascii", "backslashreplace").decode() if self.reason else self.reason
        return f"<{type(self).__name__}({self.url}) [{self.status} {reason}]>\n{self.headers!r}\n"

    async def __aenter__(self) -> Self:
        self._in_context = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.release()
        if self._writer is not None:
            await self.wait_for_close()

    # The request's body

    @property
    def output_size(self) -> int:
        """Bytes of the request on the wire so far, head included (deprecated)."""
        deprecated("ClientResponse.output_size is deprecated, use UploadTracker instead")
        writer = self._stream_writer
        return self._output_size if writer is None else writer.output_size

    @property
    def upload_complete(self) -> "asyncio.Future[None]":
        """A future that is done when nothing more of the request's body will be sent (deprecated)."""
        deprecated("ClientResponse.upload_complete is deprecated, use UploadTracker instead")
        if self._upload_complete is None:
            complete = self._upload_complete = self._loop.create_future()
            if self._writer is None or self._writer.done():
                complete.set_result(None)
            else:
                self._writer.add_done_callback(partial(_set_done, complete))
        return self._upload_complete

    # The head

    @property
    def url(self) -> URL:
        """The URL that answered, without its fragment."""
        url = self._real_url
        return url.with_fragment(None) if url.raw_fragment else url

    @property
    def real_url(self) -> URL:
        """The URL that answered, fragment included."""
        return self._real_url

    @property
    def host(self) -> str:
        """The URL's host."""
        return self._real_url.host or ""

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The fields, case-insensitive and read-only."""
        if self._headers is None:
            self._headers = _NO_HEADERS if self._head is None else self._head.headers
        return self._headers

    @property
    def raw_headers(self) -> "tuple[tuple[bytes, bytes], ...]":
        """Names and values of the fields as they were received."""
        if self._raw_headers is None:
            self._raw_headers = () if self._head is None else self._head.raw_headers
        return self._raw_headers

    @property
    def cookies(self) -> "http_cookies.SimpleCookie":
        """The cookies set by this response, whether or not the jar took them."""
        if self._cookies is None:
            fields = () if self._head is None else self.headers.getall(hdrs.SET_COOKIE, ())
            self._cookies = http_cookies.SimpleCookie()
            for name, morsel in grammar.parse_set_cookie_headers(fields):
                dict.__setitem__(self._cookies, name, morsel)
        return self._cookies

    @cookies.setter
    def cookies(self, cookies: "http_cookies.SimpleCookie") -> None:
        self._cookies = cookies

    @property
    def url_obj(self) -> URL:
        """The old name of ``url``."""
        deprecated("Deprecated, use .url #1654")
        return self.url

    @property
    def content_disposition(self) -> "disposition.ContentDisposition | None":
        """The Content-Disposition field; None where there is none. Its file name is the sender's word, not a path."""
        field = self.headers.get(hdrs.CONTENT_DISPOSITION)
        return None if field is None else disposition.disposition_of(field)

    @property
    def links(self) -> "MultiDictProxy[MultiDictProxy[str | URL]]":
        """The Link fields (RFC 8288) by relation, their targets joined to this response's URL."""
        return link_field.parse_links(", ".join(self.headers.getall(hdrs.LINK, ())), self.url)

    @property
    def history(self) -> "tuple[ClientResponse, ...]":
        """The redirects that led here, first to last."""
        return self._history

    @property
    def ok(self) -> bool:
        """True for a status below 400; the body says nothing about it."""
        return self.status < 400

    def raise_for_status(self) -> None:
        """Raise ``ClientResponseError`` for a status of 400 or more.

        Outside of ``async with`` the response is released first.
        """
        if not self.ok:
            if not self._in_context:
                self.release()
            failed = ClientResponseError(
                self.request_info, self.history, status=self.status, message=self.reason or "", headers=self.headers
            )
            raise self._tell(failed, None)

    # The body as text

    def get_encoding(self) -> str:
        """Return the charset to decode the body with: the declared one, else UTF-8 for JSON, else the resolver's."""
        field = self._content_type_field()
        charset = mime.parse_content_type(field)[1].get("charset") if field else None
        if charset == "utf-8":
            return charset
        if charset:
            with suppress(LookupError, ValueError):  # no such coding, or a name that cannot be one
                "".encode(charset)
                return codecs.lookup(charset).name
        if self._body is None and self._pieces is None:
            raise RuntimeError("Cannot compute fallback encoding of a not yet read body")
        if self._session is None or self._body is None or self._is_expected("application/json"):
            return "utf-8"
        return self._session._resolve_charset(self, self._body)  # type: ignore[no-any-return]

    async def text(self, encoding: str | None = None, errors: str = "strict") -> str:
        """Return the whole body as text, decoded with *encoding* or ``get_encoding()``."""
        body = self._body
        if body is None:
            body = await self.read()
        return body.decode(encoding or self.get_encoding(), errors)

    async def json(
        self,
        *,
        encoding: str | None = None,
        loads: Callable[[str], Any] = json.loads,
        content_type: str | None = "application/json",
    ) -> Any:
        """Return the body parsed as JSON; None for an empty body.

        Raises ``ContentTypeError`` unless the response says that it is *content_type*,
        or for the default any ``+json`` type (RFC 6839); None allows any.
        """
        body = self._body
        if body is None:
            body = await self.read()
        if content_type and not self._is_expected(content_type):
            actual = self.headers.get(hdrs.CONTENT_TYPE, "").lower()
            unexpected = ContentTypeError(
                self.request_info,
                self.history,
                status=self.status,
                message=f"Attempt to decode JSON with unexpected mimetype: {actual}",
                headers=self.headers,
            )
            raise self._tell(unexpected, None)
        body = body.strip()
        if not body:
            return None
        return loads(body.decode(encoding or self.get_encoding()))

    def _content_type_field(self) -> str | None:
        """Return the Content-Type field, without making ``headers`` for this alone."""
        if self._headers is None and self._head is not None:
            found = self._head.first(b"content-type")
            return None if found is None else found.decode("utf-8", "surrogateescape")
        return self.headers.get(hdrs.CONTENT_TYPE)

    def _is_expected(self, content_type: str) -> bool:
        actual = (self._content_type_field() or "").lower()
        if content_type == "application/json":
            if actual.startswith("application/json"):
                return True
            subtype = mime.parse_mimetype(actual)
            return subtype.suffix == "json" or subtype.subtype == "json"
        check_text("content_type", content_type)
        return content_type in actual
