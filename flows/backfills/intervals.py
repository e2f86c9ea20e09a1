"""Intervals of time: half-open spans of whole days, cut by day, week or month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from newsdex.flows.config.settings import SettingsError
from newsdex.flows.config.source_schedule import expand_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsdex.flows.config.source_schedule import ScheduledSource

DATE_PATTERN = r"^(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
"""What a form accepts as a date; that there is no 30 February is found when the run begins."""

MOST_INTERVALS = 4_000
"""Ten years of days: each is a run of its own in Prefect, which keeps 20 kB of it."""

PER_RUN = {"{dd}": "day", "{mm}": "month", "{yyyy}": "year"}


class Step(StrEnum):
    """How long an interval is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A half-open span of days: from `start` up to, not including, `end`."""

    start: date
    end: date

    def __str__(self) -> str:
        """Return it as it is recorded: 2020-01-01/2020-01-02."""
        return f"{self.start}/{self.end}"

    @property
    def label(self) -> str:
        """As a person reads it."""
        last = self.end - timedelta(days=1)
        return str(self.start) if last == self.start else f"{self.start} to {last}"

    def days(self) -> Iterator[date]:
        """Yield every day of it."""
        day = self.start
        while day < self.end:
            yield day
            day += timedelta(days=1)


def interval_between(start: str, end: str) -> Interval:
    """Return the interval from `start` up to, not including, `end`.

    Raises:
        SettingsError: one is no date, or they are in the wrong order.
    """
    first, last = _day(start), _day(end)
    if last <= first:
        raise SettingsError(
            f"The end {end} does not come after the start {start}: the end is the first day that is left out, so one "
            f"day is {start} to {first + timedelta(days=1)}."
        )
    return Interval(first, last)


def cut(whole: Interval, by: Step) -> list[Interval]:
    """Cut an interval by day, by week (from Monday) or by calendar month; the first and last may be shorter.

    Raises:
        SettingsError: it would give too many.
    """
    intervals: list[Interval] = []
    start = whole.start
    while start < whole.end:
        end = min(_next(start, by), whole.end)
        intervals.append(Interval(start, end))
        start = end
    if len(intervals) > MOST_INTERVALS:
        raise SettingsError(
            f"From {whole.start} to {whole.end} there are {len(intervals):,} intervals, and at most {MOST_INTERVALS:,} "
            "go into one backfill: take longer intervals (by week, by month), or several backfills."
        )
    return intervals


def locations_of(source: ScheduledSource, interval: Interval) -> list[str]:
    """Return the locations of a source that selects by path, for one interval.

    Raises:
        SettingsError: a path names months or years only, and the interval is a part of one.
    """
    found: dict[str, None] = {}
    for location in source.locations:
        unit = next((unit for part, unit in PER_RUN.items() if part in location), "year")
        if not _whole(interval, unit):
            raise SettingsError(
                f"The source {source.name!r} keeps its articles by {unit} ({location}), so {interval.label} cannot be "
                f"told from the rest of it: let start and end be first days of a {unit}, and take no shorter intervals."
            )
        for day in interval.days():
            found[expand_date(location, day.year, day.month, day.day)] = None
    return list(found)


def _whole(interval: Interval, unit: str) -> bool:
    if unit == "day":
        return True
    begins = (interval.start, interval.end)
    return all(day.day == 1 and (unit == "month" or day.month == 1) for day in begins)


def _day(text: str) -> date:
    if not re.fullmatch(DATE_PATTERN, text):
        raise SettingsError(f"{text!r} is no date: write it as 2020-01-31.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"There is no {text} in the calendar: correct the day.") from None


def _next(day: date, by: Step) -> date:
    if by is Step.DAY:
        return day + timedelta(days=1)
    if by is Step.WEEK:
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
