"""Carries out what a step of de-duplication decided, so that no kill in between loses an article.

Copies are written first, then the articles that survive them, naming their copies as they are now stored; what has a
new place is taken from its old one last. A run that is killed leaves an article in two places at worst, which the next
run that meets it sets right. Every write says which version it read: where another process was quicker, nothing of
ours goes on, and the step begins again with what is there now.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from newsdex.retry import BULK_UNANSWERED
from newsdex.search.bulk.writer import Action, BulkOutcome, BulkStatus, write
from newsdex.search.errors import SearchError, UnavailableError
from newsdex.search.store.copy_refs import Copies, copies_of
from newsdex.search.store.documents import Document, to_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from newsdex.search.indices.periods import Periods
    from newsdex.search.store.lookup import ArticleLookup, StoredArticle
    from newsdex.transforms.article import Article
    from newsdex.transforms.duplicates.clusters import Assignment


class CopyPolicy(StrEnum):
    """What becomes of copies (`--duplicates`)."""

    FOLD = "fold"
    """Named in the article that survives them; their whole documents lie in the copies index."""
    KEEP = "keep"
    """The same, but their documents lie among the articles, with `duplicate_of` set."""
    DROP = "drop"
    """Named likewise; of their documents only the facts are kept (address, source, date, hash), not the text."""


class ConflictError(Exception):
    """Another process changed what this step read.

    Args:
        sentence: what was met.
        ids: articles to be looked at again, as a write to them may have been done or begun.
    """

    def __init__(self, sentence: str, ids: Iterable[str]) -> None:
        super().__init__(sentence)
        self.ids = frozenset(ids)


class RefusedError(Exception):
    """Some documents are wrong in themselves and can never be written.

    Args:
        outcomes: what Elasticsearch said of them.
        ids: articles to be looked at again, as a write to them may have been done or begun.
    """

    def __init__(self, outcomes: Sequence[BulkOutcome], ids: Iterable[str]) -> None:
        super().__init__(outcomes[0].detail)
        self.outcomes = outcomes
        self.ids = frozenset(ids)


@dataclass(frozen=True, slots=True)
class Placement:
    """One article to be written: with its new place, and where it lies now."""

    article: Article
    held: Sequence[StoredArticle] = ()


@dataclass(frozen=True, slots=True)
class Followers:
    """Stored copies of equal content that follow the one that stands for them to another survivor."""

    content_hash: str
    old_survivor: str
    leader: str
    """Id of the copy that stands for them; it moves by itself."""
    place: Assignment


@dataclass(slots=True)
class Plan:
    """Everything that one step writes."""

    placements: dict[str, Placement] = field(default_factory=dict)
    followers: list[Followers] = field(default_factory=list)
    demoted: dict[str, str] = field(default_factory=dict)
    """Stored survivor that becomes a copy → its survivor. Copies without text go with it: they cannot be compared."""
    survivors: set[str] = field(default_factory=set)
    """Ids of survivors whose copies are to be counted anew, whether they are in `placements` or not."""


class PlanWriter:
    """Writes plans.

    Args:
        lookup: where articles lie.
        periods: which index an article belongs in.
        stemmed: languages that have a stemmed field.
        policy: what becomes of copies.
    """

    def __init__(
        self, lookup: ArticleLookup, periods: Periods, *, stemmed: Collection[str], policy: CopyPolicy
    ) -> None:
        self._lookup = lookup
        self._periods = periods
        self._stemmed = stemmed
        self._policy = policy

    def apply(self, plan: Plan) -> None:
        """Write a plan, or raise before anything is taken away from where it lay.

        Raises:
            ConflictError: something was changed meanwhile; look again and make another plan.
            RefusedError: documents that can never be written; make a plan without them.
            SearchError: Elasticsearch cannot be used.
        """
        try:
            self._apply(plan)
        except ConflictError as conflict:
            raise ConflictError(str(conflict), {*conflict.ids, *plan.placements}) from conflict
        except RefusedError as refused:
            raise RefusedError(refused.outcomes, plan.placements) from refused

    def _apply(self, plan: Plan) -> None:
        copies = [placement for placement in plan.placements.values() if placement.article.duplicate_of]
        survivors = [placement for placement in plan.placements.values() if not placement.article.duplicate_of]
        self._write(self._action(placement) for placement in copies)
        for followers in plan.followers:
            self._write_followers(followers, plan)
        self._write_textless(plan)
        told = self._count_copies(plan, wrote_copies=bool(copies or plan.followers))
        untold = Copies()
        self._write(
            self._action(Placement(told.get(placement.article.id, untold).tell(placement.article), placement.held))
            for placement in (*survivors, *self._others(plan, told))
        )
        self._write(action for placement in plan.placements.values() for action in self._removals(placement))

    def _count_copies(self, plan: Plan, *, wrote_copies: bool) -> dict[str, Copies]:
        becoming = [
            name for name, placement in plan.placements.items() if placement.held and not placement.article.duplicate_of
        ]
        if not plan.survivors:
            return {}
        if wrote_copies:
            self._lookup.refresh()
        return copies_of(self._lookup, plan.survivors, leaving=becoming)

    def _others(self, plan: Plan, told: dict[str, Copies]) -> Iterable[Placement]:
        """Yield the stored survivors whose copies are no longer those that they name."""
        gaining = {placement.article.duplicate_of for placement in plan.placements.values()}
        held = self._lookup.get((name for name in told if name not in plan.placements), whole=True)
        for name in told.keys() - plan.placements.keys():
            places = held.get(name, [])
            if len(places) == 1 and not places[0].article.duplicate_of:
                if told[name].tell(places[0].article) != places[0].article:
                    yield Placement(places[0].article, places)
            elif name in gaining:
                raise ConflictError(f"The article {name!r} is no survivor any more.", [name])

    def _write_followers(self, followers: Followers, plan: Plan) -> None:
        query = {
            "bool": {
                "filter": [
                    {"term": {"content_hash": followers.content_hash}},
                    {"term": {"duplicate_of": followers.old_survivor}},
                ],
                "must_not": [{"ids": {"values": [followers.leader, *plan.placements]}}],
            }
        }
        survivor = followers.place.survivor or followers.leader
        similarity = followers.place.similarity or 1.0
        for page in self._lookup.pages(query):
            placements = (
                Placement(replace(held.article, duplicate_of=survivor, similarity=similarity), [held]) for held in page
            )
            self._write(self._action(placement) for placement in placements)

    def bring_along(self, lagging: StoredArticle, place: Assignment) -> int:
        """Have all copies that name a former survivor name the survivor that it is a copy of; return how many."""
        content = lagging.article.content_hash
        moved = 0
        for page in self._lookup.pages({"term": {"duplicate_of": lagging.article.id}}):
            self._write(self._action(Placement(_follow(held.article, content, place), [held])) for held in page)
            moved += len(page)
        done = replace(_follow(lagging.article, content, place), copy_count=0, copy_sources=())
        self._write([self._action(Placement(done, [lagging]))])
        return moved

    def migrate_periods(self, ids: Iterable[str]) -> int:
        """Have articles that lie among the articles lie in the index of their period alone; return how many moved.

        Raises:
            ConflictError: another process changed one; the others may have moved.
            RefusedError: an article that is stored cannot be written again.
            SearchError: Elasticsearch cannot be used.
        """
        placements: list[tuple[Placement, str]] = []
        for places in self._lookup.get(ids, whole=True).values():
            target = self._periods.alias_for(places[0].article)
            elsewhere = {held.index for held in places} - {target}
            if elsewhere and self._lookup.names.copies not in elsewhere:
                placements.append((Placement(places[0].article, places), target))
        self._write(self._action(placement, target) for placement, target in placements)
        self._write(action for placement, target in placements for action in self._removals(placement, target))
        return len(placements)

    def _write_textless(self, plan: Plan) -> None:
        if not plan.demoted:
            return
        query = {
            "bool": {
                "filter": [{"terms": {"duplicate_of": sorted(plan.demoted)}}],
                "must_not": [{"exists": {"field": "body"}}, {"ids": {"values": sorted(plan.placements)}}],
            }
        }
        for page in self._lookup.pages(query):
            self._write(
                self._action(
                    Placement(replace(held.article, duplicate_of=plan.demoted[held.article.duplicate_of]), [held])
                )
                for held in page
                if held.article.duplicate_of
            )

    def _action(self, placement: Placement, target: str | None = None) -> Action:
        target = target or self._target(placement.article)
        there = next((held for held in placement.held if held.index == target), None)
        return Action(
            op="index" if there else "create",
            index=target,
            id=placement.article.id,
            document=self._document(placement.article),
            if_seq_no=there.seq_no if there else None,
            if_primary_term=there.primary_term if there else None,
        )

    def _document(self, article: Article) -> Document:
        if self._policy is CopyPolicy.DROP and article.duplicate_of:
            textless = replace(
                article, summary=None, mentions=(), quotes=(), speakers=(), dates_mentioned=(), minhash_bands=()
            )
            document = to_document(textless, ())
            del document["body"]
            return document
        return to_document(article, self._stemmed)

    def _removals(self, placement: Placement, target: str | None = None) -> Iterable[Action]:
        target = target or self._target(placement.article)
        for held in placement.held:
            if held.index != target:
                yield Action(
                    op="delete",
                    index=held.index,
                    id=placement.article.id,
                    if_seq_no=held.seq_no,
                    if_primary_term=held.primary_term,
                )

    def _target(self, article: Article) -> str:
        folded = article.duplicate_of is not None and self._policy is not CopyPolicy.KEEP
        return self._lookup.names.copies if folded else self._periods.alias_for(article)

    def _write(self, actions: Iterable[Action]) -> None:
        # A node that is too busy is waited for here; one that is gone is the caller's business, who may start it again.
        written = write(self._lookup.client, actions, unanswered=BULK_UNANSWERED)
        failed = [outcome for outcome in written if not outcome.ok]
        refused = [outcome for outcome in failed if outcome.document_is_at_fault]
        if refused:
            raise RefusedError(refused, ())
        for outcome in failed:
            if outcome.status is not BulkStatus.CONFLICT:
                passing = outcome.http_status == 0 or outcome.status is BulkStatus.HELD
                raise UnavailableError(outcome.detail) if passing else SearchError(outcome.detail)
        if failed:
            raise ConflictError(failed[0].detail, {outcome.action.id for outcome in failed})


def _follow(article: Article, content_hash: str, place: Assignment) -> Article:
    """Return a copy at the place of a former survivor; its similarity is that one's only if its content is."""
    similarity = place.similarity if article.content_hash == content_hash else article.similarity
    return replace(article, duplicate_of=place.survivor, similarity=similarity)
