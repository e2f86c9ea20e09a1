"""Searching articles: typed questions, typed answers, and a plain sentence where a question cannot be answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime  # noqa: TC003  # msgspec reads the field types at run time
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from newsdex.search.errors import SearchError, explained
from newsdex.search.query.clauses import RANKING, Ranking, check_query, match_clause
from newsdex.search.query.filters import Filters
from newsdex.search.query.spelling import FEW, corrected
from newsdex.search.query.suggestions import notes_for
from newsdex.search.results.highlights import Passage, highlight_request, passages
from newsdex.search.store.documents import from_source
from newsdex.transforms.article import Entities, Precision, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.transforms.article import Article

Sort = Literal["relevance", "recent", "newest", "oldest"]
"""Order of hits: the best match; the best match, the newer the better; by date alone."""

MAX_WINDOW = 10_000
"""How far Elasticsearch pages by number (its own `index.max_result_window`); beyond it `results.paging` walks."""

MAX_DEPTH = 100_000
"""How far hits can be paged through: ten steps of `MAX_WINDOW`, half a second; who wants more wants an export."""

MAX_STORY_DEPTH = 1_000
"""How far stories can be paged through: both lists that are merged are read from their beginning."""

RECENT = "90d"
"""With the "recent" order: after so many days half of what being new counts for is gone; a season of news."""

RECENT_WEIGHT = 2
"""With the "recent" order: what being new adds, so that today's article counts thrice an old one."""

MAX_SIZE = 1_000
"""Most hits in one answer."""

SEARCH_TIMEOUT = "10s"
"""After this time Elasticsearch answers with what it has found: a search page cannot wait longer."""

TIMED_OUT = "The search took too long, so that hits may be missing: use fewer or longer words."

SOURCE_FIELDS = [
    "title", "summary", "url", "source", "language", "published_at", "published_at_precision", "entities",
    "copy_count", "copy_sources", "paywalled", "duplicate_of", "story_id",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One question.

    `query`: words that must all occur; `"a phrase"`; `word | word` (or `OR`) for either; `-word` (or `NOT word`) for
    without; `begin*`; `mispelt~`; `title:word`, `person:"A Name"` and the like (`query.clauses.FIELDS`); brackets.
    Anything else is taken as words: no syntax is an error. Empty or `*` means every article.
    """

    query: str = ""
    filters: Filters = field(default_factory=Filters)
    size: int = 10
    offset: int = 0
    sort: Sort = "relevance"
    highlight: bool = True
    exact: bool = False
    """Whether to search for the words as typed only, misspelt or not (`newsdex.search.query.spelling`)."""
    by_story: bool = False
    """Whether of each story only the best article is shown (`newsdex.search.results.stories`)."""
    ranking: Ranking = RANKING
    """What a match counts for, by where it stands."""

    def __post_init__(self) -> None:
        """Check the question, so that no absurd one reaches the node."""
        check_query(self.query)
        if not 0 <= self.size <= MAX_SIZE:
            raise SearchError(f"{self.size:,} hits cannot be shown at once: ask for 0 to {MAX_SIZE:,}.")
        deepest = MAX_STORY_DEPTH if self.by_story else MAX_DEPTH
        if self.offset < 0 or self.offset + self.size > deepest:
            what = "Stories" if self.by_story else "Hits"
            raise SearchError(
                f"{what} can be paged through up to number {deepest:,}: narrow the search with filters, or export it."
            )


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
    stories: int | None = None
    """With `SearchRequest.by_story`: how many stories and articles without one match, to some percent."""


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
            return found
        wider = found_by(client, names, replace(request, query=better.query))
    return replace(wider, corrected=better.words) if wider.total > found.total else found


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


def found_by(client: Elasticsearch, names: IndexNames, request: SearchRequest) -> SearchResults:
    """Return the articles that match a query as it is typed; Elasticsearch's own errors come through."""
    from newsdex.search.results.paging import deep_page  # noqa: PLC0415  # they build on this module
    from newsdex.search.results.stories import story_page  # noqa: PLC0415

    if request.by_story:
        return story_page(client, names, request)
    if request.offset + request.size > MAX_WINDOW:
        return results_of(deep_page(client, names, request), request)
    newest = newest_day(client, names) if request.sort == "recent" else None
    return results_of(client.search(index=names.articles, body=search_body(request, newest)).body, request)


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


def ranked_clause(request: SearchRequest, newest: str | None) -> dict[str, Any]:
    """Return the query of a question, with what being recent counts for where it is asked for."""
    clause = match_clause(request.query, request.filters, request.ranking)
    if request.sort != "recent":
        return clause
    until = request.filters.until
    origin = until.isoformat() if until and until.year < 9999 else newest
    if origin is None:
        return clause
    lately = {"exp": {"published_at": {"origin": origin, "scale": RECENT}}, "weight": RECENT_WEIGHT}
    return {
        "function_score": {
            "query": clause,
            # An article without a date is not new: without this filter Elasticsearch would take it for the newest.
            "functions": [{"filter": {"exists": {"field": "published_at"}}, **lately}, {"weight": 1}],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


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


SORTS: Mapping[str, list[Any]] = {
    "relevance": ["_score", {"published_at": {"order": "desc", "missing": "_last"}}],
    "recent": ["_score", {"published_at": {"order": "desc", "missing": "_last"}}],
    "newest": [{"published_at": {"order": "desc", "missing": "_last"}}, "_score"],
    "oldest": [{"published_at": {"order": "asc", "missing": "_last"}}, "_score"],
}


def hit_of(found: Mapping[str, Any]) -> Hit:
    """Return one hit of Elasticsearch's answer."""
    marked = found.get("highlight", {})
    title = passages(marked.get("title", ()))
    fields = {name: value for name, value in found["_source"].items() if value is not None}
    hit = msgspec.convert({**fields, "id": found["_id"], "score": found["_score"]}, Hit)
    body = passages(marked.get("body", ()))
    return replace(hit, title_passage=title[0] if title else None, passages=body) if title or body else hit
