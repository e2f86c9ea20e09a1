# ruff: noqa: RUF001  # the signs of many scripts
"""The base form of a name among the forms that an article has: "Путина", "Путину" and "Путин" are one."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from newsdex.tables import load_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MIN_BASE = 4
"""Letters of a base form: shorter ones are the beginning of too much else."""

MAX_ENDING = 5
"""Letters of the longest ending in the table."""

KEPT_WORDS = 20_000
"""Words whose possible base forms are kept, some 10 MB: a worker lives for weeks, and meets new names every day."""

APOSTROPHES = "'’ʼ"


@cache
def _undone(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return ending → what stands in its place in the base form."""
    table = load_table(__file__, "inflection.toml").get(language, {})
    found: dict[str, list[str]] = {}
    for base, endings in table.items():
        for ending in endings:
            found.setdefault(ending, []).append(base)
    return {ending: tuple(bases) for ending, bases in found.items()}


@lru_cache(maxsize=KEPT_WORDS)
def _word_bases(word: str, language: str) -> tuple[str, ...]:
    """Return what a word may be a form of, itself first."""
    undone = _undone(language)
    bases = [word]
    for length in range(1, min(MAX_ENDING, len(word)) + 1):
        stem, ending = word[:-length], word[-length:]
        bases += (stem + base for base in undone.get(ending, ()) if len(stem + base) >= MIN_BASE)
    return tuple(dict.fromkeys(bases))


def bare(name: str) -> str:
    """Return a name without the case that an apostrophe separates ("Ankara'da" → "Ankara")."""
    for sign in APOSTROPHES:
        cut = name.rfind(sign)
        if cut >= MIN_BASE - 1 and name[cut + 1 :].islower():
            return name[:cut].rstrip()
    return name


def base(name: str, known: Collection[str], language: str) -> str | None:
    """Return the one of the known names that a name is an inflected form of, or `None`."""
    undone = _undone(language)
    plain = bare(name) if language == "tr" else name
    if plain != name and plain in known:
        return plain
    if not undone:
        return None
    words = name.split()
    choices = [_word_bases(word, language) for word in words]
    if len(words) == 1 and not any(form in known and form != name for form in choices[0]):
        return None
    # Word for word: a name of three has few enough forms, and only the last words of a longer one change.
    for candidate in known:
        if candidate == name:
            continue
        parts = candidate.split()
        if len(parts) == len(words) and all(part in forms for part, forms in zip(parts, choices, strict=True)):
            return candidate
    return None


def of_table(name: str, table: Mapping[str, object], language: str) -> str | None:
    """Return the key of a table that a name is, or is an inflected form of, or `None`."""
    if name in table:
        return name
    plain = bare(name)
    if plain in table:
        return plain
    head, _, last = name.rpartition(" ")
    for form in _word_bases(last, language)[1:]:
        candidate = f"{head} {form}" if head else form
        if candidate in table:
            return candidate
    return None
