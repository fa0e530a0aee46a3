"""Cookies as users hand them over (mappings, pairs, morsels), and what a request sends of them."""

import sys
from collections.abc import Iterable, Mapping
from http.cookies import BaseCookie, CookieError, Morsel
from typing import Any

from yarl import URL

from .._base.cookies import (
    SetCookie,
    encode,
    has_control,
    is_cookie_name,
    is_sendable,
    make_morsel,
    parse_cookie_header,
)
from .._base.types import LooseCookies
from .abc import NO_URL, AbstractCookieJar
from .cookie_store import Limits, Store

__all__ = ("cookie_field", "cookies_for_request", "given_cookies", "own_cookies")

_NO_LIMITS = Limits(sys.maxsize, sys.maxsize, sys.maxsize, sys.maxsize)


def given_cookies(cookies: LooseCookies) -> list[SetCookie]:
    """Return *cookies* in the form of those in ``Set-Cookie`` fields.

    Raises ``CookieError`` for a name that cannot be sent, ``TypeError`` for what is
    neither a mapping nor an iterable of pairs.
    """
    found: list[SetCookie] = []
    for name, cookie in _pairs(cookies):
        if isinstance(cookie, Morsel):
            found.append(_from_morsel(cookie))
        elif isinstance(cookie, BaseCookie):
            found += map(_from_morsel, cookie.values())
        else:
            value = _text(cookie)
            found.append((_checked(name), value, encode(value), {}))
    return found


def own_cookies(cookies: LooseCookies) -> list[SetCookie]:
    """Return the cookies that a caller gives with a request; ``CookieError`` for control characters in one, too."""
    found = given_cookies(cookies)
    for name, value, _, _ in found:
        if has_control(value):
            raise CookieError(f"The value of the cookie {name!r} has control characters")
    return found


def _pairs(cookies: LooseCookies) -> Iterable[tuple[str, Any]]:
    if isinstance(cookies, Mapping):
        return cookies.items()
    try:
        return [(name, cookie) for name, cookie in cookies]
    except (TypeError, ValueError):
        text = f"cookies must be a mapping or an iterable of pairs of name and value, not {type(cookies).__name__}"
        raise TypeError(text) from None


def _checked(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of a cookie must be a str, not {type(name).__name__}")
    name = "".join(name)
    if not is_cookie_name(name):
        raise CookieError(f"Illegal key {name!r}: the name of a cookie must be a token (RFC 6265 4.1.1)")
    return name


def _text(value: object) -> str:
    """Return *value* as a plain str: the store takes no subclasses."""
    text = str(value)
    return text if type(text) is str else "".join(text)


def _from_morsel(morsel: "Morsel[Any]") -> SetCookie:
    value, coded = _text(morsel.value), _text(morsel.coded_value)
    if not is_sendable(coded):
        coded = encode(value)
    return _checked(morsel.key), value, coded, {name: said for name, said in morsel.items() if said}


def cookies_for_request(
    jar: AbstractCookieJar, found: "BaseCookie[str]", own: list[SetCookie], url: URL
) -> dict[str, Morsel[str]]:
    """Return the cookies that go with one request: those *found* in *jar*, and the caller's *own*, which replace them.

    Of the caller's, those with attributes go where these say; as with the jar, its
    ``quote_cookie`` decides about quotes. None is left out for the sake of a limit.
    """
    merged = dict(found)
    quote = jar.quote_cookie
    conditional = []
    for name, value, coded, attributes in own:
        if attributes:
            conditional.append((name, value, coded, {**attributes}))
        else:
            merged[name] = make_morsel(name, value, coded if quote else value)
    if conditional:
        origins = {(origin.scheme, origin.raw_host, origin.port) for origin in jar.treat_as_secure_origin}
        store = Store(jar.unsafe, quote, origins, _NO_LIMITS)
        store.set_all(conditional, NO_URL)
        merged.update(store.select(url))
    return merged


def cookie_field(given: list[str], cookies: LooseCookies) -> str:
    """Return the value of one ``Cookie`` field for *cookies* and for fields *given* already (RFC 6265 5.4).

    What was given stays as it is, but for pairs whose names are among *cookies*.
    """
    pairs: dict[str, str] = {}
    for name, cookie in _pairs(cookies):
        if isinstance(cookie, Morsel):
            pairs[cookie.key] = f"{cookie.key}={cookie.coded_value}"
        else:
            pairs.update((key, f"{key}={coded}") for key, _, coded, _ in own_cookies({name: cookie}))
    return "; ".join([*filter(None, [_without(field, pairs) for field in given]), *pairs.values()])


def _without(field: str, names: Mapping[str, str]) -> str:
    """Return a ``Cookie`` field's value without the pairs of these names."""
    pairs = parse_cookie_header(field)
    if not any(name in names for name, _ in pairs):
        return field
    return "; ".join([f"{name}={morsel.coded_value}" for name, morsel in pairs if name not in names])
