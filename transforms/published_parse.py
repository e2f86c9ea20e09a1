"""Reads one written date: ISO 8601, RFC 822, epoch numbers, `M/D/YYYY` and its kin, dates in words of many languages.

A date is read or dropped with a reason; it is never guessed. `3/4/2018` alone is two dates, so it comes back as
ambiguous with both readings, and only evidence (`day_first`, or `published.find`) turns it into one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib import import_module

from transforms import page_table
from transforms.article import Precision

EARLIEST_DAY = date(1605, 1, 1)
"""The year of the first printed newspaper (the Strasbourg "Relation"): nothing was published in the press before it."""

TWO_DIGIT_YEAR_PIVOT = 69
"""POSIX: a two-digit year from 69 on is of the 1900s, below it of the 2000s."""

MAX_DATE_CHARS = 200
"""The longest text taken for a written date; the longest real ones, with weekday and time zone, stay under 80."""

_EPOCH_SECONDS_DIGITS = range(9, 11)
_EPOCH_MILLIS_DIGITS = range(12, 14)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDate:
    """What a written date says: `moment` with its precision, or the `problem` for which it was dropped."""

    moment: datetime | None = None
    """UTC. A span (a day, a month, a year) is its first moment."""
    precision: Precision | None = None
    """`TIME` only where the text names both a time of day and its zone; a time without a zone is kept in `moment`, read
    as UTC, under the precision `DAY`."""
    day: date | None = None
    """The calendar day as written, in the text's own time zone."""
    problem: str | None = None
    """`unreadable-date`, `impossible-date`, `placeholder-date`, `date-out-of-bounds`, `ambiguous-day-month`."""
    readings: tuple[date, ...] = ()
    """For `ambiguous-day-month`: the days that it may mean, month first before day first."""


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
    parsed = _iso(text) or _number(text) or _numeric(text, day_first) or _words(text)
    return _bounded(parsed, latest) if parsed else ParsedDate(problem="unreadable-date")


def day_order(texts: list[str]) -> bool | None:
    """Return whether the numeric dates of one input are written day first; `None` if none or both orders occur.

    Only dates that allow one order (`23/4/2018`) are evidence.
    """
    orders = set()
    for text in texts:
        if found := _NUMERIC.match(text):
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second:
                orders.add(True)
            elif second > 12 >= first:
                orders.add(False)
    return orders.pop() if len(orders) == 1 else None


def at_day(day: date, precision: Precision = Precision.DAY) -> ParsedDate:
    """Return a calendar day (or the first day of a longer span) as a parsed date."""
    return ParsedDate(moment=datetime(day.year, day.month, day.day, tzinfo=UTC), precision=precision, day=day)


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
            return _moment(datetime.fromisoformat(text), dated_only=len(text) <= len("2018-01-23"))
        except (ValueError, OverflowError):
            pass
    if found := _ISO_LOOSE.match(text):
        year, month, day, hour, minute, second, zone = found.groups()
        clock = (int(hour), int(minute), int(second or 0)) if hour else None
        return _build(int(year), int(month), int(day), clock, _offset(zone))
    if found := _MONTH_ONLY.match(text):
        return _build(int(found[1]), int(found[2]), 1, precision=Precision.MONTH)
    if _YEAR_ONLY.match(text):
        return _build(int(text), 1, 1, precision=Precision.YEAR)
    return None


def _number(text: str) -> ParsedDate | None:
    digits = text.split(".", 1)[0]
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == len("20180123"):
        return _build(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if len(digits) == len("20180123235959"):
        clock = int(digits[8:10]), int(digits[10:12]), int(digits[12:])
        return _build(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), clock)
    if len(digits) in _EPOCH_SECONDS_DIGITS:
        return _moment(_EPOCH + timedelta(seconds=int(digits)))
    if len(digits) in _EPOCH_MILLIS_DIGITS:
        return _moment(_EPOCH + timedelta(milliseconds=int(digits)))
    return None


# --- M/D/YYYY and its kin -----------------------------------------------------------------------------------------

