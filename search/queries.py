"""Searching articles: typed questions, typed answers, and a plain sentence where a question cannot be answered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime  # noqa: TC003  # msgspec reads the field types at run time
from typing import TYPE_CHECKING, Any, Literal

import elastic_transport
import msgspec
from elasticsearch import ApiError

from search.documents import from_source
from search.errors import SearchError, explain
from search.filters import Filters
from search.highlights import Passage, highlight_request, passages
from search.mapping import STEMMED
from search.suggestions import notes_for
from transforms.article import Entities, Precision, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticsearch import Elasticsearch

    from search.indices import IndexNames
    from transforms.article import Article

MAX_QUERY_CHARS = 1_000
"""Longest query: about 150 words. A person types a tenth of it; a longer one is a pasted text."""

MAX_QUERY_WORDS = 60
"""Most words in a query: each becomes a clause for every language, and the embedded node takes some thousands."""

MAX_WINDOW = 10_000
"""How far Elasticsearch pages by number (its own `index.max_result_window`)."""

MAX_SIZE = 1_000
"""Most hits in one answer."""

MAX_OPEN_WORDS = 5
"""Most words with `*` or `~`: each is compared with every word of the index, for every language (up to 0.4 s each)."""

SEARCH_TIMEOUT = "10s"
"""After this time Elasticsearch answers with what it has found: a search page cannot wait longer."""

TEXT_FIELDS = ("title^3", "body", "summary", f"{STEMMED}.*")
"""Where words are looked for; a title says in few words what an article is about, so it counts thrice."""

TIMED_OUT = "The search took too long, so that hits may be missing: use fewer or longer words."

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»\uff02", '"'))
"""Typographic quotation marks, as word processors and phones write them."""

_LONE_DASH = re.compile(r"(?<!\S)-+(?!\S)")
"""A dash between words ("Trump - Russia"): punctuation, which Elasticsearch would take for "without"."""

_WORD_OPERATORS = (
    (re.compile(r"(?<!\S)AND(?!\S)"), "+"),
    (re.compile(r"(?<!\S)OR(?!\S)"), "|"),
    (re.compile(r"(?<!\S)NOT\s+(?=\S)"), "-"),
)
"""Operators as words, in capitals, and their signs."""

SOURCE_FIELDS = [
    "title", "summary", "url", "source", "language", "published_at", "published_at_precision", "entities",
    "copy_count", "copy_sources", "paywalled",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """One question.

    `query`: words that must all occur; `"a phrase"`; `word | word` (or `OR`) for either; `-word` (or `NOT word`) for
    without; `begin*`; `mispelt~`; brackets. Anything else is taken as words: no syntax is an error. Empty or `*`
    means every article.
    """

    query: str = ""
    filters: Filters = field(default_factory=Filters)
    size: int = 10
    offset: int = 0
    sort: Literal["relevance", "newest", "oldest"] = "relevance"
    highlight: bool = True

    def __post_init__(self) -> None:
        """Check the question, so that no absurd one reaches the node."""
        if len(self.query) > MAX_QUERY_CHARS:
            raise SearchError(
                f"The query has {len(self.query):,} characters and may have {MAX_QUERY_CHARS:,}: shorten it."
            )
        words = len(re.findall(r"\w+", self.query))
        if words > MAX_QUERY_WORDS:
            raise SearchError(f"The query has {words} words and may have {MAX_QUERY_WORDS}: shorten it.")
        if self.query.strip("* \t\r\n") and not words:
            raise SearchError(f"The query {self.query[:40]!r} holds no word to search for: type at least one.")
        open_words = len(re.findall(r"\w[*~]", self.query))
        if open_words > MAX_OPEN_WORDS:
            raise SearchError(
                f"The query has {open_words} words with * or ~ and may have {MAX_OPEN_WORDS}: write some of them out."
            )
        if not 0 <= self.size <= MAX_SIZE:
            raise SearchError(f"{self.size:,} hits cannot be shown at once: ask for 0 to {MAX_SIZE:,}.")
        if self.offset < 0 or self.offset + self.size > MAX_WINDOW:
            raise SearchError(
                f"Hits can be paged through up to number {MAX_WINDOW:,}: narrow the search with filters instead."
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


def search(client: Elasticsearch, names: IndexNames, request: SearchRequest) -> SearchResults:
    """Return the articles that match, the best (or newest) first.

    Raises:
        SearchError: no index yet, no node, a query that the node refuses; the sentence names the fix.
    """
    try:
        answer = client.search(index=names.articles, body=search_body(request)).body
        total = int(answer["hits"]["total"]["value"])
        notes = () if total else notes_for(client, names, request.filters)
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(explain(error)) from error
    return results_of(answer, notes)


def search_body(request: SearchRequest) -> dict[str, Any]:
    """Return the search that Elasticsearch is asked for a question."""
    body: dict[str, Any] = {
        "query": match_clause(request.query, request.filters),
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


def results_of(answer: Mapping[str, Any], notes: tuple[str, ...] = ()) -> SearchResults:
    """Return what Elasticsearch answered to `search_body`, with sentences to add to its own."""
    if answer["timed_out"]:
        notes = (TIMED_OUT, *notes)
    return SearchResults(
        total=int(answer["hits"]["total"]["value"]),
        hits=tuple(_hit(hit) for hit in answer["hits"]["hits"]),
        took_ms=int(answer["took"]),
        notes=notes,
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
    try:
        # Surviving articles first: the index that `duplicate_of` is missing in.
        answer = client.search(
            index=[names.articles, names.copies],
            query={"bool": {"should": any_of, "minimum_should_match": 1}},
            sort=[{"duplicate_of": {"order": "asc", "missing": "_first"}}],
            size=1,
        ).body
    except (ApiError, elastic_transport.TransportError) as error:
        raise SearchError(explain(error)) from error
    found = answer["hits"]["hits"]
    return from_source(found[0]["_id"], found[0]["_source"]) if found else None


def match_clause(query: str, filters: Filters) -> dict[str, Any]:
    """Return the Elasticsearch query for what a person typed, with its filters."""
    text = _as_simple_query(query)
    words: dict[str, Any] = {"match_all": {}}
    if text.strip("* "):
        words = {
            "simple_query_string": {
                "query": text,
                "fields": list(TEXT_FIELDS),
                "default_operator": "and",
                "fuzzy_prefix_length": 1,
            }
        }
    return {"bool": {"must": [words], "filter": filters.clauses()}}


SORTS: Mapping[str, list[Any]] = {
    "relevance": ["_score", {"published_at": {"order": "desc", "missing": "_last"}}],
    "newest": [{"published_at": {"order": "desc", "missing": "_last"}}, "_score"],
    "oldest": [{"published_at": {"order": "asc", "missing": "_last"}}, "_score"],
}


def _as_simple_query(query: str) -> str:
    """Return what a person typed in the syntax of `simple_query_string`."""
    text = _LONE_DASH.sub(" ", query.translate(_QUOTES))
    for word, sign in _WORD_OPERATORS:
        text = word.sub(sign, text)
    return text.strip()


def _hit(found: Mapping[str, Any]) -> Hit:
    marked = found.get("highlight", {})
    title = passages(marked.get("title", ()))
    fields = {name: value for name, value in found["_source"].items() if value is not None}
    hit = msgspec.convert({**fields, "id": found["_id"], "score": found["_score"]}, Hit)
    body = passages(marked.get("body", ()))
    return replace(hit, title_passage=title[0] if title else None, passages=body) if title or body else hit
