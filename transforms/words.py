"""The reviewed words of `entities.toml`, compiled once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Words:
    """Word tables, lower-cased where they are compared without case."""

    titles: frozenset[str]
    junk: frozenset[str]
    peoples: frozenset[str]
    legal_forms: frozenset[str]
    generic_endings: frozenset[str]
    organizations: dict[str, str]
    """Surface form → canonical name, exact case."""


@cache
def words() -> Words:
    """The tables, read once."""
    table = tomllib.loads((Path(__file__).parent / "entities.toml").read_text(encoding="utf-8"))
    organizations = {name: name for name in table["organizations"]}
    organizations |= {surface: name for name, surfaces in table["organizations"].items() for surface in surfaces}
    return Words(
        titles=frozenset(table["titles"]),
        junk=frozenset(table["junk"]),
        peoples=frozenset(table["peoples"]),
        legal_forms=frozenset(table["legal_forms"]),
        generic_endings=frozenset(table["generic_endings"]),
        organizations=organizations,
    )


def is_title(word: str) -> bool:
    """Whether a word is a title or role that stands before a name ("Sen.")."""
    return word.lower().rstrip(".") in words().titles


SHOUTED_LINE = re.compile(r"^[^a-z\n]{20,}$", re.MULTILINE)
"""A line without a lower-case letter: a heading or a cry, where capitals say nothing about names."""
