"""HTTP dates (RFC 9110 5.6.7), all three forms in and the preferred one out; cookie dates (RFC 6265 5.1.1)."""

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

__all__ = (
    "COOKIE_DATE_DAY",
    "COOKIE_DATE_MONTH",
    "COOKIE_DATE_TIME",
    "COOKIE_DATE_TOKENS",
    "COOKIE_DATE_YEAR",
    "format_http_date",
    "parse_cookie_date",
    "parse_http_date",
    "rfc822_formatted_time",
)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBER = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}

_CLOCK = r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})"
# IMF-fixdate and the form of RFC 850, then asctime. What follows (a zone) says nothing: it is always GMT.
_DATE = re.compile(
    r"\s*[A-Za-z]{3,9},?\s+(?P<day>[0-9]{1,2})[ -](?P<month>[A-Za-z]{3})[ -](?P<year>[0-9]{4}|[0-9]{2})\s+" + _CLOCK
)
_ASCTIME = re.compile(
    r"\s*[A-Za-z]{3}\s+(?P<month>[A-Za-z]{3})\s+(?P<day>[0-9]{1,2})\s+" + _CLOCK + r"\s+(?P<year>[0-9]{4})"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

# As servers write them; the algorithm for all others finds the same in these.
_COOKIE_DATE = re.compile(
    r"[A-Z][a-z]{2}, ([0-9]{2})[ -](Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ -]([2-9][0-9]{3}|19[0-9]{2}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
# Tokens and their kinds as RFC 6265 5.1.1 has them; "non-digit *OCTET" may follow the digits.
COOKIE_DATE_TOKENS = re.compile(r"[\x00-\x08\x0a-\x1f0-9:A-Za-z\x7f-\xff]+")
COOKIE_DATE_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
COOKIE_DATE_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
COOKIE_DATE_MONTH = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE | re.ASCII)
COOKIE_DATE_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")


def parse_http_date(date_str: str | None) -> datetime | None:
    """Return the moment in UTC; None for None and for what is no HTTP date (RFC 9110 5.6.7)."""
    if date_str is None:
        return None
    match = _DATE.match(date_str) or _ASCTIME.match(date_str)
    if match is None:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 1900 if year > 68 else 2000
    month = _MONTH_NUMBER.get(match["month"].lower(), 0)
    try:
        return datetime(year, month, int(match["day"]), int(match["h"]), int(match["m"]), int(match["s"]), tzinfo=UTC)
    except ValueError:
        return None


@lru_cache(maxsize=64)  # the cookies of one response often have one date, and what deletes them always has
def parse_cookie_date(date_str: str) -> int | None:
    """Return the seconds since 1970 that the value of ``Expires`` means; None if it means nothing.

    Reads far more than HTTP dates, by the algorithm of RFC 6265 5.1.1.
    """
    usual = _COOKIE_DATE.fullmatch(date_str)
    if usual is not None:
        day, month, year, hour, minute, second = usual.groups()
        return _cookie_time(int(year), month, day, hour, minute, second)
    return _parse_any_cookie_date(date_str)


def _parse_any_cookie_date(date_str: str) -> int | None:
    clock = day = month = year = None
    for token in COOKIE_DATE_TOKENS.findall(date_str):
        if clock is None and (clock := COOKIE_DATE_TIME.match(token)):
            continue
        if day is None and (day := COOKIE_DATE_DAY.match(token)):
            continue
        if month is None and (month := COOKIE_DATE_MONTH.match(token)):
            continue
        if year is None:
            year = COOKIE_DATE_YEAR.match(token)
    if clock is None or day is None or month is None or year is None:
        return None
    number = int(year[1])
    if number < 100:
        number += 1900 if number >= 70 else 2000
    if number < 1601:
        return None
    return _cookie_time(number, month[1], day[1], *clock.groups())


def _cookie_time(year: int, month: str, day: str, hour: str, minute: str, second: str) -> int | None:
    try:
        moment = datetime(year, _MONTH_NUMBER[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        return None
    return (moment - _EPOCH) // _SECOND


def format_http_date(timestamp: float) -> str:
    """Return *timestamp*, seconds since 1970 in UTC, as an IMF-fixdate."""
    year, month, day, hour, minute, second, weekday, *_ = time.gmtime(timestamp)
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{second:02} GMT"


_now: tuple[int, str] = (0, "")


def rfc822_formatted_time() -> str:
    """Return the current time as an HTTP date; made anew once a second at most."""
    global _now
    second = int(time.time())
    known = _now
    if known[0] != second:
        known = _now = (second, format_http_date(second))
    return known[1]
