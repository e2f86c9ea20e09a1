"""Tell how likely a text is the article of its page, by what the text is like.

The figure is the F1 to be expected against the text that a person would take: a logistic curve over seven measures. It
was fitted on 2,500 texts of the 316 pages of `article-extraction-benchmark` and `world`: what is extracted from a page,
the beginning of it, and six elements of the page drawn at random. Fitted on one half of the publishers and tried on the
other, expected and true F1 correlate by 0.97, and texts expected below 0.2 are at 0.03 on average
(`python -m benchmarks.confidence` fits the curve again, `benchmarks.extraction` prints how it holds for what we take).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsdex.transforms.page.blocks import LONG_ENOUGH, length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsdex.transforms.page.declared.facts import Facts

INTERCEPT = -3.66
WEIGHTS = {
    "length": 0.93,
    "share": 3.48,
    "sentences": 0.44,
    "links": -2.63,
    "summary": 0.67,
    "title": 0.44,
    "prose": 0.58,
}
"""Fitted by logistic regression with a ridge of 0.001; another draw of elements changes them by 0.4 at most."""

FULL_CHARS = 1_500
"""From this length on, a text is not likelier to be the article for being longer."""

SUMMARY_CHARS = 300
"""How much of the declared summary is looked for in the text: search engines show no more."""

SEARCHED_CHARS = 6_000
"""How much of a text title and summary are looked for in: what they tell is said at its beginning."""

NEUTRAL = 0.5
"""What stands for a measure that a page does not have: no summary, no title."""

_SENTENCE_END = re.compile(r"[.!?…。\uff01\uff1f:;؟।\"”»')]\s*\Z")
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A text that may be the article, as paragraphs."""

    paragraphs: Sequence[str]
    lengths: Sequence[int] = ()
    """Of each paragraph, in characters of an alphabet, where they are known."""
    links: float = 0.0
    """Share of it that is inside links, 0 to 1."""

    @property
    def text(self) -> str:
        """The paragraphs, separated by a blank line."""
        return "\n\n".join(self.paragraphs)


def confidence(candidate: Candidate, page_prose: int, facts: Facts) -> float:
    """Return how likely a candidate is its page's article, 0 to 1.

    Args:
        candidate: The text.
        page_prose: Length of the page's prose that is not boilerplate by its name.
        facts: What the page declares: title and summary are looked for in the text.
    """
    if not any(candidate.paragraphs):
        return 0.0
    values = measures(candidate, page_prose, facts)
    return 1 / (1 + math.exp(-INTERCEPT - sum(WEIGHTS[name] * value for name, value in values.items())))


def measures(candidate: Candidate, page_prose: int, facts: Facts) -> dict[str, float]:
    """Return what a candidate is judged by, each 0 to 1: the names are those of `WEIGHTS`; arguments as above."""
    lengths = candidate.lengths or [length(paragraph) for paragraph in candidate.paragraphs]
    total = max(1, sum(lengths))
    text = letters(candidate.text[:SEARCHED_CHARS])
    prose = sum(chars for chars in lengths if chars >= LONG_ENOUGH)
    ended = sum(
        chars for chars, paragraph in zip(lengths, candidate.paragraphs, strict=True) if _SENTENCE_END.search(paragraph)
    )
    title = covered(facts.title, text)
    summary = covered((facts.summary or "")[:SUMMARY_CHARS], text)
    return {
        "length": min(1.0, total / FULL_CHARS),
        "share": prose / max(1, prose, page_prose),
        "sentences": ended / total,
        "links": candidate.links,
        "summary": next((share for share in (summary, title) if share is not None), NEUTRAL),
        "title": NEUTRAL if title is None else title,
        "prose": prose / total,
    }


def letters(text: str) -> str:
    """Return the letters and digits of a text, casefolded: comparable in every script, whatever stands between them."""
    return "".join(_LETTERS.findall(text.casefold()))


def grams(text: str) -> set[str]:
    """Return the runs of four letters in a text."""
    plain = letters(text)
    return {plain[start : start + 4] for start in range(max(1, len(plain) - 3))} if plain else set()


def covered(part: str | None, whole: str) -> float | None:
    """Return how much of a line stands in the letters of a text, 0 to 1; `None` without a line."""
    wanted = grams(part or "")
    return sum(gram in whole for gram in wanted) / len(wanted) if wanted else None
