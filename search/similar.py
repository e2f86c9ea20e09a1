"""Articles like a given one, by the words that are frequent in it and rare elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import elastic_transport
from elasticsearch import ApiError

from search.errors import SearchError, explain
from search.filters import Filters
from search.queries import SEARCH_TIMEOUT, SORTS, SOURCE_FIELDS, SearchRequest, SearchResults, results_of

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from search.indices import IndexNames

TERMS = 25
"""Words of the article that are compared (Elasticsearch's own default): more find nothing better and cost more."""

SHARE = "30%"
"""How many of them a like article must have (Elasticsearch's own default)."""


def more_like_this(client: Elasticsearch, names: IndexNames, article_id: str, *, size: int = 5) -> SearchResults:
    """Return the articles most like this one, the likest first, itself and its copies left out.

    Raises:
        SearchError: no index yet, or no node; the sentence names the fix.
    """
    like = [{"_index": index, "_id": article_id} for index in (names.articles, names.copies)]
    comparing: dict[str, Any] = {
        "more_like_this": {
            "fields": ["title", "body"],
            "like": like,
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
    try:
        answer = client.search(
            index=names.articles,
            query={"bool": {"must": [comparing], "must_not": itself, "filter": Filters().whole()}},
            size=size,
            sort=SORTS["relevance"],
            source={"includes": SOURCE_FIELDS},
            track_total_hits=True,
            timeout=SEARCH_TIMEOUT,
        ).body
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(explain(error)) from error
    return results_of(answer, SearchRequest(size=size))
