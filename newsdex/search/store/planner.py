"""From articles that come or change to the plan of what is to be written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from newsdex.search.store.candidates import CandidateSource
from newsdex.search.store.copy_refs import copies_staying
from newsdex.search.store.plan_writer import ConflictError, Followers, Placement, Plan
from newsdex.transforms.duplicates.clusters import Assignment
from newsdex.transforms.duplicates.incremental import Reclustering

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from newsdex.search.store.lookup import ArticleLookup, StoredArticle
    from newsdex.transforms.article import Article


class Planner:
    """Plans one step.

    Args:
        lookup: where articles lie; refreshed, so that searches find what was written.
        threshold: least similarity of a near copy.
    """

    def __init__(self, lookup: ArticleLookup, *, threshold: float) -> None:
        self._lookup = lookup
        self._threshold = threshold
        self.places: dict[str, Assignment] = {}
        """The place of every article that was looked at."""

    def plan(
        self,
        changed: Mapping[str, Article],
        held: Mapping[str, Sequence[StoredArticle]],
        *,
        standing: Collection[str] = (),
    ) -> Plan:
        """Return what is to be written so that the clusters are right with these articles.

        Args:
            changed: by id; all are written, but for those of `standing` that keep their place.
            held: what is stored under their ids.
            standing: ids among them that are stored as they are given, and only perhaps at another place.

        Raises:
            ConflictError: another process changed what was read.
        """
        self._neighbours = CandidateSource(self._lookup, ignoring=changed)
        self._step = Reclustering(self._neighbours, threshold=self._threshold)
        # Also what was never stored may be named by copies: those of a run that was killed, or of our own last attempt.
        leaving = [name for name in changed if name not in standing]
        self.places = self._step.resolve(changed.values(), leaving=leaving, standing=standing)
        plan = Plan(placements=self._moves(changed, held, standing))
        for name, placement in plan.placements.items():
            owner = placement.article.duplicate_of
            if owner and not placement.article.copy_count and _was_survivor(placement.held):
                plan.demoted[name] = owner
        self._followers(plan)
        plan.survivors |= self._to_count(plan)
        return plan

    def article(self, article_id: str) -> Article:
        """Return an article that was looked at."""
        return self._step.article(article_id)

    def _moves(
        self, changed: Mapping[str, Article], held: Mapping[str, Sequence[StoredArticle]], standing: Collection[str]
    ) -> dict[str, Placement]:
        found = self._neighbours.held
        moving = [
            name
            for name, place in self.places.items()
            if (name in changed and name not in standing)
            or place != _stored_place(held[name][0] if name in standing else found.get(name))
            or name in self._neighbours.torn
        ]
        # Where the others lie is asked again: a search tells one place only, and not the newest state.
        others = self._lookup.get((name for name in moving if name not in changed), whole=False)
        placements = {}
        for name in moving:
            now = held.get(name, ()) if name in changed else others.get(name, ())
            if name not in changed and all(there.seq_no != found[name].seq_no for there in now):
                raise ConflictError(f"The article {name!r} was changed by another process.", [name])
            placed = _placed(self.article(name), self.places[name])
            placements[name] = Placement(placed if name in changed else self._still_counting(placed), now)
        return placements

    def _still_counting(self, placed: Article) -> Article:
        """Return a copy that other copies still name goes on counting them: see `ArticleStore.catch_up`."""
        before = self._step.article(placed.id)
        if placed.duplicate_of is None or (before.duplicate_of is None and not self._neighbours.is_large(placed.id)):
            return placed
        if before.duplicate_of:
            return replace(placed, copy_count=before.copy_count, copy_sources=before.copy_sources)
        staying = copies_staying(self._lookup, before)
        return replace(placed, copy_count=staying.total, copy_sources=staying.sources)

    def _followers(self, plan: Plan) -> None:
        for name, owner in self._neighbours.stands_for.items():
            place = self.places.get(name)
            if place is not None and name in plan.placements and place.survivor != owner:
                content = self.article(name).content_hash
                plan.followers.append(Followers(content_hash=content, old_survivor=owner, leader=name, place=place))

    def _to_count(self, plan: Plan) -> set[str]:
        """Ids of survivors that may have gained or lost copies."""
        owners = {place.survivor for place in self.places.values() if place.survivor}
        concerned: set[str | None] = set()
        for name, placement in plan.placements.items():
            concerned.update(there.article.duplicate_of for there in placement.held)
            concerned.add(placement.article.duplicate_of)
            if not placement.article.duplicate_of and (placement.held or name in owners):
                concerned.add(name)
        for followers in plan.followers:
            concerned |= {followers.old_survivor, followers.place.survivor or followers.leader}
        demoted = {name for name, placement in plan.placements.items() if placement.article.duplicate_of}
        return {name for name in concerned if name} - demoted


def _was_survivor(held: Sequence[StoredArticle]) -> bool:
    return any(there.article.duplicate_of is None for there in held)


def _stored_place(held: StoredArticle | None) -> Assignment | None:
    return Assignment(held.article.duplicate_of, held.article.similarity) if held else None


def _placed(article: Article, place: Assignment) -> Article:
    """Return an article at its place; what a survivor says of its copies is told when they are written."""
    return replace(
        article,
        duplicate_of=place.survivor,
        similarity=place.similarity,
        copies=(),
        copy_count=0,
        copy_sources=(),
    )
