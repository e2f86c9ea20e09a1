"""Suggestions while a person types: names of people, organisations, places, papers and agencies that begin so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.search.errors import explained
from newsdex.search.query.facet_table import FACETS
from newsdex.search.query.suggestions import beginning_pattern

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

SUGGESTED_FACETS = tuple(facet for facet in FACETS if facet.suggested)

MIN_TYPED = 2
"""Letters from which suggestions are made: one letter begins half of all names."""

MAX_TYPED = 60
"""Longest beginning of a name that is looked for."""

COMPLETION_TIMEOUT = "1s"
"""Later than this, the person has typed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One name to choose."""

    facet: str
    value: str
    count: int
    """Articles that have it."""
    rest: str
    """What of the typed text is not part of the name: the words that stay in the query."""


def complete(client: Elasticsearch, names: IndexNames, typed: str, *, size: int = 8) -> tuple[Suggestion, ...]:
    """Return names in which a word begins as what was typed, the most frequent first.

    The whole text is tried first, then its last words: `senate vote mitch mc` suggests Mitch McConnell and leaves
    `senate vote` in the query.

    Raises:
        SearchError: no index yet, or no node; the sentence names the fix.
    """
    words = typed.split()
    for start in range(max(0, len(words) - 3), len(words)):
        beginning = " ".join(words[start:])
        if MIN_TYPED <= len(beginning) <= MAX_TYPED:
            found = _beginning_so(client, names, beginning, " ".join(words[:start]), size)
            if found:
                return found
    return ()


def _beginning_so(
    client: Elasticsearch, names: IndexNames, beginning: str, rest: str, size: int
) -> tuple[Suggestion, ...]:
    pattern = beginning_pattern(beginning)
    if not pattern:
        return ()
    with explained():
        answer = client.search(
            index=names.articles,
            size=0,
            aggs={
                facet.name: {"terms": {"field": facet.field, "include": pattern, "size": size}}
                for facet in SUGGESTED_FACETS
            },
            timeout=COMPLETION_TIMEOUT,
        ).body
    found = [
        Suggestion(facet=facet.name, value=bucket["key"], count=bucket["doc_count"], rest=rest)
        for facet in SUGGESTED_FACETS
        for bucket in answer["aggregations"][facet.name]["buckets"]
    ]
    return tuple(sorted(found, key=lambda each: (-each.count, each.value))[:size])
