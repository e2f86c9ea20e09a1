"""People, organisations and places of an article: the model finds names, the whole article decides about them.

A model looks at a few words at a time and takes "Putin" for a place now and then. So what it finds is only a vote:
every mention of one name in an article has one type, gazetteers settle countries and big cities, and short forms count
under the full name that the article gives.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from itertools import tee
from typing import TYPE_CHECKING, Protocol

from transforms import canonical
from transforms.article import Entities, EntityMention, EntityType, GeoPoint
from transforms.gazetteer import BIG_CITY, Place, gazetteer
from transforms.mentions import Found, Lookup, Span, fill_in, is_name, looks_like_a_people, trimmed
from transforms.words import is_title, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

CHUNK_CHARS = 8_000
"""The model gets a long article in pieces of about this size, cut between paragraphs: memory stays flat."""

MAX_CHARS = 400_000
"""How far into an article the model reads: a novel's length, and 200 times the median article. Names known from there
are still found in the rest."""

MAX_POINTS = 10
"""How many places of an article get a point on the map: the most often named ones."""

METROPOLIS = 1_000_000
"""A city of this size is a place although the model says otherwise, unless a person of the article is called so."""

STORM = re.compile(r"\b(?:Hurricane|Tropical Storm|Typhoon|Cyclone) ([A-Z][a-z]+)")
"""A storm and its name: people's names that are nobody's in this article."""

PLACE_AFTER = re.compile(r",? ([A-Z][\w.]*(?: [A-Z][\w.]*)?)")


class NameModel(Protocol):
    """What finds names in texts; `models.loader.EntityModel` is one."""

    def pipe(self, texts: Iterable[str]) -> Iterator[tuple[Span, ...]]:
        """The names in each text, in order: first character, one past the last, type. Texts are read lazily."""
        ...


@dataclass(frozen=True, slots=True)
class Recognised:
    """What an article names."""

    entities: Entities
    mentions: tuple[EntityMention, ...]
    location: tuple[GeoPoint, ...]


NOTHING = Recognised(Entities(), (), ())
"""For an article whose language has no model."""


@dataclass(frozen=True, slots=True)
class Aliases:
    """A user's own names: surface form → canonical name, for one type or (under `None`) for any."""

    names: Mapping[tuple[EntityType | None, str], str] = field(default_factory=dict)

    def get(self, kind: EntityType, *forms: str) -> str | None:
        """The canonical name of the first form that the user's file knows; letter case does not count."""
        for form in forms:
            found = self.names.get((kind, form.casefold())) or self.names.get((None, form.casefold()))
            if found:
                return found
        return None


def read_aliases(text: str) -> Aliases:
    """A user's `aliases.toml`: lines `"Canonical Name" = ["surface form", …]`.

    They stand at the top of the file, or under `[person]`, `[organization]` or `[place]` for one type only.

    Raises:
        ValueError: with one sentence that says what is wrong where.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f'The alias file is no TOML ({error}): write lines as "Donald Trump" = ["DJT"].') from error
    names: dict[tuple[EntityType | None, str], str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            if key not in set(EntityType):
                raise ValueError(f"The alias file has a table [{key}]: use [person], [organization] or [place].")
            for name, forms in value.items():
                _add_alias(names, EntityType(key), name, forms)
        else:
            _add_alias(names, None, key, value)
    return Aliases(names)


def _add_alias(
    names: dict[tuple[EntityType | None, str], str], kind: EntityType | None, name: str, forms: object
) -> None:
    if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        raise ValueError(f'The alias file gives "{name}" no list of names: write "{name}" = ["another form"].')
    for form in (name, *forms):
        names[kind, form.casefold()] = name


def recognise(bodies: Iterable[str], model: NameModel, *, aliases: Aliases | None = None) -> Iterator[Recognised]:
    """What each article names, in order. Bodies are read lazily; the model sees many articles' pieces in one batch."""
    ours, theirs = tee(bodies)
    counts, pieces = tee((start, piece) for piece_list in map(chunks, theirs) for start, piece in piece_list)
    spans = zip((start for start, _ in counts), model.pipe(piece for _, piece in pieces), strict=True)
    for body in ours:
        found: list[Span] = []
        for _ in range(len(chunks(body))):
            offset, names = next(spans)
            found.extend((offset + start, offset + end, kind) for start, end, kind in names)
        yield resolve(body, found, aliases=aliases)


