"""All that a search page shows at first sight, in one request: hits and facets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import elastic_transport
from elasticsearch import ApiError

from search.errors import SearchError, explain, sentence_for
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
        answers = client.msearch(index=names.articles, searches=[part for body in bodies for part in ({}, body)]).body[
            "responses"
        ]
        for answer in answers:
            _check(answer)
        hits, counts = answers
        notes = () if hits["hits"]["total"]["value"] else notes_for(client, names, request.filters)
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(explain(error)) from error
    return results_of(hits, notes), facets_of(counts)


def _check(answer: Mapping[str, Any]) -> None:
    """Raise the fault of one of the searches in a request, which does not make the request itself fail."""
    fault = answer.get("error")
    if fault:
        cause = (fault.get("root_cause") or [fault])[0]
        reason = " ".join(str(each.get("reason")) for each in (fault, cause, fault.get("caused_by") or {}))
        raise SearchError(sentence_for(str(cause.get("type", "")), reason, int(answer["status"])))
