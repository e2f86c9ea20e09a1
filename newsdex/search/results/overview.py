"""All that a search page shows at first sight, in one request: hits, facets, and what the index has to offer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from elasticsearch import ApiError

from newsdex.search.errors import explained
from newsdex.search.query.filters import doubtful_clause
from newsdex.search.query.request import MAX_WINDOW, SearchRequest
from newsdex.search.query.spelling import FEW, corrected
from newsdex.search.query.suggestions import notes_for
from newsdex.search.results.facets import Facets, facets_body, facets_of, with_whole_dates
from newsdex.search.results.hits import SearchResults, newest_day, results_of, search_body
from newsdex.search.results.search import found_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    import elastic_transport
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

_OFFERS: dict[str, dict[str, Any]] = {
    "stories": {"exists": {"field": "story_id"}},
    "copies": {"exists": {"field": "duplicate_of"}},
    "doubtful": doubtful_clause(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What a search page shows."""

    results: SearchResults
    facets: Facets
    has_stories: bool
    """Whether any article of the index has a story, so that hits can be shown by story."""
    has_copies: bool
    """Whether copies are kept beside their articles, so that they can be shown."""
    has_doubtful: bool
    """Whether there are articles whose text may be wrong, so that they can be shown alone."""


def first_page(client: Elasticsearch, names: IndexNames, request: SearchRequest, *, facet_size: int = 10) -> Overview:
    """Return the hits of `search` and the facets of `facets(widen=True)` for one question.

    Raises:
        SearchError: no index yet, no node, a query that the node refuses; the sentence names the fix.
    """
    with explained():
        seen = _look(client, names, request, facet_size)
        if not seen.results.total:
            notes = (*seen.results.notes, *notes_for(client, names, request.filters))
            seen = replace(seen, results=replace(seen.results, notes=notes))
        better = corrected(client, names, request.query) if seen.results.total <= FEW and not request.exact else None
        if better is None:
            return seen
        wider = _look(client, names, replace(request, query=better.query), facet_size)
    if wider.results.total <= seen.results.total:
        return seen
    return replace(wider, results=replace(wider.results, corrected=better.words))


def _look(client: Elasticsearch, names: IndexNames, request: SearchRequest, facet_size: int) -> Overview:
    counting = facets_body(request, size=facet_size, widen=True)
    bodies = [counting, _offers()]
    apart = request.by_story or request.offset + request.size > MAX_WINDOW
    if not apart:
        bodies.append(search_body(request, newest_day(client, names) if request.sort == "recent" else None))
    answer = client.msearch(index=names.articles, searches=[part for body in bodies for part in ({}, body)])
    counts, offers, *hits = [_checked(each, answer.meta) for each in answer.body["responses"]]
    has = {name: offers["aggregations"][name]["doc_count"] > 0 for name in _OFFERS}
    return Overview(
        results=results_of(hits[0], request) if hits else found_by(client, names, request),
        facets=with_whole_dates(client, names, counting, facets_of(counts)),
        has_stories=has["stories"],
        has_copies=has["copies"],
        has_doubtful=has["doubtful"],
    )


def _offers() -> dict[str, Any]:
    """Return the search for what the index has at all; Elasticsearch remembers the answer until something changes."""
    return {"size": 0, "aggs": {name: {"filter": clause} for name, clause in _OFFERS.items()}}


def _checked(answer: Mapping[str, Any], meta: elastic_transport.ApiResponseMeta) -> Mapping[str, Any]:
    """Return one answer of a multi-search, which does not fail where one of its searches does."""
    if "error" in answer:
        raise ApiError(str(answer["error"].get("type")), replace(meta, status=answer["status"]), answer)
    return answer
