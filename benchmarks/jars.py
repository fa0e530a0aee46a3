"""The cookie rows: what a jar takes and gives. No socket; one class per contender."""

import importlib
from collections.abc import Iterator
from http.cookies import SimpleCookie
from itertools import cycle, islice
from typing import Any

from yarl import URL

PER_DOMAIN = 10
FIELDS = [f"c{number}=value-{number}; Path=/; HttpOnly; Max-Age=3600; SameSite=Lax" for number in range(PER_DOMAIN)]
LATER = "Wed, 21 Oct 2099 07:28:00 GMT"


class Jars:
    """The jars of one library by the number of their domains, filled once."""

    def __init__(self, name: str) -> None:
        self.module = importlib.import_module("aiohttp_fast" if name.startswith("aiohttp_fast") else "aiohttp")
        self.known: dict[int, Any] = {}
        self.urls: dict[int, list[URL]] = {}

    def turns(self, domains: int, count: int) -> Iterator[URL]:
        """Yield the URLs of so many domains in turn, *count* of them."""
        if domains not in self.urls:
            self.urls[domains] = [URL(f"https://www.site{number}.com/a/page") for number in range(domains)]
        return islice(cycle(self.urls[domains]), count)

    def filled(self, domains: int) -> Any:
        """Return a jar with ten cookies in each of its domains: of one host and for all of the domain, with paths."""
        if domains not in self.known:
            # aiohttp keeps 3,300 cookies at most; here all of them, for the same work.
            kind = type("Jar", (self.module.CookieJar,), {"_limits_enabled": domains <= 100})
            jar = self.known[domains] = kind()
            for url in self.turns(domains, domains):
                own = [f"h{i}=value-{i}; Path=/; Max-Age=3600" for i in range(6)]
                shared = [f"d{i}=value-{i}; Path=/; Domain={url.host[4:]}; Expires={LATER}" for i in range(2)]
                jar.update_cookies_from_headers([*own, *shared, "p=1; Path=/a", "q=1; Path=/other"], url)
            if len(jar) != domains * PER_DOMAIN:
                raise ValueError(f"{len(jar)} cookies instead of {domains * PER_DOMAIN}")
        return self.known[domains]


def make(setup: dict) -> Jars:
    """Return the contender that the worker was started for."""
    return Jars(setup["name"])


async def filter_cookies(client: Jars, count: int, domains: int = 100, **_: object) -> None:
    """Ask for the cookies of one request after the other, to 100 of the domains in turn; nine of the ten go."""
    ask = client.filled(domains).filter_cookies
    for url in client.turns(100, count):
        found = ask(url)
    if len(found) != PER_DOMAIN - 1:
        raise ValueError(f"{len(found)} cookies go")


async def set_cookies(client: Jars, count: int, domains: int = 100, **_: object) -> None:
    """Take ten Set-Cookie fields of one response after the other, each from the next domain."""
    jar = client.module.CookieJar()
    take = jar.update_cookies_from_headers
    for url in client.turns(domains, count):
        take(FIELDS, url)


async def update_cookies(client: Jars, count: int, domains: int = 100, kind: str = "morsels", **_: object) -> None:
    """Take ten cookies as their user has them, for each of the domains in turn."""
    jar = client.module.CookieJar()
    take = jar.update_cookies
    values = {f"c{number}": f"value-{number}" for number in range(PER_DOMAIN)}
    cookies = SimpleCookie(values) if kind == "morsels" else values
    for url in client.turns(domains, count):
        take(cookies, url)


async def answered(client: Jars, count: int, domains: int = 100, **_: object) -> None:
    """A session in use: each response renews a cookie, and the next request asks for all."""
    jar = client.filled(domains)
    take, ask = jar.update_cookies_from_headers, jar.filter_cookies
    for url in client.turns(domains, count):
        take(["h0=renewed; Path=/; Max-Age=3600"], url)
        ask(url)


WORK = {function.__name__: function for function in (filter_cookies, set_cookies, update_cookies, answered)}
