"""What a written date means: from its parts and the day of publication to a span of days.

Rules, in the order of their use:

- A weekday is the latest one up to the day of publication, that day included; with a sign of the future, the first one
  from it on. "last" is strictly before, "next" strictly after it.
- A day without a year is in the year that brings it nearest to the day of publication. Where that is more than
  `NEAR_DAYS` away, it is the latest such day, or with a sign of the future the coming one. A weekday beside it decides
  before everything else.
- A month without a year: a sign of tense decides, else the nearest.
- Weeks run from Monday to Sunday; "two weeks ago" is that week, "three years ago" that year.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from newsdex.transforms.article import Precision
from newsdex.transforms.dates.relative import (
    Tense,
    ago,
    day_word,
    month_near,
    near_day,
    near_month,
    period,
    weekday_near,
)
from newsdex.transforms.dates.spans import (
    Parts,
    Span,
    day_span,
    days_span,
    month_span,
    months_span,
    year_span,
    years_span,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_YEAR, LAST_YEAR = 1000, 2200
"""Years outside are numbers, not dates."""


def resolve(kind: str, parts: Parts, today: date | None, tense: Tense) -> Span | None:
    """Return the span that a date of this kind covers, or `None` where the parts make no date.

    Args:
        kind: A shape's kind.
        parts: Its parts.
        today: The day of publication; without one, what depends on it stays unresolved.
        tense: What the words around it say.
    """
    try:
        span = _KINDS[kind](parts, today, tense)
    except (ValueError, OverflowError):  # the 31st of February, or a year far out
        return None
    if span and span.start and span.end and not FIRST_YEAR <= span.start.year <= span.end.year <= LAST_YEAR:
        return None
    return span


def _given_year(parts: Parts, today: date | None) -> int | None:
    """Return the year as written, or as "next year" says it."""
    if parts.y is None and parts.turn is not None and today:
        return today.year + parts.turn
    return parts.y


def _day(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.m is None or parts.d is None:
        return None
    if year is not None:
        return day_span(date(year, parts.m, parts.d))
    date(2000, parts.m, parts.d)  # a ValueError for the 31st of June
    return day_span(near_day(parts.m, parts.d, today, tense, parts.w)) if today else Span(Precision.DAY)


def _days(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    first = _day(parts, today, tense)
    if first is None or parts.d is None or parts.d2 is None or parts.d >= parts.d2:
        return None
    return days_span(first.start, first.start.replace(day=parts.d2)) if first.start else Span(Precision.RANGE)


def _span(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    if parts.m is None or parts.d is None or parts.m2 is None or parts.d2 is None:
        return None
    if parts.y is None and not today:
        return Span(Precision.RANGE)
    turns = (parts.m, parts.d) > (parts.m2, parts.d2)
    if parts.y is not None:
        start = date(parts.y1 or parts.y - turns, parts.m, parts.d)
    else:
        start = near_day(parts.m, parts.d, today or date.min, tense)
    return days_span(start, date(parts.y or start.year + turns, parts.m2, parts.d2))


def _month_kind(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.m is None:
        return None
    if year is not None:
        return month_span(year, parts.m)
    return near_month(parts.m, today, tense) if today else Span(Precision.MONTH)


def _month_range(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    if parts.m is None or parts.m2 is None or parts.y is None:
        return None
    start = month_span(parts.y - (parts.m > parts.m2), parts.m).start
    end = month_span(parts.y, parts.m2).end
    return Span(Precision.RANGE, start, end)


def _quarter(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.q is None:
        return None
    return months_span(year, 3 * parts.q - 2, 3 * parts.q, Precision.QUARTER) if year else Span(Precision.QUARTER)


def _half(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.q not in {1, 2}:
        return None
    return months_span(year, 6 * parts.q - 5, 6 * parts.q) if year else Span(Precision.RANGE)


def _decade(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    if parts.y is not None:
        return years_span(parts.y, parts.y + 9)
    if parts.yy is None:
        return None
    # "the '10s" are of this century, "the '20s" and later of the last one.
    first = parts.yy + (2000 if parts.yy < 20 else 1900)
    return years_span(first, first + 9)


def _year_range(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    if parts.y is None:
        return None
    last = parts.y2 if parts.y2 is not None else parts.y - parts.y % 100 + (parts.yy2 or 0)
    return years_span(parts.y, last)


def _fixed(parts: Parts, _today: date | None, _tense: Tense) -> Span:
    return day_span(date.fromisoformat(parts.iso))


def _year_kind(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    return year_span(parts.y) if parts.y is not None else None


_KINDS: dict[str, Callable[[Parts, date | None, Tense], Span | None]] = {
    "day": _day,
    "days": _days,
    "span": _span,
    "month": _month_kind,
    "month-near": month_near,
    "months": _month_range,
    "quarter": _quarter,
    "half": _half,
    "decade": _decade,
    "year": _year_kind,
    "years": _year_range,
    "day-word": day_word,
    "weekday": weekday_near,
    "period": period,
    "ago": ago,
    "fixed": _fixed,
}
