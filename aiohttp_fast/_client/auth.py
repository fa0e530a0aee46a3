"""Basic authentication (RFC 7617) and credentials in URLs."""

import base64
import binascii
from typing import Any, NamedTuple

from yarl import URL

from .._base.checks import check_text
from .._base.warn import deprecated

__all__ = (
    "AUTH_IS_DEPRECATED",
    "PROXY_AUTH_IS_DEPRECATED",
    "BasicAuth",
    "check_auth",
    "encode_basic_auth",
    "strip_auth_from_url",
)

AUTH_IS_DEPRECATED = (
    "The 'auth' parameter is deprecated and will be removed in v4; "
    "pass headers={'Authorization': aiohttp.encode_basic_auth(login, password)} instead"
)
PROXY_AUTH_IS_DEPRECATED = (
    "The 'proxy_auth' parameter is deprecated and will be removed in v4; "
    "pass proxy_headers={'Proxy-Authorization': aiohttp.encode_basic_auth(login, password)} instead"
)
_CLASS_IS_DEPRECATED = (
    "BasicAuth is deprecated and will be removed in aiohttp 4.0; "
    "use aiohttp.encode_basic_auth() with headers={'Authorization': ...} instead"
)
_COLON = 'A ":" is not allowed in login (RFC 7617#section-2)'


def encode_basic_auth(login: str, password: str = "", encoding: str = "utf-8") -> str:
    """Return the value of an ``Authorization`` or ``Proxy-Authorization`` field.

    Raises ``ValueError`` for a login with a colon (RFC 7617 2) and for text that
    *encoding* cannot express, ``TypeError`` for None and for bytes.
    """
    for said in (login, password):
        if said is None or isinstance(said, (bytes, bytearray)):
            raise TypeError(f"login and password must be str, not {type(said).__name__}")
    check_text("login", login)
    if ":" in login:
        raise ValueError(_COLON)
    try:
        credentials = f"{login}:{password}".encode(encoding)
    except UnicodeEncodeError:  # it carries the password, which is not for logs
        raise ValueError(f"login or password has characters that {encoding} does not have") from None
    return "Basic " + base64.b64encode(credentials).decode("ascii")


class _BasicAuth(NamedTuple):
    login: str
    password: str = ""
    encoding: str = "latin1"


class BasicAuth(_BasicAuth):
    """Login, password and the encoding in which they travel (RFC 7617).

    To make one by hand is deprecated, as it is in aiohttp; it works all the same.
    """

    __slots__ = ()

    def __new__(cls, login: str, password: str = "", encoding: str = "latin1") -> "BasicAuth":
        """Make one; ``ValueError`` for None and for a login with a colon."""
        if login is None:
            raise ValueError("None is not allowed as login value")
        if password is None:
            raise ValueError("None is not allowed as password value")
        check_text("login", login)
        if ":" in login:
            raise ValueError(_COLON)
        deprecated(_CLASS_IS_DEPRECATED)
        return tuple.__new__(cls, (login, password, encoding))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._make, (tuple(self),)  # a copy is nothing that its user would write in another way

    @classmethod
    def decode(cls, auth_header: str, encoding: str = "latin1") -> "BasicAuth":
        """Return what the value of an ``Authorization`` field says; ``ValueError`` if it is not Basic."""
        scheme, blank, encoded = auth_header.partition(" ")
        if not blank:
            raise ValueError("Could not parse authorization header.")
        if scheme.lower() != "basic":
            raise ValueError(f"Unknown authorization method {scheme}")
        try:
            decoded = base64.b64decode(encoded.encode("ascii"), validate=True).decode(encoding)
        except UnicodeDecodeError:  # it carries the password, which is not for logs
            raise ValueError(f"The credentials are not {encoding}.") from None
        except (binascii.Error, UnicodeEncodeError):
            raise ValueError("Invalid base64 encoding.") from None
        login, colon, password = decoded.partition(":")
        if not colon:
            raise ValueError("Invalid credentials.")
        return cls._make((login, password, encoding))

    @classmethod
    def from_url(cls, url: URL, *, encoding: str = "latin1") -> "BasicAuth | None":
        """Return the credentials in *url*; None where it has neither user nor password.

        A login with a colon is found by ``encode`` only.
        """
        if not isinstance(url, URL):
            raise TypeError("url should be yarl.URL instance")
        if url.raw_user is None and url.raw_password is None:
            return None
        return cls._make((url.user or "", url.password or "", encoding))

    def encode(self) -> str:
        """Return the value for an ``Authorization`` field."""
        return encode_basic_auth(self.login, self.password, self.encoding)


def strip_auth_from_url(url: URL) -> tuple[URL, BasicAuth | None]:
    """Return *url* without credentials, and the credentials or None."""
    if url.raw_user is None and url.raw_password is None:
        return url, None
    return url.with_user(None), BasicAuth.from_url(url)


def check_auth(auth: Any) -> None:
    """Raise ``TypeError`` for what is no ``BasicAuth``; it may hold a password, and is not quoted."""
    if not isinstance(auth, BasicAuth):
        raise TypeError(f"auth must be a BasicAuth(login, password), not {type(auth).__name__}")
