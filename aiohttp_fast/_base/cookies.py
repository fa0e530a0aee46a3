"""The grammar of ``Cookie`` and ``Set-Cookie`` (RFC 6265), read in time linear in the field.

Results are the morsels of ``http.cookies``; its parser, which drops what follows a bad
cookie, is not used. What is bad is left out, with one debug record for all of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from http.cookies import Morsel, SimpleCookie
from typing import Any

from .log import internal_logger

__all__ = (
    "MAX_ATTRIBUTE_SIZE",
    "MAX_COOKIES_PER_RESPONSE",
    "MAX_COOKIE_SIZE",
    "SetCookie",
    "encode",
    "has_control",
    "is_cookie_name",
    "is_sendable",
    "make_morsel",
    "parse_cookie",
    "parse_cookie_header",
    "parse_set_cookie_headers",
    "read_set_cookie",
    "read_set_cookies",
    "unquote",
)

MAX_COOKIES_PER_RESPONSE = 50  # RFC 6265 6.1 asks for at least so many per domain
MAX_COOKIE_SIZE = 4096  # characters of name and value together (RFC 6265 6.1)
MAX_ATTRIBUTE_SIZE = 1024  # characters of an attribute's value; a longer one says nothing (RFC 6265bis 5.6)

# Name, value, the form in which the value travels, and the attributes by their names in small letters.
SetCookie = tuple[str, str, str, dict[str, str | bool]]

# A token (RFC 9110 5.6.2) or one of ( ) / : < > ? @ [ ] { }, which are in use.
_NAME_CHARS = r"!#-+\--:<>-\[\]-~"
_QUOTED = r'"(?:[^\\"]|\\.)*"'
_NAME = re.compile(f"[{_NAME_CHARS}]+")
_QUOTED_VALUE = re.compile(rf"[ \t]*({_QUOTED})[ \t]*(?=;|\Z)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ANY_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPED = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))", re.DOTALL)
# A pair of the Cookie field; a bare value ends at a blank, a quoted one may have blanks and ";" in it.
_PAIR = re.compile(
    rf"[\s;]*(?P<name>[{_NAME_CHARS}]+)[ \t]*"
    rf"(?:=[ \t]*(?:(?P<quoted>{_QUOTED})(?=\s*(?:;|\Z))|(?P<value>[^;\s]*)))?(?=[\s;]|\Z)",
    re.DOTALL | re.ASCII,
)
_GAP = re.compile(r"[\s;]*", re.ASCII)
_SENDABLE = re.compile(r'[^;\x00-\x1f\x7f]*|"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"')
_QUOTER: SimpleCookie = SimpleCookie()
_NO_ATTRIBUTES = dict(Morsel())
_ATTRIBUTES = {name: name for name in _NO_ATTRIBUTES}
_FLAGS = frozenset(("secure", "httponly", "partitioned"))
# As servers write them; others cost a look at each character.
_SPELLINGS = {
    spelling: name
    for name in _ATTRIBUTES
    for text in (name, name.title(), {"httponly": "HttpOnly", "samesite": "SameSite"}.get(name, name))
    for spelling in (text, " " + text)
}
_update_items: Any = dict.update  # Morsel's own looks at each name


def is_cookie_name(name: str) -> bool:
    """True if *name* can be sent as the name of a cookie."""
    return (name.isascii() and name.isidentifier()) or _NAME.fullmatch(name) is not None


def _unescape(match: re.Match[str]) -> str:
    octal, char = match.groups()
    return chr(int(octal, 8)) if octal else char


def unquote(value: str) -> str:
    """Return *value* without the quotes around it and the escapes within; as it is without quotes."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    value = value[1:-1]
    return _ESCAPED.sub(_unescape, value) if "\\" in value else value


def encode(value: str) -> str:
    """Return *value* as it can be sent: in quotes, with escapes, where a character needs them (RFC 2109)."""
    if value.isascii() and value.isalnum():
        return value  # most are so
    return _QUOTER.value_encode(value)[1]


def has_control(text: str) -> bool:
    """True if *text* has control characters, which end a field or hide in it."""
    return not text.isprintable() and _ANY_CONTROL.search(text) is not None


def is_sendable(coded: str) -> bool:
    """True if *coded* can stand behind the name as it is: one value, which no other pair hides in."""
    return _SENDABLE.fullmatch(coded) is not None


