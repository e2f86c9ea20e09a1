"""One article of each story: hits collapsed on what they report of, and the other articles of a story.

Elasticsearch would take all articles without a story for one, so that two lists are asked for, the stories and the
articles without one, and merged in their order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError
from newsdex.search.query.request import SEARCH_TIMEOUT, SORTS, SearchRequest, ranked_clause
from newsdex.search.results.hits import SearchResults, listed, newest_day, results_of, search_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

FIELD = "story_id"


def story_page(client: Elasticsearch, names: IndexNames, request: SearchRequest) -> SearchResults:
    """Return the best article of each story that matches, and those without a story; Elasticsearch's errors come."""
    newest = newest_day(client, names) if request.sort == "recent" else None
    clause = ranked_clause(request, newest)
    some: dict[str, Any] = {
        "sort": SORTS[request.sort],
        "size": request.offset + request.size,
        "_source": False,
        "track_total_hits": True,
        "timeout": SEARCH_TIMEOUT,
    }
    has_story = {"exists": {"field": FIELD}}
    stories = {
        **some,
        "query": {"bool": {"must": [clause], "filter": [has_story]}},
        "collapse": {"field": FIELD, "inner_hits": {"name": "all", "size": 0}},
        "aggs": {"stories": {"cardinality": {"field": FIELD}}},
    }
    others = {**some, "query": {"bool": {"must": [clause], "must_not": [has_story]}}}
    told, single = client.msearch(index=names.articles, searches=[{}, stories, {}, others]).body["responses"]
    for answer in (told, single):
        if "error" in answer:
            raise SearchError(f"The stories cannot be read: {answer['error'].get('reason', 'no reason given')}")
    merged = sorted([*told["hits"]["hits"], *single["hits"]["hits"]], key=lambda hit: _place(hit, request))
    chosen = merged[request.offset : request.offset + request.size]
    counts = {hit["_id"]: _count(hit) for hit in chosen}
    # Only now the whole hits, with their passages.
    body = search_body(replace(request, offset=0, size=len(chosen)), newest)
    body["query"] = {"bool": {"must": [clause], "filter": [{"ids": {"values": list(counts)}}]}}
    found = results_of(client.search(index=names.articles, body=body).body, request)
    by_id = {hit.id: replace(hit, story_count=counts[hit.id]) for hit in found.hits}
    return replace(
        found,
        total=told["hits"]["total"]["value"] + single["hits"]["total"]["value"],
        stories=told["aggregations"]["stories"]["value"] + single["hits"]["total"]["value"],
        hits=tuple(by_id[each] for each in counts if each in by_id),
    )


def story(client: Elasticsearch, names: IndexNames, story_id: str, *, size: int = 20) -> SearchResults:
    """Return the articles of one story, the oldest first.

    Raises:
        SearchError: no index yet, or no node; the sentence names the fix.
    """
    answer = listed(client, names, {"term": {FIELD: story_id}}, sort="oldest", size=size)
    request = SearchRequest(size=size, sort="oldest", highlight=False)
    return results_of(answer, request)


def _place(hit: Mapping[str, Any], request: SearchRequest) -> tuple[float, float]:
    """Return what hits of both lists are ordered by, as `SORTS` orders each of them."""
    first, second = hit["sort"][:2]
    return (first if request.sort == "oldest" else -first, -second)


def _count(hit: Mapping[str, Any]) -> int:
    return int(hit["inner_hits"]["all"]["hits"]["total"]["value"]) if "inner_hits" in hit else 0
