"""Typo tolerance: a word that few articles have, beside a like word that many have."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from newsdex.search.query.clauses import FIELDS
from newsdex.search.query.syntax import leaves, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames
    from newsdex.search.query.syntax import Leaf

FEW = 20
"""Hits up to which words are looked at: a page. With more, what was typed is what the articles have."""

MUCH_MORE = 10
"""How many times as frequent as the typed word another must be: `Muller` 20 articles, `Mueller` 1,500. (Where no
article has the typed word, any like one is better.)"""

MIN_LETTERS = 4
"""Shortest word looked at: a letter changed in a shorter one makes another word (`Iran`, `Iraq` are four)."""

LONG_WORD = 5
"""Letters from which two may be wrong instead of one."""

PER_LETTER = 1.5
"""What one more wrong letter weighs, in powers of ten of frequency: `Muler` is `Mueller` (1,500 articles, two letters
away) rather than `Muller` (15, one letter), since 1,500 is more than 30 times as many."""

MAX_WORDS = 8
"""Words of a query that are looked at, from the left."""

CANDIDATES = 5
"""Like words that Elasticsearch is asked for, for each typed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A query with like words added."""

    query: str
    """What was typed, with each word of `words` as `(typed | like)`."""
    words: tuple[tuple[str, str], ...]
    """Typed word, like word."""

    @property
    def sentence(self) -> str:
        """What was done, for the person."""
        return said(self.words)


def said(words: Sequence[tuple[str, str]]) -> str:
    """Return in a sentence which words were searched for as well."""
    pairs = ", ".join(f"{like!r} besides {typed!r}" for typed, like in words)
    return f"Few articles have all of these words, so like ones were searched for as well: {pairs}."


def corrected(client: Elasticsearch, names: IndexNames, query: str) -> Correction | None:
    """Return the query with a more frequent word beside each that looks misspelt, `None` where none does.

    Phrases, words with a sign (`begin*`, `word~`) or a field and words that must not occur stay as typed.
    Elasticsearch's own errors come through.
    """
    typed = [leaf for leaf in leaves(parse(query, FIELDS)) if leaf.plain and leaf.text.isalpha()]
    typed = [leaf for leaf in typed if len(leaf.text) >= MIN_LETTERS][:MAX_WORDS]
    if not typed:
        return None
    answer = client.search(
        index=names.articles,
        size=0,
        suggest={f"word{number}": _suggest(leaf) for number, leaf in enumerate(typed)},
        aggs={
            f"word{number}": {"filter": {"multi_match": {"query": leaf.text, "fields": ["title", "body"]}}}
            for number, leaf in enumerate(typed)
        },
    ).body
    better: list[tuple[Leaf, str]] = []
    for number, leaf in enumerate(typed):
        have = answer["aggregations"][f"word{number}"]["doc_count"]
        options = [option for entry in answer["suggest"][f"word{number}"] for option in entry["options"]]
        like = _best(leaf.text, have, options)
        if like:
            better.append((leaf, like))
    return _written(query, better) if better else None


def _suggest(leaf: Leaf) -> dict[str, Any]:
    term = {
        "field": "body",
        "suggest_mode": "popular",
        "max_edits": 2 if len(leaf.text) >= LONG_WORD else 1,
        "prefix_length": 1,
        "min_word_length": MIN_LETTERS,
        "size": CANDIDATES,
    }
    return {"text": leaf.text, "term": term}


def _best(typed: str, have: int, options: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the word that was most likely meant: like the typed one, and much more frequent."""
    frequent = [option for option in options if option["freq"] >= max(MUCH_MORE * have, 1)]
    if not frequent:
        return None
    best: str = max(frequent, key=lambda option: log10(option["freq"]) - PER_LETTER * _edits(typed, option))["text"]
    return best


def _edits(typed: str, option: Mapping[str, Any]) -> int:
    """Return how many letters differ, from Elasticsearch's likeness (1 - edits / length of the shorter word)."""
    letters: int = round((1 - option["score"]) * min(len(typed), len(option["text"])))
    return letters


def _written(query: str, better: Sequence[tuple[Leaf, str]]) -> Correction:
    pieces: list[str] = []
    at = 0
    for leaf, like in better:
        pieces += [query[at : leaf.start], f"({leaf.text} | {like})"]
        at = leaf.end
    return Correction(query="".join([*pieces, query[at:]]), words=tuple((leaf.text, like) for leaf, like in better))
