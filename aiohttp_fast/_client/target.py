"""What a URL means for a request: where to connect, what to ask for, who is asking.

Programs ask for the same few URLs again and again, so what was derived is remembered.
"""

from yarl import URL

from .auth import BasicAuth
from .exceptions import InvalidUrlClientError, NonHttpUrlClientError
from .info import ConnectionKey

__all__ = ("Target", "parse_url", "target_of")

_REMEMBERED = 1024  # URLs; all are forgotten together when there are more

_targets: "dict[URL, Target]" = {}
_urls: dict[str, URL] = {}


class Target:
    """Derived facts of one URL.

    ``url`` has neither credentials nor fragment, ``original_url`` has its fragment; ``host`` is without brackets;
    ``host_header`` is the Host field's value (RFC 9110 7.2), ``origin_form`` the request
    target (RFC 9112 3.2.1); ``auth`` are the URL's credentials.
    """

    __slots__ = ("auth", "connection_key", "host", "host_header", "is_ssl", "origin_form", "original_url", "port", "url")

    def __init__(self, original: URL) -> None:
        host = original.raw_host
        if not host:
            raise InvalidUrlClientError(original)
        self.auth = BasicAuth.from_url(original)
        self.original_url = url = original if self.auth is None else original.with_user(None)
        self.url = url.with_fragment(None) if url.raw_fragment else url
        self.host = host
        self.port = original.port
        self.is_ssl = original.scheme in ("https", "wss")
        self.host_header = original.host_port_subcomponent or ""
        self.origin_form = self.url.raw_path_qs
        # ssl=True, no proxy: the pool's key of a request without options of its own
        self.connection_key = ConnectionKey(host, self.port, self.is_ssl, True, None, None, None, None)


def target_of(url: URL) -> Target:
    """Return the facts of *url*; raise ``InvalidUrlClientError`` if it has no host."""
    target = _targets.get(url)
    if target is None:
        if len(_targets) >= _REMEMBERED:
            _targets.clear()
        target = _targets[url] = Target(url)
    return target


def parse_url(text: str | URL) -> URL:
    """Return *text* as a URL; raise ``InvalidUrlClientError`` if it cannot be one."""
    if isinstance(text, URL):
        return text
    url = _urls.get(text)
    if url is None:
        try:
            url = URL(text)
        except ValueError as exc:
            raise InvalidUrlClientError(text) from exc
        if len(_urls) >= _REMEMBERED:
            _urls.clear()
        _urls[text] = url
    return url


def check_scheme(url: URL, allowed: frozenset[str]) -> None:
    """Raise ``NonHttpUrlClientError`` unless the connector speaks the URL's scheme."""
    if url.scheme not in allowed:
        raise NonHttpUrlClientError(url)
