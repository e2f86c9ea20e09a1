"""Days and spans of days as a person types them: `2018`, `2018-01`, `2018-01-23`, `2018-Q3`, `2018-01..2018-03`."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime

from newsdex.search.errors import SearchError

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")

_QUARTER = re.compile(r"([0-9]{4})-?[Qq]([1-4])")

_BETWEEN = re.compile(r"\.\.|/")


def first_day(text: str) -> date:
    """Return the first day of a year, month or day as a person types it: `2018`, `2018-01`, `2018-01-23`.

    Raises:
        SearchError: it is none of these, or no day of the calendar.
    """
    year, month, day = _parts(text)
    return _day(text, year, month or 1, day or 1)


def last_day(text: str) -> date:
    """Return the last day of a year, month or day as a person types it; errors as in `first_day`."""
    year, month, day = _parts(text)
    start = _day(text, year, month or 12, day or 1)
    return start if day else start.replace(day=calendar.monthrange(start.year, start.month)[1])


def span_of_days(text: str) -> tuple[date, date]:
    """Return the first and the last day of a year, quarter, month, day or span of these.

    Raises:
        SearchError: it is none of these, or ends before it begins.
    """
    begins, *ends = _BETWEEN.split(text.strip(), maxsplit=1)
    first, last = _quarter(begins) or (first_day(begins), last_day(begins))
    if ends:
        last = (_quarter(ends[0]) or (None, last_day(ends[0])))[1]
    if last < first:
        raise SearchError(f"{text[:40]!r} ends before it begins: swap the two dates.")
    return first, last


def is_day(text: str) -> bool:
    """Tell whether what is typed is one day, not a longer span."""
    return text.count("-") == 2 and not _BETWEEN.search(text)


def _quarter(text: str) -> tuple[date, date] | None:
    found = _QUARTER.fullmatch(text.strip())
    if not found:
        return None
    year, month = int(found[1]), 3 * int(found[2])
    return _day(text, year, month - 2, 1), date(year, month, calendar.monthrange(year, month)[1])


def _parts(text: str) -> tuple[int, int | None, int | None]:
    found = _DAY.fullmatch(text.strip())
    if not found:
        raise SearchError(
            f"{text[:40]!r} is not a date: type a year, month or day such as 2018, 2018-01 or 2018-01-23."
        )
    year, month, day = found.groups()
    return int(year), int(month) if month else None, int(day) if day else None


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return datetime(year, month, day, tzinfo=UTC).date()
    except ValueError as error:
        raise SearchError(f"{text[:40]!r} is no day of the calendar: type one such as 2018-01-23.") from error
