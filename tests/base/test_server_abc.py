"""What a server's application asks of its parts."""

import logging

import pytest

from aiohttp_fast._base import server_abc


@pytest.mark.parametrize(
    ("name", "missing"),
    [("AbstractRouter", {"resolve"}), ("AbstractView", {"__await__"}), ("AbstractAccessLogger", {"log"}),
     ("AbstractMatchInfo",
      {"add_app", "apps", "expect_handler", "freeze", "get_info", "handler", "http_exception"})],
)  # fmt: skip
def test_what_is_to_be_given(name, missing):
    cls = getattr(server_abc, name)
    assert cls.__abstractmethods__ == missing
    with pytest.raises(TypeError, match="abstract"):
        cls(*[None] * (cls.__init__.__code__.co_argcount - 1 if hasattr(cls.__init__, "__code__") else 0))


def test_a_router_is_frozen_once_for_all():
    class Router(server_abc.AbstractRouter):
        async def resolve(self, request):
            return None

    router = Router()
    router.post_init("app")
    assert not router.frozen
    router.freeze()
    assert router.frozen


def test_a_view_has_its_request():
    class View(server_abc.AbstractView):
        def __await__(self):
            yield self.request

    assert list(View("r").__await__()) == ["r"]


def test_an_access_log():
    class Log(server_abc.AbstractAccessLogger):
        def log(self, request, response, time):
            self.logger.info(self.log_format)

    log = Log(logging.getLogger("x"), "format")
    assert log.enabled
    assert (log.logger.name, log.log_format) == ("x", "format")
