"""Compiled classes tell what they are made with, as their pure twins do."""

import inspect

import pytest

from tests.conftest import Lib

CLASSES = [
    ("client_reqrep", "ClientRequest"),
    ("client_reqrep", "ClientResponse"),
    ("client_proto", "ResponseHandler"),
    ("base_protocol", "BaseProtocol"),
    ("connector", "BaseConnector"),
    ("connector", "Connection"),
    ("connector", "TCPConnector"),
    ("streams", "ChunkTupleAsyncStreamIterator"),
    ("streams", "DataQueue"),
    ("streams", "FlowControlDataQueue"),
    ("streams", "StreamReader"),
]


def parameters(signature: inspect.Signature) -> list[tuple[str, object, str]]:
    return [(p.name, p.kind, repr(p.default)) for p in signature.parameters.values()]


@pytest.mark.parametrize(("door", "name"), CLASSES)
def test_the_signature_is_that_of_the_source(lib: Lib, door, name):
    cls = getattr(lib.load(door), name)
    source = inspect.unwrap(cls.__init__)
    given = parameters(inspect.signature(cls))
    assert given
    assert not [p for p in given if p[1] in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)]
    if lib.name == "pure":
        assert given == parameters(inspect.signature(source))[1:]


def test_some_in_full(lib: Lib):
    streams, client = lib.load("streams"), lib.load("client_reqrep")
    assert str(inspect.signature(streams.DataQueue).replace(return_annotation=inspect.Signature.empty)).startswith(
        "(loop"
    )
    names = list(inspect.signature(client.ClientRequest).parameters)
    assert names[:3] == ["method", "url", "params"]
    assert inspect.signature(client.ClientRequest).parameters["version"].default == lib.load().HttpVersion11
    assert list(inspect.signature(streams.StreamReader).parameters) == ["protocol", "limit", "timer", "loop"]


def test_a_subclass_has_its_own(lib: Lib):
    class Mine(lib.load().ClientResponse):
        def __init__(self, a, *, b=2):
            pass

    class Same(lib.load().ClientResponse):
        pass

    assert str(inspect.signature(Mine)) == "(a, *, b=2)"
    assert parameters(inspect.signature(Same)) == parameters(inspect.signature(lib.load().ClientResponse))


def test_attributes_have_values_on_their_class(lib: Lib):
    response, request = lib.load().ClientResponse, lib.load().ClientRequest
    assert (response.content, response.reason, response.version, request.auth) == (None, None, None, None)


async def test_and_objects_have_their_own(lib: Lib):
    from yarl import URL

    first, second = (lib.load().ClientRequest("GET", URL("http://a/")) for _ in range(2))
    auth = lib.load().BasicAuth("u", "p")
    first.auth = auth
    assert (first.auth, second.auth, type(first).auth) == (auth, None, None)
