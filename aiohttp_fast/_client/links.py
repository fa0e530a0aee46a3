"""The Link field: where a response points to (RFC 8288)."""

import re
from collections.abc import Iterator

from multidict import MultiDict, MultiDictProxy
from yarl import URL

__all__ = ("parse_links",)

# Nothing has to follow where one of them ends, so that none steps back: a hostile field is read once.
_QUOTED = r"""[^"\\]*+(?:\\.[^"\\]*+)*"""
_VALUE = rf""""{_QUOTED}"|'[^']*+'|(?!'[^']*+')[^\s;,"]*+"""
_PARAMETER = rf"""[ \t]*+;[ \t]*+(?:[^\s=;,"<>]++[ \t]*+(?:=[ \t]*+(?:{_VALUE}))?)?"""
_LINK = re.compile(rf"[ \t,]*+<([^<>]*+)>((?:{_PARAMETER})*)[ \t]*+")
_NEXT = re.compile(r"[ \t,]*+[^,]*+")
_NAME_AND_VALUE = re.compile(
    rf""";[ \t]*+([^\s=;,"<>]++)[ \t]*+(?:=[ \t]*+(?:"({_QUOTED})"|'([^']*+)'|([^\s;,"]*+)))?"""
)
_ESCAPED = re.compile(r"\\(.)")


def parse_links(field: str, base: URL) -> "MultiDictProxy[MultiDictProxy[str | URL]]":
    """Return the links of *field* by their relation, by their target where they name none.

    Each has its parameters, names in lower case, and ``url``, its target joined to
    *base*. What is no link is left out.
    """
    links: MultiDict[MultiDictProxy[str | URL]] = MultiDict()
    for target, parameters in _links(field):
        link: MultiDict[str | URL] = MultiDict()
        for match in _NAME_AND_VALUE.finditer(parameters):
            quoted, single, plain = match.group(2, 3, 4)
            value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else single if single is not None else plain
            link.add(match[1].lower(), value or "")
        try:
            url = base.join(URL(target))
        except ValueError:
            continue
        link.add("url", url)
        links.add(str(link.get("rel", target)), MultiDictProxy(link))
    return MultiDictProxy(links)


def _links(field: str) -> Iterator[tuple[str, str]]:
    """Yield target and parameters of each link."""
    pos = 0
    while pos < len(field):
        match = _LINK.match(field, pos)
        end = match.end() if match else pos
        if match and field[end : end + 1] in ("", ","):
            yield match[1].strip(), match[2]
        else:
            beyond = _NEXT.match(field, end)
            end = beyond.end() if beyond else end
        pos = max(end, pos + 1)
