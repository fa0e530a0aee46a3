"""Digest authentication (RFC 7616) as a middleware: answers to challenges, and answers before them."""

import re
import secrets
from typing import Any
from urllib.parse import quote

from yarl import URL

from .._base import hdrs
from .._stream.abc import AbstractStreamWriter
from .digest_challenge import (
    SUPPORTED_ALGORITHMS,
    Challenge,
    DigestFunctions,
    choose,
    parse_header_pairs,
    unescape_quotes,
)
from .exceptions import ClientError
from .middlewares import ClientHandlerType, check_body
from .request import ClientRequest
from .response import ClientResponse

__all__ = (
    "QUOTED_AUTH_FIELDS",
    "SUPPORTED_ALGORITHMS",
    "DigestAuthMiddleware",
    "DigestFunctions",
    "escape_quotes",
    "parse_header_pairs",
    "unescape_quotes",
)

QUOTED_AUTH_FIELDS = frozenset({"cnonce", "nonce", "opaque", "realm", "response", "uri", "username"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MOST_ANSWERS = 2  # to one request: the second only to a server that says that the nonce was too old


def escape_quotes(value: str) -> str:
    """Return *value* as it stands in a quoted string (RFC 9110 5.6.4)."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


class DigestAuthMiddleware:
    """Answers the Digest challenges (RFC 7616) of one server.

    The first request decides which: its origin, and what that names in the ``domain`` of
    its challenges, are the protection space. Requests elsewhere pass untouched, so that
    no other server gets an answer made from these credentials. With *preemptive*,
    requests after the first challenge are answered without being asked (RFC 7616 3.6).

    One instance may serve many requests at a time. A challenge that cannot be answered
    is a ``ClientError``; credentials that the server refuses are a response with
    status 401. ``ValueError`` for a *login* with a colon or a control character.
    """

    def __init__(self, login: str, password: str, preemptive: bool = True) -> None:
        for name, value in (("login", login), ("password", password)):
            if value is None:
                raise ValueError(f"None is not allowed as {name} value")
            if not isinstance(value, str):
                raise TypeError(f"{name} must be a str, not {type(value).__name__}")
        if ":" in login:
            raise ValueError('A ":" is not allowed in login (RFC 7616 3.4)')
        if _CONTROL.search(login):
            raise ValueError("a control character is not allowed in login")
        self._login = login
        self._password = password
        self._preemptive = preemptive
        self._origin: URL | None = None
        self._space: tuple[URL, ...] = ()  # URLs in whose depth no challenge has to be waited for
        self._challenges: dict[URL, Challenge] = {}  # the last of each origin

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Send *request*; answer the challenge to it, if there is one."""
        origin = request.url.origin()
        if self._origin is None:
            self._origin = origin
            self._space = (origin,)
        is_inside = self._is_inside(request.url)
        if origin != self._origin and not is_inside:
            return await handler(request)
        challenge = self._challenges.get(origin, self._challenges.get(self._origin))
        if not (self._preemptive and is_inside):
            challenge = None
        answers = 0
        while True:
            if challenge is not None:
                request.headers[hdrs.AUTHORIZATION] = await self._answer(challenge, request)
            response = await handler(request)
            if response.status != 401:
                if challenge is not None:
                    self._take_next_nonce(origin, challenge, response)
                return response
            asked = self._challenged(origin, response)
            if asked is None or (answers and not asked.is_stale) or answers == _MOST_ANSWERS:
                return response
            response.release()
            check_body(request)
            challenge = asked
            answers += 1

    def _is_inside(self, url: URL) -> bool:
        return any(_holds(root, url) for root in self._space)

    def _challenged(self, origin: URL, response: ClientResponse) -> Challenge | None:
        """Return the challenge to answer, and keep it; None where there is none."""
        try:
            asked = choose(response.headers.getall(hdrs.WWW_AUTHENTICATE, ()))
        except ClientError as exc:
            response.release()
            raise ClientError(f"Cannot answer the Digest auth challenge of {origin}: {exc}") from exc
        if asked is None:
            return None
        known = self._challenges.get(origin)
        if known is not None and known.continues(asked):
            known.is_stale, known.opaque, known.qops = asked.is_stale, asked.opaque, asked.qops
            asked = known
        self._challenges[origin] = asked
        if origin == self._origin:
            self._space = tuple(_roots(origin, asked.domain)) or (origin,)
        return asked

    def _take_next_nonce(self, origin: URL, used: Challenge, response: ClientResponse) -> None:
        """Go on with the nonce that the server wants next (RFC 7616 3.5), unless it has challenged anew meanwhile."""
        field = response.headers.get(hdrs.AUTHENTICATION_INFO)
        nonce = parse_header_pairs(field).get("nextnonce") if field else None
        known = self._challenges.get(origin, used)
        if nonce and known is used and nonce != used.nonce and not _CONTROL.search(nonce):
            self._challenges[origin] = used.renewed(nonce)

    # The answer

    async def _answer(self, challenge: Challenge, request: ClientRequest) -> str:
        """Return the value of Authorization (RFC 7616 3.4); ``ClientError`` where the body cannot be vouched for."""
        uri = request.url.raw_path_qs
        a2 = f"{request.method}:{uri}"
        qop = _quality(challenge, request)
        if qop == "auth-int":
            a2 += f":{await _hash_of_body(challenge, request)}"
        # From here on nothing is awaited: no other request can take the same count.
        challenge.nonce_count += 1
        count = f"{challenge.nonce_count:08x}"
        cnonce = challenge.client_nonce if challenge.is_session else secrets.token_hex(8)
        if qop:
            proof = f"{challenge.nonce}:{count}:{cnonce}:{qop}:{challenge.hash(a2)}"
        else:
            proof = f"{challenge.nonce}:{challenge.hash(a2)}"  # RFC 2069
        fields = self._user(challenge) | {
            "realm": challenge.realm,
            "nonce": challenge.nonce,
            "uri": uri,
            "response": challenge.hash(f"{self._key(challenge)}:{proof}"),
            "algorithm": challenge.algorithm,
        }
        if challenge.opaque is not None:
            fields["opaque"] = challenge.opaque
        if qop:
            fields |= {"qop": qop, "nc": count}
        if qop or challenge.is_session:
            fields["cnonce"] = cnonce
        if challenge.hashes_user:
            fields["userhash"] = "true"
        return "Digest " + ", ".join(_parameter(name, value) for name, value in fields.items())

    def _user(self, challenge: Challenge) -> dict[str, str]:
        """Return the parameter that names the user (RFC 7616 3.4.4): hashed, as text, or coded if not ASCII."""
        if challenge.hashes_user:
            return {"username": challenge.hash(f"{self._login}:{challenge.realm}")}
        if challenge.speaks_utf8 and not self._login.isascii():
            return {"username*": f"UTF-8''{quote(self._login, safe='')}"}
        return {"username": self._login}

    def _key(self, challenge: Challenge) -> str:
        """Return H(A1) (RFC 7616 3.4.2); that of a -sess algorithm stays the same until the next challenge."""
        if challenge.session_key is not None:
            return challenge.session_key
        key = challenge.hash(f"{self._login}:{challenge.realm}:{self._password}")
        if challenge.is_session:
            key = challenge.session_key = challenge.hash(f"{key}:{challenge.nonce}:{challenge.client_nonce}")
        return key


def _parameter(name: str, value: str) -> str:
    return f'{name}="{escape_quotes(value)}"' if name in QUOTED_AUTH_FIELDS else f"{name}={value}"


# The protection space (RFC 7616 3.3, domain)


def _roots(origin: URL, domain: "tuple[str, ...]") -> "list[URL]":
    """Return the URLs that *domain* names, those that can be ones; none that leads from TLS to plain text."""
    roots = []
    for text in domain:
        try:
            root = origin.join(URL(text))
            root.origin()
        except ValueError:
            continue
        if root.scheme == origin.scheme or root.scheme == "https":
            roots.append(root)
    return roots


def _holds(root: URL, url: URL) -> bool:
    """Return True if *url* is *root*, or lies in its depth by whole segments of the path."""
    if root.origin() != url.origin():
        return False
    path = root.raw_path
    return url.raw_path == path or url.raw_path.startswith(path if path.endswith("/") else f"{path}/")


# The quality of protection


def _quality(challenge: Challenge, request: ClientRequest) -> str:
    """Return the qop to use: auth-int where it is offered and the body can be read twice; "" where there is none."""
    if "auth-int" not in challenge.qops:
        return "auth" if challenge.qops else ""
    if "auth" not in challenge.qops:
        if request.compress and request.body:
            raise ClientError(
                f"Digest auth of {request.url.origin()} wants auth-int, which cannot vouch for a body that is"
                " compressed on its way (RFC 7616 3.4.3): send it without compress="
            )
        return "auth-int"
    body = request.body
    if not body:
        return "auth-int"
    can_be_read_twice = body.size is not None and not body.consumed and not request.compress
    return "auth-int" if can_be_read_twice else "auth"


class _Hashing(AbstractStreamWriter):
    """Takes a body to hash it instead of sending it, so that a file is never in memory as a whole."""

    def __init__(self, state: Any) -> None:
        self._state = state

    async def write(self, chunk: "bytes | bytearray | memoryview") -> None:
        self._state.update(chunk)

    async def write_eof(self, chunk: bytes = b"") -> None:
        self._state.update(chunk)

    async def drain(self) -> None: ...

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None: ...

    def enable_chunking(self) -> None: ...

    async def write_headers(self, status_line: str, headers: Any) -> None: ...

    def send_headers(self) -> None: ...


async def _hash_of_body(challenge: Challenge, request: ClientRequest) -> str:
    body = request.body
    state = challenge.digest(b"")
    if not body:
        pass
    elif body.size is None:
        state.update(await body.as_bytes())  # which keeps what can be iterated only once
    else:
        await body.write_with_length(_Hashing(state), None)
    return state.hexdigest()  # type: ignore[no-any-return]
