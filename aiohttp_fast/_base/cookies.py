"""The grammar of ``Cookie`` and ``Set-Cookie`` (RFC 6265), read in time linear in the field.

Results are the morsels of ``http.cookies``; its parser, which drops what follows a bad
cookie, is not used. What is bad is left out, with one debug record for all of it.
"""

import re
from collections.abc import Iterable, Iterator
from http.cookies import Morsel

from .log import internal_logger

__all__ = (
    "MAX_COOKIES_PER_RESPONSE",
    "MAX_COOKIE_SIZE",
    "is_cookie_name",
    "make_morsel",
    "parse_cookie",
    "parse_cookie_header",
    "parse_set_cookie_headers",
    "unquote",
)

MAX_COOKIES_PER_RESPONSE = 50  # RFC 6265 6.1 asks for at least so many per domain
MAX_COOKIE_SIZE = 4096  # characters of name and value together (RFC 6265 6.1)

# A token (RFC 9110 5.6.2) or one of ( ) / : < > ? @ [ ] { }, which are in use.
_NAME_CHARS = r"!#-+\--:<>-\[\]-~"
_QUOTED = r'"(?:[^\\"]|\\.)*"'
_NAME = re.compile(f"[{_NAME_CHARS}]+")
_QUOTED_VALUE = re.compile(rf"[ \t]*({_QUOTED})[ \t]*(?=;|\Z)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ESCAPED = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))", re.DOTALL)
# A pair of the Cookie field; a bare value ends at a blank, a quoted one may have blanks and ";" in it.
_PAIR = re.compile(
    rf"[\s;]*(?P<name>[{_NAME_CHARS}]+)[ \t]*"
    rf"(?:=[ \t]*(?:(?P<quoted>{_QUOTED})(?=\s*(?:;|\Z))|(?P<value>[^;\s]*)))?(?=[\s;]|\Z)",
    re.DOTALL | re.ASCII,
)
_GAP = re.compile(r"[\s;]*", re.ASCII)
_ATTRIBUTES = {name: name for name in Morsel()}
_FLAGS = frozenset(("secure", "httponly", "partitioned"))


def is_cookie_name(name: str) -> bool:
    """True if *name* can be sent as the name of a cookie."""
    return _NAME.fullmatch(name) is not None


def _unescape(match: re.Match[str]) -> str:
    octal, char = match.groups()
    return chr(int(octal, 8)) if octal else char


def unquote(value: str) -> str:
    """Return *value* without the quotes around it and the escapes within; as it is without quotes."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    value = value[1:-1]
    return _ESCAPED.sub(_unescape, value) if "\\" in value else value


def make_morsel(name: str, value: str, coded_value: str) -> Morsel[str]:
    """Return a morsel; *coded_value* is the form in which the value travels.

    Unlike ``Morsel.set`` it takes every name that ``is_cookie_name`` does.
    """
    morsel: Morsel[str] = Morsel()
    morsel.__setstate__({"key": name, "value": value, "coded_value": coded_value})  # type: ignore[attr-defined]
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


def _parse_set_cookie(field: str) -> Morsel[str] | None:
    """Return the cookie in one ``Set-Cookie`` field (RFC 6265 5.2); None if it is bad."""
    name, equals, _ = field.partition("=")
    name = name.strip(" \t")
    if not equals or _NAME.fullmatch(name) is None or _CONTROL.search(field) is not None:
        return None
    start = field.index("=") + 1
    quoted = _QUOTED_VALUE.match(field, start)
    if quoted is not None:
        coded, end = quoted[1], quoted.end()
    else:
        end = field.find(";", start)
        if end < 0:
            end = len(field)
        coded = field[start:end].strip(" \t")
    if "\t" in coded or len(name) + len(coded) > MAX_COOKIE_SIZE:
        return None
    morsel = make_morsel(name, unquote(coded), coded)
    if end < len(field):
        for part in field[end + 1 :].split(";"):
            key, equals, value = part.partition("=")
            attribute = _ATTRIBUTES.get(key.strip(" \t").lower())
            if attribute is None:
                continue
            if attribute in _FLAGS:
                morsel[attribute] = True
            elif equals:
                morsel[attribute] = unquote(value.strip(" \t"))
    return morsel


def parse_set_cookie_headers(headers: Iterable[str]) -> list[tuple[str, Morsel[str]]]:
    """Return name and morsel of the cookies in the ``Set-Cookie`` fields of one response.

    At most ``MAX_COOKIES_PER_RESPONSE`` are taken, none above ``MAX_COOKIE_SIZE``.
    Unknown attributes are left out; of one attribute the last counts.
    """
    cookies: list[tuple[str, Morsel[str]]] = []
    bad = over = 0
    for field in headers:
        if len(cookies) == MAX_COOKIES_PER_RESPONSE:
            over += 1
        elif (morsel := _parse_set_cookie(field)) is None:
            bad += 1
        else:
            cookies.append((morsel.key, morsel))
    if bad or over:
        internal_logger.debug(
            "Ignored %d invalid Set-Cookie field(s) and %d over the %d-cookie limit",
            bad, over, MAX_COOKIES_PER_RESPONSE,
        )  # fmt: skip
    return cookies
