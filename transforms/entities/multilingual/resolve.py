# ruff: noqa: RUF001  # the signs of many scripts
"""The names of an article that is not in English, given what a model found in it: trimmed, of one type, canonical."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING

from newsdex.tables import load_table
from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.multilingual import inflection
from newsdex.transforms.entities.multilingual.toponyms import settled
from newsdex.transforms.entities.name_lookup import NameMatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from newsdex.transforms.entities.mentions import Span

MAX_NAME_CHARS = 80
"""No name of the gold sets is longer; what is longer is a line that the model took whole."""

EDGE = " \t\r\n\v\f\u00a0\u3000\"'“”‘’`´«»‹›„‚()[]{}<>,;:!?*•|/\\_–—-…#=+~^。、，；：！？「」『』（）【】《》·・।؟،"
"""What may stand round a name and is no part of it."""

MIN_NAME_CHARS = 2
"""A single letter, or a single sign of Chinese or Japanese, is what is left of a name that was cut."""

NO_NAME = re.compile(r"[\n\r@<>{}|=]|https?:|www\.")
_LETTER = re.compile(r"[^\W\d_]")


def trimmed(body: str, spans: Iterable[Span]) -> list[NameMatch]:
    """Return the spans without signs round the name, in order, without overlaps; what is no name is dropped."""
    found: list[NameMatch] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        inner = body[start:end].lstrip(EDGE)
        first = end - len(inner)
        last = first + len(inner.rstrip(EDGE))
        text = body[first:last]
        if _is_name(text) and not (found and first < found[-1].end):
            found.append(NameMatch(first, last, kind, text))
    return found


def voted(found: Sequence[NameMatch], language: str) -> list[NameMatch]:
    """Return the names with one type for each form: what is known of it, else what most of its mentions say.

    A country or a metropolis that a model takes for an organisation is a place: "Francia" in a list of teams.
    """
    votes: dict[str, Counter[EntityType]] = defaultdict(Counter)
    for name in found:
        votes[name.text][name.type] += 1
    types = {text: max(EntityType, key=counts.__getitem__) for text, counts in votes.items()}
    types |= {
        text: EntityType.PLACE
        for text, kind in types.items()
        if kind is EntityType.ORGANIZATION and settled(text, language)
    }
    return [name._replace(type=types[name.text]) for name in found]


def people(counts: Mapping[str, int], language: str) -> dict[str, str]:
    """Return each form's person: the fullest name that the article has, in its base form where that occurs."""
    based = _based(counts, language)
    full: Counter[str] = Counter()
    for form, count in counts.items():
        full[based[form]] += count
    by_last: dict[str, list[str]] = defaultdict(list)
    for name in full:
        for word in name.split()[1:]:
            by_last[word].append(name)
    result = {}
    for form, name in based.items():
        longer = by_last.get(name)
        if longer is None and " " not in name:
            last = inflection.base(name, by_last.keys(), language)
            longer = by_last.get(last) if last else None
        result[form] = max(dict.fromkeys(longer), key=full.__getitem__) if longer and " " not in name else name
    return result


def organizations(counts: Mapping[str, int], language: str) -> dict[str, str]:
    """Return each form's organisation: under one name where all languages have their own, else in its base form."""
    based = _based(counts, language)
    return {form: _known().get(form) or _known().get(name) or name for form, name in based.items()}


def _based(counts: Mapping[str, int], language: str) -> dict[str, str]:
    """Return each form's base form; where the article has none, the form as written."""
    plain = {form: " ".join(unicodedata.normalize("NFC", form).split()) for form in counts}
    if language == "tr":
        # An apostrophe always stands between a name and its case there.
        plain = {form: inflection.bare(text) for form, text in plain.items()}
    # Only names of as many words that begin alike can be forms of each other; in order, so that the choice is the same.
    alike: dict[tuple[int, str], dict[str, None]] = defaultdict(dict)
    for text in plain.values():
        alike[text.count(" "), text[:3]][text] = None
    result = {
        form: inflection.base(text, alike[text.count(" "), text[:3]], language) or text for form, text in plain.items()
    }
    # A form of a form goes all the way ("Tuskowi" → "Tuska" → "Tusk").
    return {form: result.get(text, text) for form, text in result.items()}


@cache
def _known() -> dict[str, str]:
    table = load_table(__file__, "organizations.toml")
    return {form: name for name, entry in table.items() for form in entry["forms"]}


def _is_name(text: str) -> bool:
    if len(text) < MIN_NAME_CHARS or len(text) > MAX_NAME_CHARS or NO_NAME.search(text) or not _LETTER.search(text):
        return False
    # In a script with capitals a name has one.
    return text.lower() == text.upper() or text != text.lower()
