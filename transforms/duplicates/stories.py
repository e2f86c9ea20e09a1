"""Whether two articles report of one event: of its day, its people and places, in much the same words.

Not copies: two papers' own reports of one vote are a story, and so are a report and a comment on it the day after. The
rule asks for much, since a story that holds two events misleads more than one that lacks an article.

The thresholds were found by reading: of 50 pairs drawn from the 1,248 that they give among 20,000 articles of American
politics, where names are shared by nearly everything, 47 or 48 were about one event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from newsdex.transforms.article import Precision

if TYPE_CHECKING:
    from datetime import date, datetime

    from newsdex.transforms.article import Article

APART = timedelta(days=1)
"""Most time between two reports of one event: the morning papers follow the evening's agencies."""

LEAD_CHARS = 700
"""Where news says what happened: about the first 110 words."""

SHARED_NAMES = 2
"""Least number of people, organisations and places that both leads name."""

LEAD_ALIKE = 0.34
"""Dice coefficient of the leads' words that is enough alone."""

LEAD_WITH_TITLE_ALIKE = 0.27
"""The same, where the titles agree as well."""

TITLE_ALIKE = 0.30
"""Dice coefficient of the titles' words with which they agree."""

SHARED_TITLE_WORDS = 2
"""Least number of words that agreeing titles share: one is chance."""

STEM_CHARS = 6
"""Letters of a word that are compared: "senator" and "senators" are one."""

WORDS_KEPT = 1024
"""Titles and leads whose words are kept, 5 MB: of a chunk of articles, which are told by them twice."""

_WORD = re.compile(r"[^\W\d_]{5,}|\d{2,}")
"""Words that carry something: short ones are mostly grammar, in the languages that have a model."""


@dataclass(frozen=True, slots=True)
class Gist:
    """What two articles are compared by."""

    published_at: datetime
    language: str
    names: frozenset[str]
    """People, organisations and places of the lead, by their canonical names."""
    title: frozenset[str]
    lead: frozenset[str]


def gist(article: Article) -> Gist | None:
    """Return what an article's story is told by; `None` for one without a day, or with too few names in its lead."""
    if article.published_at is None or article.published_at_precision not in {Precision.TIME, Precision.DAY}:
        return None
    names = frozenset(mention.canonical for mention in article.mentions if mention.start < LEAD_CHARS)
    if len(names) < SHARED_NAMES:
        return None
    return Gist(
        article.published_at, article.language, names, _words(article.title or ""), _words(article.body[:LEAD_CHARS])
    )


def days_around(told: Gist) -> list[date]:
    """Return the days, in UTC, on which another report of the same event can have been published."""
    first, last = ((told.published_at + span).astimezone(UTC).date() for span in (-APART, APART))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def same_story(first: Gist, second: Gist) -> bool:
    """Return whether two articles report of one event; the order makes no difference."""
    if first.language != second.language or abs(first.published_at - second.published_at) > APART:
        return False
    if len(first.names & second.names) < SHARED_NAMES:
        return False
    leads = _dice(first.lead, second.lead)
    if leads >= LEAD_ALIKE:
        return True
    titles = len(first.title & second.title) >= SHARED_TITLE_WORDS and _dice(first.title, second.title) >= TITLE_ALIKE
    return titles and leads >= LEAD_WITH_TITLE_ALIKE


def likeness(first: Gist, second: Gist) -> float:
    """Return how alike two articles are, 0 to 2: which of several stories is the nearest."""
    return _dice(first.lead, second.lead) + _dice(first.title, second.title)


@lru_cache(maxsize=WORDS_KEPT)
def _words(text: str) -> frozenset[str]:
    return frozenset(word[:STEM_CHARS] for word in _WORD.findall(text.lower()))


def _dice(first: frozenset[str], second: frozenset[str]) -> float:
    total = len(first) + len(second)
    return 2 * len(first & second) / total if total else 0.0
