"""Where a redirect leads, and what is left behind on the way (RFC 9110 15.4)."""

from yarl import URL

from .._base import hdrs
from .circumstances import without_credentials
from .exceptions import InvalidUrlClientError, InvalidUrlRedirectClientError, NonHttpUrlRedirectClientError
from .response import ClientResponse
from .target import target_of

__all__ = ("BODY_FIELDS", "ORIGIN_FIELDS", "REDIRECTS", "next_url", "turns_to_get")

REDIRECTS = frozenset((301, 302, 303, 307, 308))
# What describes a body that is not sent again, and what is meant for one origin only.
BODY_FIELDS = (hdrs.CONTENT_LENGTH, hdrs.CONTENT_TYPE, hdrs.CONTENT_ENCODING, hdrs.TRANSFER_ENCODING, hdrs.EXPECT)
ORIGIN_FIELDS = (hdrs.AUTHORIZATION, hdrs.COOKIE, hdrs.PROXY_AUTHORIZATION, hdrs.HOST)


def turns_to_get(status: int, method: str) -> bool:
    """True when the next request is a GET without a body (RFC 9110 15.4.2 to 15.4.4)."""
    return (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST")


def next_url(resp: ClientResponse, requote: bool, allowed_schemes: frozenset[str]) -> URL | None:
    """Return where *resp* sends its client; None if it does not say.

    Raises ``InvalidUrlRedirectClientError`` and ``NonHttpUrlRedirectClientError``.
    """
    location = resp.headers.get(hdrs.LOCATION) or resp.headers.get(hdrs.URI)
    if location is None:
        return None
    try:
        url = URL(location, encoded=not requote)
        if url.scheme not in allowed_schemes:
            raise NonHttpUrlRedirectClientError(without_credentials(location))
        if url.scheme and not url.absolute:
            raise ValueError("a scheme, but no host")
        if not url.scheme:  # relative, to the scheme alone or to more (RFC 3986 4.2)
            url = resp.url.join(url)
        if resp.real_url.raw_fragment and not url.raw_fragment:
            url = url.with_fragment(resp.real_url.fragment)  # RFC 9110 10.2.2
        url.origin()
        target_of(url)
    except (ValueError, InvalidUrlClientError) as exc:
        raise InvalidUrlRedirectClientError(
            without_credentials(location), "Server attempted redirecting to a location that does not look like a URL"
        ) from exc
    return url
