"""Copies what changed in an index since it was last copied, in the order in which it was written.

Elasticsearch numbers the writes to each shard. Everything up to a number is copied, then that is noted; what is written
later has a higher one. Each document is written under its number as its version, so that it may be copied any number of
times, in any order, by anybody: the newest stays.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from newsdex.search.bulk.writer import Action, BulkStatus, write
from newsdex.search.errors import SearchError, UnavailableError
from newsdex.search.rebuild.scan import IDS, all_ids, pages, written
from newsdex.search.store.documents import from_source, to_document

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from newsdex.search.bulk.writer import BulkOutcome
    from newsdex.search.rebuild.lease import RebuildLease, Replacement
    from newsdex.search.rebuild.scan import Stored
    from newsdex.transforms.article import Article


@dataclass(slots=True)
class Changed:
    """Ids of documents that a pass has copied, by alias."""

    ids: dict[str, set[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(map(len, self.ids.values()))


class Copier:
    """Copies into the indices of a site.

    Args:
        site: what is rebuilt.
        stemmed: languages that have a stemmed field in the new index.
        refresh: makes pages of stored articles anew.
        told: is told how many documents more are copied.
    """

    def __init__(
        self,
        site: RebuildLease,
        *,
        stemmed: Collection[str],
        refresh: Callable[[Iterator[list[Article]]], Iterator[list[Article]]],
        told: Callable[[int], None],
    ) -> None:
        self._site, self._client = site, site.client
        self._stemmed, self._refresh, self._told = stemmed, refresh, told
        self.counts = Counter[str]()
        """`read`, counted where documents are read; `written` and `newer`, where they have an answer."""

    def copy_changed(self, *, remember: bool = True) -> Changed:
        """Copy what was written since the last pass (at first: everything), and return what that was.

        Args:
            remember: keep the ids; not of a first pass, which may be over millions.

        Raises:
            SearchError: a document cannot be copied, or Elasticsearch cannot be used; a further pass goes on.
        """
        changed = Changed()
        for replacement in self._site.replacements:
            ids: set[str] = set()
            for shard, upto in enumerate(written(self._client, replacement.old)):
                for name in self._copy_shard(replacement, shard, upto):
                    if remember:
                        ids.add(name)
            changed.ids[replacement.alias] = ids
        return changed

    def remove_moved(self, changed: Changed) -> None:
        """Take out of each new index of articles what moved to another one.

        An article is written in its new place before it is taken from its old one: it is looked for in the other
        indices, and where it is no longer there it is removed from the copy of that.
        """
        for replacement in self._site.replacements:
            if self._holds_articles(replacement):
                others = (ids for alias, ids in changed.ids.items() if alias != replacement.alias)
                self._remove_missing(replacement, sorted(set().union(*others)))

    def prune(self) -> None:
        """Take out of the new indices whatever is no longer in the old ones, by looking at every document."""
        for replacement in self._site.replacements:
            self._client.indices.refresh(index=replacement.entry)
            for page in all_ids(self._client, replacement.entry):
                self._remove_missing(replacement, page)

    def check_balance(self) -> None:
        """Hold what was read against what became of it.

        Raises:
            SearchError: they differ.
        """
        if self.counts["read"] != self.counts["written"] + self.counts["newer"]:
            raise SearchError(
                f"The ledger of the rebuild does not balance ({dict(self.counts)}): this is a fault in Newsdex. "
                "Nothing was changed; report this."
            )

    def differing(self) -> dict[str, tuple[int, int]]:
        """Return alias → documents in the old index and in the new, for those that differ in number.

        As everything in the old index was copied, equal numbers mean the same documents.
        """
        found: dict[str, tuple[int, int]] = {}
        for each in self._site.replacements:
            self._client.indices.refresh(index=[each.old, each.new])
            old, new = (self._client.count(index=index)["count"] for index in (each.old, each.new))
            if old != new:
                found[each.alias] = (old, new)
        return found

    def _holds_articles(self, replacement: Replacement) -> bool:
        return self._site.names.holds_articles(replacement.alias)

    def _copy_shard(self, replacement: Replacement, shard: int, upto: int) -> Iterator[str]:
        """Copy what was written to a shard since it was last copied; yield the ids."""
        done = self._site.note.copied.setdefault(replacement.alias, [])
        done += [-1] * (shard + 1 - len(done))
        if upto <= done[shard]:
            return
        read = self._counted(pages(self._client, replacement.old, shard, done[shard]))
        try:
            for outcome in write(self._client, self._actions(replacement, read)):
                self._check(outcome)
                done[shard] = max(done[shard], min(outcome.action.version or 0, upto))
                self.counts["written" if outcome.ok else "newer"] += 1
                self._told(1)
                yield outcome.action.id
        except BaseException:
            self.counts["read"] = self.counts["written"] + self.counts["newer"]  # the others will be read again
            raise
        done[shard] = upto

    def _counted(self, read: Iterator[list[Stored]]) -> Iterator[list[Stored]]:
        for page in read:
            self.counts["read"] += len(page)
            yield page

    def _actions(self, replacement: Replacement, pages: Iterator[list[Stored]]) -> Iterator[Action]:
        documents = (
            self._articles_anew(pages) if self._holds_articles(replacement) else self._as_declared(replacement, pages)
        )
        for stored, document in documents:
            yield Action(index=replacement.entry, id=stored.id, document=document, version=stored.number)

    def _articles_anew(self, pages: Iterable[list[Stored]]) -> Iterator[tuple[Stored, dict[str, Any]]]:
        waiting: list[list[Stored]] = []

        def articles() -> Iterator[list[Article]]:
            for page in pages:
                waiting.append(page)
                yield [_article(stored) for stored in page]

        for anew in self._refresh(articles()):
            for stored, article in zip(waiting.pop(0), anew, strict=True):
                document = to_document(article, self._stemmed)
                if "body" not in stored.source:  # a copy of which only the facts are kept
                    del document["body"]
                yield stored, document

    def _as_declared(
        self, replacement: Replacement, pages: Iterable[list[Stored]]
    ) -> Iterator[tuple[Stored, dict[str, Any]]]:
        """Documents of the ledger and the quarantine, without fields that nobody declared."""
        declared = self._site.definitions[replacement.alias].mappings["properties"].keys()
        for page in pages:
            for stored in page:
                yield stored, {name: value for name, value in stored.source.items() if name in declared}

    @staticmethod
    def _check(outcome: BulkOutcome) -> None:
        if outcome.ok or outcome.status is BulkStatus.CONFLICT:  # a conflict: a newer one has been copied already
            return
        if outcome.document_is_at_fault:
            raise SearchError(
                f"The document {outcome.action.id!r} does not fit the new index: {outcome.detail} Nothing was changed "
                "for searches; delete that document, or report this, then run `newsdex rebuild` again."
            )
        if outcome.status in {BulkStatus.UNAVAILABLE, BulkStatus.HELD}:
            raise UnavailableError(outcome.detail)
        raise SearchError(f"The new index could not be written: {outcome.detail}")

    def _remove_missing(self, replacement: Replacement, ids: Sequence[str]) -> None:
        for begin in range(0, len(ids), IDS):
            some = ids[begin : begin + IDS]
            answer = self._client.mget(index=replacement.old, ids=some, source=False)
            gone = [doc["_id"] for doc in answer["docs"] if not doc.get("found")]
            for outcome in write(
                self._client, (Action(op="delete", index=replacement.entry, id=name) for name in gone)
            ):
                self._check(outcome)


def _article(stored: Stored) -> Article:
    # A copy of which only the facts are kept has no body.
    try:
        return from_source(stored.id, {"body": "", **stored.source})
    except SearchError as error:
        raise SearchError(
            f"Document {stored.id!r} is none that Newsdex wrote, and cannot be taken into a new index: delete it "
            f"(`DELETE INDEX/_doc/{stored.id}`), then run `newsdex rebuild` again."
        ) from error
