"""Articles like a given one, by the words that are frequent in it and rare elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.search.errors import explained
from newsdex.search.query.filters import Filters
from newsdex.search.query.request import SearchRequest
from newsdex.search.results.hits import SearchResults, listed, results_of

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

TERMS = 25
"""Words of the article that are compared (Elasticsearch's own default): more find nothing better and cost more."""

SHARE = "30%"
"""How many of them a like article must have (Elasticsearch's own default)."""


def more_like_this(client: Elasticsearch, names: IndexNames, article_id: str, *, size: int = 5) -> SearchResults:
    """Return the articles most like this one, the likest first, itself and its copies left out.

    Raises:
        SearchError: no index yet, or no node; the sentence names the fix.
    """
    comparing: dict[str, Any] = {
        "more_like_this": {
            "fields": ["title", "body"],
            "like": _places(client, names, article_id) or "",
            "min_term_freq": 1,
            "min_doc_freq": 2,
            "max_query_terms": TERMS,
            "minimum_should_match": SHARE,
        }
    }
    itself = [
        {"ids": {"values": [article_id]}},
        {"term": {"duplicate_of": article_id}},
        {"term": {"copies.id": article_id}},
    ]
    query = {"bool": {"must": [comparing], "must_not": itself, "filter": Filters().whole()}}
    answer = listed(client, names, query, sort="relevance", size=size)
    return results_of(answer, SearchRequest(size=size))


def _places(client: Elasticsearch, names: IndexNames, article_id: str) -> list[dict[str, str]]:
    """Return where an article lies: the index itself, as an alias of several cannot be asked by id."""
    with explained():
        found = client.search(
            index=[names.articles, names.copies], query={"ids": {"values": [article_id]}}, source=False
        )["hits"]["hits"]
    return [{"_index": hit["_index"], "_id": article_id} for hit in found]
