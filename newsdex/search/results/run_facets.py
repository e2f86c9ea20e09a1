"""What the articles are about that one run wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsdex.search.query.filters import FACET_FIELDS

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames


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
