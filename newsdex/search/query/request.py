"""One question to the index: what is asked for, how much of it and in what order, and the query made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from newsdex.search.errors import SearchError
from newsdex.search.query.clauses import RANKING, Ranking, check_query, match_clause
from newsdex.search.query.filters import Filters

if TYPE_CHECKING:
    from collections.abc import Mapping

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

SORTS: Mapping[str, list[Any]] = {
    "relevance": ["_score", {"published_at": {"order": "desc", "missing": "_last"}}],
    "recent": ["_score", {"published_at": {"order": "desc", "missing": "_last"}}],
    "newest": [{"published_at": {"order": "desc", "missing": "_last"}}, "_score"],
    "oldest": [{"published_at": {"order": "asc", "missing": "_last"}}, "_score"],
}


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
