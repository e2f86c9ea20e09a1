"""Spans of time, from a day to a range of years, and the parts of a written date that they are made from."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from newsdex.transforms.article import Precision


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
                return self._range_iso()

    def _range_iso(self) -> str:
        """Return the shortest form that says the same: whole years, whole months, days."""
        start, end = self.start or date.min, self.end or date.max
        if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
            return f"{start.year}/{end.year}"
        if start.day == 1 and end == month_span(end.year, end.month).end:
            return f"{start.isoformat()[:7]}/{end.isoformat()[:7]}"
        return f"{start}/{end}"


def month_span(year: int, month: int) -> Span:
    """Return a whole month."""
    return Span(Precision.MONTH, date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def year_span(year: int) -> Span:
    """Return a whole year."""
    return Span(Precision.YEAR, date(year, 1, 1), date(year, 12, 31))


def years_span(first: int, last: int) -> Span | None:
    """Return the years from `first` to `last`, or `None` where they do not follow each other."""
    return Span(Precision.RANGE, date(first, 1, 1), date(last, 12, 31)) if first < last else None


def months_span(year: int, first: int, last: int, precision: Precision = Precision.RANGE) -> Span:
    """Return the months from `first` to `last` of one year."""
    return Span(precision, date(year, first, 1), month_span(year, last).end)


def days_span(start: date, end: date) -> Span | None:
    """Return the days from `start` to `end`, or `None` where they do not follow each other."""
    return Span(Precision.RANGE, start, end) if start < end else None


def day_span(day: date) -> Span:
    """Return one day."""
    return Span(Precision.DAY, day, day)


def week_span(day: date) -> Span:
    """Return the week of a day, from Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Span(Precision.RANGE, monday, monday + timedelta(days=6))


UNIT_PRECISIONS = {
    "day": Precision.DAY,
    "week": Precision.RANGE,
    "weekend": Precision.RANGE,
    "month": Precision.MONTH,
    "quarter": Precision.QUARTER,
    "year": Precision.YEAR,
}
