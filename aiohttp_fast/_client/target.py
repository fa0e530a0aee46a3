"""What a URL means for a request: where to connect, what to ask for, who is asking.

Programs ask for the same few URLs again and again, so what was derived is remembered.
"""

import re
from collections.abc import Mapping
from typing import Any

from yarl import URL

from .._base.checks import shown_value
from .auth import BasicAuth
from .exceptions import InvalidUrlClientError
from .info import ConnectionKey

__all__ = ("Target", "parse_url", "target_of", "with_params")

_NOT_IN_TARGET = re.compile(r"[\x00-\x20\x7f]")  # they would end the request target (RFC 9112 3.2)
_REMEMBERED = 1024  # URLs; all are forgotten together when there are more

# By identity, which is quicker than to hash and compare; a target keeps its URL alive.
_targets: "dict[int, Target]" = {}
_urls: dict[str, URL] = {}


class Target:
    """Derived facts of one URL.

    ``url`` has neither credentials nor fragment, ``original_url`` has its fragment; ``host`` is without brackets;
    ``host_header`` is the Host field's value (RFC 9110 7.2), ``origin_form`` the request
    target (RFC 9112 3.2.1); ``auth`` are the URL's credentials.
    """

    __slots__ = (
        "auth",
        "connection_key",
        "host",
        "host_header",
        "is_ssl",
        "origin_form",
        "original_url",
        "port",
        "source",
        "url",
    )

    auth: BasicAuth | None
    connection_key: ConnectionKey  # of a request without TLS options of its own
    host: str
    host_header: str
    is_ssl: bool
    origin_form: str
    original_url: URL
    port: int | None
    source: URL  # what the target was made from
    url: URL

    def __init__(self, original: URL) -> None:
        self.source = original
        host = original.raw_host
        # The system's resolver looks up what stands before a NUL: not what was checked by anybody.
        if not host or " " in host or not host.isprintable():
            raise InvalidUrlClientError(original)
        self.auth = _credentials(original)
        self.original_url = url = original if self.auth is None else original.with_user(None)
        self.url = url.with_fragment(None) if url.raw_fragment else url
        self.host = host
        self.port = original.port
        self.is_ssl = original.scheme in ("https", "wss")
        self.host_header = original.host_port_subcomponent or ""
        self.origin_form = self.url.raw_path_qs
        if _NOT_IN_TARGET.search(self.origin_form):
            raise InvalidUrlClientError(original, "blanks and control characters must be percent-encoded")
        self.connection_key = ConnectionKey(host, self.port, self.is_ssl, True, None, None, None, None)


def _credentials(url: URL) -> BasicAuth | None:
    try:
        auth = BasicAuth.from_url(url)
        if auth is not None:
            auth.encode()
    except ValueError as exc:
        raise InvalidUrlClientError(url.with_user(None), "its credentials can not be sent (RFC 7617 2)") from exc
    return auth


def target_of(url: URL) -> Target:
    """Return the facts of *url*; raise ``InvalidUrlClientError`` if it has no host."""
    target = _targets.get(id(url))
    if target is not None and target.source is url:
        return target
    if len(_targets) >= _REMEMBERED:
        _targets.clear()
    target = _targets[id(url)] = Target(url)
    return target


def parse_url(text: str | URL) -> URL:
    """Return *text* as a URL; raise ``InvalidUrlClientError`` if it cannot be one, ``TypeError`` if it is no text.

    Equal text gives the same object, so that what hangs on it is found again.
    """
    url = _urls.get(text) if type(text) is str else None
    if url is not None:
        return url
    if isinstance(text, URL):
        return text
    try:
        url = URL(text)
    except ValueError as exc:
        raise InvalidUrlClientError(text) from exc
    except TypeError:
        raise TypeError(f"url must be a str or a yarl.URL, not {type(text).__name__}") from None
    if len(_urls) >= _REMEMBERED:
        _urls.clear()
    _urls[text] = url
    return url


def with_params(url: URL, params: Any) -> URL:
    """Return *url* with *params* added to its query; ``TypeError`` and ``ValueError`` for what cannot be in one."""
    try:
        return url.extend_query(params)
    except (TypeError, ValueError) as exc:
        text = f"params must be a str, a mapping or pairs of text and numbers, not {_odd_param(params)}: {exc}"
        raise (TypeError if isinstance(exc, TypeError) else ValueError)(text) from None


def _odd_param(params: Any) -> str:
    """Return what is wrong in *params*, as far as can be seen."""
    pairs = params.items() if isinstance(params, Mapping) else params if isinstance(params, (list, tuple)) else ()
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            return shown_value(pair)
        name, value = pair
        if isinstance(value, bool) or not isinstance(value, (str, int, float, list, tuple)):
            return f"{shown_value(value)} for {shown_value(name)}"
    return f"a value of type {type(params).__name__}"  # the others may be secrets
