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

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from newsdex.transforms.article import Precision

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_YEAR, LAST_YEAR = 1000, 2200
"""Years outside are numbers, not dates."""

NEAR_DAYS = 60
"""A day without year that is this near to the publication is that one, whatever the tense: papers announce and look
back by weeks. Further away the two candidates are months off, and the verb tells."""

FUTURE_MONTHS = 8
"""A month without year that is further ahead than this is the past one: signs of the future are weaker than those of
the past, and papers name the year of what is that far off."""

Tense = Literal["future", "past"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a shape's groups say, as numbers; `None` where they say nothing."""

    d: int | None = None
    d2: int | None = None
    m: int | None = None
    m2: int | None = None
    y: int | None = None
    y1: int | None = None
    y2: int | None = None
    yy: int | None = None
    """A decade in two digits: 90."""
    yy2: int | None = None
    """The last two digits of a range's second year."""
    q: int | None = None
    """A quarter, or a half."""
    w: int | None = None
    """A weekday, Monday is 0."""
    n: int | None = None
    turn: int | None = None
    """-1 for "last", 0 for "this", 1 for "next"."""
    unit: str | None = None
    iso: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a date covers; `start` and `end` are `None` where they depend on an unknown publication date."""

    precision: Precision
    start: date | None = None
    end: date | None = None

    @property
    def iso(self) -> str:
        """ISO 8601, `""` where not resolved."""
        if self.start is None or self.end is None:
            return ""
        match self.precision:
            case Precision.DAY:
                return self.start.isoformat()
            case Precision.MONTH:
                return self.start.isoformat()[:7]
            case Precision.QUARTER:
                return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
            case Precision.YEAR:
                return str(self.start.year)
            case _:
                return self._range()

    def _range(self) -> str:
        """Return the shortest form that says the same: whole years, whole months, days."""
        start, end = self.start or date.min, self.end or date.max
        if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
            return f"{start.year}/{end.year}"
        if start.day == 1 and end == _month(end.year, end.month).end:
            return f"{start.isoformat()[:7]}/{end.isoformat()[:7]}"
        return f"{start}/{end}"


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


def _month(year: int, month: int) -> Span:
    return Span(Precision.MONTH, date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _year(year: int) -> Span:
    return Span(Precision.YEAR, date(year, 1, 1), date(year, 12, 31))


def _years(first: int, last: int) -> Span | None:
    return Span(Precision.RANGE, date(first, 1, 1), date(last, 12, 31)) if first < last else None


def _months(year: int, first: int, last: int, precision: Precision = Precision.RANGE) -> Span:
    return Span(precision, date(year, first, 1), _month(year, last).end)


def _range(start: date, end: date) -> Span | None:
    return Span(Precision.RANGE, start, end) if start < end else None


def _one(day: date) -> Span:
    return Span(Precision.DAY, day, day)


def _week(day: date) -> Span:
    monday = day - timedelta(days=day.weekday())
    return Span(Precision.RANGE, monday, monday + timedelta(days=6))


def _given_year(parts: Parts, today: date | None) -> int | None:
    """Return the year as written, or as "next year" says it."""
    if parts.y is None and parts.turn is not None and today:
        return today.year + parts.turn
    return parts.y


def _near_day(month: int, day: int, today: date, tense: Tense, weekday: int | None = None) -> date:
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


def _day(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.m is None or parts.d is None:
        return None
    if year is not None:
        return _one(date(year, parts.m, parts.d))
    date(2000, parts.m, parts.d)  # a ValueError for the 31st of June
    return _one(_near_day(parts.m, parts.d, today, tense, parts.w)) if today else Span(Precision.DAY)


def _days(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    first = _day(parts, today, tense)
    if first is None or parts.d is None or parts.d2 is None or parts.d >= parts.d2:
        return None
    return _range(first.start, first.start.replace(day=parts.d2)) if first.start else Span(Precision.RANGE)


def _span(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    if parts.m is None or parts.d is None or parts.m2 is None or parts.d2 is None:
        return None
    if parts.y is None and not today:
        return Span(Precision.RANGE)
    turns = (parts.m, parts.d) > (parts.m2, parts.d2)
    if parts.y is not None:
        start = date(parts.y1 or parts.y - turns, parts.m, parts.d)
    else:
        start = _near_day(parts.m, parts.d, today or date.min, tense)
    return _range(start, date(parts.y or start.year + turns, parts.m2, parts.d2))


def _near_month(month: int, today: date, tense: Tense, turn: int | None = None) -> Span:
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
    return _month(best // 12, month)


def _month_kind(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.m is None:
        return None
    if year is not None:
        return _month(year, parts.m)
    return _near_month(parts.m, today, tense) if today else Span(Precision.MONTH)


def _month_near(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    if parts.m is None:
        return None
    return _near_month(parts.m, today, tense, parts.turn) if today else Span(Precision.MONTH)


def _month_range(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    if parts.m is None or parts.m2 is None or parts.y is None:
        return None
    start = _month(parts.y - (parts.m > parts.m2), parts.m).start
    end = _month(parts.y, parts.m2).end
    return Span(Precision.RANGE, start, end)


def _quarter(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.q is None:
        return None
    return _months(year, 3 * parts.q - 2, 3 * parts.q, Precision.QUARTER) if year else Span(Precision.QUARTER)


def _half(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    year = _given_year(parts, today)
    if parts.q not in {1, 2}:
        return None
    return _months(year, 6 * parts.q - 5, 6 * parts.q) if year else Span(Precision.RANGE)


def _decade(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    if parts.y is not None:
        return _years(parts.y, parts.y + 9)
    if parts.yy is None:
        return None
    # "the '10s" are of this century, "the '20s" and later of the last one.
    first = parts.yy + (2000 if parts.yy < 20 else 1900)
    return _years(first, first + 9)


def _year_range(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    if parts.y is None:
        return None
    last = parts.y2 if parts.y2 is not None else parts.y - parts.y % 100 + (parts.yy2 or 0)
    return _years(parts.y, last)


def _day_word(parts: Parts, today: date | None, _tense: Tense) -> Span:
    return _one(today + timedelta(days=parts.n or 0)) if today else Span(Precision.DAY)


def _weekday(parts: Parts, today: date | None, tense: Tense) -> Span | None:
    if parts.w is None:
        return None
    if not today:
        return Span(Precision.DAY)
    ahead = (parts.w - today.weekday()) % 7
    if parts.turn == 1:
        return _one(today + timedelta(days=ahead or 7))
    if parts.turn == -1:
        return _one(today - timedelta(days=(7 - ahead) % 7 or 7))
    if tense == "future" or (parts.turn == 0 and tense != "past"):
        return _one(today + timedelta(days=ahead))
    return _one(today - timedelta(days=(7 - ahead) % 7))


def _period(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    if parts.unit is None or parts.unit == "day" or parts.turn is None:
        return None
    precision = _PRECISIONS[parts.unit]
    return _shifted(today, parts.unit, parts.turn) if today else Span(precision)


def _ago(parts: Parts, today: date | None, _tense: Tense) -> Span | None:
    if parts.unit is None or parts.unit == "weekend":
        return None
    count = 1 if parts.n is None else parts.n
    if count == 0:
        return None
    return _shifted(today, parts.unit, -count) if today else Span(_PRECISIONS[parts.unit])


def _shifted(today: date, unit: str, count: int) -> Span:
    """Return the calendar unit that is `count` units away from today's."""
    if unit == "day":
        return _one(today + timedelta(days=count))
    if unit in {"week", "weekend"}:
        week = _week(today + timedelta(days=7 * count))
        start = week.end - timedelta(days=1) if unit == "weekend" and week.end else week.start
        return Span(Precision.RANGE, start, week.end)
    if unit == "year":
        return _year(today.year + count)
    months = today.year * 12 + today.month - 1 + count * (3 if unit == "quarter" else 1)
    year, month = divmod(months, 12)
    if unit == "month":
        return _month(year, month + 1)
    first = month // 3 * 3 + 1
    return _months(year, first, first + 2, Precision.QUARTER)


def _fixed(parts: Parts, _today: date | None, _tense: Tense) -> Span:
    return _one(date.fromisoformat(parts.iso))


def _year_kind(parts: Parts, _today: date | None, _tense: Tense) -> Span | None:
    return _year(parts.y) if parts.y is not None else None


_PRECISIONS = {
    "day": Precision.DAY,
    "week": Precision.RANGE,
    "weekend": Precision.RANGE,
    "month": Precision.MONTH,
    "quarter": Precision.QUARTER,
    "year": Precision.YEAR,
}

_KINDS: dict[str, Callable[[Parts, date | None, Tense], Span | None]] = {
    "day": _day,
    "days": _days,
    "span": _span,
    "month": _month_kind,
    "month-near": _month_near,
    "months": _month_range,
    "quarter": _quarter,
    "half": _half,
    "decade": _decade,
    "year": _year_kind,
    "years": _year_range,
    "day-word": _day_word,
    "weekday": _weekday,
    "period": _period,
    "ago": _ago,
    "fixed": _fixed,
}
