"""What the fields of a message say about its body."""

import pytest
from multidict import CIMultiDict


@pytest.fixture
def message(lib):
    class Message(lib.load("_wire.http.content").HeadersMixin):
        def __init__(self, **fields):
            self.headers = CIMultiDict({name.replace("_", "-"): value for name, value in fields.items()})

    return Message


@pytest.mark.parametrize(
    ("field", "content_type", "charset"),
    [
        (None, "application/octet-stream", None),
        ("", "application/octet-stream", None),
        ("junk", "application/octet-stream", None),
        ("a/b/c; charset=x", "application/octet-stream", "x"),
        ("text/html; charset=utf-8", "text/html", "utf-8"),
        ('TEXT/HTML; Charset="UTF-8"', "text/html", "UTF-8"),
        ("text/plain; charset=", "text/plain", None),
        ("text/plain; charset=a; charset=b", "text/plain", "a"),
    ],
)
def test_content_type(message, field, content_type, charset):
    headers = {} if field is None else {"Content_Type": field}
    found = message(**headers)
    assert found.content_type == content_type
    assert found.charset == charset
    found = message(**headers)
    assert found.charset == charset


def test_follows_the_field(message):
    found = message(Content_Type="text/plain; charset=x")
    assert found.content_type == "text/plain"
    found.headers["content-type"] = "a/b"
    assert (found.content_type, found.charset) == ("a/b", None)
    del found.headers["content-type"]
    assert found.content_type == "application/octet-stream"


def test_content_length(message):
    assert message().content_length is None
    assert message(Content_Length="15").content_length == 15
    for bad in ("", "x", "-5", "+5", "5_0", "\u0665", " 5"):
        with pytest.raises(ValueError, match="Content-Length"):
            _ = message(Content_Length=bad).content_length
