"""One type for every name of an article: the mentions vote, and what is known about a name goes before the votes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from newsdex.transforms.article import EntityType
from newsdex.transforms.entities.gazetteer import BIG_CITY, METROPOLIS, gazetteer, title_case
from newsdex.transforms.entities.mentions import is_name, looks_like_a_people
from newsdex.transforms.entities.word_lists import is_title, words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from newsdex.transforms.entities.name_lookup import NameMatch

STORM = re.compile(r"\b(?:Hurricane|Tropical Storm|Typhoon|Cyclone) ([A-Z][a-z]+)")
"""A storm and its name: people's names that are nobody's in this article."""

MAX_ACRONYM = 4
"""Letters of an acronym at most; what is longer and a city's name is the city ("TOKYO", at the head of a story)."""

MIN_PLURAL = 6
"""Letters of a plural whose singular is looked for in the article."""

MIN_SURNAME = 4
"""Letters of a surname that is looked for where the model saw none: shorter ones are also syllables and initials."""


def decide(body: str, found: Sequence[NameMatch]) -> dict[str, EntityType | None]:
    """One type for each surface form of the article; `None` for what is no name after all."""
    storms = set(STORM.findall(body))
    votes: dict[str, Counter[EntityType]] = defaultdict(Counter)
    for name in found:
        votes[name.text][name.type] += 1
    majority = {text: _majority(text, votes) for text in votes}
    parts: set[str] = set()
    endings: set[str] = set()
    for text, kind in majority.items():
        if " " in text:
            if kind is EntityType.PERSON and not _is_organization(text):
                parts.update((text.split()[0], text.split()[-1]))
            endings.add(text.rsplit(" ", 1)[-1])
    titled = {text for text in votes if _is_titled(text, body)} - parts
    common = {text for text in votes if _is_common_word(text, body) or _is_family(text, parts)}
    head = {title_case(text) for text in votes if _is_city_in_capitals(text)}
    return {
        text: None
        if text in (storms | common) - parts
        else EntityType.PLACE
        if text in head - parts
        else EntityType.ORGANIZATION
        if text in titled
        else _type(text, votes[text], kind, parts, endings)
        for text, kind in majority.items()
    }


def surnames(known: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """Return the surnames of the people known by their full name."""
    table, places = words(), gazetteer()
    lasts = {text.rsplit(" ", 1)[-1] for text, kind in known.items() if kind is EntityType.PERSON and " " in text}
    return {
        last: EntityType.PERSON
        for last in lasts
        if len(last) >= MIN_SURNAME
        and last[0].isupper()
        and last not in table.weak
        and last.lower() not in table.generic
        and not is_title(last)
        and last not in known
        and not places.settled(last)
        and is_name(last)
    }


def _is_family(text: str, parts: Collection[str]) -> bool:
    """Return whether one word is the plural of a person's surname ("the Clintons")."""
    return text.endswith("s") and (text[:-1] in parts or text[:-1] in words().people)


def _is_common_word(text: str, body: str) -> bool:
    """Return whether one word is no name but begins a sentence.

    The article has it in small letters too ("Buses", "buses").
    """
    lower = text.lower()
    if " " in text or not text.isalpha() or text[1:] != lower[1:]:
        return False
    if gazetteer().settled(text) or text in words().organizations or text in words().people:
        return False
    forms = [form for form in (lower, *_singulars(lower)) if f" {form}" in body]
    return any(re.search(rf"\b{form}\b", body) for form in forms)


def _singulars(word: str) -> list[str]:
    """Return what a small word may be the plural of ("lorries" → "lorry"); short words end in s for other reasons."""
    if len(word) < MIN_PLURAL or not word.endswith("s") or word.endswith("ss"):
        return []
    return [word[:-3] + "y"] if word.endswith("ies") else [word[:-1]]


def _is_titled(text: str, body: str) -> bool:
    """Return whether a name that is also a word or a place is written as a paper's, with a "The" amid a sentence."""
    return text in words().doubtful and re.search(rf"[a-z,] The {re.escape(text)}\b", body) is not None


def _is_city_in_capitals(text: str) -> bool:
    """Return whether a name in capitals is a city's, as at the head of a story ("NEWCASTLE, England")."""
    return text.isupper() and len(text) > MAX_ACRONYM and gazetteer().city(title_case(text)) is not None


def _majority(text: str, votes: Mapping[str, Counter[EntityType]]) -> EntityType:
    """Return what the model says most often; a full name whose surname is a person's is a person too."""
    own = votes[text]
    first = max(EntityType, key=own.__getitem__)
    if first is not EntityType.PERSON and " " in text:
        surname = votes.get(text.rsplit(" ", 1)[-1], Counter())
        # One against one, the surname is right: alone it was seen as a person's without the full name's help.
        if (
            surname[EntityType.PERSON]
            and own[EntityType.PERSON] + surname[EntityType.PERSON] >= own[first] + surname[first]
        ):
            return EntityType.PERSON
    return first


def _type(  # noqa: PLR0911  # rules in the order of trust, one line each
    text: str, votes: Counter[EntityType], majority: EntityType, parts: Collection[str], endings: Collection[str]
) -> EntityType | None:
    """Return the type of a surface form: what is known about the name goes before what the model says most often."""
    places, table = gazetteer(), words()
    if text in parts and votes[EntityType.PERSON] >= votes[EntityType.PLACE]:
        return EntityType.PERSON
    if places.settled(text) or places.settled(title_case(text)):
        return EntityType.PLACE
    if text in table.people:
        return EntityType.PERSON
    if text in table.organizations and (text not in table.doubtful or votes.get(EntityType.ORGANIZATION)):
        return EntityType.ORGANIZATION
    if text in table.weak or (text.lower() in table.generic and text not in endings):
        return None
    if text.lower() in table.generic or _is_organization(text):
        return EntityType.ORGANIZATION
    city = places.city(text) or places.city(title_case(text))
    if _is_city_in_capitals(text):
        return EntityType.PLACE
    if city and (city.population >= METROPOLIS or (city.population >= BIG_CITY and votes.get(EntityType.PLACE))):
        return EntityType.PLACE
    if majority is EntityType.PLACE and not city and looks_like_a_people(text, ()):
        return None
    return majority


def _is_organization(text: str) -> bool:
    """Return whether a name of several words says itself that it is an organisation ("Georgetown University")."""
    parts = text.lower().split()
    return len(parts) > 1 and not words().organization_words.isdisjoint(parts)
