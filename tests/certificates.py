"""What tests of TLS share: an authority of their own, and event loops of both kinds, watched to their end."""

import asyncio
import gc
import ssl
import warnings

import pytest
import trustme

uvloop = pytest.importorskip("uvloop")

LOOPS = pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


class Certificates:
    """An authority, a context that trusts it, and contexts of servers it vouches for."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.trusting = ssl.create_default_context()
        self.authority.configure_trust(self.trusting)

    def server(self, *names: str, **options) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.leaf = self.authority.issue_cert(*(names or ("localhost", "127.0.0.1")), **options)
        self.leaf.configure_cert(context)
        return context


def run(new_loop, main) -> None:
    """Run *main* on a loop of its own; whatever is left behind at its end is an error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with asyncio.Runner(loop_factory=new_loop) as runner:
            unheard = []
            runner.get_loop().set_exception_handler(lambda _loop, context: unheard.append(context))
            runner.run(main())
        gc.collect()
    assert not unheard, unheard
    said = [str(warning.message) for warning in caught]
    assert not said, said
