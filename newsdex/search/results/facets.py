"""What the articles that match are about, counted: the values of every facet, and years and months of publication."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError, explained
from newsdex.search.query.clauses import match_clause
from newsdex.search.query.days import is_day
from newsdex.search.query.facet_table import BY_NAME, FACETS, Facet, Matching
from newsdex.search.query.filters import EVERY_FILTER, PUBLISHED, Filters, value_clause
from newsdex.search.query.request import SEARCH_TIMEOUT, SearchRequest
from newsdex.search.query.spelling import FEW, corrected
from newsdex.search.query.suggestions import notes_for
from newsdex.search.results.hits import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

MAX_FACET_SIZE = 1_000
"""Most values of a facet in one answer: a list longer than that is an export."""

BY_TIME = ("year", "month")
"""What is counted by date of publication."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value and in how many articles it occurs."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """Counts over the articles that match, most frequent first; years and months in order of time."""

    total: int
    values: Mapping[str, tuple[FacetValue, ...]]
    """Name of a facet (`query.facet_table`) → its values."""
    year: tuple[FacetValue, ...]
    """Years of publication, `2018`."""
    month: tuple[FacetValue, ...]
    """Months of publication, `2018-01`."""
    undated: int
    """Articles whose date of publication is not known."""
    notes: tuple[str, ...] = ()
    """Sentences for the person: filter values that no article has, with close ones; that time ran out."""

    def of(self, name: str) -> tuple[FacetValue, ...]:
        """Return the values of a facet, or of `year` or `month`; nothing for one that was not counted."""
        if name in BY_TIME:
            counted: tuple[FacetValue, ...] = getattr(self, name)
            return counted
        return self.values.get(name, ())

    def to_dict(self, over: Collection[str] = ()) -> dict[str, Any]:
        """Return the counts as data: `total`, a list for each facet (or those of `over`), `undated`, `notes`."""
        return {
            "total": self.total,
            **{name: [asdict(each) for each in self.of(name)] for name in over or (*self.values, *BY_TIME)},
            "undated": self.undated,
            "notes": list(self.notes),
        }


def facets(
    client: Elasticsearch,
    names: IndexNames,
    filters: Filters | None = None,
    *,
    query: str = "",
    size: int = 10,
    widen: bool = False,
    exact: bool = False,
    over: Collection[str] = (),
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
        over: count only these facets, by name (`year` and `month` among them); without any, all.

    Raises:
        SearchError: no such facet, no index yet, no node, a query that the node refuses; the sentence names the fix.
    """
    request = SearchRequest(query=query, filters=filters or Filters(), size=0)

    wanted = _checked(over)

    def counted(asked: SearchRequest) -> Facets:
        body = facets_body(asked, size=size, widen=widen, over=wanted)
        return with_whole_dates(client, names, body, facets_of(client.search(index=names.articles, body=body).body))

    with explained():
        found = counted(request)
        if not found.total:
            found = replace(found, notes=(*found.notes, *notes_for(client, names, request.filters)))
        better = corrected(client, names, query) if found.total <= FEW and not exact else None
        if better is None:
            return found
        wider = counted(replace(request, query=better.query))
    return replace(wider, notes=(*wider.notes, better.sentence)) if wider.total > found.total else found


def facets_body(
    request: SearchRequest, *, size: int, widen: bool, over: Collection[str] = tuple(BY_NAME)
) -> dict[str, Any]:
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
        for name, counted in _aggregations(size, over).items()
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
        values={name: _values(found[name]["buckets"]) for name in BY_NAME if name in found},
        year=_years(months),
        month=months,
        undated=found["undated"]["doc_count"],
        notes=(TIMED_OUT,) if answer["timed_out"] else (),
    )


def with_whole_dates(client: Elasticsearch, names: IndexNames, body: Mapping[str, Any], found: Facets) -> Facets:
    """Return facets in which a month or year that texts name counts with the days within it, as when it is chosen.

    Elasticsearch's own errors come through.
    """
    for facet in FACETS:
        values = found.of(facet.name)
        if facet.matching is not Matching.DATE or all(is_day(each.value) for each in values):
            continue
        spans = {each.value: value_clause(facet, each.value) for each in values if not is_day(each.value)}
        asked = {name: body[name] for name in ("query", "size", "timeout")}
        asked["aggs"] = {facet.name: {**body["aggs"][facet.name], "aggs": {"spans": {"filters": {"filters": spans}}}}}
        counted = client.search(index=names.articles, body=asked).body["aggregations"][facet.name]["spans"]["buckets"]
        whole = [
            FacetValue(each.value, counted[each.value]["doc_count"] if each.value in counted else each.count)
            for each in values
        ]
        ordered = tuple(sorted(whole, key=lambda each: (-each.count, each.value)))
        found = replace(found, values={**found.values, facet.name: ordered})
    return found


def _checked(over: Collection[str]) -> Collection[str]:
    for name in over:
        if name not in BY_NAME and name not in BY_TIME:
            raise SearchError(f"There is no facet {name[:40]!r}: choose from {', '.join([*BY_NAME, *BY_TIME])}.")
    return over or tuple(BY_NAME)


def _filter_of(aggregation: str) -> str:
    """Return the filter that narrows what an aggregation counts."""
    return PUBLISHED if aggregation in {"month", "undated"} else aggregation


def _aggregations(size: int, over: Collection[str]) -> dict[str, Any]:
    histogram = {"field": "published_on", "calendar_interval": "month", "format": "yyyy-MM", "min_doc_count": 1}
    return {
        **{facet.name: {"terms": _terms(facet, size)} for facet in FACETS if facet.name in over},
        "month": {"date_histogram": histogram},
        "undated": {"missing": {"field": "published_at"}},
    }


def _terms(facet: Facet, size: int) -> dict[str, Any]:
    # A date that could not be resolved has no ISO form.
    left_out = {"exclude": [""]} if facet.matching is Matching.DATE else {}
    return {"field": facet.field, "size": size, **left_out}


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
    groups: dict[str, Any] = {facet.name: {"terms": _terms(facet, size)} for facet in FACETS}
    found = client.search(index=names.articles, query={"term": {"run_id": run_id}}, size=0, aggs=groups)
    return {
        name: [(bucket["key"], bucket["doc_count"]) for bucket in group["buckets"]]
        for name, group in found["aggregations"].items()
        if group["buckets"]
    }
