"""What a person may have meant by a facet value that no article has."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from newsdex.search.query.facet_table import FACETS, Facet, Matching
from newsdex.search.query.filters import Filters, value_clause

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from newsdex.search.indices.manage import IndexNames

CLOSE_VALUES = 5
"""How many close values are named: as many as fit into one sentence."""

_CANDIDATES = 1_000
"""Values looked at, the most frequent first: enough for every name that begins alike, 10 ms to compare."""

_STEM_CHARS = 3
"""A candidate shares the first three letters of a word with what was typed: typos sit mostly further on."""

_CLOSE_ENOUGH = 0.75
"""Similarity (difflib) from which a value is named: `Trmup` and `Trump` have 0.8, `Trump` and `Tramp` too."""

_REGEX_CHARS = re.compile(r"[^\w]", re.UNICODE)

_WORD_BORDER = "( |[.]|'|\u2019|-)"
"""What stands before a word within a name, the typographic apostrophe included."""

_MAX_WORDS = 4
"""Words of what was typed that are looked at: names have two or three."""


def notes_for(client: Elasticsearch, names: IndexNames, filters: Filters) -> tuple[str, ...]:
    """Return a sentence for every filter value that no article has, naming close values; for when nothing is found."""
    asked = [(facet, value) for facet in FACETS for value in filters.of(facet.name)]
    if not asked:
        return ()
    searches: list[dict[str, Any]] = []
    for facet, value in asked:
        searches.append({})
        searches.append({"size": 0, "terminate_after": 1, "query": value_clause(facet, value)})
    answers = client.msearch(index=names.articles, searches=searches).body["responses"]
    absent = [pair for pair, answer in zip(asked, answers, strict=True) if not answer["hits"]["total"]["value"]]
    return tuple(_note(client, names, facet, value) for facet, value in absent)


def close_values(client: Elasticsearch, names: IndexNames, facet: Facet, typed: str) -> tuple[str, ...]:
    """Return values of a facet that are like what was typed or hold its words, the likest first."""
    pattern = _pattern(typed)
    if not pattern:
        return ()
    terms = {"field": facet.field, "include": pattern, "size": _CANDIDATES}
    answer = client.search(index=names.articles, size=0, aggs={"values": {"terms": terms}})
    folded = _folded(typed)
    scored = [
        (_likeness(folded, _folded(bucket["key"])), bucket["doc_count"], bucket["key"])
        for bucket in answer["aggregations"]["values"]["buckets"]
    ]
    close = sorted((row for row in scored if row[0] >= _CLOSE_ENOUGH), key=lambda row: (-row[0], -row[1], row[2]))
    return tuple(value for _, _, value in close[:CLOSE_VALUES])


_NAME_BORDER = "[ .'\u2019\\-\\/\\(\\<\\\"\u201c\u201e\u00ab\\&]"
"""What stands before a word within a name that somebody is typing, quotation marks and brackets included."""


def beginning_pattern(typed: str) -> str:
    """Return a Lucene regular expression for values that begin as typed, or have a word that does; `""` for no word."""
    words = [word for word in _REGEX_CHARS.split(typed) if word]
    # What is no letter or digit (a space, a hyphen, an apostrophe) stands for any such sign.
    letters = "[^a-zA-Z0-9]+".join("".join(_either_case(letter) for letter in word) for word in words)
    return f"(.*{_NAME_BORDER})?{letters}.*" if letters else ""


def _note(client: Elasticsearch, names: IndexNames, facet: Facet, value: str) -> str:
    if facet.matching is Matching.DATE:
        return (
            f"No article names the date {value[:80]!r}, nor one within it: `newsdex facets` lists dates that are named."
        )
    close = close_values(client, names, facet, value)
    if close:
        listed = ", ".join(f"{each!r}" for each in close)
        return f"No article has the {facet.noun} {value[:80]!r}; close ones are {listed}."
    return f"No article has the {facet.noun} {value[:80]!r}, nor one like it: `newsdex facets` lists what there is."


def _pattern(typed: str) -> str:
    """Return a Lucene regular expression for values with a word that begins as one of those typed."""
    words = [word for word in _REGEX_CHARS.split(typed) if word][:_MAX_WORDS]
    stems = {"".join(_either_case(letter) for letter in word[:_STEM_CHARS]) for word in words}
    return f"(.*{_WORD_BORDER})?({'|'.join(sorted(stems))}).*" if stems else ""


def _either_case(letter: str) -> str:
    forms = {form for form in (letter, letter.lower(), letter.upper()) if len(form) == 1}
    return f"[{''.join(sorted(forms))}]"


def _folded(text: str) -> str:
    """Return a name without regard to case and accents."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter)
    )


def _likeness(typed: str, value: str) -> float:
    """Return how alike two names are, 0 to 1: as a whole, or word by word where one leaves words out."""
    whole = difflib.SequenceMatcher(None, typed, value).ratio()
    words, others = typed.split(), value.split()
    if not words or not others:
        return whole
    best = [max(difflib.SequenceMatcher(None, word, other).ratio() for other in others) for word in words]
    return max(whole, sum(best) / len(best))
