"""Reading a result further than Elasticsearch pages by number: from one point in time, step by step."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import elastic_transport
from elasticsearch import ApiError

from newsdex.search.query.request import MAX_WINDOW, SORTS, ranked_clause
from newsdex.search.results.hits import newest_day, search_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.search.query.request import SearchRequest

KEEP_ALIVE = "2m"
"""How long a point in time is kept after each step: a reader that takes longer over a step has gone away."""

STEP = 500
"""Whole articles a step: about 5 MB."""


def deep_page(client: Elasticsearch, names: IndexNames, request: SearchRequest) -> dict[str, Any]:
    """Return Elasticsearch's answer for a page beyond `MAX_WINDOW`: the hits before it are stepped over, unread."""
    newest = newest_day(client, names) if request.sort == "recent" else None
    body = search_body(request, newest)
    del body["from"]
    skipping = {name: body[name] for name in ("query", "sort", "timeout")} | {"_source": False}
    left, after = request.offset, None
    with _view(client, names) as view:
        while left:
            step = min(left, MAX_WINDOW)
            hits = _ask(client, {**skipping, "size": step, "track_total_hits": False}, view, after)["hits"]["hits"]
            if len(hits) < step:
                return _ask(client, {**body, "size": 0}, view, None)
            left, after = left - step, hits[-1]["sort"]
        return _ask(client, body, view, after)


def scan(
    client: Elasticsearch, names: IndexNames, request: SearchRequest, *, fields: list[str]
) -> Iterator[Mapping[str, Any]]:
    """Yield every hit of a question in its order, as Elasticsearch gives it; `size` and `offset` mean nothing here.

    What is written meanwhile changes nothing: all hits are those of the moment when the first was asked for.
    Elasticsearch's own errors come through.
    """
    newest = newest_day(client, names) if request.sort == "recent" else None
    body = {
        "query": ranked_clause(replace(request, size=0, offset=0), newest),
        "sort": SORTS[request.sort],
        "size": STEP,
        "_source": {"includes": fields},
        "track_total_hits": False,
    }
    after = None
    with _view(client, names) as view:
        while True:
            hits = _ask(client, body, view, after)["hits"]["hits"]
            yield from hits
            if len(hits) < STEP:
                return
            after = hits[-1]["sort"]


@contextmanager
def _view(client: Elasticsearch, names: IndexNames) -> Iterator[str]:
    view: str = client.open_point_in_time(index=names.articles, keep_alive=KEEP_ALIVE)["id"]
    try:
        yield view
    finally:
        with suppress(ApiError, elastic_transport.TransportError):  # it ends by itself
            client.close_point_in_time(id=view)


def _ask(client: Elasticsearch, body: dict[str, Any], view: str, after: Any) -> dict[str, Any]:  # noqa: ANN401  # sort values
    asked = {**body, "pit": {"id": view, "keep_alive": KEEP_ALIVE}}
    if after is not None:
        asked["search_after"] = after
    answer: dict[str, Any] = client.search(body=asked).body
    return answer
