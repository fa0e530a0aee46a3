"""HTTP dates and cookie dates."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiohttp_fast._base import dates

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "sun, 06 nov 94 08:49:37 +0200",
    ],
)
def test_http_dates(text):
    assert dates.parse_http_date(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [None, "", "0", "junk", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
     "Sun, 06 Nov 1994 08:49:60",
     "Sun, 06 Nov 99999 08:49:37 GMT", "Sun, 0\u0666 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT"],
)  # fmt: skip
def test_no_http_dates(text):
    assert dates.parse_http_date(text) is None


def test_two_digit_years():
    assert dates.parse_http_date("Sun, 06-Nov-68 08:49:37 GMT").year == 2068
    assert dates.parse_http_date("Sun, 06-Nov-69 08:49:37 GMT").year == 1969


@given(st.integers(0, 253402300799))
def test_round_trip(timestamp):
    text = dates.format_http_date(timestamp)
    assert dates.parse_http_date(text).timestamp() == timestamp
    assert dates.parse_cookie_date(text) == timestamp


def test_format():
    assert dates.format_http_date(MOMENT.timestamp()) == "Sun, 06 Nov 1994 08:49:37 GMT"
    now = datetime.now(UTC)
    assert abs((dates.parse_http_date(dates.rfc822_formatted_time()) - now).total_seconds()) <= 1
    assert dates.rfc822_formatted_time().endswith(" GMT")


@pytest.mark.parametrize(
    "text",
    [
        "Wed, 21 Oct 2099 07:28:00 GMT",
        "Oct 21 07:28:00 2099",
        "2099 Oct 21 07:28:00",
        "07:28:00 21 Oct 2099",
        "21 October 2099 7:28:0 +0200",
        "wed,21-oct-2099,07:28:00 and 99 more",
    ],
)
def test_cookie_dates(text):
    assert dates.parse_cookie_date(text) == 4096250880


@pytest.mark.parametrize(
    "text",
    ["", "x", "21 Oct 2099", "07:28:00 Oct 2099", "21Oct2099 07:28:00", "21 Oct 1600 07:28:00", "32 Oct 2099 07:28:00",
     "21 Oct 2099 24:28:00", "30 Feb 2099 10:00:00", "21 Oct 99999 07:28:00", "0 Oct 2099 07:28:00",
     "\u0661 Oct 2099 07:28:00", "21 Oct 2099 07:60:00"],
)  # fmt: skip
def test_no_cookie_dates(text):
    assert dates.parse_cookie_date(text) is None


def test_two_digit_years_of_cookies():
    assert dates.parse_cookie_date("21-oct-69 07:28:00") == 3149566080
    assert dates.parse_cookie_date("21-oct-70 07:28:00") == 25342080


@given(st.text(max_size=60) | st.text("0123456789: -,octgmt", max_size=40))
def test_any_text(text):
    dates.parse_http_date(text)
    dates.parse_cookie_date(text)


@given(st.from_regex(dates._COOKIE_DATE, fullmatch=True))
def test_the_usual_form_means_what_the_algorithm_finds(text):
    assert dates.parse_cookie_date(text) == dates._parse_any_cookie_date(text)
