"""Which articles are copies of which: the true similarity of two texts, the rank of survivors, the clusters.

Two articles are alike when their content is equal, or when they share a MinHash band, their shingle sets overlap enough
and no guard against templates speaks against it. Walked in the order of their rank, an article becomes a copy of the
best-ranked survivor that it is alike, else a survivor itself. Rank and likeness hang on the articles alone, so the
clusters are the same whatever order the articles come in, and a copy is truly similar to the survivor that names it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from newsdex.transforms.duplicates import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from newsdex.transforms.article import Article

THRESHOLD: Final = 0.7
"""Least Jaccard similarity of a near copy: the lower of the two limits that recall is judged at. Of the 320 gold pairs
of newswire above it, all that were seen to be wrong are templates; the guards below take out most of them."""
SHORT_SHINGLES: Final = 60
"""Below this many shingles (about 65 words, one paragraph) a text is short, and two more guards apply. Every template
("Fed adds reserves…", dividend notes) seen among the gold pairs of 0.7 and above is shorter; 282 of the 320 pairs are
longer."""
SHORT_THRESHOLD: Final = 0.8
"""Least similarity of short texts. With the guard for numbers it takes out seven template pairs of gold and one true
pair. This and the guards below were set on the newswire gold, on which they are also judged: no other set saw them."""
SHORT_TITLE_OVERLAP: Final = 0.4
"""Least share of common words in the titles of two short texts (of the shorter title). Short true copies have 0.66 and
more; the dividend notes of two companies, equal word for word, have 0.0 and 0.33."""
NUMBERS_OVERLAP: Final = 0.5
"""Least Jaccard similarity of the numbers named in two texts: weather and market reports repeat the words and change
the figures. It takes out two template pairs of gold and no other."""
NUMBERS_SHARE: Final = 0.5
"""Only where the changed figures make up at least this share of all that differs are two texts judged by them: a long
rewrite (gold pair of 0.86 with 4 other figures in 90 other shingles) differs in its words."""
MIN_NUMBERS: Final = 4
"""Two texts with fewer different numbers in all are not judged by them: corrected copies often differ in one."""
MAX_COMPARED: Final = 50
"""An article is compared with at most this many survivors: those that share the most bands with it. Survivors are by
construction not alike one another, so few can be alike one article; templates may share a band with thousands."""

_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


class Rank(NamedTuple):
    """What decides who survives: the smaller rank. Earliest publication, then most complete text, then id."""

    published: float
    """Seconds since 1970; infinity where it is not known."""
    incompleteness: int
    """Length of the body, negative."""
    id: str


class Assignment(NamedTuple):
    """An article's place: a survivor, or a copy of one."""

    survivor: str | None = None
    """Id of the article that it is a copy of; `None` for a survivor."""
    similarity: float | None = None
    """Jaccard similarity to that article; 1.0 for equal content."""


