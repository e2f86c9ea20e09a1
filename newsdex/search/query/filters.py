"""Narrowing a search: by facet values as a person types them, and by time of publication."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError
from newsdex.search.indices.mapping import FOLDED
from newsdex.search.query.days import first_day, last_day, span_of_days
from newsdex.search.query.facet_table import BY_NAME, FACETS, Facet, Matching

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MAX_VALUES = 50
"""Filter values of one kind at most: far more than a person picks, few enough for any node."""

MAX_VALUE_CHARS = 512
"""Longest filter value; longer names are not in the index (`MAX_LINE_KEYWORD`)."""

DOUBTFUL = 0.6
"""A text with a lower confidence is worth a look: 18 of the 794 texts of htmldate's benchmark; 11 of them are wrong."""

PUBLISHED = "published"
"""What the span of publication is called among the filters."""

ONE_OF = (*(facet.name for facet in FACETS if facet.either), PUBLISHED)
"""Filters of which an article has mostly one: to choose a second widens the search, so their counts go beyond them."""

EVERY_FILTER = (*BY_NAME, PUBLISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What every hit must have; `make_filters` makes one of what a person gives. Case does not count.

    Two people, places or dates: the article names both, or with `either` one of them. Two sources, languages or
    agencies: always either (`Facet.either`).
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a facet → its values, as typed."""
    since: date | None = None
    """First day of publication, as the paper prints it."""
    until: date | None = None
    """Last day of publication (UTC), inclusive."""
    either: bool = False
    """Whether one of two people, organisations, places, countries or dates is enough."""
    doubtful: bool = False
    """Only articles whose text may not be the article of its page (`extraction_confidence` below `DOUBTFUL`)."""
    copies: bool = False
    """Whether copies that are kept beside their article (`NEWSDEX_DUPLICATES=keep`) count as articles of their own;
    otherwise each article stands for its copies."""

    def __post_init__(self) -> None:
        """Check the values, so that no absurd one reaches the node."""
        for name, values in self.values.items():
            _check(name, values)
        if self.since and self.until and self.since > self.until:
            raise SearchError(
                f"The search begins on {self.since} and ends before that, on {self.until}: swap the two dates."
            )

    def of(self, facet: str) -> tuple[str, ...]:
        """Return the values of one facet."""
        return self.values.get(facet, ())

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
            if self.doubtful:
                clauses.append(doubtful_clause())
        for facet in FACETS:
            per_value = [value_clause(facet, value) for value in self.of(facet.name)] if facet.name in only else []
            if len(per_value) < 2 or not (facet.either or self.either):
                clauses.extend(per_value)
            else:
                clauses.append({"bool": {"should": per_value, "minimum_should_match": 1}})
        if PUBLISHED in only and (self.since or self.until):
            clauses.append(span_clause(self.since, self.until))
        return clauses

    def whole(self) -> list[dict[str, Any]]:
        """Return the clause that leaves copies out, where they do not count."""
        return [] if self.copies else [{"bool": {"must_not": [{"exists": {"field": "duplicate_of"}}]}}]


def make_filters(
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    either: bool = False,
    doubtful: bool = False,
    copies: bool = False,
    **values: str | Iterable[str] | None,
) -> Filters:
    """Return the filters that a person asks for: `make_filters(person="Ada Byron", since="2018-03")`.

    Args:
        since: first day of publication; a year or a month means its first day.
        until: last day of publication; a year or a month means its last day.
        either: one of several people, places … is enough.
        doubtful: only texts that may not be the article of their page.
        copies: copies that are kept beside their article count as well.
        values: a value or several of each facet, by its name.

    Raises:
        SearchError: there is no such facet, or a value or date is none; the sentence says so.
    """
    for name in values:
        if name not in BY_NAME:
            raise SearchError(f"There is no filter {name[:40]!r}: choose from {', '.join(BY_NAME)}, since and until.")
    listed = {name: (given,) if isinstance(given, str) else tuple(given or ()) for name, given in values.items()}
    return Filters(
        values={name: listed[name] for name in BY_NAME if listed.get(name)},
        since=first_day(since) if isinstance(since, str) and since else since or None,
        until=last_day(until) if isinstance(until, str) and until else until or None,
        either=either,
        doubtful=doubtful,
        copies=copies,
    )


def _check(name: str, values: tuple[str, ...]) -> None:
    facet = BY_NAME[name]
    if len(values) > MAX_VALUES:
        raise SearchError(f"{len(values)} values for {name}: at most {MAX_VALUES} can be asked for at once.")
    for value in values:
        if not value.strip() or len(value) > MAX_VALUE_CHARS:
            raise SearchError(
                f"A value for {name} is empty or longer than {MAX_VALUE_CHARS} characters: "
                f"type a name such as `newsdex facets` lists."
            )
        if facet.matching is Matching.DATE:
            span_of_days(value)


def doubtful_clause() -> dict[str, Any]:
    """Return the query that finds the articles whose text may not be the article of its page."""
    return {"range": {"extraction_confidence": {"lt": DOUBTFUL}}}


def span_clause(since: date | None, until: date | None) -> dict[str, Any]:
    """Return the query that finds the articles published in a span of days, both ends inclusive."""
    span: dict[str, str] = {}
    if since:
        span["gte"] = since.isoformat()
    if until and until < date.max:
        # The day after, exclusive: a `lte` on a day would end at its first moment.
        span["lt"] = (until + timedelta(days=1)).isoformat()
    return {"range": {"published_on": span}}


def value_clause(facet: Facet, value: str) -> dict[str, Any]:
    """Return the query that finds the articles with one facet value, in whatever case it is typed.

    Raises:
        SearchError: a date is wanted, and it is none.
    """
    typed = " ".join(value.split())
    if facet.matching is Matching.CODE:
        return {"term": {facet.field: facet.stored(typed)}}
    if facet.matching is Matching.DATE:
        first, last = span_of_days(typed)
        return {
            "range": {
                "dates_mentioned.range": {"gte": first.isoformat(), "lte": last.isoformat(), "relation": "within"}
            }
        }
    if facet.matching is Matching.PAPER:
        fields = [f"source.name.{FOLDED}", f"{facet.field}.{FOLDED}", "source.domain"]
        any_of = [{"term": {field: typed.lower()}} for field in fields]
        return {"bool": {"should": any_of, "minimum_should_match": 1}}
    return {"term": {f"{facet.field}.{FOLDED}": typed.lower()}}
