"""Hits: the articles that a question finds, asked of Elasticsearch and read from its answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime  # noqa: TC003  # msgspec reads the field types at run time
from typing import TYPE_CHECKING, Any

import msgspec

from newsdex.search.errors import explained
from newsdex.search.query.request import SEARCH_TIMEOUT, SORTS, SearchRequest, Sort, ranked_clause
from newsdex.search.results.highlights import Passage, highlight_request, passages
from newsdex.transforms.article import Entities, Precision, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

TIMED_OUT = "The search took too long, so that hits may be missing: use fewer or longer words."

SOURCE_FIELDS = [
    "title", "summary", "url", "source", "language", "published_at", "published_at_precision", "published_on",
    "entities", "copy_count", "copy_sources", "paywalled", "duplicate_of", "story_id",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article found: what a result list shows. `get` returns the whole article."""

    id: str
    score: float | None
    """`None` where hits are sorted by date."""
    title: str | None = None
    summary: str | None = None
    url: str | None = None
    source: Source = field(default_factory=Source)
    language: str = "und"
    published_at: datetime | None = None
    published_at_precision: Precision | None = None
    published_on: date | None = None
    """The local day, as the paper prints it."""
    entities: Entities = field(default_factory=Entities)
    copy_count: int = 0
    copy_sources: tuple[str, ...] = ()
    paywalled: bool = False
    duplicate_of: str | None = None
    """Of a copy that is kept beside its article: that article's id."""
    story_id: str | None = None
    story_count: int = 0
    """With `SearchRequest.by_story`: how many articles of its story match, itself included; 0 where it has none."""
    title_passage: Passage | None = None
    """The title with its matches marked, where it has any."""
    passages: tuple[Passage, ...] = ()
    """Passages of the body with their matches marked, the best first."""

    def to_dict(self) -> dict[str, Any]:
        """Return the hit as plain values that go into JSON: dates and times as ISO 8601."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """The answer to a `SearchRequest`."""

    total: int
    """How many articles match, exactly."""
    hits: tuple[Hit, ...]
    took_ms: int
    """Milliseconds that Elasticsearch took."""
    notes: tuple[str, ...] = ()
    """Sentences for the person: filter values that no article has, with close ones; that time ran out."""
    query: str = ""
    """The query that was answered: as typed, or with the words of `corrected` added."""
    corrected: tuple[tuple[str, str], ...] = ()
    """Words that few articles have, each with a like word that was searched for as well."""
    next_offset: int | None = None
    """`SearchRequest.offset` of the next hits, `None` where these are the last, or no further ones can be had."""
    stories: int | None = None
    """With `SearchRequest.by_story`: how many stories and articles without one match, to some percent."""


def search_body(request: SearchRequest, newest: str | None = None) -> dict[str, Any]:
    """Return the search that Elasticsearch is asked for a question.

    Args:
        request: the question.
        newest: the day that the "recent" order counts from (`newest_day`).
    """
    body: dict[str, Any] = {
        "query": ranked_clause(request, newest),
        "size": request.size,
        "from": request.offset,
        "sort": SORTS[request.sort],
        "_source": {"includes": SOURCE_FIELDS},
        "track_total_hits": True,
        "timeout": SEARCH_TIMEOUT,
    }
    if request.highlight:
        body["highlight"] = highlight_request()
    return body


def listed(
    client: Elasticsearch, names: IndexNames, query: Mapping[str, Any], *, sort: Sort, size: int
) -> Mapping[str, Any]:
    """Return Elasticsearch's answer with the first hits of a query, without passages.

    Raises:
        SearchError: no index yet, or no node; the sentence names the fix.
    """
    with explained():
        answer: Mapping[str, Any] = client.search(
            index=names.articles,
            query=dict(query),
            size=size,
            sort=SORTS[sort],
            source={"includes": SOURCE_FIELDS},
            track_total_hits=True,
            timeout=SEARCH_TIMEOUT,
        ).body
    return answer


def newest_day(client: Elasticsearch, names: IndexNames) -> str | None:
    """Return the day of the newest article, `None` where none has a date."""
    ends = client.search(
        index=names.articles, size=0, aggs={"newest": {"max": {"field": "published_at", "format": "strict_date"}}}
    ).body["aggregations"]["newest"]
    return ends.get("value_as_string") if ends["value"] is not None else None


def results_of(answer: Mapping[str, Any], request: SearchRequest) -> SearchResults:
    """Return what Elasticsearch answered to `search_body`."""
    return SearchResults(
        total=int(answer["hits"]["total"]["value"]),
        hits=tuple(hit_of(hit) for hit in answer["hits"]["hits"]),
        took_ms=int(answer["took"]),
        notes=(TIMED_OUT,) if answer["timed_out"] else (),
        query=request.query,
    )


def hit_of(found: Mapping[str, Any]) -> Hit:
    """Return one hit of Elasticsearch's answer."""
    marked = found.get("highlight", {})
    title = passages(marked.get("title", ()))
    fields = {name: value for name, value in found["_source"].items() if value is not None}
    hit = msgspec.convert({**fields, "id": found["_id"], "score": found["_score"]}, Hit)
    body = passages(marked.get("body", ()))
    return replace(hit, title_passage=title[0] if title else None, passages=body) if title or body else hit
