"""Name servers that are asked over HTTPS (RFC 8484), by a session of our own."""

from math import inf
from typing import Any

import dns.exception
import dns.message
import dns.nameserver
import dns.rdatatype
from yarl import URL

from .._base import hdrs
from .circumstances import without_credentials
from .connector.tcp import TCPConnector
from .connector.tls import SSLSetting
from .cookiejar import DummyCookieJar
from .exceptions import ClientError
from .options import ClientTimeout
from .resolver import ThreadedResolver
from .session import ClientSession

__all__ = ("HTTPSServer", "HTTPSession")

_MEDIA_TYPE = "application/dns-message"
_LARGEST = 65535  # bytes of a DNS message (RFC 8484 6)
_HEADERS = {hdrs.ACCEPT: _MEDIA_TYPE, hdrs.CONTENT_TYPE: _MEDIA_TYPE}
_NOT_SENT = (hdrs.USER_AGENT, hdrs.ACCEPT_ENCODING)  # names of users' programs are none of a name server's business


class HTTPSession:
    """Posts messages; its session is made by the first of them.

    The names of the servers themselves are looked up by the system.
    """

    def __init__(self, ssl: SSLSetting) -> None:
        self._ssl = ssl
        self._session: ClientSession | None = None
        self._resolver = ThreadedResolver()

    async def post(self, url: URL, message: bytes, timeout: float) -> tuple[bytes, int]:
        """Return the answer, and for how many seconds a cache on the way had kept it (RFC 9111 5.1).

        Raises ``OSError`` for what is no DNS message by its head, and what ``ClientSession`` raises.
        """
        if self._session is None:
            connector = TCPConnector(resolver=self._resolver, ssl=self._ssl)
            self._session = ClientSession(connector=connector, cookie_jar=DummyCookieJar())
        async with self._session.post(
            url,
            data=message,
            headers=_HEADERS,
            skip_auto_headers=_NOT_SENT,
            timeout=ClientTimeout(total=timeout),
            allow_redirects=False,
            max_body_size=_LARGEST,
        ) as response:
            if not 200 <= response.status < 300:
                raise OSError(None, f"status {response.status}")
            if response.content_type != _MEDIA_TYPE:
                raise OSError(None, f"a body of type {response.content_type[:100]!r} instead of {_MEDIA_TYPE}")
            age = response.headers.get(hdrs.AGE, "")
            return await response.read(), int(age[:10]) if age.isascii() and age.isdigit() else 0

    async def close(self) -> None:
        """Close the session, which opens anew when it is used again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await self._resolver.close()


class HTTPSServer(dns.nameserver.Nameserver):
    """The name server at *url*, as dnspython asks it; its name in texts is without credentials."""

    def __init__(self, url: URL, session: HTTPSession) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url
        self._session = session
        self._text = without_credentials(url)

    def __str__(self) -> str:
        return self._text

    def kind(self) -> str:
        """Return what dnspython calls this protocol."""
        return "DoH"

    def is_always_max_size(self) -> bool:
        """No answer is cut short here."""
        return True

    def answer_nameserver(self) -> str:
        """Return the server's name for texts."""
        return self._text

    def answer_port(self) -> int:
        """Return the server's port."""
        return self._url.port or 443

    async def async_query(self, request: dns.message.QueryMessage, timeout: float, *args: Any, **kwargs: Any) -> Any:
        """Ask *request*, and return the response with the times that are left of it.

        Raises ``dns.exception.Timeout`` after *timeout* seconds, ``OSError`` for all else that goes wrong.
        *args* and *kwargs* are about sockets that dnspython would make.
        """
        wire = request.to_wire()
        try:
            body, age = await self._post(wire, timeout)
        except TimeoutError:
            raise dns.exception.Timeout(timeout=timeout) from None  # type: ignore[no-untyped-call]
        except ClientError as exc:
            raise OSError(None, str(exc)) from exc
        response = _message(body)
        if not request.is_response(response):
            raise OSError(None, "an answer to another question")
        _grow_older(response, age)
        return response

    async def _post(self, wire: bytes, timeout: float) -> tuple[bytes, int]:
        try:
            return await self._session.post(self._url, wire, timeout)
        except ClientError as exc:
            if exc.idle is None:
                raise
        # A kept connection had been closed; a question may be asked again, though POST is not idempotent.
        return await self._session.post(self._url, wire, timeout)


def _message(body: bytes) -> dns.message.Message:
    try:
        return dns.message.from_wire(body)
    except Exception as exc:  # whatever the parser makes of rubbish
        raise OSError(None, f"no DNS message: {exc!r}") from exc


def _grow_older(response: dns.message.Message, age: int) -> None:
    """Take *age* from the times to live (RFC 8484 5.1), of negative answers too (RFC 2308 5)."""
    if not age:
        return
    for rrset in (*response.answer, *response.authority):
        minimum = rrset[0].minimum if rrset.rdtype == dns.rdatatype.SOA and rrset else inf
        rrset.ttl = int(max(0, min(rrset.ttl, minimum) - age))
