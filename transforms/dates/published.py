"""Decides when an article was published, and says where that was found: declared, in the feed, the URL, the text.

The order of trust, measured on the pages of the htmldate benchmark (`benchmarks/published.py`):

1. the day in the article's own address, with the time of day of a declared date that is at most a day off;
2. the day that most of the declared dates name (JSON-LD, OpenGraph, microdata, meta, `<time>`), the more trusted first;
3. the date that the page shows beside its title, which also goes before a lone unspecific `<meta name="date">`;
4. what htmldate finds in the markup.

A day without a moment (that of a printed issue, a time without its zone) gets the moment of a declared date of the same
day, else of the evening before. A date that was changed later is never taken for the publication's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from newsdex.transforms.article import DateSource, Precision
from newsdex.transforms.dates import url_date
from newsdex.transforms.dates.candidate import DateCandidate, Provenance
from newsdex.transforms.dates.parse import MAX_DATE_CHARS, day_order, first_in, parse
from newsdex.transforms.dates.parsed import ParsedDate, at_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ParsedDate", "PublicationDate", "day_order", "find", "parse"]

ONE_DAY = timedelta(days=1)
"""How far two dates of one publication may lie apart: the same moment is another day in another time zone."""

_DECLARED = (Provenance.JSON_LD, Provenance.OPENGRAPH, Provenance.MICRODATA, Provenance.META, Provenance.TIME)

_MILLISECONDS = re.compile(r":\d\d[.,]\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationDate:
    """When an article was published."""

    moment: datetime
    """UTC; a calendar span is its first moment."""
    precision: Precision
    source: DateSource
    day: date
    """The calendar day where it was published, as written; in UTC it may be the next or the one before."""
    is_utc: bool = False
    """Only a moment in UTC tells the day: nothing that the page shows, and no offset of its own."""
    clock: bool = False
    """A page names a time of day without its zone: `moment` has it as if in UTC, until the paper's zone is known."""
    text: str
    """The date as it was written where it was found."""


@dataclass(frozen=True, slots=True)
class _Reading:
    parsed: ParsedDate
    candidate: DateCandidate

    @property
    def day(self) -> date:
        assert self.parsed.day is not None  # noqa: S101  # readings are made of whole dates only
        return self.parsed.day


def find(
    *,
    declared: str | None = None,
    declared_source: DateSource = DateSource.METADATA,
    candidates: Sequence[DateCandidate] = (),
    url: str | None = None,
    latest: datetime | None = None,
    day_first: bool | None = None,
) -> PublicationDate | None:
    """Return the publication date of one article, or `None` rather than a guess.

    Args:
        declared: The date that the article's record, feed entry or file name declares.
        declared_source: Where `declared` comes from.
        candidates: The dates that its page names (`page.Page.dates`).
        url: The article's address.
        latest: The latest moment that can be true, such as when the page was fetched: later dates are dropped.
        day_first: Whether `3/4/2018` is day/month in this input, if that is known (`published_parse.day_order`).
    """
    url_day = url_date.find(url) if url else None
    if url_day and latest and url_day > (latest + ONE_DAY).date():
        url_day = None
    if declared:
        parsed = parse(declared, latest=latest, day_first=day_first)
        parsed = _resolved(parsed, url_day) or parsed
        if parsed.moment:
            return _date(parsed, declared_source, declared, of_page=False)
    readings = list(_readings(candidates, latest, day_first, url_day))
    named = [reading for reading in readings if _is_declared(reading)]
    shown = next((reading for reading in readings if reading.candidate.provenance is Provenance.VISIBLE), None)
    if url_day:
        return _by_url(url_day, url or "", named, shown)
    best = _most_named(named, shown)
    if best is None or (shown is not None and _shown_is_better(shown, best, named)):
        best = shown or next((r for r in readings if not r.candidate.modified), None)
    if best is None:
        return None
    source = DateSource.METADATA if _is_declared(best) else DateSource.TEXT
    if best.parsed.precision is Precision.DAY and (timed := _timed(named, best.day)) is not None:
        return _date(timed.parsed, DateSource.METADATA, timed.candidate.text, day=best.day)
    day = shown.day if shown is not None and _zone_apart(best, shown) else None
    return _date(best.parsed, source, best.candidate.text, day=day, told=shown is not None)


