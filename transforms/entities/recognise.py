"""People, organisations and places of an article: the model finds names, the whole article decides about them.

A model looks at a few words at a time and takes "Putin" for a place now and then. So what it finds is only a vote:
every mention of one name in an article has one type, gazetteers settle countries and big cities, and short forms count
under the full name that the article gives.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import tee
from typing import TYPE_CHECKING, Protocol

from newsdex.transforms.article import Entities, EntityMention, EntityType, GeoPoint
from newsdex.transforms.entities import canonical
from newsdex.transforms.entities.aliases import Aliases, read_aliases
from newsdex.transforms.entities.gazetteer import gazetteer
from newsdex.transforms.entities.mentions import Span, trimmed
from newsdex.transforms.entities.multilingual import resolve as multilingual
from newsdex.transforms.entities.multilingual.toponyms import place as place_in
from newsdex.transforms.entities.name_lookup import Lookup, NameMatch, capitals, fill_in
from newsdex.transforms.entities.toponyms import places as placed_in
from newsdex.transforms.entities.type_vote import decide, surnames
from newsdex.transforms.entities.word_lists import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from newsdex.transforms.entities.gazetteer import Place

__all__ = ["NOTHING", "Aliases", "NameModel", "Recognised", "chunks", "read_aliases", "recognise", "resolve"]

CHUNK_CHARS = 8_000
"""The model gets a long article in pieces of about this size, cut between paragraphs: memory stays flat."""

MAX_CHARS = 400_000
"""How far into an article the model reads: a novel's length, and 200 times the median article. Names known from there
are still found in the rest."""

MAX_POINTS = 10
"""How many places of an article get a point on the map: the most often named ones."""


class NameModel(Protocol):
    """What finds names in texts; `newsdex.models.loader.EntityModel` is one."""

    def pipe(self, texts: Iterable[str]) -> Iterator[tuple[Span, ...]]:
        """Return the names in each text, in order: first character, one past the last, type. Texts are read lazily."""
        ...


@dataclass(frozen=True, slots=True)
class Recognised:
    """What an article names."""

    entities: Entities
    mentions: tuple[EntityMention, ...]
    location: tuple[GeoPoint, ...]


NOTHING = Recognised(Entities(), (), ())
"""For an article whose language has no model."""


def recognise(
    bodies: Iterable[str], model: NameModel, *, language: str = "en", aliases: Aliases | None = None
) -> Iterator[Recognised]:
    """Yield what each article of a language (ISO 639-1) names, in order. Bodies are read lazily.

    The model sees many articles' pieces in one batch.
    """
    ours, theirs = tee(bodies)
    counts, pieces = tee((start, piece) for piece_list in map(chunks, theirs) for start, piece in piece_list)
    spans = zip((start for start, _ in counts), model.pipe(piece for _, piece in pieces), strict=True)
    for body in ours:
        found: list[Span] = []
        for _ in range(len(chunks(body))):
            offset, names = next(spans)
            found.extend((offset + start, offset + end, kind) for start, end, kind in names)
        yield (
            resolve(body, found, aliases=aliases)
            if language == "en"
            else resolve_in(language, body, found, aliases=aliases)
        )


def chunks(body: str) -> list[tuple[int, str]]:
    """Return the body in pieces of at most `CHUNK_CHARS`, with offsets, cut after a paragraph, a line or a word."""
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
    """Return the entities of an article, given what a model found in it.

    Args:
        body: the article's text; every offset is into it.
        spans: name spans of a model, in any order.
        aliases: a user's own names.
    """
    places = capitals(body)
    found = trimmed(body, places, spans)
    types = decide(body, found)
    known = {
        text: kind
        for text, kind in types.items()
        if kind and len(text) > 2 and text not in words().weak and text.lower() not in words().generic
    }
    known |= surnames(known)
    # What is no name after all does not stand in the way of one ("Republic" of "Czech Republic").
    real = [name for name in found if types[name.text] is not None]
    names = [
        NameMatch(name.start, name.end, types.get(name.text) or name.type, name.text)
        for name in fill_in(body, places, real, (Lookup(known), _always()), types.keys() - known.keys())
    ]
    counts = _counts(names)
    placed = placed_in(body, names)
    canonicals = {
        EntityType.PERSON: canonical.people(counts[EntityType.PERSON]),
        EntityType.ORGANIZATION: canonical.organizations(counts[EntityType.ORGANIZATION]),
    }
    return _build(names, canonicals, placed, aliases or Aliases())


def resolve_in(language: str, body: str, spans: Iterable[Span], *, aliases: Aliases | None = None) -> Recognised:
    """Return the entities of an article in a language (ISO 639-1) other than English, given what a model found."""
    names = multilingual.voted(multilingual.trimmed(body, spans), language)
    counts = _counts(names)
    placed = {surface: place_in(surface, language) for surface in counts[EntityType.PLACE]}
    canonicals = {
        EntityType.PERSON: multilingual.people(counts[EntityType.PERSON], language),
        EntityType.ORGANIZATION: multilingual.organizations(counts[EntityType.ORGANIZATION], language),
    }
    return _build(names, canonicals, placed, aliases or Aliases())


def _counts(names: Iterable[NameMatch]) -> dict[EntityType, Counter[str]]:
    counts: dict[EntityType, Counter[str]] = {kind: Counter() for kind in EntityType}
    for name in names:
        counts[name.type][name.text] += 1
    return counts


@cache
def _always() -> Lookup:
    """Return the places that are looked for in every article."""
    return Lookup(dict.fromkeys(gazetteer().always(), EntityType.PLACE))


def _build(
    names: Sequence[NameMatch],
    canonicals: Mapping[EntityType, Mapping[str, str]],
    placed: Mapping[str, Place],
    aliases: Aliases,
) -> Recognised:
    canonicals = {**canonicals, EntityType.PLACE: {surface: place.name for surface, place in placed.items()}}
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
    named = [placed[name.text] for name in names if name.type is EntityType.PLACE]
    entities = Entities(
        person=tuple(facets[EntityType.PERSON]),
        organization=tuple(facets[EntityType.ORGANIZATION]),
        place=tuple(facets[EntityType.PLACE]),
        country=tuple(dict.fromkeys(p.country for p in named if p.country and p.kind in {"country", "part"})),
        aliases=tuple(dict.fromkeys(m.text for m in mentions if m.text != m.canonical)),
    )
    often = Counter(place.point for place in named if place.point)
    return Recognised(entities, mentions, tuple(point for point, _ in often.most_common(MAX_POINTS)))
