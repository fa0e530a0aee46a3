"""What a server's application asks of its router, its views and its access log; users may bring their own."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any

__all__ = ("AbstractAccessLogger", "AbstractMatchInfo", "AbstractRouter", "AbstractView")


class AbstractRouter(ABC):
    """Finds out who handles a request. Once frozen it does not change."""

    def __init__(self) -> None:
        self._frozen = False

    def post_init(self, app: Any) -> None:  # noqa: B027
        """Take the application, once, when it is made; for routers that want it."""

    @property
    def frozen(self) -> bool:
        """True once ``freeze`` was called."""
        return self._frozen

    def freeze(self) -> None:
        """Let nothing change from now on."""
        self._frozen = True

    @abstractmethod
    async def resolve(self, request: Any) -> "AbstractMatchInfo":
        """Return who handles *request*."""


class AbstractMatchInfo(ABC):
    """What a router found for one request."""

    __slots__ = ()

    @property
    @abstractmethod
    def handler(self) -> Any:
        """The coroutine function that takes the request and returns a response."""

    @property
    @abstractmethod
    def expect_handler(self) -> Any:
        """The coroutine function that answers ``Expect: 100-continue`` (RFC 9110 10.1.1)."""

    @property
    @abstractmethod
    def http_exception(self) -> Any:
        """The HTTP exception that answers the request where nobody handles it, else None."""

    @abstractmethod
    def get_info(self) -> dict[str, Any]:
        """Return facts for people who look for a fault."""

    @property
    @abstractmethod
    def apps(self) -> tuple[Any, ...]:
        """The applications that lead to the handler, the outermost first."""

    @abstractmethod
    def add_app(self, app: Any) -> None:
        """Add an application that leads to the handler; each that is nested adds the one around it."""

    @abstractmethod
    def freeze(self) -> None:
        """Let nothing change from now on: the search is over."""


class AbstractView(ABC):
    """A handler that is a class: made with the request, awaited for the response."""

    def __init__(self, request: Any) -> None:
        self._request = request

    @property
    def request(self) -> Any:
        """The request."""
        return self._request

    @abstractmethod
    def __await__(self) -> Generator[Any, None, Any]:
        """Give the response."""


class AbstractAccessLogger(ABC):
    """Writes a record for each request that was answered."""

    __slots__ = ("log_format", "logger")

    def __init__(self, logger: logging.Logger, log_format: str) -> None:
        self.logger = logger
        self.log_format = log_format

    @abstractmethod
    def log(self, request: Any, response: Any, time: float) -> None:
        """Write one record; *time* is how many seconds it took."""

    @property
    def enabled(self) -> bool:
        """False if records would go nowhere; ``log`` is then not called."""
        return True
