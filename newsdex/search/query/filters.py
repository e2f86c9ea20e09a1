"""Narrowing a search: by facet values as a person types them, and by time of publication."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError
from newsdex.search.indices.mapping import FOLDED

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_VALUES = 50
"""Filter values of one kind at most: far more than a person picks, few enough for any node."""

MAX_VALUE_CHARS = 512
"""Longest filter value; longer names are not in the index (`MAX_LINE_KEYWORD`)."""

_SPAN = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")

FACET_FIELDS = {
    "person": "entities.person",
    "organization": "entities.organization",
    "place": "entities.place",
    "country": "entities.country",
    # Every paper that ran an article, itself or as a copy: which of them was kept is of no meaning to who filters.
    "source": "copy_sources",
    "language": "language",
    "agency": "agencies",
}
"""Name of a filter and facet → the field that is counted."""

PUBLISHED = "published"
"""What the span of publication is called among the filters."""

ONE_OF = ("source", "language", "agency", PUBLISHED)
"""Filters of which an article has mostly one: to choose a second widens the search, so their counts go beyond them."""

EVERY_FILTER = (*FACET_FIELDS, PUBLISHED)

_CASE_OF_CODES = {"country": str.upper, "language": str.lower}
"""Facets that are codes: their case is known, so what is typed is brought to it."""

_ALL_OF = frozenset({"person", "organization", "place", "country"})
"""Facets of which an article has many: two values mean both. Of the others an article has one: two mean either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What every hit must have. Values are compared without regard to case.

    Two people, organisations, places or countries: the article names both, or with `either` one of them. Two sources,
    languages or agencies: always either.
    """

    person: tuple[str, ...] = ()
    organization: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    """ISO 3166 alpha-2 codes of countries named."""
    source: tuple[str, ...] = ()
    """Name or domain of a paper that ran the article, itself or as a copy."""
    language: tuple[str, ...] = ()
    agency: tuple[str, ...] = ()
    since: date | None = None
    """First day of publication (UTC)."""
    until: date | None = None
    """Last day of publication (UTC), inclusive."""
    either: bool = False
    """Whether one of two people, organisations, places or countries is enough."""
    copies: bool = False
    """Whether copies that are kept beside their article (`NEWSDEX_DUPLICATES=keep`) count as articles of their own;
    otherwise each article stands for its copies."""

    def __post_init__(self) -> None:
        """Check the values, so that no absurd one reaches the node."""
        for facet in FACET_FIELDS:
            values = self.of(facet)
            if len(values) > MAX_VALUES:
                raise SearchError(f"{len(values)} values for {facet}: at most {MAX_VALUES} can be asked for at once.")
            for value in values:
                if not value.strip() or len(value) > MAX_VALUE_CHARS:
                    raise SearchError(
                        f"A value for {facet} is empty or longer than {MAX_VALUE_CHARS} characters: "
                        f"type a name such as `newsdex facets` lists."
                    )
        if self.since and self.until and self.since > self.until:
            raise SearchError(
                f"The search begins on {self.since} and ends before that, on {self.until}: swap the two dates."
            )

    def of(self, facet: str) -> tuple[str, ...]:
        """Return the values of one facet."""
        values: tuple[str, ...] = getattr(self, facet)
        return values

    @property
    def widening(self) -> tuple[str, ...]:
        """Filters to which a second value adds articles: their facets are counted as if they were not on."""
        return EVERY_FILTER if self.either else ONE_OF

    def clauses(self, only: Collection[str] | None = None) -> list[dict[str, Any]]:
        """Return the filter clauses of a bool query, of some of the filters where not all are wanted."""
        clauses: list[dict[str, Any]] = []
        if only is None:
            only = EVERY_FILTER
            clauses += self.whole()
        for facet in FACET_FIELDS:
            per_value = [value_clause(facet, value) for value in self.of(facet)] if facet in only else []
            if len(per_value) < 2 or (facet in _ALL_OF and not self.either):
                clauses.extend(per_value)
            else:
                clauses.append({"bool": {"should": per_value, "minimum_should_match": 1}})
        if PUBLISHED in only and (self.since or self.until):
            clauses.append(span_clause(self.since, self.until))
        return clauses

    def whole(self) -> list[dict[str, Any]]:
        """Return the clause that leaves copies out, where they do not count."""
        return [] if self.copies else [{"bool": {"must_not": [{"exists": {"field": "duplicate_of"}}]}}]


def span_clause(since: date | None, until: date | None) -> dict[str, Any]:
    """Return the query that finds the articles published in a span of days, both ends inclusive."""
    span: dict[str, str] = {}
    if since:
        span["gte"] = since.isoformat()
    if until and until < date.max:
        # The day after, exclusive: a `lte` on a day would end at its first moment.
        span["lt"] = (until + timedelta(days=1)).isoformat()
    return {"range": {"published_at": span}}


def value_clause(facet: str, value: str) -> dict[str, Any]:
    """Return the query that finds the articles with one facet value, in whatever case it is typed."""
    typed = " ".join(value.split())
    if facet in _CASE_OF_CODES:
        return {"term": {FACET_FIELDS[facet]: _CASE_OF_CODES[facet](typed)}}
    if facet == "source":
        fields = [f"source.name.{FOLDED}", f"copy_sources.{FOLDED}", "source.domain"]
        any_of = [{"term": {field: typed.lower()}} for field in fields]
        return {"bool": {"should": any_of, "minimum_should_match": 1}}
    return {"term": {f"{FACET_FIELDS[facet]}.{FOLDED}": typed.lower()}}


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


def _parts(text: str) -> tuple[int, int | None, int | None]:
    found = _SPAN.fullmatch(text.strip())
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
