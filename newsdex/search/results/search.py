"""Searching articles: typed questions, typed answers, and a plain sentence where a question cannot be answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsdex.search.errors import SearchError, explained
from newsdex.search.query.request import MAX_DEPTH, MAX_STORY_DEPTH, MAX_WINDOW, SearchRequest
from newsdex.search.query.spelling import FEW, corrected
from newsdex.search.query.suggestions import notes_for
from newsdex.search.results.hits import SearchResults, newest_day, results_of, search_body
from newsdex.search.results.paging import deep_page
from newsdex.search.results.stories import story_page
from newsdex.search.store.documents import from_source

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Article


def search(client: Elasticsearch, names: IndexNames, request: SearchRequest) -> SearchResults:
    """Return the articles that match, the best (or newest) first.

    Raises:
        SearchError: no index yet, no node, a query that the node refuses; the sentence names the fix.
    """
    with explained():
        found = found_by(client, names, request)
        if not found.total:
            found = replace(found, notes=(*found.notes, *notes_for(client, names, request.filters)))
        better = corrected(client, names, request.query) if found.total <= FEW and not request.exact else None
        if better is None:
            return _with_next(found, request)
        wider = found_by(client, names, replace(request, query=better.query))
    return _with_next(replace(wider, corrected=better.words) if wider.total > found.total else found, request)


def found_by(client: Elasticsearch, names: IndexNames, request: SearchRequest) -> SearchResults:
    """Return the articles that match a query as it is typed; Elasticsearch's own errors come through."""
    if request.by_story:
        return story_page(client, names, request)
    if request.offset + request.size > MAX_WINDOW:
        return results_of(deep_page(client, names, request), request)
    newest = newest_day(client, names) if request.sort == "recent" else None
    return results_of(client.search(index=names.articles, body=search_body(request, newest)).body, request)


def _with_next(found: SearchResults, request: SearchRequest) -> SearchResults:
    """Return results that say where the next ones begin."""
    following = request.offset + len(found.hits)
    deepest = MAX_STORY_DEPTH if request.by_story else MAX_DEPTH
    reachable = min(found.total if found.stories is None else found.stories, deepest)
    return replace(found, next_offset=following if found.hits and following < reachable else None)


def get(client: Elasticsearch, names: IndexNames, id_or_url: str) -> Article | None:
    """Return the article or copy (it has `duplicate_of`) with this id or URL, `None` where there is none.

    Raises:
        SearchError: no index yet, or no node; the sentence names the fix.
    """
    wanted = id_or_url.strip()
    if not wanted:
        return None
    any_of = [{"ids": {"values": [wanted]}}, *({"term": {name: wanted}} for name in ("url", "canonical_url"))]
    with explained():
        # Surviving articles first: the index that `duplicate_of` is missing in.
        answer = client.search(
            index=[names.articles, names.copies],
            query={"bool": {"should": any_of, "minimum_should_match": 1}},
            sort=[{"duplicate_of": {"order": "asc", "missing": "_first"}}],
            size=1,
        ).body
    found = answer["hits"]["hits"]
    return from_source(found[0]["_id"], found[0]["_source"]) if found else None


def get_or_fail(client: Elasticsearch, names: IndexNames, id_or_url: str) -> Article:
    """Return the article or copy with this id or URL.

    Raises:
        SearchError: there is none, no index yet, or no node; the sentence names the fix.
    """
    found = get(client, names, id_or_url)
    if found is None:
        raise SearchError(
            f"There is no article {id_or_url[:200]!r} in this index: `newsdex search --json` gives ids and addresses."
        )
    return found
