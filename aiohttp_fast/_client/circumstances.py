"""Under which circumstances an error came about: the request, how far it was, how long it took, what limit it met."""

import re
from enum import StrEnum
from typing import Any, Self

from yarl import URL

__all__ = ("Circumstances", "Phase", "without_credentials")

_CREDENTIALS = re.compile(r"//.*@", re.DOTALL)
_PASSWORD = re.compile(r":[^/].*@", re.DOTALL)


def without_credentials(url: Any) -> str:
    """Return *url* as text without the credentials that may be in it.

    In a text that is no URL nobody knows where a password ends, which may be why it is none:
    everything before the last ``@`` is taken for one.
    """
    try:
        parsed = URL(url)
        if parsed.raw_host is not None:
            plain = parsed.raw_user is None and parsed.raw_password is None
            return str(url if plain else parsed.with_user(None))
    except (TypeError, ValueError):
        pass
    return _PASSWORD.sub(":***@", _CREDENTIALS.sub("//", str(url)), count=1)


class Phase(StrEnum):
    """How far a request was; the values of ``phase`` of the errors."""

    POOL = "pool"  # waiting for a free connection
    DNS = "dns"  # looking up the host
    CONNECT = "connect"
    PROXY = "proxy"  # asking a proxy for a tunnel
    TLS = "tls"  # shaking hands
    SEND = "send"  # the request's body is still being written
    HEAD = "head"  # waiting for the head of the response
    BODY = "body"  # receiving the body of the response


class Circumstances:
    """Mixed into errors: what is known of the request that ended with them; None for what is not.

    ``method`` and ``url`` (without credentials) name the request, ``phase`` says how far it was (a
    ``Phase``, which is a str), ``elapsed`` how many seconds it had taken. Where a limit was
    passed, ``limit`` is its value, in seconds or bytes or as a number, and ``limit_name`` the option
    that sets it. Where a kept connection was lost, ``idle`` is for how many seconds it had been kept.
    ``proxy`` (without credentials) is the proxy that the request went to.
    """

    method: str | None = None
    url: URL | str | None = None
    phase: str | None = None
    elapsed: float | None = None
    limit: float | None = None
    limit_name: str | None = None
    idle: float | None = None
    proxy: URL | None = None

    def limited_by(self, name: str, value: float | None) -> Self:
        """Note which limit was passed; return the error itself."""
        self.limit_name = name
        self.limit = value
        return self

    def tell(self, method: str, url: URL, phase: str | None, elapsed: float) -> Self:
        """Note the circumstances, unless somebody nearer to the cause did it before; return the error itself."""
        if self.method is None:
            self.method = method
            if self.url is None:  # some have one of their own
                self.url = url
            self.phase = phase
            self.elapsed = elapsed
        return self

    def _with_circumstances(self, text: str) -> str:
        """Return *text* followed by what it does not say itself."""
        if self.method is None:
            return text
        url = without_credentials(self.url)
        facts = [self.method if url in text else f"{self.method} {url}"]
        if self.proxy is not None and str(self.proxy) not in text:
            facts.append(f"proxy: {self.proxy}")
        if self.phase is not None:
            facts.append(f"phase: {self.phase}")
        if self.elapsed is not None:
            facts.append(f"after {round(self.elapsed, 3):g} s")
        if self.idle is not None:
            facts.append(f"kept connection, idle for {round(self.idle, 3):g} s before")
        if self.limit_name is not None:
            facts.append(f"limit: {self.limit_name}={self.limit}")
        return f"{text} [{', '.join(facts)}]"
