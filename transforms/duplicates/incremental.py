"""Keeps the clusters of a large collection right while articles come and change, looking only at what is concerned.

The clusters of `duplicates/clusters.py` are defined over all articles at once. Here an article that came or changed is
placed among those near it; where that makes a survivor of it or takes one away, the worse-ranked articles that this
concerns are placed anew, and so on. As an article's place hangs on better-ranked ones only, the walk goes once through
the ranks and ends, and what it leaves is what `dedupe.cluster` would say of the whole collection.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from newsdex.transforms.duplicates.clusters import THRESHOLD, Assignment, Rank, Survivors, Text, likeness

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from newsdex.transforms.article import Article


class Surroundings(Protocol):
    """The stored collection, as far as placing an article needs it. `duplicate_of` of what it returns is the place.

    Of several copies of equal content one may stand for the others (the best-ranked): they always share one place.
    """

    def survivors_near(self, texts: Sequence[Text]) -> Iterable[Article]:
        """Return the survivors that share a band or the content with one of `texts`."""

    def copies_near(self, texts: Sequence[Text]) -> Iterable[Article]:
        """Return the copies that share a band or the content with one of `texts`."""

    def copies_of(self, survivor_ids: Collection[str]) -> Iterable[Article]:
        """Return the copies that are stored as copies of one of these survivors."""


@dataclass(slots=True)
class _Node:
    """One article of the part that is looked at."""

    text: Text
    place: Assignment
    dirty: bool
    """To be placed (anew)."""
    stored: bool
    """Stands in the collection as it is here, so that others may be placed by it."""
    survivors_loaded: bool = False
    copies_loaded: bool = False


class Reclustering:
    """One step: some articles come or change, and what this changes is found.

    Args:
        surroundings: the stored collection.
        threshold: least similarity of a near copy.
    """

    def __init__(self, surroundings: Surroundings, *, threshold: float = THRESHOLD) -> None:
        self._surroundings = surroundings
        self._threshold = threshold
        self._nodes: dict[str, _Node] = {}
        self._survivors = Survivors(threshold)
        self._settled: defaultdict[str, set[str]] = defaultdict(set)
        """Band or content hash → ids of stored articles that are not to be placed."""
        self._queue: list[tuple[Rank, str]] = []

    def resolve(
        self, changed: Iterable[Article], *, leaving: Collection[str] = (), standing: Collection[str] = ()
    ) -> dict[str, Assignment]:
        """Place the changed articles and all that they concern; return every place that was looked at, by id.

        Args:
            changed: articles that come, come back with another text or rank, or are to be looked at again.
            leaving: ids of stored survivors whose text or rank is no longer what it was.
            standing: ids among `changed` that are stored with the text and rank given.
        """
        for article in changed:
            self._add(article, dirty=True)
            self._nodes[article.id].stored = article.id in standing
        if leaving:
            self._disturb_copies_of(leaving)
        while self._queue:
            self._load_survivors()
            _, node_id = heapq.heappop(self._queue)
            node = self._nodes[node_id]
            if node.dirty:
                self._place(node)
        return {node_id: node.place for node_id, node in self._nodes.items()}

    def article(self, article_id: str) -> Article:
        """Return an article that was looked at."""
        return self._nodes[article_id].text.article

    def _place(self, node: _Node) -> None:
        was_survivor = node.stored and node.place.survivor is None
        node.place = self._survivors.best_for(node.text)
        node.dirty = False
        if node.place.survivor is None:
            self._survivors.add(node.text)
            self._load_copies(node)
            self._disturb_outranked(node)
        elif was_survivor:
            self._disturb_copies_of({node.text.id})

    def _disturb_outranked(self, node: _Node) -> None:
        """Have those placed anew that may belong to this survivor: worse-ranked survivors and others' copies."""
        keys = (node.text.content_hash, *node.text.bands)
        for other_id in {other_id for key in keys for other_id in self._settled.get(key, ())}:
            other = self._nodes[other_id]
            owner = self._nodes.get(other.place.survivor or other_id)
            already_right = other.place.survivor == node.text.id
            outranked = other.text.rank > node.text.rank and (owner is None or owner.text.rank > node.text.rank)
            if outranked and not already_right and likeness(node.text, other.text, self._threshold) is not None:
                self._disturb(other)

    def _disturb_copies_of(self, survivor_ids: Collection[str]) -> None:
        for article in self._surroundings.copies_of(survivor_ids):
            self._add(article, dirty=False)
        for node in self._nodes.values():
            if not node.dirty and node.place.survivor in survivor_ids:
                self._disturb(node)

    def _disturb(self, node: _Node) -> None:
        node.dirty = True
        for key in (node.text.content_hash, *node.text.bands):
            self._settled[key].discard(node.text.id)
        if node.place.survivor is None:
            self._survivors.remove(node.text)
        heapq.heappush(self._queue, (node.text.rank, node.text.id))

    def _load_survivors(self) -> None:
        """See to it that for every article to be placed the stored survivors near it are known."""
        wanting = [node for node in self._nodes.values() if node.dirty and not node.survivors_loaded]
        if not wanting:
            return
        for node in wanting:
            node.survivors_loaded = True
        for article in self._surroundings.survivors_near([node.text for node in wanting]):
            self._add(article, dirty=False)

    def _load_copies(self, node: _Node) -> None:
        """Learn the stored copies near a survivor, and at once near those that look like becoming survivors too."""
        if node.copies_loaded:
            return
        likely = [
            other
            for other in self._nodes.values()
            if other.dirty and not other.copies_loaded and self._survivors.best_for(other.text).survivor is None
        ]
        for other in (node, *likely):
            other.copies_loaded = True
        for article in self._surroundings.copies_near([other.text for other in (node, *likely)]):
            self._add(article, dirty=False)

    def _add(self, article: Article, *, dirty: bool) -> None:
        """Take an article in, unless it is known already: what is known here is newer than what is stored."""
        if article.id in self._nodes:
            return
        text = Text(article)
        place = Assignment(article.duplicate_of, article.similarity)
        self._nodes[text.id] = _Node(text=text, place=place, dirty=dirty, stored=not dirty)
        if dirty:
            heapq.heappush(self._queue, (text.rank, text.id))
            return
        for key in (text.content_hash, *text.bands):
            self._settled[key].add(text.id)
        if place.survivor is None:
            self._survivors.add(text)
