"""The reviewed words of `entities.toml`, compiled once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from newsdex.tables import load_table


@dataclass(frozen=True, slots=True)
class Words:
    """Word tables, lower-cased where they are compared without case."""

    titles: frozenset[str]
    junk: frozenset[str]
    peoples: frozenset[str]
    legal_forms: frozenset[str]
    generic_endings: frozenset[str]
    generic: frozenset[str]
    sentence_starts: frozenset[str]
    weak: frozenset[str]
    """Exact case."""
    roles: frozenset[str]
    organization_words: frozenset[str]
    page_words: frozenset[str]
    doubtful: frozenset[str]
    """Exact case."""
    organizations: dict[str, str]
    """Surface form → canonical name, exact case."""
    people: dict[str, str]
    """Surface form → canonical name, exact case."""


@cache
def words() -> Words:
    """Return the tables, read once."""
    table = load_table(__file__, "entities.toml")
    lists = ("titles", "junk", "peoples", "legal_forms", "generic_endings", "generic", "weak", "roles")
    more = ("sentence_starts", "organization_words", "page_words", "doubtful")
    return Words(
        **{name: frozenset(table[name]) for name in (*lists, *more)},
        organizations=_by_surface(table["organizations"]),
        people=_by_surface(table["people"]),
    )


def _by_surface(table: dict[str, list[str]]) -> dict[str, str]:
    return {surface: name for name, surfaces in table.items() for surface in (name, *surfaces)}


def is_title(word: str) -> bool:
    """Return whether a word is a title or role that stands before a name ("Sen.")."""
    return word.lower().rstrip(".") in words().titles


SHOUTED_LINE = re.compile(r"^[^a-z\n]{20,}$", re.MULTILINE)
"""A line without a lower-case letter: a heading or a cry, where capitals say nothing about names."""