def chunks(body: str) -> list[tuple[int, str]]:
    """The body as offset and text of pieces of at most `CHUNK_CHARS`, cut after a paragraph, a line or a word."""
    pieces: list[tuple[int, str]] = []
    start, end = 0, min(len(body), MAX_CHARS)
    while start < end:
        stop = min(end, start + CHUNK_CHARS)
        if stop < end:
            for border in ("\n\n", "\n", " "):
                cut = body.rfind(border, start + 1, stop)
                if cut > start:
                    stop = cut + len(border)
                    break
        pieces.append((start, body[start:stop]))
        start = stop
    return pieces


def resolve(body: str, spans: Iterable[Span], *, aliases: Aliases | None = None) -> Recognised:
    """The entities of an article, given what a model found in it.

    Args:
        body: the article's text; every offset is into it.
        spans: name spans of a model, in any order.
        aliases: a user's own names.
    """
    found = trimmed(body, spans)
    types = _decide(body, found)
    known = {
        text: kind
        for text, kind in types.items()
        if kind and len(text) > 2 and text not in words().weak and text.lower() not in words().generic
    }
    known |= _surnames(known)
    names = [
        Found(name.start, name.end, kind, name.text)
        for name in fill_in(body, found, (Lookup(known), _countries()), types.keys() - known.keys())
        if (kind := types.get(name.text, name.type)) is not None
    ]
    return _build(body, names, aliases or Aliases())


@cache
def _countries() -> Lookup:
    """The names of countries and regions, which are looked for in every article."""
    places = gazetteer()
    others = (name for name, place in places.others.items() if place.kind in {"part", "region"} and "." not in name)
    return Lookup(dict.fromkeys((name for name in (*places.countries, *others) if len(name) > 3), EntityType.PLACE))


def _decide(body: str, found: Sequence[Found]) -> dict[str, EntityType | None]:
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
    return {
        text: None if text in storms - parts else _type(text, votes[text], kind, parts, endings)
        for text, kind in majority.items()
    }


MIN_SURNAME = 4
"""Letters of a surname that is looked for where the model saw none: shorter ones are also syllables and initials."""


def _surnames(known: Mapping[str, EntityType]) -> dict[str, EntityType]:
    """The surnames of the people known by their full name."""
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


def _majority(text: str, votes: Mapping[str, Counter[EntityType]]) -> EntityType:
    """What the model says most often; a full name whose surname is a person's is a person too."""
    own = votes[text]
    first = max(EntityType, key=own.__getitem__)
    if first is not EntityType.PERSON and " " in text:
        surname = votes.get(text.rsplit(" ", 1)[-1], Counter())
        if own[EntityType.PERSON] + surname[EntityType.PERSON] > own[first] + surname[first]:
            return EntityType.PERSON
    return first


def _type(  # noqa: PLR0911  # rules in the order of trust, one line each
    text: str, votes: Mapping[EntityType, int], majority: EntityType, parts: Collection[str], endings: Collection[str]
) -> EntityType | None:
    """The type of a surface form: what is known about the name goes before what the model says most often."""
    places, table = gazetteer(), words()
    if text in parts:
        return EntityType.PERSON
    if places.settled(text) or places.settled(_title_case(text)):
        return EntityType.PLACE
    if text in table.people:
        return EntityType.PERSON
    if text in table.organizations and (text not in table.doubtful or votes.get(EntityType.ORGANIZATION)):
        return EntityType.ORGANIZATION
    if text in table.weak or (text.lower() in table.generic and text not in endings):
        return None
    if text.lower() in table.generic or _is_organization(text):
        return EntityType.ORGANIZATION
    city = places.city(text)
    if city and (city.population >= METROPOLIS or (city.population >= BIG_CITY and votes.get(EntityType.PLACE))):
        return EntityType.PLACE
    if majority is EntityType.PLACE and not city and looks_like_a_people(text, ()):
        return None
    return majority


