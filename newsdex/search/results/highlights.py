"""Marked passages of a hit: as segments, never as markup, since article text is not to be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsdex.search.indices.analysis import supported_languages
from newsdex.search.indices.mapping import STEMMED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_START, _END = "\ue000", "\ue001"
"""Marks that Elasticsearch puts round a match: private-use characters, which no JSON or HTML gives a meaning."""

FRAGMENTS = 3
"""Passages a hit at most."""

FRAGMENT_CHARS = 180
"""Length of a passage: about two lines on a page."""

_ANALYZED_CHARS = 200_000
"""How far into a long body passages are looked for; beyond it a hit has none. A long read has 60,000 characters."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a passage."""

    text: str
    matched: bool
    """Whether this piece is what was searched for."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the text, in pieces; joined, they are the text itself."""

    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The passage without marks."""
        return "".join(segment.text for segment in self.segments)

    def marked(self, start: str, end: str, escape: Callable[[str], str] = str) -> str:
        """Return the passage with `start` and `end` round each match, every piece put through `escape` first."""
        return "".join(
            f"{start}{escape(segment.text)}{end}" if segment.matched else escape(segment.text)
            for segment in self.segments
        )


def highlight_request() -> dict[str, Any]:
    """Return the `highlight` section of a search.

    The stemmed fields hold the body first, so that what they match is marked in the body at the same place.
    """
    stemmed = [f"{STEMMED}.{language.code}" for language in supported_languages()]
    return {
        "type": "unified",
        "pre_tags": [_START],
        "post_tags": [_END],
        "max_analyzed_offset": _ANALYZED_CHARS,
        "fields": {
            "title": {"number_of_fragments": 0, "matched_fields": ["title", *stemmed]},
            "body": {
                "number_of_fragments": FRAGMENTS,
                "fragment_size": FRAGMENT_CHARS,
                "order": "score",
                # Where only the title matches, or nothing was searched for: how the text begins.
                "no_match_size": FRAGMENT_CHARS,
                "matched_fields": ["body", *stemmed],
            },
        },
    }


def passages(fragments: Sequence[str]) -> tuple[Passage, ...]:
    """Return the passages of Elasticsearch's answer."""
    return tuple(_passage(fragment) for fragment in fragments)


def _passage(fragment: str) -> Passage:
    segments: list[Segment] = []
    for number, piece in enumerate(fragment.split(_START)):
        # Before the first mark, and wherever a text holds such a character itself, nothing is matched.
        matched, mark, rest = piece.partition(_END) if number else ("", "", piece)
        if number and not mark:
            matched, rest = "", piece
        segments.extend(
            Segment(text.replace(_END, ""), is_match)
            for text, is_match in ((matched, True), (rest, False))
            if text.replace(_END, "")
        )
    return Passage(tuple(segments))