def make_morsel(
    name: str, value: str, coded_value: str, attributes: Mapping[str, str | bool] | None = None
) -> Morsel[str]:
    """Return a morsel; *coded_value* is the form in which the value travels.

    Unlike ``Morsel.set`` it takes every name that ``is_cookie_name`` does.
    """
    morsel: Morsel[str] = Morsel.__new__(Morsel)
    _update_items(morsel, _NO_ATTRIBUTES)
    morsel.__setstate__({"key": name, "value": value, "coded_value": coded_value})  # type: ignore[attr-defined]
    if attributes:
        _update_items(morsel, attributes)
    return morsel


def _pairs(header: str) -> Iterator[tuple[str, str]]:
    """Yield name and coded value of each good pair of a ``Cookie`` field."""
    position, bad = 0, 0
    end = len(header)
    while position < end:
        match = _PAIR.match(header, position)
        if match is not None:
            position = match.end()
            yield match["name"], match["quoted"] or match["value"] or ""
            continue
        position = _GAP.match(header, position).end()  # type: ignore[union-attr]
        if position == end:
            break
        bad += 1
        position = header.find(";", position)
        if position < 0:
            break
    if bad:
        internal_logger.debug("Ignored %d invalid part(s) of a Cookie field", bad)


def parse_cookie(header: str) -> dict[str, str]:
    """Return the values in a ``Cookie`` field by name (RFC 6265 4.2); of one name the last."""
    return {name: unquote(coded) if coded[:1] == '"' else coded for name, coded in _pairs(header)}


def parse_cookie_header(header: str) -> list[tuple[str, Morsel[str]]]:
    """Return name and morsel of each pair in a ``Cookie`` field (RFC 6265 4.2)."""
    return [(name, make_morsel(name, unquote(coded), coded)) for name, coded in _pairs(header)]


def _read_attributes(text: str) -> dict[str, str | bool]:
    """Return the known attributes in what follows a cookie's value; of one attribute the last counts."""
    attributes: dict[str, str | bool] = {}
    for part in text.split(";"):
        key, equals, value = part.partition("=")
        attribute = _SPELLINGS.get(key) or _ATTRIBUTES.get(key.strip(" \t").lower())
        if attribute is None:
            continue
        if attribute in _FLAGS:
            attributes[attribute] = True
        elif equals and len(value := value.strip(" \t")) <= MAX_ATTRIBUTE_SIZE:
            attributes[attribute] = unquote(value)
    return attributes


def read_set_cookie(field: str) -> SetCookie | None:
    """Return what one ``Set-Cookie`` field says (RFC 6265 5.2); None if it is bad."""
    name, equals, rest = field.partition("=")
    name = name.strip(" \t")
    if not equals or not is_cookie_name(name) or (not field.isprintable() and _CONTROL.search(field)):
        return None
    end = rest.find(";")
    if '"' in rest and (quoted := _QUOTED_VALUE.match(rest)) is not None:
        coded, end = quoted[1], quoted.end()
        value = unquote(coded)
        if has_control(value):
            return None  # by escapes
    else:
        value = coded = (rest if end < 0 else rest[:end]).strip(" \t")
    if "\t" in coded or len(name) + len(coded) > MAX_COOKIE_SIZE:
        return None
    return name, value, coded, _read_attributes(rest[end + 1 :]) if 0 <= end < len(rest) else {}


def read_set_cookies(headers: Iterable[str]) -> list[SetCookie]:
    """Return what the ``Set-Cookie`` fields of one response say.

    At most ``MAX_COOKIES_PER_RESPONSE`` are taken, none above ``MAX_COOKIE_SIZE``.
    Unknown attributes are left out, and those above ``MAX_ATTRIBUTE_SIZE``.
    """
    cookies: list[SetCookie] = []
    bad = over = 0
    for field in headers:
        if len(cookies) == MAX_COOKIES_PER_RESPONSE:
            over += 1
        elif (cookie := read_set_cookie(field)) is None:
            bad += 1
        else:
            cookies.append(cookie)
    if bad or over:
        internal_logger.debug(
            "Ignored %d invalid Set-Cookie field(s) and %d over the %d-cookie limit",
            bad, over, MAX_COOKIES_PER_RESPONSE,
        )  # fmt: skip
    return cookies


def parse_set_cookie_headers(headers: Iterable[str]) -> list[tuple[str, Morsel[str]]]:
    """Return name and morsel of the cookies in the ``Set-Cookie`` fields of one response."""
    return [
        (name, make_morsel(name, value, coded, attributes))
        for name, value, coded, attributes in read_set_cookies(headers)
    ]
