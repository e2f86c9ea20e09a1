"""What a written date comes to: a moment with its precision, or the reason why it was dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from newsdex.transforms.article import Precision

Clock = tuple[int, int, int]
"""Hour, minute, second."""


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
    is_utc: bool = False
    """The text gives its moment in UTC, as programs do, and not with the offset of a place."""
    problem: str | None = None
    """`unreadable-date`, `impossible-date`, `placeholder-date`, `date-out-of-bounds`, `ambiguous-day-month`."""
    readings: tuple[date, ...] = ()
    """For `ambiguous-day-month`: the days that it may mean, month first before day first."""


def at_day(day: date, precision: Precision = Precision.DAY) -> ParsedDate:
    """Return a calendar day (or the first day of a longer span) as a parsed date."""
    return ParsedDate(moment=datetime(day.year, day.month, day.day, tzinfo=UTC), precision=precision, day=day)


def build(
    year: int,
    month: int,
    day: int,
    clock: Clock | None = None,
    zone: tzinfo | None = None,
    *,
    precision: Precision = Precision.DAY,
) -> ParsedDate:
    """Return the date of the parts, or `impossible-date` where the calendar has no such day or time."""
    try:
        moment = datetime(year, month, day, *(clock or (0, 0, 0)), tzinfo=zone)
    except ValueError:
        return ParsedDate(problem="impossible-date")
    if precision is not Precision.DAY:
        return at_day(moment.date(), precision)
    return exact_moment(moment, dated_only=clock is None)


def exact_moment(moment: datetime, *, dated_only: bool = False) -> ParsedDate:
    """Return a moment, as a date; one at midnight sharp is a day, for so do programs write a day that has no time."""
    exact = moment.tzinfo is not None and not dated_only and (moment.hour, moment.minute, moment.second) != (0, 0, 0)
    day = moment.date()
    try:
        utc = moment.astimezone(UTC) if exact else moment.replace(tzinfo=UTC)
    except OverflowError:
        return ParsedDate(problem="date-out-of-bounds")
    return ParsedDate(
        moment=utc,
        precision=Precision.TIME if exact else Precision.DAY,
        day=day,
        is_utc=exact and not moment.utcoffset(),
    )