_CLOCK = re.compile(r"(?<![\d:])(\d{1,2})[:.h](\d\d)(?::(\d\d))?(?!\d)\s*([ap])?(?:\.?m\b\.?)?", re.IGNORECASE)
_ZONE = re.compile(r"(?<=[\d\sAPMapm.(])([+-]\d\d:?\d\d|Z|[A-Z]{2,4})(?![\w-])")
_NUMERIC = re.compile(r"(?:\D{0,20}?\b)?(\d{1,2})([/.\-])\s?(\d{1,2})\2\s?(\d{4}|\d\d)(?!\d)")


def _numeric(text: str, day_first: bool | None) -> ParsedDate | None:
    found = _NUMERIC.match(text)
    if not found:
        return None
    first, separator, second, year_text = int(found[1]), found[2], int(found[3]), found[4]
    year = int(year_text)
    if len(year_text) == 2:
        year += 1900 if year >= TWO_DIGIT_YEAR_PIVOT else 2000
    if separator == ".":  # a custom of day-first countries only
        day_first = True
    clock, zone = _clock(text[found.end() :])
    month_first = _build(year, first, second, clock, zone)
    other = _build(year, second, first, clock, zone)
    if month_first.problem or other.problem or month_first == other:
        return other if month_first.problem else month_first
    if day_first is not None:
        return other if day_first else month_first
    readings = tuple(reading.day for reading in (month_first, other) if reading.day)
    return ParsedDate(problem="ambiguous-day-month", readings=readings)


# --- Dates in words -----------------------------------------------------------------------------------------------

_DAY_MONTH_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª|°|-?го|-?е)?[\s\-/]*(?:de |d'|of |di |den |ng |tháng )?"
    r"([^\W\d_]{3,15}|\d{1,2})\.?,?[\s\-/]*(?:de |del |năm )?[\s,]*(\d{4})(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY_YEAR = re.compile(
    r"([^\W\d_]{3,15})\.?[\s\-]*(\d{1,2})(?:st|nd|rd|th|\.)?[\s,\-/]+(\d{4})(?!\d)", re.IGNORECASE
)
_YEAR_MONTH_DAY = re.compile(
    r"(\d{4})\s*[年년.]\s*(\d{1,2})\s*[月월.]\s*(\d{1,2})|(\d{4})[.,]?\s+([^\W\d_]{3,15})\.?\s+(\d{1,2})(?!\d)"
)
_MONTH_YEAR = re.compile(r"\W*([^\W\d_]{3,15})\.?,?\s+(?:de |del )?(\d{4})\W*\Z", re.IGNORECASE)
_RFC_850 = re.compile(r"[A-Za-z]+,?\s+(\d{1,2})-([A-Za-z]{3})-(\d\d)(?!\d)")


def _words(text: str) -> ParsedDate | None:
    for pattern, order in ((_DAY_MONTH_YEAR, (3, 2, 1)), (_MONTH_DAY_YEAR, (3, 1, 2))):
        for found in pattern.finditer(text):
            year, month, day = (found[group] for group in order)
            if number := _month(month):
                clock, zone = _clock(text[found.end() :], text[: found.start()])
                return _build(int(year), number, int(day), clock, zone)
    if found := _YEAR_MONTH_DAY.search(text):
        year, month, day = found.groups()[:3] if found[1] else found.groups()[3:]
        if number := int(month) if month.isdigit() else _month(month):
            return _build(int(year), number, int(day), *_clock(text[found.end() :]))
    if (found := _RFC_850.match(text)) and (number := _month(found[2])):
        short = int(found[3])
        year = short + (1900 if short >= TWO_DIGIT_YEAR_PIVOT else 2000)
        return _build(year, number, int(found[1]), *_clock(text[found.end() :]))
    if (found := _MONTH_YEAR.match(text)) and (number := _month(found[1])):
        return _build(int(found[2]), number, 1, precision=Precision.MONTH)
    return None


MONTH_LANGUAGES = (
    "en de fr es pt it nl sv da nb fi is pl cs sk hu ro bg ru uk sr-Latn sr-Cyrl sl lt lv et el tr id ms vi ca gl eu af "
    "sq mk az-Latn ka hy ar fa he hi bn ta th sw tl"
).split()
"""The languages whose month names are known: those with a large press, out of the 205 that dateparser has."""

_MONTHS = (
    "january february march april may june july august september october november december"
).split()  # fmt: skip


