"""Takes articles into the index, a chunk at a time: each is new, a new version, known already, or a copy of another.

Everything is decided by what Elasticsearch holds, so that any number of workers see the same state, and written so that
a kill loses nothing and a second run over the same input changes nothing. The steps of taking articles in share the
chunk, the plan and the retry on conflicts, so they stand together, although that makes more than 300 lines.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from newsdex.retry import CONFLICT, retry
from newsdex.search.errors import SearchError
from newsdex.search.indices.periods import Periods
from newsdex.search.store.candidates import not_alone
from newsdex.search.store.copy_refs import count_copies
from newsdex.search.store.lookup import ArticleLookup, StoredArticle
from newsdex.search.store.outcomes import copy, indexed, newest_versions, older_version, rejected, repeated, unchanged
from newsdex.search.store.plan_writer import ConflictError, CopyPolicy, Placement, Plan, PlanWriter, RefusedError
from newsdex.search.store.planner import Planner
from newsdex.search.store.repair import look_for_damage
from newsdex.search.store.story_ids import story_ids
from newsdex.search.store.version_policy import Decision, Verdict, decide, following
from newsdex.transforms.article import Outcome, Result
from newsdex.transforms.duplicates.clusters import THRESHOLD, Assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from elasticsearch import Elasticsearch

    from newsdex.search.bulk.writer import BulkOutcome
    from newsdex.search.indices.state import Indices
    from newsdex.transforms.article import Article

ROUNDS = 5
"""How often at most what became a survivor is looked at again; more than one is a rare chance of several processes."""


@dataclass(slots=True)
class _ArticleChunk:
    """A chunk of different articles on its way into the index."""

    run_id: str
    force: bool
    articles: dict[str, Article]
    begun: dict[str, Verdict] = field(default_factory=dict)
    """What an earlier attempt, which may have written a part, had decided for an article."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    promoted: set[str] = field(default_factory=set)
    """Stored copies that became survivors."""

    def reject(self, refused: Sequence[BulkOutcome]) -> bool:
        """Take refused documents out of the chunk; return whether all of them were in it."""
        if not all(outcome.action.id in self.articles for outcome in refused):
            return False
        for outcome in refused:
            self.outcomes[outcome.action.id] = rejected(self.articles.pop(outcome.action.id), outcome)
        return True


