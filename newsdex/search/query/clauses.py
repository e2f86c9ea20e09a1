"""From what was typed to Elasticsearch's own query language: which fields are asked, and what each counts for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsdex.search.errors import SearchError
from newsdex.search.indices.mapping import FOLDED, STEMMED
from newsdex.search.query.days import first_day, last_day
from newsdex.search.query.facet_table import BY_WORD, Facet
from newsdex.search.query.filters import Filters, span_clause, value_clause
from newsdex.search.query.syntax import AnyOf, Leaf, NoneOf, every_leaf, parse

if TYPE_CHECKING:
    from newsdex.search.query.syntax import Node

MAX_QUERY_CHARS = 1_000
"""Longest query: about 150 words. A person types a tenth of it; a longer one is a pasted text."""

MAX_QUERY_WORDS = 60
"""Most words in a query: each becomes a clause for every language, and the embedded node takes some thousands."""

MAX_OPEN_WORDS = 5
"""Most words with `*` or `~`: each is compared with every word of the index (up to 0.4 s each on a large one)."""

MAX_EXPANSIONS = 50
"""Words of the index that one misspelt word may stand for (Elasticsearch's own default)."""

TEXT_FIELDS = {"title": "title", "body": "body", "text": "body", "summary": "summary"}
"""Name before a colon → the text that it asks."""

FIELDS = frozenset({*TEXT_FIELDS, *BY_WORD, "since", "until"})
"""Every name that may stand before a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What a match counts for, by where it stands.

    Chosen with `benchmarks/relevance.py --tune`; a bonus for words that stand close together was tried and brought
    nothing.
    """

    title: float = 2.0
    """A title says in few words what an article is about."""
    summary: float = 1.0
    body: float = 1.0
    stemmed: float = 0.5
    """Inflected forms, in title and body."""
    tie: float = 1.0
    """What the other fields add to the best one: all of it."""


RANKING = Ranking()


def match_clause(query: str, filters: Filters, ranking: Ranking = RANKING) -> dict[str, Any]:
    """Return the Elasticsearch query for what a person typed, with its filters.

    Raises:
        SearchError: a value before a colon is no date where one is wanted.
    """
    tree = parse(query, FIELDS)
    body: dict[str, Any] = {"must": [{"match_all": {}} if tree is None else _clause(tree, ranking)]}
    body["filter"] = filters.clauses()
    return {"bool": body}


def check_query(query: str) -> None:
    """Check what was typed, so that nothing absurd reaches the node.

    Raises:
        SearchError: it is too long, has too many words, or none; the sentence says what to do.
    """
    if len(query) > MAX_QUERY_CHARS:
        raise SearchError(f"The query has {len(query):,} characters and may have {MAX_QUERY_CHARS:,}: shorten it.")
    words = len(re.findall(r"\w+", query))
    if words > MAX_QUERY_WORDS:
        raise SearchError(f"The query has {words} words and may have {MAX_QUERY_WORDS}: shorten it.")
    typed = list(every_leaf(parse(query, FIELDS)))
    if query.strip("* \t\r\n") and not typed:
        raise SearchError(f"The query {query[:40]!r} holds no word to search for: type at least one.")
    open_words = sum(leaf.prefix or leaf.fuzzy is not None for leaf in typed)
    if open_words > MAX_OPEN_WORDS:
        raise SearchError(
            f"The query has {open_words} words with * or ~ and may have {MAX_OPEN_WORDS}: write some of them out."
        )


def _clause(node: Node, ranking: Ranking) -> dict[str, Any]:
    if isinstance(node, Leaf):
        return _leaf(node, ranking)
    if isinstance(node, NoneOf):
        return {"bool": {"must_not": [_clause(node.of, ranking)]}}
    if isinstance(node, AnyOf):
        return {"bool": {"should": [_clause(each, ranking) for each in node.of], "minimum_should_match": 1}}
    # Facets narrow and say nothing of how well an article fits, so they count for nothing.
    wanted = [each for each in node.of if not isinstance(each, NoneOf)]
    return {
        "bool": {
            "must": [_clause(each, ranking) for each in wanted if not _narrows(each)],
            "filter": [_clause(each, ranking) for each in wanted if _narrows(each)],
            "must_not": [_clause(each.of, ranking) for each in node.of if isinstance(each, NoneOf)],
        }
    }


def _narrows(node: Node) -> bool:
    return isinstance(node, Leaf) and bool(node.field) and node.field not in TEXT_FIELDS


def _leaf(leaf: Leaf, ranking: Ranking) -> dict[str, Any]:
    if leaf.field in BY_WORD:
        facet = BY_WORD[leaf.field]
        return _part_clause(facet, leaf.text) if facet.part else value_clause(facet, leaf.text)
    if leaf.field == "since":
        return span_clause(first_day(leaf.text), None)
    if leaf.field == "until":
        return span_clause(None, last_day(leaf.text))
    return {"multi_match": {"query": leaf.text, "fields": _fields(leaf, ranking), **_how(leaf, ranking)}}


def _part_clause(facet: Facet, text: str) -> dict[str, Any]:
    part = re.sub(r"([*?\\])", r"\\\1", text.lower())
    return {"wildcard": {f"{facet.field}.{FOLDED}": {"value": f"*{part}*"}}}


def _fields(leaf: Leaf, ranking: Ranking) -> list[str]:
    if leaf.field:
        return [TEXT_FIELDS[leaf.field]]
    written = [f"title^{ranking.title}", f"body^{ranking.body}", f"summary^{ranking.summary}"]
    # A phrase, a beginning and a misspelt word are looked for as they are written.
    return [*written, f"{STEMMED}.*^{ranking.stemmed}"] if leaf.plain else written


def _how(leaf: Leaf, ranking: Ranking) -> dict[str, Any]:
    if leaf.phrase:
        return {"type": "phrase", "slop": leaf.slop}
    if leaf.prefix:
        return {"type": "bool_prefix", "operator": "and"}
    how: dict[str, Any] = {"type": "best_fields", "operator": "and", "tie_breaker": ranking.tie}
    if leaf.fuzzy is not None:
        how |= {"fuzziness": leaf.fuzzy or "AUTO", "prefix_length": 1, "max_expansions": MAX_EXPANSIONS}
    return how
