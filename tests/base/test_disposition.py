"""_base/disposition.py: Content-Disposition as RFC 6266, 7578, 8187 and 2231 spell it, and as others misspell it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._base.disposition import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    content_disposition_filename,
    parse_content_disposition,
)

GOOD = [
    (None, None, {}, None),
    ("", None, {}, None),
    ("inline", "inline", {}, None),
    ('attachment; filename="foo.html"', "attachment", {"filename": "foo.html"}, "foo.html"),
    ("ATTACHMENT; FileName=a", "attachment", {"filename": "a"}, "a"),
    (r'attachment; filename="f\"oo.html"', "attachment", {"filename": 'f"oo.html'}, 'f"oo.html'),
    ('form-data; name="x"; filename="a;b.txt"', "form-data", {"name": "x", "filename": "a;b.txt"}, "a;b.txt"),
    ("attachment; filename*=UTF-8''%e2%82%ac.html", "attachment", {"filename*": "€.html"}, "€.html"),
    ("attachment; filename*=iso-8859-1'en'%A3", "attachment", {"filename*": "£"}, "£"),
    ("attachment; filename=a; filename*=UTF-8''b", "attachment", {"filename": "a", "filename*": "b"}, "b"),
    ("attachment; filename*0=a; filename*1=b", "attachment", {"filename*0": "a", "filename*1": "b"}, "ab"),
    ("attachment; filename*1=b; filename*0=a", "attachment", {"filename*1": "b", "filename*0": "a"}, "ab"),
    (
        "attachment; filename*0*=UTF-8''a%20; filename*1=b%20",
        "attachment",
        {"filename*0*": "UTF-8''a%20", "filename*1": "b%20"},
        "a b%20",  # only the parts that say so are encoded
    ),
    ('attachment; filename="/etc/passwd"', "attachment", {"filename": "etc/passwd"}, "etc/passwd"),
    ('attachment; filename="é.txt"', "attachment", {"filename": "é.txt"}, "é.txt"),
    ('attachment; filename=""', "attachment", {"filename": ""}, ""),
    ('attachment; size=3; date="Wed, 12"', "attachment", {"size": "3", "date": "Wed, 12"}, None),
]
BAD = [
    ('"inline"', BadContentDispositionHeader, (None, {})),
    ("attachment; filename", BadContentDispositionHeader, (None, {})),
    ("attachment; filename=foo bar", BadContentDispositionHeader, (None, {})),
    ("attachment; filename=a; filename=b", BadContentDispositionHeader, (None, {})),
    ('attachment; filename="unterminated', BadContentDispositionHeader, (None, {})),
    ("attachment filename=bar", BadContentDispositionHeader, (None, {})),
    ("attachment;;filename=a", BadContentDispositionHeader, ("attachment", {"filename": "a"})),
    ("attachment; filename*=bad''%zz", BadContentDispositionParam, ("attachment", {})),
    ("attachment; filename*=UTF-8''%ff", BadContentDispositionParam, ("attachment", {})),
    ("attachment; filename*=plain", BadContentDispositionParam, ("attachment", {})),
    ('attachment; foo"=bar', BadContentDispositionParam, ("attachment", {})),
]


@pytest.mark.parametrize(("header", "kind", "params", "name"), GOOD)
def test_understood(header, kind, params, name):
    assert parse_content_disposition(header) == (kind, params)
    assert content_disposition_filename(params) == name


@pytest.mark.parametrize(("header", "warning", "found"), BAD)
def test_not_understood(header, warning, found):
    with pytest.warns(warning):
        assert parse_content_disposition(header) == found


@pytest.mark.parametrize(
    "params", [{"filename*0*": "no-such''%41"}, {"filename*0*": "UTF-8''%ff"}, {"filename*1": "b"}]
)
def test_names_that_cannot_be_put_together(params):
    assert content_disposition_filename(params) is None


def test_another_name():
    assert content_disposition_filename({"name*": "x", "name": "y"}, "name") == "x"


@pytest.mark.filterwarnings("ignore::aiohttp_fast.BadContentDispositionHeader")
@pytest.mark.filterwarnings("ignore::aiohttp_fast.BadContentDispositionParam")
@given(st.text(alphabet=st.sampled_from("ab;=\"\\*'%20 ,é\t"), max_size=60))
def test_any_text(text):
    kind, params = parse_content_disposition("form-data" + text)
    if kind is None:
        assert params == {}
    else:
        assert kind.startswith("form-data")
        assert all(name and name == name.lower() and not set(name) & set(' ;="') for name in params)
    content_disposition_filename(params)


@pytest.mark.filterwarnings("ignore::aiohttp_fast.BadContentDispositionHeader")
def test_hostile_lengths():
    start = time.process_time()
    for unit in (";", '"', "\\", '"\\', "a=", "a*0=", '";"'):
        parse_content_disposition("attachment; filename=" + unit * 50_000)
    assert time.process_time() - start < 5
