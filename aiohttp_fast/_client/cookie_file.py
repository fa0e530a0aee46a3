"""The file format of cookie jars: JSON as aiohttp writes it, and its older pickles, read-only."""

import io
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from http.cookies import BaseCookie, Morsel, SimpleCookie
from importlib import import_module
from typing import Any, NamedTuple

from .._base.cookies import is_cookie_name, make_morsel

__all__ = ("StoredCookie", "read_cookies", "write_cookies")

_ATTRIBUTES = ("expires", "comment", "max-age", "secure", "httponly", "version", "samesite", "partitioned")
_FLAGS = ("secure", "httponly", "partitioned")
_KNOWN = frozenset(Morsel())
# All that a pickle may make; anything else it names is refused.
_PICKLED: dict[tuple[str, str], Any] = {
    ("collections", "defaultdict"): defaultdict,
    ("http.cookies", "SimpleCookie"): SimpleCookie,
    ("http.cookies", "BaseCookie"): BaseCookie,
    ("http.cookies", "Morsel"): Morsel,
    ("Cookie", "SimpleCookie"): SimpleCookie,  # the names in protocol 2
    ("Cookie", "BaseCookie"): BaseCookie,
    ("Cookie", "Morsel"): Morsel,
}


class StoredCookie(NamedTuple):
    """A cookie with what its morsel does not say; ``expires`` in seconds since 1970 or None."""

    morsel: Morsel[str]
    domain: str
    path: str
    host_only: bool
    expires: float | None


def write_cookies(file_path: str | os.PathLike[str], cookies: Iterable[StoredCookie]) -> None:
    """Write *cookies* to a JSON file that only its owner may read."""
    groups: dict[str, dict[str, dict[str, str | bool | float]]] = {}
    for morsel, domain, path, host_only, expires in cookies:
        entry: dict[str, str | bool | float] = {
            "key": morsel.key,
            "value": morsel.value,
            "coded_value": morsel.coded_value,
            "path": path,
        }
        if domain:
            entry["domain"] = domain
        entry.update((name, morsel[name]) for name in _ATTRIBUTES if name in _KNOWN and morsel[name])
        if host_only:
            entry["host_only"] = True
        if expires is not None:
            entry["expires_timestamp"] = expires
        # Readers go by the entry's own path; two that differ in the last slash only need two groups all the same.
        key = f"{domain}|{path.rstrip('/')}"
        while morsel.key in groups.get(key, ()):
            key += "/"
        groups.setdefault(key, {})[morsel.key] = entry
    text = json.dumps(groups, indent=2)
    descriptor = os.open(file_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        os.chmod(file_path, 0o600)  # the file may have been there before
        file.write(text)


def read_cookies(file_path: str | os.PathLike[str]) -> list[StoredCookie]:
    """Return the cookies in a file; ``ValueError`` if it is not well-formed."""
    with open(file_path, "rb") as file:
        data = file.read()
    try:
        text = data.decode("utf-8")
        content = json.loads(text)
    except ValueError:
        if data[:1] == b"\x80":  # what a pickle begins with, and no text does
            return _from_pickle(data)
        raise ValueError(f"{os.fspath(file_path)!r} is not a file of cookies") from None
    try:
        return [_from_entry(group, name, entry) for group, found in content.items() for name, entry in found.items()]
    except (AttributeError, KeyError, TypeError) as exc:
        raise ValueError(f"{os.fspath(file_path)!r} is not a file of cookies: {exc!r}") from exc


def _checked(morsel: Morsel[str], domain: str, path: str, host_only: bool, expires: float | None) -> StoredCookie:
    if not is_cookie_name(morsel.key):
        raise ValueError(f"{morsel.key!r} cannot be the name of a cookie")
    if path[:1] != "/":
        path = "/" + path
    morsel["domain"] = domain
    morsel["path"] = path
    return StoredCookie(morsel, domain, path, host_only, expires)


def _from_entry(group: str, name: str, entry: dict[str, Any]) -> StoredCookie:
    domain, separator, group_path = group.partition("|")
    if not separator:
        raise ValueError(f"{group!r} is not a domain and a path")
    value = str(entry["value"])
    morsel = make_morsel(str(entry.get("key", name)), value, str(entry.get("coded_value", value)))
    for attribute in _ATTRIBUTES:
        if attribute in _KNOWN and attribute in entry:
            morsel[attribute] = bool(entry[attribute]) if attribute in _FLAGS else str(entry[attribute])
    expires = entry.get("expires_timestamp")
    return _checked(
        morsel,
        domain,
        str(entry.get("path") or group_path),
        entry.get("host_only") is True,
        None if expires is None else float(expires),
    )


def _from_pickle(data: bytes) -> list[StoredCookie]:
    pickle = import_module("pickle")  # rarely needed, and not cheap to import

    class CookiesOnly(pickle.Unpickler):  # type: ignore[misc,name-defined]
        def find_class(self, module: str, name: str) -> Any:
            try:
                return _PICKLED[module, name]
            except KeyError:
                raise ValueError(f"{module}.{name} is refused in a file of cookies") from None

    try:
        content = CookiesOnly(io.BytesIO(data)).load()
        cookies: list[StoredCookie] = []
        for key, found in content.items():
            domain, path = (key, "") if isinstance(key, str) else key
            cookies += [
                _checked(morsel, str(domain), morsel["path"] or str(path), False, None) for morsel in found.values()
            ]
    except ValueError:
        raise
    except Exception as exc:  # a broken pickle may raise anything
        raise ValueError(f"not a file of cookies: {exc!r}") from exc
    return cookies
