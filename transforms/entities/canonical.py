"""Canonical names inside one article: short forms to the full name that the article gives."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from newsdex.transforms.entities.word_lists import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))
"""What follows a surname and is none."""

SMALL_WORDS = frozenset(("of", "the", "for", "and", "on", "in", "to", "a", "&", "de", "la", "des", "du"))
"""Words that an acronym may skip."""

ACRONYM_LENGTH = range(2, 8)


def people(counts: Mapping[str, int]) -> dict[str, str]:
    """Surface form → canonical name of the people of an article.

    A surname or the end of a name goes to the full name that the article has for it, the most often named one where
    there are several; a given name goes to the only person who has it; two spellings of one full name (with and without
    a middle name) go to the more frequent one.

    Args:
        counts: how often each surface form stands in the article, in order of first mention.
    """
    table = words().people
    spelled = {surface: _capitals(surface) for surface in counts}
    full: Counter[str] = Counter()
    for surface, name in spelled.items():
        if len(_core(name)) > 1:
            full[name] += counts[surface]
    merged = _merge_middle_names(full)
    by_end: dict[tuple[str, ...], list[str]] = defaultdict(list)
    by_first: dict[str, set[str]] = defaultdict(set)
    for name in full:
        core = _core(name)
        by_first[core[0]].add(merged[name])
        for cut in range(1, len(core)):
            by_end[core[cut:]].append(merged[name])
    result = {}
    for surface, name in spelled.items():
        core = _core(name)
        longer = by_end.get(core)
        if longer:
            result[surface] = max(dict.fromkeys(longer), key=lambda candidate: full[candidate])
        elif _is_initial(core[0]) and len(core) > 1:
            same = [name for name in by_end.get(core[1:], ()) if name.lower().startswith(core[0][0])]
            result[surface] = (
                max(same, key=lambda candidate: (len(_core(candidate)[0]) > 2, full[candidate])) if same else name
            )
        elif len(core) == 1 and len(by_first.get(core[0], ())) == 1:
            result[surface] = next(iter(by_first[core[0]]))
        else:
            result[surface] = merged.get(name, name)
    return {surface: table.get(name, name) for surface, name in result.items()}


def _core(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case, without "Jr." and its like."""
    core = tuple(word for word in name.lower().split() if word not in SUFFIXES)
    return core or (name.lower(),)


def _capitals(name: str) -> str:
    """Return a name in capitals written as names are ("TRUMP" → "Trump").

    Short ones may be initials ("JFK") and stay.
    """
    letters = name.replace(" ", "").replace(".", "").replace("-", "")
    return name.title() if name.isupper() and len(letters) > 4 else " ".join(name.split())


def _merge_middle_names(full: Mapping[str, int]) -> dict[str, str]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in full:
        core = _core(name)
        groups[core[0], core[-1]].append(name)
    merged = {}
    for names in groups.values():
        best = max(names, key=lambda name: (not _has_initial(name), full[name], len(name)))
        merged.update(dict.fromkeys(names, best))
    return merged


def _is_initial(word: str) -> bool:
    return len(word.rstrip(".")) == 1


def _has_initial(name: str) -> bool:
    return any(_is_initial(word) for word in name.split()[1:-1])


def organizations(counts: Mapping[str, int]) -> dict[str, str]:
    """Surface form → canonical name of the organisations of an article.

    In this order: the reviewed table, without the legal form ("Apple Inc." → "Apple"); the expansion of an acronym; the
    longer name that only adds a generic word ("Brookings" → "Brookings Institution").
    """
    table = words()
    short = {surface: _without_legal_form(surface) for surface in counts}
    names = list(dict.fromkeys(short.values()))
    initials = _by_initials(names)
    longer = _by_beginning(names, table.generic_endings)
    ending = _by_ending(names)
    result = {}
    for surface, name in short.items():
        whole = ending.get(name.lower(), name)
        whole = initials.get(_plain_acronym(whole)) or longer.get(whole) or whole
        known = [table.organizations.get(form) for form in (surface, name, whole, whole.title())]
        result[surface] = next(filter(None, known), whole)
    return result


def _without_legal_form(name: str) -> str:
    parts = name.split()
    while len(parts) > 1 and parts[-1].lower() in words().legal_forms:
        parts.pop()
        parts[-1] = parts[-1].rstrip(",")
    return " ".join(parts)


def _plain_acronym(name: str) -> str:
    """Return an acronym without dots, or "" if the name is none."""
    plain = name.replace(".", "")
    return plain if plain.isupper() and plain.isalpha() and len(plain) in ACRONYM_LENGTH else ""


def _by_initials(names: Iterable[str]) -> dict[str, str]:
    expansions: dict[str, str] = {}
    for name in names:
        parts = name.split()
        if len(parts) < 2:
            continue
        strict = "".join(part[0] for part in parts if part.lower() not in SMALL_WORDS)
        loose = "".join(part[0] for part in parts).upper()
        for initials in (strict, loose):
            if initials.isupper() and len(initials) in ACRONYM_LENGTH:
                expansions.setdefault(initials, words().organizations.get(name, name))
    return expansions


def _by_ending(names: Iterable[str]) -> dict[str, str]:
    """Return a generic last word → the longer name that ends in it, the first one of the article ("Times")."""
    longer: dict[str, str] = {}
    for name in names:
        last = name.rsplit(" ", 1)[-1].lower()
        if " " in name and last in words().generic:
            longer.setdefault(last, name)
    return longer


def _by_beginning(names: Iterable[str], endings: frozenset[str]) -> dict[str, str]:
    longer: dict[str, str] = {}
    for name in names:
        parts = name.split()
        cut = len(parts)
        while cut > 1 and parts[cut - 1].lower() in endings:
            cut -= 1
            longer.setdefault(" ".join(parts[:cut]), name)
    return longer