class Text:
    """An article as it is compared: what is needed of it is computed once, when it is first asked for."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.id = article.id
        self.content_hash = article.content_hash
        self.bands = article.minhash_bands
        self.rank = rank(article)

    @cached_property
    def shingles(self) -> fingerprint.Hashes:
        """The set of the body's shingles."""
        return fingerprint.shingles(self.article.body)

    @cached_property
    def title_words(self) -> frozenset[str]:
        """The words of the title, lower case."""
        return frozenset(_WORD.findall((self.article.title or "").lower()))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers that the body names."""
        return frozenset(_NUMBER.findall(self.article.body[: fingerprint.MAX_CHARS]))


def rank(article: Article) -> Rank:
    """Return the rank of an article: of two that are alike, the smaller survives."""
    return Rank(
        published=_seconds(article.published_at) if article.published_at else inf,
        incompleteness=-len(article.body),
        id=article.id,
    )


def likeness(first: Text, second: Text, threshold: float = THRESHOLD) -> float | None:
    """Return the similarity of two articles where one is a copy of the other, `None` where they are different articles.

    It is the same whichever comes first, and hangs on nothing but the two. An empty body is no copy of anything.
    """
    if first.content_hash == second.content_hash:
        return 1.0 if first.article.body.strip() else None
    if set(first.bands).isdisjoint(second.bands):
        return None
    similarity = fingerprint.jaccard(first.shingles, second.shingles)
    if similarity < threshold or _only_the_template(first, second, similarity):
        return None
    return similarity


def _only_the_template(first: Text, second: Text, similarity: float) -> bool:
    """Return whether two similar texts share only their form: next day's weather, another company's dividend."""
    if _only_other_figures(first, second, similarity):
        return True
    if min(len(first.shingles), len(second.shingles)) >= SHORT_SHINGLES:
        return False
    shorter_title = min(len(first.title_words), len(second.title_words))
    common = len(first.title_words & second.title_words)
    return similarity < SHORT_THRESHOLD or common < SHORT_TITLE_OVERLAP * shorter_title


def _only_other_figures(first: Text, second: Text, similarity: float) -> bool:
    """Return whether most numbers of two similar texts differ, and little else."""
    numbers = first.numbers | second.numbers
    common = len(first.numbers & second.numbers)
    if len(numbers) < MIN_NUMBERS or common >= NUMBERS_OVERLAP * len(numbers):
        return False
    shingles = len(first.shingles) + len(second.shingles)
    differing = shingles * (1 - similarity) / (1 + similarity)
    return (len(numbers) - common) * fingerprint.SHINGLE_WORDS >= NUMBERS_SHARE * differing


class Survivors:
    """Articles that are no copies, found by what they share with another article."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self._threshold = threshold
        self._by_hash: defaultdict[str, dict[str, Text]] = defaultdict(dict)
        self._by_band: defaultdict[str, dict[str, Text]] = defaultdict(dict)

    def add(self, text: Text) -> None:
        """Take in a survivor."""
        self._by_hash[text.content_hash][text.id] = text
        for band in text.bands:
            self._by_band[band][text.id] = text

    def remove(self, text: Text) -> None:
        """Forget one that was taken in."""
        del self._by_hash[text.content_hash][text.id]
        for band in text.bands:
            del self._by_band[band][text.id]

    def near(self, text: Text) -> list[Text]:
        """Return those that may be alike `text`, at most `MAX_COMPARED`, best rank first; never itself."""
        equal = self._by_hash.get(text.content_hash, {})
        shared = Counter(other_id for band in text.bands for other_id in self._by_band.get(band, ()))
        found = dict(equal)
        for band in text.bands:
            found.update(self._by_band.get(band, {}))
        found.pop(text.id, None)
        nearest = list(found.values())
        if len(nearest) > MAX_COMPARED:
            nearest.sort(key=lambda other: (other.id not in equal, -shared[other.id], other.rank))
            del nearest[MAX_COMPARED:]
        return sorted(nearest, key=lambda other: other.rank)

    def best_for(self, text: Text) -> Assignment:
        """Return where `text` belongs: to the best-ranked of those alike that outrank it, else nowhere."""
        for other in self.near(text):
            if other.rank >= text.rank:
                break
            similarity = likeness(text, other, self._threshold)
            if similarity is not None:
                return Assignment(other.id, similarity)
        return Assignment()


def cluster(articles: Iterable[Article], *, threshold: float = THRESHOLD) -> dict[str, Assignment]:
    """Return the place of every article, by id, each article given once; the order in which they come changes nothing.

    Time grows with the number of articles, not with its square, as long as their bands are their own: 100,000
    equal texts make one survivor to compare with.
    """
    survivors = Survivors(threshold)
    places: dict[str, Assignment] = {}
    for text in sorted(map(Text, articles), key=lambda text: text.rank):
        place = survivors.best_for(text)
        places[text.id] = place
        if place.survivor is None:
            survivors.add(text)
    return places


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What decides between two texts at one address: which is the newer version of the article."""

    changed_at: datetime | None
    """When the article was last changed, else published, where it says so."""
    word_count: int
    content_hash: str

    @classmethod
    def of(cls, article: Article) -> Version:
        """Return the version that an article is."""
        return cls(
            changed_at=article.modified_at or article.published_at,
            word_count=article.word_count,
            content_hash=article.content_hash,
        )


def replaces(incoming: Version, there: Version, *, same_run: bool) -> bool:
    """Return whether an incoming version takes the place of the one that is there.

    The dates decide where both are known and differ; else the later run does, and inside one run, where nothing comes
    first, the longer text, then the hash.
    """
    if incoming.changed_at and there.changed_at and incoming.changed_at != there.changed_at:
        return _seconds(incoming.changed_at) > _seconds(there.changed_at)
    if not same_run:
        return True
    return (incoming.word_count, incoming.content_hash) > (there.word_count, there.content_hash)


def _seconds(moment: datetime) -> float:
    """Seconds since 1970; a moment without a time zone counts as UTC, so that no machine's own zone matters."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
