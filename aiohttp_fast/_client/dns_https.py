"""Name servers that are asked over HTTPS (RFC 8484), by a session of our own."""

import asyncio
from contextlib import suppress
from math import inf
from typing import Any

import dns.message
import dns.rdatatype
from yarl import URL

from .._base import hdrs
from .circumstances import without_credentials
from .connector.tcp import TCPConnector
from .connector.tls import SSLSetting
from .cookiejar import DummyCookieJar
from .dns_messages import parse
from .exceptions import ClientError
from .options import ClientTimeout
from .resolver import ThreadedResolver
from .session import ClientSession

__all__ = ("HTTPSServer", "HTTPSession")

_MEDIA_TYPE = "application/dns-message"
_LARGEST = 65535  # bytes of a DNS message (RFC 8484 6)
_HEADERS = {hdrs.ACCEPT: _MEDIA_TYPE, hdrs.CONTENT_TYPE: _MEDIA_TYPE}
_NOT_SENT = (hdrs.USER_AGENT, hdrs.ACCEPT_ENCODING)  # names of users' programs are none of a name server's business
_NO_LIMIT = ClientTimeout()  # who asks has one


class _Connector(TCPConnector):
    """One that is silent when it is forgotten: the resolver that made it tells of itself."""

    def __del__(self, _warnings: Any = None) -> None:
        pass


class HTTPSession:
    """Posts messages; its session is made by the first of them, and belongs to the event loop of that.

    The names of the servers themselves are looked up by the system.
    """

    def __init__(self, ssl: SSLSetting) -> None:
        self._ssl = ssl
        self._connector: _Connector | None = None
        self._resolver = ThreadedResolver()

    async def post(self, url: URL, message: bytes) -> tuple[bytes, int]:
        """Return the answer, and for how many seconds a cache on the way had kept it (RFC 9111 5.1).

        Raises ``OSError`` for what is no DNS message by its head, ``RuntimeError`` in another event loop than the
        first time, and what ``ClientSession`` raises.
        """
        async with self._opened().post(
            url,
            data=message,
            headers=_HEADERS,
            skip_auto_headers=_NOT_SENT,
            timeout=_NO_LIMIT,
            allow_redirects=False,
            max_body_size=_LARGEST,
        ) as response:
            if not 200 <= response.status < 300:
                raise OSError(None, f"status {response.status}")
            if response.content_type != _MEDIA_TYPE:
                raise OSError(None, f"a body of type {response.content_type[:100]!r} instead of {_MEDIA_TYPE}")
            age = response.headers.get(hdrs.AGE, "")
            return await response.read(), int(age[:10]) if age.isascii() and age.isdigit() else 0

    def _opened(self) -> ClientSession:
        if self._connector is None:
            self._connector = _Connector(resolver=self._resolver, ssl=self._ssl)
            self._session = ClientSession(connector=self._connector, connector_owner=False, cookie_jar=DummyCookieJar())
        elif self._connector._loop is not asyncio.get_running_loop():
            raise RuntimeError("A DNSResolver that asks by HTTPS belongs to the event loop in which it first did")
        return self._session

    async def close(self) -> None:
        """Close the connections; those of another loop are closed when that goes on, and not waited for."""
        connector, self._connector = self._connector, None
        if connector is not None:
            if connector._loop is asyncio.get_running_loop():
                await connector.close()
            else:
                with suppress(RuntimeError):  # the loop is closed, and what was open has ended with it
                    connector._loop.call_soon_threadsafe(connector._shut)
        await self._resolver.close()

    def forget(self) -> bool:
        """Close the connections at once; return True if there were some, which nobody had closed."""
        connector, self._connector = self._connector, None
        is_open = connector is not None and any(connector._idle.values())
        if connector is not None:
            connector._shut()
        return is_open


class HTTPSServer:
    """The name server at *url*; its name in texts is without credentials and query, which may be secret too."""

    def __init__(self, url: URL, session: HTTPSession) -> None:
        self._url = url
        self._session = session
        self._text = without_credentials(url.with_query(None))

    def __str__(self) -> str:
        return self._text

    async def ask(self, question: dns.message.QueryMessage) -> dns.message.Message:
        """Return the answer with the times that are left of it; ``OSError`` for what goes wrong."""
        try:
            body, age = await self._post(question.to_wire())
        except ClientError as exc:
            raise OSError(None, str(exc).replace(without_credentials(self._url), self._text)) from None
        response = parse(body, question)
        _grow_older(response, age)
        return response

    async def _post(self, wire: bytes) -> tuple[bytes, int]:
        try:
            return await self._session.post(self._url, wire)
        except ClientError as exc:
            if exc.idle is None:
                raise
        # A kept connection had been closed; a question may be asked again, though POST is not idempotent.
        return await self._session.post(self._url, wire)


def _grow_older(response: dns.message.Message, age: int) -> None:
    """Take *age* from the times to live (RFC 8484 5.1), of negative answers too (RFC 2308 5)."""
    if not age:
        return
    for rrset in (*response.answer, *response.authority):
        minimum = rrset[0].minimum if rrset.rdtype == dns.rdatatype.SOA and rrset else inf
        rrset.ttl = int(max(0, min(rrset.ttl, minimum) - age))
