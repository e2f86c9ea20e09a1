"""Dates that are meant from the day of publication: a weekday, a day or month without a year, so many weeks ago."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

from newsdex.transforms.article import Precision
from newsdex.transforms.dates.spans import (
    UNIT_PRECISIONS,
    Parts,
    Span,
    day_span,
    month_span,
    months_span,
    week_span,
    year_span,
)

NEAR_DAYS = 60
"""A day without year that is this near to the publication is that one, whatever the tense: papers announce and look
back by weeks. Further away the two candidates are months off, and the verb tells."""


FUTURE_MONTHS = 8
"""A month without year that is further ahead than this is the past one: signs of the future are weaker than those of
the past, and papers name the year of what is that far off."""


Tense = Literal["future", "past"] | None


def near_day(month: int, day: int, today: date, tense: Tense, weekday: int | None = None) -> date:
    """Return the day of this month and day that is meant in an article of `today`."""
    days = [
        date(year, month, day) for year in range(today.year - 4, today.year + 5) if day <= monthrange(year, month)[1]
    ]
    days.sort(key=lambda one: abs((one - today).days))
    fitting = [one for one in days[:3] if one.weekday() == weekday]
    if fitting:
        return fitting[0]
    if abs((days[0] - today).days) > NEAR_DAYS:
        return next((one for one in days if (one > today) == (tense == "future")), days[0])
    return days[0]


def near_month(month: int, today: date, tense: Tense, turn: int | None = None) -> Span:
    """Return the month of this name that is meant; `turn` excludes the current one, a tense does not."""
    now = today.year * 12 + today.month - 1
    near = [now + away for away in range(-12, 13) if (now + away) % 12 + 1 == month]
    if turn:
        near = [one for one in near if (one - now) * turn > 0]
    elif turn == 0:
        near = [one for one in near if one // 12 == today.year]
    elif tense:
        fitting = [one for one in near if (0 <= one - now <= FUTURE_MONTHS if tense == "future" else one <= now)]
        near = fitting or near
    best = min(near, key=lambda one: abs(one - now))
    return month_span(best // 12, month)


def month_near(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    """Return a month without a year, or "last May"."""
    if parts.m is None:
        return None
    return near_month(parts.m, today, tense, parts.turn) if today else Span(Precision.MONTH)


def day_word(parts: Parts, today: date | None, _tense: Tense) -> Span:
    """Return "yesterday", "today" and the like."""
    return day_span(today + timedelta(days=parts.n or 0)) if today else Span(Precision.DAY)


def weekday_near(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    """Return a weekday: the one that the tense or "last" and "next" mean."""
    if parts.w is None:
        return None
    if not today:
        return Span(Precision.DAY)
    ahead = (parts.w - today.weekday()) % 7
    if parts.turn == 1:
        return day_span(today + timedelta(days=ahead or 7))
    if parts.turn == -1:
        return day_span(today - timedelta(days=(7 - ahead) % 7 or 7))
    if tense == "future" or (parts.turn == 0 and tense != "past"):
        return day_span(today + timedelta(days=ahead))
    return day_span(today - timedelta(days=(7 - ahead) % 7))


def period(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    """Return "this week", "next year" and the like."""
    if parts.unit is None or parts.unit == "day" or parts.turn is None:
        return None
    precision = UNIT_PRECISIONS[parts.unit]
    return shifted(today, parts.unit, parts.turn) if today else Span(precision)


def ago(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    """Return "three weeks ago", "in two months"."""
    if parts.unit is None or parts.unit == "weekend":
        return None
    count = 1 if parts.n is None else parts.n
    if count == 0:
        return None
    return shifted(today, parts.unit, -count) if today else Span(UNIT_PRECISIONS[parts.unit])


def shifted(today: date, unit: str, count: int) -> Span:
    """Return the calendar unit that is `count` units away from today's."""
    if unit == "day":
        return day_span(today + timedelta(days=count))
    if unit in {"week", "weekend"}:
        week = week_span(today + timedelta(days=7 * count))
        start = week.end - timedelta(days=1) if unit == "weekend" and week.end else week.start
        return Span(Precision.RANGE, start, week.end)
    if unit == "year":
        return year_span(today.year + count)
    months = today.year * 12 + today.month - 1 + count * (3 if unit == "quarter" else 1)
    year, month = divmod(months, 12)
    if unit == "month":
        return month_span(year, month + 1)
    first = month // 3 * 3 + 1
    return months_span(year, first, first + 2, Precision.QUARTER)
