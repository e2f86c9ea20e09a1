"""What the articles that match are about, counted: people, organisations, places, papers, languages, dates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError, explained
from newsdex.search.query.clauses import match_clause
from newsdex.search.query.filters import EVERY_FILTER, FACET_FIELDS, PUBLISHED, Filters
from newsdex.search.query.request import SEARCH_TIMEOUT, SearchRequest
from newsdex.search.query.spelling import FEW, corrected
from newsdex.search.query.suggestions import notes_for
from newsdex.search.results.hits import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

MAX_FACET_SIZE = 1_000
"""Most values of a facet in one answer: a list longer than that is an export."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and in how many articles it occurs."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """Counts over the articles that match, most frequent first; years and months in order of time."""

    total: int
    person: tuple[FacetValue, ...]
    organization: tuple[FacetValue, ...]
    place: tuple[FacetValue, ...]
    country: tuple[FacetValue, ...]
    """ISO 3166 alpha-2 codes of the countries named."""
    source: tuple[FacetValue, ...]
    """Papers that ran an article, itself or as a copy."""
    language: tuple[FacetValue, ...]
    agency: tuple[FacetValue, ...]
    year: tuple[FacetValue, ...]
    """Years of publication, `2018`."""
    month: tuple[FacetValue, ...]
    """Months of publication, `2018-01`."""
    undated: int
    """Articles whose date of publication is not known."""
    date_mentioned: tuple[FacetValue, ...]
    """Dates that the texts name: `2018-01-23`, `2018-01`, `2018`, `2018-Q3`, `1990/1999`."""
    notes: tuple[str, ...] = ()
    """Sentences for the person: filter values that no article has, with close ones; that time ran out."""


def facets(
    client: Elasticsearch,
    names: IndexNames,
    filters: Filters | None = None,
    *,
    query: str = "",
    size: int = 10,
    widen: bool = False,
    exact: bool = False,
) -> Facets:
    """Return the facets of the articles that match.

    Args:
        client: the node.
        names: the indices.
        filters: what every article must have.
        query: words, as in `SearchRequest.query`.
        size: values of each facet; years and months are always all of them.
        widen: count each facet whose second value would add articles (`Filters.widening`: sources, languages,
            agencies, years and months; with `Filters.either` people and places too) as if it were not filtered by
            itself, so that one sees what a second choice would add. Where a second value narrows, the count is that
            of the articles which match: in both cases what one would see after choosing it.
        exact: search for the words as typed only, as in `SearchRequest.exact`.

    Raises:
        SearchError: no index yet, no node, a query that the node refuses; the sentence names the fix.
    """
    request = SearchRequest(query=query, filters=filters or Filters(), size=0)

    def counted(asked: SearchRequest) -> Facets:
        return facets_of(client.search(index=names.articles, body=facets_body(asked, size=size, widen=widen)).body)

    with explained():
        found = counted(request)
        if not found.total:
            found = replace(found, notes=(*found.notes, *notes_for(client, names, request.filters)))
        better = corrected(client, names, query) if found.total <= FEW and not exact else None
        if better is None:
            return found
        wider = counted(replace(request, query=better.query))
    return replace(wider, notes=(*wider.notes, better.sentence)) if wider.total > found.total else found


def facets_body(request: SearchRequest, *, size: int, widen: bool) -> dict[str, Any]:
    """Return the search that Elasticsearch is asked for facets."""
    if not 1 <= size <= MAX_FACET_SIZE:
        raise SearchError(f"{size:,} values of a facet cannot be shown: ask for 1 to {MAX_FACET_SIZE:,}.")
    beyond = request.filters.widening if widen else ()
    base = match_clause(request.query, request.filters)
    narrowing = [each for each in EVERY_FILTER if each not in beyond]
    base["bool"]["filter"] = [*request.filters.whole(), *request.filters.clauses(narrowing)]
    aggregations = {
        name: {
            "filter": {
                "bool": {"filter": request.filters.clauses([each for each in beyond if each != _filter_of(name)])}
            },
            "aggs": {"counted": counted},
        }
        for name, counted in _aggregations(size).items()
    }
    return {
        "query": base,
        "post_filter": {"bool": {"filter": request.filters.clauses(beyond)}},
        "size": 0,
        "aggs": aggregations,
        "track_total_hits": True,
        "timeout": SEARCH_TIMEOUT,
    }


def facets_of(answer: Mapping[str, Any]) -> Facets:
    """Return what Elasticsearch answered to `facets_body`."""
    found: Mapping[str, Any] = {name: each["counted"] for name, each in answer["aggregations"].items()}
    months = _values(found["month"]["buckets"])
    return Facets(
        total=int(answer["hits"]["total"]["value"]),
        **{facet: _values(found[facet]["buckets"]) for facet in FACET_FIELDS},
        year=_years(months),
        month=months,
        undated=found["undated"]["doc_count"],
        date_mentioned=_values(found["date_mentioned"]["buckets"]),
        notes=(TIMED_OUT,) if answer["timed_out"] else (),
    )


def _filter_of(aggregation: str) -> str:
    """Return the filter that narrows what an aggregation counts."""
    return PUBLISHED if aggregation in {"month", "undated"} else aggregation


def _aggregations(size: int) -> dict[str, Any]:
    counted = {facet: {"terms": {"field": name, "size": size}} for facet, name in FACET_FIELDS.items()}
    histogram = {"field": "published_at", "calendar_interval": "month", "format": "yyyy-MM", "min_doc_count": 1}
    return {
        **counted,
        # A date that could not be resolved has no ISO form.
        "date_mentioned": {"terms": {"field": "dates_mentioned.iso", "size": size, "exclude": [""]}},
        "month": {"date_histogram": histogram},
        "undated": {"missing": {"field": "published_at"}},
    }


def _values(buckets: Sequence[Mapping[str, Any]]) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(bucket.get("key_as_string", bucket["key"]), bucket["doc_count"]) for bucket in buckets)


def _years(months: Sequence[FacetValue]) -> tuple[FacetValue, ...]:
    years: Counter[str] = Counter()
    for month in months:
        years[month.value[:4]] += month.count
    return tuple(FacetValue(year, count) for year, count in sorted(years.items()))


def facets_of_run(
    client: Elasticsearch, names: IndexNames, run_id: str, *, size: int = 10
) -> dict[str, list[tuple[str, int]]]:
    """Return the most frequent values of each facet with their number of articles; facets without any are left out."""
    groups: dict[str, Any] = {name: {"terms": {"field": field, "size": size}} for name, field in FACET_FIELDS.items()}
    found = client.search(index=names.articles, query={"term": {"run_id": run_id}}, size=0, aggs=groups)
    return {
        name: [(bucket["key"], bucket["doc_count"]) for bucket in group["buckets"]]
        for name, group in found["aggregations"].items()
        if group["buckets"]
    }
