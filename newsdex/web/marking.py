"""An article's text in pieces: paragraphs, and in them what is an entity and what was searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsdex.search.results.highlights import Passage
    from newsdex.transforms.article import EntityMention

_BREAK = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A stretch of text that is marked in one way."""

    text: str
    kind: str = ""
    """`person`, `organization`, `place`, or `""` for plain text."""
    canonical: str = ""
    """The name that the entity counts under."""
    matched: bool = False
    """Whether it is what was searched for."""


def paragraphs(
    body: str, mentions: Sequence[EntityMention] = (), marked: Passage | None = None
) -> tuple[tuple[MarkedText, ...], ...]:
    """Return the text by paragraphs, each in pieces; joined, the pieces are the text without its blank lines.

    Mentions that lie outside the text or overlap an earlier one are left out, and so is `marked` where it is not the
    text itself: the index may have changed since.
    """
    entities = list(_apart(mentions, len(body)))
    matches = list(_spans(marked)) if marked and body.startswith(marked.text) else []
    edges = {0, len(body)}
    edges.update(edge for mention in entities for edge in (mention.start, mention.end))
    edges.update(edge for span in matches for edge in span)
    breaks = [found.span() for found in _BREAK.finditer(body)]
    edges.update(edge for span in breaks for edge in span)
    return tuple(_cut(body, sorted(edges), entities, matches, breaks))


def _apart(mentions: Sequence[EntityMention], length: int) -> Iterator[EntityMention]:
    end = 0
    for mention in sorted(mentions, key=lambda each: (each.start, -each.end)):
        if end <= mention.start < mention.end <= length:
            yield mention
            end = mention.end


def _spans(marked: Passage) -> Iterator[tuple[int, int]]:
    start = 0
    for segment in marked.segments:
        end = start + len(segment.text)
        if segment.matched:
            yield start, end
        start = end


def _cut(
    body: str,
    edges: Sequence[int],
    entities: Sequence[EntityMention],
    matches: Sequence[tuple[int, int]],
    breaks: Sequence[tuple[int, int]],
) -> Iterator[tuple[MarkedText, ...]]:
    """Walk over the edges once, with a finger on each list: linear, however long the article."""
    entity = match = blank = 0
    current: list[MarkedText] = []
    for start, end in pairwise(edges):
        while entity < len(entities) and entities[entity].end <= start:
            entity += 1
        while match < len(matches) and matches[match][1] <= start:
            match += 1
        while blank < len(breaks) and breaks[blank][1] <= start:
            blank += 1
        if blank < len(breaks) and breaks[blank][0] <= start:
            if current:
                yield tuple(current)
            current = []
            continue
        within = entities[entity] if entity < len(entities) and entities[entity].start <= start else None
        matched = match < len(matches) and matches[match][0] <= start
        kind, canonical = (within.type.value, within.canonical) if within else ("", "")
        current.append(MarkedText(body[start:end], kind, canonical, matched))
    if current:
        yield tuple(current)
