"""What a server says when it asks for Digest authentication (RFC 7616 3.3): read, checked, and the best one chosen."""

import copy
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from .exceptions import ClientError

__all__ = (
    "SUPPORTED_ALGORITHMS",
    "Challenge",
    "DigestFunctions",
    "choose",
    "parse_header_pairs",
    "unescape_quotes",
)

# One element of a list of challenges (RFC 9110 11.2): a parameter, or a scheme. Each
# alternative begins with what no other can take, so that no input is looked at twice.
_PARAMETER = re.compile(r'([^\s,="]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_WORD = re.compile(r"[^\s,]+")
_BETWEEN = re.compile(r"[\s,]*")
_ESCAPED = re.compile(r'\\(["\\])')
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _functions() -> "dict[str, Callable[[bytes], Any]]":
    """Return hash functions by the names that servers use; SHA-512/256 only where OpenSSL has it."""
    named: dict[str, Callable[[bytes], Any]] = {
        "MD5": partial(hashlib.md5, usedforsecurity=False),  # the protocol asks for it, and FIPS builds allow it so
        "SHA": partial(hashlib.sha1, usedforsecurity=False),
        "SHA256": hashlib.sha256,
        "SHA-256": hashlib.sha256,
        "SHA512": hashlib.sha512,
        "SHA-512": hashlib.sha512,
    }
    if "sha512_256" in hashlib.algorithms_available:
        named["SHA-512-256"] = partial(hashlib.new, "sha512_256")
    return {name + suffix: function for name, function in named.items() for suffix in ("", "-SESS")}


DigestFunctions = _functions()
# The tuple that aiohttp states; ``DigestFunctions`` has SHA-512-256 besides.
SUPPORTED_ALGORITHMS = tuple(sorted(name for name in DigestFunctions if "512-256" not in name))
_STRENGTH = ("MD5", "SHA", "SHA256", "SHA-256", "SHA-512-256", "SHA512", "SHA-512")


def unescape_quotes(value: str) -> str:
    """Return the text that stands in a quoted string (RFC 9110 5.6.4): backslashes before quotes and themselves go."""
    return _ESCAPED.sub(r"\1", value)


def _elements(field: str) -> Iterator[tuple[str, str | None]]:
    """Yield the elements of *field*: a parameter's name and value, or a word and None."""
    at = _BETWEEN.match(field).end()  # type: ignore[union-attr]
    while at < len(field):
        found = _PARAMETER.match(field, at)
        if found is not None:
            name, quoted, token = found.groups()
            yield name, token if quoted is None else unescape_quotes(quoted)
        else:
            found = _WORD.match(field, at)
            yield found.group(), None  # type: ignore[union-attr]
        at = _BETWEEN.match(field, found.end()).end()  # type: ignore[union-attr]


def parse_header_pairs(header: str) -> dict[str, str]:
    """Return the parameters of the first challenge in *header*, quotes removed, names as they are written.

    A scheme may stand before them; the next scheme ends them.
    """
    pairs: dict[str, str] = {}
    for name, value in _elements(header):
        if value is not None:
            pairs[name] = value
        elif pairs:
            break
    return pairs


def _digest_challenges(fields: Iterable[str]) -> "Iterator[list[tuple[str, str]]]":
    """Yield the parameters, their names in lower case, of each Digest challenge in *fields*."""
    for field in fields:
        params: list[tuple[str, str]] = []
        is_digest = False
        for name, value in _elements(field):
            if value is not None:
                params.append((name.lower(), value))
                continue
            if is_digest and params:
                yield params
            is_digest, params = name.lower() == "digest", []
        if is_digest and params:
            yield params


class Challenge:
    """One challenge, and what has been answered to it.

    ``ClientError`` for one that cannot be answered. ``nonce_count`` is how often its
    nonce has been used; ``client_nonce`` and ``session_key`` (H(A1), once it is known)
    belong to a -sess algorithm.
    """

    __slots__ = (
        "algorithm",
        "client_nonce",
        "digest",
        "domain",
        "hashes_user",
        "is_session",
        "is_stale",
        "nonce",
        "nonce_count",
        "opaque",
        "qops",
        "realm",
        "session_key",
        "speaks_utf8",
    )

    def __init__(self, params: "list[tuple[str, str]]") -> None:
        given = dict(params)
        if len(given) < len(params):
            twice = next(name for name in given if sum(name == other for other, _ in params) > 1)
            raise ClientError(f"parameter {twice[:100]!r} given twice (RFC 9110 11.2)")
        for name in ("realm", "nonce"):
            if name not in given:
                raise ClientError(f"missing {name!r} parameter (RFC 7616 3.3)")
        for name, value in params:
            if _CONTROL.search(value):
                raise ClientError(f"control character in parameter {name[:100]!r}")
        if not given["nonce"]:
            raise ClientError("empty 'nonce' parameter (RFC 7616 3.3)")
        self.realm = given["realm"]
        self.nonce = given["nonce"]
        self.opaque = given.get("opaque")
        self.domain = tuple(given.get("domain", "").split())
        self.is_stale = given.get("stale", "").lower() == "true"
        self.hashes_user = given.get("userhash", "").lower() == "true"
        self.speaks_utf8 = given.get("charset", "").lower() == "utf-8"
        self.algorithm = given.get("algorithm") or "MD5"
        name = self.algorithm.upper()
        if name not in DigestFunctions:
            raise ClientError(
                f"unsupported algorithm {self.algorithm[:100]!r}, not one of {', '.join(DigestFunctions)}"
            )
        self.digest: Callable[[bytes], Any] = DigestFunctions[name]
        self.is_session = name.endswith("-SESS")
        qops = given.get("qop", "")
        self.qops = frozenset(word.strip().lower() for word in qops.split(",")) & {"auth", "auth-int"}
        if qops.strip() and not self.qops:
            raise ClientError(f"unsupported quality of protection (qop) {qops[:100]!r}, neither 'auth' nor 'auth-int'")
        self.nonce_count = 0
        self.client_nonce = secrets.token_hex(8)
        self.session_key: str | None = None

    def hash(self, text: str) -> str:
        """Return the digest of *text* as it travels, in hexadecimal digits: H() of RFC 7616 3.3."""
        return self.digest(text.encode("utf-8", "surrogateescape")).hexdigest()  # type: ignore[no-any-return]

    def renewed(self, nonce: str) -> "Challenge":
        """Return the same challenge with the *nonce* that is wanted next; the session key stays (RFC 7616 3.4.2)."""
        made = copy.copy(self)
        made.nonce = nonce
        made.nonce_count = 0
        return made

    @property
    def strength(self) -> int:
        """How its algorithm ranks among the others of one response."""
        return _STRENGTH.index(self.algorithm.upper().removesuffix("-SESS"))

    def continues(self, other: "Challenge") -> bool:
        """Return True if *other* goes on with this one's nonce, the count of which must go on as well."""
        return (self.nonce, self.realm, self.algorithm) == (other.nonce, other.realm, other.algorithm)


def choose(fields: Iterable[str]) -> Challenge | None:
    """Return the strongest Digest challenge in the values of WWW-Authenticate, the first of equals.

    None if there is none; ``ClientError`` if there are some and none of them can be answered.
    """
    best: Challenge | None = None
    wrong: ClientError | None = None
    for params in _digest_challenges(fields):
        try:
            challenge = Challenge(params)
        except ClientError as exc:
            wrong = wrong or exc
            continue
        if best is None or challenge.strength > best.strength:
            best = challenge
    if best is None and wrong is not None:
        raise wrong
    return best