@cache
def _month_names() -> dict[str, int]:
    """Return month names (casefolded) → number, of dateparser's tables; names that two languages dispute are left out.

    "listopad" is October in Croatian and November in Polish: without the language it says nothing.
    """
    meanings: dict[str, set[int]] = {}
    for code in MONTH_LANGUAGES:
        names = import_module(f"dateparser.data.date_translation_data.{code}").info
        for number, month in enumerate(_MONTHS, start=1):
            for name in names.get(month, ()):
                meanings.setdefault(name.strip(". ").casefold(), set()).add(number)
    return {name: numbers.pop() for name, numbers in meanings.items() if len(numbers) == 1}


def _month(word: str) -> int | None:
    return _month_names().get(word.strip(".").casefold())


# --- Clock and zone -----------------------------------------------------------------------------------------------

Clock = tuple[int, int, int]


def _clock(after: str, before: str = "") -> tuple[Clock | None, tzinfo | None]:
    """Return the time of day and its zone written beside a date."""
    place = after
    found = _CLOCK.search(after)
    if not found:
        place, found = before, _CLOCK.search(before)
    if not found:
        return None, None
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    zone = _ZONE.search(place, max(found.end() - 1, 0))
    return (hour, int(found[2]), int(found[3] or 0)), _offset(zone[1]) if zone else None


@cache
def _zone_abbreviations() -> dict[str, timezone]:
    hours: dict[str, float] = page_table.load("published.toml")["zones"]
    return {name: timezone(timedelta(hours=offset)) for name, offset in hours.items()}


def _offset(zone: str | None) -> tzinfo | None:
    if not zone:
        return None
    if zone[0] in "+-":
        hours, minutes = int(zone[1:3]), int(zone[3:].lstrip(":") or 0)
        delta = timedelta(hours=hours, minutes=minutes)
        return timezone(-delta if zone[0] == "-" else delta) if delta < timedelta(hours=15) else None
    return _zone_abbreviations().get(zone)


# --- Bounds -------------------------------------------------------------------------------------------------------

_PLACEHOLDER_DAYS = frozenset({date(1970, 1, 1), date(1900, 1, 1), date(1899, 12, 30), date(1753, 1, 1)})
"""Zero moments of Unix, of SQL Server's two date types and of OLE: a field that was never filled."""


def _build(
    year: int,
    month: int,
    day: int,
    clock: Clock | None = None,
    zone: tzinfo | None = None,
    *,
    precision: Precision = Precision.DAY,
) -> ParsedDate:
    try:
        moment = datetime(year, month, day, *(clock or (0, 0, 0)), tzinfo=zone)
    except ValueError:
        return ParsedDate(problem="impossible-date")
    if precision is not Precision.DAY:
        return at_day(moment.date(), precision)
    return _moment(moment, dated_only=clock is None)


def _moment(moment: datetime, *, dated_only: bool = False) -> ParsedDate:
    """Return a moment; one at midnight sharp is a day, for so do programs write a day that has no time."""
    exact = moment.tzinfo is not None and not dated_only and (moment.hour, moment.minute, moment.second) != (0, 0, 0)
    day = moment.date()
    try:
        utc = moment.astimezone(UTC) if exact else moment.replace(tzinfo=UTC)
    except OverflowError:
        return ParsedDate(problem="date-out-of-bounds")
    return ParsedDate(moment=utc, precision=Precision.TIME if exact else Precision.DAY, day=day)


def _bounded(parsed: ParsedDate, latest: datetime | None) -> ParsedDate:
    if parsed.problem == "ambiguous-day-month" and latest:
        past = [day for day in parsed.readings if day <= (latest + timedelta(days=1)).date()]
        return at_day(past[0]) if len(past) == 1 else parsed
    if parsed.moment is None or parsed.day is None:
        return parsed
    if parsed.day in _PLACEHOLDER_DAYS and parsed.precision is Precision.DAY:
        return ParsedDate(problem="placeholder-date")
    if parsed.day < EARLIEST_DAY or parsed.day.year == datetime.max.year:
        return ParsedDate(problem="date-out-of-bounds")
    if latest and parsed.moment > latest + timedelta(days=1):
        return ParsedDate(problem="date-out-of-bounds")
    return parsed
