"""What a response says of itself: Link and Content-Disposition, the old names of its parts."""

import time

import pytest
from yarl import URL

from tests.servers import Peer, serve


def saying(*fields: bytes):
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer(b"ok", *fields)

    return handler


LINKS = [
    (b'<http://h/a>; rel="next"', {"next": ("http://h/a", {"rel": "next"})}),
    (b'</up>; rel=prev; title="a;b, <c>"', {"prev": ("/up", {"rel": "prev", "title": "a;b, <c>"})}),
    (b"<a>; rel=x, <b>; rel=z", {"x": ("/p/a", {"rel": "x"}), "z": ("/p/b", {"rel": "z"})}),
    (b"<http://h/?a=1,2>; rel=one", {"one": ("http://h/?a=1,2", {"rel": "one"})}),
    (b"<a;b>; REL=semi", {"semi": ("/p/a;b", {"rel": "semi"})}),
    (b"<u>; rel='single'", {"single": ("/p/u", {"rel": "single"})}),
    (b"<u>", {"u": ("/p/u", {})}),
    (b"<u>; a=b=c; rel = k", {"k": ("/p/u", {"a": "b=c", "rel": "k"})}),
    (b"bad, <u>; rel=ok, <", {"ok": ("/p/u", {"rel": "ok"})}),
    (b"<http://[bad>; rel=x", {}),
    (b"", {}),
]


@pytest.mark.parametrize(("field", "expected"), LINKS)
async def test_links(lib, field, expected):
    async with serve(saying(b"Link: " + field)) as server, lib.load().ClientSession() as session:
        async with session.get(server.url / "p/q") as response:
            found = {
                name: (str(link["url"]), {key: value for key, value in link.items() if key != "url"})
                for name, link in response.links.items()
            }
    base = server.url / "p/q"
    assert found == {name: (str(base.join(URL(url))), params) for name, (url, params) in expected.items()}


async def test_links_of_several_fields(lib):
    handler = saying(b"Link: <a>; rel=next", b"Link: <b>; rel=next; hreflang=de")
    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            first, second = response.links.getall("next")
    assert (first["url"].path, second["url"].path, second["hreflang"]) == ("/a", "/b", "de")


async def test_content_disposition(lib):
    handler = saying(b'Content-Disposition: attachment; filename="a b.txt"; size=3')
    async with serve(handler) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            found = response.content_disposition
    assert (found.type, dict(found.parameters), found.filename) == (
        "attachment",
        {"filename": "a b.txt", "size": "3"},
        "a b.txt",
    )
    with pytest.raises(TypeError):
        found.parameters["filename"] = "x"


async def test_nothing_said(lib):
    async with serve(saying()) as server, lib.load().ClientSession() as session:
        async with session.get(server.url) as response:
            assert response.content_disposition is None
            assert not response.links
            with pytest.warns(DeprecationWarning, match="use .url"):
                assert response.url_obj == response.url


def test_hostile_links_are_read_once(lib):
    """Not from outside of their quotes, and once more from each comma within."""
    parse_links = lib.load("_client.links").parse_links
    field = "<x>" + ";b=',<a>;c'" * 40_000 + '"'
    began = time.process_time()
    assert not parse_links(field, URL("http://h/"))
    assert time.process_time() - began < 5  # 57 where each piece was read to the end