class ArticleStore:
    """The indices of articles and copies as one store.

    Args:
        client: the connection.
        indices: what `newsdex.search.indices.manage.ensure` returned.
        policy: what becomes of copies.
        threshold: least similarity of a near copy.
        clock: tells the time that `ingested_at` gets.
    """

    def __init__(
        self,
        client: Elasticsearch,
        indices: Indices,
        *,
        policy: CopyPolicy = CopyPolicy.FOLD,
        threshold: float = THRESHOLD,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._lookup = ArticleLookup(client, indices.names)
        self._periods = Periods(client, indices)
        self._mover = PlanWriter(self._lookup, self._periods, stemmed=indices.stemmed, policy=policy)
        self._threshold = threshold
        self._clock = clock

    def index(self, articles: Sequence[Article], run_id: str, *, force: bool = False) -> list[Outcome]:
        """Take articles in and return what became of each, in their order.

        Args:
            articles: clean and fingerprinted, some hundreds: they are held in memory and compared with one another.
            run_id: of the run that they come with.
            force: write articles anew that are stored with the same content already.

        Raises:
            SearchError: Elasticsearch cannot be used. Nothing is lost: the same chunk can be given again.
        """
        newest, outcomes = newest_versions(articles)
        chunk = _ArticleChunk(run_id=run_id, force=force, articles=newest)
        self._repeatedly(partial(self._take_in, chunk), chunk)
        self._look_until_quiet(chunk.promoted)
        return [
            self._of_several(outcomes[place], article, chunk) if place in outcomes else chunk.outcomes[article.id]
            for place, article in enumerate(articles)
        ]

    def reconcile(self, run_id: str) -> int:
        """Look again at what a run wrote, and fold what it and another process, at the same moment, did not see.

        Returns how many articles got another place. It looks at every article of the run, without their texts where
        they have no neighbours: worth it where several processes wrote at once.
        """
        self._lookup.refresh()
        fields = ["content_hash", "minhash_bands", "copy_count", "duplicate_of"]
        moved = 0
        for page in self._lookup.pages({"term": {"run_id": run_id}}, fields=fields):
            near = not_alone(self._lookup, [held.article for held in page])
            stored = count_copies(self._lookup, [held.article.id for held in page])
            near |= {held.article.id for held in page if stored[held.article.id] != held.article.copy_count}
            if near:
                moved += self._look_until_quiet(near)
        return moved

    def catch_up(self) -> int:
        """Have copies that were left behind name their survivor; return how many there were.

        Where a better original of more than a thousand equal copies comes, they go on naming the former survivor at
        first, which names the new one: else articles that come newest first would have all written again each time.
        One request where there are none. Belongs to the end of every run.
        """
        self._lookup.refresh()
        query = {"bool": {"filter": [{"exists": {"field": "duplicate_of"}}, {"range": {"copy_count": {"gt": 0}}}]}}
        survivors: set[str] = set()
        brought = sum(
            self._repeatedly(partial(self._bring_along, held.article.id, survivors))
            for page in self._lookup.pages(query, fields=["content_hash"])
            for held in page
        )
        self._repeatedly(partial(self._count_again, survivors))
        return brought

    def migrate_periods(self, told: Callable[[int], None] = lambda _: None) -> int:
        """Have every article lie in the index of its year or month, or all in one, as is chosen; return how many moved.

        Whatever is written anew comes to lie there by itself: this is for what lay elsewhere before that was chosen. A
        search in between may find an article in both places for a second; a kill leaves a few there until they come in
        again, or this is done again.

        Args:
            told: is told how many articles more have moved.
        """
        moved = 0
        for _ in range(ROUNDS):
            before = moved
            self._lookup.refresh()
            for index, query in self._periods.misplaced():
                for page in self._lookup.pages(query, fields=["content_hash"], index=[index]):
                    with suppress(ConflictError):  # looked at again in the next round
                        done = self._mover.migrate_periods(held.article.id for held in page)
                        told(done)
                        moved += done
            if moved == before:
                break
        return moved

    def _count_again(self, survivors: set[str], _disturbed: set[str]) -> int:
        """Have survivors name the copies that are stored."""
        self._lookup.refresh()
        self._mover.apply(Plan(survivors=survivors))
        return len(survivors)

    def _bring_along(self, article_id: str, survivors: set[str], _disturbed: set[str]) -> int:
        """Catch up with one former survivor; add the one that it is a copy of to `survivors`."""
        self._lookup.refresh()
        places = self._lookup.get([article_id], whole=True).get(article_id, [])
        if len(places) != 1 or not places[0].article.duplicate_of:
            return 0
        survivor = places[0].article
        place = Assignment()
        while survivor.duplicate_of:
            place = Assignment(survivor.duplicate_of, survivor.similarity)
            above = self._lookup.get([survivor.duplicate_of], whole=False).get(survivor.duplicate_of, [])
            if len(above) != 1:
                return 0
            survivor = above[0].article
        survivors.add(survivor.id)
        return self._mover.bring_along(places[0], place)

    def _repeatedly(self, attempt: Callable[[set[str]], int], chunk: _ArticleChunk | None = None) -> int:
        """Make an attempt until no other process was quicker and no document of the chunk is refused.

        An attempt is told the ids of stored articles that earlier ones may have left half moved.
        """
        disturbed: set[str] = set()

        def once() -> int:
            while True:
                try:
                    return attempt(disturbed)
                except ConflictError as conflict:
                    disturbed.update(conflict.ids)
                    raise
                except RefusedError as refused:
                    disturbed.update(refused.ids - {outcome.action.id for outcome in refused.outcomes})
                    if chunk is None or not chunk.reject(refused.outcomes):
                        raise SearchError(f"An article that is stored cannot be written again: {refused}") from refused

        try:
            return retry(CONFLICT, once, on=lambda error: isinstance(error, ConflictError))
        except ConflictError as conflict:
            raise SearchError(
                f"Other processes kept changing the same articles ({conflict}): run again, with fewer workers."
            ) from conflict

    def _take_in(self, chunk: _ArticleChunk, disturbed: set[str]) -> int:
        """Decide on a whole chunk, write what that asks for, and note the outcomes; return how much was written."""
        self._lookup.refresh()
        held = self._lookup.get(chunk.articles, whole=False)
        decisions = {name: self._decide(article, held.get(name, ()), chunk) for name, article in chunk.articles.items()}
        unchanged = [held[name] for name, decision in decisions.items() if decision.verdict is Verdict.UNCHANGED]
        repairs = look_for_damage(self._lookup, unchanged)
        again = self._lookup.get(disturbed - chunk.articles.keys() - repairs.torn.keys(), whole=True)
        changed = {name: decision.article for name, decision in decisions.items() if decision.verdict.writes}
        known = {**held, **again, **repairs.torn}
        changed |= {name: known[name][0].article for name in (*again, *repairs.torn) if name not in changed}
        planner = Planner(self._lookup, threshold=self._threshold)
        plan = planner.plan(changed, known, standing={name for name, places in again.items() if len(places) == 1})
        plan.survivors |= repairs.miscounted
        self._tell_stories(plan)
        self._remember_older(plan, [d.article for d in decisions.values() if d.verdict is Verdict.OLDER_UNKNOWN])
        self._mover.apply(plan)
        chunk.promoted |= _promoted(plan)
        for name, decision in decisions.items():
            chunk.outcomes[name] = self._outcome(decision, planner, held.get(name, ()), chunk.run_id)
        return len(plan.placements)

    def _look_until_quiet(self, ids: Collection[str]) -> int:
        """Place stored articles anew, then those that this made survivors; return how many got another place.

        A copy that becomes a survivor came with another run, which may have settled already: what came at the same
        moment must be looked for now.
        """
        moved = 0
        for _ in range(ROUNDS):
            if not ids:
                break
            promoted: set[str] = set()
            moved += self._repeatedly(partial(self._look_again, ids, promoted))
            ids = promoted
        return moved

    def _look_again(self, ids: Collection[str], promoted: set[str], disturbed: set[str]) -> int:
        """Place stored articles anew; return how many got another place, and note the new survivors among them."""
        self._lookup.refresh()
        held = self._lookup.get({*ids, *disturbed}, whole=True)
        changed = {name: places[0].article for name, places in held.items()}
        standing = {name for name, places in held.items() if len(places) == 1}
        planner = Planner(self._lookup, threshold=self._threshold)
        plan = planner.plan(changed, held, standing=standing)
        stored = count_copies(self._lookup, standing)
        miscounted = {name for name in standing if stored[name] != changed[name].copy_count}
        plan.survivors |= {name for name in miscounted if planner.places[name].survivor is None}
        self._mover.apply(plan)
        promoted |= _promoted(plan)
        return len(plan.placements)

    def _decide(self, article: Article, held: Sequence[StoredArticle], chunk: _ArticleChunk) -> Decision:
        of_this_run = any(one.article.run_id == chunk.run_id for one in held)
        force = (chunk.force and not of_this_run) or article.id in chunk.begun
        decision = decide(article, held, run_id=chunk.run_id, force=force)
        if not decision.verdict.writes:
            return decision
        verdict = chunk.begun.setdefault(article.id, decision.verdict)
        return Decision(verdict, replace(decision.article, run_id=chunk.run_id, ingested_at=self._clock()))

    def _tell_stories(self, plan: Plan) -> None:
        """Give the articles that come, and are no copies, the id of their story."""
        new = [m.article for m in plan.placements.values() if not m.article.duplicate_of and not m.article.story_id]
        for name, story in story_ids(self._lookup, new).items():
            placement = plan.placements[name]
            plan.placements[name] = replace(placement, article=replace(placement.article, story_id=story))

    def _remember_older(self, plan: Plan, older: Iterable[Article]) -> None:
        """Have the stored newer versions remember the hashes of these older ones."""
        by_id = {article.id: article for article in older}
        for name, places in self._lookup.get(by_id, whole=True).items():
            placement = plan.placements.get(name, Placement(places[0].article, places))
            plan.placements[name] = Placement(
                following(placement.article, by_id[name], (by_id[name].content_hash,)), placement.held
            )
            if not placement.article.duplicate_of:
                plan.survivors.add(name)

    @staticmethod
    def _of_several(outcome: Outcome, article: Article, chunk: _ArticleChunk) -> Outcome:
        """Return the outcome of an article that was given several times: unchanged, where the one that was kept is."""
        kept = chunk.outcomes[article.id]
        if kept.result is Result.UNCHANGED and outcome.reason == "exact-copy":
            return replace(kept, input_uri=article.input_uri)
        return outcome

    def _survivor(self, place: Assignment) -> Article:
        places = self._lookup.get([place.survivor or ""], whole=True)
        return places[place.survivor or ""][0].article

    def _outcome(self, decision: Decision, planner: Planner, held: Sequence[StoredArticle], run_id: str) -> Outcome:
        article = decision.article
        if decision.verdict is Verdict.UNCHANGED:
            there = held[0].article
            place = planner.places.get(article.id, Assignment(there.duplicate_of, there.similarity))
            if there.run_id != run_id:
                return unchanged(article, place)
            if there.input_uri != article.input_uri:
                return repeated(article, there.input_uri)
            # This run wrote it, and is giving the chunk again after a fault: the outcome is what it was then.
            return copy(article, self._survivor(place), place) if place.survivor else indexed(article, Verdict.NEW)
        if not decision.verdict.writes:
            return older_version(article)
        place = planner.places[article.id]
        if place.survivor is None:
            return indexed(article, decision.verdict)
        return copy(article, planner.article(place.survivor), place)


def _promoted(plan: Plan) -> set[str]:
    """Ids of stored copies that a plan makes survivors."""
    return {
        name
        for name, placement in plan.placements.items()
        if not placement.article.duplicate_of and any(held.article.duplicate_of for held in placement.held)
    }
