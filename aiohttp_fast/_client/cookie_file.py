"""The file format of cookie jars: JSON as aiohttp writes it, and its older pickles, read-only."""

import io
import json
import math
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from http.cookies import BaseCookie, Morsel, SimpleCookie
from importlib import import_module
from typing import Any

from .._base.cookies import encode, has_control, is_cookie_name, is_sendable
from .cookie_rules import expiry
from .cookie_store import Cookie

__all__ = ("read_cookies", "write_cookies")

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


def write_cookies(file_path: str | os.PathLike[str], cookies: Iterable[Cookie]) -> None:
    """Write *cookies* to a JSON file that only its owner may read."""
    groups: dict[str, dict[str, dict[str, str | bool | float]]] = {}
    for cookie in cookies:
        entry: dict[str, str | bool | float] = {
            "key": cookie.name,
            "value": cookie.value,
            "coded_value": cookie.coded,
            "path": cookie.path,
        }
        if cookie.domain:
            entry["domain"] = cookie.domain
        entry.update(cookie.attributes)
        entry.pop("max-age", None)  # it counts from when the cookie came; the date below says what it meant
        if cookie.host_only:
            entry["host_only"] = True
        if cookie.expires is not None:
            entry["expires_timestamp"] = cookie.expires
        # Readers go by the entry's own path; two that differ in the last slash only need two groups all the same.
        key = f"{cookie.domain}|{cookie.path.rstrip('/')}"
        while cookie.name in groups.get(key, ()):
            key += "/"
        groups.setdefault(key, {})[cookie.name] = entry
    text = json.dumps(groups)
    descriptor = os.open(file_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        os.chmod(file_path, 0o600)  # the file may have been there before
        file.write(text)


def read_cookies(file_path: str | os.PathLike[str], allow_pickle: bool) -> list[Cookie]:
    """Return the cookies in a file; ``ValueError`` if it is not well-formed, or a pickle that is not allowed."""
    with open(file_path, "rb") as file:
        data = file.read()
    where = repr(os.fspath(file_path))
    if data[:1] == b"\x80":  # what a pickle begins with, and no text does
        if not allow_pickle:
            raise ValueError(f"{where} is a pickle, as old versions wrote them: load(..., allow_pickle=True) reads it")
        return _from_pickle(data, where)
    try:
        content = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ValueError(f"{where} is not a file of cookies") from None
    try:
        return [_from_entry(group, name, entry) for group, found in content.items() for name, entry in found.items()]
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise ValueError(f"{where} is not a file of cookies: {exc!r}") from exc


def _restored(
    name: object, value: object, coded: object, said: Mapping[str, Any], domain: str, path: str, host_only: bool,
    expires: float | None,
) -> Cookie:  # fmt: skip
    """Return the cookie that a file speaks of; ``ValueError`` for one that could not be sent."""
    if not isinstance(name, str) or not is_cookie_name(name):
        raise ValueError(f"{name!r} cannot be the name of a cookie")
    if not isinstance(value, str) or has_control(value):
        raise ValueError(f"{name!r} has a value that cannot be sent")
    if not isinstance(coded, str) or not is_sendable(coded):
        coded = encode(value)
    attributes: dict[str, str | bool] = {
        attribute: True if attribute in _FLAGS else str(said[attribute])
        for attribute in _ATTRIBUTES
        if attribute in _KNOWN and said.get(attribute)
    }
    if expires is None:
        expires = expiry(attributes, time.time())
    return Cookie(name, value, coded, attributes, domain, path if path[:1] == "/" else "/" + path, host_only, expires)


def _from_entry(group: str, name: str, entry: dict[str, Any]) -> Cookie:
    domain, separator, group_path = group.partition("|")
    if not separator:
        raise ValueError(f"{group!r} is not a domain and a path")
    expires = entry.get("expires_timestamp")
    if expires is not None and not (type(expires) in (int, float) and math.isfinite(expires)):
        raise ValueError(f"{name!r} has a date that is no number of seconds")
    # Files of others may leave the flag out, and the domain with it, which such a cookie did not name.
    host_only = entry.get("host_only") is True or (domain != "" and "domain" not in entry)
    path = str(entry.get("path") or group_path)
    value = entry["value"]
    return _restored(
        entry.get("key", name), value, entry.get("coded_value", value), entry, domain, path, host_only, expires
    )


def _from_pickle(data: bytes, where: str) -> list[Cookie]:
    pickle = import_module("pickle")  # rarely needed, and not cheap to import

    class CookiesOnly(pickle.Unpickler):  # type: ignore[misc,name-defined]
        def find_class(self, module: str, name: str) -> Any:
            try:
                return _PICKLED[module, name]
            except KeyError:
                raise ValueError(f"{module}.{name} is refused in a file of cookies") from None

    try:
        content = CookiesOnly(io.BytesIO(data)).load()
        cookies: list[Cookie] = []
        for key, found in content.items():
            domain, path = (key, "") if isinstance(key, str) else key
            for morsel in found.values():
                said = dict(morsel)
                path = str(said.get("path") or path)
                cookies.append(
                    _restored(morsel.key, morsel.value, morsel.coded_value, said, str(domain), path, False, None)
                )
    except Exception as exc:  # a broken pickle may raise anything
        raise ValueError(f"{where} is not a file of cookies: {exc!r}") from exc
    return cookies
