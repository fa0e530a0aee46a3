"""Entity tags."""

import pytest

from aiohttp_fast._base import etag


def test_a_tag_is_a_frozen_value():
    tag = etag.ETag("a")
    assert tag == etag.ETag("a", is_weak=False)
    assert tag != etag.ETag("a", is_weak=True)
    assert tag < etag.ETag("b")
    assert hash(tag) == hash(etag.ETag("a"))
    assert repr(tag) == "ETag(value='a', is_weak=False)"
    with pytest.raises(AttributeError):
        tag.value = "b"


@pytest.mark.parametrize("value", ["a", "*", "é", "\x80", "ÿ", "a!#", "W/x"])
def test_good_values(value):
    etag.validate_etag_value(value)


@pytest.mark.parametrize("value", ["", '"', " ", "a b", "\t", 'W/"', "Ā", "a\n", "\x7f"])
def test_bad_values(value):
    with pytest.raises(ValueError, match="is not a valid etag"):
        etag.validate_etag_value(value)


def test_one_in_a_field():
    assert etag.QUOTED_ETAG_RE.fullmatch('W/"a"').groups() == ("W/", "a")
    assert etag.QUOTED_ETAG_RE.fullmatch('"a"').groups() == (None, "a")
    assert etag.QUOTED_ETAG_RE.fullmatch("a") is None


def test_a_list_in_a_field():
    def groups(text):
        return [match.groups() for match in etag.LIST_QUOTED_ETAG_RE.finditer(text)]

    assert groups('"a", W/"b" , "c"') == [
        ('"a"', None, "a", None), ('W/"b"', "W/", "b", None), ('"c"', None, "c", None),
    ]  # fmt: skip
    assert groups('x,"a"') == [(None, None, None, "x"), (None, None, None, ","), ('"a"', None, "a", None)]
    assert groups("") == []
