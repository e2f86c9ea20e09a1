"""When the articles that match were published: bars of equal calendar length, as many as a screen shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import explained
from newsdex.search.query.clauses import match_clause
from newsdex.search.query.request import SEARCH_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.search.query.filters import Filters
    from newsdex.search.results.facets import FacetValue

MOST_BARS = 62
"""Bars that stay apart on a phone (5 pixels each), and two months of days."""


class BarWidth(StrEnum):
    """How long a bar is."""

    DAY = "day"
    WEEK = "week"
    """Begins on a Monday."""
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DECADE = "decade"
    CENTURY = "century"


_YEARS = {BarWidth.DECADE: 10, BarWidth.CENTURY: 100}
"""Elasticsearch has no interval longer than a year: these are added up from years."""

_MONTHS = {
    BarWidth.MONTH: 1,
    BarWidth.QUARTER: 3,
    BarWidth.YEAR: 12,
    BarWidth.DECADE: 120,
    BarWidth.CENTURY: 1200,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of time and how many articles were published in it."""

    first: date
    last: date
    """Inclusive."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Bars in order of time, without gaps: a span without articles has a bar of height 0."""

    interval: BarWidth
    bars: tuple[Bar, ...]


def timeline(
    client: Elasticsearch, names: IndexNames, filters: Filters, *, query: str = "", most: int = MOST_BARS
) -> Timeline | None:
    """Return when the articles that match were published, in the finest interval that needs no more than `most` bars.

    `None` where none of them has a date.

    Raises:
        SearchError: no index yet, no node, a query that the node refuses; the sentence names the fix.
    """
    matching = match_clause(query, filters)
    with explained():
        ends = client.search(
            index=names.articles,
            query=matching,
            size=0,
            aggs={end: {end: {"field": "published_on", "format": "strict_date"}} for end in ("min", "max")},
            timeout=SEARCH_TIMEOUT,
        ).body["aggregations"]
        if ends["min"]["value"] is None:
            return None
        first, last = (date.fromisoformat(ends[end]["value_as_string"]) for end in ("min", "max"))
        interval = pick_interval(first, last, most)
        counted = client.search(
            index=names.articles, query=matching, size=0, aggs=_histogram(interval), timeout=SEARCH_TIMEOUT
        ).body["aggregations"]["bars"]["buckets"]
    return Timeline(interval=interval, bars=tuple(_bars(interval, first, last, _counts(counted, interval))))


def timeline_of_months(months: Sequence[FacetValue], most: int = MOST_BARS) -> Timeline | None:
    """Return the timeline of articles whose months are counted already (`Facets.month`), without asking again.

    `None` where the months are too few to say: a finer interval may fit, or there is none.
    """
    if not months:
        return None
    first, last = (date.fromisoformat(f"{months[end].value}-01") for end in (0, -1))
    following = _after(BarWidth.MONTH, first)
    # The shortest span that these months allow: were it short enough for weeks, the days themselves would decide.
    if following is None or pick_interval(following - timedelta(days=1), last, most) in {
        BarWidth.DAY,
        BarWidth.WEEK,
    }:
        return None
    interval = pick_interval(first, last, most)
    counts: dict[date, int] = {}
    for month in months:
        start = begin(interval, date.fromisoformat(f"{month.value}-01"))
        counts[start] = counts.get(start, 0) + month.count
    return Timeline(interval=interval, bars=tuple(_bars(interval, first, last, counts)))


def pick_interval(first: date, last: date, most: int = MOST_BARS) -> BarWidth:
    """Return the finest interval that covers both days with no more than `most` bars."""
    for interval in BarWidth:
        if _number(interval, first, last) <= most:
            return interval
    return BarWidth.CENTURY


def begin(interval: BarWidth, day: date) -> date:
    """Return the first day of the bar that a day lies in."""
    if interval is BarWidth.DAY:
        return day
    if interval is BarWidth.WEEK:
        return day - timedelta(days=min(day.weekday(), (day - date.min).days))
    months = _MONTHS[interval]
    if months <= 12:
        return date(day.year, (day.month - 1) // months * months + 1, 1)
    years = months // 12
    return date(max(day.year // years * years, 1), 1, 1)


def _after(interval: BarWidth, first: date) -> date | None:
    """Return the first day of the next bar, `None` at the end of the calendar."""
    try:
        if interval in {BarWidth.DAY, BarWidth.WEEK}:
            return first + timedelta(days=1 if interval is BarWidth.DAY else 7 - first.weekday())
        month = first.month - 1 + _MONTHS[interval]
        return begin(interval, date(first.year + month // 12, month % 12 + 1, 1))
    except (OverflowError, ValueError):
        return None


def _number(interval: BarWidth, first: date, last: date) -> int:
    start, end = begin(interval, first), begin(interval, last)
    if interval in {BarWidth.DAY, BarWidth.WEEK}:
        return (end - start).days // (1 if interval is BarWidth.DAY else 7) + 1
    return ((end.year - start.year) * 12 + end.month - start.month) // _MONTHS[interval] + 1


def _bars(interval: BarWidth, first: date, last: date, counts: Mapping[date, int]) -> Iterator[Bar]:
    start: date | None = begin(interval, first)
    while start is not None and start <= last:
        following = _after(interval, start)
        yield Bar(start, following - timedelta(days=1) if following else date.max, counts.get(start, 0))
        start = following


def _histogram(interval: BarWidth) -> dict[str, Any]:
    asked = BarWidth.YEAR if interval in _YEARS else interval
    histogram = {"field": "published_on", "calendar_interval": asked, "format": "strict_date", "min_doc_count": 1}
    return {"bars": {"date_histogram": histogram}}


def _counts(buckets: list[Mapping[str, Any]], interval: BarWidth) -> dict[date, int]:
    counts: dict[date, int] = {}
    for bucket in buckets:
        start = begin(interval, date.fromisoformat(bucket["key_as_string"]))
        counts[start] = counts.get(start, 0) + bucket["doc_count"]
    return counts