def _readings(
    candidates: Iterable[DateCandidate], latest: datetime | None, day_first: bool | None, url_day: date | None
) -> Iterable[_Reading]:
    """Yield the candidates that name a whole day, read."""
    for candidate in candidates:
        if candidate.provenance is Provenance.VISIBLE:
            parsed = first_in(candidate.text, latest=latest, day_first=day_first)
        else:
            parsed = parse(candidate.text, latest=latest, day_first=day_first)
        if parsed and (resolved := _resolved(parsed, url_day) or parsed).precision in (Precision.DAY, Precision.TIME):
            yield _Reading(resolved, candidate)


def _resolved(parsed: ParsedDate, evidence: date | None) -> ParsedDate | None:
    """Return the one reading of an ambiguous date that other evidence supports."""
    if not parsed.readings or evidence is None:
        return None
    near = [day for day in parsed.readings if abs(day - evidence) <= ONE_DAY]
    return at_day(near[0]) if len(near) == 1 else None


def _is_declared(reading: _Reading) -> bool:
    candidate = reading.candidate
    return candidate.provenance in _DECLARED and candidate.by_name and not candidate.modified


def _by_url(url_day: date, url: str, named: list[_Reading], shown: _Reading | None) -> PublicationDate:
    if (timed := _timed(named, url_day)) is not None:
        return _date(timed.parsed, DateSource.METADATA, timed.candidate.text, day=url_day)
    labelled = shown if shown is not None and shown.candidate.by_name else None
    for reading in (*named, *((labelled,) if labelled else ())):
        if reading.day == url_day and _has_clock(reading.parsed):
            source = DateSource.TEXT if reading is labelled else DateSource.METADATA
            return _date(reading.parsed, source, reading.candidate.text, day=url_day)
    return _date(at_day(url_day), DateSource.URL, url)


def _timed(named: list[_Reading], day: date) -> _Reading | None:
    """Return the declared date that names the moment of a day: one of the same day, else of the day beside it."""
    near = [r for r in named if r.parsed.precision is Precision.TIME and abs(r.day - day) <= ONE_DAY]
    return min(near, key=lambda reading: abs(reading.day - day), default=None)


def _has_clock(parsed: ParsedDate) -> bool:
    """Tell whether a date names a time of day without its zone."""
    moment = parsed.moment
    return parsed.precision is Precision.DAY and moment is not None and (moment.hour, moment.minute) != (0, 0)


def _is_local(parsed: ParsedDate, text: str) -> bool:
    """Tell whether a page's time without a zone is that of its place.

    Of 33 pages of the gold sets that give one moment twice, with a zone and without, 27 write the local time and 6 that
    of UTC: 5 of these, and none of the others, have milliseconds, as programs do.
    """
    return _has_clock(parsed) and not _MILLISECONDS.search(text)


def _most_named(named: list[_Reading], shown: _Reading | None) -> _Reading | None:
    """Return the declared date that most kinds of declaration name; of equals, the one of the most trusted kind."""
    votes: dict[date, set[Provenance]] = {}
    for reading in (*named, *((shown,) if shown else ())):
        votes.setdefault(reading.day, set()).add(reading.candidate.provenance)
    return max(named, key=lambda reading: len(votes[reading.day]), default=None)


def _shown_is_better(shown: _Reading, best: _Reading, named: list[_Reading]) -> bool:
    """Tell whether the shown date goes before the declared one: all that is declared is an unspecific `<meta>`.

    Content management systems write the date of the last change there, too.
    """
    return shown.day != best.day and all(reading.candidate.provenance is Provenance.META for reading in named)


def _zone_apart(declared: _Reading, shown: _Reading) -> bool:
    """Tell whether two dates can be one moment in two time zones: a day apart, and the declared one in UTC."""
    moment = declared.parsed.moment
    utc = moment is not None and (declared.parsed.precision is Precision.DAY or moment.date() == declared.day)
    return utc and abs(declared.day - shown.day) == ONE_DAY


def _date(
    parsed: ParsedDate,
    source: DateSource,
    text: str,
    *,
    day: date | None = None,
    told: bool = False,
    of_page: bool = True,
) -> PublicationDate:
    assert parsed.moment and parsed.precision and parsed.day  # noqa: S101, PT018  # only dates that were read get here
    return PublicationDate(
        moment=parsed.moment,
        precision=parsed.precision,
        source=source,
        day=day or parsed.day,
        text=text[:MAX_DATE_CHARS],
        clock=of_page and _is_local(parsed, text),
        is_utc=parsed.precision is Precision.TIME and day is None and not told and parsed.is_utc,
    )
