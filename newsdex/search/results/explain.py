"""Why an article matches a query: its words where they stand, marked in the whole title and the whole text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import explained
from newsdex.search.query.clauses import match_clause
from newsdex.search.query.filters import Filters
from newsdex.search.query.request import SEARCH_TIMEOUT, SearchRequest
from newsdex.search.results.highlights import highlight_request, passages

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.search.results.highlights import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What of an article is what was searched for."""

    title: Passage | None
    body: Passage | None
    """`None` where nothing in it matches."""

    def words(self, field: Passage | None) -> tuple[tuple[str, int], ...]:
        """Return the matched words of one of the two, in lower case, with how often each occurs."""
        segments = field.segments if field else ()
        counted = Counter(" ".join(each.text.split()).lower() for each in segments if each.matched)
        return tuple(counted.most_common())


def matches(client: Elasticsearch, names: IndexNames, article_id: str, query: str) -> Matches | None:
    """Return where an article (or copy) matches a query, `None` where it does not.

    Raises:
        SearchError: no index yet, no node, a query that cannot be asked; the sentence names the fix.
    """
    request = SearchRequest(query=query, size=1)
    clause = match_clause(request.query, Filters(copies=True))
    clause["bool"]["filter"] += [{"ids": {"values": [article_id]}}]
    marking: dict[str, Any] = highlight_request()
    # The whole text, not its best passages.
    marking["fields"]["body"] = {**marking["fields"]["body"], "number_of_fragments": 0, "no_match_size": 0}
    with explained():
        answer = client.search(
            index=[names.articles, names.copies],
            query=clause,
            size=1,
            source=False,
            highlight=marking,
            timeout=SEARCH_TIMEOUT,
        ).body
    found = answer["hits"]["hits"]
    if not found:
        return None
    marked = found[0].get("highlight", {})
    title, body = passages(marked.get("title", ())), passages(marked.get("body", ()))
    return Matches(title=title[0] if title else None, body=body[0] if body else None)