def _is_organization(text: str) -> bool:
    """Whether a name of several words says itself that it is an organisation ("Georgetown University")."""
    parts = text.lower().split()
    return len(parts) > 1 and not words().organization_words.isdisjoint(parts)


def _title_case(text: str) -> str:
    """A name in capitals as it is written otherwise ("WASHINGTON" → "Washington")."""
    return text.title() if len(text) > 3 and text.isupper() else text


def _build(body: str, names: Sequence[Found], aliases: Aliases) -> Recognised:
    counts: dict[EntityType, Counter[str]] = {kind: Counter() for kind in EntityType}
    for name in names:
        counts[name.type][name.text] += 1
    places = _places(body, names)
    canonicals = {
        EntityType.PERSON: canonical.people(counts[EntityType.PERSON]),
        EntityType.ORGANIZATION: canonical.organizations(counts[EntityType.ORGANIZATION]),
        EntityType.PLACE: {surface: place.name for surface, place in places.items()},
    }
    mentions = tuple(
        EntityMention(
            type=name.type,
            text=name.text,
            canonical=aliases.get(name.type, canonicals[name.type][name.text], name.text)
            or canonicals[name.type][name.text],
            start=name.start,
            end=name.end,
        )
        for name in names
    )
    facets: dict[EntityType, dict[str, None]] = {kind: {} for kind in EntityType}
    for mention in mentions:
        facets[mention.type][mention.canonical] = None
    named = [places[name.text] for name in names if name.type is EntityType.PLACE]
    entities = Entities(
        person=tuple(facets[EntityType.PERSON]),
        organization=tuple(facets[EntityType.ORGANIZATION]),
        place=tuple(facets[EntityType.PLACE]),
        country=tuple(dict.fromkeys(p.country for p in named if p.country and p.kind in {"country", "part"})),
        aliases=tuple(dict.fromkeys(m.text for m in mentions if m.text != m.canonical)),
    )
    often = Counter(place.point for place in named if place.point)
    return Recognised(entities, mentions, tuple(point for point, _ in often.most_common(MAX_POINTS)))


def _places(body: str, names: Sequence[Found]) -> dict[str, Place]:
    """Surface form → the place that it names in this article."""
    listed = gazetteer()
    states: dict[str, str] = {}
    surfaces: dict[str, None] = {}
    for name in names:
        if name.type is EntityType.PLACE:
            surfaces[name.text] = None
            after = PLACE_AFTER.match(body, name.end)
            if after:
                state = listed.abbreviations.get(after.group(1)) or listed.states.get(after.group(1))
                if state:
                    states.setdefault(name.text, state.admin)
    countries = {place.country for text in surfaces if (place := listed.settled(text)) and place.country}
    return {text: _place(text, states.get(text, ""), countries, surfaces) for text in surfaces}


def _place(text: str, state: str, countries: set[str], surfaces: Mapping[str, None]) -> Place:
    listed = gazetteer()
    text = text if text in listed.cities else _title_case(text)
    settled = listed.settled(text)
    if (
        settled
        and settled.kind == "country"
        and text in listed.states
        and not _is_country(settled, countries, surfaces)
    ):
        return listed.states[text]
    if settled:
        return settled
    cities = listed.cities.get(text, [])
    for city in cities:
        if state and city.country == "US" and city.admin == state:
            return Place(text, "city", "US", city.point, city.population, city.admin)
    big = [city for city in cities if city.population >= BIG_CITY]
    near = [city for city in big if city.country in countries]
    if cities:
        city = near[0] if near and big[0].country not in countries and big[0].population < METROPOLIS else cities[0]
        return Place(text, "city", city.country, city.point, city.population, city.admin)
    return listed.abbreviations.get(text) or Place(text, "place")


def _is_country(place: Place, countries: set[str], surfaces: Mapping[str, None]) -> bool:
    """Whether a name that is both a country and a US state (Georgia) means the country in this article.

    It does beside one of the country's cities, and beside a neighbour of it unless another US state is named.
    """
    listed = gazetteer()
    if any((city := listed.city(text)) is not None and city.country == place.country for text in surfaces):
        return True
    states = any(text in listed.states and text not in listed.countries for text in surfaces)
    return not states and bool(countries & listed.neighbours.get(place.country, frozenset()))
