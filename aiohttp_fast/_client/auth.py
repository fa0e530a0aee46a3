"""Basic authentication (RFC 7617) and credentials in URLs."""

import base64
import binascii
from typing import NamedTuple

from yarl import URL

__all__ = ("BasicAuth", "encode_basic_auth", "strip_auth_from_url")

_COLON = 'A ":" is not allowed in login (RFC 7617#section-2)'


def encode_basic_auth(login: str, password: str = "", encoding: str = "utf-8") -> str:
    """Return the value of an ``Authorization`` or ``Proxy-Authorization`` field.

    Raises ``ValueError`` for a login with a colon (RFC 7617 2) and for text that
    *encoding* cannot express.
    """
    if ":" in login:
        raise ValueError(_COLON)
    credentials = f"{login}:{password}".encode(encoding)
    return "Basic " + base64.b64encode(credentials).decode("ascii")


class _BasicAuth(NamedTuple):
    login: str
    password: str = ""
    encoding: str = "latin1"


class BasicAuth(_BasicAuth):
    """Login, password and the encoding in which they travel (RFC 7617)."""

    __slots__ = ()

    def __new__(cls, login: str, password: str = "", encoding: str = "latin1") -> "BasicAuth":
        """Make one; ``ValueError`` for None and for a login with a colon."""
        if login is None:
            raise ValueError("None is not allowed as login value")
        if password is None:
            raise ValueError("None is not allowed as password value")
        if ":" in login:
            raise ValueError(_COLON)
        return tuple.__new__(cls, (login, password, encoding))

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
        except (binascii.Error, UnicodeEncodeError):
            raise ValueError("Invalid base64 encoding.") from None
        login, colon, password = decoded.partition(":")
        if not colon:
            raise ValueError("Invalid credentials.")
        return cls(login, password, encoding=encoding)

    @classmethod
    def from_url(cls, url: URL, *, encoding: str = "latin1") -> "BasicAuth | None":
        """Return the credentials in *url*; None where it has neither user nor password."""
        if not isinstance(url, URL):
            raise TypeError("url should be yarl.URL instance")
        if url.raw_user is None and url.raw_password is None:
            return None
        return cls(url.user or "", url.password or "", encoding=encoding)

    def encode(self) -> str:
        """Return the value for an ``Authorization`` field."""
        return encode_basic_auth(self.login, self.password, self.encoding)


def strip_auth_from_url(url: URL) -> tuple[URL, BasicAuth | None]:
    """Return *url* without credentials, and the credentials or None."""
    if url.raw_user is None and url.raw_password is None:
        return url, None
    return url.with_user(None), BasicAuth.from_url(url)
