"""Reads one written date: ISO 8601, RFC 822, epoch numbers, `M/D/YYYY` and its kin, dates in words of many languages.

A date is read or dropped with a reason; it is never guessed. `3/4/2018` alone is two dates, so it comes back as
ambiguous with both readings, and only evidence (`day_first`, or `published.find`) turns it into one.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from newsdex.transforms.article import Precision
from newsdex.transforms.dates import clock as published_clock
from newsdex.transforms.dates import month_names
from newsdex.transforms.dates.parsed import ParsedDate, at_day, build, exact_moment

EARLIEST_DAY = date(1605, 1, 1)
"""The year of the first printed newspaper (the Strasbourg "Relation"): nothing was published in the press before it."""

MAX_DATE_CHARS = 200
"""The longest text taken for a written date; the longest real ones, with weekday and time zone, stay under 80."""

_LAST_YEAR = 9999
"""What programs write for "never"."""

_EPOCH_SECONDS_DIGITS = range(9, 11)
_EPOCH_MILLIS_DIGITS = range(12, 14)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(text: str, *, latest: datetime | None = None, day_first: bool | None = None) -> ParsedDate:
    """Read one written date.

    Args:
        text: The date as found.
        latest: The latest moment that can be true (when the page was fetched, or the run's own reference moment); a
            day is allowed on top of it, for time zones. Without it only the calendar's own bounds hold.
        day_first: Whether `3/4/2018` is day/month in this input, if something tells (see `day_order`).

    Returns:
        The date, or the reason why there is none. Never raises.
    """
    if len(text) > MAX_DATE_CHARS:
        return ParsedDate(problem="unreadable-date")
    text = text.strip()
    parsed = _iso(text) or _number(text) or _numeric(text, day_first) or month_names.read(text)
    return _bounded(parsed, latest) if parsed else ParsedDate(problem="unreadable-date")


def is_ambiguous(text: str) -> bool:
    """Return whether a date is numeric and may be read day first as well as month first (`3/4/2018`)."""
    found = _NUMERIC.match(text[:MAX_DATE_CHARS].strip())
    return found is not None and int(found[1]) <= 12 and int(found[3]) <= 12 and found[1] != found[3]


def day_order(texts: list[str]) -> bool | None:
    """Return whether the numeric dates of one input are written day first; `None` if none or both orders occur.

    Only dates that allow one order (`23/4/2018`) are evidence.
    """
    orders = set()
    for text in texts:
        if found := _NUMERIC.match(text.strip()):
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second:
                orders.add(True)
            elif second > 12 >= first:
                orders.add(False)
    return orders.pop() if len(orders) == 1 else None


_ANYWHERE = re.compile(
    r"(?<![\d/.-])(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}([/.-])\s?\d{1,2}\1\s?(?:\d{4}|\d\d))(?!\d)"
)


def first_in(text: str, *, latest: datetime | None = None, day_first: bool | None = None) -> ParsedDate | None:
    """Return the first whole date (to the day) that stands somewhere in a line of text; `None` if there is none."""
    found = _ANYWHERE.search(text[:MAX_DATE_CHARS])
    for candidate in (text[found.start() :] if found else None, text):
        if candidate:
            parsed = parse(candidate[:MAX_DATE_CHARS], latest=latest, day_first=day_first)
            if parsed.moment and parsed.precision in (Precision.DAY, Precision.TIME):
                return parsed
    return None


# --- ISO 8601 and plain numbers -----------------------------------------------------------------------------------

_ISO_START = re.compile(r"\d{4}-\d\d-\d\d|\d{8}T")
_ISO_LOOSE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T\s,]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,]\d+)?\s*(Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b|[+-]\d\d\b)?)?(?!\d)"
)
_MONTH_ONLY = re.compile(r"(\d{4})[-/](\d{1,2})\Z")
_YEAR_ONLY = re.compile(r"\d{4}\Z")


def _iso(text: str) -> ParsedDate | None:
    if _ISO_START.match(text):
        try:
            return exact_moment(datetime.fromisoformat(text), dated_only=len(text) <= len("2018-01-23"))
        except (ValueError, OverflowError):
            pass
    if found := _ISO_LOOSE.match(text):
        year, month, day, hour, minute, second, zone = found.groups()
        clock = (int(hour), int(minute), int(second or 0)) if hour else None
        return build(int(year), int(month), int(day), clock, published_clock.offset(zone))
    if found := _MONTH_ONLY.match(text):
        return build(int(found[1]), int(found[2]), 1, precision=Precision.MONTH)
    if _YEAR_ONLY.match(text):
        return build(int(text), 1, 1, precision=Precision.YEAR)
    return None


def _number(text: str) -> ParsedDate | None:
    digits = text.split(".", 1)[0]
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == len("20180123"):
        return build(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if len(digits) == len("20180123235959"):
        clock = int(digits[8:10]), int(digits[10:12]), int(digits[12:])
        return build(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), clock)
    if len(digits) in _EPOCH_SECONDS_DIGITS:
        return exact_moment(_EPOCH + timedelta(seconds=int(digits)))
    if len(digits) in _EPOCH_MILLIS_DIGITS:
        return exact_moment(_EPOCH + timedelta(milliseconds=int(digits)))
    return None


# --- M/D/YYYY and its kin -----------------------------------------------------------------------------------------

_NUMERIC = re.compile(r"(?:\D{0,20}?\b)?(\d{1,2})([/.\-])\s?(\d{1,2})\2\s?(\d{4}|\d\d)(?!\d)")


def _numeric(text: str, day_first: bool | None) -> ParsedDate | None:
    found = _NUMERIC.match(text)
    if not found:
        return None
    first, separator, second, year_text = int(found[1]), found[2], int(found[3]), found[4]
    year = int(year_text)
    if len(year_text) == 2:
        year = month_names.century(year)
    if separator == ".":  # a custom of day-first countries only
        day_first = True
    clock, zone = published_clock.read(text[found.end() :])
    month_first = build(year, first, second, clock, zone)
    other = build(year, second, first, clock, zone)
    if month_first.problem or other.problem or month_first == other:
        return other if month_first.problem else month_first
    if day_first is not None:
        return other if day_first else month_first
    readings = tuple(reading.day for reading in (month_first, other) if reading.day)
    return ParsedDate(problem="ambiguous-day-month", readings=readings)


# --- Bounds ----

_PLACEHOLDER_DAYS = frozenset({date(1970, 1, 1), date(1900, 1, 1), date(1899, 12, 30), date(1753, 1, 1)})
"""Zero moments of Unix, of SQL Server's two date types and of OLE: a field that was never filled."""


def _bounded(parsed: ParsedDate, latest: datetime | None) -> ParsedDate:
    if parsed.problem == "ambiguous-day-month" and latest:
        past = [day for day in parsed.readings if day <= (latest + timedelta(days=1)).date()]
        return at_day(past[0]) if len(past) == 1 else parsed
    if parsed.moment is None or parsed.day is None:
        return parsed
    if parsed.day in _PLACEHOLDER_DAYS and parsed.precision is Precision.DAY:
        return ParsedDate(problem="placeholder-date")
    if parsed.day < EARLIEST_DAY or parsed.day.year == _LAST_YEAR:
        return ParsedDate(problem="date-out-of-bounds")
    if latest and parsed.moment > latest + timedelta(days=1):
        return ParsedDate(problem="date-out-of-bounds")
    return parsed
