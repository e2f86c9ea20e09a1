"""All that a search page shows at first sight, in one request: hits and facets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import elastic_transport
from elasticsearch import ApiError

from search.errors import SearchError, explain
from search.facets import Facets, facets_body, facets_of
from search.queries import SearchRequest, SearchResults, results_of, search_body
from search.suggestions import notes_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from search.indices import IndexNames


def look(
    client: Elasticsearch, names: IndexNames, request: SearchRequest, *, facet_size: int = 10
) -> tuple[SearchResults, Facets]:
    """Return the hits of `search` and the facets of `facets(widen=True)` for one question.

    Raises:
        SearchError: no index yet, no node, a query that the node refuses; the sentence names the fix.
    """
    bodies = (search_body(request), facets_body(request, size=facet_size, widen=True))
    try:
        answer = client.msearch(index=names.articles, searches=[part for body in bodies for part in ({}, body)])
        hits, counts = (_checked(each, answer.meta) for each in answer.body["responses"])
        notes = () if hits["hits"]["total"]["value"] else notes_for(client, names, request.filters)
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(explain(error)) from error
    return results_of(hits, notes), facets_of(counts)


def _checked(answer: Mapping[str, Any], meta: elastic_transport.ApiResponseMeta) -> Mapping[str, Any]:
    """Return one answer of a multi-search, which does not fail where one of its searches does."""
    if "error" in answer:
        raise ApiError(str(answer["error"].get("type")), replace(meta, status=answer["status"]), answer)
    return answer
